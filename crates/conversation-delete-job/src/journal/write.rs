//! What the journal writes.

use std::time::SystemTime;

use delete_core::timestamp;
use rusqlite::{Connection, ToSql, params};

use super::begin::Run;
use super::{Claimed, Entry, Intent, RecordResult, Sighting, Work, sql};
use crate::error::{JobError, JobErrorKind};
use crate::holds::settle_held;
use crate::outcome::{ChildReport, Failure, RecordOutcome};
use crate::presence::PresenceState;
use crate::store::read::{outcome, word};
use crate::store::{TallyDelta, has_lost_outcomes};
use crate::target::TargetNumber;

/// What a list showed is written for so many records in a transaction.
const LIST_GROUP: i64 = 10_000;

/// A transaction of a run.
pub(super) struct Group<'a> {
    connection: &'a Connection,
    run: Run,
    now: String,
    delta: TallyDelta,
    /// What is written together, before anything that comes after it.
    outcomes: Vec<(TargetNumber, RecordResult)>,
}

impl<'a> Group<'a> {
    pub(super) fn new(connection: &'a Connection, run: Run) -> Self {
        Self {
            connection,
            run,
            now: timestamp::format(SystemTime::now()),
            delta: TallyDelta::default(),
            outcomes: Vec::new(),
        }
    }

    /// Writes what is written once for all of it.
    pub(super) fn finish(mut self) -> Result<(), JobError> {
        self.write_outcomes()?;
        self.delta.write(self.connection)
    }

    pub(super) fn end_run(&self, ending: &str) -> Result<(), JobError> {
        self.execute(sql::END_RUN, params![self.run.number, self.now, ending]).map(drop)
    }

    pub(super) fn release(&self, records: &[i64]) -> Result<(), JobError> {
        records.iter().try_for_each(|record| self.execute(sql::RELEASE, [record]).map(drop))
    }

    /// The next records after `last`, which is moved on.
    pub(super) fn claim(
        &self,
        target: TargetNumber,
        work: Work,
        count: usize,
        last: &mut Option<i64>,
    ) -> Result<Vec<Claimed>, JobError> {
        let (statement, start) = sql::claim(work, has_lost_outcomes(self.connection)?);
        let (count, after) = (to_integer(count as u64), last.unwrap_or(start));
        let all: [&dyn ToSql; 5] = [&target.0, &count, &after, &self.run.first, &self.run.number];
        let mut query = self.connection.prepare_cached(statement)?;
        let parameters = &all[..query.parameter_count()];
        let rows = query.query_map(parameters, |row| {
            Ok(Claimed {
                record: row.get(0)?,
                id: row.get(1)?,
                is_ambiguous: row.get(2)?,
                before: word(row, 3, PresenceState::parse)?,
                is_over: row.get(4)?,
                was_seen: row.get(5)?,
            })
        })?;
        let claimed: Vec<Claimed> = rows.collect::<Result<_, _>>()?;
        *last = claimed.last().map(|claimed| claimed.record).or(*last);
        Ok(claimed)
    }

    /// Writes the intents of those of these records that are open and not held; settles those that are held.
    pub(super) fn intend(&mut self, target: TargetNumber, records: &[i64]) -> Result<Vec<Intent>, JobError> {
        let mut intents = Vec::with_capacity(records.len());
        for range in records.chunk_by(|record, next| *next == record + 1) {
            // Hardly ever is one of them held or settled, and then it is found out which.
            if self.intend_range(range)? == range.len() {
                intents.extend(range.iter().map(|_| Intent::Written));
                continue;
            }
            for record in range {
                intents.push(self.intend_one(target, *record)?);
            }
        }
        Ok(intents)
    }

    /// Writes the intents of records that follow each other. Returns how many have one.
    fn intend_range(&self, records: &[i64]) -> Result<usize, JobError> {
        let (first, last) = (records.first(), records.last());
        self.execute(sql::INTEND, params![self.now, self.run.number, first, last])
    }

    fn intend_one(&mut self, target: TargetNumber, record: i64) -> Result<Intent, JobError> {
        if self.intend_range(&[record])? == 1 {
            return Ok(Intent::Written);
        }
        match self.outcome(record)? {
            RecordOutcome::NotAttempted => self.hold(target, record, false).map(|()| Intent::Held),
            RecordOutcome::Held => Ok(Intent::Held),
            _ => Ok(Intent::Settled),
        }
    }

    pub(super) fn append(&mut self, target: TargetNumber, entry: Entry) -> Result<(), JobError> {
        match entry {
            Entry::Before { record, presence } => self.see_before(record, &presence),
            Entry::After { record, presence } => self.see_after(target, record, &presence),
            Entry::Tried(tried) => self.try_open(&tried),
            Entry::Outcome(result) => {
                self.outcomes.push((target, result));
                Ok(())
            }
            Entry::Held { record, is_in_doubt } => match self.outcome(record)? {
                RecordOutcome::NotAttempted => self.hold(target, record, is_in_doubt),
                _ => Ok(()),
            },
            Entry::Child { id, child } => self.write_child(target, &id, &child),
        }
    }

    fn outcome(&self, record: i64) -> Result<RecordOutcome, JobError> {
        Ok(self.connection.prepare_cached(sql::OUTCOME)?.query_row([record], |row| outcome(row, 0))?)
    }

    fn hold(&mut self, target: TargetNumber, record: i64, is_in_doubt: bool) -> Result<(), JobError> {
        let outcome = settle_held(self.connection, record, is_in_doubt, (self.run.number, &self.now))?;
        self.delta.change(target, RecordOutcome::NotAttempted, outcome, 1);
        Ok(())
    }

    fn see_before(&self, record: i64, presence: &Sighting) -> Result<(), JobError> {
        let Sighting { state, status, source, failure, at, is_over } = presence;
        let (_, _, reason) = columns(failure.as_ref());
        let (state, at, source) = (state.as_str(), timestamp::format(*at), source.as_str());
        self.execute(sql::SEE_BEFORE, params![record, state, at, status, source, reason, is_over]).map(drop)
    }

    /// Its time is that of its writing, like that of the outcome, which it does not precede.
    fn see_after(&mut self, target: TargetNumber, record: i64, presence: &Sighting) -> Result<(), JobError> {
        let Sighting { state, status, source, failure, .. } = presence;
        let (word, source, run) = (state.as_str(), source.as_str(), self.run.number);
        let (kind, delivery, reason) = columns(failure.as_ref());
        let parameters = params![record, word, self.now, status, source, reason, run, kind, delivery];
        self.execute(sql::SEE_AFTER, parameters)?;
        match state {
            PresenceState::Absent => self.prove(target, &[&record], sql::COUNT_PROVEN, sql::PROVE),
            PresenceState::Present | PresenceState::Unknown => Ok(()),
        }
    }

    /// Gives what is proven by its presences its outcome: one record, or a group of them.
    fn prove(
        &mut self,
        target: TargetNumber,
        records: &[&dyn ToSql],
        count: &str,
        prove: &str,
    ) -> Result<(), JobError> {
        let mut query = self.connection.prepare_cached(count)?;
        let mut rows = query.query(records)?;
        let mut is_any = false;
        while let Some(row) = rows.next()? {
            let proven: Option<RecordOutcome> = RecordOutcome::parse(row.get_ref(1)?.as_str().unwrap_or_default());
            self.delta.change(target, outcome(row, 0)?, proven.unwrap_or_default(), row.get(2)?);
            is_any = true;
        }
        if is_any { self.execute(prove, records).map(drop) } else { Ok(()) }
    }

    pub(super) fn mark_listed(&self, target: TargetNumber, ids: &[String]) -> Result<(), JobError> {
        ids.iter().try_for_each(|id| self.execute(sql::LISTED, params![target.0, id]).map(drop))
    }

    /// A complete list that does not show a record proves its absence; one that broke off proves nothing. Writes this for
    /// the records of a group, which follow the record `after`. Returns the last one if more may follow.
    pub(super) fn end_list(
        &mut self,
        target: TargetNumber,
        broke_off: Option<&str>,
        after: i64,
    ) -> Result<Option<i64>, JobError> {
        let (run, last) = (self.run.number, after.saturating_add(LIST_GROUP));
        match broke_off {
            None => {
                self.execute(sql::UNLISTED_ARE_ABSENT, params![target.0, self.now, run, after, last])?;
                let group: [&dyn ToSql; 3] = [&target.0, &after, &last];
                self.prove(target, &group, sql::COUNT_PROVEN_GROUP, sql::PROVE_GROUP)?;
            }
            Some(reason) => {
                self.execute(sql::UNLISTED_ARE_UNKNOWN, params![target.0, self.now, run, after, last, reason])?;
            }
        }
        let end: i64 = self.connection.prepare_cached(sql::LAST_RECORD)?.query_row([], |row| row.get(0))?;
        Ok((last < end).then_some(last))
    }

    fn write_child(&self, target: TargetNumber, record: &str, child: &ChildReport) -> Result<(), JobError> {
        let (kind, delivery, message) = columns(child.error.as_ref());
        let parameters = params![
            target.0,
            record,
            child.kind,
            child.id,
            self.run.number,
            self.now,
            child.outcome.as_str(),
            to_integer(child.attempts),
            child.status,
            child.request_id,
            kind,
            delivery,
            message,
        ];
        self.execute(sql::CHILD, parameters).map(drop)
    }

    /// Keeps what is known of the requests for a record that stays open.
    fn try_open(&self, tried: &RecordResult) -> Result<(), JobError> {
        let RecordResult { record, attempts, status, request_id, error, .. } = tried;
        let (kind, delivery, message) = columns(error.as_ref());
        let attempts = to_integer(*attempts);
        let parameters = params![record, attempts, status, request_id, kind, delivery, message, self.now];
        self.execute(sql::TRY, parameters).map(drop)
    }

    /// Writes the outcomes so far: those of neighbours that are alike by one statement. Of two for one record the first
    /// counts.
    pub(super) fn write_outcomes(&mut self) -> Result<(), JobError> {
        let mut outcomes = std::mem::take(&mut self.outcomes);
        outcomes.sort_by_key(|(_, result)| result.record);
        let is_next = |(target, result): &(TargetNumber, RecordResult), next: &(TargetNumber, RecordResult)| {
            next.1.record == result.record + 1 && next.0 == *target && next.1.is_like(result)
        };
        for range in outcomes.chunk_by(is_next) {
            if let (Some((target, result)), Some((_, last))) = (range.first(), range.last()) {
                self.settle(*target, result, last.record)?;
            }
        }
        Ok(())
    }

    /// Settles the records from that of `result` to the last one.
    fn settle(&mut self, target: TargetNumber, result: &RecordResult, last: i64) -> Result<(), JobError> {
        let RecordResult { record, outcome, attempts, status, request_id, error } = result;
        let (kind, delivery, message) = columns(error.as_ref());
        let (attempts, run, word) = (to_integer(*attempts), self.run.number, outcome.as_str());
        let parameters =
            params![record, attempts, status, request_id, kind, delivery, message, self.now, run, word, last];
        let settled = self.execute(sql::SETTLE, parameters)?;
        self.delta.change(target, RecordOutcome::NotAttempted, *outcome, to_integer(settled as u64));
        Ok(())
    }

    fn execute(&self, statement: &str, parameters: impl rusqlite::Params) -> Result<usize, JobError> {
        Ok(self.connection.prepare_cached(statement)?.execute(parameters)?)
    }
}

/// Makes sure that no other process has begun to run this job in spite of the lock, which may have been removed, or lie beside
/// another name of the file.
pub(super) fn check_run(connection: &Connection, run: Run) -> Result<(), JobError> {
    let last: Option<i64> = connection.prepare_cached(sql::LAST_RUN)?.query_row([], |row| row.get(0))?;
    if last == Some(run.number) {
        return Ok(());
    }
    let message = "another process has begun to run this job, so this run was stopped";
    Err(JobError::new(JobErrorKind::TakenOver, message))
}

/// Notes that a run has ended, also one that was dropped or could not write something.
pub(super) fn stop_run(connection: &Connection, run: Run) -> Result<(), JobError> {
    connection.execute(sql::STOP_RUN, params![run.number, timestamp::format(SystemTime::now())])?;
    Ok(())
}

/// The columns of an error.
fn columns(error: Option<&Failure>) -> (Option<&'static str>, Option<&'static str>, Option<&str>) {
    match error {
        Some(error) => (Some(error.kind.as_str()), Some(error.delivery.as_str()), Some(&error.message)),
        None => (None, None, None),
    }
}

fn to_integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
