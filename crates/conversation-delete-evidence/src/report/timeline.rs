//! How many outcomes were recorded when, in a bounded number of steps.

use std::collections::BTreeMap;

use conversation_delete_job::RecordOutcome;
use jiff::Timestamp;

use crate::record::EvidenceRecord;

/// The most steps between the first outcome and the last.
const MAX_STEPS: i64 = 60;

/// The lengths of a step in seconds. Each is a multiple of the one before it, so that steps merge exactly.
const STEPS: [i64; 14] = [1, 5, 10, 30, 60, 300, 600, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400, 604_800];

/// How many outcomes were recorded in each step of time.
#[derive(Clone, Debug)]
pub(super) struct Timeline {
    /// In seconds.
    step: i64,
    /// By their number since the epoch.
    steps: BTreeMap<i64, Step>,
    /// When the first and the last outcome was recorded.
    times: Option<(Timestamp, Timestamp)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) done: u64,
    pub(super) acknowledged: u64,
    pub(super) other: u64,
}

impl Default for Timeline {
    fn default() -> Self {
        Self { step: STEPS[0], steps: BTreeMap::new(), times: None }
    }
}

impl Timeline {
    /// Adds a record, which a check may still have seen after its delete.
    pub(super) fn add(&mut self, record: &EvidenceRecord, is_still_present: bool) {
        let time = record.settled_at.as_deref().and_then(|time| time.parse::<Timestamp>().ok());
        if let Some(time) = time.filter(|_| record.outcome != RecordOutcome::Held) {
            let (first, last) = self.times.unwrap_or((time, time));
            self.times = Some((first.min(time), last.max(time)));
            let step = self.steps.entry(time.as_second().div_euclid(self.step)).or_default();
            step.add(record.outcome, is_still_present);
            while self.len() > MAX_STEPS {
                self.merge();
            }
        }
    }

    /// When the first and the last outcome was recorded.
    pub(super) fn times(&self) -> Option<(Timestamp, Timestamp)> {
        self.times
    }

    /// The length of a step, in seconds.
    pub(super) fn step(&self) -> i64 {
        self.step
    }

    /// The start of each step from the first outcome to the last, in seconds since the epoch, and its counts.
    pub(super) fn iter(&self) -> impl Iterator<Item = (i64, Step)> {
        let range = self.bounds().map_or(0..0, |(first, last)| first..last + 1);
        range.map(|number| (number * self.step, self.steps.get(&number).copied().unwrap_or_default()))
    }

    fn len(&self) -> i64 {
        self.bounds().map_or(0, |(first, last)| last - first + 1)
    }

    fn bounds(&self) -> Option<(i64, i64)> {
        Some((*self.steps.first_key_value()?.0, *self.steps.last_key_value()?.0))
    }

    fn merge(&mut self) {
        let longer = STEPS.into_iter().find(|step| *step > self.step).unwrap_or(self.step * 10);
        let factor = longer / self.step;
        let mut merged = BTreeMap::<i64, Step>::new();
        for (number, step) in &self.steps {
            let into = merged.entry(number.div_euclid(factor)).or_default();
            into.done += step.done;
            into.acknowledged += step.acknowledged;
            into.other += step.other;
        }
        (self.step, self.steps) = (longer, merged);
    }
}

impl Step {
    fn add(&mut self, outcome: RecordOutcome, is_still_present: bool) {
        *match outcome {
            _ if is_still_present => &mut self.other,
            RecordOutcome::Deleted | RecordOutcome::Gone => &mut self.done,
            RecordOutcome::Acknowledged => &mut self.acknowledged,
            _ => &mut self.other,
        } += 1;
    }

    pub(super) fn total(&self) -> u64 {
        self.done + self.acknowledged + self.other
    }
}
