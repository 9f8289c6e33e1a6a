//! The totals of a bundle, counted from its records.

use crate::manifest::{HoldCounts, ManifestHead, OutcomeCounts, VerificationCounts};
use crate::record::EvidenceRecord;

/// The totals of a bundle, counted from its records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Of all records.
    pub all: TargetTotals,
    /// Of the records of each target.
    pub targets: Vec<TargetTotals>,
    /// The records that were held. The numbers of held ids are not counted from records, and stay 0.
    pub holds: HoldCounts,
}

/// The totals of the records of one target.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TargetTotals {
    /// The number of records of each outcome.
    pub outcomes: OutcomeCounts,
    /// The number of records of each result of verification.
    pub verification: VerificationCounts,
}

impl Totals {
    /// Returns the totals of no records, for a number of targets.
    pub fn new(targets: usize) -> Self {
        Self { targets: vec![TargetTotals::default(); targets], ..Self::default() }
    }

    /// Counts one more record. `false` if its target or its outcome is not that of a record of this bundle.
    #[must_use]
    pub fn add(&mut self, record: &EvidenceRecord) -> bool {
        let target = usize::try_from(record.target).ok().and_then(|target| self.targets.get_mut(target));
        let Some(target) = target else { return false };
        self.holds.add(record);
        self.all.add(record) && target.add(record)
    }

    /// Writes them to a head that has the same targets.
    pub fn write_to(&self, head: &mut ManifestHead) {
        (head.outcomes, head.verification) = (self.all.outcomes, self.all.verification);
        let HoldCounts { planned, later, unmatched, .. } = head.holds;
        head.holds = HoldCounts { planned, later, unmatched, ..self.holds };
        for (target, totals) in head.targets.iter_mut().zip(&self.targets) {
            target.planned = totals.outcomes.total();
            (target.outcomes, target.verification) = (totals.outcomes, totals.verification);
        }
    }
}

impl TargetTotals {
    fn add(&mut self, record: &EvidenceRecord) -> bool {
        if let Some(verification) = record.verification() {
            self.verification.add(verification);
        }
        self.outcomes.add(record.outcome)
    }
}
