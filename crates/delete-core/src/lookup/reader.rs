//! Finding records and looking at them without knowing the vendor.

use std::sync::Arc;

use async_trait::async_trait;

use crate::error::Error;
use crate::lookup::PendingChecks;
use crate::{Clock, ClockSkew, CredentialCheck, Filter, Listing, Presence, RecordId, Status, VerifyPolicy};

/// A client that finds records of one vendor with one credential, and says which are there. It changes nothing.
///
/// It stands beside [`Deleter`](crate::Deleter) and is dyn-safe like it: a program may hold `Box<dyn Reader>`. Of what
/// the vendor's answers hold, it keeps ids, times and status; everything else is dropped unread.
#[async_trait]
pub trait RecordReader: Send + Sync {
    /// Finds the records that `filter` lets through, page by page: one page is held in memory at a time.
    ///
    /// Deleting while a list is read can make the vendor skip records: read it to its end first. The same record may
    /// come twice, where it moved in the vendor's list while that was read. What was there all the time is not left out,
    /// whatever comes meanwhile; what it takes when others go is said at each vendor.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for a filter with an empty value or one that the
    /// vendor does not know; then nothing is sent. All other errors come out of the [`Listing`].
    fn list(&self, filter: &Filter) -> Result<Listing, Error>;

    /// Looks once whether the vendor shows this record.
    async fn lookup(&self, id: &RecordId) -> Presence;

    /// Looks once at each of these records, in the cheapest way the vendor has. The results are in the order of `ids`.
    async fn lookup_many(&self, ids: &[RecordId]) -> Vec<Presence> {
        let mut lookup_many = Vec::with_capacity(ids.len());
        for id in ids {
            lookup_many.push(self.lookup(id).await);
        }
        lookup_many
    }

    /// Whether [`lookup_many`](Self::lookup_many) costs about the same for one record as for all, because it reads a whole
    /// list: then many should be looked at together, and not side by side.
    fn prefers_bulk_lookup(&self) -> bool {
        false
    }

    /// Looks at records that should be gone: again and again, as `looks` says, for as long as one of them is there or
    /// could not be looked at.
    async fn confirm_absence(&self, ids: &[RecordId], looks: VerifyPolicy) -> Vec<Presence> {
        let mut sightings = PendingChecks::new(ids, self.lookup_many(ids).await);
        for wait in looks.waits() {
            let open = sightings.open();
            if open.is_empty() {
                break;
            }
            self.clock().sleep(wait).await;
            sightings.update(self.lookup_many(&open).await);
        }
        sightings.into_presences()
    }

    /// The status of a record that is not over yet: a call that goes on, a transcription at work. `None` where it is
    /// over, or the vendor knows no such state. A status that is not known here counts as not over.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) when there is no such record, and whatever else a look-up
    /// can meet.
    async fn active_status(&self, id: &RecordId) -> Result<Option<Status>, Error>;

    /// Makes sure, without changing anything, that the credential works, may read, may delete as far as that can be
    /// known, and belongs to the tenant, workspace or region that was meant.
    ///
    /// # Errors
    /// [`ErrorKind::WrongTarget`](crate::ErrorKind::WrongTarget) when it belongs elsewhere; else why it cannot be used.
    async fn check_credential(&self) -> Result<CredentialCheck, Error>;

    /// Tells the reader that the same credential saw these records earlier, such as in another process.
    ///
    /// Some vendors have no way to say that a record is gone: it is only missing from their list. Such a reader reports
    /// [`Presence::Absent`] only for records that its credential saw. It does nothing at the other vendors.
    fn mark_seen(&self, _ids: &[RecordId]) {}

    /// The clock by which this client waits.
    fn clock(&self) -> Arc<dyn Clock>;

    /// How far our clock is from the vendor's, by the latest response with a `Date`; `None` before the first one, and
    /// where the reader does not measure it.
    fn clock_skew(&self) -> Option<ClockSkew> {
        None
    }
}

macro_rules! forward_reader {
    ($($type:ty),*) => {$(
        #[async_trait]
        impl<T: RecordReader + ?Sized> RecordReader for $type {
            fn list(&self, filter: &Filter) -> Result<Listing, Error> {
                (**self).list(filter)
            }

            async fn lookup(&self, id: &RecordId) -> Presence {
                (**self).lookup(id).await
            }

            async fn lookup_many(&self, ids: &[RecordId]) -> Vec<Presence> {
                (**self).lookup_many(ids).await
            }

            fn prefers_bulk_lookup(&self) -> bool {
                (**self).prefers_bulk_lookup()
            }

            async fn confirm_absence(&self, ids: &[RecordId], looks: VerifyPolicy) -> Vec<Presence> {
                (**self).confirm_absence(ids, looks).await
            }

            async fn active_status(&self, id: &RecordId) -> Result<Option<Status>, Error> {
                (**self).active_status(id).await
            }

            async fn check_credential(&self) -> Result<CredentialCheck, Error> {
                (**self).check_credential().await
            }

            fn mark_seen(&self, ids: &[RecordId]) {
                (**self).mark_seen(ids);
            }

            fn clock(&self) -> Arc<dyn Clock> {
                (**self).clock()
            }

            fn clock_skew(&self) -> Option<ClockSkew> {
                (**self).clock_skew()
            }
        }
    )*};
}

forward_reader!(&T, Box<T>, Arc<T>);
