//! What lookups reported of records: the lines of `verify`, and what `delete --verify` adds to its own.

use std::time::SystemTime;

use conversation_delete_job::{PresenceReport, PresenceSource};
use delete_core::{Delivery, Error, ErrorKind, Presence, RecordId, timestamp};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Serialize;

use super::{Failure, visible};
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

    /// The state in the line of the record: what was not looked up is unknown.
    const fn state(self) -> &'static str {
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
    /// When it was looked up, in RFC 3339.
    time: Option<String>,
    pub(crate) error: Option<Failure>,
}

impl Sight {
    /// The members of its line.
    pub(super) fn presence(&self) -> PresencePair {
        let reason = self.error.as_ref().map(|error| error.message.clone());
        let sighting = Sighting {
            state: self.seen.state(),
            status: self.status.clone(),
            time: self.time.clone(),
            source: PresenceSource::Lookup.as_str(),
            reason,
        };
        PresencePair { before: None, after: Some(sighting) }
    }

    pub(crate) fn of(id: &RecordId, presence: &Presence) -> Self {
        let (seen, error) = match presence {
            Presence::Absent => (Seen::Absent, None),
            Presence::Present { .. } => (Seen::Present, None),
            Presence::Unknown(error) => (Seen::Unknown, Some(Failure::of(error))),
        };
        Self {
            id: id.to_string(),
            seen,
            status: status_of(presence),
            time: Some(timestamp::format(SystemTime::now())),
            error,
        }
    }

    pub(crate) fn refused(refused: Refused) -> Self {
        let error = Some(Failure::refused(refused.message));
        Self { id: refused.id, seen: Seen::Refused, status: None, time: None, error }
    }

    pub(crate) fn not_attempted(id: String) -> Self {
        let error = Failure {
            kind: "not_attempted".into(),
            delivery: Delivery::NotSent.as_str().into(),
            message: "nobody looked: the run stopped before".to_owned(),
        };
        Self { id, seen: Seen::NotAttempted, status: None, time: None, error: Some(error) }
    }

    pub(crate) fn failed(error: &Error) -> Self {
        let seen = if error.kind() == ErrorKind::InvalidInput { Seen::Refused } else { Seen::Unknown };
        Self { id: String::new(), seen, status: None, time: None, error: Some(Failure::of(error)) }
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

/// What was seen of a record before and after its delete; null if it was not looked up then.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "presence_pair")]
pub(crate) struct PresencePair {
    pub(crate) before: Option<Sighting>,
    pub(crate) after: Option<Sighting>,
}

/// What a lookup or a list reported of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "sighting")]
pub(crate) struct Sighting {
    #[schemars(schema_with = "states")]
    pub(crate) state: &'static str,
    /// The vendor's word for the status of the record.
    status: Option<String>,
    /// When it was seen, in RFC 3339; null if that is not known.
    time: Option<String>,
    #[schemars(schema_with = "sources")]
    source: &'static str,
    /// Why the presence is unknown.
    reason: Option<String>,
}

fn states(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": ["present", "absent", "unknown"] })
}

fn sources(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": ["list", "lookup"] })
}

impl PresencePair {
    /// What a job keeps of a record; `None` if it was not looked up.
    pub(super) fn stored(before: Option<PresenceReport>, after: Option<PresenceReport>) -> Option<Self> {
        let pair = Self { before: before.map(Sighting::stored), after: after.map(Sighting::stored) };
        (pair != Self::default()).then_some(pair)
    }
}

impl Sighting {
    fn stored(report: PresenceReport) -> Self {
        let PresenceReport { state, status, time, source, reason } = report;
        let reason = reason.as_deref().map(visible);
        Self { state: state.as_str(), status, time, source: source.as_str(), reason }
    }

    /// When it was seen.
    pub(super) fn time(&self) -> Option<&str> {
        self.time.as_deref()
    }
}

/// How many of the records that are deleted, by the vendor's word, were found to be so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ProofTally {
    pub(crate) verified: u64,
    pub(crate) still_present: u64,
    pub(crate) unverified: u64,
}
