use std::fmt;
use std::time::SystemTime;

use crate::Status;
use crate::error::{Error, ErrorKind};

/// What a lookup reports of a record, independent of the outcome of a delete. There will be no other states.
///
/// `Absent` means that this credential sees no such record now. Another tenant, region or key would get the same, so it
/// proves a deletion only together with an earlier `Present` of the same credential.
#[derive(Clone, Debug)]
pub enum Presence {
    /// The vendor reports, in its documented way, that there is no such record.
    Absent,
    /// The vendor shows the record. Made by [`Presence::present`].
    #[non_exhaustive]
    Present {
        /// The status, if the vendor sent one.
        status: Option<Status>,
        /// A time from which on a list has the record, if it was looked up in a list by time.
        listed_since: Option<SystemTime>,
    },
    /// Nothing is known, for this reason: the credential may not read, the vendor failed, no response came.
    Unknown(Error),
}

impl Presence {
    /// The vendor shows the record with this status.
    pub const fn present(status: Option<Status>) -> Self {
        Self::Present { status, listed_since: None }
    }

    /// Adds a time from which on a list by time has the record, if it is present. A message that comes later makes the record
    /// only newer. See [`RecordReader::lookup_again`](crate::RecordReader::lookup_again).
    #[must_use]
    pub fn with_listed_since(mut self, time: Option<SystemTime>) -> Self {
        if let Self::Present { listed_since, .. } = &mut self {
            *listed_since = time;
        }
        self
    }

    /// A time from which on a list by time has the record, if it is known.
    pub const fn listed_since(&self) -> Option<SystemTime> {
        match self {
            Self::Present { listed_since, .. } => *listed_since,
            Self::Absent | Self::Unknown(_) => None,
        }
    }

    /// `absent`, `present` or `unknown`.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Present { .. } => "present",
            Self::Unknown(_) => "unknown",
        }
    }

    /// Whether the vendor reports that there is no such record.
    pub const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// Whether the vendor shows the record.
    pub const fn is_present(&self) -> bool {
        matches!(self, Self::Present { .. })
    }

    /// Whether the lookup succeeded and did not find the record: it is absent, or missing from a list that does not prove
    /// absence. Many of these in a row suggest the wrong workspace.
    pub fn is_missing(&self) -> bool {
        match self {
            Self::Absent => true,
            Self::Present { .. } => false,
            Self::Unknown(error) => error.kind() == ErrorKind::NotFound,
        }
    }

    /// Whether another lookup may soon report something else: the record is present, because a deletion can show late, or the
    /// lookup failed in a way that passes.
    pub fn may_change(&self) -> bool {
        match self {
            Self::Absent => false,
            Self::Present { .. } => true,
            Self::Unknown(error) => error.is_retryable(),
        }
    }
}

/// The result of reading a single record, whose status is known if the vendor sent one. [`ErrorKind::NotFound`] is absent.
impl From<Result<Option<Status>, Error>> for Presence {
    fn from(read: Result<Option<Status>, Error>) -> Self {
        match read {
            Ok(status) => Self::present(status),
            Err(error) if error.kind() == ErrorKind::NotFound => Self::Absent,
            Err(error) => Self::Unknown(error),
        }
    }
}

impl fmt::Display for Presence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
