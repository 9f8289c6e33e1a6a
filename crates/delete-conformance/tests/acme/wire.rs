//! What goes over the wire, and what the responses mean.
//!
//! Source: Acme's page "Delete a conversation", unless another is named. Repeating the call is safe: a second delete of the
//! same conversation changes nothing.

use std::time::SystemTime;

use delete_core::vendor_kit::{BufferedResponse, ResponseRules, VendorError, Verdict, lenient, listed_conversation};
use delete_core::{Error, ErrorKind, Outcome, RecordMeta, Status, Vendor};
use serde::Deserialize;
use serde_json::Value;

pub const VENDOR: Vendor = Vendor::new("acme", "Acme");
pub(crate) const AGENT: &str = "acme-delete/0.1.0";
pub(crate) const BASE_URL: &str = "https://api.acme.example";
pub(crate) const KEY_HEADER: &str = "x-api-key";
pub(crate) const CONVERSATIONS: &[&str] = &["v1", "conversations"];

pub(crate) const DELETE: ResponseRules = ResponseRules { classify_success, read_error, override_by_code };
pub(crate) const READ: ResponseRules = ResponseRules { classify_success: ResponseRules::read_success, ..DELETE };

/// Only 204 is documented.
fn classify_success(response: &BufferedResponse) -> Verdict {
    match response.status() {
        204 => Verdict::Done(Outcome::Deleted),
        _ => Verdict::Fail(ErrorKind::UnexpectedResponse),
    }
}

/// Errors are `{"code", "message"}`. Any bytes may arrive here: every field is optional.
fn read_error(response: &BufferedResponse) -> VendorError {
    let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
    let text = |key: &str| body[key].as_str().map(str::to_owned);
    VendorError { codes: text("code").into_iter().collect(), message: text("message"), ..VendorError::default() }
}

/// Only the vendor's own 404 means that there is no such record (page "Errors").
fn override_by_code(response: &BufferedResponse, error: &VendorError) -> Option<Verdict> {
    match response.status() {
        404 if error.has_code("no_such_conversation") => Some(Verdict::Absent),
        _ => None,
    }
}

/// The statuses of a call that is over (page "Conversation").
pub(crate) const FINAL_STATUSES: &[Status] = &[Status::from_static("ended")];

/// A page of the list, oldest first. `next` is null on the last one.
#[derive(Deserialize)]
pub(crate) struct ConversationPage {
    #[serde(deserialize_with = "lenient::entries")]
    pub(crate) conversations: Vec<Conversation>,
    pub(crate) next: Option<String>,
}

/// What is kept of a conversation in the list; the rest is dropped.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Conversation {
    #[serde(deserialize_with = "lenient::id")]
    conversation_id: Option<String>,
    #[serde(deserialize_with = "lenient::status")]
    status: Option<Status>,
    #[serde(deserialize_with = "lenient::rfc3339")]
    created_at: Option<SystemTime>,
}

impl Conversation {
    pub(crate) fn meta(&self) -> Result<RecordMeta, Error> {
        let meta = listed_conversation(self.conversation_id.as_deref())?;
        Ok(meta.with_created_at(self.created_at).with_status(self.status.clone()))
    }
}
