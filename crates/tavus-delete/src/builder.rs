use delete_core::Error;
use delete_core::vendor_kit::Auth;

use crate::{Client, wire};

delete_core::api_key_builder!(Client, wire::VENDOR, "TAVUS_API_KEY", "TAVUS_BASE_URL");

impl ClientBuilder {
    fn try_build(self) -> Result<Client, Error> {
        // Tavus' own client has the version in its base URL; its documentation does not.
        let base = self.options.base_url_or(wire::BASE_URL)?.without_last_segment("v2");
        let auth = Auth::api_key(wire::KEY_HEADER, &self.key)?;
        let pipeline = self.options.build(wire::VENDOR, wire::AGENT, &[&base], auth)?;
        let conversations = base.collection(wire::CONVERSATIONS);
        let [hard, soft] = [wire::HARD, wire::SOFT].map(|query| conversations.clone().with_query(query));
        Ok(Client { pipeline, conversations, hard, soft })
    }
}
