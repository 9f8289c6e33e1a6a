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
        }
    }
}

/// Of several findings, the first of these decides the exit code.
const PRECEDENCE: [Exit; 7] = [
    Exit::Fault,
    Exit::Usage,
    Exit::CredentialRefused,
    Exit::Unsafe,
    Exit::Stopped,
    Exit::StillPresent,
    Exit::Incomplete,
];

/// All that a command found out that its exit code must report. Every command collects its findings here, so that
/// [`exit`](Self::exit) alone decides which of them wins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Findings(u8);

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

    /// The exit code: the first of 1, 2, 6, 5, 4, 7, 3 that was found, and 0 if nothing was.
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

fn of_ending(ending: &Ending) -> Exit {
    match ending {
        Ending::Finished => Exit::Success,
        Ending::NothingFound { .. } | Ending::WrongTarget(_) => Exit::Unsafe,
        Ending::CredentialRefused(_) => Exit::CredentialRefused,
        _ => Exit::Stopped,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Exit; 8] = [
        Exit::Success,
        Exit::Fault,
        Exit::Usage,
        Exit::Incomplete,
        Exit::Stopped,
        Exit::Unsafe,
        Exit::CredentialRefused,
        Exit::StillPresent,
    ];

    #[test]
    fn each_finding_alone_is_its_own_exit_code() {
        for (exit, code) in ALL.into_iter().zip(0..) {
            assert_eq!(Findings::from(exit).exit().code(), code);
        }
    }

    #[test]
    fn of_any_set_of_findings_the_first_of_the_documented_order_wins() {
        for set in 0_u32..256 {
            let is_in = |code: u8| set & (1 << code) != 0;
            let expected = [1, 2, 6, 5, 4, 7, 3].into_iter().find(|code| is_in(*code)).unwrap_or(0);
            let found = ALL.into_iter().filter(|exit| is_in(exit.code()));
            assert_eq!(Findings::default().with_any(found.clone()).exit().code(), expected, "{set:08b}");
            let one_by_one = found.fold(Findings::default(), |findings, exit| findings.with_if(true, exit));
            assert_eq!(one_by_one.with_if(false, Exit::Fault).exit().code(), expected, "{set:08b}");
        }
    }

    /// The endings of a run, and the exit code that each has on its own.
    fn endings() -> Vec<(Ending, u8)> {
        let wait = std::time::Duration::ZERO;
        let text = String::new;
        vec![
            (Ending::Finished, 0),
            (Ending::Interrupted, 4),
            (Ending::DeadlineReached { wait }, 4),
            (Ending::OutageTimedOut { wait, reason: text() }, 4),
            (Ending::CredentialRefused(text()), 6),
            (Ending::WrongTarget(text()), 5),
            (Ending::Unrecoverable(text()), 4),
            (Ending::NothingFound { looked: 20 }, 5),
        ]
    }

    /// Each finding of a run besides its endings, and the exit code that it has on its own.
    const FINDINGS: [(RunResult<'static>, u8); 10] = {
        let none = RunResult {
            endings: &[],
            open: 0,
            not_found: 0,
            failed: 0,
            unverified: 0,
            still_present: 0,
            is_none_seen: false,
            absent_ok: false,
            all_absent_ok: false,
            is_report_lost: false,
        };
        [
            (none, 0),
            (RunResult { open: 1, ..none }, 4),
            (RunResult { not_found: 1, ..none }, 3),
            (RunResult { not_found: 1, absent_ok: true, ..none }, 0),
            (RunResult { failed: 1, ..none }, 3),
            (RunResult { unverified: 1, ..none }, 3),
            (RunResult { still_present: 1, ..none }, 7),
            (RunResult { is_none_seen: true, not_found: 2, absent_ok: true, ..none }, 5),
            (RunResult { is_none_seen: true, not_found: 2, absent_ok: true, all_absent_ok: true, ..none }, 0),
            (RunResult { is_report_lost: true, ..none }, 4),
        ]
    };

    fn first_of(codes: &[u8]) -> u8 {
        [1, 2, 6, 5, 4, 7, 3].into_iter().find(|code| codes.contains(code)).unwrap_or(0)
    }

    #[test]
    fn a_run_has_the_first_exit_code_of_its_endings_and_findings() {
        for (ending, of_ending) in endings() {
            for (finding, of_finding) in &FINDINGS {
                let run = RunResult { endings: std::slice::from_ref(&ending), ..*finding };
                assert_eq!(of_run(&run).code(), first_of(&[of_ending, *of_finding]), "{run:?}");
            }
            for (other, of_other) in endings() {
                let both = [ending.clone(), other];
                let run = RunResult { endings: &both, ..RunResult::default() };
                assert_eq!(of_run(&run).code(), first_of(&[of_ending, of_other]), "{run:?}");
            }
        }
    }

    #[test]
    fn two_findings_of_a_run_have_the_exit_code_of_the_first() {
        for (one, of_one) in FINDINGS {
            for (other, of_other) in FINDINGS {
                let is_same_choice = one.absent_ok == other.absent_ok && one.all_absent_ok == other.all_absent_ok;
                if !is_same_choice {
                    continue;
                }
                let both = RunResult {
                    open: one.open + other.open,
                    not_found: one.not_found + other.not_found,
                    failed: one.failed + other.failed,
                    unverified: one.unverified + other.unverified,
                    still_present: one.still_present + other.still_present,
                    is_none_seen: one.is_none_seen || other.is_none_seen,
                    is_report_lost: one.is_report_lost || other.is_report_lost,
                    ..one
                };
                assert_eq!(of_run(&both).code(), first_of(&[of_one, of_other]), "{both:?}");
            }
        }
    }

    #[test]
    fn each_kind_of_error_has_its_exit_code() {
        for (kind, code) in [
            (ErrorKind::Forbidden, 6),
            (ErrorKind::Unauthenticated, 6),
            (ErrorKind::MissingScope, 6),
            (ErrorKind::WrongTarget, 5),
            (ErrorKind::ClockSkew, 5),
            (ErrorKind::InvalidInput, 2),
            (ErrorKind::Configuration, 2),
            (ErrorKind::Server, 4),
            (ErrorKind::Connect, 4),
            (ErrorKind::RateLimited, 4),
            (ErrorKind::UnexpectedResponse, 4),
        ] {
            let error = Error::builder(kind, "it failed").build();
            assert_eq!(of_error(&error).code(), code, "{kind:?}");
        }
        for (kind, code) in [
            (JobErrorKind::Exists, 2),
            (JobErrorKind::NotAJob, 2),
            (JobErrorKind::Changed, 5),
            (JobErrorKind::WrongTarget, 5),
            (JobErrorKind::Busy, 4),
            (JobErrorKind::Plan, 2),
            (JobErrorKind::Inaccessible, 2),
            (JobErrorKind::UnsafeLocation, 2),
            (JobErrorKind::Linked, 4),
            (JobErrorKind::Storage, 4),
            (JobErrorKind::Lost, 4),
            (JobErrorKind::TakenOver, 4),
        ] {
            assert_eq!(of_job_error(kind).code(), code, "{kind:?}");
        }
    }
}
