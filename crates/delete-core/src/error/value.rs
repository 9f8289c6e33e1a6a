use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;

use super::kind::ErrorKind;
use crate::cause::Cause;
use crate::operation::Operation;
use crate::{Attempt, Delivery, Vendor};

/// Why a call failed, whether it may have taken effect, and what to do next.
///
/// `Display` is one line without secrets: the vendor, what happened and why, what is known of the record, and what to do.
/// [`source`](std::error::Error::source) is the original cause, such as a
/// [`TransportError`](crate::http::TransportError) or the error of a [`TokenSource`](crate::TokenSource), and can be
/// downcast. In JSON (see [`Deletion`](crate::Deletion#json)) it becomes its text.
///
/// [`Error::builder`] makes one, for decorators and mocks of a [`Deleter`](crate::Deleter).
#[derive(Clone)]
pub struct Error(pub(super) Box<Inner>);

#[derive(Clone)]
pub(super) struct Inner {
    pub(super) kind: ErrorKind,
    pub(super) message: String,
    pub(super) vendor: Option<Vendor>,
    pub(super) status: Option<u16>,
    pub(super) vendor_code: Option<String>,
    pub(super) request_id: Option<String>,
    pub(super) retry_after: Option<Duration>,
    pub(super) attempts: Arc<[Attempt]>,
    pub(super) delivery: Delivery,
    pub(super) headers: Arc<HeaderMap>,
    pub(super) is_retryable: bool,
    pub(super) operation: Operation,
    pub(super) stage: Stage,
    /// No token could be obtained for the call.
    pub(super) is_without_token: bool,
    pub(super) source: Option<Cause>,
}

/// How far a call came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "snake_case"))]
pub(super) enum Stage {
    /// To its own request.
    #[default]
    Request,
    /// To its own request, which the server refused without processing it.
    Unprocessed,
    /// To the lookup before a delete.
    Lookup,
    /// To what belongs to the record: parts of it may be deleted, and the record itself was kept.
    Parts,
}

impl Error {
    /// The kind of failure.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// What happened, without the vendor, the cause and the advice that `Display` adds.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The vendor that was called; `None` if an id or a key was refused before a vendor was known.
    pub fn vendor(&self) -> Option<Vendor> {
        self.0.vendor
    }

    /// The HTTP status of the last response, if one came.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The vendor's own code for the failure, such as `A0007`, cut to 64 characters.
    pub fn vendor_code(&self) -> Option<&str> {
        self.0.vendor_code.as_deref()
    }

    /// The id that the vendor gave to the last request, for its support.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// How long to wait before the next request, counted from when the call returned: the vendor's `Retry-After`, or the
    /// wait under the client's own rate limit.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// All requests of the call, in order; empty if nothing was sent.
    pub fn attempts(&self) -> &[Attempt] {
        &self.0.attempts
    }

    /// The headers of the last response that are kept: its date and request ids, and what a vendor announces.
    pub fn headers(&self) -> &HeaderMap {
        &self.0.headers
    }

    /// What is known of the call's requests: [`Delivery::MaybeDelivered`] if any of them was ambiguous. A lookup may be
    /// ambiguous too, but [`may_have_taken_effect`](Self::may_have_taken_effect) is false for it.
    pub fn delivery(&self) -> Delivery {
        self.0.delivery
    }

    /// Whether the same call may succeed later although nobody changes anything.
    pub fn is_retryable(&self) -> bool {
        self.0.is_retryable
    }

    /// Whether the record may have been deleted (or the conversation ended) although the call failed. False for a failed
    /// lookup, and if no token could be obtained.
    pub fn may_have_taken_effect(&self) -> bool {
        if matches!(self.0.operation, Operation::Read | Operation::Token) {
            return false;
        }
        match self.0.delivery {
            Delivery::MaybeDelivered => true,
            Delivery::Answered => self.0.kind == ErrorKind::UnexpectedResponse && !self.0.is_without_token,
            Delivery::NotSent => false,
        }
    }

    /// Whether the vendor refused the credential, or the credential lacks a permission. Every other call with it would
    /// fail too.
    pub fn is_credential_refused(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Unauthenticated | ErrorKind::MissingScope)
    }

    /// Whether every other call of this client would fail too until somebody changes something: a refused credential or
    /// certificate, no credit, a wrong configuration, a token endpoint that gives no token. A run should stop.
    pub fn is_fatal_for_client(&self) -> bool {
        self.is_credential_refused()
            || matches!(
                self.0.kind,
                ErrorKind::PaymentRequired | ErrorKind::Tls | ErrorKind::Configuration | ErrorKind::WrongTarget
            )
            || (self.0.is_without_token && !self.0.is_retryable)
    }

    /// Whether no request left at all.
    pub(super) fn has_sent_nothing(&self) -> bool {
        let is_unsent = |attempt: &Attempt| attempt.delivery() == Delivery::NotSent;
        let is_own = self.0.stage == Stage::Request && !self.0.is_without_token;
        is_own && self.0.attempts.iter().all(is_unsent)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|cause| cause as _)
    }
}
