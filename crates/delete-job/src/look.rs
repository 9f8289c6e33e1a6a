//! Looking at a job, also while it is run.

use std::collections::BTreeMap;
use std::path::Path;

use delete_core::Delivery;
use rusqlite::Row;

use crate::error::JobError;
use crate::lock;
use crate::store::Store;
use crate::target::{Target, TargetNumber};

/// How far a job is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Status {
    /// The hash of its plan; `None` where it was never finished.
    pub plan_hash: Option<String>,
    /// When it was planned, in RFC 3339.
    pub planned_at: Option<String>,
    /// Who runs it now.
    pub holder: Option<String>,
    /// How many lines of the input were no id.
    pub refused: u64,
    /// Each target.
    pub targets: Vec<TargetStatus>,
}

/// How far one target of a job is.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TargetStatus {
    /// Its number.
    pub number: TargetNumber,
    /// What was planned.
    pub target: Target,
    /// How many ids of each outcome there are; `open` are those that have none yet, `held` those that must not be deleted.
    pub outcomes: BTreeMap<String, u64>,
    /// How many ids were planned to be deleted.
    pub planned: u64,
    /// How many of those that the vendor says are deleted a look found still there.
    pub still_present: u64,
    /// How many of those a look found absent, and that were seen before, or deleted by the vendor's word for this very
    /// record.
    pub verified: u64,
    /// What the last looks said of all that a delete was sent for.
    pub looks: LookCounts,
}

/// What looks after deletes said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct LookCounts {
    /// Not there any more.
    pub absent: u64,
    /// Still there.
    pub present: u64,
    /// Nothing could be said.
    pub unknown: u64,
    /// Nobody looked yet.
    pub open: u64,
}

impl Status {
    /// Reads it. It takes no longer for many ids than for few, but for the count of what is still present.
    ///
    /// # Errors
    /// [`JobErrorKind::NotAJob`](crate::JobErrorKind::NotAJob), [`JobErrorKind::Storage`](crate::JobErrorKind::Storage).
    pub fn read(path: &Path) -> Result<Self, JobError> {
        let store = Store::open_to_read(path)?;
        let connection = &store.connection;
        let (plan_hash, planned_at) =
            connection.query_row("SELECT plan_hash, planned_at FROM job", [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let refused = connection.query_row("SELECT COUNT(*) FROM refused", [], |row| row.get(0))?;
        let targets = store.targets()?.into_iter().map(|(number, target)| read_target(&store, number, target));
        let targets = targets.collect::<Result<_, JobError>>()?;
        Ok(Self { plan_hash, planned_at, holder: lock::holder(path), refused, targets })
    }
}

fn read_target(store: &Store, number: TargetNumber, target: Target) -> Result<TargetStatus, JobError> {
    let connection = &store.connection;
    let mut query = connection.prepare("SELECT outcome, count FROM tally WHERE target = ? AND count > 0")?;
    let rows = query.query_map([number.0], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let outcomes = rows.collect::<Result<_, _>>()?;
    let planned = connection.query_row("SELECT planned FROM target WHERE target = ?", [number.0], |row| row.get(0))?;
    // One walk over the records counts all that looks said.
    connection
        .query_row(LOOKS, [number.0], |row| {
            let looks =
                LookCounts { absent: row.get(2)?, present: row.get(3)?, unknown: row.get(4)?, open: row.get(5)? };
            let (still_present, verified) = (row.get(0)?, row.get(1)?);
            Ok(TargetStatus { number, target, outcomes, planned, still_present, verified, looks })
        })
        .map_err(JobError::from)
}

const LOOKS: &str = "
    SELECT COALESCE(SUM(presence_after = 'present'), 0),
           COALESCE(SUM(is_done AND presence_after = 'absent' AND presence_before = 'present'), 0),
           COALESCE(SUM(presence_after = 'absent'), 0),
           COALESCE(SUM(presence_after = 'present'), 0),
           COALESCE(SUM(presence_after NOT IN ('absent', 'present')), 0),
           COALESCE(SUM(presence_after IS NULL), 0)
    FROM (SELECT outcome, presence_before, presence_after, outcome IN ('deleted', 'acknowledged', 'gone') AS is_done
          FROM record
          WHERE target = ? AND (outcome IN ('deleted', 'acknowledged', 'gone', 'unresolved', 'not_found')
                                OR (outcome = 'failed' AND delivery <> 'not_sent')))";

/// What is known of one record of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordReport {
    /// The vendor.
    pub vendor: String,
    /// The erasure mode, where the vendor knows two.
    pub mode: Option<String>,
    /// The id.
    pub id: String,
    /// What became of it; `not_attempted` where it has no outcome yet, but `failed` where its request may have left: the
    /// next run finds out.
    pub outcome: String,
    /// The requests that were sent for it.
    pub attempts: u64,
    /// The HTTP status of the last answer.
    pub status: Option<u16>,
    /// The vendor's name for the last request.
    pub request_id: Option<String>,
    /// Sort, delivery and message of the failure.
    pub error: Option<(String, String, String)>,
    /// What a look before the delete said.
    pub presence_before: Option<String>,
    /// What the last look after it said.
    pub presence_after: Option<String>,
    /// When it got its outcome, in RFC 3339.
    pub settled_at: Option<String>,
}

/// Gives each record of a job to `tell`, in the order of the plan, one in memory at a time. Where `tell` says false, it
/// ends.
///
/// # Errors
/// As [`Status::read`].
pub fn export(path: &Path, mut tell: impl FnMut(RecordReport) -> bool) -> Result<(), JobError> {
    let store = Store::open_to_read(path)?;
    let mut query = store.connection.prepare(
        "SELECT vendor, mode, id, COALESCE(outcome, 'not_attempted'), attempts, status, request_id, error_kind, delivery,
                message, presence_before, presence_after, settled_at, intent_at IS NOT NULL AND outcome IS NULL
         FROM record JOIN target USING (target) ORDER BY record",
    )?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        if !tell(read_record(row)?) {
            break;
        }
    }
    Ok(())
}

fn read_record(row: &Row<'_>) -> Result<RecordReport, rusqlite::Error> {
    let kind: Option<String> = row.get(7)?;
    let (delivery, message): (Option<String>, Option<String>) = (row.get(8)?, row.get(9)?);
    let is_in_doubt: bool = row.get(13)?;
    let error = kind.map(|kind| (kind, delivery.unwrap_or_default(), message.unwrap_or_default()));
    Ok(RecordReport {
        vendor: row.get(0)?,
        mode: row.get(1)?,
        id: row.get(2)?,
        outcome: if is_in_doubt { "failed".to_owned() } else { row.get(3)? },
        attempts: row.get(4)?,
        status: row.get(5)?,
        request_id: row.get(6)?,
        error: if is_in_doubt { Some(in_doubt()) } else { error },
        presence_before: row.get(10)?,
        presence_after: row.get(11)?,
        settled_at: row.get(12)?,
    })
}

/// Its request may have left, and no outcome is written down.
fn in_doubt() -> (String, String, String) {
    let message = "its request was about to be sent, and what became of it is not known: run the job again to find out";
    ("interrupted".to_owned(), Delivery::MaybeDelivered.as_str().to_owned(), message.to_owned())
}

/// Something in the input of a plan that was no id.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RefusedReport {
    /// The vendor.
    pub vendor: String,
    /// Where it came from: a file, or the arguments.
    pub source: String,
    /// The line in it, or the number of the argument.
    pub line: Option<u64>,
    /// What stood there, as far as it may be shown.
    pub text: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Gives all that was refused to `tell`, in the order of the input. Where `tell` says false, it ends.
///
/// # Errors
/// As [`Status::read`].
pub fn export_refused(path: &Path, mut tell: impl FnMut(RefusedReport) -> bool) -> Result<(), JobError> {
    let store = Store::open_to_read(path)?;
    let mut query =
        store.connection.prepare("SELECT vendor, source, line, text, reason FROM refused ORDER BY refused")?;
    let rows = query.query_map([], |row| {
        Ok(RefusedReport {
            vendor: row.get(0)?,
            source: row.get(1)?,
            line: row.get(2)?,
            text: row.get(3)?,
            reason: row.get(4)?,
        })
    })?;
    for row in rows {
        if !tell(row?) {
            break;
        }
    }
    Ok(())
}
