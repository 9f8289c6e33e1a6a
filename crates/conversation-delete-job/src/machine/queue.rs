//! What waits to be sent.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use super::event::{Ids, Operation, Record};

/// What belongs together in one call.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(crate) operation: Operation,
    pub(crate) records: Vec<Record>,
    /// How often this call failed.
    pub(crate) tries: u32,
    /// When it was sent first.
    pub(crate) first_sent_at: Option<Instant>,
    /// How often its record was looked up since its delete, and was still there.
    pub(crate) lookups: usize,
    /// A request for it may have taken effect.
    pub(crate) is_ambiguous: bool,
    /// The intents of its records are in the file.
    pub(crate) has_intent: bool,
    /// It is one record, which needs a response of its own.
    pub(crate) is_single: bool,
    /// A lookup did not find its record, which was counted.
    pub(crate) is_missed: bool,
}

impl Batch {
    /// The first call for these records.
    pub(crate) fn new(operation: Operation, records: Vec<Record>) -> Self {
        let is_ambiguous = records.iter().any(|record| record.is_ambiguous);
        Self {
            operation,
            records,
            tries: 0,
            first_sent_at: None,
            lookups: 0,
            is_ambiguous,
            has_intent: is_ambiguous,
            is_single: false,
            is_missed: false,
        }
    }

    /// The same without its records.
    pub(crate) fn with(&self, records: Vec<Record>) -> Self {
        Self { records, ..*self }
    }

    /// The next call for its record.
    pub(crate) fn next(self, operation: Operation) -> Self {
        let has_intent = self.has_intent && operation == Operation::Delete;
        Self { operation, tries: 0, first_sent_at: None, lookups: 0, has_intent, ..self }
    }

    /// Whether other records may be sent with it: nothing was sent or written for any of them yet.
    fn is_mergeable(&self) -> bool {
        self.first_sent_at.is_none() && self.tries == 0 && !self.is_ambiguous && !self.has_intent && !self.is_single
    }

    /// Whether nothing was sent for its records that may have taken effect, and yet their intents are in the file.
    pub(crate) fn is_releasable(&self) -> bool {
        self.has_intent && !self.is_ambiguous
    }

    pub(crate) fn numbers(&self) -> impl Iterator<Item = i64> {
        self.records.iter().map(|record| record.record)
    }

    pub(crate) fn ids(&self) -> Ids {
        match &self.records[..] {
            [record] => Ids::One(record.id.clone()),
            records => Ids::Several(records.iter().map(|record| record.id.clone()).collect()),
        }
    }
}

/// The wait before a call that failed is repeated; doubled each time.
const MIN_BACKOFF: Duration = Duration::from_millis(500);
const MAX_BACKOFF: Duration = Duration::from_secs(30);

/// So many may wait to be repeated while others go on.
const MAX_DELAYED: usize = 10_000;

pub(crate) fn backoff(tries: u32) -> Duration {
    MIN_BACKOFF.saturating_mul(2_u32.saturating_pow(tries.saturating_sub(1))).min(MAX_BACKOFF)
}

#[derive(Debug, Default)]
pub(crate) struct Queue {
    ready: VecDeque<Batch>,
    /// By the time when they are due, and a number that tells equal times apart.
    delayed: BTreeMap<(Instant, u64), Batch>,
    number: u64,
}

impl Queue {
    pub(crate) fn is_empty(&self) -> bool {
        self.ready.is_empty() && self.delayed.is_empty()
    }

    /// Whether the next one has not failed before.
    pub(crate) fn begins_fresh(&self) -> bool {
        self.ready.front().is_some_and(|batch| batch.tries == 0)
    }

    /// Whether all that waits has failed before.
    pub(crate) fn has_only_failed(&self) -> bool {
        self.ready.iter().chain(self.delayed.values()).all(|batch| batch.tries > 0)
    }

    /// Whether no more is wanted, if so many batches are enough.
    pub(crate) fn has(&self, enough: usize) -> bool {
        self.ready.len() > enough || self.delayed.len() > MAX_DELAYED
    }

    pub(crate) fn push(&mut self, batch: Batch) {
        self.ready.push_back(batch);
    }

    /// Sends it, or repeats it, as soon as the gate allows.
    pub(crate) fn push_first(&mut self, batch: Batch) {
        self.ready.push_front(batch);
    }

    /// Repeats it later, the later the oftener it failed.
    pub(crate) fn repeat_later(&mut self, batch: Batch, now: Instant) {
        self.push_at(now + backoff(batch.tries), batch);
    }

    pub(crate) fn push_at(&mut self, due: Instant, batch: Batch) {
        self.number += 1;
        self.delayed.insert((due, self.number), batch);
    }

    /// Readies what is due. It comes after the others, so that calls that keep failing cannot starve the rest, and an outage is
    /// not detected on the same few records.
    pub(crate) fn wake(&mut self, now: Instant) {
        while let Some(entry) = self.delayed.first_entry().filter(|entry| entry.key().0 <= now) {
            self.ready.push_back(entry.remove());
        }
    }

    /// The next call that is ready.
    pub(crate) fn next(&self) -> Option<Operation> {
        self.ready.front().map(|batch| batch.operation)
    }

    /// When the next delayed call is due, and what it does.
    pub(crate) fn next_delayed(&self) -> Option<(Instant, Operation)> {
        self.delayed.first_key_value().map(|((due, _), batch)| (*due, batch.operation))
    }

    /// The next one that is ready, of at most `size` records, and of no fewer if more are ready.
    pub(crate) fn pop(&mut self, size: usize) -> Option<Batch> {
        let mut batch = self.ready.pop_front()?;
        while batch.records.len() < size && batch.is_mergeable() {
            let next = self.ready.front().filter(|next| next.is_mergeable() && next.operation == batch.operation);
            if next.is_none() {
                break;
            }
            batch.records.extend(self.ready.pop_front().into_iter().flat_map(|next| next.records));
        }
        if batch.records.len() > size {
            let rest = batch.records.split_off(size);
            self.ready.push_front(batch.with(rest));
        }
        Some(batch)
    }

    pub(crate) fn clear(&mut self) {
        self.ready.clear();
        self.delayed.clear();
    }
}
