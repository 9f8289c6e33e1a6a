//! Where a workspace lives, and which keys belong there.

use std::str::FromStr;

use delete_core::Error;
use delete_core::vendor_kit::ErrorExt;

use crate::wire::VENDOR;

delete_core::words! {
    /// Where the workspace lives. Each residency has its own host and its own keys: on the wrong host a key is refused, or
    /// sees none of the conversations.
    #[derive(Default)]
    #[non_exhaustive]
    pub enum Residency {
        /// `api.elevenlabs.io`, the default.
        #[default]
        Global = "global",
        /// `api.us.elevenlabs.io`
        Us = "us",
        /// `api.eu.residency.elevenlabs.io`
        Eu = "eu",
        /// `api.in.residency.elevenlabs.io`
        In = "in",
        /// `api.sg.residency.elevenlabs.io`
        Sg = "sg",
    }
}

impl Residency {
    /// Returns the vendor's base URL. Singapore is from the vendor's SDKs; its API page lacks it.
    pub(crate) const fn base_url(self) -> &'static str {
        match self {
            Self::Global => "https://api.elevenlabs.io",
            Self::Us => "https://api.us.elevenlabs.io",
            Self::Eu => "https://api.eu.residency.elevenlabs.io",
            Self::In => "https://api.in.residency.elevenlabs.io",
            Self::Sg => "https://api.sg.residency.elevenlabs.io",
        }
    }

    /// Returns the residency whose own host this is.
    pub(crate) fn of_host(host: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|residency| residency.base_url().strip_prefix("https://") == Some(host))
    }

    /// Refuses a key that names another residency. Such keys end in `_residency_eu` and the like (seen at a partner of the
    /// vendor's); others name none.
    pub(crate) fn check_key(self, key: &str) -> Result<(), Error> {
        const MARK: &str = "_residency_";
        let is_mark = |part: &[u8]| part.eq_ignore_ascii_case(MARK.as_bytes());
        let Some(start) = key.as_bytes().windows(MARK.len()).rposition(is_mark) else { return Ok(()) };
        let named = &key[start + MARK.len()..];
        if named.eq_ignore_ascii_case(self.as_str()) {
            return Ok(());
        }
        // Text that is not the name of a residency could be part of the secret, so it is not shown.
        let named = named.to_ascii_lowercase().parse().map_or("another residency", Self::as_str);
        Err(Error::wrong_target(format!(
            "the key is for the residency \"{named}\", and requests would go to \"{self}\" (ELEVENLABS_RESIDENCY, or \
             ELEVENLABS_BASE_URL if it is set)"
        )))
    }
}

impl FromStr for Residency {
    type Err = Error;

    /// Reads a name, with or without the suffix `-residency` of the vendor's own program. An unknown name is an error,
    /// never the global host.
    fn from_str(name: &str) -> Result<Self, Error> {
        let short = name.strip_suffix("-residency").unwrap_or(name);
        let message = "the residency is not one of global, us, eu, in, sg";
        Self::parse(short).ok_or_else(|| Error::configuration(message).for_vendor(VENDOR))
    }
}
