//! What the lookups of `verify` reported.

use std::time::SystemTime;

use conversation_delete_job::PresenceSource;
use delete_core::{Delivery, Presence, RecordId, timestamp};

use super::presence::{PresencePair, Sighting};
use super::record::Failure;
use crate::ids::Complaint;

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
    /// Whether a person should see it.
    pub(super) fn is_problem(&self) -> bool {
        matches!(self.seen, Seen::Present | Seen::Unknown | Seen::Refused)
    }

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

    pub(crate) fn refused(refused: &Complaint) -> Self {
        let error = Some(Failure::refused(refused.message()));
        Self { id: refused.id.clone(), seen: Seen::Refused, status: None, time: None, error }
    }

    pub(crate) fn not_attempted(id: String) -> Self {
        let error = Failure {
            kind: "not_attempted".into(),
            delivery: Delivery::NotSent.as_str().into(),
            message: "nobody looked: the run stopped before".to_owned(),
        };
        Self { id, seen: Seen::NotAttempted, status: None, time: None, error: Some(error) }
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
