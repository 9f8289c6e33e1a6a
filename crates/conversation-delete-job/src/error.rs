use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use rusqlite::ErrorCode;

use crate::status::Status;
use crate::store::Store;

/// Why a job cannot be used, or can no longer be used. Nothing that was reported is lost.
#[derive(Debug, thiserror::Error)]
#[error("{message}{}", .source.as_ref().map(|source| format!(": {source}")).unwrap_or_default())]
pub struct JobError {
    kind: JobErrorKind,
    message: String,
    #[source]
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
    has_begun: bool,
    last: Option<Box<Last>>,
}

/// What a run knew when it lost its file.
#[derive(Debug)]
struct Last {
    status: Status,
    store: Mutex<Option<Store>>,
}

/// The kind of a [`JobError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JobErrorKind {
    /// There is a file of this name already, or one that is not a lock has the name of the job's lock: nothing is written over
    /// another file.
    Exists,
    /// The file is not a job, or one of another format, or its plan was never finished.
    NotAJob,
    /// The plan in the file is not the one that was made: it was changed afterwards.
    Changed,
    /// A lane does not belong to a planned target: another address, credential, vendor, or no target of this job.
    WrongTarget,
    /// Another process runs this job; the message names it.
    Busy,
    /// A folder of shards has no shard of this number, or is to be run as a whole: its shards are run one by one.
    NoShard,
    /// The plan cannot be made: a target occurs twice, its URL is not valid, or it has too many shards.
    Plan,
    /// The file cannot be opened or made where it is: no permission, a read-only file system, no such folder. Nothing was
    /// sent.
    Inaccessible,
    /// The file must not be run where it is, because its latest outcomes could be lost: it is a mount point of its own.
    /// Nothing was sent.
    UnsafeLocation,
    /// The file has several names (hard links): a run by each of them would write a log of its own. Nothing was sent.
    Linked,
    /// The file could not be read or written: no space, a broken disk. A run sends nothing more, and waits for what is in
    /// flight. What is in the file is true; a request whose outcome is not in it is resolved by the next run.
    Storage,
    /// The file or its lock was removed, moved or replaced while the job was run. The run sent nothing more, and waited for
    /// what was in flight: [`JobError::status`] has what it knew at its end.
    Lost,
    /// Another process began to run this job, although the lock was held: the lock file was removed, or is not shared with
    /// that process. This run sent nothing more, and waited for what was in flight: see [`JobError::status`].
    TakenOver,
}

impl JobError {
    pub(crate) fn new(kind: JobErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), source: None, has_begun: false, last: None }
    }

    pub(crate) fn at(path: &Path, error: io::Error) -> Self {
        let kind = match error.kind() {
            io::ErrorKind::AlreadyExists => JobErrorKind::Exists,
            io::ErrorKind::PermissionDenied
            | io::ErrorKind::ReadOnlyFilesystem
            | io::ErrorKind::NotFound
            | io::ErrorKind::NotADirectory => JobErrorKind::Inaccessible,
            _ => JobErrorKind::Storage,
        };
        Self { source: Some(Box::new(error)), ..Self::new(kind, format!("the job file {}", path.display())) }
    }

    /// The same, of a run that had begun to send.
    pub(crate) fn after_begin(self) -> Self {
        let kind = match self.kind {
            JobErrorKind::Inaccessible => JobErrorKind::Storage,
            kind => kind,
        };
        Self { kind, has_begun: true, ..self }
    }

    /// The same, with what is known of a job whose file is lost.
    pub(crate) fn with_last(self, status: Status, store: Store) -> Self {
        Self { last: Some(Box::new(Last { status, store: Mutex::new(Some(store)) })), ..self }
    }

    /// The file as the run had it open, once.
    pub(crate) fn take_store(&self) -> Option<Store> {
        self.last.as_ref()?.store.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Whether requests may have been sent before this error. If not, the vendor knows nothing of this run.
    pub fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// What the run knew at its end, if its file is lost or was taken over: what was in flight is included.
    pub fn status(&self) -> Option<&Status> {
        self.last.as_ref().map(|last| &last.status)
    }

    /// Returns the kind of failure.
    pub fn kind(&self) -> JobErrorKind {
        self.kind
    }
}

impl From<rusqlite::Error> for JobError {
    fn from(error: rusqlite::Error) -> Self {
        let kind = match error.sqlite_error_code() {
            Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => {
                JobErrorKind::Inaccessible
            }
            _ => JobErrorKind::Storage,
        };
        let message = match cause(&error) {
            Some((cause, code)) => format!("the job file could not be read or written: {cause} (SQLite error {code})"),
            None => "the job file could not be read or written".to_owned(),
        };
        Self { source: Some(Box::new(error)), ..Self::new(kind, message) }
    }
}

/// What is behind an error of SQLite, and its extended code.
fn cause(error: &rusqlite::Error) -> Option<(&'static str, i32)> {
    let failure = error.sqlite_error()?;
    let cause = match (failure.code, failure.extended_code) {
        (ErrorCode::DiskFull, _) => "no space is left, or a quota is used up",
        (ErrorCode::ReadOnly, _) => "it, or its folder, cannot be written to",
        (ErrorCode::PermissionDenied, _) => "access is not permitted",
        (ErrorCode::CannotOpen, _) => {
            "it, or a file beside it (-wal, -shm or -journal), cannot be opened or made: check the permissions of its folder, \
             and whether there is space"
        }
        (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _) => "another process is using it",
        (ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase, _) => "its content is damaged",
        // SQLITE_IOERR_SHMOPEN, _SHMSIZE, _SHMLOCK and _SHMMAP.
        (ErrorCode::SystemIoFailure, 4618 | 4874 | 5130 | 5386) => {
            "the shared memory beside it (-shm) cannot be made or used: check the space, and that it is on a local disk"
        }
        // SQLITE_IOERR_WRITE, _FSYNC, _DIR_FSYNC and _TRUNCATE.
        (ErrorCode::SystemIoFailure, 778 | 1034 | 1290 | 1546) => {
            "the disk does not take it: check the space, the limits of the process (ulimit -f) and the disk"
        }
        (ErrorCode::SystemIoFailure, _) => "the disk or the file system failed",
        _ => return None,
    };
    Some((cause, failure.extended_code))
}
