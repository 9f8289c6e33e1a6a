//! Ways in which the model breaks its word to the machine. Each shows that a rule can be broken, and that this is noticed.

use delete_core::{Error, ErrorKind};

use super::faults::Fault;
use super::rule::Rule;
use crate::machine::MachineConfig;
use crate::machine::event::{Answer, Operation};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mutation {
    ClaimInSecret,
    ClaimTwice,
    AnswerClaimTwice,
    LoseIntent,
    HideHold,
    HideThrottle,
    HideSilence,
    FeignConfirmation,
    IgnoreAbsence,
    SkipChecks,
    HideActivity,
    RaiseLimits,
    HideStop,
    HideDeadline,
    SoftenFatal,
    HideDoubt,
    DropRelease,
    DropOutcome,
    LieInDeletes,
    LieInReads,
    ForgetIntents,
    StopClock,
    LoseReply,
    StopLastRun,
    LateWake,
    HideList,
    FeignInteractive,
}

impl Mutation {
    /// All mutations, and a rule that each of them breaks.
    pub(super) const ALL: [(Self, Rule); 29] = [
        (Self::ClaimInSecret, Rule::Claimed),
        (Self::ClaimTwice, Rule::OneCall),
        (Self::ClaimTwice, Rule::OneOutcome),
        (Self::AnswerClaimTwice, Rule::OneRequestToJournal),
        (Self::LoseIntent, Rule::DurableIntent),
        (Self::HideHold, Rule::Held),
        (Self::HideThrottle, Rule::Throttled),
        (Self::HideSilence, Rule::FirstAlone),
        (Self::FeignConfirmation, Rule::Misses),
        (Self::FeignConfirmation, Rule::BatchBeforeSeen),
        (Self::IgnoreAbsence, Rule::AllAbsent),
        (Self::SkipChecks, Rule::CheckedFirst),
        (Self::HideActivity, Rule::ActiveKept),
        (Self::RaiseLimits, Rule::Limits),
        (Self::HideStop, Rule::SentAfterStop),
        (Self::HideDeadline, Rule::SentAfterDeadline),
        (Self::SoftenFatal, Rule::SentAfterFatal),
        (Self::HideDoubt, Rule::ReleaseUnsent),
        (Self::DropRelease, Rule::Ended),
        (Self::DropOutcome, Rule::Finished),
        (Self::LieInDeletes, Rule::ReportedDeleted),
        (Self::ForgetIntents, Rule::ReportedKept),
        (Self::LieInReads, Rule::ReportedPresence),
        (Self::StopClock, Rule::Ends),
        (Self::LoseReply, Rule::Stuck),
        (Self::StopLastRun, Rule::Completes),
        (Self::LateWake, Rule::IntentAge),
        (Self::HideList, Rule::Requests),
        (Self::FeignInteractive, Rule::OutageFailsNothing),
    ];

    /// Changes the configuration that the machine gets.
    pub(super) fn change_config(self, config: &mut MachineConfig) {
        match self {
            Self::FeignConfirmation => config.gate.is_confirmed = true,
            Self::IgnoreAbsence => config.all_absent_ok = true,
            Self::SkipChecks => (config.needs_proof, config.reject_active) = (false, false),
            Self::RaiseLimits => config.gate.limits.concurrency += 1,
            Self::FeignInteractive => config.gate.is_interactive = true,
            Self::HideDeadline => config.deadline = None,
            _ => {}
        }
    }

    /// Changes the results of a call that the machine gets.
    pub(super) fn change_results(self, operation: Operation, results: &mut Vec<Result<Answer, Error>>) {
        match self {
            Self::HideSilence => {
                results.retain(|result| result.as_ref().err().is_none_or(|error| !error.is_retryable()))
            }
            _ => results.iter_mut().for_each(|result| self.change_result(operation, result)),
        }
    }

    fn change_result(self, operation: Operation, result: &mut Result<Answer, Error>) {
        let fault = match (self, &*result) {
            (Self::HideActivity, Ok(Answer::Active(sighting, _))) => {
                *result = Ok(Answer::Seen(sighting.clone()));
                return;
            }
            (Self::HideThrottle, Err(error)) if error.kind() == ErrorKind::RateLimited => Fault::Throttle(None),
            (Self::SoftenFatal, Err(error)) if error.is_fatal_for_client() => Fault::Rejected,
            (Self::HideDoubt, Err(error)) if error.may_have_taken_effect() => Fault::Connect,
            _ => return,
        };
        *result = Err(fault.error(operation));
    }
}
