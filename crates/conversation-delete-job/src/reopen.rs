//! Reopening what has failed.

use rusqlite::Connection;

use crate::error::JobError;
use crate::outcome::RecordOutcome;
use crate::store::TallyDelta;
use crate::target::TargetNumber;

/// What is held stays as it is.
macro_rules! failed {
    () => {
        "outcome = 'failed' AND id NOT IN (SELECT id FROM late_hold)"
    };
}

/// An unexpected response may have been to a delete that took effect.
macro_rules! may_be_deleted {
    () => {
        "delivery = 'maybe_delivered' OR delivery = 'answered' AND error_kind = 'unexpected_response'"
    };
}

const COUNT: &str = concat!("SELECT target, COUNT(*) FROM record WHERE ", failed!(), " GROUP BY target");

const KEEP: &str = concat!(
    "INSERT INTO attempt (record, run, settled_at, outcome, attempts, status, request_id, error_kind, delivery, message,
                          presence_after, presence_after_at)
     SELECT record, settled_run, settled_at, outcome, attempts, status, request_id, error_kind, delivery, message,
            presence_after, presence_after_at
     FROM record WHERE ",
    failed!(),
    " ORDER BY record"
);

const REOPEN: &str = concat!(
    "UPDATE record SET intent_at = CASE WHEN ",
    may_be_deleted!(),
    " THEN intent_at END, intent_run = CASE WHEN ",
    may_be_deleted!(),
    " THEN intent_run END,
      presence_before_at = CASE WHEN presence_before <> 'unknown' THEN presence_before_at END,
      presence_before = NULLIF(presence_before, 'unknown'), presence_before_reason = NULL,
      outcome = NULL, settled_at = NULL, settled_run = NULL, attempts = 0, status = NULL, request_id = NULL,
      error_kind = NULL, delivery = NULL, message = NULL, tried_at = NULL,
      presence_after = NULL, presence_after_at = NULL, presence_after_status = NULL, presence_after_source = NULL,
      presence_after_reason = NULL, presence_after_run = NULL, presence_after_error_kind = NULL,
      presence_after_delivery = NULL
     WHERE ",
    failed!()
);

/// Returns how many records of each target can be reopened.
fn count(connection: &Connection) -> Result<Vec<(TargetNumber, i64)>, JobError> {
    let mut query = connection.prepare(COUNT)?;
    let rows = query.query_map([], |row| Ok((TargetNumber(row.get(0)?), row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(crate) fn count_failed(connection: &Connection) -> Result<u64, JobError> {
    Ok(count(connection)?.into_iter().map(|(_, count)| count.unsigned_abs()).sum())
}

/// Reopens what has failed, in the caller's transaction. Returns how many there are.
pub(crate) fn reopen_failed(connection: &Connection) -> Result<u64, JobError> {
    let mut delta = TallyDelta::default();
    for (target, count) in count(connection)? {
        delta.change(target, RecordOutcome::Failed, RecordOutcome::NotAttempted, count);
    }
    delta.write(connection)?;
    connection.execute(KEEP, [])?;
    Ok(connection.execute(REOPEN, [])? as u64)
}

#[cfg(test)]
pub(crate) const ALL: [&str; 3] = [COUNT, KEEP, REOPEN];
