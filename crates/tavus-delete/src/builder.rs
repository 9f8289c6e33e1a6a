use delete_core::vendor_kit::{Auth, ClientOptions, optional_url_var, required_var};
use delete_core::{ApiKey, Error};

use crate::{Client, wire};

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

    pub(crate) fn from_env() -> Result<Self, Error> {
        let key = ApiKey::new(required_var("TAVUS_API_KEY")?).map_err(|error| error.context("TAVUS_API_KEY"))?;
        let builder = Self::new(key);
        Ok(match optional_url_var("TAVUS_BASE_URL")? {
            Some(url) => builder.base_url(url),
            None => builder,
        })
    }

    delete_core::client_options!();

    /// Builds the client. Nothing is sent.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration) when an option cannot be used.
    pub fn build(self) -> Result<Client, Error> {
        self.try_build().map_err(|error| error.for_vendor(wire::VENDOR))
    }

    fn try_build(self) -> Result<Client, Error> {
        // The vendor's own client has the version in its base URL, the vendor's documentation has not.
        let base = self.options.base_url_or(wire::BASE_URL)?.without_last_segment("v2");
        let auth = Auth::api_key(wire::KEY_HEADER, &self.key)?;
        let pipeline = self.options.build(wire::VENDOR, wire::AGENT, &[&base], auth)?;
        Ok(Client::new(pipeline, base.collection(wire::CONVERSATIONS)))
    }
}
