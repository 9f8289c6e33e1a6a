//! What the lanes and the journal exchange about records.

use crate::child::ChildReport;
use crate::outcome::{Failure, RecordOutcome};

/// A record that is open to a pass. Before its delete is sent, its intent is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claimed {
    pub(crate) record: i64,
    pub(crate) id: String,
    /// An earlier run had the intent, and nobody knows whether its request left.
    pub(crate) is_ambiguous: bool,
    /// A lookup before its delete did not find it.
    pub(crate) is_unseen: bool,
    /// The vendor showed it, or confirmed that it removed it: this credential can see it.
    pub(crate) was_seen: bool,
}

/// Whether the delete of a record may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Intent {
    /// Its intent is on the disk.
    Written,
    /// It is held since it was claimed, and has the outcome `held` now.
    Held,
    /// Somebody else gave it an outcome since it was claimed.
    Settled,
}

/// What is written down of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Note {
    /// What a look before its delete said.
    Before { record: i64, presence: &'static str },
    /// It could not be looked at before its delete, which is therefore not sent.
    Unseen(Settled),
    /// Requests for it got no final response, and it stays open. Its outcome is ignored.
    Tried(Settled),
    /// What became of it. Its attempts are added to those that were tried before.
    Settled(Settled),
    /// What a look after its delete said.
    After { record: i64, presence: &'static str },
    /// It is held, and nothing more is sent for it. `is_in_doubt` if a request for it may have taken effect.
    Held { record: i64, is_in_doubt: bool },
    /// What became of a child of the record with this id.
    Child { id: String, child: ChildReport },
}

impl Note {
    /// Whether the vendor reported that there is no such record. One that is gone was not there when the vendor was
    /// asked, and that an earlier request removed it is only possible.
    pub(crate) fn is_missing(&self) -> bool {
        match self {
            Self::Before { presence, .. } => *presence != "present",
            Self::Settled(settled) => matches!(settled.outcome, RecordOutcome::NotFound | RecordOutcome::Gone),
            Self::Unseen(_) | Self::Tried(_) | Self::After { .. } | Self::Held { .. } | Self::Child { .. } => false,
        }
    }
}

/// What became of a record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Settled {
    pub(crate) record: i64,
    pub(crate) outcome: RecordOutcome,
    pub(crate) attempts: u64,
    pub(crate) status: Option<u16>,
    pub(crate) request_id: Option<String>,
    pub(crate) error: Option<Failure>,
}
