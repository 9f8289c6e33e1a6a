//! The check for holds between the requests of one delete.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use delete_core::{Error, RecordId};

use crate::error::JobError;
use crate::journal::Journal;

/// Checks whether a record is held by now, for a deleter that sends more than one request for it. Clones share it.
///
/// The lane checks the holds before it calls its deleter. A deleter that sends a lookup first, or deletes children first,
/// can check them again right before each delete. The [`Lane`](crate::Lane) gets one of the clones and reports a record
/// whose delete was refused as `held`. Outside of a run, nothing is held.
#[derive(Clone, Default)]
pub struct HoldCheck(Arc<Mutex<Inner>>);

#[derive(Default)]
struct Inner {
    journal: Option<Journal>,
    failure: Option<JobError>,
}

impl HoldCheck {
    /// Returns an error that was not sent if the record is held by now, also if another process added the hold a moment
    /// ago.
    ///
    /// # Errors
    /// [`InvalidInput`](delete_core::ErrorKind::InvalidInput) if the record is held, or the holds could not be read. In
    /// the latter case the run stops.
    pub fn check(&self, record: &RecordId) -> Result<(), Error> {
        let mut inner = self.lock();
        let Some(journal) = &inner.journal else { return Ok(()) };
        match journal.is_any_held([record]) {
            Ok(false) => Ok(()),
            Ok(true) => Err(Error::invalid_input("the record is held: its delete was not sent")),
            Err(error) => {
                let refusal = format!("the holds could not be read, so the delete was not sent: {error}");
                inner.failure.get_or_insert(error);
                Err(Error::invalid_input(refusal))
            }
        }
    }

    pub(crate) fn open(&self, journal: Journal) {
        self.lock().journal = Some(journal);
    }

    /// The thread that writes ends once nobody can write any more.
    pub(crate) fn close(&self) {
        self.lock().journal = None;
    }

    /// Whether the holds could not be read.
    pub(crate) fn has_failed(&self) -> bool {
        self.lock().failure.is_some()
    }

    pub(crate) fn fail(&self, error: JobError) {
        self.lock().failure.get_or_insert(error);
    }

    /// Why the holds could not be read.
    pub(crate) fn take_failure(&self) -> Option<JobError> {
        self.lock().failure.take()
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for HoldCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HoldCheck").finish_non_exhaustive()
    }
}
