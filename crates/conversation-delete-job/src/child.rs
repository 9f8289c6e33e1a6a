//! The results for children of records: what belongs to a record and is deleted with it.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use delete_core::RecordId;

use crate::journal::{Entry, Journal};
use crate::outcome::ChildReport;
use crate::target::TargetNumber;

/// Writes the results for children into the job file as soon as a deleter knows them. Clones share it.
///
/// The [`Lane`](crate::Lane) of the deleter gets one of the clones. While the lane runs, each report is written at once,
/// in the order in which it comes and before the outcome of its record: it survives a kill, and a run that is dropped.
/// A later report on the same child replaces the earlier one. At any other time, reports are dropped.
#[derive(Clone, Default)]
pub struct ChildJournal(Arc<Mutex<Option<(Journal, TargetNumber)>>>);

impl ChildJournal {
    /// Writes the result for a child of `record`. It does not wait for the disk.
    pub fn write(&self, record: &RecordId, child: ChildReport) {
        let way = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((journal, target)) = way.as_ref() {
            journal.append(*target, Entry::Child { id: record.to_string(), child });
        }
    }

    pub(crate) fn open(&self, journal: Journal, target: TargetNumber) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((journal, target));
    }

    /// The thread that writes ends once nobody can write any more.
    pub(crate) fn close(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl fmt::Debug for ChildJournal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChildJournal").finish_non_exhaustive()
    }
}
