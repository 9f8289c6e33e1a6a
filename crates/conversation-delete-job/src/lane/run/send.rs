//! When the next call is sent, and how many may be in flight.

use std::time::{Duration, Instant};

use delete_core::RecordId;
use futures_util::FutureExt;

use super::{Done, LaneRun};
use crate::error::JobError;
use crate::lane::queue::Batch;
use crate::pass::Pass;
use crate::run::{Ending, ProgressEvent, Waiting};

/// Shorter waits for the next request are the pace itself, and not worth a word.
const LONG_PACE: Duration = Duration::from_secs(10);

impl LaneRun<'_> {
    /// How long until the next call: what the pace wants, what other requests of the credential leave room for, and what
    /// was put off.
    pub(super) fn pause(&mut self, now: Instant) -> Duration {
        let due = self.queue.wait(now).unwrap_or_default();
        let due = if self.armed.is_empty() { due } else { Duration::ZERO };
        due.max(self.pace(now))
    }

    fn pace(&mut self, now: Instant) -> Duration {
        let others = self.limiter.as_ref().map_or(Duration::ZERO, |limiter| limiter.wait(now));
        others.max(self.pacer.wait(now, self.worker.requests(self.pass)))
    }

    pub(super) fn report_wait(&mut self, wait: Duration) {
        let (target, progress) = (self.target, self.setting.progress);
        let now = self.setting.clock.now();
        if self.health.is_out_of_order() {
            // That was reported when the pause began.
        } else if self.pacer.held_until(now).is_some() {
            progress.on_event(ProgressEvent::Waiting { target, waiting: Waiting::Throttled(wait) });
        } else if self.pace(now) >= LONG_PACE {
            progress.on_event(ProgressEvent::Waiting { target, waiting: Waiting::Paced(wait) });
        }
    }

    /// How many calls may be in flight. During an outage, one request at a time finds out whether the vendor is back. The
    /// same holds until it is known whether this is the right target, and whether the credential is good; and while the
    /// vendor rejects whatever it gets.
    pub(super) fn open_calls(&self) -> usize {
        if self.goes_alone() { 1 } else { self.pacer.concurrency() }
    }

    pub(super) fn goes_alone(&self) -> bool {
        // A batch would not show whether this is the right target.
        let is_batching = self.pass == Pass::Delete && self.worker.size(self.pass) > 1;
        let is_unsettled = is_batching && !self.health.is_target_settled();
        let is_strange = is_batching && self.health.is_strange();
        let is_careful =
            self.is_first || is_unsettled || is_strange || self.health.is_suspicious() || self.health.is_rejecting();
        // A question may be more than one request: nothing that is heard meanwhile must come between them.
        let is_question = self.asks_next || self.is_asking;
        is_careful || is_question || self.health.is_out_of_order() || self.worker.prefers_bulk_lookup(self.pass)
    }

    /// Sends the next call, unless nothing is armed or all of it is held by now. Returns whether it sent or settled
    /// something.
    pub(super) fn send(&mut self, now: Instant) -> Result<bool, JobError> {
        let (worker, pass) = (self.worker.clone(), self.pass);
        if std::mem::take(&mut self.asks_next) {
            self.is_asking = true;
            self.pacer.sent(now, 1);
            let asked = async move { Done::Asked { sent_at: now, answer: worker.ask_whether_well().await } };
            self.setting.stop.call_begins();
            self.calls.push(asked.boxed());
            return Ok(true);
        }
        let Some(batch) = self.next_armed() else { return Ok(false) };
        let Some(batch) = self.without_held(batch)? else { return Ok(true) };
        self.pacer.sent(now, self.worker.requests(self.pass));
        if let Some(first) = batch.records.first().filter(|_| pass == Pass::Delete) {
            self.in_flight.insert(first.record, batch.numbers());
        }
        self.setting.stop.call_begins();
        self.calls.push(
            async move {
                let ids: Vec<RecordId> = batch.records.iter().map(|record| record.id.clone()).collect();
                let results = worker.call(pass, &ids).await;
                Done::Called { batch, sent_at: now, results }
            }
            .boxed(),
        );
        Ok(true)
    }

    /// The next batch, or as much of it as one call takes by now.
    fn next_armed(&mut self) -> Option<Batch> {
        let mut batch = self.armed.pop_front()?;
        let size = self.call_size();
        if batch.records.len() > size {
            let rest = batch.records.split_off(size);
            self.armed.push_front(Batch { records: rest, ..batch.empty() });
        }
        Some(batch)
    }

    /// Whether a wait fits into the time of the run, and its patience.
    pub(super) fn may_wait(&mut self, now: Instant, wait: Duration) -> bool {
        let end = now.checked_add(wait);
        let is_late = self.setting.options.deadline.is_some_and(|deadline| end.is_none_or(|end| end > deadline));
        let is_held = self.pacer.held_until(now).is_some();
        let ending = if is_late {
            Some(Ending::DeadlineReached { wait })
        } else {
            self.health.out_of_patience(now, wait, is_held)
        };
        self.stop(ending);
        self.ending.is_none()
    }
}
