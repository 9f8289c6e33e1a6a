//! The transport of production: reqwest, with everything turned off that could send a request twice or elsewhere.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::time::Duration;

use async_trait::async_trait;

use super::{Body, BodyStream, Method, Request, Response, Transport, TransportError, TransportErrorKind};
use crate::text;

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
    pub trusts_system: bool,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            proxy: Proxy::None,
            root_certificates: Vec::new(),
            trusts_system: true,
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
            .field("trusts_system", &self.trusts_system)
            .finish()
    }
}

/// The transport of production. Speaks HTTP/1.1, and HTTP/2 where the server offers it over TLS.
///
/// It follows no redirect and repeats nothing. It keeps connections open between requests; clones share them.
#[derive(Clone, Debug)]
pub struct HttpTransport {
    client: reqwest::Client,
}

impl HttpTransport {
    /// Builds the connection pool. No connection is made yet.
    ///
    /// # Errors
    /// When a certificate or the proxy's URL cannot be read, or the system's certificates cannot be loaded. The error's
    /// kind is [`TransportErrorKind::Unsendable`].
    pub fn new(options: &HttpOptions) -> Result<Self, TransportError> {
        let builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(options.connect_timeout)
            .pool_idle_timeout(IDLE_TIMEOUT);
        let builder = with_tls(builder, options)?;
        let builder = match &options.proxy {
            Proxy::None => builder.no_proxy(),
            Proxy::System => builder,
            Proxy::Url(url) => builder.proxy(read_proxy(url)?),
        };
        let client = builder
            .build()
            .map_err(|error| unsendable(format!("the HTTP client cannot be built: {}", chain(&error))))?;
        Ok(Self { client })
    }
}

/// A connection that was idle for longer is not used again: servers close such connections, and a request that meets
/// the closing is ambiguous for no need.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

#[async_trait]
impl Transport for HttpTransport {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        let (method, url, headers, body) = request.into_parts();
        let mut outgoing = reqwest::Request::new(http_method(method), url);
        *outgoing.headers_mut() = headers;
        if !body.is_empty() {
            *outgoing.body_mut() = Some(body.into());
        }
        let mut answer = self.client.execute(outgoing).await.map_err(read_error)?;
        let headers = std::mem::take(answer.headers_mut());
        let status = answer.status().as_u16();
        let body = match answer.content_length() {
            Some(0) => Body::empty(),
            _ => Body::stream(HttpBody(answer)),
        };
        Ok(Response::from_parts(status, headers, body))
    }
}

struct HttpBody(reqwest::Response);

#[async_trait]
impl BodyStream for HttpBody {
    async fn chunk(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        let chunk = self.0.chunk().await.map_err(read_error)?;
        Ok(chunk.map(Vec::from))
    }
}

/// A proxy of another kind would be passed by without a word.
fn read_proxy(url: &str) -> Result<reqwest::Proxy, TransportError> {
    let is_http = |url: &url::Url| matches!(url.scheme(), "http" | "https") && url.has_host();
    match url::Url::parse(url).ok().filter(is_http).and_then(|url| reqwest::Proxy::all(url).ok()) {
        Some(proxy) => Ok(proxy),
        None => Err(unsendable("the proxy is no http or https URL such as http://proxy.example:3128")),
    }
}

fn http_method(method: Method) -> reqwest::Method {
    match method {
        Method::Delete => reqwest::Method::DELETE,
        Method::Get => reqwest::Method::GET,
        Method::Post => reqwest::Method::POST,
    }
}

/// With both TLS libraries compiled in, rustls is used: enabling a feature elsewhere must not change what is trusted.
#[cfg(any(feature = "rustls", feature = "native-tls"))]
fn with_tls(builder: reqwest::ClientBuilder, options: &HttpOptions) -> Result<reqwest::ClientBuilder, TransportError> {
    let certificates = read_certificates(&options.root_certificates)?;
    let builder = match options.trusts_system {
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
        Err(unsendable("root certificates need the feature `rustls` or `native-tls`"))
    }
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
fn read_certificates(bundles: &[Vec<u8>]) -> Result<Vec<reqwest::Certificate>, TransportError> {
    let mut certificates = Vec::new();
    for pem in bundles {
        let found = reqwest::Certificate::from_pem_bundle(pem)
            .map_err(|_| unsendable("a root certificate cannot be read as PEM"))?;
        if found.is_empty() {
            return Err(unsendable("the PEM text given as root certificate holds no certificate"));
        }
        certificates.extend(found);
    }
    Ok(certificates)
}

/// Only a failed connect means "not sent"; a connect time-out is both `is_timeout` and `is_connect`, so the latter is
/// asked first. All else may have reached the server.
fn read_error(error: reqwest::Error) -> TransportError {
    let kind = if error.is_connect() {
        if is_tls_refusal(&error) { TransportErrorKind::TlsRefused } else { TransportErrorKind::NotSent }
    } else if error.is_builder() {
        TransportErrorKind::Unsendable
    } else {
        TransportErrorKind::Broken
    };
    // A certificate's names are the server's words too.
    TransportError::new(kind, text::shown(&chain(&error.without_url()), 500))
}

/// Both TLS libraries report a refused certificate through an I/O error: rustls as `InvalidData`, the system's
/// library by its text.
fn is_tls_refusal(error: &(dyn StdError + 'static)) -> bool {
    causes(error).any(|cause| {
        cause.downcast_ref::<io::Error>().is_some_and(is_invalid_data)
            || (cfg!(feature = "native-tls") && cause.to_string().contains("certificate"))
    })
}

/// An I/O error that wraps another passes over it in `source`, so the inner one must be asked for.
fn is_invalid_data(error: &io::Error) -> bool {
    let inner = error.get_ref().and_then(|inner| inner.downcast_ref::<io::Error>());
    error.kind() == io::ErrorKind::InvalidData || inner.is_some_and(is_invalid_data)
}

/// The error and its causes in one line, each said once.
fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = String::new();
    for cause in causes(error) {
        let cause = cause.to_string();
        if text.contains(&cause) {
            continue;
        }
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&cause);
    }
    text
}

fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

fn unsendable(message: impl Into<String>) -> TransportError {
    TransportError::new(TransportErrorKind::Unsendable, message)
}
