//! HTTP/1.1 as bytes: requests read, replies written.
//!
//! An HTTP library hides what a test wants to see (every byte of the target) and cannot do what a fault must do (a head in
//! pieces, a reset), so the protocol is spoken here, on top of the `httparse` parser.

use std::fmt::Write as _;

use crate::message::{Delivery, FakeReply, FakeRequest};

const MAX_HEADERS: usize = 128;
const MAX_HEAD: usize = 64 * 1024;

/// Large enough to seed a million ids in one call.
const MAX_BODY: usize = 128 * 1024 * 1024;

/// How much longer a truncated body was announced to be than it is.
const PROMISED: usize = 64;

/// What the start of a buffer holds.
pub(crate) enum Parsed {
    /// A whole request that takes this many bytes.
    Request { request: FakeRequest, length: usize, keep_alive: bool },
    /// The beginning of one; the client may wait for `100 Continue` before it sends the rest.
    Partial { expects_continue: bool },
    /// Nothing that could become a request.
    Malformed(&'static str),
}

/// Reads a request from the start of `buffer`.
pub(crate) fn parse(buffer: &[u8]) -> Parsed {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut head = httparse::Request::new(&mut headers);
    match head.parse(buffer) {
        Ok(httparse::Status::Complete(length)) => with_body(&head, length, buffer),
        Ok(httparse::Status::Partial) if buffer.len() <= MAX_HEAD => Parsed::Partial { expects_continue: false },
        Ok(httparse::Status::Partial) => Parsed::Malformed("the head is too long"),
        Err(_) => Parsed::Malformed("the head is not HTTP/1.1"),
    }
}

fn with_body(head: &httparse::Request<'_, '_>, head_length: usize, buffer: &[u8]) -> Parsed {
    let mut request = FakeRequest::new(head.method.unwrap_or_default(), head.path.unwrap_or_default());
    for header in head.headers.iter() {
        request.push_header(header.name, &String::from_utf8_lossy(header.value));
    }
    let rest = &buffer[head_length..];
    let body = match body_kind(&request) {
        Ok(BodyKind::Length(length)) if length > MAX_BODY => Err("the body is too long"),
        Ok(BodyKind::Length(length)) => Ok(rest.get(..length).map(|body| (body.to_vec(), length))),
        Ok(BodyKind::Chunked) if rest.len() > MAX_BODY => Err("the body is too long"),
        Ok(BodyKind::Chunked) => unchunk(rest),
        Err(problem) => Err(problem),
    };
    match body {
        Err(problem) => Parsed::Malformed(problem),
        Ok(None) => {
            let expects = request.header("expect").is_some_and(|value| value.eq_ignore_ascii_case("100-continue"));
            Parsed::Partial { expects_continue: expects && rest.is_empty() }
        }
        Ok(Some((body, length))) => {
            let keep_alive = keeps_alive(&request, head.version);
            Parsed::Request { request: request.with_body(body), length: head_length + length, keep_alive }
        }
    }
}

enum BodyKind {
    Length(usize),
    Chunked,
}

fn body_kind(request: &FakeRequest) -> Result<BodyKind, &'static str> {
    match (request.header("transfer-encoding"), request.header("content-length")) {
        (Some(coding), _) if coding.eq_ignore_ascii_case("chunked") => Ok(BodyKind::Chunked),
        (Some(_), _) => Err("the transfer coding is not known"),
        (None, None) => Ok(BodyKind::Length(0)),
        (None, Some(length)) => length.parse().map(BodyKind::Length).map_err(|_| "the content length is not a number"),
    }
}

/// The body of all chunks and the bytes they took; `None` while chunks are missing.
fn unchunk(bytes: &[u8]) -> Result<Option<(Vec<u8>, usize)>, &'static str> {
    let mut body = Vec::new();
    let mut at = 0;
    loop {
        let (start, size) = match httparse::parse_chunk_size(&bytes[at..]) {
            Ok(httparse::Status::Complete((start, size))) => (start, usize::try_from(size).unwrap_or(usize::MAX)),
            Ok(httparse::Status::Partial) => return Ok(None),
            Err(_) => return Err("a chunk has no size"),
        };
        at += start;
        if size == 0 {
            return Ok(end_of_trailers(&bytes[at..]).map(|end| (body, at + end)));
        }
        // A chunk ends with a line break, whatever its size claims to be.
        let next = at.saturating_add(size).saturating_add(2);
        if next > bytes.len() {
            return Ok(None);
        }
        body.extend_from_slice(&bytes[at..next - 2]);
        at = next;
    }
}

/// Trailers are lines up to an empty one; nobody needs them here.
fn end_of_trailers(bytes: &[u8]) -> Option<usize> {
    if bytes.starts_with(b"\r\n") {
        return Some(2);
    }
    bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4)
}

fn keeps_alive(request: &FakeRequest, version: Option<u8>) -> bool {
    let connection = request.header("connection").unwrap_or_default();
    version == Some(1) && !connection.eq_ignore_ascii_case("close")
}

/// A reply as bytes: its head, and what is sent of its body.
pub(crate) fn write(reply: &FakeReply, is_head: bool, keep_alive: bool) -> (Vec<u8>, &[u8]) {
    let status = reply.status();
    let reason =
        http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or_default();
    let mut head = String::with_capacity(256);
    // Writing to a `String` cannot fail.
    let _ = write!(head, "HTTP/1.1 {status} {reason}\r\n");
    for (name, value) in reply.headers() {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    let truncated = reply.delivery() == Delivery::Truncated;
    let announced = reply.body().len() + if truncated { PROMISED } else { 0 };
    // RFC 9110, section 8.6: no length on a 204; a 304 has no body either. A fault may set a length of its own.
    if !matches!(status, 204 | 304) && reply.header("content-length").is_none() {
        let _ = write!(head, "content-length: {announced}\r\n");
    }
    if !keep_alive && reply.header("connection").is_none() {
        head.push_str("connection: close\r\n");
    }
    head.push_str("\r\n");
    let body = match () {
        () if is_head || matches!(status, 204 | 304) => &[],
        () if truncated => reply.first_half(),
        () => reply.body(),
    };
    (head.into_bytes(), body)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(bytes: &[u8]) -> (FakeRequest, usize, bool) {
        match parse(bytes) {
            Parsed::Request { request, length, keep_alive } => (request, length, keep_alive),
            Parsed::Partial { .. } => panic!("partial"),
            Parsed::Malformed(problem) => panic!("{problem}"),
        }
    }

    #[test]
    fn the_raw_target_is_kept() {
        let (request, length, keep_alive) = whole(b"DELETE /a/../%2e%2E//b\\c?x#y HTTP/1.1\r\nHost: h\r\n\r\nGET");
        assert_eq!(request.target(), "/a/../%2e%2E//b\\c?x#y");
        assert_eq!((length, keep_alive), (50, true));
    }

    #[test]
    fn bodies_of_both_kinds_are_read() {
        let (request, ..) = whole(b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcd");
        assert_eq!(request.body(), b"abc");
        let chunked =
            b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\nx: y\r\n\r\nrest";
        let (request, length, _) = whole(chunked);
        assert_eq!(request.body(), b"abc");
        assert_eq!(length, chunked.len() - 4);
    }

    #[test]
    fn every_beginning_of_a_request_is_partial() {
        for text in [
            "POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n",
        ] {
            for end in 0..text.len() {
                assert!(matches!(parse(&text.as_bytes()[..end]), Parsed::Partial { .. }), "{end} of {text:?}");
            }
        }
    }

    #[test]
    fn no_size_of_a_body_or_a_chunk_is_too_large_to_reckon_with() {
        for size in ["7fffffffffffffff", "fffffffffffffff0", "fffffffffffffffe", "ffffffffffffffff"] {
            let chunk = format!("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n{size}\r\nab");
            assert!(matches!(parse(chunk.as_bytes()), Parsed::Partial { .. }), "{size}");
        }
        for length in ["9223372036854775807", "18446744073709551615", "99999999999999999999"] {
            let head = format!("POST / HTTP/1.1\r\nContent-Length: {length}\r\n\r\n");
            assert!(matches!(parse(head.as_bytes()), Parsed::Malformed(_)), "{length}");
        }
    }

    #[test]
    fn nonsense_is_malformed() {
        for text in [
            "\0\0\0",
            "GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
            "GET / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
        ] {
            assert!(matches!(parse(text.as_bytes()), Parsed::Malformed(_)), "{text:?}");
        }
    }
}
