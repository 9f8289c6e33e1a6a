//! Follows the entries of a job in the order of its input, also while it is run.

use crate::error::JobError;
use crate::memory::JobLocation;
use crate::refused::{RefusedReport, read_refused};
use crate::report::{Page, RecordReport, read_page};
use crate::store::Store;

/// An entry of the input of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "nearly all entries are records")]
pub enum EntryReport {
    /// A record.
    Record(RecordReport),
    /// Something that was not an id.
    Refused(RefusedReport),
}

/// What is on the disk of a record once a [`Follower`] gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Milestone {
    /// Its outcome.
    Outcome,
    /// Its outcome, and what a lookup or list showed after its delete, if a delete was sent for it.
    Verification,
    /// What a lookup showed.
    Lookup,
}

/// Follows a job while it is run: gives its entries in the order of the input, each once, a record as soon as it and all
/// before it have reached a milestone. Jobs of earlier
/// versions did not keep the order between records and refused entries.
#[derive(Debug)]
pub struct Follower {
    store: Store,
    last_record: i64,
    last_refused: i64,
}

impl Follower {
    /// Begins at the first entry.
    ///
    /// # Errors
    /// As [`Status::read`](crate::Status::read).
    pub fn open(location: impl Into<JobLocation>) -> Result<Self, JobError> {
        Ok(Self { store: Store::open_to_read(&location.into())?, last_record: 0, last_refused: 0 })
    }

    /// The next entries, at most `count`; none if the next one is a record that has not reached the milestone yet.
    ///
    /// # Errors
    /// [`JobErrorKind::Storage`](crate::JobErrorKind::Storage).
    pub fn next(&mut self, count: usize, milestone: Milestone) -> Result<Vec<EntryReport>, JobError> {
        self.read(count, Some(milestone))
    }

    /// The next entries, at most `count`, whether the records have an outcome or not, for the time when nobody runs the job
    /// any more.
    ///
    /// # Errors
    /// [`JobErrorKind::Storage`](crate::JobErrorKind::Storage).
    pub fn rest(&mut self, count: usize) -> Result<Vec<EntryReport>, JobError> {
        self.read(count, None)
    }

    /// Goes on with the file as a run had it open that lost it, whatever lies at its path now.
    pub fn follow_lost(&mut self, error: &JobError) {
        if let Some(store) = error.take_store() {
            self.store = store;
        }
    }

    fn read(&mut self, count: usize, milestone: Option<Milestone>) -> Result<Vec<EntryReport>, JobError> {
        let page = read_page(&self.store, self.last_record, count, milestone, |_| false)?;
        let Page { records, numbers, end } = page;
        let limit = i64::try_from(count).unwrap_or(i64::MAX);
        let refused = read_refused(&self.store.connection, self.last_refused, end, limit)?;
        let mut refused = refused.into_iter().peekable();
        let mut records = numbers.into_iter().zip(records).peekable();
        let mut entries = Vec::new();
        // No more than `count`: of what was not taken, neither list may be complete.
        while entries.len() < count {
            let is_record = match (records.peek(), refused.peek()) {
                (Some((record, _)), Some((refused, _))) => record <= refused,
                (record, _) => record.is_some(),
            };
            if is_record {
                let Some((number, record)) = records.next() else { break };
                self.last_record = number;
                entries.push(EntryReport::Record(record));
            } else {
                let Some((number, entry)) = refused.next() else { break };
                self.last_refused = number;
                entries.push(EntryReport::Refused(entry));
            }
        }
        Ok(entries)
    }
}

impl Drop for Follower {
    /// A run that ended before could not do it, because this one was reading.
    fn drop(&mut self) {
        self.store.leave_wal();
    }
}
