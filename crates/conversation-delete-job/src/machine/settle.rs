//! What the responses mean for the records that they are about.

use std::time::{Duration, Instant, SystemTime};

use delete_core::{Error, ErrorKind};

use super::decide::{self, Context, Decision, decide};
use super::event::{Answer, CallId, Command, Operation, Record};
use super::flights::Flight;
use super::queue::{Batch, backoff};
use super::scan::{missing_result, unknown};
use super::{Machine, Step, scan};
use crate::journal::{Entry, RecordResult, Sighting, Work};
use crate::outcome::{RecordOutcome, was_sent};
use crate::presence::PresenceState;
use crate::run::Ending;

/// A record whose requests failed so often has failed, if the vendor is available otherwise. The waits between them grow
/// to half a minute, so that this takes a minute.
const MAX_TRIES: u32 = 8;

/// What the tries of a batch count for each of its records, once they are tried one by one.
const TRIES_TOGETHER: u32 = MAX_TRIES - 3;

/// A call of an interactive job is tried so often, and for so long.
const MAX_INTERACTIVE_TRIES: u32 = 4;
const MAX_INTERACTIVE_TIME: Duration = Duration::from_secs(60);

/// What a call returned for each of its records.
pub(super) type Results = Vec<Result<Answer, Error>>;

impl Machine {
    pub(super) fn on_returned(
        &mut self,
        now: Instant,
        call: CallId,
        at: SystemTime,
        results: Results,
        out: &mut Vec<Command>,
    ) {
        let Some(Flight { mut batch, sent_at, .. }) = self.end_flight(now, call) else { return };
        batch.tries += u32::from(results.iter().any(|result| result.as_ref().is_err_and(|error| self.is_own(error))));
        // A throttle does not count towards the time in which a call is tried.
        let asked = results.iter().filter_map(|result| result.as_ref().err()?.retry_after()).max().unwrap_or_default();
        batch.first_sent_at = batch.first_sent_at.and_then(|at| at.checked_add(asked));
        self.observe(now, &batch, sent_at, &results, out);
        let is_scan = self.config.is_bulk && batch.operation != Operation::Delete;
        match results.iter().find_map(|result| result.as_ref().err()) {
            Some(error) if is_scan && self.is_repeated(now, &batch, error) => self.queue.repeat_later(batch, now),
            Some(_) if is_scan && self.is_lookup_only() => scan::report(&batch, at, results, out),
            // A list that could not be read to its end says nothing of any record.
            Some(error) if is_scan => {
                self.stop(Ending::Unrecoverable(format!("the records could not be looked up: {error}")));
            }
            _ => self.apply(now, batch, at, results, out),
        }
        if self.is_target_settled() {
            self.release_parked();
        }
    }

    pub(super) fn end_flight(&mut self, now: Instant, call: CallId) -> Option<Flight> {
        let flight = self.flights.take(call)?;
        self.is_slow = false;
        self.gate.on_end(now, flight.batch.operation, flight.sent_at);
        Some(flight)
    }

    /// Whether a failure that may pass counts as one of the record.
    pub(super) fn is_own(&self, error: &Error) -> bool {
        decide::is_own(error, self.config.is_interactive)
    }

    /// Whether a call has failed by itself.
    pub(super) fn is_last_try(&self, now: Instant, batch: &Batch) -> bool {
        if self.config.is_interactive {
            let end = batch.first_sent_at.map(|at| at + MAX_INTERACTIVE_TIME);
            let is_late = end.is_some_and(|end| now + backoff(batch.tries) > end);
            return batch.tries >= MAX_INTERACTIVE_TRIES || is_late;
        }
        batch.tries >= MAX_TRIES && !self.gate.is_open(batch.operation)
    }

    /// Gives each record its result. An error of one record does not concern the others of its batch.
    fn apply(&mut self, now: Instant, mut batch: Batch, at: SystemTime, results: Results, out: &mut Vec<Command>) {
        let is_batch = batch.records.len() > 1;
        let context = Context {
            operation: batch.operation,
            is_ambiguous: batch.is_ambiguous,
            is_batch,
            is_interactive: self.config.is_interactive,
            is_last_try: !is_batch && self.is_last_try(now, &batch),
            needs_proof: self.config.needs_proof,
            looks_again: self.lookup_wait(&batch).is_some(),
            is_target_settled: self.is_target_settled(),
            is_lookup_only: self.is_lookup_only(),
        };
        let attempts = results.first().map_or(0, decide::attempts);
        let silence = || Err(missing_result(batch.operation));
        let mut results = results.into_iter().chain(std::iter::repeat_with(silence));
        if !is_batch {
            let Some(result) = results.next() else { return };
            return self.settle(now, batch, Settling { decision: decide(&result, context), result, attempts, at }, out);
        }
        let mut unharmed = Vec::new();
        for (record, result) in std::mem::take(&mut batch.records).into_iter().zip(results) {
            let decision = decide(&result, context);
            if let (Decision::Retry { is_ambiguous: false, .. }, Err(error)) = (decision, &result) {
                write_tried(record.record, error, false, out);
                unharmed.push((record, decision));
                continue;
            }
            let single = batch.with(vec![record]);
            self.settle(now, single, Settling { decision, result, attempts, at }, out);
        }
        self.repeat_together(now, unharmed, batch);
    }

    /// Repeats a delete that had no effect for any of these records, with all of them.
    fn repeat_together(&mut self, now: Instant, records: Vec<(Record, Decision)>, batch: Batch) {
        let is_own = |(_, decision): &(Record, Decision)| matches!(decision, Decision::Retry { is_own: true, .. });
        if records.is_empty() {
            return;
        }
        let is_later = records.iter().any(is_own);
        let is_split = is_later && records.len() > 1 && self.is_last_try(now, &batch);
        let records = records.into_iter().map(|(record, _)| record);
        if is_split {
            for record in records {
                let mut single = Batch { tries: TRIES_TOGETHER, ..batch.with(vec![record]) };
                self.disown(&mut single);
                self.queue.repeat_later(single, now);
            }
        } else {
            self.repeat(now, batch.with(records.collect()), is_later);
        }
    }

    /// How long to wait before a record that is still there is looked up again; nothing if that was often enough.
    fn lookup_wait(&self, batch: &Batch) -> Option<Duration> {
        let is_after = batch.operation == Operation::Lookup && !self.config.is_bulk;
        self.config.verify_policy.waits().nth(batch.lookups).filter(|_| is_after)
    }

    /// Does with the one record of a batch what was decided.
    fn settle(&mut self, now: Instant, batch: Batch, settling: Settling, out: &mut Vec<Command>) {
        let Settling { decision, result, attempts, at } = settling;
        let Some(record) = batch.records.first().map(|record| record.record) else { return };
        let is_ambiguous = batch.is_ambiguous;
        match (decision, result) {
            (Decision::Hold, _) => out.push(Command::Write(Entry::Held { record, is_in_doubt: is_ambiguous })),
            (Decision::LeaveOpen, _) => {
                self.armed.push_front(batch);
                self.stop(Ending::Interrupted);
            }
            (Decision::Delete | Decision::Park, Ok(Answer::Seen(sighting))) => {
                self.on_seen_before(batch, sighting, decision == Decision::Park, out);
            }
            (Decision::DeleteUnchecked, Err(error)) => {
                if !std::mem::replace(&mut self.has_reported_unchecked, true) {
                    out.push(Command::ReportUnchecked(error));
                }
                self.checked.push_back(batch.next(Operation::Delete));
            }
            (Decision::Refuse, result) => self.refuse(&batch, result, at, out),
            (Decision::LookAgain, _) => {
                let due = now + self.lookup_wait(&batch).unwrap_or_default();
                self.queue.push_at(due, Batch { lookups: batch.lookups + 1, ..batch });
            }
            (Decision::Retry { is_own, is_ambiguous }, Err(error)) => {
                if batch.operation == Operation::Delete {
                    write_tried(record, &error, is_ambiguous, out);
                }
                self.repeat(now, Batch { is_ambiguous, ..batch }, is_own);
            }
            (Decision::Single, _) => self.armed.push_front(Batch { is_single: true, ..batch }),
            (Decision::Outcome, Ok(Answer::Deletion(deletion))) => {
                self.conclude(batch, decide::deleted(record, &deletion, attempts), out);
            }
            (Decision::Outcome, Err(error)) => {
                self.conclude(batch, decide::failed(record, &error, is_ambiguous, attempts), out);
            }
            (Decision::Presence, Ok(Answer::Seen(presence))) => {
                out.push(Command::Write(Entry::After { record, presence }));
            }
            (Decision::Presence, Err(error)) => {
                out.push(Command::Write(Entry::After { record, presence: unknown(&error, at) }));
            }
            (decision, result) => debug_assert!(false, "{decision:?} for {result:?}"),
        }
    }

    /// A lookup before the delete has ended. What may be deleted already, and what was seen before, keeps what is known of it.
    fn on_seen_before(&mut self, mut batch: Batch, presence: Sighting, is_parked: bool, out: &mut Vec<Command>) {
        if batch.is_ambiguous {
            return self.checked.push_back(batch.next(Operation::Delete));
        }
        let is_missing = presence.state != PresenceState::Present;
        write_before(&batch, presence, out);
        if is_missing {
            self.record_miss();
            (batch.is_missed, batch.is_single) = (true, true);
        }
        if self.step == Step::Work(Work::Precheck) {
            return;
        }
        let batch = batch.next(Operation::Delete);
        if is_parked {
            self.parked.push(batch);
        } else {
            self.checked.push_back(batch);
        }
    }

    /// The record is not deleted, because of its lookup.
    fn refuse(&mut self, batch: &Batch, result: Result<Answer, Error>, at: SystemTime, out: &mut Vec<Command>) {
        let Some(record) = batch.records.first().map(|record| record.record) else { return };
        let (presence, kind, message) = match result {
            Ok(Answer::Active(sighting, status)) => {
                (sighting, ErrorKind::StillActive, format!("it is active (status {status}); it was not deleted"))
            }
            Ok(_) => return,
            Err(error) => {
                let reason = decide::reason(&error);
                (unknown(&error, at), error.kind(), format!("the lookup before the delete failed: {reason}"))
            }
        };
        write_before(batch, presence, out);
        out.push(Command::Write(Entry::Outcome(decide::refused(record, kind, message, batch.is_ambiguous))));
    }

    /// The delete of the record is done.
    fn conclude(&mut self, batch: Batch, outcome: RecordResult, out: &mut Vec<Command>) {
        // That an earlier request removed one that is gone is only possible.
        let is_missing = matches!(outcome.outcome, RecordOutcome::NotFound | RecordOutcome::Gone);
        let looks_up = self.config.looks_up_after && was_sent(outcome.outcome, outcome.error.as_ref());
        out.push(Command::Write(Entry::Outcome(outcome)));
        if is_missing && !batch.is_missed {
            self.record_miss();
        }
        if looks_up {
            self.followups.push_back(batch.next(Operation::Lookup));
        }
    }

    /// Repeats a call: at once if its records are not the reason, else later. What may have taken effect needs a response of
    /// its own, and an intent does not wait for long.
    fn repeat(&mut self, now: Instant, mut batch: Batch, is_later: bool) {
        match (is_later, batch.operation) {
            (false, Operation::Delete) => self.armed.push_front(batch),
            (false, _) => self.queue.push_first(batch),
            (true, _) => {
                self.disown(&mut batch);
                self.queue.repeat_later(batch, now);
            }
        }
    }
}

/// What was decided for a record, and what it rests on.
struct Settling {
    decision: Decision,
    result: Result<Answer, Error>,
    attempts: u64,
    at: SystemTime,
}

/// What may be deleted already, and what was seen before, keeps what is known of it.
fn write_before(batch: &Batch, presence: Sighting, out: &mut Vec<Command>) {
    let open = batch.records.first().filter(|record| record.before != Some(PresenceState::Present));
    if let Some(record) = open.filter(|_| !batch.is_ambiguous) {
        out.push(Command::Write(Entry::Before { record: record.record, presence }));
    }
}

fn write_tried(record: i64, error: &Error, is_ambiguous: bool, out: &mut Vec<Command>) {
    out.extend(decide::tried(record, error, is_ambiguous).map(|tried| Command::Write(Entry::Tried(tried))));
}
