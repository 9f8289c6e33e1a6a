//! The statements of the journal.

use std::collections::HashMap;

use delete_core::timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::{Claimed, Entry, Intent, RecordResult, Sighting, Work};
use crate::child::ChildReport;
use crate::error::{JobError, JobErrorKind};
use crate::holds::settle_held;
use crate::outcome::Failure;
use crate::presence::PresenceState;
use crate::store::has_lost_outcomes;
use crate::store::read::word;
use crate::target::TargetNumber;

/// Makes sure that nobody else has begun to run this job, whom the lock did not stop: it was removed, or lies
/// beside another name of the file.
pub(super) fn check_run(connection: &Connection, run: i64) -> Result<(), JobError> {
    let last: Option<i64> = connection.prepare_cached("SELECT MAX(run) FROM run")?.query_row([], |row| row.get(0))?;
    if last == Some(run) {
        return Ok(());
    }
    let message = "somebody else has begun to run this job, so this run was stopped";
    Err(JobError::new(JobErrorKind::TakenOver, message))
}

/// Notes that a run has ended, also one that was dropped or could not write something.
pub(super) fn stop_run(connection: &Connection, run: i64, now: &str) -> Result<(), JobError> {
    connection.execute("UPDATE run SET ended_at = COALESCE(ended_at, ?2) WHERE run = ?1", params![run, now])?;
    Ok(())
}

pub(super) fn release(connection: &Connection, records: &[i64]) -> Result<(), JobError> {
    let mut release = connection
        .prepare_cached("UPDATE record SET intent_at = NULL, intent_run = NULL WHERE record = ? AND outcome IS NULL")?;
    records.iter().try_for_each(|record| release.execute([record]).map(drop))?;
    Ok(())
}

/// Writes the intents of those of these records that are open and not held; settles those that are held. A record in
/// doubt keeps the time when it may first have been sent, and the run that may have done it.
pub(super) fn intend(
    connection: &Connection,
    target: TargetNumber,
    records: &[i64],
    (run, now): (i64, &str),
    moved: &mut Moved,
) -> Result<Vec<Intent>, JobError> {
    let mut known =
        connection.prepare_cached("SELECT outcome, id IN (SELECT id FROM late_hold) FROM record WHERE record = ?")?;
    let mut intend = connection.prepare_cached(
        "UPDATE record SET intent_at = COALESCE(intent_at, ?1), intent_run = CASE WHEN intent_at IS NULL THEN ?2 ELSE intent_run END
         WHERE record = ?3",
    )?;
    let mut intents = Vec::with_capacity(records.len());
    for record in records {
        let (outcome, is_held): (Option<String>, bool) =
            known.query_row([record], |row| Ok((row.get(0)?, row.get(1)?)))?;
        intents.push(match outcome.as_deref() {
            Some("held") => Intent::Held,
            Some(_) => Intent::Settled,
            None if is_held => {
                moved.add(target, "open", settle_held(connection, *record, false, (run, now))?);
                Intent::Held
            }
            None => {
                intend.execute(params![now, run, record])?;
                Intent::Written
            }
        });
    }
    Ok(intents)
}

pub(super) fn end_run(connection: &Connection, run: i64, ending: &str, now: &str) -> Result<(), JobError> {
    connection.execute("UPDATE run SET ended_at = ?2, ending = ?3 WHERE run = ?1", params![run, now, ending])?;
    Ok(())
}

/// In the order of the plan, without what is held. After outcomes were lost, from the end of the plan: the run that lost
/// them began at its beginning, so that a record that is still there is more likely at its end, and shows that the target
/// is the right one.
pub(super) fn claim(
    connection: &Connection,
    target: TargetNumber,
    work: Work,
    count: usize,
) -> Result<Vec<Claimed>, JobError> {
    let count = i64::try_from(count).unwrap_or(i64::MAX);
    let mut query = connection.prepare_cached(&claim_query(work, has_lost_outcomes(connection)?))?;
    let rows = query.query_map(params![target.0, count, work as i64], |row| {
        Ok(Claimed {
            record: row.get(0)?,
            id: row.get(1)?,
            is_ambiguous: row.get(2)?,
            before: word(row, "presence_before", PresenceState::parse)?,
            is_over: false,
            was_seen: row.get(4)?,
        })
    })?;
    let claimed: Vec<Claimed> = rows.collect::<Result<_, _>>()?;
    if let Some(last) = claimed.last() {
        connection
            .prepare_cached("INSERT OR REPLACE INTO temp.claimed (target, pass, last) VALUES (?1, ?2, ?3)")?
            .execute(params![target.0, work as i64, last.record])?;
    }
    Ok(claimed)
}

/// The plus keeps the database from sorting all of a target by its other index: rows are read in their order.
pub(crate) fn claim_query(work: Work, is_from_end: bool) -> String {
    let (order, after, start) = if is_from_end { ("DESC", "<", i64::MAX) } else { ("ASC", ">", 0) };
    format!(
        "SELECT record, id,
                intent_at IS NOT NULL AND outcome IS NULL AND COALESCE(presence_before, 'present') = 'present',
                presence_before,
                presence_before IS 'present' OR outcome IS 'deleted'
         FROM record
         WHERE +target = ?1 AND {}
           AND record {after} COALESCE((SELECT last FROM temp.claimed WHERE target = ?1 AND pass = ?3), {start})
         ORDER BY record {order} LIMIT ?2",
        open(work)
    )
}

/// Which records are still to be done.
fn open(work: Work) -> String {
    match work {
        Work::Precheck => format!("outcome IS NULL AND presence_before IS NULL AND intent_at IS NULL AND {NOT_HELD}"),
        Work::Delete => format!("outcome IS NULL AND {NOT_HELD}"),
        Work::Verify => format!("(presence_after IS NULL OR presence_after = 'unknown') AND {SENT}"),
        Work::Reverify => SENT.to_owned(),
        Work::Lookup => "TRUE".to_owned(),
    }
}

/// Held, whenever that was: nothing is sent for these.
const NOT_HELD: &str = "id NOT IN (SELECT id FROM hold) AND id NOT IN (SELECT id FROM late_hold)";

/// Those for which a delete was sent.
const SENT: &str = "(outcome IN ('deleted', 'acknowledged', 'gone', 'unresolved', 'not_found')
                     OR (outcome = 'failed' AND delivery <> 'not_sent'))";

/// How many records went from one outcome to another: the tally of a group is written once.
#[derive(Debug, Default)]
pub(super) struct Moved(HashMap<(TargetNumber, String), i64>);

impl Moved {
    fn add(&mut self, target: TargetNumber, from: &str, to: &str) {
        *self.0.entry((target, from.to_owned())).or_default() -= 1;
        *self.0.entry((target, to.to_owned())).or_default() += 1;
    }

    pub(super) fn write(self, connection: &Connection) -> Result<(), JobError> {
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

pub(super) fn append(
    connection: &Connection,
    target: TargetNumber,
    entry: &Entry,
    (run, now): (i64, &str),
    moved: &mut Moved,
) -> Result<(), JobError> {
    match entry {
        Entry::Before { record, presence } => see_before(connection, *record, presence)?,
        Entry::After { record, presence } => {
            see_after(connection, *record, presence)?;
            if let Some((said, proven)) = prove(connection, *record)? {
                moved.add(target, &said, &proven);
            }
        }
        Entry::Tried(tried) => try_open(connection, tried)?,
        Entry::Outcome(result) => settle(connection, target, result, (run, now), moved)?,
        Entry::Held { record, is_in_doubt } => {
            if is_open(connection, *record)? {
                moved.add(target, "open", settle_held(connection, *record, *is_in_doubt, (run, now))?);
            }
        }
        Entry::Child { id, child } => write_child(connection, target, id, child, (run, now))?,
    }
    Ok(())
}

fn is_open(connection: &Connection, record: i64) -> Result<bool, JobError> {
    let mut query = connection.prepare_cached("SELECT outcome IS NULL FROM record WHERE record = ?")?;
    Ok(query.query_row([record], |row| row.get(0))?)
}

fn see_before(connection: &Connection, record: i64, presence: &Sighting) -> Result<(), JobError> {
    connection
        .prepare_cached("UPDATE record SET presence_before = ?2, presence_before_at = ?3 WHERE record = ?1")?
        .execute(params![record, presence.state.as_str(), timestamp::format(presence.at)])?;
    Ok(())
}

fn see_after(connection: &Connection, record: i64, presence: &Sighting) -> Result<(), JobError> {
    connection
        .prepare_cached("UPDATE record SET presence_after = ?2, looked_at = ?3 WHERE record = ?1")?
        .execute(params![record, presence.state.as_str(), timestamp::format(presence.at)])?;
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

/// The columns of an error.
fn columns(error: Option<&Failure>) -> (Option<&'static str>, Option<&'static str>, Option<&str>) {
    match error {
        Some(error) => (Some(error.kind.as_str()), Some(error.delivery.as_str()), Some(&error.message)),
        None => (None, None, None),
    }
}

/// A child that is reported again keeps its number, by which children are in the order in which they were first tried.
fn write_child(
    connection: &Connection,
    target: TargetNumber,
    record: &str,
    child: &ChildReport,
    (run, now): (i64, &str),
) -> Result<(), JobError> {
    let (kind, delivery, message) = columns(child.error.as_ref());
    connection
        .prepare_cached(
            "INSERT INTO child (record, kind, id, run, settled_at, outcome, attempts, status, request_id, error_kind, delivery, message)
                 SELECT record, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13 FROM record WHERE target = ?1 AND id = ?2
             ON CONFLICT (record, kind, id) DO UPDATE SET
                 run = excluded.run, settled_at = excluded.settled_at, outcome = excluded.outcome,
                 attempts = excluded.attempts, status = excluded.status, request_id = excluded.request_id,
                 error_kind = excluded.error_kind, delivery = excluded.delivery, message = excluded.message",
        )?
        .execute(params![
            target.0,
            record,
            child.kind,
            child.id,
            run,
            now,
            child.outcome.as_str(),
            i64::try_from(child.attempts).unwrap_or(i64::MAX),
            child.status,
            child.request_id,
            kind,
            delivery,
            message,
        ])?;
    Ok(())
}

/// Keeps what is known of the requests for a record that stays open. A record that was in doubt stays so: of its
/// deliveries, `maybe_delivered` is kept.
fn try_open(connection: &Connection, tried: &RecordResult) -> Result<(), JobError> {
    let (kind, delivery, message) = columns(tried.error.as_ref());
    connection
        .prepare_cached(
            "UPDATE record SET attempts = attempts + ?2, status = ?3, request_id = ?4, error_kind = ?5,
                               delivery = CASE WHEN delivery IS 'maybe_delivered' THEN delivery ELSE ?6 END, message = ?7
             WHERE record = ?1 AND outcome IS NULL",
        )?
        .execute(params![
            tried.record,
            i64::try_from(tried.attempts).unwrap_or(i64::MAX),
            tried.status,
            tried.request_id,
            kind,
            delivery,
            message,
        ])?;
    Ok(())
}

fn settle(
    connection: &Connection,
    target: TargetNumber,
    settled: &RecordResult,
    (run, now): (i64, &str),
    moved: &mut Moved,
) -> Result<(), JobError> {
    let (kind, delivery, message) = columns(settled.error.as_ref());
    let written = connection
        .prepare_cached(
            "UPDATE record SET outcome = ?2, settled_at = ?3, settled_run = ?4, attempts = attempts + ?5, status = ?6, request_id = ?7,
                               error_kind = ?8, delivery = ?9, message = ?10
             WHERE record = ?1 AND outcome IS NULL",
        )?
        .execute(params![
            settled.record,
            settled.outcome.as_str(),
            now,
            run,
            i64::try_from(settled.attempts).unwrap_or(i64::MAX),
            settled.status,
            settled.request_id,
            kind,
            delivery,
            message,
        ])?;
    if written == 1 {
        moved.add(target, "open", settled.outcome.as_str());
    }
    Ok(())
}
