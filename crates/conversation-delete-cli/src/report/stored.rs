//! A record of a job file as a report, and the outcomes of children as they are kept there.

use conversation_delete_job::{
    ChildReport, EntryReport, Follower, JobError, JobLocation, RecordOutcome, RecordReport, RefusedReport,
};
use delete_core::{Delivery, ErrorKind};

use super::display::visible;
use super::presence::PresencePair;
use super::record::{ChildRecord, Failure, Origin, Record, with_advice};
use crate::ids::Place;

impl Record {
    /// What a job file holds of a record.
    pub(crate) fn stored(report: RecordReport) -> Self {
        let presence = PresencePair::stored(report.before, report.after);
        Self {
            presence: presence.map(Box::new),
            settled_at: report.settled_at,
            outcome: report.outcome,
            attempts: usize::try_from(report.attempts).unwrap_or(usize::MAX),
            status: report.status,
            children: report.children.into_iter().map(ChildRecord::stored).collect(),
            request_id: report.request_id,
            error: report.error.map(|mut error| {
                error.message = with_advice(error.kind.as_str(), visible(&error.message));
                Failure::stored(error)
            }),
            ..Self::not_attempted(report.id)
        }
    }
}

/// The source of entries that are arguments.
pub(crate) const ARGUMENTS: &str = "arguments";

impl Record {
    /// What a job file holds of an entry that is not an id.
    pub(crate) fn stored_refused(refused: RefusedReport) -> Self {
        let reason = visible(&refused.reason);
        let message = match refused.line {
            Some(number) if refused.source == ARGUMENTS => format!("{}: {reason}", Place::Argument(number)),
            Some(number) => format!("{}: {reason}", Place::Line(number)),
            None => reason,
        };
        let origin = Some(Origin { source: refused.source, line: refused.line });
        let error = Some(Failure::refused(message));
        Self { outcome: RecordOutcome::Refused, error, origin, ..Self::not_attempted(refused.text) }
    }

    /// What a job holds of an entry of its input.
    pub(crate) fn of_entry(entry: EntryReport) -> Self {
        match entry {
            EntryReport::Record(report) => Self::stored(report),
            EntryReport::Refused(refused) => Self::stored_refused(refused),
        }
    }
}

/// How many entries are read from a job at once.
pub(crate) const CHUNK: usize = 1024;

/// The entries of a job that nobody runs, in the order of the input.
///
/// # Errors
/// When the job cannot be read.
pub(crate) fn records(job: &JobLocation) -> Result<impl Iterator<Item = Result<Record, JobError>> + use<>, JobError> {
    let mut follower = Follower::open(job)?;
    let mut page = Vec::new().into_iter();
    Ok(std::iter::from_fn(move || {
        if page.as_slice().is_empty() {
            match follower.rest(CHUNK) {
                Ok(entries) => page = entries.into_iter(),
                Err(error) => return Some(Err(error)),
            }
        }
        page.next().map(Record::of_entry).map(Ok)
    }))
}

impl Failure {
    fn stored(failure: conversation_delete_job::Failure) -> Self {
        Self {
            kind: failure.kind.as_str().into(),
            delivery: failure.delivery.as_str().into(),
            message: failure.message,
        }
    }

    /// The same for the job file, which keeps failures of requests alone.
    fn to_stored(&self) -> Option<conversation_delete_job::Failure> {
        let (kind, delivery) = (ErrorKind::parse(&self.kind)?, Delivery::parse(&self.delivery)?);
        Some(conversation_delete_job::Failure { kind, delivery, message: self.message.clone() })
    }
}

impl ChildRecord {
    pub(crate) fn stored(child: ChildReport) -> Self {
        let record = Record {
            outcome: child.outcome,
            attempts: usize::try_from(child.attempts).unwrap_or(usize::MAX),
            status: child.status,
            request_id: child.request_id,
            error: child.error.map(Failure::stored),
            ..Record::not_attempted(child.id)
        };
        Self { kind: child.kind.into(), record }
    }

    /// The same for the job file.
    pub(crate) fn to_report(&self) -> ChildReport {
        let record = &self.record;
        ChildReport {
            kind: self.kind.clone().into_owned(),
            id: record.id.clone(),
            outcome: record.outcome,
            attempts: record.attempts as u64,
            status: record.status,
            request_id: record.request_id.clone(),
            error: record.error.as_ref().and_then(Failure::to_stored),
        }
    }
}
