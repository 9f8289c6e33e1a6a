//! The one seam to the network.
//!
//! A [`Transport`] takes a [`Request`] and gives a [`Response`] or a [`TransportError`] that says whether the request
//! may have reached the vendor. Everything else (retries, time-outs, limits, meaning) is decided above it, so that a
//! transport made for a test behaves like the real one.

mod client;
mod message;

pub use client::{HttpOptions, HttpTransport, Proxy};
pub use message::{Body, BodyStream, Method, Request, Response};

use std::future::Future;
use std::sync::Arc;

use async_trait::async_trait;

/// Sends one request and gives its answer, exactly once: no retry, no redirect, no cookie.
///
/// Implement it to test code that deletes without a network, or use [`from_fn`].
#[async_trait]
pub trait Transport: Send + Sync + 'static {
    /// Sends `request` and waits for the status and headers of its answer; the body follows through [`Response`].
    ///
    /// # Errors
    /// A [`TransportError`] when no status line arrived. Its kind must be truthful: all but
    /// [`TransportErrorKind::Interrupted`] and [`TransportErrorKind::ResponseTooLarge`] promise that the vendor has not
    /// processed the request.
    async fn send(&self, request: Request) -> Result<Response, TransportError>;
}

#[async_trait]
impl<T: Transport + ?Sized> Transport for Arc<T> {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        (**self).send(request).await
    }
}

/// A transport made of a function, for tests.
///
/// ```
/// use delete_core::http::{self, Response};
///
/// let transport = http::from_fn(|request| async move {
///     assert_eq!(request.path_and_query(), "/v2/conversations/c123456?hard=true");
///     Ok(Response::new(204))
/// });
/// ```
pub fn from_fn<F, R>(answer: F) -> impl Transport
where
    F: Fn(Request) -> R + Send + Sync + 'static,
    R: Future<Output = Result<Response, TransportError>> + Send + 'static,
{
    FnTransport(answer)
}

struct FnTransport<F>(F);

#[async_trait]
impl<F, R> Transport for FnTransport<F>
where
    F: Fn(Request) -> R + Send + Sync + 'static,
    R: Future<Output = Result<Response, TransportError>> + Send + 'static,
{
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        (self.0)(request).await
    }
}

/// Why no answer arrived.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TransportError {
    kind: TransportErrorKind,
    message: String,
}

/// What is known of a request that got no answer.
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
    /// The server said that it did not process the request (HTTP/2 `REFUSED_STREAM`, or a `GOAWAY` that excludes it).
    /// A later attempt may succeed.
    NotProcessed,
    /// A response came whose head is larger than this client reads: the vendor may have acted. A retry meets the same.
    ResponseTooLarge,
    /// The request could not be put together. Nothing was sent; trying again changes nothing.
    InvalidRequest,
    /// The connection broke or timed out after (part of) the request was sent: the vendor may have acted.
    Interrupted,
}

impl TransportError {
    /// An error of this kind; `message` says what happened, without secrets.
    pub fn new(kind: TransportErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// What is known of the request.
    pub fn kind(&self) -> TransportErrorKind {
        self.kind
    }
}
