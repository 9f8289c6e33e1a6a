//! What waits to be sent.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use delete_core::RecordId;

/// What belongs together in one request.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) records: Vec<Record>,
    /// How often it failed.
    pub(super) tries: u32,
    /// How often it was looked at since its delete, and was still there.
    pub(super) looks: usize,
    /// A request for it was sent.
    pub(super) was_tried: bool,
    /// A request for it may have taken effect.
    pub(super) is_ambiguous: bool,
    /// The intents of its records are in the file.
    pub(super) has_intent: bool,
    /// It is one record, which needs a response of its own.
    pub(super) is_single: bool,
}

impl Batch {
    /// The same without its records.
    pub(super) fn empty(&self) -> Self {
        Self { records: Vec::new(), ..*self }
    }

    /// Whether other records may be sent with it: nothing was sent or written for any of them yet.
    fn is_mergeable(&self) -> bool {
        self.tries == 0
            && self.looks == 0
            && !self.was_tried
            && !self.is_ambiguous
            && !self.has_intent
            && !self.is_single
    }

    /// Whether nothing was sent for its records that may have taken effect, and yet their intents are in the file.
    pub(super) fn is_releasable(&self) -> bool {
        self.has_intent && !self.is_ambiguous
    }

    pub(super) fn numbers(&self) -> Vec<i64> {
        self.records.iter().map(|record| record.record).collect()
    }
}

#[derive(Debug)]
pub(super) struct Record {
    pub(super) record: i64,
    pub(super) id: RecordId,
}

/// The wait before a batch that failed is sent again; doubled each time.
const FIRST_WAIT: Duration = Duration::from_millis(500);
const LAST_WAIT: Duration = Duration::from_secs(30);

/// So many may wait to be sent again while others go on.
const MOST_DELAYED: usize = 10_000;

#[derive(Debug, Default)]
pub(super) struct Queue {
    ready: VecDeque<Batch>,
    /// By the time when they are due, and a number that tells equal times apart.
    delayed: BTreeMap<(Instant, u64), Batch>,
    number: u64,
}

impl Queue {
    pub(super) fn is_empty(&self) -> bool {
        self.ready.is_empty() && self.delayed.is_empty()
    }

    /// Whether the next one has not failed before.
    pub(super) fn begins_fresh(&self) -> bool {
        self.ready.front().is_some_and(|batch| batch.tries == 0)
    }

    /// Whether all that waits has failed before.
    pub(super) fn has_only_failed(&self) -> bool {
        self.ready.iter().chain(self.delayed.values()).all(|batch| batch.tries > 0)
    }

    /// Whether no more is wanted, where so many batches are enough.
    pub(super) fn has(&self, enough: usize) -> bool {
        self.ready.len() > enough || self.delayed.len() > MOST_DELAYED
    }

    pub(super) fn push(&mut self, batch: Batch) {
        self.ready.push_back(batch);
    }

    /// Sends it, or sends it again, as soon as the pace allows.
    pub(super) fn push_first(&mut self, batch: Batch) {
        self.ready.push_front(batch);
    }

    /// Sends it again later, the later the oftener it failed.
    pub(super) fn repeat_later(&mut self, batch: Batch, now: Instant) {
        let wait = FIRST_WAIT.saturating_mul(2_u32.saturating_pow(batch.tries.saturating_sub(1))).min(LAST_WAIT);
        self.push_at(now + wait, batch);
    }

    pub(super) fn push_at(&mut self, due: Instant, batch: Batch) {
        self.number += 1;
        self.delayed.insert((due, self.number), batch);
    }

    /// How long until one can be sent; nothing where there is none. What is due comes after the others, so that nothing
    /// that fails for ever keeps them from their turn, and an outage is not found out by the same few.
    pub(super) fn wait(&mut self, now: Instant) -> Option<Duration> {
        while let Some(entry) = self.delayed.first_entry().filter(|entry| entry.key().0 <= now) {
            self.ready.push_back(entry.remove());
        }
        if !self.ready.is_empty() {
            return Some(Duration::ZERO);
        }
        let ((due, _), _) = self.delayed.first_key_value()?;
        Some(due.saturating_duration_since(now))
    }

    /// The next one that can be sent now, of at most `size` records, and of no fewer if more are ready.
    pub(super) fn pop(&mut self, size: usize) -> Option<Batch> {
        let mut batch = self.ready.pop_front()?;
        while batch.records.len() < size && batch.is_mergeable() {
            if !self.ready.front().is_some_and(Batch::is_mergeable) {
                break;
            }
            batch.records.extend(self.ready.pop_front().into_iter().flat_map(|next| next.records));
        }
        if batch.records.len() > size {
            let rest = batch.records.split_off(size);
            self.ready.push_front(Batch { records: rest, ..batch.empty() });
        }
        Some(batch)
    }

    /// All that wait, to take back their intents.
    pub(super) fn batches_mut(&mut self) -> impl Iterator<Item = &mut Batch> {
        self.ready.iter_mut().chain(self.delayed.values_mut())
    }

    /// All that is left.
    pub(super) fn drain(&mut self) -> impl Iterator<Item = Batch> + use<> {
        let (ready, delayed) = (std::mem::take(&mut self.ready), std::mem::take(&mut self.delayed));
        ready.into_iter().chain(delayed.into_values())
    }
}
