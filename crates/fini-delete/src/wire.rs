//! Requests, and what the responses mean.
//!
//! Sources: the vendor's pages "Delete conversation", "Bulk delete conversations" and "List conversations", and its
//! published guidance for the rate limit. Both deletes may be repeated: what is removed stays removed. Only the response
//! differs: after a lost response, 406 is the expected one.
//!
//! The route of a single conversation is not read: it returns 500 for a conversation that is gone, as in an outage.

mod page;

use std::time::Duration;

use delete_core::vendor_kit::{BufferedResponse, ResponseRules, VendorError, Verdict};
use delete_core::{ErrorKind, Outcome, RecordUuid, Vendor};
use serde_json::{Value, json};

pub(crate) use page::ConversationPage;

/// The vendor of this crate.
pub const VENDOR: Vendor = Vendor::new("fini", "Fini");
pub(crate) const AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));
pub(crate) const BASE_URL: &str = "https://api-prod.usefini.com";
pub(crate) const CONVERSATIONS: &[&str] = &["v2", "hc-interactions"];
pub(crate) const PUBLIC: &str = "public";
pub(crate) const CONVERSATIONS_IN_BULK: &[&str] = &["v2", "hc-interactions", PUBLIC];

/// "Provide between 1 and 50 UUIDs in one request."
pub(crate) const MAX_IDS: usize = 50;

/// `{"ids":["…","…"]}`, lower case with hyphens.
pub(crate) fn bulk_body(ids: &[RecordUuid]) -> Vec<u8> {
    let ids: Vec<String> = ids.iter().map(RecordUuid::to_string).collect();
    json!({ "ids": ids }).to_string().into_bytes()
}

/// The single route: "does not currently verify that the ID matched a live conversation".
pub(crate) const DELETE_ONE: ResponseRules = ResponseRules {
    classify_success: |response| classify_success(response, Outcome::Acknowledged),
    read_error,
    override_by_code: scope_by_code,
};

/// The bulk route with several ids: it "verifies that every requested ID was accessible", but only after removing them.
pub(crate) const DELETE_BATCH: ResponseRules = ResponseRules {
    classify_success: |response| classify_success(response, Outcome::Deleted),
    read_error: read_bulk_error,
    override_by_code: |response, error| bulk_by_code(response, error, Verdict::PartlyAbsent),
};

/// The bulk route with one id: a 406 can mean this id alone.
pub(crate) const DELETE_BATCH_OF_ONE: ResponseRules = ResponseRules {
    override_by_code: |response, error| bulk_by_code(response, error, Verdict::Absent),
    ..DELETE_BATCH
};

/// Only 200 with `"success": true` and without an error is a success. The body decides, so if it was cut off the outcome is
/// unknown.
fn classify_success(response: &BufferedResponse, outcome: Outcome) -> Verdict {
    let body: Value = response.json();
    match response.status() {
        200 if !response.is_complete() => Verdict::BodyLost,
        200 if body["success"] == true && body["error"].is_null() => Verdict::Done(outcome),
        _ => Verdict::UNEXPECTED,
    }
}

/// The envelope is `{"statusCode", "message", "error"}`; `message` is a text or a list of texts.
fn read_error(response: &BufferedResponse) -> VendorError {
    let body: Value = response.json();
    let message = match &body["message"] {
        Value::String(text) => Some(text.clone()),
        Value::Array(texts) => Some(texts.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("; ")),
        _ => None,
    };
    let status_code = body["statusCode"].as_u64().map(|code| code.to_string());
    let name = body["error"].as_str().map(str::to_owned);
    let codes = [name, status_code].into_iter().flatten().collect();
    VendorError { codes, message, ..VendorError::default() }
}

/// Ids are checked before they are sent, so the likeliest cause of a 400 is that the body did not arrive.
fn read_bulk_error(response: &BufferedResponse) -> VendorError {
    let hint = "a proxy may have dropped the body of the DELETE";
    VendorError { hint: (response.status() == 400).then_some(hint), ..read_error(response) }
}

/// Fini's own 403 is documented to mean that the key lacks the scope.
fn scope_by_code(response: &BufferedResponse, error: &VendorError) -> Option<Verdict> {
    let is_scope = response.status() == 403 && (error.has_code("403") || error.says("scope"));
    is_scope.then_some(Verdict::Fail(ErrorKind::MissingScope))
}

/// A 406 counts only in Fini's own words: a proxy may return 406 for other reasons.
fn bulk_by_code(response: &BufferedResponse, error: &VendorError, inaccessible: Verdict) -> Option<Verdict> {
    match response.status() {
        406 if error.has_code("406") && error.says("not accessible") => Some(inaccessible),
        406 => Some(Verdict::UNEXPECTED),
        _ => scope_by_code(response, error),
    }
}

pub(crate) const LIST: ResponseRules = ResponseRules { classify_success: ResponseRules::read_success, ..DELETE_ONE };

/// "Respect the documented 100-request-per-60-second throttle." One second is added, because requests take time to arrive.
pub(crate) const RATE: (u32, Duration) = (100, Duration::from_secs(61));

/// `limit`: 1 to 100.
pub(crate) const PAGE_SIZE: usize = 100;

/// "window at most 90 days"
pub(crate) const LONGEST_WINDOW: i64 = 90 * 24 * 60 * 60 * 1000;

/// 2020-01-01, in Unix milliseconds: before Fini was founded, so no conversation should be older (assumed).
pub(crate) const HISTORY_START: i64 = 1_577_836_800_000;

/// The query of a page. `since` and `until` are in Unix milliseconds. The direction `next` leads to older conversations.
pub(crate) fn page_query(since: i64, until: i64, limit: usize, cursor: Option<&str>) -> Vec<(&'static str, String)> {
    let mut query = vec![("since", since.to_string()), ("until", until.to_string()), ("limit", limit.to_string())];
    query.extend(cursor.map(|cursor| ("cursor", cursor.to_owned())));
    query.push(("direction", "next".to_owned()));
    query
}
