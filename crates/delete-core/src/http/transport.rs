use std::future::Future;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Request, Response};

use super::{Body, TransportError};

/// Sends one request exactly once: no retry, no redirect, no cookie.
///
/// The URI of a request is absolute. Its headers are complete, and those that hold a credential are marked
/// [sensitive](http::HeaderValue::is_sensitive), so that their `Debug` hides them. The body of a request for an OAuth
/// token holds the client secret, and the `Debug` of `Request<Bytes>` would print it: log method, URI and headers, never
/// the whole request. A response body may hold personal data.
#[async_trait]
pub trait Transport: Send + Sync + 'static {
    /// Sends `request` and returns its response as soon as status and headers have arrived; the [`Body`] follows.
    ///
    /// # Errors
    /// A [`TransportError`] if no response arrived. Its kind must be truthful: see
    /// [`TransportErrorKind`](super::TransportErrorKind).
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
