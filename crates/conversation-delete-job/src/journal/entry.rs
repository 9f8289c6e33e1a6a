//! What the lanes and the journal exchange about records.

use std::time::SystemTime;

use crate::outcome::{ChildReport, Failure, RecordOutcome};
use crate::presence::{PresenceSource, PresenceState};

/// What is still to be done with records, by which they are claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Work {
    /// Look them up before their deletes: those without an outcome and without a presence before.
    Precheck,
    /// Delete them: those without an outcome.
    Delete,
    /// Look them up after their deletes: those for which a delete was sent, and whose presence after is missing, or unknown
    /// since an earlier run.
    Verify,
    /// Look them up again: those for which a delete was sent, and which were not looked up since this verification began, or
    /// in vain by an earlier run.
    Reverify,
    /// Look them up and delete nothing: all of them.
    Lookup,
}

/// A record that is claimed. Before its delete is sent, its intent is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claimed {
    pub(crate) record: i64,
    pub(crate) id: String,
    /// A request for it may have been sent, and nobody knows whether it had an effect.
    pub(crate) is_ambiguous: bool,
    /// What was known of its presence before its delete.
    pub(crate) before: Option<PresenceState>,
    /// A list or a lookup showed it with a final status.
    pub(crate) is_over: bool,
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

/// What is written of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// What a lookup before its delete showed. A later one replaces it.
    Before { record: i64, presence: Sighting },
    /// What a lookup after its delete showed. A later one replaces it.
    After { record: i64, presence: Sighting },
    /// Requests for it got no final response, and it stays open. Its outcome is ignored.
    Tried(RecordResult),
    /// Its outcome. Its attempts are added to those that were tried before.
    Outcome(RecordResult),
    /// It is held, and nothing more is sent for it. `is_in_doubt` if a request for it may have taken effect.
    Held { record: i64, is_in_doubt: bool },
    /// The result for a child of the record with this id.
    Child { id: String, child: ChildReport },
}

/// What the requests for a record led to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct RecordResult {
    pub(crate) record: i64,
    pub(crate) outcome: RecordOutcome,
    pub(crate) attempts: u64,
    pub(crate) status: Option<u16>,
    pub(crate) request_id: Option<String>,
    pub(crate) error: Option<Failure>,
}

impl RecordResult {
    /// Whether another record got the same.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        let Self { record: _, outcome, attempts, status, request_id, error } = self;
        (*outcome, *attempts, *status) == (other.outcome, other.attempts, other.status)
            && (request_id, error) == (&other.request_id, &other.error)
    }
}

/// What is known of the presence of a record at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sighting {
    pub(crate) state: PresenceState,
    pub(crate) status: Option<String>,
    pub(crate) source: PresenceSource,
    /// Why the presence is unknown.
    pub(crate) failure: Option<Failure>,
    pub(crate) at: SystemTime,
    /// Its status is a final one.
    pub(crate) is_over: bool,
}
