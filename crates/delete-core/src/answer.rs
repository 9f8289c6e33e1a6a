//! An answer as it was read within bounds, before anybody says what it means.

use std::fmt;

use http::{HeaderMap, header};
use serde::de::IgnoredAny;

use crate::denial;
use crate::transport::Body;

/// The most that is read of an error, or of the answer to a delete.
pub(crate) const SHORT_BODY: usize = 64 * 1024;

/// The most that is read of a page of records. A page of 100 conversations with all their messages has some megabytes.
pub(crate) const LONG_BODY: usize = 64 * 1024 * 1024;

/// The status, the headers and as much of the body as came and was wanted.
pub struct Answer {
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
    BrokenOff,
}

/// What the body of an answer is, as far as a success can be told from a login page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// No bytes, or white space.
    Empty,
    /// A complete JSON text.
    Json,
    /// The beginning of something that may have become JSON; the rest did not come, or was not read.
    CutOff,
    /// Anything else, such as HTML.
    Other,
}

impl Answer {
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
    pub fn content(&self) -> Content {
        let visible = self.body.trim_ascii();
        let parsed = serde_json::from_slice::<IgnoredAny>(visible);
        match (self.is_complete(), parsed) {
            (true, _) if visible.is_empty() => Content::Empty,
            (true, Ok(_)) => Content::Json,
            (false, _) if visible.is_empty() && !self.says_html() => Content::CutOff,
            // Only what could still become JSON counts as the beginning of it.
            (false, Ok(_)) => Content::CutOff,
            (false, Err(error)) if error.is_eof() && !visible.is_empty() => Content::CutOff,
            _ => Content::Other,
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
        self.content() == Content::CutOff && self.body.trim_ascii_start().starts_with(b"{")
    }

    fn says_html(&self) -> bool {
        self.header(header::CONTENT_TYPE.as_str()).is_some_and(|value| value.to_ascii_lowercase().contains("html"))
    }
}

impl fmt::Debug for Answer {
    /// A body may hold anything, so it is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let len = self.body.len();
        f.debug_struct("Answer").field("status", &self.status).field("body_len", &len).finish_non_exhaustive()
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
            Err(_) => return BodyEnd::BrokenOff,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content(body: &str, end: BodyEnd, content_type: &str) -> Content {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, content_type.parse().unwrap());
        Answer::new(200, headers, body.into(), end).content()
    }

    #[test]
    fn tells_json_from_a_login_page() {
        use BodyEnd::{BrokenOff, Complete, OverLimit};
        for (body, end, content_type, expected) in [
            ("", Complete, "text/html", Content::Empty),
            (" \r\n", Complete, "text/plain", Content::Empty),
            ("null", Complete, "application/json", Content::Json),
            ("\"\"", Complete, "text/html", Content::Json),
            ("{\"a\":1}\n", Complete, "", Content::Json),
            ("<html>", Complete, "application/json", Content::Other),
            ("{}{}", Complete, "application/json", Content::Other),
            ("OK", Complete, "text/plain", Content::Other),
            ("{\"a", BrokenOff, "application/json", Content::CutOff),
            ("", BrokenOff, "application/json", Content::CutOff),
            ("", BrokenOff, "text/HTML; charset=utf-8", Content::Other),
            (" <!doctype", OverLimit, "", Content::Other),
            ("\u{feff}<!doctype", OverLimit, "text/plain", Content::Other),
            ("Sign in", BrokenOff, "text/plain", Content::Other),
            ("Please sign in", OverLimit, "application/json", Content::Other),
            ("nu", BrokenOff, "", Content::CutOff),
            ("{\"a\":\"", BrokenOff, "text/html", Content::CutOff),
            ("[1,", OverLimit, "", Content::CutOff),
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
