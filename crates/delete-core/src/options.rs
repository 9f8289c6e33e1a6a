//! The options that the builders of all vendor crates share, and the pipeline that is built from them.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http::{HeaderValue, header};

use crate::auth::Auth;
use crate::clock::{Clock, SystemClock};
use crate::error::Error;
use crate::http::{HttpOptions, HttpTransport, Proxy, Transport};
use crate::pipeline::{Pipeline, Shared};
use crate::retry::{OriginLimits, RetryPolicy};
use crate::{BaseUrl, RateLimit, RateLimiter, StopToken, Vendor};

/// What the builder of a vendor crate collects. Its methods are made by [`client_options!`](crate::client_options).
#[derive(Clone)]
pub struct ClientOptions {
    base_url: Option<String>,
    attempt_timeout: Duration,
    total_timeout: Duration,
    retry: RetryPolicy,
    http: HttpOptions,
    transport: Option<Arc<dyn Transport>>,
    clock: Arc<dyn Clock>,
    user_agent_suffix: Option<String>,
    rate_limit: RateLimiting,
    stop: StopToken,
}

/// Which rate limit a client keeps.
#[derive(Clone, Debug, Default)]
enum RateLimiting {
    /// That of the vendor, if it documents one.
    #[default]
    Default,
    To(RateLimit),
    /// One that other clients keep too.
    Shared(RateLimiter),
    Off,
}

impl RateLimiting {
    fn limiter(self) -> Option<RateLimiter> {
        match self {
            Self::To(limit) => Some(RateLimiter::new(limit)),
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
        }
    }
}

impl fmt::Debug for ClientOptions {
    /// A base URL is shown only once it was read, because the text may hold a password. The same is true of a proxy.
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
            .finish()
    }
}

impl ClientOptions {
    /// The base URL that was set, or `default`.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when it cannot be used.
    pub fn base_url_or(&self, default: &str) -> Result<BaseUrl, Error> {
        BaseUrl::parse(self.base_url.as_deref().unwrap_or(default))
    }

    /// Keeps to the rate that the vendor documents, unless the user set another one.
    #[must_use]
    pub fn with_default_rate_limit(mut self, limit: RateLimit) -> Self {
        if matches!(self.rate_limit, RateLimiting::Default) {
            self.rate_limit = RateLimiting::To(limit);
        }
        self
    }

    /// Builds the pipeline of a client. `agent` is the name and version of the vendor crate, `urls` are all places that
    /// requests will go to.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when an option cannot be used.
    pub fn build(mut self, vendor: Vendor, agent: &str, urls: &[&BaseUrl], auth: Auth) -> Result<Pipeline, Error> {
        self.check_timeouts()?;
        // Connecting must time out before the attempt does, so that it is known that nothing was sent.
        let shortest = self.attempt_timeout.min(self.total_timeout);
        self.http.connect_timeout = self.http.connect_timeout.min(shortest / 2);
        let min_attempt_time = self.http.connect_timeout * 5 / 4;
        let user_agent = user_agent(agent, self.user_agent_suffix.as_deref())?;
        let transport = match self.transport {
            Some(transport) => transport,
            None => http_transport(&self.http, urls)?,
        };
        let shared = Shared {
            vendor,
            transport,
            auth,
            headers: vec![
                (header::USER_AGENT, user_agent),
                // A compressed body could not be read.
                (header::ACCEPT_ENCODING, HeaderValue::from_static("identity")),
            ],
            clock: self.clock,
            limits: OriginLimits::new(&self.retry, self.rate_limit.limiter()),
            token_limits: OriginLimits::new(&self.retry, None),
            retry: self.retry,
            attempt_timeout: self.attempt_timeout,
            min_attempt_time,
            clock_skew: Mutex::default(),
            stop: self.stop,
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

/// The longest time-out that can be set.
const MAX_TIMEOUT: Duration = Duration::from_secs(24 * 60 * 60);

fn http_transport(options: &HttpOptions, urls: &[&BaseUrl]) -> Result<Arc<dyn Transport>, Error> {
    let has_tls = cfg!(any(feature = "rustls", feature = "native-tls"));
    if !has_tls && urls.iter().any(|url| url.needs_tls()) {
        return Err(Error::configuration(
            "an https URL needs TLS: enable the feature `rustls` or `native-tls`, or set an own transport",
        ));
    }
    // Loopback over plain http, as with a fake in a test, must not depend on certificates of the system.
    let uses_tls = urls.iter().any(|url| url.needs_tls()) || options.proxy != Proxy::None;
    let options = HttpOptions { use_system_roots: uses_tls, ..options.clone() };
    let transport = HttpTransport::new(&options).map_err(|error| Error::configuration(error.to_string()))?;
    Ok(Arc::new(transport))
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

/// The setters behind [`client_options!`](crate::client_options).
#[doc(hidden)]
impl ClientOptions {
    pub fn set_base_url(&mut self, url: String) {
        self.base_url = Some(url);
    }

    pub fn set_connect_timeout(&mut self, timeout: Duration) {
        self.http.connect_timeout = timeout;
    }

    pub fn set_attempt_timeout(&mut self, timeout: Duration) {
        self.attempt_timeout = timeout;
    }

    pub fn set_total_timeout(&mut self, timeout: Duration) {
        self.total_timeout = timeout;
    }

    pub fn set_retry(&mut self, policy: RetryPolicy) {
        self.retry = policy;
    }

    pub fn set_rate_limit(&mut self, limit: RateLimit) {
        self.rate_limit = RateLimiting::To(limit);
    }

    pub fn set_rate_limiter(&mut self, limiter: RateLimiter) {
        self.rate_limit = RateLimiting::Shared(limiter);
    }

    pub fn set_no_rate_limit(&mut self) {
        self.rate_limit = RateLimiting::Off;
    }

    pub fn set_transport(&mut self, transport: Arc<dyn Transport>) {
        self.transport = Some(transport);
    }

    pub fn add_root_certificate(&mut self, pem: Vec<u8>) {
        self.http.root_certificates.push(pem);
    }

    pub fn set_proxy(&mut self, proxy: Proxy) {
        self.http.proxy = proxy;
    }

    pub fn set_user_agent_suffix(&mut self, suffix: String) {
        self.user_agent_suffix = Some(suffix);
    }

    pub fn set_stop_token(&mut self, token: StopToken) {
        self.stop = token;
    }

    pub fn set_clock(&mut self, clock: Arc<dyn Clock>) {
        self.clock = clock;
    }
}

/// The option methods of a vendor crate's builder, which must have a field `options:` [`ClientOptions`].
#[macro_export]
macro_rules! client_options {
    () => {
        /// Sends to another address than the vendor's own: a proxy, or a fake in a test. `https` only, but for
        /// loopback; a path prefix is kept. It is checked when the client is built.
        #[must_use]
        pub fn base_url(mut self, url: impl Into<String>) -> Self {
            self.options.set_base_url(url.into());
            self
        }

        /// How long making a connection may take. Default: 10 s; at most half of what an attempt may take.
        #[must_use]
        pub fn connect_timeout(mut self, timeout: ::std::time::Duration) -> Self {
            self.options.set_connect_timeout(timeout);
            self
        }

        /// How long one attempt may take, from its start to the end of the answer. Default: 30 s.
        #[must_use]
        pub fn attempt_timeout(mut self, timeout: ::std::time::Duration) -> Self {
            self.options.set_attempt_timeout(timeout);
            self
        }

        /// How long a call may take with all its attempts and waits. Default: 60 s.
        #[must_use]
        pub fn total_timeout(mut self, timeout: ::std::time::Duration) -> Self {
            self.options.set_total_timeout(timeout);
            self
        }

        /// How often a request is sent again. Default: 4 attempts, 500 ms doubling up to 20 s, full jitter.
        #[must_use]
        pub fn retry(mut self, policy: $crate::RetryPolicy) -> Self {
            self.options.set_retry(policy);
            self
        }

        /// Sends at most so many requests in a time, lists and lookups included. A call waits for its turn within its own
        /// time, else it fails with [`RateLimited`]($crate::ErrorKind::RateLimited). Default: what the vendor documents,
        /// which only Fini does (100 in 60 s).
        #[must_use]
        pub fn rate_limit(mut self, limit: $crate::RateLimit) -> Self {
            self.options.set_rate_limit(limit);
            self
        }

        /// Keeps a rate limit together with other clients: for several clients of one credential, to whose requests the
        /// vendor's limit applies in sum. It replaces [`rate_limit`](Self::rate_limit).
        #[must_use]
        pub fn rate_limiter(mut self, limiter: $crate::RateLimiter) -> Self {
            self.options.set_rate_limiter(limiter);
            self
        }

        /// Sends without a rate limit of the client, such as to a fake in a test.
        #[must_use]
        pub fn no_rate_limit(mut self) -> Self {
            self.options.set_no_rate_limit();
            self
        }

        /// Sends through another transport than HTTP over the network, such as a fake in a test. Connect time-out,
        /// proxy and root certificates are then the transport's own matter.
        #[must_use]
        pub fn transport(mut self, transport: impl $crate::http::Transport) -> Self {
            self.options.set_transport(::std::sync::Arc::new(transport));
            self
        }

        /// Trusts these certificates (PEM) besides those of the system. It may be called more than once.
        #[must_use]
        pub fn root_certificate_pem(mut self, pem: impl Into<Vec<u8>>) -> Self {
            self.options.add_root_certificate(pem.into());
            self
        }

        /// Whether requests go through a proxy. Default: none, whatever the environment says.
        #[must_use]
        pub fn proxy(mut self, proxy: $crate::http::Proxy) -> Self {
            self.options.set_proxy(proxy);
            self
        }

        /// Adds a product to the `User-Agent`, such as `my-app/1.2`. Visible ASCII and spaces only.
        #[must_use]
        pub fn user_agent_suffix(mut self, suffix: impl Into<String>) -> Self {
            self.options.set_user_agent_suffix(suffix.into());
            self
        }

        /// Sends no request any more once `token` is stopped: calls that wait end at once, and new ones fail with
        /// [`Interrupted`]($crate::ErrorKind::Interrupted).
        #[must_use]
        pub fn stop_token(mut self, token: $crate::StopToken) -> Self {
            self.options.set_stop_token(token);
            self
        }

        /// Takes time and chance from another clock, such as [`TestClock`]($crate::testing::TestClock).
        #[must_use]
        pub fn clock(mut self, clock: impl $crate::Clock) -> Self {
            self.options.set_clock(::std::sync::Arc::new(clock));
            self
        }
    };
}

/// What a vendor crate's client, which must have a field `pipeline:` [`Pipeline`], lets its users see and do besides its
/// calls.
#[macro_export]
macro_rules! client_controls {
    () => {
        /// How long requests of this client and its clones are still blocked by a `Retry-After`, of the vendor or of its
        /// token endpoint; zero if they are not.
        pub fn throttled_for(&self) -> ::std::time::Duration {
            self.pipeline.throttled_for()
        }

        /// Lets requests leave at once, whatever `Retry-After` said: for a vendor that asked for an absurd time by
        /// mistake.
        pub fn clear_throttle(&self) {
            self.pipeline.clear_throttle();
        }

        /// How far our clock is from the vendor's, by the latest response with a `Date`; `None` before the first one.
        pub fn clock_skew(&self) -> ::core::option::Option<$crate::ClockSkew> {
            self.pipeline.clock_skew()
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_show_addresses_but_no_password() {
        let mut options = ClientOptions::default();
        options.set_proxy(Proxy::Url("http://user:s3cret@proxy.example".into()));
        options.add_root_certificate(b"s3cret".to_vec());
        for (url, shown) in [
            ("https://proxy.example/tavus", "Some(Ok(BaseUrl(https://proxy.example/tavus)))"),
            ("https://user:s3cret@proxy.example", "it holds a user name or password"),
            ("https://proxy.example/?key=s3cret", "it holds a query or a fragment"),
            ("s3cret", "it is no absolute URL"),
        ] {
            options.set_base_url(url.into());
            let text = format!("{options:?}");
            assert!(text.contains(shown) && !text.contains("s3cret") && !text.contains("115, 51, 99"), "{text}");
        }
    }
}
