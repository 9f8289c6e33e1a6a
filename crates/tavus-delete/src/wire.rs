//! What goes over the wire, and what the responses mean.
//!
//! Sources: the vendor's page "Delete Conversation" (OpenAPI of `DELETE /v2/conversations/{conversation_id}`); for the
//! reads and the end, its pages "List Conversations", "Get Conversation" and "End Conversation"; unless another is named.
//! Each call may be repeated: a second delete, or end, of the same conversation changes nothing.

use delete_core::vendor_kit::{BodyKind, BufferedResponse, ResponseRules, VendorError, Verdict};
use delete_core::{ErasureMode, ErrorKind, Outcome, Status, Vendor};
use serde_json::Value;

use crate::absence::{denies_conversation, is_invalid_id};

/// The vendor of this crate.
pub const VENDOR: Vendor = Vendor::new("tavus", "Tavus");
pub(crate) const AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));
pub(crate) const BASE_URL: &str = "https://tavusapi.com";
pub(crate) const KEY_HEADER: &str = "x-api-key";
pub(crate) const CONVERSATIONS: &[&str] = &["v2", "conversations"];

/// The parameter is optional and its default is not documented, so it is always sent, spelt as in the specification.
pub(crate) fn query(erasure: ErasureMode) -> &'static str {
    match erasure {
        ErasureMode::Hard => "hard=true",
        ErasureMode::Soft => "hard=false",
    }
}

/// "The conversation will be terminated": a segment after the id.
pub(crate) const END: &str = "end";

/// No maximum is documented; the vendor's own client asks for as many.
pub(crate) const PAGE_SIZE: usize = 100;

pub(crate) const DELETE: ResponseRules = ResponseRules { classify_success, read_error, override_by_code };

/// 204 is documented. Siblings of this call respond with 200, which proves nothing more than that the request was accepted.
fn classify_success(response: &BufferedResponse) -> Verdict {
    match response.status() {
        204 => Verdict::Done(Outcome::Deleted),
        200 => accepted(response),
        _ => Verdict::Fail(ErrorKind::UnexpectedResponse),
    }
}

/// A 200 in the shape of an error is not a success, so of one that is cut off in an error nothing is known.
fn accepted(response: &BufferedResponse) -> Verdict {
    if response.is_error_json() {
        Verdict::Fail(ErrorKind::UnexpectedResponse)
    } else if response.is_cut_object() && may_become_error(&raw_text(response)) {
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
fn read_error(response: &BufferedResponse) -> VendorError {
    let message = texts(response).into_iter().next().unwrap_or_else(|| raw_text(response));
    VendorError { message: Some(message), ..VendorError::default() }
}

/// The key of the message does not follow the status: `error` (400), `message` (401), both or `detail` elsewhere.
fn texts(response: &BufferedResponse) -> Vec<String> {
    let body: Value = serde_json::from_slice(response.body()).unwrap_or_default();
    let texts = ["message", "error", "detail"].iter().filter_map(|key| body[*key].as_str());
    texts.filter(|text| !text.trim().is_empty()).map(str::to_owned).collect()
}

fn raw_text(response: &BufferedResponse) -> String {
    String::from_utf8_lossy(response.body()).into_owned()
}

/// An unknown id is answered 400 "Invalid conversation_id" (seen by third parties, who also name 404; the page gives the
/// text without saying when). Another 400 is an error. The vendor documents no body for 404, and gateways say 404 of a route
/// that is down: only a text that is about the conversation alone is believed, and an HTML page is not the vendor's.
fn override_by_code(response: &BufferedResponse, _: &VendorError) -> Option<Verdict> {
    match response.status() {
        400 if says_invalid_id(response) => Some(Verdict::Absent),
        404 if texts(response).iter().any(|text| denies_conversation(text)) => Some(Verdict::Absent),
        404 if response.body_kind() != BodyKind::NotJson => Some(Verdict::BareNotFound),
        _ => None,
    }
}

/// Whether the body is JSON with the vendor's text for an unknown id, or that text alone.
fn says_invalid_id(response: &BufferedResponse) -> bool {
    let text = raw_text(response);
    match response.body_kind() {
        BodyKind::Json => text.to_lowercase().contains("invalid conversation_id"),
        _ => is_invalid_id(&text),
    }
}

pub(crate) const GET: ResponseRules = ResponseRules { classify_success: ResponseRules::read_success, ..DELETE };
pub(crate) const LIST: ResponseRules = ResponseRules { override_by_code: |_, _| None, ..GET };

/// The page before the first one. An empty or JSON body with one of these statuses says that there is no such page; any
/// other failure says nothing about the page.
pub(crate) const PAGE_BEFORE_FIRST: ResponseRules = ResponseRules {
    override_by_code: |response, _| {
        let is_denied = matches!(response.status(), 400 | 404 | 416 | 422)
            && matches!(response.body_kind(), BodyKind::Empty | BodyKind::Json);
        is_denied.then_some(Verdict::Fail(ErrorKind::NotFound))
    },
    ..LIST
};

/// A list that is to confirm a 404. If it is forbidden, the 404 stays unconfirmed; a guard would take that for a credential
/// that may not read, and let the delete go on.
pub(crate) const CONTROL: ResponseRules = ResponseRules {
    override_by_code: |response, _| (response.status() == 403).then_some(Verdict::Fail(ErrorKind::UnexpectedResponse)),
    ..LIST
};

/// 200 without a documented body; 400 for one that has ended already (seen by third parties). An end removes nothing, so a
/// conversation that is not found was not removed by an earlier attempt whose end was ambiguous.
pub(crate) const END_ONE: ResponseRules = ResponseRules {
    classify_success: |response| match response.status() {
        200 | 204 => accepted(response),
        _ => Verdict::Fail(ErrorKind::UnexpectedResponse),
    },
    override_by_code: |response, error| match override_by_code(response, error) {
        Some(Verdict::Absent) => Some(Verdict::Fail(ErrorKind::NotFound)),
        None if response.status() == 400 && says_ended(response) => Some(Verdict::Done(Outcome::Acknowledged)),
        verdict => verdict,
    },
    ..DELETE
};

/// Whether a text of the error says that the conversation has ended already.
fn says_ended(response: &BufferedResponse) -> bool {
    texts(response)
        .iter()
        .map(|text| text.to_lowercase())
        .any(|text| ["already ended", "already been ended"].iter().any(|ended| text.contains(ended)))
}

/// The query of a page. The list filters by these two statuses and by nothing else.
pub(crate) fn page_query(page: u64, statuses: &[Status]) -> Vec<(&'static str, String)> {
    let mut query = vec![("limit", PAGE_SIZE.to_string()), ("page", page.to_string())];
    if let [status @ (Status::Active | Status::Ended)] = statuses {
        query.push(("status", status.to_string()));
    }
    query
}
