//! What the report shows of the records, in bounded memory.

use conversation_delete_job::{PresenceSource, PresenceState, RecordOutcome};
use delete_core::{Delivery, ErasureMode, ErrorKind, text};

use super::timeline::Timeline;
use crate::manifest::OutcomeCounts;
use crate::record::{EvidenceRecord, Holder, Presence};

/// The most records that the report lists as problems, and the most that it lists as held.
pub(super) const MAX_LISTED: usize = 1_000;

/// The most characters of an id that are shown. No vendor's ids are longer than 256 bytes.
const MAX_ID: usize = 300;

/// What the report shows of the records, collected while they are written. It holds at most 1,000 records of each class
/// of problem, whatever the size of the job.
#[derive(Clone, Debug, Default)]
pub struct Digest {
    pub(super) problems: [Listed<Problem>; Class::ALL.len()],
    pub(super) held: Listed<Held>,
    pub(super) held_too_late: Listed<Held>,
    /// The outcomes of the records that a check still saw after their delete.
    pub(super) still_present: OutcomeCounts,
    pub(super) checks: Checks,
    pub(super) timeline: Timeline,
    pub(super) children: Children,
}

/// The first items of a list, and the number of all.
#[derive(Clone, Debug)]
pub(super) struct Listed<T> {
    pub(super) first: Vec<T>,
    pub(super) count: u64,
}

/// Why a record is not plainly deleted, the most serious first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    StillPresent,
    MaybeDeleted,
    NotDeleted,
    Unresolved,
    NotFound,
    NotAttempted,
    Acknowledged,
    Unverified,
}

/// A record that is not plainly deleted.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    pub(super) index: u64,
    pub(super) target: u64,
    pub(super) id: String,
    pub(super) error: Option<ErrorKind>,
    /// No delete was sent for it, because the lookup before it failed.
    pub(super) has_failed_lookup: bool,
    pub(super) attempted_at: Option<String>,
    pub(super) status: Option<u16>,
    pub(super) after: Option<PresenceState>,
}

/// A record that is held, perhaps since after its deletion.
#[derive(Clone, Debug)]
pub(super) struct Held {
    pub(super) index: u64,
    pub(super) id: String,
    pub(super) by: Option<Holder>,
    pub(super) time: Option<String>,
    pub(super) outcome: RecordOutcome,
    pub(super) attempted_at: Option<String>,
}

/// How many records had which presence before and after their delete, by source.
#[derive(Clone, Debug, Default)]
pub(super) struct Checks {
    pub(super) before: [StateCounts; 2],
    pub(super) after: [StateCounts; 2],
    /// When the first and the last check after a delete was made.
    pub(super) times: Option<(String, String)>,
}

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct StateCounts {
    pub(super) present: u64,
    pub(super) absent: u64,
    pub(super) unknown: u64,
}

/// How many children were deleted, and how many were not.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Children {
    pub(super) done: u64,
    pub(super) rest: u64,
}

impl Digest {
    /// Returns an empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the next record of the plan.
    pub fn add(&mut self, record: &EvidenceRecord) {
        let class = Class::of(record);
        if class == Some(Class::StillPresent) {
            self.still_present.add(record.outcome);
        }
        if let Some(class) = class {
            self.problems[class as usize].push_with(|| Problem::of(record));
        }
        if record.outcome == RecordOutcome::Held {
            self.held.push_with(|| Held::of(record));
        }
        if record.is_held_too_late() {
            self.held_too_late.push_with(|| Held::of(record));
        }
        self.checks.add(record);
        self.timeline.add(record, class == Some(Class::StillPresent));
        for child in &record.children {
            match child.outcome {
                RecordOutcome::Deleted | RecordOutcome::Gone => self.children.done += 1,
                _ => self.children.rest += 1,
            }
        }
    }

    pub(super) fn count(&self, class: Class) -> u64 {
        self.problems[class as usize].count
    }

    /// Records whose deletion failed in some way, or is contradicted by a check.
    pub(super) fn incomplete(&self) -> u64 {
        use Class::{MaybeDeleted, NotDeleted, NotFound, StillPresent, Unresolved};
        [StillPresent, MaybeDeleted, NotDeleted, Unresolved, NotFound].map(|class| self.count(class)).iter().sum()
    }
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self { first: Vec::new(), count: 0 }
    }
}

impl<T> Listed<T> {
    fn push_with(&mut self, item: impl FnOnce() -> T) {
        self.count += 1;
        if self.first.len() < MAX_LISTED {
            self.first.push(item());
        }
    }
}

impl Class {
    pub(super) const ALL: [Self; 8] = [
        Self::StillPresent,
        Self::MaybeDeleted,
        Self::NotDeleted,
        Self::Unresolved,
        Self::NotFound,
        Self::NotAttempted,
        Self::Acknowledged,
        Self::Unverified,
    ];

    /// `None` if the record is plainly deleted, or held.
    pub(super) fn of(record: &EvidenceRecord) -> Option<Self> {
        let after = record.presence.after.as_ref().map(|presence| presence.state);
        match record.outcome {
            RecordOutcome::Held => None,
            RecordOutcome::NotAttempted => Some(Self::NotAttempted),
            // After a soft delete a record may stay visible.
            _ if after == Some(PresenceState::Present) && record.mode != Some(ErasureMode::Soft) => {
                Some(Self::StillPresent)
            }
            RecordOutcome::Failed | RecordOutcome::Refused if record.may_have_taken_effect() => {
                Some(Self::MaybeDeleted)
            }
            RecordOutcome::Failed | RecordOutcome::Refused => Some(Self::NotDeleted),
            RecordOutcome::Unresolved => Some(Self::Unresolved),
            RecordOutcome::NotFound => Some(Self::NotFound),
            RecordOutcome::Acknowledged => Some(Self::Acknowledged),
            RecordOutcome::Deleted | RecordOutcome::Gone if after == Some(PresenceState::Unknown) => {
                Some(Self::Unverified)
            }
            RecordOutcome::Deleted | RecordOutcome::Gone => None,
        }
    }
}

/// Whether no delete was sent for it, because the lookup before it failed.
fn has_failed_lookup(record: &EvidenceRecord) -> bool {
    let before = record.presence.before.as_ref().map(|presence| presence.state);
    let is_unsent = record.attempts == 0 && record.delivery == Some(Delivery::NotSent);
    record.outcome == RecordOutcome::Failed && is_unsent && before == Some(PresenceState::Unknown)
}

/// When its last request ended; or, if that is not known, when the first was about to be sent.
fn attempted_at(record: &EvidenceRecord) -> Option<String> {
    let attempt = record.last_attempt.as_ref().or(record.first_attempt.as_ref());
    attempt.map(|attempt| attempt.time.clone())
}

impl Problem {
    fn of(record: &EvidenceRecord) -> Self {
        let last = record.last_attempt.as_ref();
        Self {
            index: record.index,
            target: record.target,
            id: text::sanitize(&record.id, MAX_ID),
            error: record.error,
            has_failed_lookup: has_failed_lookup(record),
            attempted_at: attempted_at(record),
            status: last.and_then(|attempt| attempt.status),
            after: record.presence.after.as_ref().map(|presence| presence.state),
        }
    }
}

impl Held {
    fn of(record: &EvidenceRecord) -> Self {
        let held = record.held.as_ref();
        Self {
            index: record.index,
            id: text::sanitize(&record.id, MAX_ID),
            by: held.map(|held| held.by),
            time: held.and_then(|held| held.time.clone()),
            outcome: record.outcome,
            attempted_at: attempted_at(record),
        }
    }
}

impl Checks {
    fn add(&mut self, record: &EvidenceRecord) {
        if let Some(before) = &record.presence.before {
            self.before[source(before)].add(before.state);
        }
        if let Some(after) = &record.presence.after {
            self.after[source(after)].add(after.state);
            if let Some(time) = &after.time {
                self.widen(time);
            }
        }
    }

    /// Times of one job have one form, so their order is that of their texts.
    fn widen(&mut self, time: &str) {
        match &mut self.times {
            None => self.times = Some((time.to_owned(), time.to_owned())),
            Some((first, _)) if time < first.as_str() => *first = time.to_owned(),
            Some((_, last)) if time > last.as_str() => *last = time.to_owned(),
            Some(_) => {}
        }
    }

    /// All checks after a delete.
    pub(super) fn afterwards(&self) -> StateCounts {
        let [lookup, list] = self.after;
        StateCounts {
            present: lookup.present + list.present,
            absent: lookup.absent + list.absent,
            unknown: lookup.unknown + list.unknown,
        }
    }
}

/// The position of a source in [`Checks`].
fn source(presence: &Presence) -> usize {
    match presence.source {
        PresenceSource::Lookup => 0,
        PresenceSource::List => 1,
    }
}

impl StateCounts {
    fn add(&mut self, state: PresenceState) {
        *match state {
            PresenceState::Present => &mut self.present,
            PresenceState::Absent => &mut self.absent,
            PresenceState::Unknown => &mut self.unknown,
        } += 1;
    }

    pub(super) fn total(&self) -> u64 {
        self.present + self.absent + self.unknown
    }
}
