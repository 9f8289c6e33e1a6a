//! Requests, and what the responses mean.
//!
//! Sources, unless another is named: the vendor's pages "Delete Conversation", "List Conversations", "Get Conversation" and
//! "End Conversation". Each call may be repeated: a second delete or end of the same conversation changes nothing.

use std::time::SystemTime;

use delete_core::vendor_kit::{
    BodyKind, BufferedResponse, ResponseRules, VendorError, Verdict, lenient, listed_conversation,
};
use delete_core::{Error, ErrorKind, Outcome, RecordMeta, Status, Vendor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::absence::{INVALID_ID, denies_conversation, without_id};
use crate::status::{ACTIVE, ENDED};

/// The vendor of this crate.
pub const VENDOR: Vendor = Vendor::new("tavus", "Tavus");
pub(crate) const AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));
pub(crate) const BASE_URL: &str = "https://tavusapi.com";
pub(crate) const KEY_HEADER: &str = "x-api-key";
pub(crate) const CONVERSATIONS: &[&str] = &["v2", "conversations"];

/// The parameter is optional and its default is not documented, so it is always sent.
pub(crate) const HARD: &str = "hard=true";
pub(crate) const SOFT: &str = "hard=false";

/// The documentation counts pages from 1, and so does a client that was tried against the vendor.
pub(crate) const FIRST_PAGE: u64 = 1;

/// No maximum is documented; the vendor's own client uses this size.
pub(crate) const PAGE_SIZE: usize = 100;

pub(crate) const DELETE: ResponseRules = ResponseRules { classify_success, read_error, override_by_code };

/// 204 is documented. Deletes of other Tavus resources return 200, which only proves that the request was accepted.
fn classify_success(response: &BufferedResponse) -> Verdict {
    match response.status() {
        204 => Verdict::Done(Outcome::Deleted),
        200 => accepted(response),
        _ => Verdict::UNEXPECTED,
    }
}

/// A 200 with an error in its body is not a success, and one whose body was cut off in what may be an error is unknown.
fn accepted(response: &BufferedResponse) -> Verdict {
    if response.is_error_json() {
        Verdict::UNEXPECTED
    } else if response.is_cut_object() && may_become_error(&raw_text(response)) {
        Verdict::BodyLost
    } else {
        Verdict::Done(Outcome::Acknowledged)
    }
}

/// Whether the text begins like `{"error": …` or `{"message": …`.
fn may_become_error(text: &str) -> bool {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    ["{\"error\"", "{\"message\""].iter().any(|error| error.starts_with(&text) || text.starts_with(error))
}

/// The message of an error: a text of the vendor's JSON, else the body as it is.
fn read_error(response: &BufferedResponse) -> VendorError {
    let message = texts(response).into_iter().next().unwrap_or_else(|| raw_text(response));
    VendorError { message: Some(message), ..VendorError::default() }
}

/// Which key holds the message does not follow from the status: `error` (400), `message` (401), both, or `detail`.
fn texts(response: &BufferedResponse) -> Vec<String> {
    let body: Value = response.json();
    let texts = ["message", "error", "detail"].iter().filter_map(|key| body[*key].as_str());
    texts.filter(|text| !text.trim().is_empty()).map(str::to_owned).collect()
}

fn raw_text(response: &BufferedResponse) -> String {
    String::from_utf8_lossy(response.body()).into_owned()
}

/// An unknown id gets 400 "Invalid conversation_id" or 404 (seen by third parties). No body is documented for 404, which
/// gateways return too: only a text about the conversation alone counts as absence, and an HTML page is not Tavus'.
fn override_by_code(response: &BufferedResponse, _: &VendorError) -> Option<Verdict> {
    let text = raw_text(response);
    match response.status() {
        400 if without_id(&text) == INVALID_ID => Some(Verdict::Absent),
        400 if response.body_kind() == BodyKind::Json && text.to_lowercase().contains(INVALID_ID) => {
            Some(Verdict::Absent)
        }
        404 if texts(response).iter().any(|text| denies_conversation(text)) => Some(Verdict::Absent),
        404 if response.body_kind() != BodyKind::NotJson => Some(Verdict::BareNotFound),
        _ => None,
    }
}

pub(crate) const GET: ResponseRules = ResponseRules { classify_success: ResponseRules::read_success, ..DELETE };
pub(crate) const LIST: ResponseRules = ResponseRules { override_by_code: |_, _| None, ..GET };

/// The page before the first one. One of these statuses with an empty or JSON body means that there is no such page.
pub(crate) const PAGE_BEFORE_FIRST: ResponseRules = ResponseRules {
    override_by_code: |response, _| match (response.status(), response.body_kind()) {
        (400 | 404 | 416 | 422, BodyKind::Empty | BodyKind::Json) => Some(Verdict::Fail(ErrorKind::NotFound)),
        _ => None,
    },
    ..LIST
};

/// The list that confirms a 404. A 403 must not keep its kind here: [`RejectActive`](crate::RejectActive) would conclude
/// that the key may not read, and send the delete.
pub(crate) const CONTROL: ResponseRules =
    ResponseRules { override_by_code: |response, _| (response.status() == 403).then_some(Verdict::UNEXPECTED), ..LIST };

/// 200 without a documented body; 400 for a conversation that has already ended (seen by third parties). An end deletes
/// nothing, so a conversation that is absent after an ambiguous attempt was not removed by that attempt.
pub(crate) const END: ResponseRules = ResponseRules {
    classify_success: |response| match response.status() {
        200 | 204 => accepted(response),
        _ => Verdict::UNEXPECTED,
    },
    override_by_code: |response, error| match override_by_code(response, error) {
        Some(Verdict::Absent) => Some(Verdict::Fail(ErrorKind::NotFound)),
        None if response.status() == 400 && reports_ended(response) => Some(Verdict::Done(Outcome::Acknowledged)),
        verdict => verdict,
    },
    ..DELETE
};

/// Whether the error reports that the conversation has already ended.
fn reports_ended(response: &BufferedResponse) -> bool {
    let reports = |text: String| text.contains("already ended") || text.contains("already been ended");
    texts(response).into_iter().any(|text| reports(text.to_lowercase()))
}

/// The query of a page. The list filters by these two statuses and by nothing else.
pub(crate) fn page_query(page: u64, statuses: &[Status]) -> Vec<(&'static str, String)> {
    let mut query = vec![("limit", PAGE_SIZE.to_string()), ("page", page.to_string())];
    let status = statuses.first().filter(|status| statuses.len() == 1 && [ACTIVE, ENDED].contains(status));
    query.extend(status.map(|status| ("status", status.to_string())));
    query
}

/// A page of the list.
#[derive(Deserialize)]
pub(crate) struct ConversationPage {
    #[serde(deserialize_with = "read_entries")]
    pub(crate) data: Vec<Conversation>,
    /// "The full count under the applied filters".
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) total_count: Option<u64>,
}

fn read_entries<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Conversation>, D::Error> {
    let entries = Vec::<Value>::deserialize(deserializer)?;
    let read = |(number, entry): (usize, Value)| {
        let id = entry.get("conversation_id").filter(|id| !id.is_null());
        let identity = id.map_or_else(|| format!("{number} {entry}"), Value::to_string);
        Conversation { identity, ..lenient::object(entry).unwrap_or_default() }
    };
    Ok(entries.into_iter().enumerate().map(read).collect())
}

/// What is kept of a conversation. No field is documented as required, and `created_at` may be an empty text.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Conversation {
    /// Its id, usable or not; without one, its content and its number on the page.
    #[serde(skip)]
    pub(crate) identity: String,
    #[serde(deserialize_with = "lenient::id")]
    pub(crate) conversation_id: Option<String>,
    #[serde(deserialize_with = "lenient::status")]
    status: Option<Status>,
    #[serde(deserialize_with = "lenient::rfc3339")]
    created_at: Option<SystemTime>,
    #[serde(deserialize_with = "lenient::rfc3339")]
    updated_at: Option<SystemTime>,
}

impl Conversation {
    /// Whether it existed at `time`, as far as it shows.
    pub(crate) fn existed_at(&self, time: SystemTime) -> bool {
        self.created_at.is_none_or(|created| created <= time)
    }

    pub(crate) fn meta(&self) -> Result<RecordMeta, Error> {
        Ok(listed_conversation(self.conversation_id.as_deref())?
            .with_created_at(self.created_at)
            .with_updated_at(self.updated_at)
            .with_status(self.status.clone()))
    }
}
