use std::fmt;
use std::str::FromStr;

use delete_core::vendor_kit::{Auth, ClientOptions, optional_url_var, optional_var, required_var};
use delete_core::{ApiKey, Error};

use crate::{Client, wire};

/// Where the workspace lives. Each residency is a separate workspace with its own host and its own keys: on the wrong
/// host a key is refused, or sees none of the conversations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Residency {
    /// `api.elevenlabs.io`, the default.
    #[default]
    Global,
    /// `api.us.elevenlabs.io`
    Us,
    /// `api.eu.residency.elevenlabs.io`
    Eu,
    /// `api.in.residency.elevenlabs.io`
    In,
    /// `api.sg.residency.elevenlabs.io`
    Sg,
}

impl Residency {
    /// All of them.
    pub const ALL: &'static [Self] = &[Self::Global, Self::Us, Self::Eu, Self::In, Self::Sg];

    /// The name, as in `ELEVENLABS_RESIDENCY`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Global => "global",
            Self::Us => "us",
            Self::Eu => "eu",
            Self::In => "in",
            Self::Sg => "sg",
        }
    }
}

impl fmt::Display for Residency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Residency {
    type Err = Error;

    /// Reads the name, also with the `-residency` that the vendor's own program adds to some. An unknown name is an
    /// error, never the global host.
    fn from_str(name: &str) -> Result<Self, Error> {
        let short = name.strip_suffix("-residency").unwrap_or(name);
        Self::ALL.iter().copied().find(|residency| residency.as_str() == short).ok_or_else(|| {
            let message = "the residency is none of global, us, eu, in, sg";
            Error::configuration(message).for_vendor(wire::VENDOR)
        })
    }
}

/// Builds a [`Client`].
#[derive(Clone, Debug)]
#[must_use = "call `build`"]
pub struct ClientBuilder {
    key: ApiKey,
    residency: Residency,
    options: ClientOptions,
}

impl ClientBuilder {
    pub(crate) fn new(key: ApiKey) -> Self {
        Self { key, residency: Residency::default(), options: ClientOptions::default() }
    }

    pub(crate) fn from_env() -> Result<Self, Error> {
        let key =
            ApiKey::new(required_var("ELEVENLABS_API_KEY")?).map_err(|error| error.about("ELEVENLABS_API_KEY"))?;
        let mut builder = Self::new(key);
        if let Some(name) = optional_var("ELEVENLABS_RESIDENCY")? {
            builder = builder.residency(name.parse().map_err(|error: Error| error.about("ELEVENLABS_RESIDENCY"))?);
        }
        if let Some(url) = optional_url_var("ELEVENLABS_BASE_URL")? {
            builder = builder.base_url(url);
        }
        Ok(builder)
    }

    /// Where the workspace lives. Default: [`Residency::Global`]. A base URL, where one is set, stands in its place.
    pub fn residency(mut self, residency: Residency) -> Self {
        self.residency = residency;
        self
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
        let base = self.options.base_url_or(wire::base_url(self.residency))?.without_last_segment("v1");
        let auth = Auth::api_key(wire::KEY_HEADER, &self.key)?;
        let pipeline = self.options.build(wire::VENDOR, wire::AGENT, &[&base], auth)?;
        Ok(Client::new(pipeline, base.collection(wire::CONVERSATIONS)))
    }
}
