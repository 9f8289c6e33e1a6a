//! What a run writes down: intents before their requests leave, outcomes in groups.
//!
//! One thread owns the file. What it is told is kept in one transaction until somebody waits for an answer, or it is
//! enough, or old enough; then it is committed, and only then told further.

mod write;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime};

use delete_core::timestamp;
use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{Notify, oneshot};

use crate::error::JobError;
use crate::lock::Lock;
use crate::pass::Pass;
use crate::store::Store;
use crate::target::TargetNumber;
use write::{Moved, check_run, claim, end_run, release, write_note};

/// Outcomes are committed when so many wait, or after so long.
const GROUP: usize = 1024;
const GROUP_TIME: Duration = Duration::from_millis(200);

/// A record that may be sent now: its intent is on the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claimed {
    pub(crate) record: i64,
    pub(crate) id: String,
    /// An earlier run had the intent, and nobody knows whether its request left.
    pub(crate) is_ambiguous: bool,
    /// A lookup before its delete did not find it.
    pub(crate) is_unseen: bool,
    /// The vendor showed it, or confirmed that it removed it: this credential can see it.
    pub(crate) was_seen: bool,
}

/// What is written down of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Note {
    /// What a look before its delete said.
    Before { record: i64, presence: &'static str },
    /// It could not be looked at before its delete, which is therefore not sent.
    Unseen(Settled),
    /// What became of it.
    Settled(Settled),
    /// What a look after its delete said.
    After { record: i64, presence: &'static str },
    /// What became of its children, where it has no outcome itself.
    Children { record: i64, children: String },
}

impl Note {
    /// Whether the vendor said that there is no such record.
    pub(crate) fn is_missing(&self) -> bool {
        match self {
            Self::Before { presence, .. } => *presence != "present",
            Self::Settled(settled) => settled.outcome == "not_found",
            Self::Unseen(_) | Self::After { .. } | Self::Children { .. } => false,
        }
    }
}

/// What became of a record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settled {
    pub(crate) record: i64,
    pub(crate) outcome: &'static str,
    pub(crate) attempts: u64,
    pub(crate) status: Option<u16>,
    pub(crate) request_id: Option<String>,
    pub(crate) error_kind: Option<&'static str>,
    pub(crate) delivery: Option<&'static str>,
    pub(crate) message: Option<String>,
    /// What became of its children.
    pub(crate) children: Option<String>,
}

enum Command {
    Claim {
        target: TargetNumber,
        pass: Pass,
        count: usize,
        reply: oneshot::Sender<Result<Vec<Claimed>, JobError>>,
    },
    Note {
        target: TargetNumber,
        note: Note,
    },
    /// Its request did not leave, and will not now: the intent is taken back.
    Release {
        record: i64,
    },
    Flush {
        reply: oneshot::Sender<Result<(), JobError>>,
    },
    EndRun {
        ending: String,
    },
}

/// The way to the thread that owns the file.
#[derive(Clone, Debug)]
pub(crate) struct Journal {
    commands: Sender<Command>,
    failure: Arc<Failure>,
}

/// Whether something could not be written.
#[derive(Debug, Default)]
struct Failure {
    has_happened: AtomicBool,
    happens: Notify,
}

impl Journal {
    /// Starts the thread. It ends when all journals are dropped, and gives back what could not be written. It keeps `lock`
    /// until then: nobody else opens the file while requests are under way, also where a run is dropped half-way or
    /// nothing can be written any more.
    pub(crate) fn start(store: Store, lock: Lock, run: i64) -> (Self, JoinHandle<Result<(), JobError>>) {
        let (commands, received) = channel();
        let journal = Self { commands, failure: Arc::default() };
        let failure = Arc::clone(&journal.failure);
        let thread = thread::spawn(move || {
            let written = write_all(store.connection, &received, run);
            if written.is_err() {
                failure.has_happened.store(true, Ordering::SeqCst);
                failure.happens.notify_waiters();
                // Whoever waits for an answer knows when it is dropped.
                received.iter().for_each(drop);
            }
            drop(lock);
            written
        });
        (journal, thread)
    }

    /// Up to `count` records that are open to a pass; for a delete, with their intent written down.
    pub(crate) async fn claim(&self, target: TargetNumber, pass: Pass, count: usize) -> Result<Vec<Claimed>, JobError> {
        let (reply, answer) = oneshot::channel();
        self.tell(Command::Claim { target, pass, count, reply });
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }

    pub(crate) fn note(&self, target: TargetNumber, note: Note) {
        self.tell(Command::Note { target, note });
    }

    pub(crate) fn release(&self, record: i64) {
        self.tell(Command::Release { record });
    }

    /// Notes how this run ended.
    pub(crate) fn end_run(&self, ending: String) {
        self.tell(Command::EndRun { ending });
    }

    /// Waits until all that was told is on the disk.
    pub(crate) async fn flush(&self) -> Result<(), JobError> {
        let (reply, answer) = oneshot::channel();
        self.tell(Command::Flush { reply });
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
    fn tell(&self, command: Command) {
        let _ = self.commands.send(command);
    }
}

fn stopped() -> JobError {
    JobError::new(crate::JobErrorKind::Storage, "the job file could not be written to; the run stopped")
}

fn write_all(mut connection: Connection, commands: &Receiver<Command>, run: i64) -> Result<(), JobError> {
    while let Ok(first) = commands.recv() {
        let group = collect(first, commands);
        write_group(&mut connection, group, run)?;
    }
    crate::store::put_at_rest(&connection);
    Ok(())
}

/// The commands that go into one transaction.
fn collect(first: Command, commands: &Receiver<Command>) -> Vec<Command> {
    let until = Instant::now() + GROUP_TIME;
    let mut group = vec![first];
    while group.len() < GROUP && !group.last().is_some_and(Command::is_awaited) {
        match commands.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(command) => group.push(command),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
        }
    }
    group
}

impl Command {
    fn is_awaited(&self) -> bool {
        matches!(self, Self::Claim { .. } | Self::Flush { .. })
    }
}

/// Who waits, and for what.
enum Reply {
    Claimed(oneshot::Sender<Result<Vec<Claimed>, JobError>>, Vec<Claimed>),
    Flushed(oneshot::Sender<Result<(), JobError>>),
}

/// Where it fails, the replies are dropped, and who waits for one knows.
fn write_group(connection: &mut Connection, group: Vec<Command>, run: i64) -> Result<(), JobError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    check_run(&transaction, run)?;
    let now = timestamp::format(SystemTime::now());
    let mut replies = Vec::new();
    let mut moved = Moved::default();
    for command in group {
        match command {
            // Nobody will send what nobody waits for.
            Command::Claim { reply, .. } if reply.is_closed() => {}
            Command::Claim { target, pass, count, reply } => {
                replies.push(Reply::Claimed(reply, claim(&transaction, target, pass, count, run, &now)?));
            }
            Command::Note { target, note } => write_note(&transaction, target, &note, (run, &now), &mut moved)?,
            Command::Release { record } => release(&transaction, record)?,
            Command::Flush { reply } => replies.push(Reply::Flushed(reply)),
            Command::EndRun { ending } => end_run(&transaction, run, &ending, &now)?,
        }
    }
    moved.write(&transaction)?;
    transaction.commit()?;
    replies.into_iter().try_for_each(|reply| give(connection, reply))
}

fn give(connection: &Connection, reply: Reply) -> Result<(), JobError> {
    match reply {
        Reply::Flushed(reply) => drop(reply.send(Ok(()))),
        Reply::Claimed(reply, claimed) => {
            // Nobody took them, so nobody sends them.
            if let Err(Ok(claimed)) = reply.send(Ok(claimed)) {
                let fresh = claimed.iter().filter(|claimed| !claimed.is_ambiguous);
                fresh.into_iter().try_for_each(|claimed| release(connection, claimed.record))?;
            }
        }
    }
    Ok(())
}
