use std::fmt;
use std::str::FromStr;

use delete_core::vendor_kit::{Auth, ClientOptions, EnvReader, ErrorExt};
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

    /// Where the workspace lives. Default: [`Residency::Global`]. A base URL, if one is set, is used instead of its host.
    ///
    /// A key whose suffix names another residency, such as `…_residency_eu`, is never sent: each call fails with
    /// [`WrongTarget`](crate::ErrorKind::WrongTarget).
    pub fn residency(mut self, residency: Residency) -> Self {
        self.residency = Some(residency);
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
        let default_url = wire::base_url(self.residency.unwrap_or_default());
        let base = self.options.base_url_or(default_url)?.without_last_segment("v1");
        let residency = wire::residency_of_host(base.host()).or(self.residency);
        let auth = Auth::api_key(wire::KEY_HEADER, &self.key)?;
        let auth = match residency {
            Some(residency) => auth.with_token_check(move |key| check_residency(key, residency)),
            None => auth,
        };
        let pipeline = self.options.build(wire::VENDOR, wire::AGENT, &[&base], auth)?;
        Ok(Client::new(pipeline, base.collection(wire::CONVERSATIONS)))
    }
}

/// Keys of a residency end in its name, such as `_residency_eu` (seen at a partner of the vendor's). Others name none.
fn check_residency(key: &str, configured: Residency) -> Result<(), Error> {
    const MARK: &str = "_residency_";
    let is_mark = |part: &[u8]| part.eq_ignore_ascii_case(MARK.as_bytes());
    let Some(place) = key.as_bytes().windows(MARK.len()).rposition(is_mark) else { return Ok(()) };
    let named = &key[place + MARK.len()..];
    if named.eq_ignore_ascii_case(configured.as_str()) {
        return Ok(());
    }
    // What is not the name of a residency could be a part of the secret.
    let named = named.to_ascii_lowercase().parse::<Residency>();
    let named = named.map_or("another residency", Residency::as_str);
    Err(Error::wrong_target(format!(
        "the key is for the residency \"{named}\", and requests would go to \"{configured}\" (ELEVENLABS_RESIDENCY, or \
         ELEVENLABS_BASE_URL if it is set)"
    )))
}
