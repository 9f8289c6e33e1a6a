use std::time::SystemTime;

use delete_core::vendor_kit::Auth;
use delete_core::{Error, RateLimit, timestamp};

use crate::seen::{GENERATION, SeenIds};
use crate::{Client, wire};

delete_core::api_key_builder!(
    Client, wire::VENDOR, "FINI_API_KEY", "FINI_BASE_URL", history_start: i64 = wire::HISTORY_START
);

impl ClientBuilder {
    /// Sets the time before which no conversation has its latest message. Default: 2020, before Fini existed. A time in the
    /// future is refused.
    ///
    /// A lookup reads the list of the whole history in windows of 90 days, so a later start makes it faster. But an older
    /// conversation is then not found, and counts as absent if this client saw it before.
    pub fn history_start(mut self, time: SystemTime) -> Self {
        self.history_start = timestamp::unix_millis(time);
        self
    }

    fn try_build(self) -> Result<Client, Error> {
        let base = self.options.base_url_or(wire::BASE_URL)?.without_last_segment("v2");
        let auth = Auth::bearer_key(&self.key)?;
        let limit = RateLimit::new(wire::RATE.0, wire::RATE.1);
        let pipeline = self.options.with_default_rate_limit(limit).build(wire::VENDOR, wire::AGENT, &[&base], auth)?;
        if self.history_start > timestamp::unix_millis(pipeline.clock().system_now()) {
            return Err(Error::configuration("history_start is in the future"));
        }
        let single = base.collection(wire::CONVERSATIONS).with_suffix(wire::PUBLIC);
        let bulk = base.collection(&[wire::CONVERSATIONS, &[wire::PUBLIC]].concat());
        Ok(Client { pipeline, single, bulk, history_start: self.history_start, seen: SeenIds::new(GENERATION) })
    }
}
