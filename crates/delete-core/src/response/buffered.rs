//! An answer as it was read within bounds, before anybody says what it means.

use std::fmt;

use http::{HeaderMap, header};
use serde::de::IgnoredAny;

use super::denial;
use crate::http::Body;

/// The most that is read of an error, or of the answer to a delete.
pub(crate) const SHORT_BODY: usize = 64 * 1024;

/// The most that is read of a page of records. A page of 100 conversations with all their messages has some megabytes.
pub(crate) const LONG_BODY: usize = 64 * 1024 * 1024;

/// The status, the headers and as much of the body as came and was wanted.
pub struct BufferedResponse {
    status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
    end: BodyEnd,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyEnd {
    Complete,
    /// More came than is read.
    OverLimit,
    /// The connection broke, or the time ran out.
    Interrupted,
}

/// What the body of an answer is, as far as a success can be told from a login page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyKind {
    /// No bytes, or white space.
    Empty,
    /// A complete JSON text.
    Json,
    /// The beginning of something that may have become JSON; the rest did not come, or was not read.
    Truncated,
    /// Anything else, such as HTML.
    NotJson,
}

impl BufferedResponse {
    pub(crate) fn new(status: u16, headers: HeaderMap, body: Vec<u8>, end: BodyEnd) -> Self {
        Self { status, headers, body, end }
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The value of a header, where it is readable text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// All values of a header that are readable text.
    pub(crate) fn header_values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers.get_all(name).iter().filter_map(|value| value.to_str().ok())
    }

    /// The body: at most 64 KiB of it, or 64 MiB where a read succeeded.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// Whether the body ended as it should.
    pub fn is_complete(&self) -> bool {
        self.end == BodyEnd::Complete
    }

    pub(crate) fn is_over_limit(&self) -> bool {
        self.end == BodyEnd::OverLimit
    }

    /// What the body is. A content type of HTML is believed only where the body does not contradict it.
    pub fn body_kind(&self) -> BodyKind {
        let visible = self.body.trim_ascii();
        let parsed = serde_json::from_slice::<IgnoredAny>(visible);
        match (self.is_complete(), parsed) {
            (true, _) if visible.is_empty() => BodyKind::Empty,
            (true, Ok(_)) => BodyKind::Json,
            (false, _) if visible.is_empty() && !self.says_html() => BodyKind::Truncated,
            // Only what could still become JSON counts as the beginning of it.
            (false, Ok(_)) => BodyKind::Truncated,
            (false, Err(error)) if error.is_eof() && !visible.is_empty() => BodyKind::Truncated,
            _ => BodyKind::NotJson,
        }
    }

    /// Whether the body of a success is JSON in the shape of an error, or denies the success: an error
    /// object, `false`, `success: false`, a status code of 400 or more, a message alone.
    pub fn is_error_json(&self) -> bool {
        serde_json::from_slice(&self.body).is_ok_and(|body| denial::denies_success(&body))
    }

    /// Whether the body of a read is such an error, by fields that no record and no list has at its top.
    pub(crate) fn is_error_page(&self) -> bool {
        denial::is_error_page(&self.body)
    }

    /// Whether the body is the beginning of a JSON object, whose rest did not come.
    pub fn is_cut_object(&self) -> bool {
        self.body_kind() == BodyKind::Truncated && self.body.trim_ascii_start().starts_with(b"{")
    }

    fn says_html(&self) -> bool {
        self.header(header::CONTENT_TYPE.as_str()).is_some_and(|value| value.to_ascii_lowercase().contains("html"))
    }
}

impl fmt::Debug for BufferedResponse {
    /// A body may hold anything, so it is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let len = self.body.len();
        f.debug_struct("BufferedResponse").field("status", &self.status).field("body_len", &len).finish_non_exhaustive()
    }
}

/// Reads a body up to `limit`. What has arrived stays in `read` even when the future is dropped.
pub(crate) async fn read_body(mut body: Body, limit: usize, read: &mut Vec<u8>) -> BodyEnd {
    loop {
        match body.chunk().await {
            Ok(None) => return BodyEnd::Complete,
            Ok(Some(chunk)) => {
                let room = limit - read.len();
                read.extend_from_slice(&chunk[..chunk.len().min(room)]);
                if chunk.len() > room {
                    return BodyEnd::OverLimit;
                }
            }
            Err(_) => return BodyEnd::Interrupted,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(body: &str, end: BodyEnd, content_type: &str) -> BodyKind {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, content_type.parse().unwrap());
        BufferedResponse::new(200, headers, body.into(), end).body_kind()
    }

    #[test]
    fn tells_json_from_a_login_page() {
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
            assert_eq!(content(body, end, content_type), expected, "{body:?} {end:?} {content_type:?}");
        }
    }

    #[tokio::test]
    async fn a_body_is_read_up_to_the_limit() {
        for (len, end) in [(10, BodyEnd::Complete), (11, BodyEnd::OverLimit)] {
            let mut read = Vec::new();
            assert_eq!(read_body(Body::from(vec![b'x'; len]), 10, &mut read).await, end);
            assert_eq!(read.len(), 10);
        }
    }
}
