use std::fmt::{self, Display, Formatter};

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use super::TransportError;

/// The HTTP methods that the crates use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Method {
    /// `DELETE`
    Delete,
    /// `GET`
    Get,
    /// `POST`
    Post,
}

impl Method {
    /// The method as it stands in a request line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delete => "DELETE",
            Self::Get => "GET",
            Self::Post => "POST",
        }
    }
}

impl Display for Method {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// One request, complete with its credential.
///
/// `Debug` shows no value of a secret header, and no body.
#[derive(Clone)]
pub struct Request {
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Bytes,
}

impl Request {
    pub(crate) fn new(method: Method, url: Url) -> Self {
        // Room for those that the crates send, so that the map grows once.
        Self { method, url, headers: HeaderMap::with_capacity(8), body: Bytes::new() }
    }

    pub(crate) fn with_body(mut self, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        self.headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        self.body = body.into();
        self
    }

    pub(crate) fn insert_header(&mut self, name: HeaderName, value: HeaderValue) {
        self.headers.insert(name, value);
    }

    pub(crate) fn into_parts(self) -> (Method, Url, HeaderMap, Bytes) {
        (self.method, self.url, self.headers, self.body)
    }

    /// The method.
    pub fn method(&self) -> Method {
        self.method
    }

    /// The whole URL.
    pub fn url(&self) -> &str {
        self.url.as_str()
    }

    /// The path and the query, as they stand in a request line.
    pub fn path_and_query(&self) -> &str {
        &self.url[url::Position::BeforePath..url::Position::AfterQuery]
    }

    /// The value of a header; names are compared without case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// All headers, with lower-case names. Secret values are included: do not log them.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)))
    }

    /// The body; empty where there is none.
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method.as_str())
            .field("url", &self.url.as_str())
            .field("headers", &self.headers)
            .field("body_len", &self.body.len())
            .finish()
    }
}

/// The answer to a request: status, headers, and a body that may still be on its way.
///
/// `Debug` shows no header and no body: a server may echo a credential in either.
pub struct Response {
    status: u16,
    headers: HeaderMap,
    body: Body,
}

impl Response {
    /// An answer without headers and body.
    pub fn new(status: u16) -> Self {
        Self { status, headers: HeaderMap::new(), body: Body::empty() }
    }

    /// Adds a header. A name or value that HTTP does not allow is left out.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            self.headers.append(name, value);
        }
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    /// The status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The first value of a header; names are compared without case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    pub(crate) fn from_parts(status: u16, headers: HeaderMap, body: Body) -> Self {
        Self { status, headers, body }
    }

    pub(crate) fn into_parts(self) -> (u16, HeaderMap, Body) {
        (self.status, self.headers, self.body)
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response").field("status", &self.status).field("body", &self.body).finish_non_exhaustive()
    }
}

/// The body of a [`Response`]: bytes at hand, or a stream of them.
///
/// `Debug` shows at most how many they are.
pub struct Body(BodyKind);

enum BodyKind {
    Whole(Bytes),
    Stream(Box<dyn BodyStream>),
}

impl Body {
    /// A body of no bytes.
    pub fn empty() -> Self {
        Self(BodyKind::Whole(Bytes::new()))
    }

    /// A body that arrives in pieces, or breaks off.
    pub fn stream(stream: impl BodyStream + 'static) -> Self {
        Self(BodyKind::Stream(Box::new(stream)))
    }

    /// The next piece; `None` at the end.
    pub(crate) async fn chunk(&mut self) -> Result<Option<Bytes>, TransportError> {
        match &mut self.0 {
            BodyKind::Whole(bytes) if bytes.is_empty() => Ok(None),
            BodyKind::Whole(bytes) => Ok(Some(std::mem::take(bytes))),
            BodyKind::Stream(stream) => Ok(stream.chunk().await?.map(Bytes::from)),
        }
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            BodyKind::Whole(bytes) => write!(f, "Body({} bytes)", bytes.len()),
            BodyKind::Stream(_) => f.write_str("Body(stream)"),
        }
    }
}

impl<T: Into<Vec<u8>>> From<T> for Body {
    fn from(bytes: T) -> Self {
        Self(BodyKind::Whole(Bytes::from(bytes.into())))
    }
}

/// A body that arrives in pieces.
#[async_trait]
pub trait BodyStream: Send {
    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// When the body breaks off before its announced end.
    async fn chunk(&mut self) -> Result<Option<Vec<u8>>, TransportError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transport_around_another_sees_status_and_headers() {
        let response = Response::new(429).with_header("Retry-After", "3").with_header("retry-after", "5");
        assert_eq!((response.status(), response.header("RETRY-AFTER")), (429, Some("3")));
        assert_eq!(response.header("no such name"), None);
    }

    #[test]
    fn an_answer_shows_no_more_than_its_status_and_length() {
        let response = Response::new(200).with_header("set-cookie", "s3cret").with_body("s3cret");
        assert_eq!(format!("{response:?}"), "Response { status: 200, body: Body(6 bytes), .. }");
    }
}
