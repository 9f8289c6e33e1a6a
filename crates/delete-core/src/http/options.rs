use std::fmt;
use std::time::Duration;

/// Whether requests go through a proxy.
#[derive(Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Proxy {
    /// No proxy, whatever the environment says. This is the default, so that a key goes through a proxy only if somebody
    /// chose it.
    #[default]
    None,
    /// The system's proxy: `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, or the setting of the operating system.
    System,
    /// This proxy for all requests, such as `http://proxy.example:3128`.
    Url(String),
}

impl fmt::Debug for Proxy {
    /// Hides the URL of a proxy, which may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::System => "System",
            Self::Url(_) => "Url(…)",
        })
    }
}

/// The options of an [`HttpTransport`](super::HttpTransport).
///
/// ```
/// use std::time::Duration;
/// use delete_core::http::{HttpOptions, HttpTransport, Proxy};
///
/// let options = HttpOptions::default().with_connect_timeout(Duration::from_secs(3)).with_proxy(Proxy::System);
/// let transport = HttpTransport::new(&options)?;
/// # Ok::<(), delete_core::http::TransportError>(())
/// ```
#[derive(Clone)]
pub struct HttpOptions {
    pub(crate) connect_timeout: Duration,
    pub(crate) proxy: Proxy,
    pub(super) root_certificates: Vec<Vec<u8>>,
    pub(super) system_roots: bool,
    pub(super) client_identity: Option<Vec<u8>>,
}

impl Default for HttpOptions {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(10),
            proxy: Proxy::None,
            root_certificates: Vec::new(),
            system_roots: true,
            client_identity: None,
        }
    }
}

impl HttpOptions {
    /// Sets how long connecting may take, TLS handshake included. Default: 10 s.
    #[must_use]
    pub fn with_connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// Sets whether requests go through a proxy. Default: [`Proxy::None`].
    #[must_use]
    pub fn with_proxy(mut self, proxy: Proxy) -> Self {
        self.proxy = proxy;
        self
    }

    /// Trusts these certificates (PEM, one or more) too. It can be called more than once.
    #[must_use]
    pub fn with_root_certificate_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificates.push(pem.into());
        self
    }

    /// Sets whether the certificates of the operating system are trusted. Default: `true`. With `false` only those of
    /// [`with_root_certificate_pem`](Self::with_root_certificate_pem) are, and the system needs none.
    #[must_use]
    pub fn with_system_roots(mut self, trusted: bool) -> Self {
        self.system_roots = trusted;
        self
    }

    /// Presents this client certificate (mutual TLS): its PKCS#8 private key and the certificate with its chain, as one
    /// PEM text.
    #[must_use]
    pub fn with_client_identity_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.client_identity = Some(pem.into());
        self
    }
}

impl fmt::Debug for HttpOptions {
    /// Counts certificates, which are long, and hides the client's key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpOptions")
            .field("connect_timeout", &self.connect_timeout)
            .field("proxy", &self.proxy)
            .field("root_certificates", &self.root_certificates.len())
            .field("system_roots", &self.system_roots)
            .field("has_client_identity", &self.client_identity.is_some())
            .finish()
    }
}
