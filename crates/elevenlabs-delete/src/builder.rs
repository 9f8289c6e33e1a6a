use delete_core::vendor_kit::{Auth, ClientOptions, EnvReader};
use delete_core::{ApiKey, Error};

use crate::{Client, Residency, wire};

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
    residency: Option<Residency>,
    options: ClientOptions,
}

impl ClientBuilder {
    pub(crate) fn new(key: ApiKey) -> Self {
        Self { key, residency: None, options: ClientOptions::default() }
    }

    /// Creates a builder with the key in `ELEVENLABS_API_KEY` and, if they are set, the residency in
    /// `ELEVENLABS_RESIDENCY` and the base URL in `ELEVENLABS_BASE_URL`.
    ///
    /// # Errors
    /// [`ErrorKind::Configuration`](crate::ErrorKind::Configuration), naming the variable, if one is missing or cannot
    /// be used.
    pub fn from_env() -> Result<Self, Error> {
        let env = EnvReader::new(wire::VENDOR);
        Ok(Self {
            key: env.required("ELEVENLABS_API_KEY", ApiKey::new)?,
            residency: env.optional("ELEVENLABS_RESIDENCY", |name| name.parse())?,
            options: env.client_options("ELEVENLABS_BASE_URL")?,
        })
    }

    /// Sets where the workspace lives. Default: [`Residency::Global`]. A base URL replaces its host.
    ///
    /// A key that names another residency, such as `…_residency_eu`, is never sent: each call fails with
    /// [`WrongTarget`](crate::ErrorKind::WrongTarget).
    pub fn residency(mut self, residency: Residency) -> Self {
        self.residency = Some(residency);
        self
    }

    delete_core::client_options!(Client, wire::VENDOR);

    fn try_build(self) -> Result<Client, Error> {
        let default_url = self.residency.unwrap_or_default().base_url();
        let base = self.options.base_url_or(default_url)?.without_last_segment("v1");
        let auth = Auth::api_key(wire::KEY_HEADER, &self.key)?;
        let auth = match Residency::of_host(base.host()).or(self.residency) {
            Some(residency) => auth.with_token_check(move |key| residency.check_key(key)),
            None => auth,
        };
        let pipeline = self.options.build(wire::VENDOR, wire::AGENT, &[&base], auth)?;
        Ok(Client { pipeline, conversations: base.collection(wire::CONVERSATIONS) })
    }
}
