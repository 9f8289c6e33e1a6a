//! One process at a time runs a job.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use delete_core::{text, timestamp};

use crate::error::{JobError, JobErrorKind};
use crate::memory::{JobLocation, MemoryLock, not_one_file};
use crate::open_file::{FileId, OpenFile, file_id};

/// A process that only asks who holds the lock takes it briefly. A run retries for `GLANCE`, every `PAUSE`.
const GLANCE: Duration = Duration::from_millis(100);
const PAUSE: Duration = Duration::from_millis(5);

/// What a lock file begins with, unless it is empty.
const WORD: &str = "process ";

/// The most that a lock file holds.
const LENGTH: u64 = 200;

/// Held as long as it lives.
#[derive(Debug)]
pub(crate) enum Lock {
    File(FileLock),
    Memory { _held: MemoryLock },
}

impl Lock {
    pub(crate) fn take(job: impl Into<JobLocation>) -> Result<Self, JobError> {
        match job.into() {
            JobLocation::File(path) => FileLock::take(&path).map(Self::File),
            JobLocation::Memory(job) => MemoryLock::take(&job).map(|_held| Self::Memory { _held }),
            JobLocation::Folder(path) => Err(not_one_file(&path)),
        }
    }

    /// Makes sure that the job and its lock are the files that they were: what is written goes to them, and nobody else can
    /// have the lock.
    pub(crate) fn check(&self) -> Result<(), JobError> {
        match self {
            Self::File(lock) => lock.check(),
            Self::Memory { .. } => Ok(()),
        }
    }

    /// Whether the job's name still leads to its file.
    pub(crate) fn has_job(&self) -> bool {
        match self {
            Self::File(lock) => lock.has_job(),
            Self::Memory { .. } => true,
        }
    }
}

/// A lock that a dying process releases. It is on a file beside the job, which names its holder, and on the job file itself, so
/// that removing the lock file lets no second run in.
#[derive(Debug)]
pub(crate) struct FileLock {
    path: PathBuf,
    id: FileId,
    job_path: PathBuf,
    job: OpenFile,
    // The lock is on the open file.
    _file: File,
}

impl FileLock {
    fn take(job: &Path) -> Result<Self, JobError> {
        let at = |error| JobError::at(job, error);
        let path = beside(job).map_err(at)?;
        let job_path = job.canonicalize().map_err(at)?;
        let taken = Self::take_file(&path).map_err(|error| JobError::at(&path, error))?;
        let file = taken.map_err(|held| refusal(&path, held))?;
        let job = OpenFile::register(&job_path).map_err(at)?;
        let id = file_id(&path).map_err(|error| JobError::at(&path, error))?;
        if !try_lock_for(GLANCE, || job.try_lock()).map_err(at)? {
            return Err(refusal(&path, Held::By("another process, whose lock file was removed".to_owned())));
        }
        Ok(Self { path, id, job_path, job, _file: file })
    }

    /// The error is a file that somebody else holds, or that is another's.
    fn take_file(path: &Path) -> io::Result<Result<File, Held>> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        private(&mut options);
        lasting(&mut options);
        if path.is_dir() {
            return Ok(Err(Held::ForSomethingElse));
        }
        let mut file = options.open(path)?;
        if !try_lock_for(GLANCE, || try_lock(&file))? {
            return Ok(Err(Held::By(read_holder(&mut file))));
        }
        if read(&mut file)?.is_none() {
            return Ok(Err(Held::ForSomethingElse));
        }
        let holder = format!("{WORD}{} since {}\n", std::process::id(), timestamp::format(SystemTime::now()));
        file.set_len(0)?;
        file.rewind()?;
        file.write_all(holder.as_bytes())?;
        Ok(Ok(file))
    }

    fn check(&self) -> Result<(), JobError> {
        let lost = |path: &Path, what: &str| {
            let message = format!("{what}{} was removed, moved or replaced while the job was run", path.display());
            Err(JobError::new(JobErrorKind::Lost, message))
        };
        if !self.has_job() {
            return lost(&self.job_path, "the job file ");
        }
        match file_id(&self.path) {
            Ok(id) if id == self.id => Ok(()),
            _ => lost(&self.path, "the job's lock "),
        }
    }

    fn has_job(&self) -> bool {
        self.job.is_at(&self.job_path)
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        self.job.unlock();
    }
}

/// Why a lock cannot be had.
enum Held {
    By(String),
    /// The file of this name is not a lock.
    ForSomethingElse,
}

fn refusal(path: &Path, held: Held) -> JobError {
    match held {
        Held::By(holder) => {
            let message = format!("the job is being run by {holder}: wait for its end, or stop it, and run it then");
            JobError::new(JobErrorKind::Busy, message)
        }
        Held::ForSomethingElse => {
            let message = format!("{} has the name of the job's lock, but is not one: move it away", path.display());
            JobError::new(JobErrorKind::Exists, message)
        }
    }
}

/// Makes sure that nothing has a name that a new job needs: its own, that of its lock, those of SQLite's files. A lock that
/// an earlier job of this name left is fine.
pub(crate) fn check_names(job: &Path) -> Result<(), JobError> {
    let beside = |end: &str| {
        let mut path = job.as_os_str().to_owned();
        path.push(end);
        PathBuf::from(path)
    };
    let exists = |path: &Path| JobError::at(path, io::ErrorKind::AlreadyExists.into());
    for path in ["", "-journal", "-wal", "-shm"].map(beside) {
        if path.symlink_metadata().is_ok() {
            return Err(exists(&path));
        }
    }
    let lock = beside(".lock");
    match lock.symlink_metadata() {
        Err(_) => Ok(()),
        Ok(metadata) if metadata.is_file() && is_lock(&lock) => Ok(()),
        Ok(_) => Err(refusal(&lock, Held::ForSomethingElse)),
    }
}

/// Removes the lock of a job that does not exist any more, as a process leaves it that is killed while it removes both. A
/// lock that somebody holds stays, and so does a file that is not a lock. Returns whether it was removed.
///
/// # Errors
/// When the file cannot be read or removed.
pub fn remove_orphaned_lock(job: &Path) -> io::Result<bool> {
    let mut path = job.as_os_str().to_owned();
    path.push(".lock");
    let mut file = match OpenOptions::new().read(true).write(true).open(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        opened => opened?,
    };
    // A run makes its job before it takes the lock.
    let is_orphaned = try_lock(&file)? && read(&mut file)?.is_some() && job.symlink_metadata().is_err();
    if is_orphaned {
        std::fs::remove_file(&path)?;
    }
    Ok(is_orphaned)
}

fn is_lock(path: &Path) -> bool {
    File::open(path).and_then(|mut file| read(&mut file)).is_ok_and(|text| text.is_some())
}

/// Who runs a job now.
pub(crate) fn holder(job: &JobLocation) -> Option<String> {
    match job {
        JobLocation::File(path) => file_holder(path),
        JobLocation::Memory(job) => job.is_run().then(|| "this process".to_owned()),
        JobLocation::Folder(_) => None,
    }
}

pub(crate) fn file_holder(job: &Path) -> Option<String> {
    let mut file = File::open(beside(job).ok()?).ok()?;
    // A run takes the lock alone. Those that only ask share it, and do not take each other for a run.
    let is_held = !is_had(fs4::FileExt::try_lock_shared(&file)).ok()?;
    is_held.then(|| read_holder(&mut file))
}

/// The holder is not always known.
fn read_holder(file: &mut File) -> String {
    let holder = read(file).ok().flatten().unwrap_or_default();
    match holder.trim() {
        "" => "another process".to_owned(),
        holder => text::sanitize(holder, 200),
    }
}

/// The content of a lock file; `None` if it is something else.
fn read(file: &mut File) -> io::Result<Option<String>> {
    let mut bytes = Vec::new();
    file.take(LENGTH + 1).read_to_end(&mut bytes)?;
    let text = String::from_utf8(bytes).ok().filter(|text| text.len() as u64 <= LENGTH);
    Ok(text.filter(|text| text.is_empty() || text.starts_with(WORD)))
}

/// By whatever way the job is named, it has one lock.
fn beside(job: &Path) -> io::Result<PathBuf> {
    let mut path = job.canonicalize()?.into_os_string();
    path.push(".lock");
    Ok(path.into())
}

/// Only its owner may read the file, because it holds ids.
pub(crate) fn private(options: &mut OpenOptions) {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    #[cfg(not(unix))]
    let _ = options;
}

/// Windows would let others remove the file while it is open.
fn lasting(options: &mut OpenOptions) {
    #[cfg(windows)]
    std::os::windows::fs::OpenOptionsExt::share_mode(options, 0x1 | 0x2);
    #[cfg(not(windows))]
    let _ = options;
}

fn try_lock_for(time: Duration, try_once: impl Fn() -> io::Result<bool>) -> io::Result<bool> {
    let end = Instant::now() + time;
    loop {
        match try_once()? {
            false if Instant::now() < end => sleep(PAUSE),
            is_locked => return Ok(is_locked),
        }
    }
}

pub(crate) fn try_lock(file: &File) -> io::Result<bool> {
    is_had(fs4::FileExt::try_lock(file))
}

/// Whether a lock was granted.
pub(crate) fn is_had(tried: Result<(), fs4::TryLockError>) -> io::Result<bool> {
    tried.map(|()| true).or_else(|error| match error {
        fs4::TryLockError::WouldBlock => Ok(false),
        fs4::TryLockError::Error(error) => Err(error),
    })
}

#[cfg(test)]
mod tests;
