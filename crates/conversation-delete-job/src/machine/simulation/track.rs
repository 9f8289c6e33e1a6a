//! What the rules remember of a record, and how they read a result.

use std::time::Instant;

use delete_core::{Error, ErrorKind, Outcome};

use crate::machine::event::{Answer, CallId};
use crate::presence::PresenceState;

/// What a run did with a record so far.
#[derive(Clone, Debug, Default)]
pub(super) struct Track {
    pub(super) is_claimed: bool,
    pub(super) was_over: bool,
    pub(super) was_seen_before: bool,
    pub(super) was_ambiguous: bool,
    /// What the lookup before its delete showed in this run.
    pub(super) checked: Option<Checked>,
    pub(super) is_missed: bool,
    pub(super) has_intent: bool,
    pub(super) intended_at: Option<Instant>,
    pub(super) in_flight: Option<CallId>,
    /// A request for it may have taken effect.
    pub(super) is_in_doubt: bool,
    pub(super) is_held: bool,
    pub(super) has_outcome: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Checked {
    Present,
    Absent,
    Active,
    /// The credential may not read it.
    Unreadable,
    Failed,
}

pub(super) fn outcome(result: &Result<Answer, Error>) -> Option<Outcome> {
    match result {
        Ok(Answer::Deletion(deletion)) => Some(deletion.outcome()),
        _ => None,
    }
}

/// Whether an error is a response that counts, and not one that may pass.
pub(super) fn is_final(error: &Error) -> bool {
    !error.is_retryable() && (error.kind() != ErrorKind::Server || error.status() == Some(501))
}

pub(super) fn is_found(result: &Result<Answer, Error>) -> bool {
    outcome(result) == Some(Outcome::Deleted) || matches!(checked(result), Checked::Present | Checked::Active)
}

pub(super) fn checked(result: &Result<Answer, Error>) -> Checked {
    match result {
        Ok(Answer::Seen(sighting)) if sighting.state == PresenceState::Present => Checked::Present,
        Ok(Answer::Seen(_)) => Checked::Absent,
        Ok(Answer::Active(..)) => Checked::Active,
        Err(error) if matches!(error.kind(), ErrorKind::Forbidden | ErrorKind::MissingScope) => Checked::Unreadable,
        _ => Checked::Failed,
    }
}
