//! What is sent, and what comes out of a call that succeeded.

use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Uri, header};

use crate::base_url::Collection;
use crate::error::Error;
use crate::operation::Operation;
use crate::outcome::Outcome;
use crate::response::{BufferedResponse, LONG_BODY, ResponseRules, SHORT_BODY};

/// A request as it is sent in each attempt, and how its responses are classified.
pub(super) struct RequestSpec<'a> {
    pub(super) operation: Operation,
    pub(super) rules: &'a ResponseRules,
    collection: &'a Collection,
    uri: Uri,
    body: Option<(&'static str, Bytes)>,
}

impl<'a> RequestSpec<'a> {
    pub(super) fn new(
        operation: Operation,
        collection: &'a Collection,
        url: String,
        rules: &'a ResponseRules,
    ) -> Result<Self, Error> {
        let uri = Uri::try_from(url)
            .map_err(|error| Error::invalid_input(format!("the URL of the request cannot be sent: {error}")))?;
        Ok(Self { operation, rules, collection, uri, body: None })
    }

    pub(super) fn with_body(mut self, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        self.body = Some((content_type, body.into()));
        self
    }

    pub(super) fn method(&self) -> Method {
        match self.operation {
            Operation::Delete => Method::DELETE,
            Operation::Read => Method::GET,
            Operation::End | Operation::Token => Method::POST,
        }
    }

    /// The most that is read of the body of a success.
    pub(super) fn body_limit(&self) -> usize {
        if self.operation == Operation::Read { LONG_BODY } else { SHORT_BODY }
    }

    /// The path with `{id}` instead of each id.
    pub(super) fn url_template(&self) -> String {
        self.collection.url_template(self.uri.path())
    }

    pub(super) fn host(&self) -> Option<&str> {
        self.uri.host()
    }

    /// The request with the headers that all requests of a client carry.
    pub(super) fn request(&self, headers: HeaderMap) -> Request<Bytes> {
        let mut request = Request::new(Bytes::new());
        *request.method_mut() = self.method();
        *request.uri_mut() = self.uri.clone();
        *request.headers_mut() = headers;
        let headers = request.headers_mut();
        if let Some((name, value)) = self.collection.header() {
            headers.insert(name.clone(), value.clone());
        }
        if let Some((content_type, body)) = &self.body {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
            *request.body_mut() = body.clone();
        } else if self.method() == Method::POST {
            // Some servers reject a POST without a length.
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        request
    }
}

/// The response to a call that succeeded.
pub(super) struct Completed {
    pub(super) response: BufferedResponse,
    /// `None` for a read or a token.
    pub(super) outcome: Option<Outcome>,
    pub(super) request_id: Option<String>,
    pub(super) headers: Option<Arc<HeaderMap>>,
}
