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

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
