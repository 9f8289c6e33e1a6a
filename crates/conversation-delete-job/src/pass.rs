//! The passes of a run over the records of a target: look, delete, look again.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use delete_core::{
    Clock, Deleter, Deletion, Delivery, Error, ErrorKind, Outcome, Presence, RecordId, RecordReader, RecordReaderExt,
    VerifyPolicy, text,
};

pub(crate) use crate::journal::Work as Pass;
use crate::journal::{Entry, RecordResult, Sighting};
use crate::outcome::{Failure, RecordOutcome};
use crate::presence::PresenceSource;

/// Who does it.
#[derive(Clone)]
pub(crate) struct Worker {
    pub(crate) deleter: Arc<dyn Deleter>,
    pub(crate) reader: Arc<dyn RecordReader>,
    pub(crate) looks: VerifyPolicy,
    pub(crate) clock: Arc<dyn Clock>,
    /// How many requests one delete makes.
    pub(crate) requests: u32,
    /// The most records that go into one delete.
    pub(crate) max_batch: usize,
}

/// A list that is read whole for one record or for many is read for this many at once.
const SWEEP: usize = 200_000;

impl Worker {
    /// The most records that go into one call.
    pub(crate) fn size(&self, pass: Pass) -> usize {
        match pass {
            Pass::Delete => self.deleter.max_batch().clamp(1, self.max_batch),
            _ if self.prefers_bulk_lookup(pass) => SWEEP,
            Pass::Precheck | Pass::Verify | Pass::Reverify | Pass::Lookup => 1,
        }
    }

    /// Whether one call reads the whole list.
    pub(crate) fn prefers_bulk_lookup(&self, pass: Pass) -> bool {
        pass != Pass::Delete && self.reader.prefers_bulk_lookup()
    }

    /// How many requests one call makes, as far as that is known before.
    pub(crate) fn requests(&self, pass: Pass) -> u32 {
        if pass == Pass::Delete { self.requests } else { 1 }
    }

    /// How long to wait before one that is still there is looked at again; nothing where that was often enough.
    pub(crate) fn wait_before_look(&self, pass: Pass, looks: usize) -> Option<Duration> {
        let is_after = matches!(pass, Pass::Verify | Pass::Reverify) && !self.reader.prefers_bulk_lookup();
        self.looks.waits().nth(looks).filter(|_| is_after)
    }

    /// Fails if the vendor gives no valid response to something else either.
    pub(crate) async fn ask_whether_well(&self) -> Result<(), Error> {
        self.reader.check_credential().await.map(drop)
    }

    /// Makes one call for `ids`, and returns the result of each.
    pub(crate) async fn call(&self, pass: Pass, ids: &[RecordId]) -> Vec<Result<Answer, Error>> {
        let looked = |lookup_many: Vec<Presence>| lookup_many.into_iter().map(seen).collect();
        match (pass, ids) {
            (Pass::Delete, [id]) => vec![self.deleter.delete(id).await.map(Answer::Deletion)],
            (Pass::Delete, ids) => {
                let results = self.deleter.delete_batch(ids).await;
                results.into_iter().map(|result| result.map(Answer::Deletion)).collect()
            }
            (Pass::Verify | Pass::Reverify, ids) if self.reader.prefers_bulk_lookup() => {
                looked(self.reader.confirm_absence_with_clock(ids, self.looks, &*self.clock).await)
            }
            // One that is still there is looked at again later, while others have their turn.
            (Pass::Precheck | Pass::Verify | Pass::Reverify | Pass::Lookup, ids) => {
                looked(self.reader.lookup_many(ids).await)
            }
        }
    }
}

/// What came of a record, where nothing failed.
pub(crate) enum Answer {
    Deletion(Deletion),
    Seen(Presence),
}

fn seen(presence: Presence) -> Result<Answer, Error> {
    match presence {
        Presence::Unknown(ref error) if !presence.is_missing() => Err(error.clone()),
        known => Ok(Answer::Seen(known)),
    }
}

/// Whether a failure may pass, so that its record stays open: also any 5xx that the client does not repeat within a call,
/// as gateways send them in an outage. 501 is permanent.
pub(crate) fn is_transient(error: &Error) -> bool {
    error.is_retryable() || (error.kind() == ErrorKind::Server && error.status() != Some(501))
}

/// Whether the vendor rejected the request itself, and would reject the same one again.
pub(crate) fn is_rejection(error: &Error) -> bool {
    error.kind() == ErrorKind::Rejected || (error.kind() == ErrorKind::Server && error.status() == Some(501))
}

/// Whether it says that something of the batch was not there, and not what.
pub(crate) fn is_unresolved(result: &Result<Answer, Error>) -> bool {
    matches!(result, Ok(Answer::Deletion(deletion)) if deletion.outcome() == Outcome::Unresolved)
}

/// Whether a look found it.
pub(crate) fn is_present(result: &Result<Answer, Error>) -> bool {
    matches!(result, Ok(Answer::Seen(Presence::Present { .. })))
}

/// Whether it says that the record is, or was, there.
pub(crate) fn is_found(result: &Result<Answer, Error>) -> bool {
    is_present(result) || matches!(result, Ok(Answer::Deletion(deletion)) if deletion.outcome() == Outcome::Deleted)
}

/// What is written down of a record, once nothing more will be tried.
pub(crate) fn entries(
    pass: Pass,
    record: i64,
    result: Result<Answer, Error>,
    was_ambiguous: bool,
    attempts: u64,
    at: SystemTime,
) -> Vec<Entry> {
    match (pass, result) {
        (_, Ok(Answer::Deletion(deletion))) => vec![Entry::Outcome(done(record, &deletion, attempts))],
        (Pass::Precheck, Ok(Answer::Seen(presence))) => {
            vec![Entry::Before { record, presence: sighting(&presence, at) }]
        }
        (_, Ok(Answer::Seen(presence))) => vec![Entry::After { record, presence: sighting(&presence, at) }],
        // There would be no proof of its deletion, so it is not deleted.
        (Pass::Precheck, Err(error)) => {
            let failed = failed(record, &error, false, 0);
            let failure = failed.error.map(|error| Failure { delivery: Delivery::NotSent, ..error });
            let presence = sighting(&Presence::Unknown(error), at);
            let failed = RecordResult { outcome: RecordOutcome::Failed, error: failure, ..failed };
            vec![Entry::Before { record, presence }, Entry::Outcome(failed)]
        }
        (Pass::Delete, Err(error)) => vec![Entry::Outcome(failed(record, &error, was_ambiguous, attempts))],
        (_, Err(error)) => vec![Entry::After { record, presence: sighting(&Presence::Unknown(error), at) }],
    }
}

fn sighting(presence: &Presence, at: SystemTime) -> Sighting {
    let (status, reason) = match presence {
        Presence::Present { status, .. } => (status.as_ref().map(ToString::to_string), None),
        Presence::Unknown(error) => (None, Some(text::error_chain(error))),
        Presence::Absent => (None, None),
    };
    Sighting { state: presence.into(), status, source: PresenceSource::Lookup, reason, at, is_over: false }
}

fn done(record: i64, deletion: &Deletion, attempts: u64) -> RecordResult {
    RecordResult {
        record,
        outcome: deletion.outcome().into(),
        attempts,
        status: deletion.status(),
        request_id: deletion.request_id().map(str::to_owned),
        ..RecordResult::default()
    }
}

fn failed(record: i64, error: &Error, was_ambiguous: bool, attempts: u64) -> RecordResult {
    let bare = RecordResult {
        record,
        outcome: RecordOutcome::Failed,
        attempts,
        status: error.status(),
        request_id: error.request_id().map(str::to_owned),
        ..RecordResult::default()
    };
    let outcome = match error.kind() {
        ErrorKind::NotFound if was_ambiguous => return RecordResult { outcome: RecordOutcome::Gone, ..bare },
        ErrorKind::NotFound => RecordOutcome::NotFound,
        ErrorKind::InvalidInput => RecordOutcome::Refused,
        _ => RecordOutcome::Failed,
    };
    let delivery = if was_ambiguous { Delivery::MaybeDelivered } else { error.delivery() };
    RecordResult { outcome, error: Some(Failure { delivery, ..Failure::from(error) }), ..bare }
}

/// What is written down of a record whose delete is to be repeated; nothing if no request of it was sent.
pub(crate) fn tried(pass: Pass, record: i64, error: &Error, was_ambiguous: bool) -> Option<Entry> {
    let attempts = error.attempts().len() as u64;
    let was_sent = pass == Pass::Delete && attempts > 0;
    was_sent.then(|| {
        Entry::Tried(RecordResult { outcome: RecordOutcome::Failed, ..failed(record, error, was_ambiguous, attempts) })
    })
}

/// What is written down of a record whose delete was in flight when the run stopped waiting.
pub(crate) fn abandoned(record: i64) -> Entry {
    Entry::Tried(RecordResult {
        record,
        outcome: RecordOutcome::Failed,
        attempts: 1,
        error: Some(Failure {
            kind: ErrorKind::Interrupted,
            delivery: Delivery::MaybeDelivered,
            message: "the run was interrupted before the response came; the record may have been deleted".to_owned(),
        }),
        ..RecordResult::default()
    })
}

/// How many requests a call made.
pub(crate) fn attempts(result: &Result<Answer, Error>) -> u64 {
    let attempts = match result {
        Ok(Answer::Deletion(deletion)) => deletion.attempts().len(),
        Ok(Answer::Seen(_)) => 1,
        Err(error) => error.attempts().len(),
    };
    attempts as u64
}
