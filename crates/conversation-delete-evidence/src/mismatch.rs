//! What is wrong with a bundle or a proof.

use std::io;

/// Why a bundle or a proof does not verify.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// It is not what it claims to be.
    #[error("{0}")]
    Mismatch(Mismatch),
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Read(#[source] io::Error),
}

/// What differs, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Mismatch {
    /// The file of the bundle, or `the ZIP file`, `the proof` or `the record`.
    pub file: String,
    /// The line in it, from 1.
    pub line: Option<u64>,
    /// What differs.
    pub what: String,
}

impl std::fmt::Display for Mismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}, line {line}: {}", self.file, self.what),
            None => write!(f, "{}: {}", self.file, self.what),
        }
    }
}

pub(crate) fn mismatch(file: &str, line: Option<u64>, what: impl Into<String>) -> VerifyError {
    VerifyError::Mismatch(Mismatch { file: file.to_owned(), line, what: what.into() })
}

/// What is not as a ZIP file should be is a finding; what cannot be read is not.
pub(crate) fn damaged(name: &str, error: io::Error) -> VerifyError {
    match error.kind() {
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => mismatch(name, None, format!("{error}")),
        io::ErrorKind::UnexpectedEof => mismatch(name, None, "it ends too early"),
        _ => VerifyError::Read(error),
    }
}

/// Fails if `found` is not what is expected.
pub(crate) fn equal<T: PartialEq + std::fmt::Display>(
    name: &str,
    what: &str,
    found: &T,
    expected: &(impl PartialEq<T> + std::fmt::Display + ?Sized),
) -> Result<(), VerifyError> {
    if expected == found {
        return Ok(());
    }
    Err(mismatch(name, None, format!("{what} is {found}, not {expected}")))
}
