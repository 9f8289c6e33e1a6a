//! What the presences of a record prove.

use conversation_delete_job::{PresenceState, RecordOutcome};

/// What the presences of a record before and after its delete prove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verification {
    /// It was seen before its delete, and is absent after it.
    Verified,
    /// The vendor reported it as deleted, and it is absent after; it was not seen before.
    Absent,
    /// It is still there after its delete.
    StillPresent,
    /// Its delete succeeded, and neither its absence nor its presence is proven.
    Unverified,
}

impl Verification {
    /// `None` if no delete succeeded and the record is not known to be there.
    pub(crate) fn of(
        outcome: RecordOutcome,
        before: Option<PresenceState>,
        after: Option<PresenceState>,
    ) -> Option<Self> {
        match (before, after) {
            (_, Some(PresenceState::Present)) => Some(Self::StillPresent),
            _ if !outcome.is_done() => None,
            (Some(PresenceState::Present), Some(PresenceState::Absent)) => Some(Self::Verified),
            (_, Some(PresenceState::Absent)) if outcome == RecordOutcome::Deleted => Some(Self::Absent),
            _ => Some(Self::Unverified),
        }
    }
}
