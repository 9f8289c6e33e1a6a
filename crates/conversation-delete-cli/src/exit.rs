//! The exit codes, which scripts rely on.

use std::process::ExitCode;

use conversation_delete_job::{Ending, JobErrorKind};
use delete_core::{Error, ErrorKind};

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All that was asked for was reached.
    Success,
    /// A fault of the program.
    Fault,
    /// Wrong usage, bad configuration or bad input; nothing was sent.
    Usage,
    /// Finished, but not every id reached what was asked for.
    Incomplete,
    /// Stopped before the end; the rest can be done by another run.
    Stopped,
    /// A safety check refused to go on.
    Unsafe,
    /// The credential was refused.
    CredentialRefused,
    /// Verification found records that are still there.
    StillPresent,
    /// Evidence does not verify.
    EvidenceInvalid,
}

impl Exit {
    /// The number that the caller of the program sees.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Fault => 1,
            Self::Usage => 2,
            Self::Incomplete => 3,
            Self::Stopped => 4,
            Self::Unsafe => 5,
            Self::CredentialRefused => 6,
            Self::StillPresent => 7,
            Self::EvidenceInvalid => 8,
        }
    }

    /// Its name in JSON.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Fault => "internal",
            Self::Usage => "usage",
            Self::Incomplete => "incomplete",
            Self::Stopped => "stopped",
            Self::Unsafe => "unsafe",
            Self::CredentialRefused => "credential_refused",
            Self::StillPresent => "still_present",
            Self::EvidenceInvalid => "evidence_invalid",
        }
    }
}

/// Of several findings, the first of these decides the exit code.
const PRECEDENCE: [Exit; 8] = [
    Exit::Fault,
    Exit::Usage,
    Exit::CredentialRefused,
    Exit::Unsafe,
    Exit::Stopped,
    Exit::StillPresent,
    Exit::Incomplete,
    Exit::EvidenceInvalid,
];

/// All that a command found out that its exit code must report. Every command collects its findings here, so that
/// [`exit`](Self::exit) alone decides which of them wins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Findings(u16);

impl Findings {
    /// Adds a finding, named by the exit code that it has on its own. `Success` adds nothing.
    #[must_use]
    pub(crate) const fn with(self, found: Exit) -> Self {
        Self(self.0 | (1 << found.code()))
    }

    /// Adds a finding if there is one.
    #[must_use]
    pub(crate) fn with_any(self, found: impl IntoIterator<Item = Exit>) -> Self {
        found.into_iter().fold(self, Self::with)
    }

    /// Adds a finding if `is_so`.
    #[must_use]
    pub(crate) const fn with_if(self, is_so: bool, found: Exit) -> Self {
        if is_so { self.with(found) } else { self }
    }

    /// The exit code: the first of 1, 2, 6, 5, 4, 7, 3, 8 that was found, and 0 if nothing was.
    pub(crate) fn exit(self) -> Exit {
        let is_found = |exit: &Exit| self.0 & (1 << exit.code()) != 0;
        PRECEDENCE.into_iter().find(is_found).unwrap_or(Exit::Success)
    }
}

impl From<Exit> for Findings {
    fn from(found: Exit) -> Self {
        Self::default().with(found)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

/// Maps an error that keeps a command from checking a credential or reading a list. What forbids that is about the
/// credential, and not about one record.
pub(crate) fn of_error(error: &Error) -> Exit {
    match error.kind() {
        ErrorKind::Forbidden => Exit::CredentialRefused,
        _ if error.is_credential_refused() => Exit::CredentialRefused,
        ErrorKind::WrongTarget | ErrorKind::ClockSkew => Exit::Unsafe,
        ErrorKind::InvalidInput | ErrorKind::Configuration => Exit::Usage,
        _ => Exit::Stopped,
    }
}

/// Maps an error of a job file. A job that another process runs, or that a later attempt may run, is stopped.
pub(crate) fn of_job_error(kind: JobErrorKind) -> Exit {
    match kind {
        JobErrorKind::Changed | JobErrorKind::WrongTarget => Exit::Unsafe,
        JobErrorKind::Busy
        | JobErrorKind::Linked
        | JobErrorKind::Lost
        | JobErrorKind::Storage
        | JobErrorKind::TakenOver => Exit::Stopped,
        _ => Exit::Usage,
    }
}

/// What decides the exit code of a run.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct RunResult<'a> {
    /// How each target's part ended.
    pub(crate) endings: &'a [Ending],
    /// Ids without an outcome.
    pub(crate) open: u64,
    pub(crate) not_found: u64,
    /// Ids that are `unresolved`, `failed` or `refused`.
    pub(crate) failed: u64,
    /// Deletions that lookups were to prove, and did not.
    pub(crate) unverified: u64,
    /// Records that exist after a delete that removes them.
    pub(crate) still_present: u64,
    /// All of several records of a target are absent, and none was ever seen.
    pub(crate) is_none_seen: bool,
    pub(crate) absent_ok: bool,
    pub(crate) all_absent_ok: bool,
    /// Stdout did not take all of the report.
    pub(crate) is_report_lost: bool,
}

/// Maps a run.
pub(crate) fn of_run(run: &RunResult<'_>) -> Exit {
    let missing = if run.absent_ok { 0 } else { run.not_found };
    Findings::default()
        .with_any(run.endings.iter().map(of_ending))
        .with_if(run.is_none_seen && !run.all_absent_ok, Exit::Unsafe)
        .with_if(run.open > 0 || run.is_report_lost, Exit::Stopped)
        .with_if(run.still_present > 0, Exit::StillPresent)
        .with_if(missing + run.failed + run.unverified > 0, Exit::Incomplete)
        .exit()
}

pub(crate) fn of_ending(ending: &Ending) -> Exit {
    match ending {
        Ending::Finished => Exit::Success,
        Ending::NothingFound { .. } | Ending::WrongTarget(_) => Exit::Unsafe,
        Ending::CredentialRefused(_) => Exit::CredentialRefused,
        _ => Exit::Stopped,
    }
}

#[cfg(test)]
mod tests;
