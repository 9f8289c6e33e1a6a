//! What goes over the wire, and what the responses mean.
//!
//! Sources: the vendor's page "Delete Conversation" (OpenAPI of `DELETE /v2/conversations/{conversation_id}`); for the
//! reads and the end, its pages "List Conversations", "Get Conversation" and "End Conversation"; unless another is named.
//! Each call may be repeated: a second delete, or end, of the same conversation changes nothing.

use std::time::SystemTime;

use delete_core::vendor_kit::{Answer, Content, Dialect, VendorError, Verdict};
use delete_core::{ConversationId, Erasure, Error, ErrorKind, Found, Outcome, Status, Vendor, timestamp};
use serde::Deserialize;
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

/// "The conversation will be terminated": a segment after the id.
pub(crate) const END: &str = "end";

/// No maximum is documented; the vendor's own client asks for as many.
pub(crate) const PAGE_SIZE: usize = 100;

pub(crate) const DELETE: Dialect = Dialect { success, read_error, by_code };

/// 204 is documented. Siblings of this call respond with 200, which proves nothing more than that the request was accepted.
fn success(answer: &Answer) -> Verdict {
    match answer.status() {
        204 => Verdict::Done(Outcome::Deleted),
        200 => accepted(answer),
        _ => Verdict::Fail(ErrorKind::UnexpectedResponse),
    }
}

/// A 200 in the shape of an error is not a success, so of one that is cut off in an error nothing is known.
fn accepted(answer: &Answer) -> Verdict {
    if answer.is_error_json() {
        Verdict::Fail(ErrorKind::UnexpectedResponse)
    } else if answer.is_cut_object() && may_become_error(&raw_text(answer)) {
        Verdict::BodyLost
    } else {
        Verdict::Done(Outcome::Acknowledged)
    }
}

/// Whether this is the beginning of `{"error": …` or `{"message": …`, as far as it came.
fn may_become_error(text: &str) -> bool {
    let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    ["{\"error\"", "{\"message\""].iter().any(|error| error.starts_with(&text) || text.starts_with(error))
}

/// A body of another kind than the vendor's is shown as it is.
fn read_error(answer: &Answer) -> VendorError {
    let message = texts(answer).into_iter().next().unwrap_or_else(|| raw_text(answer));
    VendorError { message: Some(message), ..VendorError::default() }
}

/// The key of the message does not follow the status: `error` (400), `message` (401), both or `detail` elsewhere.
fn texts(answer: &Answer) -> Vec<String> {
    let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
    let texts = ["message", "error", "detail"].iter().filter_map(|key| body[*key].as_str());
    texts.filter(|text| !text.trim().is_empty()).map(str::to_owned).collect()
}

fn raw_text(answer: &Answer) -> String {
    String::from_utf8_lossy(answer.body()).into_owned()
}

/// An unknown id is answered 400 "Invalid conversation_id" (seen by third parties, who also name 404; the page gives the
/// text without saying when). Another 400 is an error. The vendor documents no body for 404, and gateways say 404 of a route
/// that is down: only a text that names the conversation is believed, and an HTML page is not the vendor's.
fn by_code(answer: &Answer, _: &VendorError) -> Option<Verdict> {
    match answer.status() {
        400 if says(answer, "invalid conversation_id") => Some(Verdict::Absent),
        404 if texts(answer).iter().any(|text| denies_conversation(text)) => Some(Verdict::Absent),
        404 if answer.content() != Content::Other => Some(Verdict::BareNotFound),
        _ => None,
    }
}

/// Whether the body holds `text`, which is in lower case, anywhere and in any case.
fn says(answer: &Answer, text: &str) -> bool {
    raw_text(answer).to_lowercase().contains(text)
}

/// Whether the text says that there is no such conversation. Frameworks repeat the path, and gateways say that a route or
/// a service is not there: neither is about the conversation.
fn denies_conversation(text: &str) -> bool {
    let text = text.to_lowercase();
    let words: Vec<&str> = text.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-' | '/')).collect();
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    let is_denied =
        ["not found", "be found", "invalid", "not exist", "no such", "unknown", "no conversation", "deleted"]
            .iter()
            .any(|denial| text.contains(denial));
    let is_about_route =
        has(&["route", "routes", "endpoint", "path", "url", "method", "cannot", "service", "resource"]);
    is_denied && has(&["conversation", "conversation_id"]) && !is_about_route && !text.contains("/conversations")
}

pub(crate) const GET: Dialect = Dialect { success: Dialect::read_success, ..DELETE };
pub(crate) const LIST: Dialect = Dialect { by_code: |_, _| None, ..GET };

/// A list that is to confirm a 404. If it is forbidden, the 404 stays unconfirmed; a guard would take that for a credential
/// that may not read, and let the delete go on.
pub(crate) const CONTROL: Dialect = Dialect {
    by_code: |answer, _| (answer.status() == 403).then_some(Verdict::Fail(ErrorKind::UnexpectedResponse)),
    ..LIST
};

/// 200 without a documented body; 400 for one that has ended already (seen by third parties). An end removes nothing, so a
/// conversation that is not found was not removed by an earlier attempt whose end was ambiguous.
pub(crate) const END_ONE: Dialect = Dialect {
    success: |answer| match answer.status() {
        200 | 204 => accepted(answer),
        _ => Verdict::Fail(ErrorKind::UnexpectedResponse),
    },
    by_code: |answer, error| match by_code(answer, error) {
        Some(Verdict::Absent) => Some(Verdict::Fail(ErrorKind::NotFound)),
        None if answer.status() == 400 && says(answer, "already ended") => Some(Verdict::Done(Outcome::Acknowledged)),
        verdict => verdict,
    },
    ..DELETE
};

/// The query of a page. The list filters by these two statuses and by nothing else.
pub(crate) fn page_query(page: u64, size: usize, statuses: &[Status]) -> Vec<(&'static str, String)> {
    let mut query = vec![("limit", size.to_string()), ("page", page.to_string())];
    if let [status @ (Status::Active | Status::Ended)] = statuses {
        query.push(("status", status.to_string()));
    }
    query
}

/// A page of the list. `total_count` is "the full count under the applied filters".
#[derive(Deserialize)]
pub(crate) struct ConversationPage {
    pub(crate) data: Vec<Conversation>,
    pub(crate) total_count: Option<Value>,
}

/// What is kept of a conversation: not its name, nor the addresses, nor who spoke. No field is documented as required,
/// and `created_at` may be an empty text.
#[derive(Deserialize)]
pub(crate) struct Conversation {
    conversation_id: Option<Value>,
    status: Option<Value>,
    created_at: Option<Value>,
    updated_at: Option<Value>,
}

impl Conversation {
    pub(crate) fn status(&self) -> Option<Status> {
        self.status.as_ref()?.as_str().map(Status::from_word)
    }

    /// Whether it is the one that was asked for. No field is documented as required, but JSON with neither the id nor a
    /// status may be an error.
    pub(crate) fn is(&self, id: &ConversationId) -> bool {
        match &self.conversation_id {
            Some(own) => own.as_str() == Some(id.as_str()),
            None => self.status().is_some(),
        }
    }

    /// What distinguishes it from the others in the list, whether it can be used as an id or not.
    pub(crate) fn raw_id(&self) -> String {
        self.conversation_id.as_ref().map(Value::to_string).unwrap_or_default()
    }

    /// Whether it was created by then, as far as it says.
    pub(crate) fn was_there(&self, time: SystemTime) -> bool {
        self.created_at().is_none_or(|created| created <= time)
    }

    fn created_at(&self) -> Option<SystemTime> {
        read_time(self.created_at.as_ref())
    }

    pub(crate) fn found(&self) -> Result<Found, Error> {
        let id = self.conversation_id.as_ref().and_then(Value::as_str).and_then(|id| ConversationId::new(id).ok());
        let id = id.ok_or_else(|| Error::unexpected_answer("the list holds a conversation without a usable id"))?;
        Ok(Found::new(id)
            .with_created_at(self.created_at())
            .with_updated_at(read_time(self.updated_at.as_ref()))
            .with_status(self.status()))
    }
}

fn read_time(value: Option<&Value>) -> Option<SystemTime> {
    timestamp::parse(value?.as_str()?)
}

/// A conversation that runs is `active`, and `ended` when it is over. The vendor's example code also knows `error`, which
/// is taken for over. Anything else, and no word at all, may be a call that goes on.
pub(crate) fn is_over(status: Option<&Status>) -> bool {
    matches!(status, Some(Status::Ended | Status::Error))
}
