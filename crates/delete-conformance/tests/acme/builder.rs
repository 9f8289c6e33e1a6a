use delete_core::vendor_kit::{Auth, ClientOptions, EnvReader};
use delete_core::{ApiKey, Error};

use crate::client::Client;
use crate::wire;

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

    pub fn from_env() -> Result<Self, Error> {
        let env = EnvReader::new(wire::VENDOR);
        Ok(Self { key: env.required("ACME_API_KEY", ApiKey::new)?, options: env.client_options("ACME_BASE_URL")? })
    }

    delete_core::client_options!(Client, wire::VENDOR);

    fn try_build(self) -> Result<Client, Error> {
        let base = self.options.base_url_or(wire::BASE_URL)?;
        let auth = Auth::api_key(wire::KEY_HEADER, &self.key)?;
        let pipeline = self.options.build(wire::VENDOR, wire::AGENT, &[&base], auth)?;
        Ok(Client { pipeline, conversations: base.collection(wire::CONVERSATIONS) })
    }
}
