//! A client of a vendor that does not exist, made of the kit.

use std::sync::Arc;

use delete_core::http::Transport;
use delete_core::testing::TestClock;
use delete_core::vendor_kit::{Auth, ClientOptions, Collection, Pipeline, ResponseRules, VendorError, Verdict};
use delete_core::{BaseUrl, ConversationId, Deletion, Error, Outcome, Vendor};

const RULES: ResponseRules = ResponseRules {
    classify_success: |_| Verdict::Done(Outcome::Deleted),
    read_error: |_| VendorError::default(),
    override_by_code: |_, _| None,
};

pub(crate) struct Client {
    pub(super) pipeline: Pipeline,
    pub(super) records: Collection,
}

impl Client {
    /// The clock of `options` is one on which no wait takes time, unless `set` changes it.
    pub(crate) fn new(auth: Auth, transport: impl Transport, set: impl FnOnce(&mut ClientOptions)) -> Self {
        let mut options = ClientOptions::default();
        options.transport = Some(Arc::new(transport));
        options.clock = Arc::new(TestClock::new());
        set(&mut options);
        let base = BaseUrl::parse("https://example.com").unwrap();
        let vendor = Vendor::new("example", "Example");
        let pipeline = options.build(vendor, "example/1", &[&base], auth).unwrap();
        Self { pipeline, records: base.collection(&["records"]) }
    }

    pub(crate) async fn delete(&self, id: &str) -> Result<Deletion, Error> {
        let id = ConversationId::new(id)?;
        self.pipeline.delete_record(&self.records, id.into(), None, &RULES).await
    }
}
