//! The transport of production: reqwest, with everything turned off that could send a request twice or elsewhere.

mod build;
mod failure;
mod pool;
mod proxy;
mod tls;
mod urls;

use std::pin::Pin;

use bytes::Bytes;
use futures_util::future::{self, FutureExt};
use futures_util::stream;
use http::{Request, Response};
use url::Url;

use super::{Body, HttpOptions, Transport, TransportError, TransportErrorKind};
use build::build;
use failure::read_error;
use pool::{GivenUp, SharedPool};
use urls::Urls;

/// The transport of production. Speaks HTTP/1.1, and HTTP/2 if the server offers it over TLS.
///
/// It follows no redirect, sends a request once, and accepts no compressed body. Clones share its connections. A
/// connection on which a request was given up (a time-out, a dropped future) is not used again.
#[derive(Clone, Debug)]
pub struct HttpTransport {
    pool: SharedPool,
    urls: Urls,
}

impl HttpTransport {
    /// Builds the connection pool. No connection is made yet.
    ///
    /// # Errors
    /// [`TransportErrorKind::InvalidRequest`] if a certificate, the client's key, the proxy's URL or a proxy variable
    /// cannot be read, the system's certificates cannot be loaded, or rustls has no crypto provider.
    pub fn new(options: &HttpOptions) -> Result<Self, TransportError> {
        Ok(Self { pool: SharedPool::new(build(options)?, Some(options.clone())), urls: Urls::default() })
    }

    /// Sends through a client that was built elsewhere, and shares its connections.
    ///
    /// You are responsible for what [`new`](Self::new) otherwise ensures:
    ///
    /// * Redirects: build the client with `redirect(Policy::none())`. A response from another URL than the request's is
    ///   refused as [`TransportErrorKind::RedirectFollowed`], but by then the credential was sent there, and a redirect
    ///   that leads back to the first URL is not noticed. reqwest does not report whether a redirect came before a
    ///   failure, so every failure counts as [`TransportErrorKind::Interrupted`], even a refused connection.
    /// * Retries: turn them off with `retry(reqwest::retry::never())`.
    /// * Proxy: choose one or `no_proxy()`; by default reqwest uses that of the environment.
    /// * Connections: a request that was given up does not replace an HTTP/2 connection, which later ones share.
    #[cfg(feature = "reqwest-client")]
    pub fn from_client(client: reqwest::Client) -> Self {
        Self { pool: SharedPool::new(client, None), urls: Urls::default() }
    }
}

/// The most headers of a response. It is hyper's limit for HTTP/1; HTTP/2 has none of its own.
const MAX_HEADERS: usize = 100;

impl Transport for HttpTransport {
    // Written out, because an `async fn` would keep room for the request until its end.
    fn send<'a, 'f>(
        &'a self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Result<Response<Body>, TransportError>> + Send + 'f>>
    where
        'a: 'f,
        Self: 'f,
    {
        match self.request(request) {
            Ok(request) => self.execute(request).boxed(),
            Err(error) => future::ready(Err(error)).boxed(),
        }
    }
}

impl HttpTransport {
    fn request(&self, request: Request<Bytes>) -> Result<reqwest::Request, TransportError> {
        let url = self.urls.parse(request.uri())?;
        let (head, body) = request.into_parts();
        let mut request = reqwest::Request::new(head.method, url);
        *request.version_mut() = head.version;
        *request.headers_mut() = head.headers;
        *request.body_mut() = Some(body.into());
        Ok(request)
    }

    fn execute(
        &self,
        request: reqwest::Request,
    ) -> impl Future<Output = Result<Response<Body>, TransportError>> + Send {
        // Our own client follows no redirect.
        let url = self.pool.is_foreign().then(|| Box::new(request.url().clone()));
        let pool = self.pool.current();
        let response = pool.client.execute(request);
        async move {
            let mut given_up = GivenUp::new(&self.pool, &pool);
            let sent = response.await;
            given_up.disarm();
            let received = sent.map_err(|error| self.pool.read_send_error(error))?;
            pool.note_version(received.version());
            check_head(url.as_deref(), &received)?;
            Ok(read_head(received, given_up))
        }
    }
}

fn check_head(url: Option<&Url>, received: &reqwest::Response) -> Result<(), TransportError> {
    if url.is_some_and(|url| received.url() != url) {
        let message =
            format!("the HTTP client followed a redirect to {}", received.url().origin().ascii_serialization());
        return Err(TransportError::new(TransportErrorKind::RedirectFollowed, message));
    }
    if received.headers().len() > MAX_HEADERS {
        return Err(TransportError::new(TransportErrorKind::ResponseTooLarge, "it has more than 100 headers"));
    }
    Ok(())
}

fn read_head(mut received: reqwest::Response, given_up: GivenUp) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = received.status();
    *response.version_mut() = received.version();
    *response.headers_mut() = std::mem::take(received.headers_mut());
    if received.content_length() != Some(0) {
        *response.body_mut() = body(received, given_up);
    }
    response
}

fn body(received: reqwest::Response, given_up: GivenUp) -> Body {
    Body::from_stream(stream::try_unfold((received, given_up), |(mut received, mut given_up)| async move {
        given_up.arm();
        let chunk = received.chunk().await;
        given_up.disarm();
        Ok(chunk.map_err(read_error)?.map(|chunk| (chunk, (received, given_up))))
    }))
}
