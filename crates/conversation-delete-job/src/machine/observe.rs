//! What the results of calls show about the vendor, the credential and the target.

use std::time::Instant;

use delete_core::Error;

use super::decide;
use super::event::{Answer, CallId, Command, Operation};
use super::flights::Flight;
use super::gate::breaker::Advice;
use super::queue::{Batch, backoff};
use super::{Claim, Machine, Probe, Step};
use crate::journal::Work;
use crate::run::{Ending, Waiting};

impl Machine {
    /// Learns from a call about the vendor and the target. What was not sent says nothing.
    pub(super) fn observe(
        &mut self,
        now: Instant,
        batch: &Batch,
        sent_at: Instant,
        results: &[Result<Answer, Error>],
        out: &mut Vec<Command>,
    ) {
        if results.iter().any(decide::is_found) {
            self.gate.guard.confirm();
        }
        if results.len() > 1 && !batch.is_ambiguous && results.iter().all(decide::is_unresolved) {
            let ending = self.gate.guard.record_unresolved(results.len());
            ending.into_iter().for_each(|ending| self.stop(ending));
        }
        let is_unsent = |result: &_| matches!(result, Ok(Answer::Held | Answer::HoldsUnreadable));
        if results.iter().all(is_unsent) {
            return;
        }
        // A credential that may not read this, and need not.
        let is_unchecked = |error: &Error| batch.operation == Operation::Check && self.is_unneeded(error);
        if results.iter().any(|result| result.as_ref().is_err_and(is_unchecked)) {
            return self.gate.on_response(batch.operation);
        }
        let advice = self.gate.observe(now, batch.operation, sent_at, results);
        if let Some(error) = results.iter().find_map(|result| result.as_ref().err()) {
            self.follow(now, batch.operation, error, advice, out);
        }
    }

    fn is_unneeded(&self, error: &Error) -> bool {
        !self.config.needs_proof && decide::is_about_reading(error)
    }

    /// Does what the circuit breaker advises after an error.
    fn follow(&mut self, now: Instant, operation: Operation, error: &Error, advice: Advice, out: &mut Vec<Command>) {
        let doubts_permission = operation == Operation::Lookup && self.doubts_permission();
        // If nothing is left but what has failed before, that alone cannot show whether the vendor is available.
        let is_last = self.claim == Claim::Exhausted && self.queue.has_only_failed();
        let needs_probe = self.gate.breaker(operation).needs_probe(now);
        if doubts_permission || is_last && self.is_own(error) && needs_probe {
            self.probe.get_or_insert(Probe { due: now, tries: 0, is_required: false });
        }
        match advice {
            Advice::Continue => {}
            Advice::Stop(ending) => self.end(ending),
            Advice::Pause(wait) => {
                out.push(Command::ReportWait(Waiting::Unavailable { wait, reason: error.to_string() }));
            }
        }
    }

    pub(super) fn is_target_settled(&self) -> bool {
        self.gate.guard.is_settled() || self.config.all_absent_ok
    }

    pub(super) fn record_miss(&mut self) {
        let ending = self.gate.guard.record_miss();
        ending.into_iter().for_each(|ending| self.stop(ending));
    }

    /// A refused credential is the reason that counts, whatever came before.
    fn end(&mut self, ending: Ending) {
        if matches!(ending, Ending::CredentialRefused(_) | Ending::WrongTarget(_)) {
            self.ending = Some(ending);
        } else {
            self.stop(ending);
        }
    }

    /// The credential may be good for deleting alone, so that a refusal is a valid response too; but a verification that
    /// may read nothing is over.
    pub(super) fn on_checked(
        &mut self,
        now: Instant,
        call: CallId,
        result: Result<Option<bool>, Error>,
        out: &mut Vec<Command>,
    ) {
        let Some(Flight { sent_at, probe: Some(probe), .. }) = self.end_flight(now, call) else { return };
        let error = match result {
            Ok(Some(false)) if probe.is_required => {
                let message = "the credential may read and not delete".to_owned();
                return self.end(Ending::CredentialRefused(message));
            }
            Ok(_) => return self.gate.on_available(),
            Err(error) => error,
        };
        let operation = Operation::CheckCredential;
        if decide::is_transient(&error) || probe.is_required && error.is_fatal_for_client() {
            let advice = self.gate.observe_error(now, (operation, sent_at), (&error, 1), error.retry_after());
            self.follow(now, operation, &error, advice, out);
            if probe.is_required {
                let tries = probe.tries + 1;
                self.probe = Some(Probe { due: now + backoff(tries), tries, ..probe });
            }
        } else if probe.is_required {
            self.stop(Ending::Unrecoverable(format!("the credential could not be checked: {error}")));
        } else if self.doubts_permission() {
            self.end(Ending::CredentialRefused(self.gate.breaker(Operation::Lookup).all_forbidden(&error)));
        } else {
            self.gate.on_available();
        }
    }

    pub(super) fn on_listed(&mut self, now: Instant, call: CallId, result: Result<(), Error>, out: &mut Vec<Command>) {
        let Some(Flight { mut batch, sent_at, .. }) = self.end_flight(now, call) else { return };
        let Err(error) = result else {
            self.gate.observe(now, Operation::List, sent_at, &[]);
            return out.push(Command::EndList(Ok(())));
        };
        batch.tries += u32::from(self.is_own(&error));
        let advice = self.gate.observe_error(now, (Operation::List, sent_at), (&error, 1), error.retry_after());
        self.follow(now, Operation::List, &error, advice, out);
        let is_last_try = self.is_last_try(now, &batch);
        if decide::is_to_be_repeated(&error, is_last_try, self.config.is_interactive) {
            return self.queue.repeat_later(batch, now);
        }
        // What a list could not show, as many lookups shall not show in its place.
        self.steps.retain(|step| *step != Step::Work(Work::Verify));
        out.push(Command::EndList(Err(decide::reason(&error))));
    }

    /// Whether so many lookups in a row were forbidden that the credential may not read at all. If the run only looks up, each
    /// of them is a result of its own.
    fn doubts_permission(&self) -> bool {
        !self.is_lookup_only() && self.gate.breaker(Operation::Lookup).doubts_permission()
    }
}
