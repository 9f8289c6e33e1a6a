//! What goes into an attempt, and what comes out of a call that was done.

use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::{HeaderValue, header};
use url::Url;

use crate::base_url::Collection;
use crate::deletion::Deletion;
use crate::http::{Method, Request};
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

    pub(super) fn request(&self) -> Request {
        let mut request = self.place.request(self.method, self.url.clone());
        if let Some((content_type, body)) = &self.body {
            return request.with_body(content_type, body.clone());
        }
        if self.method == Method::Post {
            // Some servers want to be told that nothing follows.
            request.insert_header(header::CONTENT_LENGTH, HeaderValue::from_static("0"));
        }
        request
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
