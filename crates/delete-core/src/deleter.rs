//! Deleting without knowing the vendor.

use std::sync::Arc;

use async_trait::async_trait;

use crate::error::{Error, ErrorKind};
use crate::{Deletion, Delivery, RecordId, Vendor};

/// Deletes records of one vendor with one credential, and in one erasure mode if the vendor has two.
///
/// The trait is dyn-safe (`Vec<Box<dyn Deleter>>`), and users can implement and decorate it: [`Deletion::new`] and
/// [`Error::builder`] make its results. Conveniences are in [`DeleterExt`](crate::DeleterExt).
///
/// A deleter without a network, for tests:
///
/// ```
/// use async_trait::async_trait;
/// use delete_core::{ConversationId, Deleter, Deletion, Error, ErrorKind, Outcome, RecordId, Vendor};
///
/// /// A vendor with a single record.
/// #[derive(Debug)]
/// struct Mock;
///
/// #[async_trait]
/// impl Deleter for Mock {
///     fn vendor(&self) -> Vendor {
///         Vendor::new("mock", "Mock")
///     }
///
///     fn parse_id(&self, id: &str) -> Result<RecordId, Error> {
///         Ok(ConversationId::new(id)?.into())
///     }
///
///     async fn delete(&self, id: &RecordId) -> Result<Deletion, Error> {
///         if id.to_string() == "c1" {
///             return Ok(Deletion::new(self.vendor(), id.clone(), Outcome::Deleted));
///         }
///         Err(Error::builder(ErrorKind::NotFound, "the record does not exist").vendor(self.vendor()).build())
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Error> {
/// assert_eq!(Mock.delete(&Mock.parse_id("c1")?).await?.outcome(), Outcome::Deleted);
/// let error = Mock.delete(&Mock.parse_id("c2")?).await.unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::NotFound);
/// # Ok(())
/// # }
/// ```
///
/// # Cancellation
/// Dropping a future of this trait while a request is in flight leaves it unknown whether the record was deleted.
#[async_trait]
pub trait Deleter: Send + Sync {
    /// The vendor whose records are deleted.
    fn vendor(&self) -> Vendor;

    /// Parses an id in this vendor's form.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] if it has another form.
    fn parse_id(&self, id: &str) -> Result<RecordId, Error>;

    /// Deletes one record.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if the vendor reports on the first attempt that there is no such record;
    /// [`ErrorKind::InvalidInput`] if the id has another vendor's form; otherwise what the vendor crate documents. See
    /// [`Error::delivery`] for what is known of the record.
    async fn delete(&self, id: &RecordId) -> Result<Deletion, Error>;

    /// The most records that one call of [`delete_batch`](Self::delete_batch) takes; 1 if the vendor has no bulk route.
    fn max_batch(&self) -> usize {
        1
    }

    /// Deletes up to [`max_batch`](Self::max_batch) distinct records, with one request if the vendor has a bulk route.
    ///
    /// Returns one result for each id, in their order. Those of one bulk request share its attempts, request id and
    /// error, so an ambiguous failure leaves it unknown whether any of them was deleted.
    async fn delete_batch(&self, ids: &[RecordId]) -> Vec<Result<Deletion, Error>> {
        let mut results = Vec::with_capacity(ids.len());
        for id in ids {
            results.push(self.delete(id).await);
        }
        results
    }
}

macro_rules! forward_deleter {
    ($($type:ty),*) => {$(
        #[async_trait]
        impl<T: Deleter + ?Sized> Deleter for $type {
            fn vendor(&self) -> Vendor {
                (**self).vendor()
            }

            fn parse_id(&self, id: &str) -> Result<RecordId, Error> {
                (**self).parse_id(id)
            }

            async fn delete(&self, id: &RecordId) -> Result<Deletion, Error> {
                (**self).delete(id).await
            }

            fn max_batch(&self) -> usize {
                (**self).max_batch()
            }

            async fn delete_batch(&self, ids: &[RecordId]) -> Vec<Result<Deletion, Error>> {
                (**self).delete_batch(ids).await
            }
        }
    )*};
}

forward_deleter!(&T, Box<T>, Arc<T>);

/// The error for a record for which a deleter returned no result: nothing is known of it.
pub(crate) fn missing_result(vendor: Vendor) -> Error {
    unknown_result(vendor, "the deleter returned no result for this record")
}

/// Refuses the success of another record: a deleter that mixes up its results must not make a record count as deleted.
pub(crate) fn check_result(id: &RecordId, result: Result<Deletion, Error>) -> Result<Deletion, Error> {
    let deletion = result?;
    // A UUID may have been read back from JSON, where it has no type.
    if deletion.id() == id || deletion.id().to_string() == id.to_string() {
        return Ok(deletion);
    }
    Err(unknown_result(deletion.vendor(), "the deleter returned the result of another record"))
}

fn unknown_result(vendor: Vendor, message: &str) -> Error {
    Error::builder(ErrorKind::UnexpectedResponse, message).vendor(vendor).delivery(Delivery::MaybeDelivered).build()
}

/// Turns "not found" into a value, for callers to whom a record that was not there is as good as deleted.
///
/// ```
/// use delete_core::{AbsentOk, Deletion, Error};
///
/// fn report(result: Result<Deletion, Error>) -> Result<(), Error> {
///     match result.absent_ok()? {
///         Some(deletion) => println!("{}", deletion.outcome()),
///         None => println!("it was not there"),
///     }
///     Ok(())
/// }
/// ```
pub trait AbsentOk {
    /// Returns `Ok(None)` for [`ErrorKind::NotFound`].
    ///
    /// # Errors
    /// Every other error, unchanged.
    fn absent_ok(self) -> Result<Option<Deletion>, Error>;
}

impl AbsentOk for Result<Deletion, Error> {
    fn absent_ok(self) -> Result<Option<Deletion>, Error> {
        match self {
            Ok(deletion) => Ok(Some(deletion)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}
