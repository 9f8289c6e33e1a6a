use std::time::SystemTime;

use delete_core::vendor_kit::{Auth, ClientOptions, EnvReader};
use delete_core::{ApiKey, Error, RateLimit, timestamp};

use crate::seen::SeenIds;
use crate::{Client, wire};

impl Client {
    /// Creates a builder for a client with this key, which needs the scope `write`.
    pub fn builder(key: ApiKey) -> ClientBuilder {
        ClientBuilder::new(key)
    }

    /// Creates a client from the variables that [`ClientBuilder::from_env`] reads.
    ///
    /// # Errors
    /// As for [`ClientBuilder::from_env`].
    pub fn from_env() -> Result<Self, Error> {
        ClientBuilder::from_env()?.build()
    }
}

/// Builds a [`Client`].
#[derive(Clone, Debug)]
#[must_use = "call `build`"]
pub struct ClientBuilder {
    key: ApiKey,
    history_start: i64,
    options: ClientOptions,
}

impl ClientBuilder {
    pub(crate) fn new(key: ApiKey) -> Self {
        Self { key, history_start: wire::HISTORY_START, options: ClientOptions::default() }
    }

    /// Creates a builder with the key in `FINI_API_KEY` and, if it is set, the base URL in `FINI_BASE_URL`.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration), naming the variable, if one is missing or cannot
    /// be used.
    pub fn from_env() -> Result<Self, Error> {
        let env = EnvReader::new(wire::VENDOR);
        let builder = Self::new(env.required("FINI_API_KEY", ApiKey::new)?);
        Ok(Self { options: env.client_options("FINI_BASE_URL")?, ..builder })
    }

    /// Sets the time before which no conversation has its latest message. Default: 2020, before Fini existed. A time in the
    /// future is refused.
    ///
    /// A lookup reads the list of the whole history in windows of 90 days, so a later start makes it faster. But an older
    /// conversation is then not found, and counts as absent if this client saw it before.
    pub fn history_start(mut self, time: SystemTime) -> Self {
        self.history_start = timestamp::unix_millis(time);
        self
    }

    delete_core::client_options!(Client, wire::VENDOR);

    fn try_build(self) -> Result<Client, Error> {
        let base = self.options.base_url_or(wire::BASE_URL)?.without_last_segment("v2");
        let auth = Auth::bearer_key(&self.key)?;
        let limit = RateLimit::new(wire::RATE.0, wire::RATE.1);
        let pipeline = self.options.with_default_rate_limit(limit).build(wire::VENDOR, wire::AGENT, &[&base], auth)?;
        if self.history_start > timestamp::unix_millis(pipeline.clock().system_now()) {
            return Err(Error::configuration("history_start is in the future"));
        }
        let single = base.collection(wire::CONVERSATIONS).with_suffix(wire::PUBLIC);
        let bulk = base.collection(wire::CONVERSATIONS_IN_BULK);
        Ok(Client { pipeline, single, bulk, history_start: self.history_start, seen: SeenIds::default() })
    }
}
