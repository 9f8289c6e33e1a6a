//! What lists and lookups reported of a record.

use delete_core::{Delivery, ErrorKind, Presence};

/// Whether the vendor shows a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PresenceState {
    /// The vendor shows it.
    Present,
    /// The vendor reports that there is no such record, or a complete list does not show it.
    Absent,
    /// Nothing is known, for the reason beside it.
    Unknown,
}

impl PresenceState {
    /// The name for machines, as in JSON and in the job file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Absent => "absent",
            Self::Unknown => "unknown",
        }
    }

    /// Returns the state of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Present, Self::Absent, Self::Unknown].into_iter().find(|state| state.as_str() == name)
    }
}

impl From<&Presence> for PresenceState {
    fn from(presence: &Presence) -> Self {
        match presence {
            Presence::Absent => Self::Absent,
            Presence::Present { .. } => Self::Present,
            Presence::Unknown(_) => Self::Unknown,
        }
    }
}

/// Where a presence comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PresenceSource {
    /// A list: when the job was planned, or a complete one after the deletes.
    List,
    /// A lookup of this record.
    Lookup,
}

impl PresenceSource {
    /// The name for machines, as in JSON and in the job file.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Lookup => "lookup",
        }
    }

    /// Returns the source of this name.
    pub fn parse(name: &str) -> Option<Self> {
        [Self::List, Self::Lookup].into_iter().find(|source| source.as_str() == name)
    }
}

/// What was known of the presence of a record at one time, before its delete or after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresenceReport {
    /// Whether the vendor showed it.
    pub state: PresenceState,
    /// The status that the vendor showed.
    pub status: Option<String>,
    /// When that was, in RFC 3339; `None` if the job was planned in a format that did not keep it.
    pub time: Option<String>,
    /// Where it comes from.
    pub source: PresenceSource,
    /// Why nothing is known.
    pub reason: Option<String>,
    /// The kind of the error of a lookup that reported nothing; `None` before its delete, and in a file of an older format.
    pub error_kind: Option<ErrorKind>,
    /// What is known of the last request of that lookup.
    pub delivery: Option<Delivery>,
}
