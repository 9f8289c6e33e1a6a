//! Holds that come after the plan, also while another process runs the job.

use std::thread::sleep;
use std::time::{Duration, SystemTime};

use delete_core::{RecordId, timestamp};
use rusqlite::{Connection, TransactionBehavior, params};

use super::report::{HoldReport, report};
use super::settle::{State, settle};
use super::{HoldPlace, add, find_records, prepare, unmatched};
use crate::error::{JobError, JobErrorKind};
use crate::lock::Lock;
use crate::memory::JobLocation;
use crate::shards::Shard;
use crate::store::Store;
use crate::target::{Target, TargetNumber};

/// The most records that one transaction holds. A run that writes meanwhile waits for no more than these.
const CHUNK: i64 = 10_000;

/// The pause between two transactions, for a run that waits for the lock: SQLite retries after at most 100 ms.
const PAUSE: Duration = Duration::from_millis(120);

const IS_PLANNED: &str = "SELECT EXISTS (SELECT 1 FROM job WHERE plan_hash IS NOT NULL)";

/// The records that are held, each once.
macro_rules! held_record {
    () => {
        "DROP TABLE IF EXISTS temp.held_record;
         CREATE TEMP TABLE held_record (record INTEGER PRIMARY KEY, target INTEGER NOT NULL, id TEXT NOT NULL);
         INSERT OR IGNORE INTO temp.held_record (record, target, id) "
    };
}

const FIND_HELD: &str = concat!(held_record!(), "SELECT record, target, id FROM temp.hold_match");

const FIND_HELD_LATE: &str = concat!(
    held_record!(),
    "SELECT record.record, record.target, record.id FROM late_hold AS hold ",
    matched!(),
    " WHERE outcome IS NULL"
);

const END_OF_CHUNK: &str = "
    SELECT MAX(record) FROM (SELECT record FROM temp.held_record WHERE record > ? ORDER BY record LIMIT ? + 0)";

const HOLD: &str = "
    INSERT OR IGNORE INTO late_hold (id, held_at)
        SELECT id, ?3 FROM temp.held_record WHERE record > ?1 AND record <= ?2 ORDER BY id";

/// Adds holds to a planned job.
///
/// Another process may be running the job: it checks the holds before each request, so that a record is kept unless its
/// request left before. Nothing is held before [`commit`](Self::commit).
#[derive(Debug)]
pub struct LateHolds {
    store: Store,
    targets: Vec<(TargetNumber, Target)>,
    /// Which shard the job is, if it is one.
    shard: Option<Shard>,
    added: u64,
    elsewhere: u64,
}

/// Holds these ids of a job, also while another process runs it. See [`LateHolds`].
///
/// # Errors
/// As [`LateHolds::open`] and [`LateHolds::commit`].
pub fn add_holds<'a>(
    location: impl Into<JobLocation>,
    ids: impl IntoIterator<Item = &'a RecordId>,
) -> Result<HoldReport, JobError> {
    let mut holds = LateHolds::open(location)?;
    for id in ids {
        holds.add(std::slice::from_ref(id), HoldPlace::default())?;
    }
    holds.commit(usize::MAX)
}

impl LateHolds {
    /// Opens a job to add holds to it.
    ///
    /// # Errors
    /// [`JobErrorKind::NotAJob`], also for a plan that was never finished; [`JobErrorKind::UnsafeLocation`];
    /// [`JobErrorKind::Inaccessible`]; [`JobErrorKind::Storage`].
    pub fn open(location: impl Into<JobLocation>) -> Result<Self, JobError> {
        let store = Store::open(&location.into())?;
        if !store.connection.query_row(IS_PLANNED, [], |row| row.get::<_, bool>(0))? {
            return Err(JobError::new(JobErrorKind::NotAJob, "the plan in the job file was never finished"));
        }
        let (targets, shard) = (store.targets()?, Shard::of(&store.connection)?);
        prepare(&store.connection)?;
        // Until the holds are matched, this writes to a temporary table only, and does not block a run.
        store.connection.execute_batch("BEGIN")?;
        Ok(Self { store, targets, shard, added: 0, elsewhere: 0 })
    }

    /// Returns the targets that were planned.
    pub fn targets(&self) -> &[(TargetNumber, Target)] {
        &self.targets
    }

    /// Adds a hold: an id in each form in which it may have been planned. One of another shard is [counted](HoldReport).
    ///
    /// # Errors
    /// [`JobErrorKind::Storage`].
    pub fn add(&mut self, ids: &[RecordId], place: HoldPlace) -> Result<(), JobError> {
        let ids = self.shard.as_ref().map_or_else(|| ids.to_vec(), |shard| shard.own(ids));
        if ids.is_empty() {
            self.elsewhere += 1;
        } else {
            add(&self.store.connection, self.added, &ids, place)?;
            self.added += 1;
        }
        Ok(())
    }

    /// Holds the records that the holds match permanently, and reports what became of each of them. At most `limit` ids are
    /// named of each list. If a run has the job open, they are written from its log into the job file too before this returns:
    /// see [`HoldReport::is_only_in_log`].
    ///
    /// # Errors
    /// [`JobErrorKind::Storage`]: some records may be held then, and others not.
    pub fn commit(mut self, limit: usize) -> Result<HoldReport, JobError> {
        self.store.connection.execute_batch("COMMIT")?;
        find_records(&self.store.connection)?;
        self.store.connection.execute_batch(FIND_HELD)?;
        self.hold_all()?;
        self.settle_in_doubt()?;
        let unmatched = unmatched(&self.store.connection, self.added, limit)?;
        let is_only_in_log = !self.store.fold_in_log()?;
        Ok(HoldReport {
            elsewhere: self.elsewhere,
            is_only_in_log,
            ..report(&self.store.connection, limit, unmatched)?
        })
    }

    /// Holds `temp.held_record`, in several transactions.
    fn hold_all(&mut self) -> Result<(), JobError> {
        let mut after = 0;
        while let Some(end) = end_of_chunk(&self.store.connection, after)? {
            if after > 0 && self.store.holder().is_some() {
                sleep(PAUSE);
            }
            let transaction = self.store.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let now = now();
            transaction.prepare_cached(HOLD)?.execute(params![after, end, now])?;
            settle(&transaction, State::Unsent, (after, end), &now)?;
            transaction.commit()?;
            after = end;
        }
        Ok(())
    }

    /// If nobody runs the job, a request that was about to be sent when a run ended is not sent again.
    fn settle_in_doubt(&mut self) -> Result<(), JobError> {
        // A run that has the lock settles them itself; a run that cannot take the lock reports why.
        let Ok(_lock) = Lock::take(self.store.location()) else { return Ok(()) };
        let transaction = self.store.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        settle(&transaction, State::InDoubt, (0, i64::MAX), &now())?;
        Ok(transaction.commit()?)
    }
}

impl Drop for LateHolds {
    /// A run that ended meanwhile could not leave a single file.
    fn drop(&mut self) {
        self.store.leave_wal();
    }
}

/// Applies the holds that are in the file, before a run begins.
pub(crate) fn settle_late_holds(connection: &mut Connection) -> Result<(), JobError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute_batch(FIND_HELD_LATE)?;
    for state in [State::Unsent, State::InDoubt] {
        settle(&transaction, state, (0, i64::MAX), &now())?;
    }
    Ok(transaction.commit()?)
}

fn end_of_chunk(connection: &Connection, after: i64) -> Result<Option<i64>, JobError> {
    Ok(connection.prepare_cached(END_OF_CHUNK)?.query_row([after, CHUNK], |row| row.get(0))?)
}

fn now() -> String {
    timestamp::format(SystemTime::now())
}

#[cfg(test)]
pub(crate) const ALL: [&str; 5] = [IS_PLANNED, FIND_HELD, END_OF_CHUNK, HOLD, FIND_HELD_LATE];
