//! The exit codes, which scripts rely on.

use std::process::ExitCode;

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

    /// How the program ends where `error` keeps it from reading the list of records. What forbids that is about the
    /// credential, and not about one record.
    pub(crate) fn after(error: &Error) -> Self {
        match error.kind() {
            ErrorKind::Forbidden => Self::CredentialRefused,
            _ if error.is_credential_refused() => Self::CredentialRefused,
            ErrorKind::WrongTarget | ErrorKind::ClockSkew => Self::Unsafe,
            ErrorKind::InvalidInput | ErrorKind::Configuration => Self::Usage,
            _ => Self::Stopped,
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
}
