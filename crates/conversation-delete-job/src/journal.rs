//! What a run writes down: intents before their requests leave, outcomes in groups.
//!
//! One thread owns the file. The commands that it gets are kept in one transaction until somebody waits for a reply, or
//! they are enough, or old enough; then the transaction is committed, and only then are the replies sent.

mod begin;
mod command;
mod entry;
pub(crate) mod holds;
mod queue;
pub(crate) mod sql;
mod write;
mod writer;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use delete_core::RecordId;
use tokio::sync::{Notify, oneshot};

use crate::error::{JobError, JobErrorKind};
use crate::lock::Lock;
use crate::store::Store;
use crate::target::TargetNumber;
pub(crate) use begin::{Purpose, Run, begin, left_to_verify};
use command::Command;
pub(crate) use entry::{Claimed, Entry, Intent, RecordResult, Sighting, Work};
use holds::HoldCheck;
use queue::{Sender, queue};
use writer::Writer;

/// The way to the thread that owns the file.
#[derive(Clone, Debug)]
pub(crate) struct Journal {
    /// It is dropped before the way to the thread is: the thread can leave one file at its end only if nobody else has it
    /// open.
    holds: Arc<HoldCheck>,
    commands: Sender,
    failure: Arc<WriteFailure>,
}

/// What the thread of a journal could not write.
pub(crate) type Written = Result<(), JobError>;

/// Whether something could not be written.
#[derive(Debug, Default)]
struct WriteFailure {
    has_happened: AtomicBool,
    happens: Notify,
}

impl WriteFailure {
    fn happen(&self) {
        self.has_happened.store(true, Ordering::SeqCst);
        self.happens.notify_waiters();
    }
}

impl Journal {
    /// Starts the thread. It ends when all journals are dropped, and gives back what could not be written. It keeps `lock`
    /// until then: nobody else opens the file while requests are in flight, also if a run is dropped half-way or nothing
    /// can be written any more.
    ///
    /// # Errors
    /// [`JobErrorKind::Storage`](crate::JobErrorKind::Storage) if the thread cannot be started, or the file cannot be
    /// opened a second time to check holds.
    pub(crate) fn start(store: Store, lock: Lock, run: Run) -> Result<(Self, JoinHandle<Written>), JobError> {
        let (commands, received) = queue();
        let holds = Arc::new(HoldCheck::open(&store.location())?);
        let journal = Self { holds, commands, failure: Arc::default() };
        let failure = Arc::clone(&journal.failure);
        let writer = Writer::new(store, lock, run);
        let write = move || writer.run(&received, &failure);
        let thread = thread::Builder::new().name("job-journal".to_owned()).spawn(write).map_err(|error| {
            let message =
                format!("the thread that writes the job file could not be started: {error}; nothing was sent");
            JobError::new(JobErrorKind::Storage, message)
        })?;
        Ok((journal, thread))
    }

    /// Up to `count` records that are open to a kind of work, each once in a run.
    pub(crate) async fn claim(&self, target: TargetNumber, work: Work, count: usize) -> Result<Vec<Claimed>, JobError> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Claim { target, work, count, reply });
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }

    pub(crate) fn append(&self, target: TargetNumber, entry: Entry) {
        self.send(Command::Append { target, entry });
    }

    /// Writes the intents of records that are about to be sent. Records that were held meanwhile are settled instead.
    pub(crate) async fn intend(&self, target: TargetNumber, records: Vec<i64>) -> Result<Vec<Intent>, JobError> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Intend { target, records, reply });
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// Takes back the intents of records for which nothing was sent.
    pub(crate) fn release(&self, records: Vec<i64>) {
        if !records.is_empty() {
            self.send(Command::Release { records });
        }
    }

    /// Whether one of these ids is held now, also if another process wrote the hold a moment ago.
    pub(crate) fn is_any_held<'a>(&self, ids: impl IntoIterator<Item = &'a RecordId>) -> Result<bool, JobError> {
        self.holds.is_any_held(ids)
    }

    /// Marks the records of these ids, which a list after the deletes still shows.
    pub(crate) fn listed(&self, target: TargetNumber, ids: Vec<String>) {
        self.send(Command::Listed { target, ids });
    }

    /// Ends the list after the deletes, with the reason if it broke off. If it is complete, each record that was not marked is
    /// absent, unless its presence after its delete is known already.
    pub(crate) fn end_list(&self, target: TargetNumber, ended: Result<(), String>) {
        self.send(Command::EndList { target, broke_off: ended.err(), after: 0 });
    }

    /// Notes how this run ended.
    pub(crate) fn end_run(&self, ending: String) {
        self.send(Command::EndRun { ending });
    }

    /// Waits until every entry so far is on the disk.
    pub(crate) async fn flush(&self) -> Result<(), JobError> {
        let (reply, answer) = oneshot::channel();
        self.send(Command::Flush { reply });
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// Fails where something could not be written: nothing more should be sent then.
    pub(crate) fn check(&self) -> Result<(), JobError> {
        if self.failure.has_happened.load(Ordering::SeqCst) { Err(stopped()) } else { Ok(()) }
    }

    /// Returns when something could not be written.
    pub(crate) async fn broken(&self) {
        let happens = self.failure.happens.notified();
        if self.check().is_ok() {
            happens.await;
        }
    }

    /// If the thread is gone, it has failed, and every reply reports that.
    fn send(&self, command: Command) {
        self.commands.send(command);
    }
}

fn stopped() -> JobError {
    JobError::new(JobErrorKind::Storage, "the job file could not be written to; the run stopped")
}

#[cfg(test)]
mod tests;
