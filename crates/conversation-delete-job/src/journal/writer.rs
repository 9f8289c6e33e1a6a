//! How the thread ends that owns the file, also when the file is lost.

use std::collections::HashMap;
use std::sync::mpsc::Receiver;

use rusqlite::Connection;

use super::write::{check_run, stop_run};
use super::{Command, Failure, Run, Work};
use crate::error::{JobError, JobErrorKind};
use crate::lock::Lock;
use crate::status::Status;
use crate::store::Store;
use crate::target::TargetNumber;

/// What the thread has that owns the file.
pub(super) struct Writer {
    pub(super) store: Store,
    pub(super) lock: Lock,
    pub(super) run: Run,
    /// The last record that was claimed for each kind of work.
    pub(super) claimed: HashMap<(TargetNumber, Work), Option<i64>>,
    /// The file is not this run's any more.
    pub(super) loss: Option<JobError>,
}

impl Writer {
    pub(super) fn new(store: Store, lock: Lock, run: Run) -> Self {
        Self { store, lock, run, claimed: HashMap::new(), loss: None }
    }

    /// Writes what it is given until all senders are gone. The lock is kept for as long.
    pub(super) fn run(mut self, commands: &Receiver<Command>, failure: &Failure) -> Result<(), JobError> {
        let written = self.write_all(commands, failure);
        if written.is_err() {
            failure.happen();
            // A caller that waits for a reply learns of the failure when the reply is dropped.
            commands.iter().for_each(drop);
        }
        let Self { mut store, lock, run, loss, .. } = self;
        let Some(loss) = loss else {
            leave(&store, run);
            // Nobody else opens the file before it is closed.
            drop(store);
            drop(lock);
            return written.map_err(JobError::after_begin);
        };
        if lock.has_job() {
            store.leave_wal()
        } else {
            store.lose()
        }
        Err(match Status::of(&store, None) {
            Ok(status) => loss.with_last(status, store),
            Err(_) => loss,
        })
    }
}

/// Leaves one file. Where nothing more can be written, its log stays beside it, and is not taken for one that is missing.
fn leave(store: &Store, run: Run) {
    if stop_run(&store.connection, run).is_err() {
        return store.keep_log();
    }
    store.leave_wal();
}

/// Whether the file is another run's by now, or is not where it was.
pub(super) fn find_loss(connection: &Connection, lock: &Lock, run: Run) -> Result<Option<JobError>, JobError> {
    match check_run(connection, run).and_then(|()| lock.check()) {
        Ok(()) => Ok(None),
        Err(error) if matches!(error.kind(), JobErrorKind::Lost | JobErrorKind::TakenOver) => {
            Ok(Some(error.after_begin()))
        }
        Err(error) => Err(error),
    }
}
