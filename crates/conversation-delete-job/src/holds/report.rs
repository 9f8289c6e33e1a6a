//! What became of the records that late holds match.

use rusqlite::Connection;

use super::{UnmatchedHolds, to_integer};
use crate::error::JobError;
use crate::outcome::RecordOutcome;
use crate::store::read::outcome;

/// What became of the records that were held after the plan was made. The counts add up to the records that the holds
/// match.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HoldReport {
    /// How many are held now, those included that were held before.
    pub held: u64,
    /// How many were deleted before: `deleted`, `acknowledged` or `gone`.
    pub deleted: u64,
    /// How many were not found before.
    pub not_found: u64,
    /// How many deletes failed before, without effect. They are not tried again.
    pub failed: u64,
    /// How many may be deleted: a request is in flight or about to be sent, or its response proves nothing.
    pub in_doubt: u64,
    /// Some of those that were deleted before, the last ones first.
    pub first_deleted: Vec<DeletedBefore>,
    /// The holds that match no record of the job.
    pub unmatched: UnmatchedHolds,
    /// How many holds belong to other shards of the plan, if the job is a shard. They have no effect here.
    pub elsewhere: u64,
    /// The holds are in force, and in the job's log (`-wal`) alone: they are lost if that is lost. A reader that kept the
    /// file open, or a run that wrote without a pause, kept them from being written into the job file.
    pub is_only_in_log: bool,
}

impl HoldReport {
    /// How many records of the job the holds match.
    pub fn matched(&self) -> u64 {
        self.held + self.deleted + self.not_found + self.failed + self.in_doubt
    }
}

/// A record that was deleted before its hold came.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeletedBefore {
    /// The vendor.
    pub vendor: String,
    /// The id.
    pub id: String,
    /// `Deleted`, `Acknowledged` or `Gone`.
    pub outcome: RecordOutcome,
    /// When the outcome was written, in RFC 3339.
    pub settled_at: String,
}

pub(super) fn report(connection: &Connection, limit: usize, unmatched: UnmatchedHolds) -> Result<HoldReport, JobError> {
    let mut report = HoldReport { unmatched, ..HoldReport::default() };
    // All is of the same moment, however fast a run goes on.
    let moment = connection.unchecked_transaction()?;
    let mut query = moment.prepare(STATES)?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let number = row.get(1)?;
        match row.get_ref(0)?.as_str().unwrap_or_default() {
            "held" => report.held = number,
            "deleted" => report.deleted = number,
            "not_found" => report.not_found = number,
            "failed" => report.failed = number,
            _ => report.in_doubt = number,
        }
    }
    report.first_deleted = deleted_before(&moment, limit)?;
    Ok(report)
}

/// One without an outcome and without an intent will not be sent.
const STATES: &str = "
    SELECT CASE WHEN outcome IS NULL THEN CASE WHEN intent_at IS NULL THEN 'held' ELSE 'in_doubt' END
                WHEN outcome IN ('deleted', 'acknowledged', 'gone') THEN 'deleted'
                WHEN outcome IN ('held', 'not_found') THEN outcome
                WHEN outcome = 'unresolved' OR delivery = 'maybe_delivered'
                     OR (delivery = 'answered' AND error_kind = 'unexpected_response') THEN 'in_doubt'
                ELSE 'failed' END, COUNT(*)
    FROM temp.held_record JOIN record USING (record) GROUP BY 1";

const DELETED: &str = "
    SELECT vendor, record.id, outcome, COALESCE(settled_at, '')
    FROM temp.held_record JOIN record USING (record) JOIN target ON target.target = record.target
    WHERE outcome IN ('deleted', 'acknowledged', 'gone')
    ORDER BY settled_at DESC, record LIMIT ? + 0";

fn deleted_before(connection: &Connection, limit: usize) -> Result<Vec<DeletedBefore>, JobError> {
    let mut query = connection.prepare(DELETED)?;
    let rows = query.query_map([to_integer(limit as u64)], |row| {
        Ok(DeletedBefore { vendor: row.get(0)?, id: row.get(1)?, outcome: outcome(row, 2)?, settled_at: row.get(3)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

#[cfg(test)]
pub(crate) const ALL: [&str; 2] = [STATES, DELETED];
