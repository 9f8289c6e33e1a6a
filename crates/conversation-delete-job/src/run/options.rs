//! What a run is asked for, and how it ends.

use std::time::{Duration, Instant};

use delete_core::VerifyPolicy;

/// Choices of one run, which change nothing of what was planned.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// A record that is not there is as good as deleted, so that many of them do not end the run.
    pub is_absent_ok: bool,
    /// No request is sent after this, and no wait is begun that ends after it.
    pub deadline: Option<Instant>,
    /// How long a vendor may be unavailable or throttle the run; `None` is as long as it takes.
    pub patience: Option<Duration>,
    /// Looks at each record before its delete, and after it.
    pub verifies: bool,
    /// Tries failed records again. They are reopened once the lanes are checked, and their failures are kept.
    pub retry_failed: bool,
    /// How to look after a delete.
    pub looks: VerifyPolicy,
    /// Who runs it, for the record in the file.
    pub program: String,
}

/// How a lane of a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ending {
    /// Every id has its outcome.
    Finished,
    /// Somebody wanted it to stop. It can be run again.
    Interrupted,
    /// The deadline has passed, or the next wait would have passed it. It can be run again.
    Deadline {
        /// How long the next wait would have been; zero if the deadline has passed.
        wait: Duration,
    },
    /// The vendor was unavailable for longer than the run had patience for. It can be run again.
    GaveUp {
        /// How long the next wait would have been.
        wait: Duration,
        /// What went wrong last.
        reason: String,
    },
    /// The credential was refused, or lacks a permission.
    CredentialRefused(String),
    /// The credential belongs to another tenant, workspace or region than the one that was meant.
    WrongTarget(String),
    /// Every other call would fail alike.
    Hopeless(String),
    /// None of the first ids is there: it looks like the wrong workspace or region.
    WrongPlace {
        /// How many were looked for.
        looked: u64,
    },
}

impl Ending {
    /// The name for machines, as in the job file.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Interrupted => "interrupted",
            Self::Deadline { .. } => "deadline",
            Self::GaveUp { .. } => "gave_up",
            Self::CredentialRefused(_) => "credential_refused",
            Self::WrongTarget(_) => "wrong_target",
            Self::Hopeless(_) => "hopeless",
            Self::WrongPlace { .. } => "wrong_place",
        }
    }
}
