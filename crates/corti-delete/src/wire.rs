//! What goes over the wire, and what the answers mean.
//!
//! Sources: the vendor's page "Delete Interaction" (OpenAPI of `DELETE /interactions/{id}`: 204, 403, 504), its error
//! catalogue A0001 to A0021, its SDK's tests against the live API (400, 404), and its authentication page. The call may
//! be repeated: a second delete of the same interaction changes nothing.

use delete_core::vendor_kit::{Answer, Content, Dialect, VendorError, Verdict};
use delete_core::{ErrorKind, Outcome, Vendor};
use serde_json::Value;

use crate::Environment;

/// The vendor of this crate.
pub const VENDOR: Vendor = Vendor::new("corti", "Corti");
pub(crate) const AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));
pub(crate) const TENANT_HEADER: &str = "tenant-name";
pub(crate) const INTERACTIONS: &[&str] = &["interactions"];
pub(crate) const SCOPE: &str = "openid";

/// The addresses of the API and of the token endpoint's host.
pub(crate) fn urls(environment: &Environment) -> (&str, &str) {
    match environment {
        Environment::Eu => ("https://api.eu.corti.app/v2", "https://auth.eu.corti.app"),
        Environment::Us => ("https://api.us.corti.app/v2", "https://auth.us.corti.app"),
        Environment::Custom { api_url, auth_url } => (api_url, auth_url),
    }
}

/// The realm is the tenant.
pub(crate) fn token_path(tenant: &str) -> [&str; 5] {
    ["realms", tenant, "protocol", "openid-connect", "token"]
}

pub(crate) const DELETE: Dialect = Dialect { vendor: VENDOR, success, read_error, by_code };

/// Only 204 is documented.
fn success(answer: &Answer) -> Verdict {
    match answer.status() {
        204 => Verdict::Done(Outcome::Deleted),
        _ => Verdict::Done(Outcome::Acknowledged),
    }
}

/// The error object is `{requestid, status, type, detail}`; it was `details` and `title` before. A 401 has no body and
/// says what it means in `WWW-Authenticate`.
fn read_error(answer: &Answer) -> VendorError {
    let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
    let text = |key: &str| body[key].as_str().map(str::to_owned);
    VendorError {
        codes: catalogue_code(&body).into_iter().collect(),
        message: text("detail").or_else(|| text("details")).or_else(|| text("title")).or_else(|| challenge(answer)),
        request_id: text("requestid"),
        hint: None,
    }
}

/// `type` is opaque but for the code of the catalogue at its end, such as `…#A0007`.
fn catalogue_code(body: &Value) -> Option<String> {
    let kind = body["type"].as_str()?;
    let code = kind.get(kind.len().checked_sub(5)?..)?;
    let is_code = code.starts_with('A') && code[1..].bytes().all(|b| b.is_ascii_digit());
    is_code.then(|| code.to_owned())
}

/// `error_description` of `WWW-Authenticate: Bearer error="invalid_token", error_description="…"` (RFC 6750).
fn challenge(answer: &Answer) -> Option<String> {
    let (_, description) = answer.header("www-authenticate")?.split_once("error_description=\"")?;
    let (description, _) = description.split_once('"')?;
    Some(description.to_owned())
}

fn by_code(answer: &Answer, error: &VendorError) -> Option<Verdict> {
    match answer.status() {
        401 => Some(Verdict::StaleCredential(ErrorKind::Unauthenticated)),
        // Invalid token, invalid user: refused before acting, so a fresh token may try again.
        403 if error.has_code("A0004") || error.has_code("A0005") => {
            Some(Verdict::StaleCredential(ErrorKind::Unauthenticated))
        }
        404 if is_not_found(answer, error) => Some(Verdict::Absent),
        // No body, as in the vendor's answers to bad tokens. A gateway says the same of a route that is down for the
        // moment, so it is never taken for the end of an earlier attempt.
        404 if answer.content() == Content::Empty => Some(Verdict::Fail(ErrorKind::NotFound)),
        // "Insufficient balance … limited access mode", "Trial period expired": no rate limit, waiting does not help.
        429 if error.has_code("A0021") || error.says("insufficient balance") || error.says("trial period") => {
            Some(Verdict::Fail(ErrorKind::PaymentRequired))
        }
        _ => None,
    }
}

/// The vendor's own 404: the code for an interaction, or its error object without a code. A page or another framework's
/// object comes from a wrong base URL or a proxy.
fn is_not_found(answer: &Answer, error: &VendorError) -> bool {
    let is_own_object = error.request_id.is_some() && error.message.is_some();
    answer.content() == Content::Json && (error.has_code("A0007") || (is_own_object && error.codes.is_empty()))
}
