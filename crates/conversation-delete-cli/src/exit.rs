//! The exit codes, which scripts rely on.

use std::process::ExitCode;

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
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
