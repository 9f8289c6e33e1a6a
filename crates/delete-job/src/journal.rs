//! What a run writes down: intents before their requests leave, outcomes in groups.
//!
//! One thread owns the file. What it is told is kept in one transaction until somebody waits for an answer, or it is
//! enough, or old enough; then it is committed, and only then told further.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant, SystemTime};

use delete_core::timestamp;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use tokio::sync::oneshot;

use crate::error::JobError;
use crate::lock::Lock;
use crate::pass::Pass;
use crate::store::Store;
use crate::target::TargetNumber;

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
    /// A look said that it is not there, or could not say.
    pub(crate) is_unseen: bool,
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
    is_broken: Arc<AtomicBool>,
}

impl Journal {
    /// Starts the thread. It ends when all journals are dropped, and gives back what could not be written. It keeps `lock`
    /// until then: also where a run is dropped half-way, nobody else opens the file before the last was written.
    pub(crate) fn start(store: Store, lock: Lock) -> (Self, JoinHandle<Result<(), JobError>>) {
        let (commands, received) = channel();
        let journal = Self { commands, is_broken: Arc::default() };
        let is_broken = Arc::clone(&journal.is_broken);
        let thread = thread::spawn(move || {
            let written = write_all(store.connection, &received);
            is_broken.store(written.is_err(), Ordering::SeqCst);
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
        if self.is_broken.load(Ordering::SeqCst) { Err(stopped()) } else { Ok(()) }
    }

    /// A thread that is gone has failed, which everything that is asked of it says.
    fn tell(&self, command: Command) {
        let _ = self.commands.send(command);
    }
}

fn stopped() -> JobError {
    JobError::new(crate::JobErrorKind::Storage, "the job file could not be written to; the run stopped")
}

fn write_all(mut connection: Connection, commands: &Receiver<Command>) -> Result<(), JobError> {
    while let Ok(first) = commands.recv() {
        let group = collect(first, commands);
        write_group(&mut connection, group)?;
    }
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
fn write_group(connection: &mut Connection, group: Vec<Command>) -> Result<(), JobError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let now = timestamp::format(SystemTime::now());
    let mut replies = Vec::new();
    let mut moved = Moved::default();
    for command in group {
        match command {
            Command::Claim { target, pass, count, reply } => {
                replies.push(Reply::Claimed(reply, claim(&transaction, target, pass, count, &now)?));
            }
            Command::Note { target, note } => write_note(&transaction, target, &note, &now, &mut moved)?,
            Command::Release { record } => {
                transaction
                    .prepare_cached("UPDATE record SET intent_at = NULL WHERE record = ? AND outcome IS NULL")?
                    .execute([record])?;
            }
            Command::Flush { reply } => replies.push(Reply::Flushed(reply)),
            Command::EndRun { ending } => end_run(&transaction, &ending, &now)?,
        }
    }
    moved.write(&transaction)?;
    transaction.commit()?;
    for reply in replies {
        match reply {
            Reply::Claimed(reply, claimed) => drop(reply.send(Ok(claimed))),
            Reply::Flushed(reply) => drop(reply.send(Ok(()))),
        }
    }
    Ok(())
}

fn end_run(connection: &Connection, ending: &str, now: &str) -> Result<(), JobError> {
    connection.execute(
        "UPDATE run SET ended_at = ?1, ending = ?2 WHERE run = (SELECT MAX(run) FROM run)",
        params![now, ending],
    )?;
    Ok(())
}

/// Those that an earlier run left open come first. A hold that was added since is heeded.
fn claim(
    connection: &Connection,
    target: TargetNumber,
    pass: Pass,
    count: usize,
    now: &str,
) -> Result<Vec<Claimed>, JobError> {
    // The plus keeps the database from sorting all of a target by its other index: rows are read in their order.
    let query = format!(
        "SELECT record, id, intent_at IS NOT NULL AND outcome IS NULL,
                presence_before IS NOT NULL AND presence_before <> 'present'
         FROM record
         WHERE +target = ?1 AND {} AND id NOT IN (SELECT id FROM hold) AND id NOT IN (SELECT id FROM late_hold)
           AND record > COALESCE((SELECT last FROM temp.claimed WHERE target = ?1 AND pass = ?3), 0)
         ORDER BY record LIMIT ?2",
        pass.open()
    );
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let mut query = connection.prepare_cached(&query)?;
    let rows = query.query_map(params![target.0, count, pass.number()], |row| {
        Ok(Claimed { record: row.get(0)?, id: row.get(1)?, is_ambiguous: row.get(2)?, is_unseen: row.get(3)? })
    })?;
    let claimed: Vec<Claimed> = rows.collect::<Result<_, _>>()?;
    if pass == Pass::Delete {
        let mut intend = connection.prepare_cached("UPDATE record SET intent_at = ?1 WHERE record = ?2")?;
        claimed.iter().try_for_each(|claimed| intend.execute(params![now, claimed.record]).map(drop))?;
    }
    if let Some(last) = claimed.last() {
        connection
            .prepare_cached("INSERT OR REPLACE INTO temp.claimed (target, pass, last) VALUES (?1, ?2, ?3)")?
            .execute(params![target.0, pass.number(), last.record])?;
    }
    Ok(claimed)
}

/// How many records went from one outcome to another: the tally of a group is written once.
#[derive(Debug, Default)]
struct Moved(HashMap<(TargetNumber, String), i64>);

impl Moved {
    fn add(&mut self, target: TargetNumber, from: &str, to: &str) {
        *self.0.entry((target, from.to_owned())).or_default() -= 1;
        *self.0.entry((target, to.to_owned())).or_default() += 1;
    }

    fn write(self, connection: &Connection) -> Result<(), JobError> {
        let mut query = connection.prepare_cached(
            "INSERT INTO tally (target, outcome, count) VALUES (?1, ?2, ?3)
             ON CONFLICT (target, outcome) DO UPDATE SET count = count + ?3",
        )?;
        for ((target, outcome), count) in self.0 {
            query.execute(params![target.0, outcome, count])?;
        }
        Ok(())
    }
}

fn write_note(
    connection: &Connection,
    target: TargetNumber,
    note: &Note,
    now: &str,
    moved: &mut Moved,
) -> Result<(), JobError> {
    match note {
        Note::Before { record, presence } => see_before(connection, *record, presence)?,
        Note::Unseen(settled) => {
            see_before(connection, settled.record, "unknown")?;
            settle(connection, settled, now)?;
            moved.add(target, "open", settled.outcome);
        }
        Note::Settled(settled) => {
            settle(connection, settled, now)?;
            moved.add(target, "open", settled.outcome);
        }
        Note::After { record, presence } => {
            connection
                .prepare_cached("UPDATE record SET presence_after = ?2, looked_at = ?3 WHERE record = ?1")?
                .execute(params![record, presence, now])?;
            if let Some((said, proven)) = prove(connection, *record)? {
                moved.add(target, &said, &proven);
            }
        }
    }
    Ok(())
}

fn see_before(connection: &Connection, record: i64, presence: &str) -> Result<(), JobError> {
    connection
        .prepare_cached("UPDATE record SET presence_before = ?2 WHERE record = ?1")?
        .execute(params![record, presence])?;
    Ok(())
}

/// What was seen before and is absent after is deleted, where the vendor would not say so by itself; and gone, where its
/// delete found nothing or got no answer.
fn prove(connection: &Connection, record: i64) -> Result<Option<(String, String)>, JobError> {
    let mut query = connection.prepare_cached(
        "SELECT outcome, CASE
             WHEN outcome IN ('acknowledged', 'unresolved') THEN 'deleted'
             WHEN outcome = 'not_found' OR (outcome = 'failed' AND (delivery = 'maybe_delivered' OR
                  (delivery = 'answered' AND error_kind = 'unexpected_response'))) THEN 'gone'
         END FROM record WHERE record = ?1 AND presence_before = 'present' AND presence_after = 'absent'",
    )?;
    let proven: Option<(String, Option<String>)> =
        query.query_row([record], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    let Some((said, Some(proven))) = proven else { return Ok(None) };
    connection
        .prepare_cached(
            "UPDATE record SET outcome = ?2, error_kind = NULL, delivery = NULL, message = NULL WHERE record = ?1",
        )?
        .execute(params![record, proven])?;
    Ok(Some((said, proven)))
}

fn settle(connection: &Connection, settled: &Settled, now: &str) -> Result<(), JobError> {
    connection
        .prepare_cached(
            "UPDATE record SET outcome = ?2, settled_at = ?3, attempts = attempts + ?4, status = ?5, request_id = ?6,
                               error_kind = ?7, delivery = ?8, message = ?9, children = ?10
             WHERE record = ?1",
        )?
        .execute(params![
            settled.record,
            settled.outcome,
            now,
            i64::try_from(settled.attempts).unwrap_or(i64::MAX),
            settled.status,
            settled.request_id,
            settled.error_kind,
            settled.delivery,
            settled.message,
            settled.children,
        ])?;
    Ok(())
}
