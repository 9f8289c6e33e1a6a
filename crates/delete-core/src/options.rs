//! The options that the builders of all vendor crates share, and the pipeline that is built from them.

mod macros;

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{HeaderMap, HeaderValue, header};

use crate::auth::Auth;
use crate::clock::{Clock, SystemClock};
use crate::error::Error;
use crate::http::{HttpOptions, HttpTransport, Proxy, Transport};
use crate::pipeline::{MAX_TIMEOUT, Pipeline, Shared};
use crate::retry::{OriginLimits, RetryHook, RetryPolicy};
use crate::{BaseUrl, RateLimit, RateLimiter, StopToken, Vendor};

/// The options of a client. The methods that [`client_options!`](crate::client_options) defines on the builder of a vendor
/// crate set them.
#[derive(Clone)]
#[non_exhaustive]
pub struct ClientOptions {
    /// The base URL instead of the vendor's own.
    pub base_url: Option<String>,
    /// How long one attempt may take.
    pub attempt_timeout: Duration,
    /// How long a call may take with all its attempts and waits.
    pub total_timeout: Duration,
    /// When a request is sent again.
    pub retry: RetryPolicy,
    /// The options of the transport that is built if `transport` is `None`.
    pub http: HttpOptions,
    /// The transport instead of HTTP over the network.
    pub transport: Option<Arc<dyn Transport>>,
    /// The source of time and jitter.
    pub clock: Arc<dyn Clock>,
    /// What follows the name of the vendor crate in `User-Agent`.
    pub user_agent_suffix: Option<String>,
    /// The rate limit of the client.
    pub rate_limit: RateLimiting,
    /// What stops the calls of the client.
    pub stop: StopToken,
    /// What is called before each retry.
    pub on_retry: Option<Arc<RetryHook>>,
}

/// The rate limit that a client keeps.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum RateLimiting {
    /// The one that the vendor documents, if any.
    #[default]
    Default,
    /// This one, for each client that is built.
    Own(RateLimit),
    /// One that other clients keep too.
    Shared(RateLimiter),
    /// None.
    Off,
}

impl RateLimiting {
    fn limiter(self) -> Option<RateLimiter> {
        match self {
            Self::Own(limit) => Some(RateLimiter::new(limit)),
            Self::Shared(limiter) => Some(limiter),
            Self::Default | Self::Off => None,
        }
    }
}

impl Default for ClientOptions {
    fn default() -> Self {
        Self {
            base_url: None,
            attempt_timeout: Duration::from_secs(30),
            total_timeout: Duration::from_secs(60),
            retry: RetryPolicy::default(),
            http: HttpOptions::default(),
            transport: None,
            clock: Arc::new(SystemClock),
            user_agent_suffix: None,
            rate_limit: RateLimiting::default(),
            stop: StopToken::default(),
            on_retry: None,
        }
    }
}

impl fmt::Debug for ClientOptions {
    /// Shows a base URL only if it is valid, because the text may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientOptions")
            .field("base_url", &self.base_url.as_deref().map(BaseUrl::parse))
            .field("attempt_timeout", &self.attempt_timeout)
            .field("total_timeout", &self.total_timeout)
            .field("retry", &self.retry)
            .field("http", &self.http)
            .field("has_own_transport", &self.transport.is_some())
            .field("clock", &self.clock)
            .field("user_agent_suffix", &self.user_agent_suffix)
            .field("rate_limit", &self.rate_limit)
            .field("is_stopped", &self.stop.is_stopped())
            .field("has_retry_hook", &self.on_retry.is_some())
            .finish()
    }
}

impl ClientOptions {
    /// Returns the base URL that was set, or `default`.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if it cannot be used.
    pub fn base_url_or(&self, default: &str) -> Result<BaseUrl, Error> {
        BaseUrl::parse(self.base_url.as_deref().unwrap_or(default))
    }

    /// Sets the rate limit that the vendor documents, unless the user set another one.
    #[must_use]
    pub fn with_default_rate_limit(mut self, limit: RateLimit) -> Self {
        if matches!(self.rate_limit, RateLimiting::Default) {
            self.rate_limit = RateLimiting::Own(limit);
        }
        self
    }

    /// Builds the pipeline of a client. `agent` is the name and version of the vendor crate, `urls` are all that requests
    /// will be sent to.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) if an option cannot be used.
    pub fn build(mut self, vendor: Vendor, agent: &str, urls: &[&BaseUrl], auth: Auth) -> Result<Pipeline, Error> {
        self.check_timeouts()?;
        // Connecting must time out before the attempt does, so that it is known that nothing was sent.
        let shortest = self.attempt_timeout.min(self.total_timeout);
        self.http.connect_timeout = self.http.connect_timeout.min(shortest / 2);
        let min_attempt_time = self.http.connect_timeout * 5 / 4;
        let headers = headers(user_agent(agent, self.user_agent_suffix.as_deref())?, &auth);
        let transport = match self.transport {
            Some(transport) => transport,
            None => http_transport(self.http, urls)?,
        };
        let shared = Shared {
            vendor,
            transport,
            auth,
            headers,
            clock: self.clock,
            limits: OriginLimits::new(&self.retry, self.rate_limit.limiter()),
            token_limits: OriginLimits::new(&self.retry, None),
            retry: self.retry,
            attempt_timeout: self.attempt_timeout,
            min_attempt_time,
            clock_skew: Mutex::default(),
            stop: self.stop,
            on_retry: self.on_retry,
        };
        Ok(Pipeline::new(shared, self.total_timeout))
    }

    fn check_timeouts(&self) -> Result<(), Error> {
        for (timeout, name) in
            [(self.http.connect_timeout, "connect"), (self.attempt_timeout, "attempt"), (self.total_timeout, "total")]
        {
            if timeout.is_zero() || timeout > MAX_TIMEOUT {
                return Err(Error::configuration(format!("the {name} time-out must be above 0 and at most a day")));
            }
        }
        Ok(())
    }
}

fn http_transport(mut options: HttpOptions, urls: &[&BaseUrl]) -> Result<Arc<dyn Transport>, Error> {
    let needs_tls = urls.iter().any(|url| url.needs_tls());
    if needs_tls && !cfg!(any(feature = "rustls-no-provider", feature = "native-tls")) {
        return Err(Error::configuration(
            "an https URL needs TLS: enable one of the features `rustls`, `rustls-no-provider` and `native-tls`, or set a \
             transport",
        ));
    }
    if !needs_tls && options.proxy == Proxy::None {
        // Plain http on loopback, as to a fake in a test, must not depend on the system's certificates.
        options = options.with_system_roots(false);
    }
    let transport = HttpTransport::new(&options).map_err(|error| Error::configuration(error.to_string()))?;
    Ok(Arc::new(transport))
}

/// The headers of every request.
fn headers(user_agent: HeaderValue, auth: &Auth) -> HeaderMap {
    let headers = [
        (header::ACCEPT, HeaderValue::from_static("application/json")),
        (header::USER_AGENT, user_agent),
        // Compression is off: a small body could unpack to more than any limit, and a truncated one to nothing.
        (header::ACCEPT_ENCODING, HeaderValue::from_static("identity")),
    ];
    headers.into_iter().chain(auth.fixed_header()).collect()
}

fn user_agent(agent: &str, suffix: Option<&str>) -> Result<HeaderValue, Error> {
    let text = match suffix {
        None => agent.to_owned(),
        Some(suffix) => format!("{agent} {suffix}"),
    };
    let is_visible = text.bytes().all(|b| b.is_ascii_graphic() || b == b' ');
    match HeaderValue::try_from(text) {
        Ok(value) if is_visible => Ok(value),
        _ => Err(Error::configuration("the User-Agent suffix holds a character that is not visible ASCII")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_addresses_but_no_secret() {
        let http = HttpOptions::default()
            .with_proxy(Proxy::Url("http://user:s3cret@proxy.example".into()))
            .with_root_certificate_pem("s3cret")
            .with_client_identity_pem("s3cret");
        let mut options = ClientOptions { http, ..ClientOptions::default() };
        for (url, shown) in [
            ("https://proxy.example/tavus", "Some(Ok(BaseUrl(https://proxy.example/tavus)))"),
            ("https://user:s3cret@proxy.example", "it holds a user name or password"),
            ("https://proxy.example/?key=s3cret", "it holds a query or a fragment"),
            ("s3cret", "it is not an absolute URL"),
        ] {
            options.base_url = Some(url.into());
            let text = format!("{options:?}");
            assert!(text.contains(shown) && !text.contains("s3cret") && !text.contains("115, 51, 99"), "{text}");
        }
    }
}
