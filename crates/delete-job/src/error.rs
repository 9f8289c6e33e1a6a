use std::fmt;
use std::io;
use std::path::Path;

/// Why a job file cannot be used, or not any more. Nothing that was reported is lost. Unless a run could not write to the
/// file ([`JobErrorKind::Storage`]), nothing was sent.
#[derive(Debug)]
pub struct JobError {
    kind: JobErrorKind,
    message: String,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// What sort of failure a [`JobError`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JobErrorKind {
    /// There is a file of this name already, or one that is no lock has the name of the job's: nothing is written over
    /// another file.
    Exists,
    /// The file is no job, or one of another format, or its plan was never finished.
    NotAJob,
    /// The plan in the file is not the one that was made: it was changed afterwards.
    Changed,
    /// A lane does not belong to a planned target: another address, credential, vendor, or no target of this job.
    WrongTarget,
    /// Another process runs this job; the message says which.
    Busy,
    /// The plan cannot be made: a target occurs twice.
    Plan,
    /// The file could not be read or written: no space, no permission, a broken disk. A run stops at once; what is in the
    /// file is true, and what was under way is found out by the next run.
    Storage,
}

impl JobError {
    pub(crate) fn new(kind: JobErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), source: None }
    }

    pub(crate) fn at(path: &Path, error: io::Error) -> Self {
        let kind = match error.kind() {
            io::ErrorKind::AlreadyExists => JobErrorKind::Exists,
            _ => JobErrorKind::Storage,
        };
        Self { kind, message: format!("the job file {}", path.display()), source: Some(Box::new(error)) }
    }

    /// What sort of failure it is.
    pub fn kind(&self) -> JobErrorKind {
        self.kind
    }
}

impl fmt::Display for JobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.source {
            Some(source) => write!(f, "{}: {source}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for JobError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

impl From<rusqlite::Error> for JobError {
    fn from(error: rusqlite::Error) -> Self {
        Self {
            kind: JobErrorKind::Storage,
            message: "the job file could not be read or written".to_owned(),
            source: Some(Box::new(error)),
        }
    }
}
