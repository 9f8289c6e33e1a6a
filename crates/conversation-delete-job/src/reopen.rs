//! Reopening what has failed.

use rusqlite::{Connection, params};

use crate::error::JobError;

pub(crate) fn count_failed(connection: &Connection) -> Result<u64, JobError> {
    let query = format!("SELECT COUNT(*) FROM record WHERE {FAILED}");
    Ok(connection.query_row(&query, [], |row| row.get(0))?)
}

/// Reopens what has failed, in the caller's transaction. Returns how many there are.
pub(crate) fn reopen_failed(connection: &Connection) -> Result<u64, JobError> {
    for (outcome, sign) in [("failed", -1), ("open", 1)] {
        connection.execute(
            &format!(
                "INSERT INTO tally (target, outcome, count)
                     SELECT target, ?1, COUNT(*) * ?2 FROM record WHERE {FAILED} GROUP BY target
                 ON CONFLICT (target, outcome) DO UPDATE SET count = count + excluded.count"
            ),
            params![outcome, sign],
        )?;
    }
    connection.execute(&format!("{KEEP_FAILURE} WHERE {FAILED} ORDER BY record"), [])?;
    let reopened = connection.execute(&reopen(), [])?;
    Ok(reopened as u64)
}

const KEEP_FAILURE: &str = "
    INSERT INTO attempt (record, run, settled_at, outcome, attempts, status, request_id, error_kind, delivery, message,
                         presence_after, presence_after_at)
    SELECT record, settled_run, settled_at, outcome, attempts, status, request_id, error_kind, delivery, message,
           presence_after, presence_after_at
    FROM record";

/// What is held stays as it is.
const FAILED: &str = "outcome = 'failed' AND id NOT IN (SELECT id FROM late_hold)";

/// An unexpected response may have been to a delete that took effect.
const MAY_BE_DELETED: &str =
    "delivery = 'maybe_delivered' OR delivery = 'answered' AND error_kind = 'unexpected_response'";

fn reopen() -> String {
    format!(
        "UPDATE record SET
            intent_at = CASE WHEN {MAY_BE_DELETED} THEN intent_at END,
            intent_run = CASE WHEN {MAY_BE_DELETED} THEN intent_run END,
            presence_before = NULLIF(presence_before, 'unknown'),
            presence_before_at = CASE WHEN presence_before <> 'unknown' THEN presence_before_at END,
            outcome = NULL, settled_at = NULL, settled_run = NULL, attempts = 0, status = NULL, request_id = NULL,
            error_kind = NULL, delivery = NULL, message = NULL, presence_after = NULL, presence_after_at = NULL,
            presence_after_status = NULL, presence_after_source = NULL, presence_after_reason = NULL, presence_after_run = NULL,
            tried_at = NULL,
            presence_before_reason = NULL
         WHERE {FAILED}"
    )
}
