//! Requests, and what the responses mean.
//!
//! Sources: the vendor's pages "Delete conversation", "Bulk delete conversations" and "List conversations", and its
//! published guidance for the rate limit. Both deletes may be repeated: what is removed stays removed. Only the response
//! differs: after a lost response, 406 is the expected one.
//!
//! The route of a single conversation is not read: it returns 500 for a conversation that is gone, as in an outage.

use std::time::{Duration, SystemTime};

use delete_core::vendor_kit::{BufferedResponse, ResponseRules, VendorError, Verdict, lenient, listed_uuid};
use delete_core::{Error, ErrorKind, Outcome, RecordMeta, RecordUuid, Status, Vendor, timestamp};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

/// The vendor of this crate.
pub const VENDOR: Vendor = Vendor::new("fini", "Fini");
pub(crate) const AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));
pub(crate) const BASE_URL: &str = "https://api-prod.usefini.com";
pub(crate) const CONVERSATIONS: &[&str] = &["v2", "hc-interactions"];
pub(crate) const PUBLIC: &str = "public";

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
    let codes = [body["error"].as_str().map(str::to_owned), body["statusCode"].as_u64().map(|code| code.to_string())];
    VendorError { codes: codes.into_iter().flatten().collect(), message, ..VendorError::default() }
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

/// A page of the list. The array has had two names. A response that does not report whether there is more is an error,
/// because absence depends on the end of the list.
#[derive(Deserialize)]
pub(crate) struct ConversationPage {
    #[serde(alias = "conversations", deserialize_with = "lenient::entries")]
    pub(crate) interactions: Vec<Conversation>,
    #[serde(rename = "hasMore")]
    pub(crate) has_more: bool,
    #[serde(rename = "nextCursor")]
    pub(crate) next_cursor: Option<String>,
}

/// What is kept of a conversation: not who spoke, nor what was said.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Conversation {
    #[serde(deserialize_with = "lenient::id")]
    id: Option<String>,
    #[serde(deserialize_with = "time")]
    created_at: Option<SystemTime>,
    #[serde(deserialize_with = "lenient::status")]
    status: Option<Status>,
    #[serde(deserialize_with = "lenient::value")]
    events: Option<Vec<Event>>,
}

#[derive(Deserialize)]
struct Event {
    #[serde(default, rename = "createdAt", deserialize_with = "time")]
    created_at: Option<SystemTime>,
}

impl Conversation {
    pub(crate) fn into_meta(self) -> Result<RecordMeta, Error> {
        Ok(listed_uuid(self.id.as_deref())?
            .with_created_at(self.created_at)
            .with_updated_at(self.latest_event())
            .with_status(self.status))
    }

    /// Fini sends no time of the latest message, so it is that of the latest event. It is unknown if one event has none.
    fn latest_event(&self) -> Option<SystemTime> {
        let times = self.events.as_ref()?.iter().map(|event| event.created_at);
        times.collect::<Option<Vec<_>>>()?.into_iter().max()
    }
}

/// Unix milliseconds, or a text.
fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SystemTime>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => timestamp::parse(&text),
        value => value.as_i64().and_then(timestamp::from_unix_millis),
    })
}
