//! The seam to the network, on the types of the crate [`http`](::http).
//!
//! A [`Transport`] sends one [`Request`] and returns a [`Response`], or a [`TransportError`] that says whether the request
//! may have reached the vendor. Retries, time-outs, limits and the meaning of a response are decided above it, so a
//! transport can be wrapped, recorded, or replaced in a test without changing any of them.

mod body;
mod client;

pub use ::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode};
pub use body::Body;
pub use bytes::Bytes;
pub use client::{HttpOptions, HttpTransport, Proxy};

use std::future::Future;
use std::sync::Arc;

use async_trait::async_trait;

/// Sends one request exactly once: no retry, no redirect, no cookie.
///
/// The URI of a request is absolute. Its headers are complete, and those that hold a credential are marked
/// [sensitive](HeaderValue::is_sensitive), so that their `Debug` hides them. The body of a request for an OAuth token
/// holds the client secret, and the `Debug` of [`Request<Bytes>`](Request) would print it: log method, URI and headers,
/// never the whole request.
#[async_trait]
pub trait Transport: Send + Sync + 'static {
    /// Sends `request` and returns its response as soon as status and headers have arrived; the [`Body`] follows.
    ///
    /// # Errors
    /// A [`TransportError`] if no response arrived. Its kind must be truthful: all but
    /// [`TransportErrorKind::Interrupted`] and [`TransportErrorKind::ResponseTooLarge`] promise that the vendor has not
    /// processed the request.
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Body>, TransportError>;
}

#[async_trait]
impl<T: Transport + ?Sized> Transport for Arc<T> {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Body>, TransportError> {
        (**self).send(request).await
    }
}

/// Makes a transport of a function, for tests.
///
/// ```
/// use delete_core::{http, testing::response};
///
/// let transport = http::from_fn(|request| async move {
///     assert_eq!(request.uri(), "https://tavusapi.com/v2/conversations/c123456?hard=true");
///     Ok(response(204, ""))
/// });
/// ```
pub fn from_fn<F, R>(respond: F) -> impl Transport
where
    F: Fn(Request<Bytes>) -> R + Send + Sync + 'static,
    R: Future<Output = Result<Response<Body>, TransportError>> + Send + 'static,
{
    FnTransport(respond)
}

struct FnTransport<F>(F);

#[async_trait]
impl<F, R> Transport for FnTransport<F>
where
    F: Fn(Request<Bytes>) -> R + Send + Sync + 'static,
    R: Future<Output = Result<Response<Body>, TransportError>> + Send + 'static,
{
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Body>, TransportError> {
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
