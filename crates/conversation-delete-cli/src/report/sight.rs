//! What looks at records said: the lines of `verify`, and the proof that `delete --verify` adds to its own.

use delete_core::{Delivery, Error, ErrorKind, Presence, RecordId};
use serde::Serialize;

use super::Failure;
use crate::ids::Refused;

/// What became of one id that was to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    Absent,
    Present,
    Unknown,
    Refused,
    NotAttempted,
}

impl Seen {
    /// All of them, in the order of the summary.
    pub(crate) const ALL: [Self; 5] = [Self::Absent, Self::Present, Self::Unknown, Self::Refused, Self::NotAttempted];

    /// The name in the summary.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Present => "present",
            Self::Unknown => "unknown",
            Self::Refused => "refused",
            Self::NotAttempted => "not_attempted",
        }
    }

    /// The word of the record's line: what nobody looked at is unknown.
    pub(super) const fn presence(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Present => "present",
            Self::Unknown | Self::Refused | Self::NotAttempted => "unknown",
        }
    }
}

/// The report on one id that was to be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sight {
    pub(crate) id: String,
    pub(crate) seen: Seen,
    pub(crate) status: Option<String>,
    pub(crate) error: Option<Failure>,
}

impl Sight {
    pub(crate) fn of(id: &RecordId, presence: &Presence) -> Self {
        let (seen, error) = match presence {
            Presence::Absent => (Seen::Absent, None),
            Presence::Present { .. } => (Seen::Present, None),
            Presence::Unknown(error) => (Seen::Unknown, Some(Failure::of(error))),
        };
        Self { id: id.to_string(), seen, status: status_of(presence), error }
    }

    pub(crate) fn refused(refused: Refused) -> Self {
        let error = Some(Failure::refused(refused.message));
        Self { id: refused.id, seen: Seen::Refused, status: None, error }
    }

    pub(crate) fn not_attempted(id: String) -> Self {
        let error = Failure {
            kind: "not_attempted".into(),
            delivery: Delivery::NotSent.as_str().into(),
            message: "nobody looked: the run stopped before".to_owned(),
        };
        Self { id, seen: Seen::NotAttempted, status: None, error: Some(error) }
    }

    pub(crate) fn failed(error: &Error) -> Self {
        let seen = if error.kind() == ErrorKind::InvalidInput { Seen::Refused } else { Seen::Unknown };
        Self { id: String::new(), seen, status: None, error: Some(Failure::of(error)) }
    }
}

fn status_of(presence: &Presence) -> Option<String> {
    match presence {
        Presence::Present { status, .. } => status.as_ref().map(ToString::to_string),
        Presence::Absent | Presence::Unknown(_) => None,
    }
}

/// How many ids there are of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct SightTally([u64; Seen::ALL.len()]);

impl SightTally {
    pub(crate) fn add(&mut self, seen: Seen) {
        self.0[seen as usize] += 1;
    }

    pub(crate) fn count(&self, seen: Seen) -> u64 {
        self.0[seen as usize]
    }

    pub(crate) fn total(&self) -> u64 {
        self.0.iter().sum()
    }
}

/// What lookups before and after its delete reported for a record; nothing if there was no lookup.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Proof {
    pub(crate) before: Option<&'static str>,
    pub(crate) after: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before_status: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after_status: Option<String>,
    /// Why something is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Proof {
    /// From the words of a job file.
    pub(super) fn told(before: Option<&'static str>, after: Option<&'static str>) -> Self {
        Self { before, after, ..Self::default() }
    }
}

/// How many of the records that are deleted, by the vendor's word, were found to be so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ProofTally {
    pub(crate) verified: u64,
    pub(crate) still_present: u64,
    pub(crate) unverified: u64,
}
