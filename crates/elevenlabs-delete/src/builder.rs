use delete_core::Error;
use delete_core::vendor_kit::Auth;

use crate::{Client, Residency, wire};

delete_core::api_key_builder!(
    Client, wire::VENDOR, "ELEVENLABS_API_KEY", "ELEVENLABS_BASE_URL",
    #[env = "ELEVENLABS_RESIDENCY"] residency: Option<Residency> = None
);

impl ClientBuilder {
    /// Sets where the workspace lives. Default: [`Residency::Global`]. A base URL replaces its host.
    ///
    /// A key that names another residency, such as `…_residency_eu`, is never sent: each call fails with
    /// [`WrongTarget`](crate::ErrorKind::WrongTarget).
    pub fn residency(mut self, residency: Residency) -> Self {
        self.residency = Some(residency);
        self
    }

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
