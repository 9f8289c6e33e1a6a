//! A vendor that gave no valid response when its credential was to be checked.

use std::sync::Arc;

use async_trait::async_trait;
use delete_core::{Deleter, Deletion, Error, RecordId, RecordReader, Vendor};
use tokio::sync::OnceCell;

/// Deletes once the credential was checked. Until then each delete begins with the check, and fails as that does, so that
/// whoever deletes waits for the vendor as for any other outage.
pub(super) struct Unchecked {
    deleter: Arc<dyn Deleter>,
    checker: Arc<dyn RecordReader>,
    checked: OnceCell<()>,
}

impl Unchecked {
    pub(super) fn new(deleter: Arc<dyn Deleter>, checker: Arc<dyn RecordReader>) -> Self {
        Self { deleter, checker, checked: OnceCell::new() }
    }

    async fn check(&self) -> Result<(), Error> {
        let check = || async {
            let checked = self.checker.check_credential().await.map_err(about_all)?;
            match checked.may_delete {
                Some(false) => Err(Error::missing_scope("the credential may read and not delete")),
                _ => Ok(()),
            }
        };
        self.checked.get_or_try_init(check).await.copied()
    }
}

/// What neither passes nor is about the credential would count as a failure of one record, which it is not.
fn about_all(error: Error) -> Error {
    if error.is_retryable() || error.is_fatal_for_client() {
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

#[cfg(test)]
mod tests {
    use delete_core::{CredentialCheck, Filter, Listing, Presence, Status};

    use super::*;

    /// A credential that may read and not delete.
    struct ReadOnly;

    #[async_trait]
    impl RecordReader for ReadOnly {
        fn vendor(&self) -> Vendor {
            Vendor::new("test", "Test")
        }

        fn list(&self, _: &Filter) -> Result<Listing, Error> {
            Err(Error::invalid_input("not listed"))
        }

        async fn lookup(&self, _: &RecordId) -> Presence {
            Presence::Absent
        }

        async fn active_status(&self, _: &RecordId) -> Result<Option<Status>, Error> {
            Ok(None)
        }

        async fn check_credential(&self) -> Result<CredentialCheck, Error> {
            let mut checked = CredentialCheck::new("https://vendor.test", true);
            checked.may_delete = Some(false);
            Ok(checked)
        }
    }

    struct Never;

    #[async_trait]
    impl Deleter for Never {
        fn vendor(&self) -> Vendor {
            Vendor::new("test", "Test")
        }

        fn parse_id(&self, id: &str) -> Result<RecordId, Error> {
            RecordId::parse_uuid(id)
        }

        async fn delete(&self, id: &RecordId) -> Result<Deletion, Error> {
            panic!("{id} was deleted by a credential that was found to lack the permission")
        }
    }

    #[tokio::test]
    async fn a_read_only_credential_found_late_is_refused_as_one_found_early() {
        let unchecked = Unchecked::new(Arc::new(Never), Arc::new(ReadOnly));
        let id: RecordId = RecordId::parse_uuid("f47ac10b-58cc-4372-a567-0e02b2c3d479").unwrap();
        let error = unchecked.delete(&id).await.unwrap_err();
        assert!(error.is_credential_refused(), "{error}");
        let errors = unchecked.delete_batch(&[id.clone(), id]).await;
        assert!(errors.iter().all(|error| error.as_ref().is_err_and(Error::is_credential_refused)));
    }
}
