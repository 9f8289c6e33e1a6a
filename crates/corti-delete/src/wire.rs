//! The wire format, and what each response means.
//!
//! Sources: the vendor's page "Delete Interaction" (204, 403, 504), its error catalogue A0001 to A0021, its SDK's tests
//! against the live API (400, 404), its authentication page, and for the reads its API reference. A second delete of the
//! same record changes nothing, so that deletes may be retried.

use delete_core::vendor_kit::{BodyKind, BufferedResponse, ErrorExt, ResponseRules, VendorError, Verdict};
use delete_core::{Error, ErrorKind, Outcome, RecordMeta, Status, Vendor, timestamp};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use uuid::Uuid;

/// Corti, the vendor of this crate.
pub const VENDOR: Vendor = Vendor::new("corti", "Corti");
pub(crate) const AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));
pub(crate) const TENANT_HEADER: &str = "tenant-name";
/// The last segment of the base URL.
pub(crate) const VERSION: &str = "v2";
pub(crate) const INTERACTIONS: &str = "interactions";
pub(crate) const DOCUMENTS: &str = "documents";
pub(crate) const SCOPE: &str = "openid";

/// The Keycloak realm is the tenant.
pub(crate) fn token_path(tenant: &str) -> [&str; 5] {
    ["realms", tenant, "protocol", "openid-connect", "token"]
}

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
        _ => Verdict::Fail(ErrorKind::UnexpectedResponse),
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
    let body = read_json(response);
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
    let body = read_json(response);
    let has = |key: &str| body[key].as_str().is_some_and(|text| !text.trim().is_empty());
    let is_own_object = has("requestid") && (has("detail") || has("details"));
    let is_about_404 = body["status"].is_null() || body["status"] == 404;
    is_own_object && is_about_404 && catalogue_code(&body).is_none_or(|code| codes.contains(&code.as_str()))
}

/// The body, or null if it is not JSON.
pub(crate) fn read_json(response: &BufferedResponse) -> Value {
    serde_json::from_slice(response.body()).unwrap_or_default()
}

/// No maximum of `pageSize` is documented. Where the vendor gives less, its pages are that much shorter.
pub(crate) const PAGE_SIZE: usize = 100;

/// The query of a page. Repeating `encounterStatus` is documented and does not work (the vendor's own tests skip it), so there
/// is a list for each status. Pages are counted from 1. In this order new interactions come at the end, and move nothing; the
/// default order puts them first.
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

/// A page of the list. It has neither a total nor a mark of the end: the last page is the empty one.
#[derive(Deserialize)]
pub(crate) struct InteractionPage {
    interactions: Vec<Listed>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Listed {
    Interaction(Interaction),
    Unreadable(IgnoredAny),
}

impl InteractionPage {
    pub(crate) fn is_empty(&self) -> bool {
        self.interactions.is_empty()
    }

    /// The interactions on the page, with an error in place of each one that has no usable id.
    pub(crate) fn found(&self) -> impl Iterator<Item = Result<RecordMeta, Error>> {
        self.interactions.iter().map(|listed| match listed {
            Listed::Interaction(interaction) => interaction.found(),
            Listed::Unreadable(_) => Err(unreadable()),
        })
    }
}

fn unreadable() -> Error {
    Error::unexpected_response("one interaction in the list was left out: its id is not a UUID, or it cannot be read")
}

/// What is kept of an interaction: nothing of the patient, and nothing of what was said.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Interaction {
    id: Option<String>,
    created_at: Option<Value>,
    updated_at: Option<Value>,
    encounter: Option<Encounter>,
}

#[derive(Deserialize)]
struct Encounter {
    status: Option<Value>,
}

impl Interaction {
    pub(crate) fn status(&self) -> Option<Status> {
        self.encounter.as_ref()?.status.as_ref()?.as_str().map(|status| Status::new(status.to_owned()))
    }

    /// Whether it is the interaction that was asked for. Other services respond with JSON that has no id.
    pub(crate) fn is(&self, id: Uuid) -> bool {
        self.uuid() == Some(id)
    }

    fn uuid(&self) -> Option<Uuid> {
        Uuid::try_parse(self.id.as_deref()?).ok()
    }

    fn found(&self) -> Result<RecordMeta, Error> {
        let id = self.uuid().ok_or_else(unreadable)?;
        let time = |value: &Option<Value>| timestamp::parse(value.as_ref()?.as_str()?);
        Ok(RecordMeta::new(id)
            .with_created_at(time(&self.created_at))
            .with_updated_at(time(&self.updated_at))
            .with_status(self.status()))
    }
}
