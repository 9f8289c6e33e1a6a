//! The totals of a bundle.

use conversation_delete_job::RecordOutcome;
use serde::{Deserialize, Serialize};

use crate::record::{EvidenceRecord, Holder};
use crate::verification::Verification;

/// The number of records of each outcome. Refused entries are not among them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
#[allow(missing_docs, reason = "each member is named by its outcome")]
pub struct OutcomeCounts {
    pub deleted: u64,
    pub acknowledged: u64,
    pub gone: u64,
    pub unresolved: u64,
    pub not_found: u64,
    pub failed: u64,
    pub held: u64,
    pub not_attempted: u64,
}

impl OutcomeCounts {
    /// Returns the number of records of an outcome; 0 for `refused`, which is not the outcome of a record.
    pub fn get(&self, outcome: RecordOutcome) -> u64 {
        let mut counts = *self;
        counts.of(outcome).map_or(0, |count| *count)
    }

    /// Returns the number of all records.
    pub fn total(&self) -> u64 {
        RecordOutcome::ALL.into_iter().map(|outcome| self.get(outcome)).sum()
    }

    /// Counts one more record. `false` for `refused`.
    pub(crate) fn add(&mut self, outcome: RecordOutcome) -> bool {
        self.of(outcome).map(|count| *count += 1).is_some()
    }

    fn of(&mut self, outcome: RecordOutcome) -> Option<&mut u64> {
        match outcome {
            RecordOutcome::Deleted => Some(&mut self.deleted),
            RecordOutcome::Acknowledged => Some(&mut self.acknowledged),
            RecordOutcome::Gone => Some(&mut self.gone),
            RecordOutcome::Unresolved => Some(&mut self.unresolved),
            RecordOutcome::NotFound => Some(&mut self.not_found),
            RecordOutcome::Failed => Some(&mut self.failed),
            RecordOutcome::Held => Some(&mut self.held),
            RecordOutcome::NotAttempted => Some(&mut self.not_attempted),
            RecordOutcome::Refused => None,
        }
    }
}

/// The number of records of each result of verification.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct VerificationCounts {
    /// [`Verification::Verified`].
    pub verified: u64,
    /// [`Verification::Absent`].
    pub absent: u64,
    /// [`Verification::StillPresent`].
    pub still_present: u64,
    /// [`Verification::Unverified`].
    pub unverified: u64,
}

impl VerificationCounts {
    pub(crate) fn add(&mut self, verification: Verification) {
        *match verification {
            Verification::Verified => &mut self.verified,
            Verification::Absent => &mut self.absent,
            Verification::StillPresent => &mut self.still_present,
            Verification::Unverified => &mut self.unverified,
        } += 1;
    }
}

/// Entries of the input that were not ids.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RefusedCounts {
    /// How many there are.
    pub count: u64,
    /// How many there are at each vendor.
    pub reasons: Vec<RefusedReason>,
}

/// How many entries were refused for one vendor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct RefusedReason {
    /// The vendor.
    pub vendor: String,
    /// Why, without the text of the entries.
    pub reason: String,
    /// How many.
    pub count: u64,
}

/// The number of holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct HoldCounts {
    /// The ids of the hold list that the job was planned with.
    pub planned: u64,
    /// The ids that were held after planning.
    pub later: u64,
    /// The ids of the hold list that the job was planned with that match no record, in any case.
    pub unmatched: u64,
    /// The records that the plan's hold list held.
    pub records_planned: u64,
    /// The records that were held after planning.
    pub records_later: u64,
    /// The records that were held after they were deleted or may have been.
    pub records_too_late: u64,
}

impl HoldCounts {
    pub(crate) fn add(&mut self, record: &EvidenceRecord) {
        self.records_too_late += u64::from(record.is_held_too_late());
        match record.held.as_ref().filter(|_| record.outcome == RecordOutcome::Held).map(|held| held.by) {
            Some(Holder::Plan) => self.records_planned += 1,
            Some(Holder::Later) => self.records_later += 1,
            None => {}
        }
    }
}
