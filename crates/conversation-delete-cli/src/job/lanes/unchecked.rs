//! A vendor that gave no sound answer when its credential was to be checked.

use std::sync::Arc;

use async_trait::async_trait;
use delete_core::{Deleter, Deletion, Error, Reader, RecordId, Vendor};
use tokio::sync::OnceCell;

/// Deletes once the credential was checked. Until then each delete begins with the check, and fails as that does, so that
/// whoever deletes waits for the vendor as for any other outage.
pub(super) struct Unchecked {
    deleter: Arc<dyn Deleter>,
    checker: Arc<dyn Reader>,
    checked: OnceCell<()>,
}

impl Unchecked {
    pub(super) fn new(deleter: Arc<dyn Deleter>, checker: Arc<dyn Reader>) -> Self {
        Self { deleter, checker, checked: OnceCell::new() }
    }

    async fn check(&self) -> Result<(), Error> {
        let check = || async {
            let preflight = self.checker.check().await.map_err(about_all)?;
            match preflight.may_delete() {
                Some(false) => Err(Error::configuration("the credential may read and not delete")),
                _ => Ok(()),
            }
        };
        self.checked.get_or_try_init(check).await.copied()
    }
}

/// What neither passes nor is about the credential would count as a failure of one record, which it is not.
fn about_all(error: Error) -> Error {
    if error.is_retryable() || error.affects_every_call() {
        return error;
    }
    Error::configuration(format!("the credential could not be checked: {error}"))
}

#[async_trait]
impl Deleter for Unchecked {
    fn vendor(&self) -> Vendor {
        self.deleter.vendor()
    }

    fn parse_id(&self, id: &str) -> Result<RecordId, Error> {
        self.deleter.parse_id(id)
    }

    fn max_batch(&self) -> usize {
        self.deleter.max_batch()
    }

    async fn delete(&self, id: &RecordId) -> Result<Deletion, Error> {
        self.check().await?;
        self.deleter.delete(id).await
    }

    async fn delete_batch(&self, ids: &[RecordId]) -> Vec<Result<Deletion, Error>> {
        match self.check().await {
            Ok(()) => self.deleter.delete_batch(ids).await,
            Err(error) => ids.iter().map(|_| Err(error.clone())).collect(),
        }
    }
}
