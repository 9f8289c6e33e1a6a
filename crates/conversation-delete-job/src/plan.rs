//! Planning: what will be deleted is written first, and can be reviewed.

mod save;
pub(crate) mod sql;

use std::cell::Cell;
use std::path::Path;
use std::time::SystemTime;

use delete_core::{ClockSkew, RecordId, RecordMeta, Status, timestamp};
use rusqlite::params;

use crate::clock;
use crate::error::JobError;
use crate::holds::{self, HoldPlace, UnmatchedHolds};
use crate::lock::check_names;
use crate::memory::JobLocation;
use crate::open_file::{FileId, file_id};
use crate::store::tally::COUNT_OUTCOMES;
use crate::store::{HASH_RULE, Store, make_durable, plan_hash};
use crate::target::{Target, TargetNumber};
pub use save::save;
use sql::{ADD, ADD_HOLDS, ADD_LISTED, COUNT_FREE, COUNT_PLANNED, FIRST_FREE, REFUSE, SET_OPTIONS, SETTLE_HELD};

/// Writes the plan of a job. If it is dropped before [`finish`](Self::finish), nothing stays behind.
#[derive(Debug)]
pub struct Planner {
    store: Store,
    /// Which file it made; `None` if the job is in memory.
    id: Option<FileId>,
    /// The number of the latest entry. Records and what was refused are numbered together, in the order of the input.
    entries: i64,
    holds: u64,
    /// How many of them are in the plan already.
    written_holds: Cell<u64>,
    is_finished: bool,
}

/// What was planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The hash over all of it.
    pub hash: String,
    /// How many ids will be deleted.
    pub planned: u64,
    /// How many of them were given more than once.
    pub merged: u64,
    /// How many ids are held, and will not be deleted.
    pub held: u64,
    /// How many entries were not ids.
    pub refused: u64,
}

impl Planner {
    /// Makes sure that a job can have this name, and makes nothing.
    ///
    /// # Errors
    /// [`JobErrorKind::Exists`](crate::JobErrorKind::Exists) when there is a file of this name, or another file has the name
    /// of one that lies beside a job, such as its lock.
    pub fn check_names(path: &Path) -> Result<(), JobError> {
        check_names(path)
    }

    /// Begins a plan in a new file that only its owner may read. `program` names the program that makes it.
    ///
    /// # Errors
    /// [`JobErrorKind::Exists`](crate::JobErrorKind::Exists) when there is a file of this name;
    /// [`JobErrorKind::Storage`](crate::JobErrorKind::Storage) when it cannot be written.
    pub fn create(path: &Path, program: &str) -> Result<Self, JobError> {
        check_names(path)?;
        Self::begin(Store::create(path)?, file_id(path).ok(), program)
    }

    /// Begins a plan in memory, where no file can be written. [`location`](Self::location) is where the job is then.
    ///
    /// # Errors
    /// [`JobErrorKind::Storage`](crate::JobErrorKind::Storage).
    pub fn in_memory(program: &str) -> Result<Self, JobError> {
        Self::begin(Store::create_in_memory()?, None, program)
    }

    fn begin(store: Store, id: Option<FileId>, program: &str) -> Result<Self, JobError> {
        let planner = Self { store, id, entries: 0, holds: 0, written_holds: Cell::new(0), is_finished: false };
        let connection = &planner.store.connection;
        holds::prepare(connection)?;
        connection.execute_batch("BEGIN")?;
        connection.execute(
            "INSERT INTO job (only_row, hash_rule, program, created_at) VALUES (1, ?, ?, ?)",
            params![HASH_RULE, program, timestamp::format(SystemTime::now())],
        )?;
        Ok(planner)
    }

    /// Returns where the job is kept.
    pub fn location(&self) -> JobLocation {
        self.store.location()
    }

    /// Adds an id that must not be deleted, at whatever vendor, in the form in which it is sent. Holds are checked now,
    /// and again before each send.
    ///
    /// # Errors
    /// [`JobErrorKind::Storage`](crate::JobErrorKind::Storage).
    pub fn hold(&mut self, id: &RecordId) -> Result<(), JobError> {
        self.hold_in_forms(std::slice::from_ref(id), HoldPlace::default())
    }

    /// Adds an id that must not be deleted, in each form in which it may be planned: a UUID is sent in one spelling, an
    /// opaque id as it is given. [`unmatched_holds`](Self::unmatched_holds) reports `place` if no form is planned.
    ///
    /// # Errors
    /// [`JobErrorKind::Storage`](crate::JobErrorKind::Storage).
    pub fn hold_in_forms(&mut self, ids: &[RecordId], place: HoldPlace) -> Result<(), JobError> {
        holds::add(&self.store.connection, self.holds, ids, place)?;
        self.holds += 1;
        Ok(())
    }

    /// Reports the holds that match no id of the plan as it is now, naming at most `limit`.
    ///
    /// # Errors
    /// [`JobErrorKind::Storage`](crate::JobErrorKind::Storage).
    pub fn unmatched_holds(&self, limit: usize) -> Result<UnmatchedHolds, JobError> {
        holds::find_records(&self.store.connection)?;
        holds::unmatched(&self.store.connection, self.holds, limit)
    }

    /// Writes the holds into the plan that were added since the last time, in the order of their ids, which is fast.
    fn write_holds(&self) -> Result<(), JobError> {
        self.store
            .connection
            .execute(ADD_HOLDS, [i64::try_from(self.written_holds.replace(self.holds)).unwrap_or(i64::MAX)])?;
        Ok(())
    }

    /// Adds a target.
    ///
    /// # Errors
    /// [`JobErrorKind::Plan`](crate::JobErrorKind::Plan) when the job has the same target already;
    /// [`JobErrorKind::Storage`](crate::JobErrorKind::Storage).
    pub fn target(&mut self, target: &Target) -> Result<TargetNumber, JobError> {
        self.store.add_target(target)
    }

    /// Adds an id to delete. False when it was there already.
    ///
    /// # Errors
    /// [`JobErrorKind::Storage`](crate::JobErrorKind::Storage).
    pub fn add(&mut self, target: TargetNumber, id: &RecordId) -> Result<bool, JobError> {
        let connection = &self.store.connection;
        let added = connection.prepare_cached(ADD)?.execute(params![self.entries + 1, target.0, id.to_string()])?;
        Ok(self.count(added))
    }

    /// Adds a record that a list shows now: its presence before its delete is known. `is_over` if its status is a final one.
    /// Returns false if it was there already.
    ///
    /// # Errors
    /// [`JobErrorKind::Storage`](crate::JobErrorKind::Storage).
    pub fn add_listed(&mut self, target: TargetNumber, record: &RecordMeta, is_over: bool) -> Result<bool, JobError> {
        let added = self.store.connection.prepare_cached(ADD_LISTED)?.execute(params![
            self.entries + 1,
            target.0,
            record.id().to_string(),
            timestamp::format(SystemTime::now()),
            record.status().map(Status::as_str),
            is_over,
        ])?;
        Ok(self.count(added))
    }

    fn count(&mut self, added: usize) -> bool {
        self.entries += i64::from(added == 1);
        added == 1
    }

    /// Notes something that was not an id, and where it was.
    ///
    /// # Errors
    /// [`JobErrorKind::Storage`](crate::JobErrorKind::Storage).
    pub fn refuse(
        &mut self,
        vendor: &str,
        source: &str,
        line: Option<u64>,
        text: &str,
        reason: &str,
    ) -> Result<(), JobError> {
        let line = line.and_then(|line| i64::try_from(line).ok());
        self.entries += 1;
        let entry = params![self.entries, vendor, source, line, text, reason];
        self.store.connection.prepare_cached(REFUSE)?.execute(entry)?;
        Ok(())
    }

    /// Records the times by which the records were selected; `None` if that bound was not set.
    ///
    /// # Errors
    /// [`JobErrorKind::Storage`](crate::JobErrorKind::Storage).
    pub fn record_bounds(&mut self, since: Option<SystemTime>, until: Option<SystemTime>) -> Result<(), JobError> {
        let (since, until) = (since.map(timestamp::format), until.map(timestamp::format));
        self.store.connection.execute("UPDATE job SET since = ?, until = ?", params![since, until])?;
        Ok(())
    }

    /// Records how far our clock was from the vendor's.
    ///
    /// # Errors
    /// [`JobErrorKind::Storage`](crate::JobErrorKind::Storage).
    pub fn record_clock_skew(&mut self, target: TargetNumber, skew: ClockSkew) -> Result<(), JobError> {
        clock::write(&self.store.connection, target, skew)
    }

    /// Notes how many ids of a target were given more than once.
    ///
    /// # Errors
    /// [`JobErrorKind::Storage`](crate::JobErrorKind::Storage).
    pub fn merged(&mut self, target: TargetNumber, count: u64) -> Result<(), JobError> {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        self.store.connection.execute("UPDATE target SET merged = ? WHERE target = ?", params![count, target.0])?;
        Ok(())
    }

    /// How many distinct ids would be deleted by the plan as it is now.
    ///
    /// # Errors
    /// [`JobErrorKind::Storage`](crate::JobErrorKind::Storage).
    pub fn planned(&self) -> Result<u64, JobError> {
        self.write_holds()?;
        Ok(self.store.connection.query_row(COUNT_FREE, [], |row| row.get(0))?)
    }

    /// Returns the first ids, at most `count`, that the plan as it is now would delete.
    ///
    /// # Errors
    /// [`JobErrorKind::Storage`](crate::JobErrorKind::Storage).
    pub fn first_planned(&self, count: u32) -> Result<Vec<String>, JobError> {
        self.write_holds()?;
        let mut statement = self.store.connection.prepare(FIRST_FREE)?;
        let ids = statement.query_map([count], |row| row.get(0))?;
        Ok(ids.collect::<Result<_, _>>()?)
    }

    /// Changes the options of a target, which may depend on a check of the credential after the ids are known.
    ///
    /// # Errors
    /// [`JobErrorKind::Storage`](crate::JobErrorKind::Storage).
    pub fn set_options(&mut self, target: TargetNumber, options: &str) -> Result<(), JobError> {
        self.store.connection.execute(SET_OPTIONS, params![options, target.0])?;
        Ok(())
    }

    /// Closes the plan. From now on the file can be run, and no id can be added. A plan without any id to delete is a job
    /// like any other, which is finished already.
    ///
    /// # Errors
    /// [`JobErrorKind::Storage`](crate::JobErrorKind::Storage).
    pub fn finish(mut self) -> Result<Plan, JobError> {
        self.write_holds()?;
        let connection = &self.store.connection;
        connection.execute_batch(&[SETTLE_HELD, COUNT_OUTCOMES, COUNT_PLANNED].join(";"))?;
        let hash = plan_hash(connection)?;
        let count = |query: &str| connection.query_row(query, [], |row| row.get::<_, u64>(0));
        let plan = Plan {
            planned: count("SELECT COALESCE(SUM(planned), 0) FROM target")?,
            merged: count("SELECT COALESCE(SUM(merged), 0) FROM target")?,
            held: count("SELECT COALESCE(SUM(count), 0) FROM tally WHERE outcome = 'held'")?,
            refused: count("SELECT COUNT(*) FROM refused")?,
            hash,
        };
        connection.execute(
            "UPDATE job SET plan_hash = ?, planned_at = ?",
            params![plan.hash, timestamp::format(SystemTime::now())],
        )?;
        connection.execute_batch("COMMIT")?;
        if let Some(path) = self.location().path() {
            make_durable(path)?;
        }
        self.is_finished = true;
        Ok(plan)
    }
}

impl Drop for Planner {
    /// Half a plan is not one. If it cannot be removed, it is refused because it lacks a hash. Another file of this name is
    /// left as it is.
    fn drop(&mut self) {
        if self.is_finished || self.id.is_none() {
            return;
        }
        let location = self.location();
        if let Some(path) = location.path().filter(|path| file_id(path).ok() == self.id) {
            let _ = std::fs::remove_file(path);
        }
    }
}
