//! Which records come next, and their intents: written when their requests are due, and taken back when they are not.

use std::time::{Duration, Instant};

use super::event::{CallId, Command, Operation, Record};
use super::queue::Batch;
use super::{Claim, Machine, PREFETCH_HORIZON, Step};
use crate::journal::{Entry, Intent, Work};
use crate::presence::PresenceState;

/// Records are read from the file in groups of about this many. Nothing is written for them.
const CLAIM: usize = 1024;

/// The most records whose intents are written and whose requests were not sent yet. After a kill each of them is sent on
/// its own.
const MAX_PREFETCH: usize = 250;

/// A list that is read whole for one record or for many is read for this many at once.
const SCAN: usize = 200_000;

impl Machine {
    /// The most records of one call.
    pub(super) fn size(&self, operation: Operation) -> usize {
        match operation {
            Operation::Delete => self.config.max_batch,
            Operation::Check | Operation::Lookup if self.config.is_bulk => SCAN,
            _ => 1,
        }
    }

    /// Reads more records from the file in time, so that no request waits for that.
    pub(super) fn prefetch(&mut self, out: &mut Vec<Command>) {
        let Step::Work(work) = self.step else { return };
        let is_scan = self.config.is_bulk && work != Work::Delete;
        let size = if is_scan { SCAN } else { self.config.max_batch };
        let calls = if is_scan { 1 } else { (CLAIM / size).max(4) };
        // What a scan reports is awaited before the next one is put together.
        let is_alone = is_scan && !self.flights.is_empty();
        if is_alone || self.claim != Claim::Idle || self.queue.has(calls / 2) {
            return;
        }
        self.claim = Claim::Asked;
        out.push(Command::Claim { work, count: calls * size });
    }

    pub(super) fn on_claimed(&mut self, records: Vec<Record>, is_last: bool) {
        self.claim = if is_last { Claim::Exhausted } else { Claim::Idle };
        if records.iter().any(|record| record.before == Some(PresenceState::Present)) {
            self.gate.guard.confirm();
        }
        self.has_unverified |= records.iter().any(|record| record.is_ambiguous);
        let is_delete = self.step == Step::Work(Work::Delete);
        // A record that a lookup did not find could spoil the response to the others of a batch. One that is in doubt
        // needs a response of its own: a 406 for several says nothing of any of them.
        let is_single = |record: &Record| is_delete && (record.is_ambiguous || is_missing(record));
        let (single, others): (Vec<_>, Vec<_>) = records.into_iter().partition(is_single);
        single.into_iter().for_each(|record| self.enqueue_single(record));
        let mut batch: Vec<Record> = Vec::new();
        let mut others = others.into_iter().peekable();
        while let Some(record) = others.next() {
            let operation = self.first_operation(&record);
            batch.push(record);
            let is_full = batch.len() == self.size(operation);
            if is_full || others.peek().is_none_or(|next| self.first_operation(next) != operation) {
                self.queue.push(Batch::new(operation, std::mem::take(&mut batch)));
            }
        }
    }

    /// One that an earlier scan did not find waits like one that a lookup did not find.
    fn enqueue_single(&mut self, record: Record) {
        let operation = self.first_operation(&record);
        let is_unproven = self.config.is_bulk && self.config.needs_proof && !record.is_ambiguous;
        let batch = Batch { is_single: true, ..Batch::new(operation, vec![record]) };
        if operation == Operation::Delete && is_unproven && !self.is_target_settled() {
            self.record_miss();
            self.parked.push(Batch { is_missed: true, ..batch });
        } else {
            self.queue.push(batch);
        }
    }

    fn first_operation(&self, record: &Record) -> Operation {
        match self.step {
            Step::Work(Work::Precheck) => Operation::Check,
            Step::Work(Work::Delete) if self.needs_check(record) => Operation::Check,
            Step::Work(Work::Delete) => Operation::Delete,
            Step::Work(Work::Verify | Work::Reverify | Work::Lookup) => Operation::Lookup,
            Step::List => Operation::List,
        }
    }

    /// Whether a record is looked up right before its delete. Scans are a step of their own.
    fn needs_check(&self, record: &Record) -> bool {
        let was_seen = record.before == Some(PresenceState::Present);
        let is_proof = self.config.needs_proof && !record.is_ambiguous && !was_seen;
        !self.config.is_bulk && !record.is_over && (self.config.reject_active || is_proof)
    }

    /// Writes the intents of deletes that are due within a moment, if the next call is due in `pause`; takes back those of what
    /// has to wait longer.
    pub(super) fn arm(&mut self, now: Instant, pause: Duration, out: &mut Vec<Command>) {
        if pause > PREFETCH_HORIZON {
            return self.disarm(out);
        }
        if self.arming.is_some() || self.probe.is_some() {
            return;
        }
        let most = (MAX_PREFETCH / self.config.max_batch).max(1);
        let due = self.gate.room(now, PREFETCH_HORIZON, self.flights.len(), self.is_slow).min(most);
        if self.armed.len() > due / 2 {
            return;
        }
        let size = self.delete_size();
        let mut batches = Vec::new();
        while self.armed.len() + batches.len() < due {
            match self.next_unarmed(size) {
                Some(batch) if batch.has_intent => self.armed.push_back(batch),
                Some(batch) => batches.push(batch),
                None => break,
            }
        }
        if !batches.is_empty() {
            out.push(Command::Intend(batches.iter().flat_map(Batch::numbers).collect()));
            self.arming = Some(batches);
        }
    }

    fn next_unarmed(&mut self, size: usize) -> Option<Batch> {
        if let Some(batch) = self.checked.pop_front() {
            return Some(batch);
        }
        let is_ready = self.queue.next() == Some(Operation::Delete) && self.has_queued();
        if is_ready { self.queue.pop(size) } else { None }
    }

    /// How many records one delete takes now.
    fn delete_size(&self) -> usize {
        if self.gate.is_one_by_one() { 1 } else { self.config.max_batch }
    }

    /// The intents are on the disk, but for those of records that are held or settled by now.
    pub(super) fn on_intended(&mut self, intents: Vec<Intent>) {
        let mut intents = intents.into_iter();
        for mut batch in self.arming.take().into_iter().flatten() {
            batch.records.retain(|_| intents.next() == Some(Intent::Written));
            if !batch.records.is_empty() {
                self.armed.push_back(Batch { has_intent: true, ..batch });
            }
        }
    }

    /// The next delete whose intents are written, or as much of it as one call takes by now.
    pub(super) fn next_armed(&mut self) -> Option<Batch> {
        let size = self.delete_size();
        let mut batch = self.armed.pop_front()?;
        if batch.records.len() > size {
            let rest = batch.records.split_off(size);
            self.armed.push_front(batch.with(rest));
        }
        Some(batch)
    }

    /// What cannot be sent within a moment waits without an intent, unless its request may have taken effect.
    pub(super) fn disarm(&mut self, out: &mut Vec<Command>) {
        while let Some(mut batch) = self.armed.pop_back() {
            self.disown(&mut batch);
            self.queue.push_first(batch);
        }
        self.release(out);
    }

    /// An intent does not wait for long, unless its request may have taken effect.
    pub(super) fn disown(&mut self, batch: &mut Batch) {
        if batch.is_releasable() {
            batch.has_intent = false;
            self.unsent.extend(batch.numbers());
        }
    }

    pub(super) fn release(&mut self, out: &mut Vec<Command>) {
        if !self.unsent.is_empty() {
            out.push(Command::Release(std::mem::take(&mut self.unsent)));
        }
    }

    /// Takes back the intents of what was not sent, and forgets it.
    pub(super) fn release_unsent(&mut self, out: &mut Vec<Command>) {
        self.disarm(out);
        self.queue.clear();
        self.checked.clear();
        self.parked.clear();
        self.followups.clear();
    }

    /// Some of the records of a call were held since their intents were written: these are settled, and the others wait for
    /// their turn again.
    pub(super) fn on_held(&mut self, call: CallId, held: &[bool], out: &mut Vec<Command>) {
        let Some(flight) = self.flights.take(call) else { return };
        let mut batch = flight.batch;
        let is_in_doubt = batch.is_ambiguous;
        let mut held = held.iter();
        batch.records.retain(|record| {
            let is_held = held.next() == Some(&true);
            if is_held {
                out.push(Command::Write(Entry::Held { record: record.record, is_in_doubt }));
            }
            !is_held
        });
        if !batch.records.is_empty() {
            self.armed.push_front(batch);
        }
    }
}

/// Whether an earlier lookup did not find it.
fn is_missing(record: &Record) -> bool {
    record.before.is_some_and(|before| before != PresenceState::Present)
}
