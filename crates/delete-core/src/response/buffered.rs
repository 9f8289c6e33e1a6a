//! A response as it was read within bounds, before it is classified.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{self, AsHeaderName};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::de::{DeserializeOwned, IgnoredAny};

use super::denial::denies_success;

/// The most that is read of an error, or of the response to a delete.
pub(crate) const SHORT_BODY: usize = 64 * 1024;

/// The most that is read of a page of records. One of 100 conversations with all their messages has some megabytes.
pub(crate) const LONG_BODY: usize = 64 * 1024 * 1024;

/// The response headers that are passed on: when and by whom it was processed, how much may be sent, and what changes
/// (Corti announces breaking changes in headers, ElevenLabs its limits of concurrency). Other headers may hold secrets.
const KEPT_HEADERS: [&str; 11] = [
    "date",
    "request-id",
    "x-request-id",
    "x-trace-id",
    "retry-after",
    "deprecation",
    "sunset",
    "warning",
    "current-concurrent-requests",
    "maximum-concurrent-requests",
    "character-cost",
];

/// The most headers that are passed on, and the longest value in bytes: a transport other than ours may have no limit.
const MAX_KEPT_HEADERS: usize = 32;
const MAX_KEPT_VALUE: usize = 256;

/// The status, the headers, and the body up to a limit.
pub struct BufferedResponse {
    status: u16,
    headers: HeaderMap,
    body: Bytes,
    end: BodyEnd,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyEnd {
    Complete,
    /// The body is longer than the limit.
    OverLimit,
    /// The connection broke, or the time ran out.
    Interrupted,
}

/// What the body of a response is, as far as it distinguishes a success from a login page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyKind {
    /// No bytes, or white space.
    Empty,
    /// A complete JSON text.
    Json,
    /// The beginning of what may be JSON; the rest did not arrive, or was not read.
    Truncated,
    /// Anything else, such as HTML.
    NotJson,
}

impl BufferedResponse {
    pub(crate) fn new(status: u16, headers: HeaderMap, body: Bytes, end: BodyEnd) -> Self {
        Self { status, headers, body, end }
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The value of a header, if it is readable text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.known_header(name)
    }

    /// The same by a name that needs no parsing.
    pub(crate) fn known_header(&self, name: impl AsHeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(crate) fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The headers that are kept for the user: the first of [`KEPT_HEADERS`], unless a value echoes a secret or is very long.
    pub(crate) fn kept_headers(&self, redact: &dyn Fn(String) -> String) -> Option<Arc<HeaderMap>> {
        let is_harmless = |value: &str| value.len() <= MAX_KEPT_VALUE && redact(value.to_owned()) == value;
        let is_kept = |(name, value): &(&HeaderName, &HeaderValue)| {
            KEPT_HEADERS.contains(&name.as_str()) && value.to_str().is_ok_and(is_harmless)
        };
        let kept = self.headers.iter().filter(is_kept).take(MAX_KEPT_HEADERS);
        let kept: HeaderMap = kept.map(|(name, value)| (name.clone(), value.clone())).collect();
        (!kept.is_empty()).then(|| Arc::new(kept))
    }

    /// The body: at most 64 KiB of it, or 64 MiB if a read succeeded.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body as JSON; the default, such as null, if it is not.
    pub fn json<T: DeserializeOwned + Default>(&self) -> T {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// Whether the whole body was read.
    pub fn is_complete(&self) -> bool {
        self.end == BodyEnd::Complete
    }

    pub(crate) fn is_over_limit(&self) -> bool {
        self.end == BodyEnd::OverLimit
    }

    /// What the body is. A content type of HTML counts only if the body does not contradict it.
    pub fn body_kind(&self) -> BodyKind {
        let visible = self.body.trim_ascii();
        if visible.is_empty() {
            return match self.is_complete() {
                true => BodyKind::Empty,
                false if self.says_html() => BodyKind::NotJson,
                false => BodyKind::Truncated,
            };
        }
        match (self.is_complete(), serde_json::from_slice::<IgnoredAny>(visible)) {
            (true, Ok(_)) => BodyKind::Json,
            (false, Ok(_)) => BodyKind::Truncated,
            // Only a body that could still become JSON counts as the beginning of it.
            (false, Err(error)) if error.is_eof() => BodyKind::Truncated,
            _ => BodyKind::NotJson,
        }
    }

    /// Whether the body of a success is JSON in the form of an error: an error object, `false`, `success: false`, a status
    /// code of 400 or more, a message alone.
    pub fn is_error_json(&self) -> bool {
        denies_success(&self.json())
    }

    /// Whether the body is the beginning of a JSON object, and the rest did not arrive.
    pub fn is_cut_object(&self) -> bool {
        self.body_kind() == BodyKind::Truncated && self.body.trim_ascii_start().starts_with(b"{")
    }

    /// Whether the body begins like a JSON object or array.
    pub(crate) fn may_hold_records(&self) -> bool {
        matches!(self.body.trim_ascii_start().first(), Some(b'{' | b'['))
    }

    fn says_html(&self) -> bool {
        self.known_header(header::CONTENT_TYPE).is_some_and(|value| value.to_ascii_lowercase().contains("html"))
    }
}

impl fmt::Debug for BufferedResponse {
    /// A body may hold anything, so it is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let len = self.body.len();
        f.debug_struct("BufferedResponse").field("status", &self.status).field("body_len", &len).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(body: &str, end: BodyEnd, content_type: &str) -> BodyKind {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, content_type.parse().unwrap());
        BufferedResponse::new(200, headers, Bytes::copy_from_slice(body.as_bytes()), end).body_kind()
    }

    #[test]
    fn json_is_distinguished_from_a_login_page() {
        use BodyEnd::{Complete, Interrupted, OverLimit};
        for (body, end, content_type, expected) in [
            ("", Complete, "text/html", BodyKind::Empty),
            (" \r\n", Complete, "text/plain", BodyKind::Empty),
            ("null", Complete, "application/json", BodyKind::Json),
            ("\"\"", Complete, "text/html", BodyKind::Json),
            ("{\"a\":1}\n", Complete, "", BodyKind::Json),
            ("<html>", Complete, "application/json", BodyKind::NotJson),
            ("{}{}", Complete, "application/json", BodyKind::NotJson),
            ("OK", Complete, "text/plain", BodyKind::NotJson),
            ("{\"a", Interrupted, "application/json", BodyKind::Truncated),
            ("", Interrupted, "application/json", BodyKind::Truncated),
            ("", Interrupted, "text/HTML; charset=utf-8", BodyKind::NotJson),
            (" <!doctype", OverLimit, "", BodyKind::NotJson),
            ("\u{feff}<!doctype", OverLimit, "text/plain", BodyKind::NotJson),
            ("Sign in", Interrupted, "text/plain", BodyKind::NotJson),
            ("Please sign in", OverLimit, "application/json", BodyKind::NotJson),
            ("nu", Interrupted, "", BodyKind::Truncated),
            ("{\"a\":\"", Interrupted, "text/html", BodyKind::Truncated),
            ("[1,", OverLimit, "", BodyKind::Truncated),
        ] {
            assert_eq!(kind(body, end, content_type), expected, "{body:?} {end:?} {content_type:?}");
        }
    }

    #[test]
    fn only_listed_headers_without_a_secret_are_kept() {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("date", "Sun, 06 Nov 1994 08:49:37 GMT"),
            ("deprecation", "@1"),
            ("deprecation", "@2"),
            ("request-id", "echo of k3y"),
            ("set-cookie", "session"),
            ("warning", &"x".repeat(257)),
        ] {
            headers.append(name, value.parse().unwrap());
        }
        let response = BufferedResponse::new(200, headers, Bytes::new(), BodyEnd::Complete);
        let redact = |text: String| text.replace("k3y", "[redacted]");
        let kept = response.kept_headers(&redact).unwrap();
        assert_eq!(
            kept.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(),
            ["date", "deprecation", "deprecation"]
        );
        let bare = BufferedResponse::new(200, HeaderMap::new(), Bytes::new(), BodyEnd::Complete);
        assert!(bare.kept_headers(&redact).is_none());
    }

    #[test]
    fn the_number_of_kept_headers_is_bounded() {
        let warnings = (0..1000).map(|_| (header::WARNING, HeaderValue::from_static("199 - slow")));
        let response = BufferedResponse::new(200, warnings.collect(), Bytes::new(), BodyEnd::Complete);
        assert_eq!(response.kept_headers(&|text| text).unwrap().len(), MAX_KEPT_HEADERS);
    }
}
