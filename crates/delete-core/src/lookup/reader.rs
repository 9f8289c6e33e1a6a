//! Finding records and looking them up without knowing the vendor.

use std::ops::Deref;
use std::sync::Arc;

use async_trait::async_trait;

use crate::error::Error;
use crate::{ClockSkew, CredentialCheck, Filter, Listing, Presence, RecordId, Status, Vendor};

/// A client that finds and looks up records of one vendor with one credential. It changes nothing at the vendor.
///
/// It is dyn-safe, like [`Deleter`](crate::Deleter). Conveniences are in [`RecordReaderExt`](crate::RecordReaderExt). Of the vendor's responses it
/// keeps ids, times and status; everything else is dropped.
#[async_trait]
pub trait RecordReader: Send + Sync {
    /// The vendor whose records are read.
    fn vendor(&self) -> Vendor;

    /// Lists the records that match `filter`, page by page.
    ///
    /// An implementation first turns ages into times ([`Filter::at`]) and calls [`Filter::check`], then asks
    /// [`Filter::matches`] about each record.
    ///
    /// Do not delete records while a list is read, because that can make the vendor skip others. A record that moves in the
    /// vendor's list meanwhile can be listed twice. A record that does not change meanwhile is listed, whatever is added; each
    /// vendor crate documents what happens if others are removed.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) for a filter that cannot match; then nothing is sent. All
    /// other errors come from the [`Listing`].
    fn list(&self, filter: &Filter) -> Result<Listing, Error>;

    /// Looks up one record once.
    async fn lookup(&self, id: &RecordId) -> Presence;

    /// Looks up each of these records once, in the cheapest way that the vendor has. The results are in the order of `ids`.
    async fn lookup_many(&self, ids: &[RecordId]) -> Vec<Presence> {
        let mut presences = Vec::with_capacity(ids.len());
        for id in ids {
            presences.push(self.lookup(id).await);
        }
        presences
    }

    /// Looks up records once more, after a lookup that reported `earlier` of them. A reader that reads a list need not read
    /// further back than [`Presence::Present::listed_since`](Presence::Present).
    async fn lookup_again(&self, ids: &[RecordId], earlier: &[Presence]) -> Vec<Presence> {
        let _ = earlier;
        self.lookup_many(ids).await
    }

    /// Whether [`lookup_many`](Self::lookup_many) costs about the same for one record as for many, because it reads a whole
    /// list: then look up many in one call, and not several at a time.
    fn prefers_bulk_lookup(&self) -> bool {
        false
    }

    /// The status of a record that is still active, such as a running call or a transcription; `None` if it is over, or the
    /// vendor has no such state. A status that the vendor does not document counts as active.
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such record; else why the lookup failed.
    async fn active_status(&self, id: &RecordId) -> Result<Option<Status>, Error>;

    /// The statuses of records that are over, if a lookup alone shows whether a record is active; empty if the vendor has no
    /// such states, or only [`active_status`](Self::active_status) finds out.
    fn final_statuses(&self) -> &[Status] {
        &[]
    }

    /// Checks, without changing anything, that the credential works and may read, that it may delete as far as that can be
    /// known, and that it belongs to the configured tenant, workspace or region.
    ///
    /// # Errors
    /// [`ErrorKind::WrongTarget`](crate::ErrorKind::WrongTarget) if it belongs elsewhere; else why it cannot be used.
    async fn check_credential(&self) -> Result<CredentialCheck, Error>;

    /// Records that the same credential saw these records earlier, such as in another process.
    ///
    /// A vendor may not report that a record is gone: the record is only missing from its list. A reader of such a vendor
    /// reports [`Presence::Absent`] only for records that its credential saw. Other readers ignore the call.
    fn mark_seen(&self, _ids: &[RecordId]) {}

    /// How far our clock is from the vendor's, by the latest response with a `Date`; `None` before the first one, or if the
    /// reader does not measure it.
    fn clock_skew(&self) -> Option<ClockSkew> {
        None
    }
}

/// Implements [`RecordReader`] for `$type` by the reader that the function `$reader` borrows from it.
#[doc(hidden)]
#[macro_export]
macro_rules! forward_record_reader {
    ([$($generics:tt)*] $type:ty, $reader:path) => {
        #[::async_trait::async_trait]
        impl<$($generics)*> $crate::RecordReader for $type {
            fn vendor(&self) -> $crate::Vendor {
                $crate::RecordReader::vendor($reader(self))
            }

            fn list(&self, filter: &$crate::Filter) -> Result<$crate::Listing, $crate::Error> {
                $crate::RecordReader::list($reader(self), filter)
            }

            async fn lookup(&self, id: &$crate::RecordId) -> $crate::Presence {
                $crate::RecordReader::lookup($reader(self), id).await
            }

            async fn lookup_many(&self, ids: &[$crate::RecordId]) -> Vec<$crate::Presence> {
                $crate::RecordReader::lookup_many($reader(self), ids).await
            }

            async fn lookup_again(
                &self,
                ids: &[$crate::RecordId],
                earlier: &[$crate::Presence],
            ) -> Vec<$crate::Presence> {
                $crate::RecordReader::lookup_again($reader(self), ids, earlier).await
            }

            fn prefers_bulk_lookup(&self) -> bool {
                $crate::RecordReader::prefers_bulk_lookup($reader(self))
            }

            async fn active_status(&self, id: &$crate::RecordId) -> Result<Option<$crate::Status>, $crate::Error> {
                $crate::RecordReader::active_status($reader(self), id).await
            }

            fn final_statuses(&self) -> &[$crate::Status] {
                $crate::RecordReader::final_statuses($reader(self))
            }

            async fn check_credential(&self) -> Result<$crate::CredentialCheck, $crate::Error> {
                $crate::RecordReader::check_credential($reader(self)).await
            }

            fn mark_seen(&self, ids: &[$crate::RecordId]) {
                $crate::RecordReader::mark_seen($reader(self), ids);
            }

            fn clock_skew(&self) -> Option<$crate::ClockSkew> {
                $crate::RecordReader::clock_skew($reader(self))
            }
        }
    };
}

forward_record_reader!([T: RecordReader + ?Sized] &T, Deref::deref);
forward_record_reader!([T: RecordReader + ?Sized] Box<T>, Deref::deref);
forward_record_reader!([T: RecordReader + ?Sized] Arc<T>, Deref::deref);
