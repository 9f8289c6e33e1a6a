//! One process at a time runs a job.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use delete_core::{text, timestamp};

use crate::error::{JobError, JobErrorKind};

/// Who only looks who holds a lock has it for a moment. It is tried again for so long, and so often.
const GLANCE: Duration = Duration::from_millis(100);
const PAUSE: Duration = Duration::from_millis(5);

/// What a lock file begins with, unless it is empty.
const WORD: &str = "process ";

/// The most that a lock file holds.
const LENGTH: u64 = 200;

/// Held as long as it lives; a process that dies lets it go. It lies in a file beside the job, which says who holds it.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "the lock is on the open file")] File);

impl Lock {
    pub(crate) fn take(job: &Path) -> Result<Self, JobError> {
        let path = beside(job).map_err(|error| JobError::at(job, error))?;
        Self::take_file(&path).map_err(|error| JobError::at(&path, error))?.map_err(|file| refusal(&path, file))
    }

    /// The error is a file that somebody else holds, or that is another's.
    fn take_file(path: &Path) -> io::Result<Result<Self, Held>> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        private(&mut options);
        let mut file = options.open(path)?;
        if !try_lock_for(GLANCE, &file)? {
            return Ok(Err(Held::By(read_holder(&mut file))));
        }
        if read(&mut file)?.is_none() {
            return Ok(Err(Held::ForSomethingElse));
        }
        let holder = format!("{WORD}{} since {}\n", std::process::id(), timestamp::format(SystemTime::now()));
        file.set_len(0)?;
        file.rewind()?;
        file.write_all(holder.as_bytes())?;
        Ok(Ok(Self(file)))
    }
}

/// Why a lock cannot be had.
enum Held {
    By(String),
    /// The file of this name is no lock.
    ForSomethingElse,
}

fn refusal(path: &Path, held: Held) -> JobError {
    match held {
        Held::By(holder) => {
            let message = format!("the job is being run by {holder}: wait for its end, or stop it, and run it then");
            JobError::new(JobErrorKind::Busy, message)
        }
        Held::ForSomethingElse => {
            let message = format!("{} has the name of the job's lock, and is none: move it away", path.display());
            JobError::new(JobErrorKind::Exists, message)
        }
    }
}

/// Who runs a job now.
pub(crate) fn holder(job: &Path) -> Option<String> {
    let mut file = File::open(beside(job).ok()?).ok()?;
    // Nobody holds it if it can be had.
    let is_held = !try_lock(&file).ok()?;
    is_held.then(|| read_holder(&mut file))
}

/// Who it is cannot always be told.
fn read_holder(file: &mut File) -> String {
    let holder = read(file).ok().flatten().unwrap_or_default();
    match holder.trim() {
        "" => "another process".to_owned(),
        holder => text::shown(holder, 200),
    }
}

/// What stands in a lock file; `None` where it is something else.
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

/// For the eyes of its owner alone: ids can be told from it.
pub(crate) fn private(options: &mut OpenOptions) {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    #[cfg(not(unix))]
    let _ = options;
}

fn try_lock_for(time: Duration, file: &File) -> io::Result<bool> {
    let end = Instant::now() + time;
    loop {
        match try_lock(file)? {
            false if Instant::now() < end => sleep(PAUSE),
            is_locked => return Ok(is_locked),
        }
    }
}

fn try_lock(file: &File) -> io::Result<bool> {
    fs4::FileExt::try_lock(file).map(|()| true).or_else(|error| match error {
        fs4::TryLockError::WouldBlock => Ok(false),
        fs4::TryLockError::Error(error) => Err(error),
    })
}

#[cfg(test)]
mod tests;
