//! The wire format, and what each response means.
//!
//! Sources: the vendor's page "Delete Interaction" (204, 403, 504), its error catalogue A0001 to A0021, its SDK's tests
//! against the live API (400, 404), its authentication page, and for the reads its API reference. A second delete of the
//! same record changes nothing, so that deletes may be retried.

use delete_core::vendor_kit::{BodyKind, BufferedResponse, ErrorExt, ResponseRules, VendorError, Verdict, listed_uuid};
use delete_core::{Error, ErrorKind, Outcome, RecordMeta, Status, Vendor, timestamp};
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

/// Corti, the vendor of this crate.
pub const VENDOR: Vendor = Vendor::new("corti", "Corti");
pub(crate) const AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));

pub(crate) fn unexpected(message: impl Into<String>) -> Error {
    Error::unexpected_response(message).for_vendor(VENDOR)
}

/// The response with this status contradicts another one.
pub(crate) fn contradiction(status: u16, message: &str) -> Error {
    Error::builder(ErrorKind::UnexpectedResponse, message).vendor(VENDOR).for_reading().status(status).build()
}

/// Deletes an interaction. No success status but 204 is documented.
pub(crate) const DELETE: ResponseRules = ResponseRules {
    classify_success: |response| match response.status() {
        204 => Verdict::Done(Outcome::Deleted),
        _ => Verdict::UNEXPECTED,
    },
    read_error,
    override_by_code: |response, error| match response.status() {
        404 if is_not_found(response, INTERACTION_NOT_FOUND) => Some(Verdict::Absent),
        404 if response.body_kind() == BodyKind::Empty => Some(Verdict::BareNotFound),
        _ => override_by_code(response, error),
    },
};

/// Reads an interaction, or a list below it. Only a 404 in Corti's own words is absence: gateways send other ones, and
/// empty ones, for a route that is down.
pub(crate) const GET: ResponseRules = ResponseRules {
    classify_success: ResponseRules::read_success,
    override_by_code: |response, error| match response.status() {
        404 if is_not_found(response, INTERACTION_NOT_FOUND) => Some(Verdict::Absent),
        _ => override_by_code(response, error),
    },
    ..DELETE
};

/// Reads a list that exists even without records, so that every 404 is an error.
pub(crate) const LIST: ResponseRules = ResponseRules { override_by_code, ..GET };

/// The code for an interaction that does not exist.
const INTERACTION_NOT_FOUND: &[&str] = &["A0007"];

/// Reads `{requestid, status, type, detail}`, or the older form with `details` and `title`. A 401 has no body, but a
/// reason in `WWW-Authenticate`.
fn read_error(response: &BufferedResponse) -> VendorError {
    let body: Value = response.json();
    let text = |key: &str| body[key].as_str().map(str::to_owned);
    VendorError {
        codes: catalogue_code(&body).into_iter().collect(),
        message: text("detail").or_else(|| text("details")).or_else(|| text("title")).or_else(|| challenge(response)),
        request_id: text("requestid"),
        hint: None,
    }
}

/// The code of the catalogue at the end of `type`, such as `…#A0007`.
fn catalogue_code(body: &Value) -> Option<String> {
    let kind = body["type"].as_str()?;
    let code = kind.get(kind.len().checked_sub(5)?..)?;
    let is_code = code.starts_with('A') && code[1..].bytes().all(|b| b.is_ascii_digit());
    is_code.then(|| code.to_owned())
}

/// `error_description` of `WWW-Authenticate: Bearer error="invalid_token", error_description="…"` (RFC 6750).
fn challenge(response: &BufferedResponse) -> Option<String> {
    let (_, description) = response.header("www-authenticate")?.split_once("error_description=\"")?;
    let (description, _) = description.split_once('"')?;
    Some(description.to_owned())
}

/// The exceptions that all calls share.
pub(crate) fn override_by_code(response: &BufferedResponse, error: &VendorError) -> Option<Verdict> {
    match response.status() {
        401 => Some(Verdict::CredentialRejected(ErrorKind::Unauthenticated)),
        // Invalid token, invalid user: refused before acting, so the request may be repeated with a fresh token.
        403 if error.has_code("A0004") || error.has_code("A0005") => {
            Some(Verdict::CredentialRejected(ErrorKind::Unauthenticated))
        }
        // "Insufficient balance … limited access mode", "Trial period expired": waiting does not help.
        429 if error.has_code("A0021") || error.says("insufficient balance") || error.says("trial period") => {
            Some(Verdict::Fail(ErrorKind::PaymentRequired))
        }
        _ => None,
    }
}

/// Whether a 404 is Corti's own report that something does not exist: its error object with `requestid` and `detail` or
/// `details`, no other `status`, and no other code than `codes`. Gateways and frameworks send other objects.
pub(crate) fn is_not_found(response: &BufferedResponse, codes: &[&str]) -> bool {
    let body: Value = response.json();
    let has = |key: &str| body[key].as_str().is_some_and(|text| !text.trim().is_empty());
    let is_own_object = has("requestid") && (has("detail") || has("details"));
    let is_about_404 = body["status"].is_null() || body["status"] == 404;
    is_own_object && is_about_404 && catalogue_code(&body).is_none_or(|code| codes.contains(&code.as_str()))
}

/// No maximum of `pageSize` is documented. If it is lower, the pages are shorter.
pub(crate) const PAGE_SIZE: usize = 100;

/// The query of a page, counted from 1. In this order new interactions come at the end and move no others. Repeating
/// `encounterStatus` is documented but does not work (the vendor's own tests skip it).
pub(crate) fn page_query(index: u64, page_size: usize, status: Option<&Status>) -> Vec<(&'static str, String)> {
    let mut query = vec![
        ("sort", "createdAt".to_owned()),
        ("direction", "asc".to_owned()),
        ("pageSize", page_size.to_string()),
        ("index", index.to_string()),
    ];
    query.extend(status.map(|status| ("encounterStatus", status.to_string())));
    query
}

#[derive(Deserialize)]
pub(crate) struct InteractionPage {
    pub(crate) interactions: Vec<Value>,
}

/// What is kept of a listed interaction: nothing about the patient or the encounter but its status.
pub(crate) fn meta(interaction: &Value) -> Result<RecordMeta, Error> {
    let time = |key| timestamp::parse(interaction[key].as_str()?);
    Ok(listed_uuid(interaction["id"].as_str())?
        .with_created_at(time("createdAt"))
        .with_updated_at(time("updatedAt"))
        .with_status(status(interaction)))
}

pub(crate) fn uuid(interaction: &Value) -> Option<Uuid> {
    Uuid::try_parse(interaction["id"].as_str()?).ok()
}

pub(crate) fn status(interaction: &Value) -> Option<Status> {
    Some(Status::new(interaction["encounter"]["status"].as_str()?.to_owned()))
}
