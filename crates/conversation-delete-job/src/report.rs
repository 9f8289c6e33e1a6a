//! What became of each record of a job, also while it is run.

use delete_core::{Delivery, ErasureMode, ErrorKind};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};

use crate::error::JobError;
use crate::follow::Milestone;
use crate::memory::JobLocation;
use crate::outcome::{ChildReport, Failure, RecordOutcome, was_sent};
use crate::presence::{PresenceReport, PresenceSource, PresenceState};
use crate::store::Store;
use crate::store::read::{failure, outcome, word};
use crate::target::TargetNumber;

/// What is known of one record of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordReport {
    /// Its target.
    pub target: TargetNumber,
    /// The vendor.
    pub vendor: String,
    /// The erasure mode, if the vendor has two.
    pub mode: Option<ErasureMode>,
    /// The id.
    pub id: String,
    /// Its outcome. If no process runs the job and its request may have been sent without one, it is
    /// [`Failed`](RecordOutcome::Failed): the next run finds out.
    pub outcome: RecordOutcome,
    /// The requests that were sent for it since it was planned or reopened, in all runs, as far as their end was written
    /// down. A request whose process was killed is not among them.
    pub attempts: u64,
    /// Whether certainly one request was sent for it: one attempt, which began and ended in one run.
    pub was_sent_once: bool,
    /// The HTTP status of the last response.
    pub status: Option<u16>,
    /// The vendor's name for the last request.
    pub request_id: Option<String>,
    /// Why it failed.
    pub error: Option<Failure>,
    /// What was known of its presence before its delete.
    pub before: Option<PresenceReport>,
    /// What was known of its presence after its delete, the last time.
    pub after: Option<PresenceReport>,
    /// When its first delete was about to be sent, in RFC 3339.
    pub first_attempt_at: Option<String>,
    /// When the end of the last request for it was written, in RFC 3339; `None` if there was none, or an earlier format did
    /// not keep it.
    pub last_attempt_at: Option<String>,
    /// When its outcome was written, in RFC 3339.
    pub settled_at: Option<String>,
    /// Who held it. If its outcome is not [`Held`](RecordOutcome::Held), the hold came too late to keep its request from
    /// being sent.
    pub held: Option<HeldBy>,
    /// Its children, in the order in which they were first tried.
    pub children: Vec<ChildReport>,
}

/// Who held a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeldBy {
    /// The hold list with which the job was planned.
    Plan,
    /// A hold that was added later, at this time in RFC 3339.
    Later(String),
}

/// Passes each record of a job to `f`, in the order of the plan, and stops when `f` returns false. It reads a page of
/// records at a time: while `f` waits, the file is not being read, so that a run can go on and its log stays short.
///
/// # Errors
/// As [`Status::read`](crate::Status::read).
pub fn export(location: impl Into<JobLocation>, mut f: impl FnMut(RecordReport) -> bool) -> Result<(), JobError> {
    let store = Store::open_to_read(&location.into())?;
    let mut last = 0;
    let exported = loop {
        let page = match read_page(&store, last, PAGE, None, |store| store.holder().is_some()) {
            Ok(page) => page,
            Err(error) => break Err(error),
        };
        last = page.numbers.last().copied().unwrap_or(last);
        if page.records.is_empty() || !page.records.into_iter().all(&mut f) {
            break Ok(());
        }
    };
    store.leave_wal();
    exported
}

/// How many rows are read at once.
const PAGE: usize = 1024;

/// A limit that is a mere parameter would be compiled again for each value.
const REPORTS: &str = "
    SELECT record, target, record.id, vendor, mode, outcome, attempts, status, request_id, error_kind, delivery, message,
           presence_before, presence_before_at, presence_before_status, presence_before_source, presence_before_reason,
           presence_after, presence_after_at, presence_after_status, presence_after_source, presence_after_reason,
           intent_at, tried_at, settled_at,
           CASE WHEN outcome IS NOT 'held' OR record.id NOT IN (SELECT id FROM hold)
                THEN (SELECT held_at FROM late_hold WHERE late_hold.id = record.id) END,
           presence_after_error_kind, presence_after_delivery,
           attempts = 1 AND intent_run IS NOT NULL AND intent_run IS settled_run
    FROM record JOIN target USING (target)
    WHERE record > ? ORDER BY record LIMIT ? + 0";

const CHILDREN: &str = "
    SELECT record, kind, id, outcome, attempts, status, request_id, error_kind, delivery, message
    FROM child WHERE record BETWEEN ? AND ? ORDER BY record, child";

/// Records in the order of the plan, with their numbers.
pub(crate) struct Page {
    pub(crate) records: Vec<RecordReport>,
    pub(crate) numbers: Vec<i64>,
    /// The number up to which no other record is to be read: `i64::MAX` at the end of the plan.
    pub(crate) end: i64,
}

/// Reads the records after number `after`, at most `limit`, up to the first that has not reached the milestone.
/// `is_run` is asked once the moment is fixed of which the records are: a run that is killed earlier is not one that
/// still settles them.
pub(crate) fn read_page(
    store: &Store,
    after: i64,
    limit: usize,
    milestone: Option<Milestone>,
    is_run: impl Fn(&Store) -> bool,
) -> Result<Page, JobError> {
    // The children are those of the same moment.
    let moment = store.connection.unchecked_transaction()?;
    let mut query = moment.prepare_cached(REPORTS)?;
    let mut rows = query.query([after, i64::try_from(limit).unwrap_or(i64::MAX)])?;
    let mut page = Page { records: Vec::new(), numbers: Vec::new(), end: i64::MAX };
    let mut is_running = None;
    while let Some(row) = rows.next()? {
        let (number, outcome) = (row.get(0)?, outcome(row, 5)?);
        if !milestone.map_or(Ok(true), |milestone| has_reached(row, outcome, milestone))? {
            page.end = number - 1;
            break;
        }
        let doubt =
            Doubt { is_log_missing: store.lacks_log, is_running: *is_running.get_or_insert_with(|| is_run(store)) };
        page.records.push(read_record(row, outcome, doubt)?);
        page.numbers.push(number);
        if page.numbers.len() == limit {
            page.end = number;
        }
    }
    add_children(&moment, &page.numbers, &mut page.records)?;
    Ok(page)
}

fn has_reached(row: &Row<'_>, outcome: RecordOutcome, milestone: Milestone) -> Result<bool, rusqlite::Error> {
    let is_looked_up = || Ok(row.get_ref(17)? != ValueRef::Null);
    match milestone {
        Milestone::Lookup => is_looked_up(),
        _ if outcome == RecordOutcome::NotAttempted => Ok(false),
        Milestone::Verification if was_sent(outcome, failure(row, 9)?.as_ref()) => is_looked_up(),
        Milestone::Outcome | Milestone::Verification => Ok(true),
    }
}

/// Of two entries about one child the later one counts, in the position of the first.
fn add_children(connection: &Connection, records: &[i64], reports: &mut [RecordReport]) -> Result<(), JobError> {
    let (Some(first), Some(last)) = (records.first(), records.last()) else { return Ok(()) };
    let mut query = connection.prepare_cached(CHILDREN)?;
    let mut rows = query.query([first, last])?;
    while let Some(row) = rows.next()? {
        let Ok(index) = records.binary_search(&row.get(0)?) else { continue };
        let children = &mut reports[index].children;
        let child = read_child(row)?;
        match children.iter_mut().find(|known| known.kind == child.kind && known.id == child.id) {
            Some(known) => *known = child,
            None => children.push(child),
        }
    }
    Ok(())
}

fn read_child(row: &Row<'_>) -> Result<ChildReport, rusqlite::Error> {
    Ok(ChildReport {
        kind: row.get(1)?,
        id: row.get(2)?,
        outcome: outcome(row, 3)?,
        attempts: row.get(4)?,
        status: row.get(5)?,
        request_id: row.get(6)?,
        error: failure(row, 7)?,
    })
}

/// What decides whether an open record may have been sent.
#[derive(Clone, Copy)]
struct Doubt {
    is_log_missing: bool,
    /// A process runs the job, and will settle what is in flight.
    is_running: bool,
}

fn read_record(row: &Row<'_>, outcome: RecordOutcome, doubt: Doubt) -> Result<RecordReport, rusqlite::Error> {
    let first_attempt_at: Option<String> = row.get(22)?;
    let is_open = outcome == RecordOutcome::NotAttempted;
    let doubt = match (is_open, doubt.is_log_missing, first_attempt_at.is_some() && !doubt.is_running) {
        (true, true, _) => Some(OUTCOME_MISSING),
        (true, false, true) => Some(IN_DOUBT),
        _ => None,
    };
    let after = match presence(row, 17)? {
        Some(after) => Some(PresenceReport {
            error_kind: word(row, 26, ErrorKind::parse)?,
            delivery: word(row, 27, Delivery::parse)?,
            ..after
        }),
        None => None,
    };
    let error = failure(row, 9)?;
    Ok(RecordReport {
        target: TargetNumber(row.get(1)?),
        id: row.get(2)?,
        vendor: row.get(3)?,
        mode: word(row, 4, ErasureMode::parse)?,
        outcome: if doubt.is_some() { RecordOutcome::Failed } else { outcome },
        attempts: row.get(6)?,
        was_sent_once: row.get(28)?,
        status: row.get(7)?,
        request_id: row.get(8)?,
        error: match doubt {
            Some(reason) => Some(in_doubt(reason, error)),
            None => error,
        },
        before: presence(row, 12)?,
        after,
        first_attempt_at,
        last_attempt_at: row.get(23)?,
        settled_at: row.get(24)?,
        held: match (outcome, row.get::<_, Option<String>>(25)?) {
            (_, Some(time)) => Some(HeldBy::Later(time)),
            (RecordOutcome::Held, None) => Some(HeldBy::Plan),
            (_, None) => None,
        },
        children: Vec::new(),
    })
}

/// State, time, status, source and reason of a presence. Earlier formats knew no lists, and kept no source.
fn presence(row: &Row<'_>, first: usize) -> Result<Option<PresenceReport>, rusqlite::Error> {
    let Some(state) = word(row, first, PresenceState::parse)? else { return Ok(None) };
    let (time, status, reason) = (row.get(first + 1)?, row.get(first + 2)?, row.get(first + 4)?);
    let source = word(row, first + 3, PresenceSource::parse)?.unwrap_or(PresenceSource::Lookup);
    Ok(Some(PresenceReport { state, status, time, source, reason, error_kind: None, delivery: None }))
}

/// Why a record without an outcome may be deleted: its last request may have had an effect, or its request may have left.
fn in_doubt(reason: &str, tried: Option<Failure>) -> Failure {
    let tried = tried.filter(|tried| reason == IN_DOUBT && tried.delivery == Delivery::MaybeDelivered);
    let message = match tried {
        Some(tried) => format!("{}; run the job again to find out", tried.message),
        None => reason.to_owned(),
    };
    Failure { kind: ErrorKind::Interrupted, delivery: Delivery::MaybeDelivered, message }
}

const IN_DOUBT: &str =
    "its request was about to be sent, and what became of it is not known: run the job again to find out";

const OUTCOME_MISSING: &str = "its outcome may be missing, because the job's log (-wal) is not beside the file: it may be deleted; put \
     the log back, or run the job again to find out";

#[cfg(test)]
pub(crate) const ALL: [&str; 2] = [REPORTS, CHILDREN];
