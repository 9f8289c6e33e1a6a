//! Which records come next, and their intents: written when their requests are due, and taken back when they are not.

use std::time::Duration;

use delete_core::RecordId;
use futures_util::FutureExt;

use super::{AHEAD, Arming, LaneRun};
use crate::error::JobError;
use crate::journal::{Claimed, Entry, Intent};
use crate::lane::queue::{Batch, Record};
use crate::outcome::RecordOutcome;
use crate::pass::{self, Pass};
use crate::presence::PresenceState;
use crate::run::ProgressEvent;

/// Records are read from the file in groups of about this many. Nothing is written for them.
const CLAIM: usize = 1024;

/// The most records whose intents are written and whose requests were not sent yet. After a kill each of them is sent on
/// its own.
const MOST_AHEAD: usize = 250;

impl LaneRun<'_> {
    /// Reads more records from the file in time, so that no request waits for that.
    pub(super) fn claim_ahead(&mut self) {
        let size = self.worker.size(self.pass);
        let calls = if self.worker.prefers_bulk_lookup(self.pass) { 1 } else { (CLAIM / size).max(4) };
        // What a scan reports is awaited before the next one is put together.
        let is_alone = calls == 1 && !self.calls.is_empty();
        if is_alone || self.queue.has(calls / 2) || !self.has_more || self.claiming.is_some() || self.ending.is_some() {
            return;
        }
        let (journal, target, pass) = (self.setting.journal.clone(), self.target, self.pass);
        let count = calls * size;
        self.asked = count;
        self.claiming = Some(async move { journal.claim(target, pass, count).await }.boxed());
    }

    pub(super) fn accept(&mut self, claimed: Vec<Claimed>) {
        self.has_more = claimed.len() == self.asked;
        self.mark_seen(&claimed);
        let is_delete = self.pass == Pass::Delete;
        // A record that a lookup did not find could spoil the response to the others of a batch. One that is in doubt
        // needs a response of its own: a 406 for several says nothing of any of them.
        let (alone, others): (Vec<_>, Vec<_>) =
            claimed.into_iter().partition(|claimed| is_delete && (is_unseen(claimed) || claimed.is_ambiguous));
        let size = self.worker.size(self.pass);
        alone.into_iter().for_each(|claimed| self.enqueue(vec![claimed], true));
        self.enqueue_all(others, size);
    }

    /// Reports to the reader what this credential saw in an earlier pass or run, by which it judges an absence.
    fn mark_seen(&self, claimed: &[Claimed]) {
        let seen = claimed.iter().filter(|claimed| claimed.was_seen && self.worker.prefers_bulk_lookup(self.pass));
        let ids: Vec<RecordId> = seen.filter_map(|claimed| self.worker.deleter.parse_id(&claimed.id).ok()).collect();
        if !ids.is_empty() {
            self.worker.reader.mark_seen(&ids);
        }
    }

    fn enqueue_all(&mut self, claimed: Vec<Claimed>, size: usize) {
        let mut claimed = claimed.into_iter().peekable();
        while claimed.peek().is_some() {
            self.enqueue(claimed.by_ref().take(size).collect(), false);
        }
    }

    fn enqueue(&mut self, claimed: Vec<Claimed>, is_single: bool) {
        let is_ambiguous = claimed.iter().any(|claimed| claimed.is_ambiguous);
        let mut records = Vec::with_capacity(claimed.len());
        for claimed in claimed {
            match self.worker.deleter.parse_id(&claimed.id) {
                Ok(id) => records.push(Record { record: claimed.record, id }),
                Err(error) => {
                    let at = self.setting.clock.system_now();
                    let entries = pass::entries(self.pass, claimed.record, Err(error), claimed.is_ambiguous, 0, at);
                    entries.into_iter().for_each(|entry| self.write_down(entry));
                }
            }
        }
        if !records.is_empty() {
            let has_intent = is_ambiguous;
            self.queue.push(Batch {
                records,
                tries: 0,
                looks: 0,
                was_tried: false,
                is_ambiguous,
                has_intent,
                is_single,
            });
        }
    }

    /// Writes the intents of those that are due within a moment, if the next request is due in `pause`; takes back those
    /// of what has to wait longer.
    pub(super) fn arm_ahead(&mut self, pause: Duration) {
        if pause > AHEAD {
            return self.disarm();
        }
        let due = self.due_soon();
        if self.arming.is_some() || self.asks_next || self.armed.len() > due / 2 {
            return;
        }
        let size = self.call_size();
        let mut batches = Vec::new();
        while self.armed.len() + batches.len() < due && self.has_queued() {
            let Some(batch) = self.queue.pop(size) else { break };
            if batch.has_intent || self.pass != Pass::Delete {
                self.armed.push_back(batch);
            } else {
                batches.push(batch);
            }
        }
        if batches.is_empty() {
            return;
        }
        let (journal, target) = (self.setting.journal.clone(), self.target);
        let records: Vec<i64> = batches.iter().flat_map(Batch::numbers).collect();
        let intents = async move { journal.intend(target, records).await }.boxed();
        self.arming = Some(Arming { batches, intents });
    }

    /// How many calls are due within [`AHEAD`]: as many as the pace allows, and as calls end meanwhile.
    fn due_soon(&self) -> usize {
        if self.goes_alone() {
            return usize::from(self.calls.is_empty());
        }
        let most = (MOST_AHEAD / self.worker.size(self.pass)).max(1);
        let concurrency = self.pacer.concurrency();
        let share = AHEAD.as_secs_f64() / self.latency.as_secs_f64().max(1e-3);
        let ending = if self.is_slow { 0 } else { (concurrency as f64 * share) as usize };
        let slots = concurrency.saturating_sub(self.calls.len()).saturating_add(ending);
        let now = self.setting.clock.now();
        self.pacer.room(now, AHEAD, self.worker.requests(self.pass)).min(slots).min(most)
    }

    /// How many records one call takes now. Until one was seen or deleted, a call for several could not show whether this
    /// is the right target; what the vendor rejects, it shall reject for one record alone; and a response that is not the
    /// vendor's shall leave no more than one in doubt.
    pub(super) fn call_size(&self) -> usize {
        let health = &self.health;
        let is_careful = !health.is_target_settled() || health.is_rejecting() || health.is_strange();
        if self.pass == Pass::Delete && is_careful { 1 } else { self.worker.size(self.pass) }
    }

    /// The intents are on the disk, but for those of records that are held by now.
    pub(super) fn arm(&mut self, intents: Vec<Intent>) {
        let Some(arming) = self.arming.take() else { return };
        let mut intents = intents.into_iter();
        for mut batch in arming.batches {
            let (mut held, mut written) = (0, Vec::with_capacity(batch.records.len()));
            for record in std::mem::take(&mut batch.records) {
                match intents.next() {
                    Some(Intent::Written) => written.push(record),
                    Some(Intent::Held) => held += 1,
                    Some(Intent::Settled) | None => {}
                }
            }
            let event = ProgressEvent::Outcome { target: self.target, outcome: RecordOutcome::Held };
            (0..held).for_each(|_| self.setting.progress.on_event(event.clone()));
            if !written.is_empty() {
                self.armed.push_back(Batch { records: written, has_intent: true, ..batch });
            }
        }
    }

    /// What cannot be sent within a moment waits without an intent, unless its request may have taken effect.
    pub(super) fn disarm(&mut self) {
        while let Some(batch) = self.armed.pop_back() {
            self.queue.push_first(batch);
        }
        let mut unsent = Vec::new();
        for batch in self.queue.batches_mut().filter(|batch| batch.is_releasable()) {
            batch.has_intent = false;
            unsent.extend(batch.numbers());
        }
        self.setting.journal.release(unsent);
    }

    /// The batch without the records that were held since their intents were written: these are settled.
    pub(super) fn without_held(&mut self, mut batch: Batch) -> Result<Option<Batch>, JobError> {
        let journal = self.setting.journal.clone();
        let is_delete = self.pass == Pass::Delete;
        if !is_delete || !journal.is_any_held(batch.records.iter().map(|record| &record.id))? {
            return Ok(Some(batch));
        }
        let mut free = Vec::with_capacity(batch.records.len());
        for record in std::mem::take(&mut batch.records) {
            if journal.is_any_held([&record.id])? {
                self.write_down(Entry::Held { record: record.record, is_in_doubt: batch.is_ambiguous });
            } else {
                free.push(record);
            }
        }
        batch.records = free;
        Ok(Some(batch).filter(|batch| !batch.records.is_empty()))
    }

    /// Takes back the intents of what was not sent.
    pub(super) fn leave(&mut self) {
        self.disarm();
        drop(self.queue.drain());
    }
}

/// Whether a lookup before its delete did not find it.
fn is_unseen(claimed: &Claimed) -> bool {
    claimed.before.is_some_and(|before| before != PresenceState::Present)
}
