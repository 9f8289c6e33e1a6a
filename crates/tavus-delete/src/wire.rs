//! What goes over the wire, and what the answers mean.
//!
//! Source: the vendor's page "Delete Conversation" (OpenAPI of `DELETE /v2/conversations/{conversation_id}`), unless
//! another is named. The call may be repeated: a second delete of the same conversation changes nothing.

use delete_core::vendor_kit::{Answer, Content, Dialect, VendorError, Verdict};
use delete_core::{Erasure, Outcome, Vendor};
use serde_json::Value;

/// The vendor of this crate.
pub const VENDOR: Vendor = Vendor::new("tavus", "Tavus");
pub(crate) const AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));
pub(crate) const BASE_URL: &str = "https://tavusapi.com";
pub(crate) const KEY_HEADER: &str = "x-api-key";
pub(crate) const CONVERSATIONS: &[&str] = &["v2", "conversations"];

/// The parameter is optional and its default is not documented, so it is always sent, spelt as in the specification.
pub(crate) fn query(erasure: Erasure) -> &'static str {
    match erasure {
        Erasure::Hard => "hard=true",
        Erasure::Soft => "hard=false",
    }
}

pub(crate) const DELETE: Dialect = Dialect { vendor: VENDOR, success, read_error, by_code };

/// 204 is documented. Siblings of this call answer 200, so it and others count as a word that proves nothing more.
fn success(answer: &Answer) -> Verdict {
    match answer.status() {
        204 => Verdict::Done(Outcome::Deleted),
        _ => Verdict::Done(Outcome::Acknowledged),
    }
}

/// The key of the message does not follow the status: `error` (400), `message` (401), both or `detail` elsewhere. A body
/// of another kind is shown as it is.
fn read_error(answer: &Answer) -> VendorError {
    let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
    let texts = ["message", "error", "detail"].iter().filter_map(|key| body[key].as_str());
    let message = texts.map(str::to_owned).find(|text| !text.trim().is_empty());
    VendorError { message: message.or_else(|| Some(raw_text(answer))), ..VendorError::default() }
}

fn raw_text(answer: &Answer) -> String {
    String::from_utf8_lossy(answer.body()).into_owned()
}

/// An unknown id is answered 400 "Invalid conversation_id" (seen by third parties, who also name 404; the page gives the
/// text without saying when). Another 400 is an error, and an HTML 404 is not the vendor's.
fn by_code(answer: &Answer, _: &VendorError) -> Option<Verdict> {
    match answer.status() {
        400 if raw_text(answer).to_lowercase().contains("invalid conversation_id") => Some(Verdict::Absent),
        404 if answer.content() != Content::Other => Some(Verdict::Absent),
        _ => None,
    }
}
