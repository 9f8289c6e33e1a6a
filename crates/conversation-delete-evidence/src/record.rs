//! One line of `records.jsonl`.
//!
//! Members are declared in the order of their names, and all numbers are integers below 2^53, so that the line that serde writes
//! is the canonical one of RFC 8785.

use std::io;

use conversation_delete_job::{PresenceSource, PresenceState, RecordOutcome};
use delete_core::{Delivery, ErasureMode, ErrorKind};
use serde::{Deserialize, Serialize};

use crate::verification::Verification;
use crate::word;

/// What became of one record of a job. It holds nothing that the record said, and no message of a vendor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct EvidenceRecord {
    /// How many requests to delete it ended and were written down, since it was planned or reopened. One that was cut off when
    /// its process was killed is not among them.
    pub attempts: u64,
    /// What belonged to it and was deleted before it, such as transcripts.
    pub children: Vec<Child>,
    /// Whether the last request reached the vendor, if the delete failed.
    #[serde(with = "word::option")]
    pub delivery: Option<Delivery>,
    /// The base URL of its target.
    pub endpoint: String,
    /// Why the delete failed.
    #[serde(with = "word::option")]
    pub error: Option<ErrorKind>,
    /// When the first request was about to be sent. It has the HTTP status of the response only if that was certainly the only
    /// request: one attempt, which began and ended in one run.
    pub first_attempt: Option<AttemptHead>,
    /// Who held it. If its outcome is not `held`, the hold came too late to keep its request from being sent.
    pub held: Option<HeldBy>,
    /// Its id, or its pseudonym: see [`ManifestHead::ids`](crate::ManifestHead::ids).
    pub id: String,
    /// Its position in the plan, from 0: also its index in the tree.
    pub index: u64,
    /// When the end of the last request was written to the job file, and the HTTP status of its response. With verification that
    /// is after the lookup that followed.
    pub last_attempt: Option<AttemptHead>,
    /// Hard or soft, if the vendor has two modes.
    #[serde(with = "word::option")]
    pub mode: Option<ErasureMode>,
    /// Its outcome.
    #[serde(with = "word")]
    pub outcome: RecordOutcome,
    /// What lists and lookups reported before and after its delete.
    pub presence: PresencePair,
    /// The vendor's name for the last request. Null in a bundle of pseudonyms, because the vendor could find the id by it.
    pub request_id: Option<String>,
    /// 16 random bytes in hexadecimal digits, so that the hash of the line, which proofs of other lines show, reveals nothing.
    pub salt: String,
    /// When its outcome was written to the job file, in RFC 3339: after the lookup that followed the delete, if there was one.
    pub settled_at: Option<String>,
    /// Its target: a position in [`ManifestHead::targets`](crate::ManifestHead::targets), from 0.
    pub target: u64,
    /// The vendor.
    pub vendor: String,
}

impl EvidenceRecord {
    /// Returns its line without the line feed, which is its leaf in the tree.
    pub(crate) fn to_line(&self) -> io::Result<Vec<u8>> {
        Ok(serde_json::to_vec(self)?)
    }

    /// Returns what its presences prove; `None` if no delete was sent for it.
    pub fn verification(&self) -> Option<Verification> {
        let state = |presence: &Option<Presence>| presence.as_ref().map(|presence| presence.state);
        Verification::of(self.outcome, self.mode, state(&self.presence.before), state(&self.presence.after))
    }

    /// Whether it is held, but was deleted or may have been.
    pub(crate) fn is_held_too_late(&self) -> bool {
        use RecordOutcome::{Acknowledged, Deleted, Failed, Gone, Unresolved};
        let is_done = matches!(self.outcome, Deleted | Acknowledged | Gone | Unresolved);
        self.held.is_some() && (is_done || self.outcome == Failed && self.may_have_taken_effect())
    }

    /// Whether a failed request may have taken effect.
    pub(crate) fn may_have_taken_effect(&self) -> bool {
        match self.delivery {
            Some(Delivery::NotSent) => false,
            Some(Delivery::Answered) => self.error == Some(ErrorKind::UnexpectedResponse),
            Some(Delivery::MaybeDelivered) | None => true,
        }
    }
}

/// One request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct AttemptHead {
    /// The HTTP status of its response; `None` if there was none, or it was not kept.
    pub status: Option<u16>,
    /// In RFC 3339.
    pub time: String,
}

/// What was known of the presence of a record before and after its delete.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct PresencePair {
    /// After its delete, the last time.
    pub after: Option<Presence>,
    /// Before its delete.
    pub before: Option<Presence>,
}

/// What a list or a lookup reported.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Presence {
    /// Why nothing is known: the kind of the error of the lookup after a delete; `None` if an earlier format did not keep it.
    #[serde(with = "word::option")]
    pub reason: Option<ErrorKind>,
    /// A list or a lookup.
    #[serde(with = "word")]
    pub source: PresenceSource,
    /// Whether the vendor showed the record.
    #[serde(with = "word")]
    pub state: PresenceState,
    /// The vendor's status of the record, if it showed one.
    pub status: Option<String>,
    /// When, in RFC 3339; `None` if the job's format did not keep it.
    pub time: Option<String>,
}

/// Who held a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct HeldBy {
    /// The hold list of the plan, or one of a later run.
    pub by: Holder,
    /// When it was held after planning, in RFC 3339.
    pub time: Option<String>,
}

/// Where a hold comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Holder {
    /// The hold list that the job was planned with.
    Plan,
    /// A hold that was added after planning.
    Later,
}

/// The result for something that belonged to a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Child {
    /// How many requests were sent for it.
    pub attempts: u64,
    /// Whether the last request reached the vendor, if its delete failed.
    #[serde(with = "word::option")]
    pub delivery: Option<Delivery>,
    /// Why its delete failed.
    #[serde(with = "word::option")]
    pub error: Option<ErrorKind>,
    /// Its id, or its pseudonym.
    pub id: String,
    /// Such as `transcript`.
    pub kind: String,
    /// Its outcome.
    #[serde(with = "word")]
    pub outcome: RecordOutcome,
    /// The vendor's name for the last request. Null in a bundle of pseudonyms.
    pub request_id: Option<String>,
    /// The HTTP status of the last response.
    pub status: Option<u16>,
}
