use delete_core::vendor_kit::{Auth, ClientOptions, EnvReader};
use delete_core::{ApiKey, Error};

use crate::{Client, wire};

impl Client {
    /// Creates a builder for a client with this key.
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
    options: ClientOptions,
}

impl ClientBuilder {
    pub(crate) fn new(key: ApiKey) -> Self {
        Self { key, options: ClientOptions::default() }
    }

    /// Creates a builder with the key in `TAVUS_API_KEY` and, if it is set, the base URL in `TAVUS_BASE_URL`, with or
    /// without `/v2`.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration), naming the variable, if one is missing or cannot
    /// be used.
    pub fn from_env() -> Result<Self, Error> {
        let env = EnvReader::new(wire::VENDOR);
        Ok(Self { key: env.required("TAVUS_API_KEY", ApiKey::new)?, options: env.client_options("TAVUS_BASE_URL")? })
    }

    delete_core::client_options!(Client, wire::VENDOR);

    fn try_build(self) -> Result<Client, Error> {
        // Tavus' own client has the version in its base URL; its documentation does not.
        let base = self.options.base_url_or(wire::BASE_URL)?.without_last_segment("v2");
        let auth = Auth::api_key(wire::KEY_HEADER, &self.key)?;
        let pipeline = self.options.build(wire::VENDOR, wire::AGENT, &[&base], auth)?;
        Ok(Client { pipeline, conversations: base.collection(wire::CONVERSATIONS) })
    }
}
