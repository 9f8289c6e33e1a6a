//! The thread that owns the file, and how it ends, also when the file is lost.

use std::collections::HashMap;

use rusqlite::{Connection, TransactionBehavior};

use super::command::{Command, Reply, give};
use super::queue::Receiver;
use super::write::{Group, check_run, stop_run};
use super::{Run, Work, WriteFailure};
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
    pub(super) fn run(mut self, commands: &Receiver, failure: &WriteFailure) -> Result<(), JobError> {
        let written = self.write_all(commands, failure);
        if written.is_err() {
            failure.happen();
            // A caller that waits for a reply learns of the failure when the reply is dropped.
            std::iter::from_fn(|| commands.receive()).for_each(drop);
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

impl Writer {
    fn write_all(&mut self, commands: &Receiver, failure: &WriteFailure) -> Result<(), JobError> {
        while let Some(mut group) = commands.receive() {
            while !group.is_empty() {
                group = self.write_group(group, failure)?;
            }
        }
        Ok(())
    }

    /// Writes commands in one transaction, and returns what is left of them for the next one. If it fails, the replies are
    /// dropped, which reports the failure to those who wait for one.
    fn write_group(&mut self, group: Vec<Command>, failure: &WriteFailure) -> Result<Vec<Command>, JobError> {
        let transaction = self.store.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        if let Some(loss) = find_loss(&transaction, &self.lock, self.run)? {
            self.loss = Some(loss);
            failure.happen();
        }
        let loss = self.loss.as_ref().map(JobError::kind);
        let mut writing = Group::new(&transaction, self.run);
        let (mut replies, mut left) = (Vec::new(), Vec::new());
        let mut commands = group.into_iter().filter(|command| command.may_be_written(loss));
        for command in commands.by_ref() {
            if !command.is_outcome() {
                writing.write_outcomes()?;
            }
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
                Command::Append { target, entry } => writing.append(target, entry)?,
                Command::Release { records } => writing.release(&records)?,
                Command::Flush { reply } => replies.push(Reply::Flushed(reply)),
                Command::Listed { target, ids } => writing.mark_listed(target, &ids)?,
                Command::EndList { target, broke_off, after } => {
                    if let Some(after) = writing.end_list(target, broke_off.as_deref(), after)? {
                        // What comes after it waits until all of it is written.
                        left.push(Command::EndList { target, broke_off, after });
                        break;
                    }
                }
                Command::EndRun { ending } => writing.end_run(&ending)?,
            }
        }
        left.extend(commands);
        writing.finish()?;
        transaction.commit()?;
        let untaken: Vec<i64> = replies.into_iter().flat_map(give).collect();
        self.take_back(&untaken).map(|()| left)
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

/// Leaves one file. Where nothing more can be written, its log stays beside it, and is not taken for one that is missing.
fn leave(store: &Store, run: Run) {
    if stop_run(&store.connection, run).is_err() {
        return store.keep_log();
    }
    store.leave_wal();
}

/// Whether another run has taken the file over, or it is not where it was.
pub(super) fn find_loss(connection: &Connection, lock: &Lock, run: Run) -> Result<Option<JobError>, JobError> {
    match check_run(connection, run).and_then(|()| lock.check()) {
        Ok(()) => Ok(None),
        Err(error) if matches!(error.kind(), JobErrorKind::Lost | JobErrorKind::TakenOver) => {
            Ok(Some(error.after_begin()))
        }
        Err(error) => Err(error),
    }
}
