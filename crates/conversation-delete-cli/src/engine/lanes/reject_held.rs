//! The check for holds right before a delete.

use async_trait::async_trait;
use conversation_delete_job::HoldCheck;
use delete_core::vendor_kit::ErrorExt;
use delete_core::{Deleter, Deletion, Error, RecordId, Vendor};

/// A [`Deleter`] that refuses a record that is held by now. It belongs inside of one that sends a lookup first, so that the
/// holds are checked after the lookup.
pub(super) struct RejectHeld<D> {
    deleter: D,
    check: HoldCheck,
}

impl<D: Deleter> RejectHeld<D> {
    /// Checks the holds before each delete of `deleter`.
    pub(super) fn new(deleter: D, check: HoldCheck) -> Self {
        Self { deleter, check }
    }
}

#[async_trait]
impl<D: Deleter> Deleter for RejectHeld<D> {
    fn vendor(&self) -> Vendor {
        self.deleter.vendor()
    }

    fn parse_id(&self, id: &str) -> Result<RecordId, Error> {
        self.deleter.parse_id(id)
    }

    async fn delete(&self, id: &RecordId) -> Result<Deletion, Error> {
        self.check.check(id).map_err(|error| error.for_vendor(self.vendor()))?;
        self.deleter.delete(id).await
    }

    fn max_batch(&self) -> usize {
        self.deleter.max_batch()
    }

    async fn delete_batch(&self, ids: &[RecordId]) -> Vec<Result<Deletion, Error>> {
        let refusals: Vec<Option<Error>> = ids.iter().map(|id| self.check.check(id).err()).collect();
        let free = ids.iter().zip(&refusals).filter(|(_, refusal)| refusal.is_none());
        let free: Vec<RecordId> = free.map(|(id, _)| id.clone()).collect();
        let results = if free.is_empty() { Vec::new() } else { self.deleter.delete_batch(&free).await };
        let mut results = results.into_iter();
        // After a missing result nothing is known of the rest: the caller must not take that for "not sent".
        let result = |refusal: Option<Error>| match refusal {
            Some(error) => Some(Err(error.for_vendor(self.vendor()))),
            None => results.next(),
        };
        refusals.into_iter().map_while(result).collect()
    }
}
