use delete_core::Error;
use delete_core::vendor_kit::Auth;

use crate::{Client, wire};

delete_core::api_key_builder!(Client, wire::VENDOR);

impl ClientBuilder {
    /// Creates a builder with the key in `TAVUS_API_KEY` and, if it is set, the base URL in `TAVUS_BASE_URL`, with or
    /// without `/v2`.
    ///
    /// # Errors
    /// [`Configuration`](crate::ErrorKind::Configuration), naming the variable, if one is missing or cannot be used.
    pub fn from_env() -> Result<Self, Error> {
        Self::read_env("TAVUS_API_KEY", "TAVUS_BASE_URL")
    }

    fn try_build(self) -> Result<Client, Error> {
        // Tavus' own client has the version in its base URL; its documentation does not.
        let base = self.options.base_url_or(wire::BASE_URL)?.without_last_segment("v2");
        let auth = Auth::api_key(wire::KEY_HEADER, &self.key)?;
        let pipeline = self.options.build(wire::VENDOR, wire::AGENT, &[&base], auth)?;
        Ok(Client { pipeline, conversations: base.collection(wire::CONVERSATIONS) })
    }
}
