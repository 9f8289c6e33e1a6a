//! What is known of a request and of a delete: words of their own, which depend on nothing else.

use std::fmt;
use std::time::Duration;

/// What a delete call that did not fail says of one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The vendor says that it removed this very record.
    Deleted,
    /// The vendor accepted the call, but answers the same for a record that does not exist, or promises to do it later.
    Acknowledged,
    /// The vendor says that there is no such record now, and an earlier attempt of this call, whose end was ambiguous,
    /// may have removed it.
    Gone,
    /// One call for several records: what was accessible is removed, something was not, and the vendor will not say
    /// which. A batch of ids of another workspace looks the same, so this is no success.
    Unresolved,
}

impl Outcome {
    /// The name for machines: `deleted`, `acknowledged`, `gone`, `unresolved`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deleted => "deleted",
            Self::Acknowledged => "acknowledged",
            Self::Gone => "gone",
            Self::Unresolved => "unresolved",
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// How much of a record a delete removes, where the vendor knows two ways. There is no default.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErasureMode {
    /// The record and its assets, irrevocably.
    Hard,
    /// The record is no longer offered; what the vendor keeps of it, and for how long, is the vendor's matter.
    Soft,
}

impl ErasureMode {
    /// The name for machines: `hard`, `soft`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Hard => "hard",
            Self::Soft => "soft",
        }
    }
}

impl fmt::Display for ErasureMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What is known of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Delivery {
    /// The request did not leave: nothing was changed.
    NotSent,
    /// The request may have taken effect although no clear answer came: it timed out or the connection broke after
    /// sending, or the answer was 408 or 5xx.
    MaybeDelivered,
    /// The vendor answered.
    Answered,
}

impl Delivery {
    /// The name for machines: `not_sent`, `maybe_delivered`, `answered`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotSent => "not_sent",
            Self::MaybeDelivered => "maybe_delivered",
            Self::Answered => "answered",
        }
    }
}

impl fmt::Display for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One request of a call, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    status: Option<u16>,
    delivery: Delivery,
    duration: Duration,
}

impl Attempt {
    pub(crate) fn new(status: Option<u16>, delivery: Delivery, duration: Duration) -> Self {
        Self { status, delivery, duration }
    }

    /// The status of the answer, where one came.
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// What is known of the request.
    pub fn delivery(&self) -> Delivery {
        self.delivery
    }

    /// The time from sending to the end of the answer, or to the failure.
    pub fn duration(&self) -> Duration {
        self.duration
    }

    pub(crate) fn is_ambiguous(&self) -> bool {
        self.delivery == Delivery::MaybeDelivered
    }
}
