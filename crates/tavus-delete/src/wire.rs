//! What goes over the wire, and what the answers mean.
//!
//! Sources: the vendor's page "Delete Conversation" (OpenAPI of `DELETE /v2/conversations/{conversation_id}`); for the
//! reads and the end, its pages "List Conversations", "Get Conversation" and "End Conversation"; unless another is named.
//! Each call may be repeated: a second delete, or end, of the same conversation changes nothing.

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

pub(crate) const GET: Dialect = Dialect { success: Dialect::read_success, ..DELETE };
pub(crate) const LIST: Dialect = Dialect { by_code: |_, _| None, ..GET };

/// 200 without a documented body. An end removes nothing, so a conversation that is not found was not removed by an
/// earlier attempt whose end was ambiguous.
pub(crate) const END_ONE: Dialect = Dialect {
    success: |_| Verdict::Done(Outcome::Acknowledged),
    by_code: |answer, error| match by_code(answer, error) {
        Some(Verdict::Absent) => Some(Verdict::Fail(ErrorKind::NotFound)),
        verdict => verdict,
    },
    ..DELETE
};

/// The query of a page. The list filters by these two statuses and by nothing else.
pub(crate) fn page_query(page: u64, statuses: &[Status]) -> Vec<(&'static str, String)> {
    let mut query = vec![("limit", PAGE_SIZE.to_string()), ("page", page.to_string())];
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
    conversation_id: Option<String>,
    status: Option<Value>,
    created_at: Option<Value>,
    updated_at: Option<Value>,
}

impl Conversation {
    pub(crate) fn status(&self) -> Option<Status> {
        self.status.as_ref()?.as_str().map(Status::from_word)
    }

    /// Whether it is the one that was asked for, as far as it says.
    pub(crate) fn is(&self, id: &ConversationId) -> bool {
        self.conversation_id.as_ref().is_none_or(|own| own == id.as_str())
    }

    pub(crate) fn found(&self) -> Result<Found, Error> {
        let id = self.conversation_id.as_deref().and_then(|id| ConversationId::new(id).ok());
        let id = id.ok_or_else(|| Error::unexpected_answer("the list holds a conversation without a usable id"))?;
        let time = |value: &Option<Value>| timestamp::parse(value.as_ref()?.as_str()?);
        Ok(Found::new(id)
            .with_created_at(time(&self.created_at))
            .with_updated_at(time(&self.updated_at))
            .with_status(self.status()))
    }
}

/// A conversation that runs is `active`, and `ended` when it is over. The vendor's example code also knows `error`, which
/// is taken for over. Anything else, and no word at all, may be a call that goes on.
pub(crate) fn is_over(status: Option<&Status>) -> bool {
    matches!(status, Some(Status::Ended | Status::Error))
}
