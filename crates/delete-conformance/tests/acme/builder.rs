use delete_core::Error;
use delete_core::vendor_kit::Auth;

use crate::client::Client;
use crate::wire;

delete_core::api_key_builder!(Client, wire::VENDOR, "ACME_API_KEY", "ACME_BASE_URL");

impl ClientBuilder {
    fn try_build(self) -> Result<Client, Error> {
        let base = self.options.base_url_or(wire::BASE_URL)?;
        let auth = Auth::api_key(wire::KEY_HEADER, &self.key)?;
        let pipeline = self.options.build(wire::VENDOR, wire::AGENT, &[&base], auth)?;
        Ok(Client { pipeline, conversations: base.collection(wire::CONVERSATIONS) })
    }
}
