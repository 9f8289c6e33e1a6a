//! What may be changed of a job after it was planned.

use delete_core::ClockSkew;
use rusqlite::TransactionBehavior;

use crate::clock;
use crate::error::JobError;
use crate::reopen::{count_failed, reopen_failed};
use crate::run::Job;
use crate::target::TargetNumber;

impl Job {
    /// Returns how many records have failed and can be tried again: those that are held since cannot.
    ///
    /// # Errors
    /// [`JobErrorKind::Storage`](crate::JobErrorKind::Storage).
    pub fn count_failed(&self) -> Result<u64, JobError> {
        count_failed(&self.store.connection)
    }

    /// Reopens what has failed, so that the next run tries it once more, and keeps each failure in the table `attempt`. It
    /// remembers which of them may be deleted already: "not found" is [`Gone`](delete_core::Outcome::Gone) for these.
    /// Returns how many there are. [`RunOptions::retry_failed`](crate::RunOptions::retry_failed) does it as a run begins, once
    /// its lanes are checked.
    ///
    /// # Errors
    /// [`JobErrorKind::Storage`](crate::JobErrorKind::Storage): then none is opened.
    pub fn reopen_failed(&mut self) -> Result<u64, JobError> {
        let transaction = self.store.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let reopened = reopen_failed(&transaction)?;
        transaction.commit()?;
        Ok(reopened)
    }

    /// Records how far our clock is from the vendor's.
    ///
    /// # Errors
    /// [`JobErrorKind::Storage`](crate::JobErrorKind::Storage).
    pub fn record_clock_skew(&mut self, target: TargetNumber, skew: ClockSkew) -> Result<(), JobError> {
        clock::write(&self.store.connection, target, skew)
    }
}
