use std::error::Error as StdError;

use crate::cause::Cause;

/// Why no response arrived. [`source`](StdError::source) returns the cause, if the transport kept it.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct TransportError {
    kind: TransportErrorKind,
    message: String,
    #[source]
    source: Option<Cause>,
}

/// What is known of a request without a response.
///
/// [`Interrupted`](Self::Interrupted), [`ResponseTooLarge`](Self::ResponseTooLarge) and
/// [`RedirectFollowed`](Self::RedirectFollowed) mean that the vendor may have acted. All others promise that it did not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// No connection was made, so nothing was sent. A later attempt may succeed.
    NotSent,
    /// The server's certificate was refused before anything was sent. A retry changes nothing. (A handshake that fails
    /// for another reason is [`NotSent`](Self::NotSent).)
    Tls,
    /// The proxy refused the user name or password (407) before anything was sent to the vendor. A retry changes
    /// nothing.
    ProxyRefused,
    /// The server reported that it did not process the request (HTTP/2 `REFUSED_STREAM`, or a `GOAWAY` that excludes
    /// it). A later attempt may succeed.
    NotProcessed,
    /// The head of the response is larger than this client reads. A retry gets the same response.
    ResponseTooLarge,
    /// The response came from another URL than the request's: the HTTP client followed a redirect.
    RedirectFollowed,
    /// The request could not be built, so nothing was sent. A retry changes nothing.
    InvalidRequest,
    /// The connection was lost or timed out after (part of) the request was sent.
    Interrupted,
}

impl TransportErrorKind {
    /// Returns whether the vendor may have processed the request.
    pub fn may_have_arrived(self) -> bool {
        matches!(self, Self::Interrupted | Self::ResponseTooLarge | Self::RedirectFollowed)
    }
}

impl TransportError {
    /// Creates an error; `message` says what happened, without secrets.
    pub fn new(kind: TransportErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), source: None }
    }

    /// Keeps the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.source = Some(Cause::new(source));
        self
    }

    pub(crate) fn invalid_request(message: impl Into<String>) -> Self {
        Self::new(TransportErrorKind::InvalidRequest, message)
    }

    /// Returns what is known of the request.
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }
}
