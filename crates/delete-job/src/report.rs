//! What became of each record of a job, also while it is run.

use std::path::Path;

use delete_core::Delivery;
use rusqlite::Row;

use crate::error::JobError;
use crate::store::{Store, put_at_rest};

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
    /// The requests that were sent for it by the run that wrote its outcome.
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
    /// When the last look after its delete was written down, in RFC 3339.
    pub looked_at: Option<String>,
    /// What became of its children, in the words of who ran it.
    pub children: Option<String>,
}

/// Gives each record of a job to `tell`, in the order of the plan, one in memory at a time. Where `tell` says false, it
/// ends.
///
/// # Errors
/// As [`Status::read`](crate::Status::read).
pub fn export(path: &Path, mut tell: impl FnMut(RecordReport) -> bool) -> Result<(), JobError> {
    let store = Store::open_to_read(path)?;
    let mut query = store.connection.prepare(&format!("{REPORTS} ORDER BY record"))?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        if !tell(read_record(row)?) {
            break;
        }
    }
    Ok(())
}

const REPORTS: &str = "
    SELECT vendor, mode, id, COALESCE(outcome, 'not_attempted'), attempts, status, request_id, error_kind, delivery,
           message, presence_before, presence_after, settled_at, intent_at IS NOT NULL AND outcome IS NULL, children,
           looked_at, record, outcome IS NULL AS is_open
    FROM record JOIN target USING (target)";

/// Follows a job while it is run: gives the records in the order of the plan, each once, as soon as it and all before it
/// have their outcome on the disk.
#[derive(Debug)]
pub struct Follower {
    store: Store,
    last: i64,
}

impl Follower {
    /// Begins at the first record.
    ///
    /// # Errors
    /// As [`Status::read`](crate::Status::read).
    pub fn open(path: &Path) -> Result<Self, JobError> {
        Ok(Self { store: Store::open_to_read(path)?, last: 0 })
    }

    /// The next records, at most `count`; none where the next one has no outcome yet.
    ///
    /// # Errors
    /// [`JobErrorKind::Storage`](crate::JobErrorKind::Storage).
    pub fn next(&mut self, count: usize) -> Result<Vec<RecordReport>, JobError> {
        self.read(count, false)
    }

    /// The next records, at most `count`, whether they have an outcome or not, for the time when nobody runs the job any
    /// more.
    ///
    /// # Errors
    /// [`JobErrorKind::Storage`](crate::JobErrorKind::Storage).
    pub fn rest(&mut self, count: usize) -> Result<Vec<RecordReport>, JobError> {
        self.read(count, true)
    }

    fn read(&mut self, count: usize, takes_open: bool) -> Result<Vec<RecordReport>, JobError> {
        let mut query = self.store.connection.prepare_cached(&format!("{REPORTS} WHERE record > ? ORDER BY record"))?;
        let mut rows = query.query([self.last])?;
        let mut reports = Vec::new();
        while reports.len() < count {
            let Some(row) = rows.next()? else { break };
            if !takes_open && row.get("is_open")? {
                break;
            }
            reports.push(read_record(row)?);
            self.last = row.get("record")?;
        }
        Ok(reports)
    }
}

impl Drop for Follower {
    /// A run that ended before could not do it, because this one was reading.
    fn drop(&mut self) {
        put_at_rest(&self.store.connection);
    }
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
        looked_at: row.get(15)?,
        children: row.get(14)?,
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
/// As [`Status::read`](crate::Status::read).
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
