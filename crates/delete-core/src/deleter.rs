//! Deleting without knowing the vendor.

use std::sync::Arc;

use async_trait::async_trait;
use futures_core::Stream;

use crate::delete_all::DeleteAll;
use crate::error::{Error, ErrorKind};
use crate::{Deletion, Delivery, RecordId, Vendor};

/// A client that deletes records of one vendor with one credential, and in one erasure mode where there are two.
///
/// It is dyn-safe: a program may hold `Vec<Box<dyn Deleter>>`. Conveniences are in [`DeleterExt`].
///
/// # Cancellation
/// Dropping a future of this trait while a request is under way leaves open whether the record was deleted.
#[async_trait]
pub trait Deleter: Send + Sync {
    /// The vendor whose records are deleted.
    fn vendor(&self) -> Vendor;

    /// Reads an id of this vendor's form.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] when it is none.
    fn parse_id(&self, id: &str) -> Result<RecordId, Error>;

    /// Deletes one record.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] when the vendor says at first contact that there is no such record;
    /// [`ErrorKind::InvalidInput`] when the id is of another vendor's form; else what the vendor crate documents.
    async fn delete(&self, id: &RecordId) -> Result<Deletion, Error>;

    /// The most records that one call of [`delete_batch`](Self::delete_batch) takes; 1 where the vendor has no bulk
    /// route.
    fn max_batch(&self) -> usize {
        1
    }

    /// Deletes up to [`max_batch`](Self::max_batch) records, all distinct, in one request where the vendor can. The
    /// results are in the order of `ids`, one for each.
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

/// Conveniences over any [`Deleter`].
pub trait DeleterExt: Deleter {
    /// Deletes all records that `ids` yields, in batches of [`max_batch`](Deleter::max_batch) and with at most
    /// `concurrency` requests in flight (0 counts as 1), and yields each result as it comes: not in the order of the
    /// input.
    ///
    /// A batch is sent when it is full or `ids` has ended. An id that occurs again among the latest 65,536 distinct ids is
    /// not sent again; it yields the same result once more. After an error that
    /// [affects every call](Error::is_fatal_for_client) no more ids are drawn: those in flight are still awaited, and those
    /// drawn but not sent yield that error.
    ///
    /// To stop early, end `ids`: what is in flight is still awaited. After dropping the stream instead, the outcome of the
    /// requests in flight is unknown.
    fn delete_all<'a, S>(
        &'a self,
        ids: S,
        concurrency: usize,
    ) -> impl Stream<Item = (RecordId, Result<Deletion, Error>)> + Send + 'a
    where
        S: Stream<Item = RecordId> + Send + 'a,
    {
        DeleteAll::new(self, ids, concurrency)
    }
}

impl<T: Deleter + ?Sized> DeleterExt for T {}

/// What is known of a record for which a deleter returned no result.
pub(crate) fn missing_result(vendor: Vendor) -> Error {
    let message = "the deleter returned no result for this record";
    Error::builder(ErrorKind::UnexpectedResponse, message).vendor(vendor).delivery(Delivery::MaybeDelivered).build()
}

/// Absence as a value, for callers who have decided that a record which was not there is as good as deleted.
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
    /// `Ok(None)` in place of [`ErrorKind::NotFound`]; all else as it is.
    ///
    /// # Errors
    /// Every other error.
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
