//! Jobs in the memory of this process, where no file can be written.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use rusqlite::{Connection, OpenFlags};

use crate::error::{JobError, JobErrorKind};

/// Where a job is kept.
#[derive(Clone, Debug)]
pub enum JobLocation {
    /// In a file.
    File(PathBuf),
    /// In the memory of this process. Such a job is like one in a file, but it ends with the process.
    Memory(MemoryJob),
    /// In a [folder of shards](crate::ShardFolder), which is read as one job, and run shard by shard.
    Folder(PathBuf),
}

impl JobLocation {
    /// Returns the path of the job file or of the folder of shards, if there is one.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::File(path) | Self::Folder(path) => Some(path),
            Self::Memory(_) => None,
        }
    }
}

/// What only one job file can do.
pub(crate) fn not_one_file(path: &Path) -> JobError {
    let message = format!("{} is a folder of shards, which are run one by one", path.display());
    JobError::new(JobErrorKind::NoShard, message)
}

impl From<&JobLocation> for JobLocation {
    fn from(location: &JobLocation) -> Self {
        location.clone()
    }
}

/// A path that leads to a folder is one of shards.
impl From<PathBuf> for JobLocation {
    fn from(path: PathBuf) -> Self {
        if path.is_dir() { Self::Folder(path) } else { Self::File(path) }
    }
}

impl From<&PathBuf> for JobLocation {
    fn from(path: &PathBuf) -> Self {
        path.clone().into()
    }
}

impl From<&Path> for JobLocation {
    fn from(path: &Path) -> Self {
        path.to_owned().into()
    }
}

/// A job in memory, which is kept until the last clone of this is dropped.
#[derive(Clone)]
pub struct MemoryJob(Arc<Inner>);

struct Inner {
    number: u64,
    is_run: AtomicBool,
    /// SQLite drops the database with its last connection.
    _connection: Mutex<Connection>,
}

impl MemoryJob {
    /// Makes an empty database.
    pub(crate) fn create() -> Result<Self, JobError> {
        static NUMBER: AtomicU64 = AtomicU64::new(1);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Ok(Self(Arc::new(Inner { number, is_run: AtomicBool::new(false), _connection: Mutex::new(connect(number)?) })))
    }

    pub(crate) fn connect(&self) -> Result<Connection, JobError> {
        connect(self.0.number)
    }

    pub(crate) fn is_run(&self) -> bool {
        self.0.is_run.load(Ordering::SeqCst)
    }
}

/// Connections of one process share a database of this kind by its name, which begins with a slash.
fn connect(number: u64) -> Result<Connection, JobError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_URI
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let name = format!("file:/conversation-delete-job-{number}?vfs=memdb");
    Ok(Connection::open_with_flags(name, flags)?)
}

impl fmt::Debug for MemoryJob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MemoryJob").field(&self.0.number).finish()
    }
}

/// Held by the one run of a job in memory.
#[derive(Debug)]
pub(crate) struct MemoryLock(MemoryJob);

impl MemoryLock {
    pub(crate) fn take(job: &MemoryJob) -> Result<Self, JobError> {
        if job.0.is_run.swap(true, Ordering::SeqCst) {
            return Err(JobError::new(JobErrorKind::Busy, "the job is being run by this process already"));
        }
        Ok(Self(job.clone()))
    }
}

impl Drop for MemoryLock {
    fn drop(&mut self) {
        self.0.0.is_run.store(false, Ordering::SeqCst);
    }
}
