//! Requests, and what the responses mean.
//!
//! Sources, unless another is named: the vendor's page "Delete conversation" (200 and 422), its page "Errors" and its
//! registry of codes (everything else), and its OpenAPI text for the reads. A delete may be repeated: the second one of the
//! same conversation changes nothing.

use delete_core::vendor_kit::{BufferedResponse, ResponseRules, VendorError, Verdict, lenient, listed_conversation};
use delete_core::{Error, ErrorKind, Outcome, RecordMeta, Status, Vendor, timestamp};
use serde::Deserialize;
use serde_json::Value;

/// The vendor of this crate.
pub const VENDOR: Vendor = Vendor::new("elevenlabs", "ElevenLabs");
pub(crate) const AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));
pub(crate) const KEY_HEADER: &str = "xi-api-key";
pub(crate) const CONVERSATIONS: &[&str] = &["v1", "convai", "conversations"];

pub(crate) const DELETE: ResponseRules = ResponseRules { classify_success, read_error, override_by_code };

/// 200 with "any type" is documented; deletes of other resources return 204. A 200 with an error in its body is not a
/// success, so if the body was cut off the outcome is unknown.
fn classify_success(response: &BufferedResponse) -> Verdict {
    match response.status() {
        200 if response.is_error_json() => Verdict::UNEXPECTED,
        200 if response.is_cut_object() => Verdict::BodyLost,
        200 | 204 => Verdict::Done(Outcome::Deleted),
        _ => Verdict::UNEXPECTED,
    }
}

/// `detail` is an object (registry), an array (422), a string (framework), or missing.
fn read_error(response: &BufferedResponse) -> VendorError {
    let body: Value = response.json();
    let error = match &body["detail"] {
        Value::Array(items) => read_validation_error(items),
        Value::String(text) => VendorError { message: Some(text.clone()), ..VendorError::default() },
        detail => read_registry_error(detail),
    };
    let hint = lacks_admin(response, &error).then_some("use a key of a workspace admin");
    VendorError { hint, ..error }
}

/// The vendor calls `status` a legacy name of `code`, but for a missing permission only `status` is precise. Both count.
fn read_registry_error(detail: &Value) -> VendorError {
    let text = |key: &str| detail[key].as_str().map(str::to_owned);
    let mut codes: Vec<String> = [text("status"), text("code")].into_iter().flatten().collect();
    codes.dedup();
    VendorError { codes, message: text("message"), request_id: text("request_id"), hint: None }
}

/// A key that may list and read can get 403 "admin role is required" for every delete (seen by third parties). If the code
/// is about a plan or the key, the text only advises to ask an admin.
fn lacks_admin(response: &BufferedResponse, error: &VendorError) -> bool {
    let means_something_else = PLAN_CODES.iter().chain(KEY_CODES).any(|code| error.has_code(code));
    let requires_admin = error.says("admin") && ["role", "required", "requires"].iter().any(|word| error.says(word));
    matches!(response.status(), 401 | 403) && !means_something_else && requires_admin
}

const PLAN_CODES: &[&str] = &["quota_exceeded", "subscription_required", "feature_not_available"];
const SCOPE_CODES: &[&str] = &["missing_permissions", "insufficient_permissions"];
const KEY_CODES: &[&str] = &["invalid_api_key", "missing_api_key", "invalid_authorization_header", "sign_in_required"];

/// Items are `{"loc": [text or number, …], "msg": …, "type": …}`.
fn read_validation_error(items: &[Value]) -> VendorError {
    let describe = |item: &Value| {
        let text = |part: &Value| part.as_str().map_or_else(|| part.to_string(), str::to_owned);
        let parts: Vec<String> = item["loc"].as_array().into_iter().flatten().map(text).collect();
        format!("{}: {}", parts.join("."), item["msg"].as_str().unwrap_or("not valid"))
    };
    let messages: Vec<String> = items.iter().take(3).map(describe).collect();
    let code = items.first().and_then(|item| item["type"].as_str()).map(str::to_owned);
    VendorError { codes: code.into_iter().collect(), message: Some(messages.join("; ")), ..VendorError::default() }
}

/// The codes whose meaning differs from their status.
fn override_by_code(response: &BufferedResponse, error: &VendorError) -> Option<Verdict> {
    let fail = |kind| Some(Verdict::Fail(kind));
    let is = |codes: &[&str]| codes.iter().any(|code| error.has_code(code));
    match response.status() {
        // A missing permission is 401 "unauthorized" with the status `missing_permissions`.
        401 | 403 if is(SCOPE_CODES) || lacks_admin(response, error) => fail(ErrorKind::MissingScope),
        401 if is(&["quota_exceeded"]) => fail(ErrorKind::PaymentRequired),
        403 if is(&["subscription_required", "feature_not_available"]) => fail(ErrorKind::PaymentRequired),
        // The registry has the first name; the second was seen in `status`. 404 {"detail": "Not Found"} is the framework's
        // response for a wrong route.
        404 if is(&["conversation_not_found", "conversation_history_not_found"]) => Some(Verdict::Absent),
        409 if is(&["concurrent_modification", "already_processing"]) => Some(Verdict::Retry(ErrorKind::Rejected)),
        _ => None,
    }
}

pub(crate) const GET: ResponseRules = ResponseRules { classify_success: ResponseRules::read_success, ..DELETE };

/// A page of the list. An expired cursor is "absent": the list must start again from its first page.
pub(crate) const LIST: ResponseRules = ResponseRules {
    override_by_code: |response, error| match response.status() {
        400 | 422 if error.has_code("invalid_cursor") || error.says("invalid_cursor") => Some(Verdict::Absent),
        404 => None,
        _ => override_by_code(response, error),
    },
    ..GET
};

/// "How many conversations to return at maximum. Can not exceed 100."
pub(crate) const PAGE_SIZE: usize = 100;

/// A page of the list. It must report whether there is more.
#[derive(Deserialize)]
pub(crate) struct ConversationPage {
    #[serde(deserialize_with = "lenient::entries")]
    pub(crate) conversations: Vec<ListedConversation>,
    pub(crate) has_more: bool,
    pub(crate) next_cursor: Option<String>,
}

/// What is kept of a conversation in the list.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct ListedConversation {
    #[serde(deserialize_with = "lenient::id")]
    conversation_id: Option<String>,
    #[serde(deserialize_with = "lenient::value")]
    pub(crate) agent_id: Option<String>,
    #[serde(deserialize_with = "lenient::value")]
    pub(crate) user_id: Option<String>,
    #[serde(deserialize_with = "lenient::value")]
    start_time_unix_secs: Option<i64>,
    #[serde(deserialize_with = "lenient::status")]
    status: Option<Status>,
}

impl ListedConversation {
    pub(crate) fn meta(&self) -> Result<RecordMeta, Error> {
        Ok(listed_conversation(self.conversation_id.as_deref())?
            .with_created_at(self.start_time_unix_secs.and_then(timestamp::from_unix_seconds))
            .with_status(self.status.clone()))
    }
}
