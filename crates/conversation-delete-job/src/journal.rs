//! What a run writes down: intents before their requests leave, outcomes in groups.
//!
//! One thread owns the file. The commands that it gets are kept in one transaction until somebody waits for a reply, or
//! they are enough, or old enough; then the transaction is committed, and only then are the replies sent.

mod begin;
mod entry;
mod holds;
pub(crate) mod sql;
mod write;
mod writer;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use delete_core::RecordId;
use rusqlite::TransactionBehavior;
use tokio::sync::{Notify, oneshot};

use crate::error::{JobError, JobErrorKind};
use crate::lock::Lock;
use crate::store::Store;
use crate::target::TargetNumber;
pub(crate) use begin::{Purpose, Run, begin};
pub(crate) use entry::{Claimed, Entry, Intent, RecordResult, Sighting, Work};
use holds::HoldCheck;
use write::Group;
use writer::{Writer, find_loss};

/// Outcomes are committed when so many wait, or after so long.
const GROUP: usize = 1024;
const GROUP_TIME: Duration = Duration::from_millis(200);

enum Command {
    Claim {
        target: TargetNumber,
        work: Work,
        count: usize,
        reply: oneshot::Sender<Result<Vec<Claimed>, JobError>>,
    },
    Append {
        target: TargetNumber,
        entry: Entry,
    },
    Intend {
        target: TargetNumber,
        records: Vec<i64>,
        reply: oneshot::Sender<Result<Vec<Intent>, JobError>>,
    },
    /// Their requests did not leave, and will not within the next moment: the intents are taken back.
    Release {
        records: Vec<i64>,
    },
    Flush {
        reply: oneshot::Sender<Result<(), JobError>>,
    },
    Listed {
        target: TargetNumber,
        ids: Vec<String>,
    },
    EndList {
        target: TargetNumber,
        broke_off: Option<String>,
    },
    EndRun {
        ending: String,
    },
}

/// The way to the thread that owns the file.
#[derive(Clone, Debug)]
pub(crate) struct Journal {
    /// It is dropped before the way to the thread is: the thread can leave one file at its end only if nobody else has it
    /// open.
    holds: Arc<HoldCheck>,
    commands: Sender<Command>,
    failure: Arc<Failure>,
}

/// What the thread of a journal could not write.
pub(crate) type Written = Result<(), JobError>;

/// Whether something could not be written.
#[derive(Debug, Default)]
struct Failure {
    has_happened: AtomicBool,
    happens: Notify,
}

impl Failure {
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
        let (commands, received) = channel();
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

    /// Writes the intents of records that are about to be sent. Those that are held by now are settled instead.
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

    /// Whether one of these ids is held by now, also if somebody else wrote that into the file a moment ago.
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
        self.send(Command::EndList { target, broke_off: ended.err() });
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

    /// A thread that is gone has failed, which everything that is asked of it says.
    fn send(&self, command: Command) {
        let _ = self.commands.send(command);
    }
}

fn stopped() -> JobError {
    JobError::new(JobErrorKind::Storage, "the job file could not be written to; the run stopped")
}

/// The commands that go into one transaction.
fn collect(first: Command, commands: &Receiver<Command>) -> Vec<Command> {
    let until = Instant::now() + GROUP_TIME;
    let mut group = vec![first];
    while group.len() < GROUP && !group.last().is_some_and(Command::is_urgent) {
        match commands.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(command) => group.push(command),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
        }
    }
    group
}

impl Command {
    /// Whether its group is written at once: somebody waits for it, or it is about a child, whose list will not show it
    /// again.
    fn is_urgent(&self) -> bool {
        let is_child = matches!(self, Self::Append { entry: Entry::Child { .. }, .. });
        is_child || matches!(self, Self::Claim { .. } | Self::Intend { .. } | Self::Flush { .. })
    }

    /// Once the file is lost, no request is begun, and what becomes of those in flight is still written: whoever reports
    /// reads it there. In a file that another run has taken over, nothing else is touched.
    fn may_be_written(&self, loss: Option<JobErrorKind>) -> bool {
        match (loss, self) {
            (None, _) | (_, Self::Append { .. }) => true,
            (Some(JobErrorKind::TakenOver), _) => false,
            (Some(_), Self::Release { .. } | Self::Listed { .. } | Self::EndList { .. } | Self::EndRun { .. }) => true,
            (Some(_), Self::Claim { .. } | Self::Intend { .. } | Self::Flush { .. }) => false,
        }
    }
}

/// Who waits, and for what.
enum Reply {
    Claimed(oneshot::Sender<Result<Vec<Claimed>, JobError>>, Vec<Claimed>),
    Intended { reply: oneshot::Sender<Result<Vec<Intent>, JobError>>, intents: Vec<Intent>, records: Vec<i64> },
    Flushed(oneshot::Sender<Result<(), JobError>>),
}

impl Writer {
    fn write_all(&mut self, commands: &Receiver<Command>, failure: &Failure) -> Result<(), JobError> {
        while let Ok(first) = commands.recv() {
            let group = collect(first, commands);
            self.write_group(group, failure)?;
        }
        Ok(())
    }

    /// Where it fails, the replies are dropped, and who waits for one knows.
    fn write_group(&mut self, group: Vec<Command>, failure: &Failure) -> Result<(), JobError> {
        let transaction = self.store.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if let Some(loss) = find_loss(&transaction, &self.lock, self.run)? {
            self.loss = Some(loss);
            failure.happen();
        }
        let loss = self.loss.as_ref().map(JobError::kind);
        let mut writing = Group::new(&transaction, self.run);
        let mut replies = Vec::new();
        for command in group.into_iter().filter(|command| command.may_be_written(loss)) {
            match command {
                // Nobody will send what nobody waits for.
                Command::Claim { reply, .. } if reply.is_closed() => {}
                Command::Intend { reply, .. } if reply.is_closed() => {}
                Command::Claim { target, work, count, reply } => {
                    let last = self.claimed.entry((target, work)).or_default();
                    replies.push(Reply::Claimed(reply, writing.claim(target, work, count, last)?));
                }
                Command::Intend { target, records, reply } => {
                    let intents = writing.intend(target, &records)?;
                    replies.push(Reply::Intended { reply, intents, records });
                }
                Command::Append { target, entry } => writing.append(target, &entry)?,
                Command::Release { records } => writing.release(&records)?,
                Command::Flush { reply } => replies.push(Reply::Flushed(reply)),
                Command::Listed { target, ids } => writing.mark_listed(target, &ids)?,
                Command::EndList { target, broke_off } => writing.end_list(target, broke_off.as_deref())?,
                Command::EndRun { ending } => writing.end_run(&ending)?,
            }
        }
        writing.finish()?;
        transaction.commit()?;
        let untaken: Vec<i64> = replies.into_iter().flat_map(give).collect();
        self.take_back(&untaken)
    }

    fn take_back(&mut self, records: &[i64]) -> Result<(), JobError> {
        if records.is_empty() {
            return Ok(());
        }
        let transaction = self.store.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        Group::new(&transaction, self.run).release(records)?;
        Ok(transaction.commit()?)
    }
}

/// Sends a reply, and gives the records whose intents nobody took: nobody sends them.
fn give(reply: Reply) -> Vec<i64> {
    match reply {
        Reply::Flushed(reply) => drop(reply.send(Ok(()))),
        Reply::Claimed(reply, claimed) => drop(reply.send(Ok(claimed))),
        Reply::Intended { reply, intents, records } => {
            if let Err(Ok(intents)) = reply.send(Ok(intents)) {
                let written = intents.iter().zip(records).filter(|(intent, _)| **intent == Intent::Written);
                return written.map(|(_, record)| record).collect();
            }
        }
    }
    Vec::new()
}
