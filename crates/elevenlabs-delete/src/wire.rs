//! What goes over the wire, and what the answers mean.
//!
//! Sources: the vendor's page "Delete conversation" (OpenAPI of `DELETE /v1/convai/conversations/{conversation_id}`:
//! 200 and 422), its page "Errors" and its registry of codes for all else; the fifth host is from the vendor's own
//! SDKs. The call may be repeated: a second delete of the same conversation changes nothing.

use delete_core::vendor_kit::{Answer, Dialect, VendorError, Verdict};
use delete_core::{ErrorKind, Outcome, Vendor};
use serde_json::Value;

use crate::Residency;

/// The vendor of this crate.
pub const VENDOR: Vendor = Vendor::new("elevenlabs", "ElevenLabs");
pub(crate) const AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));
pub(crate) const KEY_HEADER: &str = "xi-api-key";
pub(crate) const CONVERSATIONS: &[&str] = &["v1", "convai", "conversations"];

pub(crate) fn base_url(residency: Residency) -> &'static str {
    match residency {
        Residency::Global => "https://api.elevenlabs.io",
        Residency::Us => "https://api.us.elevenlabs.io",
        Residency::Eu => "https://api.eu.residency.elevenlabs.io",
        Residency::In => "https://api.in.residency.elevenlabs.io",
        Residency::Sg => "https://api.sg.residency.elevenlabs.io",
    }
}

pub(crate) const DELETE: Dialect = Dialect { vendor: VENDOR, success, read_error, by_code };

/// 200 with "any type" is documented, and sibling deletes answer 204. Others prove nothing more than that it was heard.
fn success(answer: &Answer) -> Verdict {
    match answer.status() {
        200 | 204 => Verdict::Done(Outcome::Deleted),
        _ => Verdict::Done(Outcome::Acknowledged),
    }
}

/// `detail` is an object (registry), an array (422) or a string (framework), or it is missing.
fn read_error(answer: &Answer) -> VendorError {
    let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
    match &body["detail"] {
        Value::Array(items) => read_validation_error(items),
        Value::String(text) => VendorError { message: Some(text.clone()), ..VendorError::default() },
        detail => read_registry_error(detail),
    }
}

/// The vendor calls `status` the old name of `code`, but for a missing permission `code` is vague and `status` is
/// precise. Both count, the precise one first.
fn read_registry_error(detail: &Value) -> VendorError {
    let text = |key: &str| detail[key].as_str().map(str::to_owned);
    let mut codes: Vec<String> = [text("status"), text("code")].into_iter().flatten().collect();
    codes.dedup();
    VendorError { codes, message: text("message"), request_id: text("request_id"), hint: None }
}

/// Items are `{"loc": [text or number, …], "msg": …, "type": …}`.
fn read_validation_error(items: &[Value]) -> VendorError {
    let say = |item: &Value| {
        let place: Vec<String> = match &item["loc"] {
            Value::Array(parts) => {
                parts.iter().map(|p| p.as_str().map_or_else(|| p.to_string(), str::to_owned)).collect()
            }
            _ => Vec::new(),
        };
        format!("{}: {}", place.join("."), item["msg"].as_str().unwrap_or("not valid"))
    };
    let said: Vec<String> = items.iter().take(3).map(say).collect();
    let codes = items.first().and_then(|item| item["type"].as_str()).map(str::to_owned);
    VendorError { codes: codes.into_iter().collect(), message: Some(said.join("; ")), ..VendorError::default() }
}

/// The codes that mean something else than their status.
fn by_code(answer: &Answer, error: &VendorError) -> Option<Verdict> {
    let is = |codes: &[&str]| codes.iter().any(|code| error.has_code(code));
    match answer.status() {
        // A missing permission comes as 401 "unauthorized" with the status `missing_permissions`.
        401 | 403 if is(&["missing_permissions", "insufficient_permissions"]) => {
            Some(Verdict::Fail(ErrorKind::MissingScope))
        }
        401 if is(&["quota_exceeded"]) => Some(Verdict::Fail(ErrorKind::PaymentRequired)),
        403 if is(&["subscription_required", "feature_not_available"]) => {
            Some(Verdict::Fail(ErrorKind::PaymentRequired))
        }
        // A bare 404 {"detail": "Not Found"} is the framework's, for a wrong route.
        404 if is(&["conversation_not_found"]) => Some(Verdict::Absent),
        409 if is(&["concurrent_modification", "already_processing"]) => Some(Verdict::Retry(ErrorKind::Rejected)),
        _ => None,
    }
}
