//! Deletes at Fini over the single route.

use async_trait::async_trait;
use delete_core::vendor_kit::ErrorExt;
use delete_core::{Deleter, Deletion, Error, RecordId, Vendor};

/// A [`Deleter`] that sends one request for each conversation over Fini's single route.
pub(super) struct SingleRoute(pub(super) fini_delete::Client);

#[async_trait]
impl Deleter for SingleRoute {
    fn vendor(&self) -> Vendor {
        self.0.vendor()
    }

    fn parse_id(&self, id: &str) -> Result<RecordId, Error> {
        self.0.parse_id(id)
    }

    async fn delete(&self, id: &RecordId) -> Result<Deletion, Error> {
        self.0.delete_conversation(id.try_uuid().for_vendor(self.vendor())?).await
    }
}
