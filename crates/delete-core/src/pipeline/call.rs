//! What goes into an attempt, and what comes out of a call that was done.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Uri, header};
use url::Url;

use crate::base_url::Collection;
use crate::deletion::Deletion;
use crate::http::{TransportError, TransportErrorKind};
use crate::operation::Operation;
use crate::outcome::{Attempt, ErasureMode, Outcome};
use crate::response::ResponseRules;
use crate::response::{BufferedResponse, LONG_BODY, SHORT_BODY};
use crate::{RecordId, Vendor};

/// What is sent, as often as need be, and how its answer is to be read.
pub(crate) struct Call<'a> {
    pub(super) operation: Operation,
    pub(super) method: Method,
    place: &'a Collection,
    url: Url,
    body: Option<(&'static str, Bytes)>,
    /// The most that is read of the body of a success.
    pub(super) body_limit: usize,
    pub(super) rules: &'a ResponseRules,
    /// When it must end, if that is not the client's total time.
    pub(super) deadline: Option<Instant>,
}

impl<'a> Call<'a> {
    pub(crate) fn new(method: Method, place: &'a Collection, url: Url, rules: &'a ResponseRules) -> Self {
        let body_limit = SHORT_BODY;
        Self { operation: Operation::Delete, method, place, url, body: None, body_limit, rules, deadline: None }
    }

    /// Makes it a call that changes nothing, whose answer may be long.
    pub(crate) fn for_reading(mut self) -> Self {
        self.operation = Operation::Read;
        self.body_limit = LONG_BODY;
        self
    }

    /// Makes it a call that ends a conversation.
    pub(crate) fn for_ending(mut self) -> Self {
        self.operation = Operation::End;
        self
    }

    pub(crate) fn with_body(mut self, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        self.body = Some((content_type, body.into()));
        self
    }

    /// Makes it a call that obtains a token, by `deadline`. It carries its credential in the body.
    pub(crate) fn for_token(mut self, deadline: Instant) -> Self {
        self.operation = Operation::Token;
        self.deadline = Some(deadline);
        self
    }

    /// The request without what all requests of a client carry.
    pub(super) fn request(&self) -> Result<Request<Bytes>, TransportError> {
        let uri = Uri::try_from(self.url.as_str())
            .map_err(|error| TransportError::new(TransportErrorKind::InvalidRequest, error.to_string()))?;
        let mut request = Request::new(Bytes::new());
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = uri;
        let headers = request.headers_mut();
        // Room for all of them, so that the map grows once.
        headers.reserve(8);
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.extend(self.place.header().cloned());
        if let Some((content_type, body)) = &self.body {
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
            *request.body_mut() = body.clone();
        } else if self.method == Method::POST {
            // Some servers want to be told that nothing follows.
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        Ok(request)
    }
}

/// A call that was done.
#[derive(Clone)]
pub(crate) struct Completed {
    pub(crate) response: Arc<BufferedResponse>,
    pub(super) outcome: Outcome,
    pub(super) request_id: Option<String>,
    pub(super) attempts: Arc<[Attempt]>,
}

impl Completed {
    pub(super) fn into_deletion(self, vendor: Vendor, id: RecordId, erasure: Option<ErasureMode>) -> Deletion {
        Deletion {
            erasure_mode: erasure,
            request_id: self.request_id,
            attempts: self.attempts,
            is_body_incomplete: !self.response.is_complete(),
            ..Deletion::new(vendor, id, self.outcome)
        }
    }
}
