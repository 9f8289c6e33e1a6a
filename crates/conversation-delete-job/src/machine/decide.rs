//! What a result means for its record: one table, without state.

#[cfg(test)]
mod tests;

use delete_core::{Deletion, Delivery, Error, ErrorKind, Outcome, text};

use super::event::{Answer, Operation};
use crate::journal::RecordResult;
use crate::outcome::{Failure, RecordOutcome};
use crate::presence::PresenceState;

/// What a decision depends on beside the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Context {
    pub(crate) operation: Operation,
    /// A request for the record may have taken effect.
    pub(crate) is_ambiguous: bool,
    /// The call was for several records.
    pub(crate) is_batch: bool,
    /// A few records are retried and then fail, instead of waiting for the vendor.
    pub(crate) is_interactive: bool,
    /// Nothing more is tried, because the record failed so often or for so long.
    pub(crate) is_last_try: bool,
    /// The absence of the record is to be proved, so that it must be seen before.
    pub(crate) needs_proof: bool,
    /// A record that is still present is to be looked up again.
    pub(crate) looks_again: bool,
    /// It is known whether this is the right target, or does not matter.
    pub(crate) is_target_settled: bool,
    /// The run deletes nothing: each record is reported once.
    pub(crate) is_lookup_only: bool,
}

/// What becomes of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Its delete is sent next.
    Delete,
    /// The same, although the record could not be looked up.
    DeleteUnchecked,
    /// Its delete waits until it is known whether this is the right target.
    Park,
    /// The result of its delete is its outcome.
    Outcome,
    /// It fails without a delete.
    Refuse,
    /// It is held.
    Hold,
    /// It stays open, and the run ends.
    LeaveOpen,
    /// What the lookup reports is written.
    Presence,
    /// It is looked up again later.
    LookAgain,
    /// The call is repeated: at once if the record is not the reason, else later.
    Retry { is_own: bool, is_ambiguous: bool },
    /// The call is repeated for this record alone.
    Single,
}

pub(crate) fn decide(result: &Result<Answer, Error>, context: Context) -> Decision {
    match (result, context.operation) {
        (Ok(Answer::Held), _) => Decision::Hold,
        (Ok(Answer::HoldsUnreadable), _) => Decision::LeaveOpen,
        (Ok(Answer::Deletion(_)), _) => Decision::Outcome,
        (Ok(Answer::Active(..)), _) => Decision::Refuse,
        (Ok(Answer::Seen(sighting)), Operation::Check) => match sighting.state {
            PresenceState::Present => Decision::Delete,
            // What may be deleted already is expected to be absent.
            _ if context.is_ambiguous || context.is_target_settled => Decision::Delete,
            _ => Decision::Park,
        },
        (Ok(Answer::Seen(sighting)), _) if sighting.state == PresenceState::Present && context.looks_again => {
            Decision::LookAgain
        }
        (Ok(Answer::Seen(_)), _) => Decision::Presence,
        (Err(error), operation) => decide_on_error(error, operation, context),
    }
}

fn decide_on_error(error: &Error, operation: Operation, context: Context) -> Decision {
    if operation == Operation::Check && !context.needs_proof && is_about_reading(error) {
        return Decision::DeleteUnchecked;
    }
    let is_reported = context.is_lookup_only && error.is_fatal_for_client();
    if !is_reported && is_to_be_repeated(error, context.is_last_try, context.is_interactive) {
        let is_own = is_own(error, context.is_interactive);
        let is_ambiguous =
            context.is_ambiguous || operation == Operation::Delete && error.delivery() == Delivery::MaybeDelivered;
        return Decision::Retry { is_own, is_ambiguous };
    }
    match operation {
        // There would be no proof of its deletion, or it may be active.
        Operation::Check => Decision::Refuse,
        Operation::Delete if context.is_batch && is_without_effect(error) => Decision::Single,
        Operation::Delete => Decision::Outcome,
        Operation::Lookup | Operation::List | Operation::CheckCredential => Decision::Presence,
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

/// Whether a failure that may pass can be one of the record. A throttle is not, and neither is a line that is down, unless
/// nobody waits for the vendor.
pub(crate) fn is_own(error: &Error, is_interactive: bool) -> bool {
    let is_line = error.kind() == ErrorKind::Connect && !is_interactive;
    is_transient(error) && error.kind() != ErrorKind::RateLimited && !is_line
}

/// Whether a call that failed is repeated. What failed for every call stays open.
pub(crate) fn is_to_be_repeated(error: &Error, is_last_try: bool, is_interactive: bool) -> bool {
    error.is_fatal_for_client() || is_transient(error) && !(is_last_try && is_own(error, is_interactive))
}

/// Whether it is about reading alone: the credential may be meant for deleting.
pub(crate) fn is_about_reading(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::MissingScope | ErrorKind::Forbidden)
}

/// Whether the vendor handled none of the request, and would reject the same one again.
fn is_without_effect(error: &Error) -> bool {
    is_rejection(error) || error.kind() == ErrorKind::Forbidden
}

/// Whether the vendor reports that something of the batch was not there, and not what.
pub(crate) fn is_unresolved(result: &Result<Answer, Error>) -> bool {
    matches!(result, Ok(Answer::Deletion(deletion)) if deletion.outcome() == Outcome::Unresolved)
}

/// Whether the vendor reports that the record is, or was, there.
pub(crate) fn is_found(result: &Result<Answer, Error>) -> bool {
    match result {
        Ok(Answer::Deletion(deletion)) => deletion.outcome() == Outcome::Deleted,
        Ok(Answer::Seen(sighting) | Answer::Active(sighting, _)) => sighting.state == PresenceState::Present,
        _ => false,
    }
}

/// How many requests a call made.
pub(crate) fn attempts(result: &Result<Answer, Error>) -> u64 {
    match result {
        Ok(Answer::Deletion(deletion)) => deletion.attempts().len() as u64,
        Ok(_) => 0,
        Err(error) => error.attempts().len() as u64,
    }
}

/// The outcome of a record whose delete is done.
pub(crate) fn deleted(record: i64, deletion: &Deletion, attempts: u64) -> RecordResult {
    RecordResult {
        record,
        outcome: deletion.outcome().into(),
        attempts,
        status: deletion.status(),
        request_id: deletion.request_id().map(str::to_owned),
        error: None,
    }
}

/// The outcome of a record whose delete failed.
pub(crate) fn failed(record: i64, error: &Error, was_ambiguous: bool, attempts: u64) -> RecordResult {
    let outcome = match error.kind() {
        ErrorKind::NotFound if was_ambiguous => RecordOutcome::Gone,
        ErrorKind::NotFound => RecordOutcome::NotFound,
        ErrorKind::InvalidInput => RecordOutcome::Refused,
        _ => RecordOutcome::Failed,
    };
    let mut failure = Failure::from(error);
    if was_ambiguous {
        failure.delivery = Delivery::MaybeDelivered;
    }
    RecordResult {
        record,
        outcome,
        attempts,
        status: error.status(),
        request_id: error.request_id().map(str::to_owned),
        error: (outcome != RecordOutcome::Gone).then_some(failure),
    }
}

/// What is written of a record whose delete is to be repeated; nothing if no request of it was sent.
pub(crate) fn tried(record: i64, error: &Error, was_ambiguous: bool) -> Option<RecordResult> {
    let attempts = error.attempts().len() as u64;
    let tried = || RecordResult { outcome: RecordOutcome::Failed, ..failed(record, error, was_ambiguous, attempts) };
    (attempts > 0).then(tried)
}

/// The outcome of a record whose delete is not sent, because of its lookup. What an earlier run may have deleted stays in
/// doubt.
pub(crate) fn refused(record: i64, kind: ErrorKind, message: String, was_ambiguous: bool) -> RecordResult {
    let delivery = if was_ambiguous { Delivery::MaybeDelivered } else { Delivery::NotSent };
    let error = Some(Failure { kind, delivery, message });
    RecordResult { record, outcome: RecordOutcome::Failed, attempts: 0, status: None, request_id: None, error }
}

/// What is written of a record whose delete was in flight when the run stopped waiting.
pub(crate) fn abandoned(record: i64) -> RecordResult {
    let message = "the run was interrupted before the response came; the record may have been deleted".to_owned();
    let error = Some(Failure { kind: ErrorKind::Interrupted, delivery: Delivery::MaybeDelivered, message });
    RecordResult { record, outcome: RecordOutcome::Failed, attempts: 1, status: None, request_id: None, error }
}

/// Why a lookup reported nothing.
pub(crate) fn reason(error: &Error) -> String {
    text::error_chain(error)
}
