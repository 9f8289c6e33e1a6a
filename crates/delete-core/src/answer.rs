//! An answer as it was read within bounds, before anybody says what it means.

use std::fmt;

use http::{HeaderMap, header};
use serde::de::IgnoredAny;
use serde_json::Value;

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

    /// Whether the body is JSON in the shape of an error, which no success status makes a success: `false`, or an object
    /// in which `success` or `ok` is not true, or that has `detail`, or `details`, `error` or `errors` that are not empty.
    pub fn is_error_json(&self) -> bool {
        match serde_json::from_slice(&self.body) {
            Ok(Value::Bool(is_good)) => !is_good,
            Ok(Value::Object(fields)) => {
                let denies = |name| fields.get(name).is_some_and(|value: &Value| *value != Value::Bool(true));
                let tells = |name: &&str| fields.get(*name).is_some_and(|value| !is_nothing(value));
                let denies_any = denies("success") || denies("ok");
                denies_any || fields.contains_key("detail") || ["details", "error", "errors"].iter().any(tells)
            }
            _ => false,
        }
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

/// Whether a field for errors says that there is none.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::String(text) => text.is_empty(),
        _ => false,
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

    #[test]
    fn json_in_the_shape_of_an_error_is_told_from_a_success() {
        let is_error = |body: &str| Answer::new(200, HeaderMap::new(), body.into(), BodyEnd::Complete).is_error_json();
        for body in [
            "false",
            r#"{"success":false}"#,
            r#"{"success":"false"}"#,
            r#"{"success":null}"#,
            r#"{"ok":false,"reason":"x"}"#,
            r#"{"error":"x"}"#,
            r#"{"errors":[{"message":"x"}]}"#,
            r#"{"detail":{"status":"x"}}"#,
            r#"{"detail":"x"}"#,
            r#"{"detail":null}"#,
            r#"{"detail":[{"loc":[]}]}"#,
            r#"{"requestid":"r","details":"x"}"#,
        ] {
            assert!(is_error(body), "{body}");
        }
        for body in [
            "",
            "null",
            "true",
            "{}",
            "[]",
            "1",
            "\"ok\"",
            r#"{"success":true}"#,
            r#"{"ok":true,"error":null}"#,
            r#"{"errors":[]}"#,
            r#"{"conversation_id":"c1","status":"ended"}"#,
            "<html>error</html>",
        ] {
            assert!(!is_error(body), "{body}");
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
