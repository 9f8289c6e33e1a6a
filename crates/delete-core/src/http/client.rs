//! The transport of production: reqwest, with everything turned off that could send a request twice or elsewhere.

mod failure;
mod proxy;

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use futures_util::stream;
use http::{Request, Response, Version};

use super::{Body, Transport, TransportError, TransportErrorKind};
use failure::{chain, read_error};

/// Whether requests go through a proxy.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Proxy {
    /// No proxy, whatever the environment says. This is the default: requests that carry a key go through a proxy
    /// only where somebody chose it.
    #[default]
    None,
    /// The system's proxy: `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, or the operating system's setting.
    System,
    /// This proxy for all requests, such as `http://proxy.example:3128`.
    Url(String),
}

impl fmt::Debug for Proxy {
    /// A proxy's URL may hold a password, so it is not shown.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::System => "System",
            Self::Url(_) => "Url(…)",
        })
    }
}

/// What an [`HttpTransport`] is built from.
#[derive(Clone)]
pub struct HttpOptions {
    /// How long making a connection may take, TLS handshake included.
    pub connect_timeout: Duration,
    /// Whether requests go through a proxy.
    pub proxy: Proxy,
    /// Certificates (PEM, one or more each) that are trusted besides those of the system.
    pub root_certificates: Vec<Vec<u8>>,
    /// Whether the system's certificates are trusted. Where no request uses TLS they need not even be there.
    pub use_system_roots: bool,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            proxy: Proxy::None,
            root_certificates: Vec::new(),
            use_system_roots: true,
        }
    }
}

impl fmt::Debug for HttpOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpOptions")
            .field("connect_timeout", &self.connect_timeout)
            .field("proxy", &self.proxy)
            // They are no secret, but thousands of bytes each.
            .field("root_certificates", &self.root_certificates.len())
            .field("use_system_roots", &self.use_system_roots)
            .finish()
    }
}

/// The transport of production. Speaks HTTP/1.1, and HTTP/2 where the server offers it over TLS.
///
/// It follows no redirect and repeats nothing. It keeps connections open between requests; clones share them. A
/// connection on which a request was given up (a timeout, a dropped future) is not used again: later requests open a new
/// one.
#[derive(Clone, Debug)]
pub struct HttpTransport {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    options: HttpOptions,
    pool: RwLock<Pool>,
}

/// Connections that requests may share.
#[derive(Clone, Debug)]
struct Pool {
    client: reqwest::Client,
    generation: u64,
    protocols: Arc<Protocols>,
}

impl Pool {
    fn new(client: reqwest::Client, generation: u64) -> Self {
        Self { client, generation, protocols: Arc::default() }
    }
}

/// What the responses over these connections were written in.
#[derive(Debug, Default)]
struct Protocols {
    http_1: AtomicBool,
    http_2: AtomicBool,
}

impl Protocols {
    fn note(&self, version: Version) {
        let seen = if version == Version::HTTP_2 { &self.http_2 } else { &self.http_1 };
        seen.store(true, Ordering::Relaxed);
    }

    /// Whether requests share a connection, as far as is known. HTTP/1 closes that of a request that is given up.
    fn may_share(&self) -> bool {
        self.http_2.load(Ordering::Relaxed) || !self.http_1.load(Ordering::Relaxed)
    }
}

impl HttpTransport {
    /// Builds the connection pool. No connection is made yet.
    ///
    /// # Errors
    /// When a certificate, the proxy's URL or a proxy variable of the environment cannot be read, or the system's
    /// certificates cannot be loaded. The error's kind is [`TransportErrorKind::InvalidRequest`].
    pub fn new(options: &HttpOptions) -> Result<Self, TransportError> {
        let pool = RwLock::new(Pool::new(client(options)?, 0));
        Ok(Self { shared: Arc::new(Shared { options: options.clone(), pool }) })
    }
}

fn client(options: &HttpOptions) -> Result<reqwest::Client, TransportError> {
    let builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .connect_timeout(options.connect_timeout)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .http2_keep_alive_interval(KEEP_ALIVE_INTERVAL)
        .http2_keep_alive_timeout(KEEP_ALIVE_TIMEOUT)
        .http2_keep_alive_while_idle(true)
        .http2_max_header_list_size(MAX_HEADER_BYTES);
    let builder = with_tls(builder, options)?;
    let builder = match &options.proxy {
        Proxy::None => builder.no_proxy(),
        Proxy::System => {
            proxy::check_environment()?;
            builder
        }
        Proxy::Url(url) => builder.proxy(proxy::read(url)?),
    };
    builder.build().map_err(|error| invalid_request(format!("the HTTP client cannot be built: {}", chain(&error))))
}

/// As many as HTTP/1 responses may have here. HTTP/2 has no limit of its own, so it is given room and then counted.
const MAX_HEADERS: usize = 100;
const MAX_HEADER_BYTES: u32 = 1024 * 1024;

/// A connection that was idle for longer is not used again: servers close such connections, and a request that meets
/// the closing is ambiguous for no need.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// An HTTP/2 connection that was lost without a word (a NAT, a suspended machine) is found out by pings.
const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(10);
const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(5);

#[async_trait]
impl Transport for HttpTransport {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Body>, TransportError> {
        let request = reqwest::Request::try_from(request).map_err(read_error)?;
        let pool = self.shared.pool();
        let mut given_up = GivenUp::new(&self.shared, pool.generation);
        let sent = pool.client.execute(request).await;
        given_up.disarm();
        let mut received = sent.map_err(read_error)?;
        pool.protocols.note(received.version());
        if received.headers().len() > MAX_HEADERS {
            return Err(TransportError::new(TransportErrorKind::ResponseTooLarge, "it has more than 100 headers"));
        }
        let mut response = Response::new(Body::empty());
        *response.status_mut() = received.status();
        *response.version_mut() = received.version();
        *response.headers_mut() = std::mem::take(received.headers_mut());
        if received.content_length() != Some(0) {
            *response.body_mut() = body(received, given_up);
        }
        Ok(response)
    }
}

fn body(received: reqwest::Response, given_up: GivenUp) -> Body {
    Body::from_stream(stream::try_unfold((received, given_up), |(mut received, mut given_up)| async move {
        given_up.is_armed = true;
        let chunk = received.chunk().await;
        given_up.disarm();
        Ok(chunk.map_err(read_error)?.map(|chunk| (chunk, (received, given_up))))
    }))
}

/// Replaces the connections if it is dropped while a response is awaited. HTTP/2 sends all requests over one connection,
/// and later ones would follow the first into a dead one.
struct GivenUp {
    shared: Arc<Shared>,
    generation: u64,
    is_armed: bool,
}

impl GivenUp {
    fn new(shared: &Arc<Shared>, generation: u64) -> Self {
        Self { shared: Arc::clone(shared), generation, is_armed: true }
    }

    fn disarm(&mut self) {
        self.is_armed = false;
    }
}

impl Drop for GivenUp {
    fn drop(&mut self) {
        if self.is_armed {
            self.shared.replace(self.generation);
        }
    }
}

impl Shared {
    fn pool(&self) -> Pool {
        self.pool.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Begins a new pool, unless another request has replaced this one already. Those in flight keep the old one.
    fn replace(&self, generation: u64) {
        let current = self.pool();
        if current.generation != generation || !current.protocols.may_share() {
            return;
        }
        // What was built once can be built again; if not, the old connections are better than none.
        let Ok(client) = client(&self.options) else { return };
        let mut pool = self.pool.write().unwrap_or_else(PoisonError::into_inner);
        if pool.generation == generation {
            *pool = Pool::new(client, generation + 1);
        }
    }
}

/// With both TLS libraries compiled in, rustls is used: enabling a feature elsewhere must not change what is trusted.
#[cfg(any(feature = "rustls", feature = "native-tls"))]
fn with_tls(builder: reqwest::ClientBuilder, options: &HttpOptions) -> Result<reqwest::ClientBuilder, TransportError> {
    let certificates = read_certificates(&options.root_certificates)?;
    let builder = match options.use_system_roots {
        true => builder.tls_certs_merge(certificates),
        false => builder.tls_certs_only(certificates),
    };
    #[cfg(feature = "rustls")]
    let builder = builder.tls_backend_rustls();
    Ok(builder)
}

#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
fn with_tls(builder: reqwest::ClientBuilder, options: &HttpOptions) -> Result<reqwest::ClientBuilder, TransportError> {
    if options.root_certificates.is_empty() {
        Ok(builder)
    } else {
        Err(invalid_request("root certificates need the feature `rustls` or `native-tls`"))
    }
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
fn read_certificates(bundles: &[Vec<u8>]) -> Result<Vec<reqwest::Certificate>, TransportError> {
    let mut certificates = Vec::new();
    for pem in bundles {
        let found = reqwest::Certificate::from_pem_bundle(pem)
            .map_err(|_| invalid_request("a root certificate cannot be read as PEM"))?;
        if found.is_empty() {
            return Err(invalid_request("the PEM text given as root certificate holds no certificate"));
        }
        certificates.extend(found);
    }
    Ok(certificates)
}

fn invalid_request(message: impl Into<String>) -> TransportError {
    TransportError::new(TransportErrorKind::InvalidRequest, message)
}
