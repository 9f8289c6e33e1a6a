//! The counts at the end of a report on deletions.

use conversation_delete_job::Counts;

use super::lines::CountMembers;

/// The end of a report on deletions.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Summary {
    pub(crate) tally: Counts,
    /// `None` where nobody wanted proof.
    pub(crate) proof: Option<ProofTally>,
}

impl Summary {
    /// The counts of its line.
    pub(super) fn members(&self) -> CountMembers {
        let proof = self.proof.unwrap_or_default();
        CountMembers {
            verified: proof.verified,
            still_present: proof.still_present,
            unverified: proof.unverified,
            ..CountMembers::of(&self.tally)
        }
    }
}

impl From<Counts> for Summary {
    fn from(tally: Counts) -> Self {
        Self { tally, proof: None }
    }
}

/// How many of the records that are deleted, by the vendor's word, were found to be so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ProofTally {
    pub(crate) verified: u64,
    pub(crate) still_present: u64,
    pub(crate) unverified: u64,
}
