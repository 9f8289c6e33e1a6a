//! What the responses mean for the records that they are about.

use std::time::{Duration, Instant};

use delete_core::{Delivery, Error, ErrorKind};

use super::{Done, LaneRun, MAX_INTERACTIVE_TRIES, MAX_TRIES, TRIES_TOGETHER};
use crate::journal::Entry;
use crate::lane::health::Advice;
use crate::lane::queue::{Batch, Record};
use crate::outcome::RecordOutcome;
use crate::pass::{self, Answer, Pass};
use crate::presence::PresenceState;
use crate::run::{Ending, ProgressEvent, Waiting};

/// What a call returned for each of its records.
type Results = Vec<Result<Answer, Error>>;

impl LaneRun<'_> {
    pub(super) fn settle(&mut self, done: Done) {
        self.is_slow = false;
        match done {
            Done::Called { batch, sent_at, results } => self.settle_call(batch, sent_at, results),
            Done::Asked { sent_at, answer } => {
                self.is_asking = false;
                self.settle_question(sent_at, answer);
            }
        }
    }

    /// The credential may be good for deleting alone, so that a refusal is a valid response too; but a verification that
    /// may read nothing is over.
    fn settle_question(&mut self, sent_at: Instant, answer: Result<(), Error>) {
        match answer {
            Err(error) if pass::is_transient(&error) => self.learn_from(&error, 1, error.retry_after(), sent_at),
            Err(error) if self.health.doubts_permission() => {
                self.end(Ending::CredentialRefused(self.health.all_forbidden(&error)));
            }
            _ => self.health.responded(),
        }
    }

    fn settle_call(&mut self, mut batch: Batch, sent_at: Instant, results: Vec<Result<Answer, Error>>) {
        let took = self.setting.clock.now().saturating_duration_since(sent_at);
        self.latency = if self.is_first { took } else { (self.latency * 7 + took) / 8 };
        self.is_first &= results.iter().all(|result| result.as_ref().is_err_and(pass::is_transient));
        let attempts = results.first().map_or(0, pass::attempts);
        batch.was_tried |= attempts > 0;
        if let Some(first) = batch.records.first() {
            self.in_flight.remove(&first.record);
        }
        batch.tries +=
            u32::from(results.iter().any(|result| result.as_ref().is_err_and(|error| self.is_its_own(error))));
        let Some((batch, results)) = self.without_refused(batch, results) else { return };
        self.learn(&results, sent_at);
        match results.iter().find_map(|result| result.as_ref().err()) {
            Some(error) if self.worker.prefers_bulk_lookup(self.pass) => self.sweep_again(batch, error),
            _ => self.share_out(batch, results, attempts),
        }
    }

    /// The call without the records whose deletes the deleter refused to send, because they are held by now: these are
    /// settled. What was refused because the holds could not be read stays open, and ends the run.
    fn without_refused(&mut self, mut batch: Batch, mut results: Results) -> Option<(Batch, Results)> {
        let check = self.hold_check.clone().filter(|_| self.pass == Pass::Delete && results.iter().any(is_unsent));
        let Some(check) = check else { return Some((batch, results)) };
        let mut failure = check.take_failure();
        let (mut kept, mut kept_results, mut open) = (Vec::new(), Vec::new(), Vec::new());
        for (record, result) in std::mem::take(&mut batch.records).into_iter().zip(results.drain(..)) {
            let is_held = match self.setting.journal.is_any_held([&record.id]) {
                Ok(is_held) => is_held,
                Err(error) => {
                    failure.get_or_insert(error);
                    false
                }
            };
            match is_unsent(&result) {
                true if is_held => {
                    self.write_down(Entry::Held { record: record.record, is_in_doubt: batch.is_ambiguous });
                }
                true if failure.is_some() => open.push(record),
                _ => {
                    kept.push(record);
                    kept_results.push(result);
                }
            }
        }
        if let Some(error) = failure {
            self.unreadable.get_or_insert(error);
            self.stop(Some(Ending::Interrupted));
        }
        if !open.is_empty() {
            self.queue.push_first(Batch { records: open, ..batch.empty() });
        }
        batch.records = kept;
        Some((batch, kept_results)).filter(|(batch, _)| !batch.records.is_empty())
    }

    /// Whether a batch has failed by itself.
    fn is_given_up(&self, batch: &Batch) -> bool {
        let max_tries = if self.is_interactive { MAX_INTERACTIVE_TRIES } else { MAX_TRIES };
        batch.tries >= max_tries && !self.health.is_out_of_order()
    }

    fn is_to_be_repeated(&self, error: &Error, is_given_up: bool) -> bool {
        error.is_fatal_for_client() || pass::is_transient(error) && !(is_given_up && self.is_its_own(error))
    }

    /// Whether a failure that may pass can be one of the record. A throttle is not, and neither is a line that is down,
    /// unless the job is interactive.
    fn is_its_own(&self, error: &Error) -> bool {
        let is_line = error.kind() == ErrorKind::Connect && !self.is_interactive;
        pass::is_transient(error) && error.kind() != ErrorKind::RateLimited && !is_line
    }

    /// A list that could not be read to its end says nothing of any record.
    fn sweep_again(&mut self, batch: Batch, error: &Error) {
        if self.is_to_be_repeated(error, self.is_given_up(&batch)) {
            return self.queue.repeat_later(batch, self.setting.clock.now());
        }
        self.stop(Some(Ending::Unrecoverable(format!("the records could not be looked at: {error}"))));
    }

    /// Gives each record its result.
    fn share_out(&mut self, mut batch: Batch, results: Vec<Result<Answer, Error>>, attempts: u64) {
        // An error of one record does not concern the others of its batch.
        let is_given_up = batch.records.len() == 1 && self.is_given_up(&batch);
        let records = std::mem::take(&mut batch.records);
        let is_delete = self.pass == Pass::Delete;
        let silence = || Err(missing_result(is_delete));
        let results: Vec<_> = results.into_iter().chain(std::iter::repeat_with(silence)).take(records.len()).collect();
        self.look_around(&results, batch.is_ambiguous);
        let look_again = self.worker.wait_before_look(self.pass, batch.looks);
        let is_batch = is_delete && records.len() > 1;
        let (mut present, mut known, mut in_doubt, mut rejected) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (record, result) in records.into_iter().zip(results) {
            match result {
                Err(error) if self.is_to_be_repeated(&error, is_given_up) => {
                    let is_ambiguous = batch.is_ambiguous || error.delivery() == Delivery::MaybeDelivered;
                    if let Some(entry) = pass::tried(self.pass, record.record, &error, is_ambiguous) {
                        self.write_down(entry);
                    }
                    let again = if is_ambiguous { &mut in_doubt } else { &mut known };
                    again.push((record, error));
                }
                Err(error) if is_batch && is_without_effect(&error) => rejected.push(record),
                result if look_again.is_some() && pass::is_present(&result) => present.push(record),
                result => self.conclude(&record, result, batch.is_ambiguous, attempts),
            }
        }
        if let Some(wait) = look_again.filter(|_| !present.is_empty()) {
            let due = self.setting.clock.now() + wait;
            self.queue.push_at(due, Batch { records: present, looks: batch.looks + 1, ..batch.empty() });
        }
        self.repeat(known, false, &batch);
        self.repeat(in_doubt, true, &batch);
        self.send_one_by_one(rejected, &batch);
    }

    /// One record may be why the vendor rejected all of a batch. The others must not fail for it.
    fn send_one_by_one(&mut self, records: Vec<Record>, batch: &Batch) {
        for record in records.into_iter().rev() {
            self.armed.push_front(Batch { records: vec![record], is_single: true, ..batch.empty() });
        }
    }

    /// What became of the records of a call may say something of the target. One that is there shows that it is the right
    /// one, wherever in the response it is.
    fn look_around(&mut self, results: &[Result<Answer, Error>], was_ambiguous: bool) {
        if results.iter().any(pass::is_found) {
            self.health.found();
        }
        if results.len() > 1 && !was_ambiguous && results.iter().all(pass::is_unresolved) {
            let ending = self.health.missed_some(results.len());
            self.stop(ending);
        }
    }

    fn repeat(&mut self, records: Vec<(Record, Error)>, is_ambiguous: bool, batch: &Batch) {
        if records.is_empty() {
            return;
        }
        let has_failed = records.iter().any(|(_, error)| self.is_its_own(error));
        let records: Vec<Record> = records.into_iter().map(|(record, _)| record).collect();
        let batch = Batch { is_ambiguous, ..batch.empty() };
        if !has_failed {
            return self.armed.push_front(Batch { records, ..batch });
        }
        let is_split = records.len() > 1 && self.is_given_up(&batch);
        // What may have taken effect needs a response of its own for each record.
        if is_split || is_ambiguous {
            let tries = if is_split { TRIES_TOGETHER } else { batch.tries };
            for record in records {
                self.repeat_later(Batch { records: vec![record], tries, ..batch.empty() });
            }
        } else {
            self.repeat_later(Batch { records, ..batch });
        }
    }

    /// An intent does not wait as long as this.
    fn repeat_later(&mut self, mut batch: Batch) {
        if batch.is_releasable() {
            batch.has_intent = false;
            self.setting.journal.release(batch.numbers());
        }
        self.queue.repeat_later(batch, self.setting.clock.now());
    }

    /// Learns from a call about the vendor.
    fn learn(&mut self, results: &[Result<Answer, Error>], sent_at: Instant) {
        let errors = || results.iter().filter_map(|result| result.as_ref().err());
        match errors().next() {
            None => {
                self.pacer.answered(self.worker.requests(self.pass), sent_at);
                self.health.succeeded();
            }
            Some(error) => {
                let asked = errors().filter(|error| pass::is_transient(error)).filter_map(Error::retry_after).max();
                self.learn_from(error, results.len(), asked, sent_at);
            }
        }
    }

    fn learn_from(&mut self, error: &Error, records: usize, asked: Option<Duration>, sent_at: Instant) {
        let now = self.setting.clock.now();
        if is_own_limit(error) {
            return self.pacer.hold(now, asked.unwrap_or_default());
        }
        if error.kind() == ErrorKind::RateLimited {
            let is_about_concurrency = error.vendor_code().is_some_and(|code| code.contains("concurrent"));
            self.pacer.throttled(now, sent_at, asked, is_about_concurrency);
        } else {
            self.pacer.answered(self.worker.requests(self.pass), sent_at);
            self.pacer.hold(now, asked.unwrap_or_default());
        }
        let advice = self.health.failed(error, records, sent_at, now);
        // In a verification, records that may not be read do not stop the run; a credential that may read nothing is.
        self.asks_next |= self.health.doubts_permission();
        // Where nothing is left but what has failed before, that alone cannot say whether the vendor is well.
        let is_last = !self.has_more && self.queue.has_only_failed();
        self.asks_next |= is_last && self.is_its_own(error) && self.health.is_doubtful(now);
        match advice {
            Advice::GoOn => {}
            Advice::Stop(ending) => self.end(ending),
            Advice::Pause(wait) => {
                self.pacer.back_off(now, wait);
                let waiting = Waiting::Unavailable { wait, reason: error.to_string() };
                self.setting.progress.on_event(ProgressEvent::Waiting { target: self.target, waiting });
            }
        }
    }

    /// A refused credential is the reason that counts, whatever came before.
    fn end(&mut self, ending: Ending) {
        if matches!(ending, Ending::CredentialRefused(_) | Ending::WrongTarget(_)) {
            self.ending = Some(ending);
        } else {
            self.stop(Some(ending));
        }
    }

    fn conclude(&mut self, record: &Record, result: Result<Answer, Error>, was_ambiguous: bool, attempts: u64) {
        let at = self.setting.clock.system_now();
        let entries = pass::entries(self.pass, record.record, result, was_ambiguous, attempts, at);
        if is_missing(&entries) {
            let ending = self.health.missed();
            self.stop(ending);
        } else if self.pass == Pass::Precheck && !matches!(*entries, [Entry::Before { .. }]) {
            self.health.found_nothing_out();
        }
        entries.into_iter().for_each(|entry| self.write_down(entry));
    }

    /// Nobody waits for the responses to what is in flight, which may be deleted.
    pub(super) fn abandon_in_flight(&mut self) {
        for record in std::mem::take(&mut self.in_flight).into_values().flatten() {
            self.write_down(pass::abandoned(record));
        }
    }

    pub(super) fn write_down(&self, entry: Entry) {
        let (target, progress) = (self.target, self.setting.progress);
        match &entry {
            Entry::Outcome(settled) => {
                progress.on_event(ProgressEvent::Outcome { target, outcome: settled.outcome });
                if let Some(error) = &settled.error {
                    progress.on_event(ProgressEvent::Failed { target, kind: error.kind, message: &error.message });
                }
            }
            Entry::Held { is_in_doubt, .. } => {
                let outcome = if *is_in_doubt { RecordOutcome::Failed } else { RecordOutcome::Held };
                progress.on_event(ProgressEvent::Outcome { target, outcome });
            }
            Entry::Before { .. } => progress.on_event(ProgressEvent::LookedUp { target, is_after: false }),
            Entry::After { .. } => progress.on_event(ProgressEvent::LookedUp { target, is_after: true }),
            Entry::Tried(_) | Entry::Child { .. } => {}
        }
        self.setting.journal.append(target, entry);
    }
}

/// Whether the vendor reported that there is no such record. One that is gone was not there when the vendor was asked, and
/// that an earlier request removed it is only possible.
fn is_missing(entries: &[Entry]) -> bool {
    match entries {
        [Entry::Before { presence, .. }] => presence.state != PresenceState::Present,
        [Entry::Outcome(result)] => matches!(result.outcome, RecordOutcome::NotFound | RecordOutcome::Gone),
        _ => false,
    }
}

/// The error of a record for which a deleter or reader returned nothing. Its delete may have taken effect.
fn missing_result(is_delete: bool) -> Error {
    let message = "the response does not mention this record";
    match is_delete {
        true => Error::builder(ErrorKind::UnexpectedResponse, message).delivery(Delivery::MaybeDelivered).build(),
        false => Error::unexpected_response(message),
    }
}

/// Whether no delete was sent for the record.
fn is_unsent(result: &Result<Answer, Error>) -> bool {
    result.as_ref().is_err_and(|error| error.delivery() == Delivery::NotSent)
}

/// Whether the vendor handled none of the request, and would reject the same one again.
fn is_without_effect(error: &Error) -> bool {
    pass::is_rejection(error) || error.kind() == ErrorKind::Forbidden
}

/// Whether the client's own limits kept it from sending anything. The vendor has no part in that.
fn is_own_limit(error: &Error) -> bool {
    error.kind() == ErrorKind::RateLimited && error.attempts().is_empty()
}
