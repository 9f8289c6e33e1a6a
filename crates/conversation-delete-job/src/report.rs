//! What became of each record of a job, also while it is run.

use std::path::Path;

use delete_core::Delivery;
use rusqlite::Row;

use crate::error::JobError;
use crate::lock;
use crate::store::Store;

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
    /// What became of it; `not_attempted` if it has no outcome yet. If no process runs the job and its request may have been
    /// sent, it is `failed`: the next run finds out.
    pub outcome: String,
    /// The requests that were sent for it since it was planned or reopened, in all runs, as far as their end was written
    /// down. A request whose process was killed is not among them.
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
    /// What became of its children: a JSON array, in the order in which they were first tried; `None` if it has none.
    pub children: Option<String>,
}

/// Passes each record of a job to `tell`, in the order of the plan, and stops when `tell` returns false. It reads a page of
/// records at a time: while `tell` waits, the file is not being read, so that a run can go on and its log stays short.
///
/// # Errors
/// As [`Status::read`](crate::Status::read).
pub fn export(path: &Path, mut tell: impl FnMut(RecordReport) -> bool) -> Result<(), JobError> {
    let mut follower = Follower::open(path)?;
    loop {
        let records = follower.read(PAGE, true, |store| lock::holder(path).is_some() || store.file.is_locked())?;
        if records.is_empty() || !records.into_iter().all(&mut tell) {
            return Ok(());
        }
    }
}

/// How many rows are read at once.
const PAGE: usize = 1024;

const REPORTS: &str = "
    SELECT vendor, mode, record.id, COALESCE(outcome, 'not_attempted'), attempts, status, request_id, error_kind, delivery,
           message, presence_before, presence_after, settled_at, intent_at IS NOT NULL AND outcome IS NULL,
           (SELECT NULLIF(json_group_array(json_object(
                'kind', kind, 'id', id, 'outcome', outcome, 'attempts', attempts, 'status', status, 'request_id', request_id,
                'error', CASE WHEN error_kind IS NULL THEN NULL
                              ELSE json_object('kind', error_kind, 'delivery', delivery, 'message', message) END)), '[]')
            FROM (SELECT * FROM child WHERE child.record = record.record ORDER BY child)),
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
        self.read(count, false, |_| false)
    }

    /// The next records, at most `count`, whether they have an outcome or not, for the time when nobody runs the job any
    /// more.
    ///
    /// # Errors
    /// [`JobErrorKind::Storage`](crate::JobErrorKind::Storage).
    pub fn rest(&mut self, count: usize) -> Result<Vec<RecordReport>, JobError> {
        self.read(count, true, |_| false)
    }

    /// Goes on with the file as a run had it open that lost it, whatever lies at its path now.
    pub fn follow_lost(&mut self, error: &JobError) {
        if let Some(store) = error.take_store() {
            self.store = store;
        }
    }

    /// `is_run` is asked once the moment is fixed of which the records are: a run that is killed earlier is not one that
    /// still settles them.
    fn read(
        &mut self,
        count: usize,
        takes_open: bool,
        is_run: impl Fn(&Store) -> bool,
    ) -> Result<Vec<RecordReport>, JobError> {
        let limit = i64::try_from(count).unwrap_or(i64::MAX);
        let mut query =
            self.store.connection.prepare_cached(&format!("{REPORTS} WHERE record > ? ORDER BY record LIMIT ?"))?;
        let mut rows = query.query([self.last, limit])?;
        let mut reports = Vec::new();
        let mut is_running = None;
        while let Some(row) = rows.next()? {
            if !takes_open && row.get("is_open")? {
                break;
            }
            let doubt = Doubt {
                is_log_missing: self.store.lacks_log,
                is_running: *is_running.get_or_insert_with(|| is_run(&self.store)),
            };
            reports.push(read_record(row, doubt)?);
            self.last = row.get("record")?;
        }
        Ok(reports)
    }
}

impl Drop for Follower {
    /// A run that ended before could not do it, because this one was reading.
    fn drop(&mut self) {
        self.store.put_at_rest();
    }
}

/// What decides whether an open record may have been sent.
#[derive(Clone, Copy)]
struct Doubt {
    is_log_missing: bool,
    /// A process runs the job, and will settle what is in flight.
    is_running: bool,
}

fn read_record(row: &Row<'_>, doubt: Doubt) -> Result<RecordReport, rusqlite::Error> {
    let kind: Option<String> = row.get(7)?;
    let (delivery, message): (Option<String>, Option<String>) = (row.get(8)?, row.get(9)?);
    let (has_intent, is_open): (bool, bool) = (row.get(13)?, row.get("is_open")?);
    let doubt = match (is_open, doubt.is_log_missing, has_intent && !doubt.is_running) {
        (true, true, _) => Some(OUTCOME_MISSING),
        (true, false, true) => Some(IN_DOUBT),
        _ => None,
    };
    let error = kind.map(|kind| (kind, delivery.unwrap_or_default(), message.unwrap_or_default()));
    let is_answer_known = |error: &&(String, String, String)| error.1 == Delivery::MaybeDelivered.as_str();
    let tried = error.as_ref().filter(is_answer_known).filter(|_| doubt == Some(IN_DOUBT)).map(tried_in_doubt);
    Ok(RecordReport {
        vendor: row.get(0)?,
        mode: row.get(1)?,
        id: row.get(2)?,
        outcome: if doubt.is_some() { "failed".to_owned() } else { row.get(3)? },
        attempts: row.get(4)?,
        status: row.get(5)?,
        request_id: row.get(6)?,
        error: tried.or(doubt.map(in_doubt)).or(error),
        presence_before: row.get(10)?,
        presence_after: row.get(11)?,
        settled_at: row.get(12)?,
        looked_at: row.get(15)?,
        children: row.get(14)?,
    })
}

/// What is known of the last request of an open record that may be deleted.
fn tried_in_doubt((_, _, message): &(String, String, String)) -> (String, String, String) {
    in_doubt(&format!("{message}; run the job again to find out"))
}

/// Its request may have left, and no outcome is written down.
fn in_doubt(message: &str) -> (String, String, String) {
    ("interrupted".to_owned(), Delivery::MaybeDelivered.as_str().to_owned(), message.to_owned())
}

const IN_DOUBT: &str =
    "its request was about to be sent, and what became of it is not known: run the job again to find out";

const OUTCOME_MISSING: &str = "its outcome may be missing, because the job's log (-wal) is not beside the file: it may be deleted; put \
     the log back, or run the job again to find out";

/// Something in the input of a plan that was not an id.
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

/// Passes everything that was refused to `tell`, in the order of the input, and stops when `tell` returns false. It reads a
/// page at a time, like [`export`].
///
/// # Errors
/// As [`Status::read`](crate::Status::read).
pub fn export_refused(path: &Path, mut tell: impl FnMut(RefusedReport) -> bool) -> Result<(), JobError> {
    let store = Store::open_to_read(path)?;
    let mut last = 0;
    loop {
        let page = read_refused(&store, &mut last)?;
        if page.is_empty() || !page.into_iter().all(&mut tell) {
            store.put_at_rest();
            return Ok(());
        }
    }
}

fn read_refused(store: &Store, last: &mut i64) -> Result<Vec<RefusedReport>, JobError> {
    let query =
        "SELECT vendor, source, line, text, reason, refused FROM refused WHERE refused > ? ORDER BY refused LIMIT ?";
    let mut query = store.connection.prepare_cached(query)?;
    let rows = query.query_map([*last, PAGE as i64], |row| {
        *last = row.get(5)?;
        Ok(RefusedReport {
            vendor: row.get(0)?,
            source: row.get(1)?,
            line: row.get(2)?,
            text: row.get(3)?,
            reason: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
