//! What the presences of a record prove.

use conversation_delete_job::{PresenceState, RecordOutcome};
use delete_core::ErasureMode;

/// What the presences of a record before and after its delete prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verification {
    /// It was seen before its delete, and is absent after it.
    Verified,
    /// The vendor reported it as deleted, and it is absent after; it was not seen before.
    Absent,
    /// It is still there after its delete, which was not a soft one.
    StillPresent,
    /// Its delete succeeded, and neither its absence nor its presence is proven.
    Unverified,
}

impl Verification {
    /// `None` if no delete succeeded and the record is not known to be there. After a soft delete it may still be there.
    pub(crate) fn of(
        outcome: RecordOutcome,
        mode: Option<ErasureMode>,
        before: Option<PresenceState>,
        after: Option<PresenceState>,
    ) -> Option<Self> {
        match (before, after) {
            _ if matches!(outcome, RecordOutcome::Held | RecordOutcome::NotAttempted | RecordOutcome::Refused) => None,
            (_, Some(PresenceState::Present)) if mode != Some(ErasureMode::Soft) => Some(Self::StillPresent),
            _ if !outcome.is_done() => None,
            (Some(PresenceState::Present), Some(PresenceState::Absent)) => Some(Self::Verified),
            (_, Some(PresenceState::Absent)) if outcome == RecordOutcome::Deleted => Some(Self::Absent),
            _ => Some(Self::Unverified),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presences_prove_what_they_prove() {
        use PresenceState::{Absent, Present, Unknown};
        let of = |outcome, before, after| Verification::of(outcome, None, before, after);
        for done in [RecordOutcome::Deleted, RecordOutcome::Acknowledged, RecordOutcome::Gone] {
            assert_eq!(of(done, Some(Present), Some(Absent)), Some(Verification::Verified));
            for before in [None, Some(Unknown), Some(Absent)] {
                let is_told = done == RecordOutcome::Deleted;
                let expected = if is_told { Verification::Absent } else { Verification::Unverified };
                assert_eq!(of(done, before, Some(Absent)), Some(expected), "{done:?}");
            }
            for after in [None, Some(Unknown)] {
                assert_eq!(of(done, Some(Present), after), Some(Verification::Unverified));
            }
            assert_eq!(of(done, Some(Present), Some(Present)), Some(Verification::StillPresent));
            let soft = Verification::of(done, Some(ErasureMode::Soft), Some(Present), Some(Present));
            assert_eq!(soft, Some(Verification::Unverified));
        }
        for sent in [RecordOutcome::Failed, RecordOutcome::NotFound, RecordOutcome::Unresolved] {
            assert_eq!(of(sent, Some(Present), Some(Present)), Some(Verification::StillPresent));
            assert_eq!(of(sent, Some(Present), Some(Absent)), None);
        }
        for unsent in [RecordOutcome::Held, RecordOutcome::NotAttempted] {
            assert_eq!(of(unsent, Some(Present), Some(Present)), None);
        }
    }
}
