//! What a run is asked for, and how it ends.

use std::time::{Duration, Instant};

use delete_core::VerifyPolicy;

use crate::verify::Verify;

/// Choices of one run, which change nothing of what was planned.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// Whether an absent record is as good as a deleted one, so that many of them do not end the run.
    pub absent_ok: bool,
    /// Whether it does not matter that all of several records are absent. It includes `absent_ok`.
    pub all_absent_ok: bool,
    /// No request is sent after this, and no wait is begun that ends after it.
    pub deadline: Option<Instant>,
    /// How long a vendor may be unavailable or throttle the run; `None` is as long as it takes.
    pub max_outage: Option<Duration>,
    /// Whether the run proves that its records are absent.
    pub verify: Verify,
    /// How often a record that is still present is looked up again.
    pub verify_policy: VerifyPolicy,
    /// Tries failed records again. They are reopened once the lanes are checked, and their failures are kept.
    pub retry_failed: bool,
    /// Looks up again also what a verification or lookup has seen that did not finish, instead of going on with it.
    pub anew: bool,
    /// The program that runs the job, for the record in the file.
    pub program: String,
}

/// How a lane of a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ending {
    /// Every id has its outcome.
    Finished,
    /// It was stopped. It can be run again.
    Interrupted,
    /// The deadline has passed, or the next wait would have passed it. It can be run again.
    DeadlineReached {
        /// How long the next wait would have been; zero if the deadline has passed.
        wait: Duration,
    },
    /// The vendor was unavailable or throttled the run for longer than [`RunOptions::max_outage`]. It can be run again.
    OutageTimedOut {
        /// How long the next wait would have been.
        wait: Duration,
        /// The last error.
        reason: String,
    },
    /// The credential was refused, or lacks a permission.
    CredentialRefused(String),
    /// The credential belongs to another tenant, workspace or region than the one that was meant.
    WrongTarget(String),
    /// Every other call would fail alike.
    Unrecoverable(String),
    /// None of the first ids was found: it looks like the wrong workspace or region.
    NothingFound {
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
            Self::DeadlineReached { .. } => "deadline_reached",
            Self::OutageTimedOut { .. } => "outage_timed_out",
            Self::CredentialRefused(_) => "credential_refused",
            Self::WrongTarget(_) => "wrong_target",
            Self::Unrecoverable(_) => "unrecoverable",
            Self::NothingFound { .. } => "nothing_found",
        }
    }

    /// Returns the ending of this name, without its details.
    pub fn parse(name: &str) -> Option<Self> {
        let all = [
            Self::Finished,
            Self::Interrupted,
            Self::DeadlineReached { wait: Duration::ZERO },
            Self::OutageTimedOut { wait: Duration::ZERO, reason: String::new() },
            Self::CredentialRefused(String::new()),
            Self::WrongTarget(String::new()),
            Self::Unrecoverable(String::new()),
            Self::NothingFound { looked: 0 },
        ];
        all.into_iter().find(|ending| ending.as_str() == name)
    }
}
