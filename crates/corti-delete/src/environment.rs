use std::fmt;
use std::str::FromStr;

use delete_core::vendor_kit::ErrorExt;
use delete_core::{BaseUrl, Error};

use crate::wire;

/// The installation that the tenant belongs to. In the wrong one every id is "not found".
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Environment {
    /// `https://api.eu.corti.app/v2` and `https://auth.eu.corti.app`
    Eu,
    /// `https://api.us.corti.app/v2` and `https://auth.us.corti.app`
    Us,
    /// Another installation.
    Custom {
        /// The base URL of the API, with its version.
        api_url: String,
        /// The base URL of the token endpoint.
        auth_url: String,
    },
}

impl Environment {
    /// The base URLs of the API and of the token endpoint.
    pub(crate) fn urls(&self) -> (&str, &str) {
        match self {
            Self::Eu => ("https://api.eu.corti.app/v2", "https://auth.eu.corti.app"),
            Self::Us => ("https://api.us.corti.app/v2", "https://auth.us.corti.app"),
            Self::Custom { api_url, auth_url } => (api_url, auth_url),
        }
    }

    pub(crate) fn name(&self) -> Option<&'static str> {
        match self {
            Self::Eu => Some("eu"),
            Self::Us => Some("us"),
            Self::Custom { .. } => None,
        }
    }
}

impl fmt::Debug for Environment {
    /// A URL is shown only if it can be parsed, because the text may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Eu => f.write_str("Eu"),
            Self::Us => f.write_str("Us"),
            Self::Custom { api_url, auth_url } => f
                .debug_struct("Custom")
                .field("api_url", &BaseUrl::parse(api_url))
                .field("auth_url", &BaseUrl::parse(auth_url))
                .finish(),
        }
    }
}

impl FromStr for Environment {
    type Err = Error;

    /// Parses `eu` or `us`. No other name is accepted, because it would become part of a host name.
    fn from_str(name: &str) -> Result<Self, Error> {
        match name {
            "eu" => Ok(Self::Eu),
            "us" => Ok(Self::Us),
            _ => Err(Error::configuration("the environment is neither eu nor us").for_vendor(wire::VENDOR)),
        }
    }
}
