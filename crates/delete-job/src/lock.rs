//! One process at a time runs a job.

use std::fs::{File, OpenOptions};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use delete_core::{text, timestamp};

use crate::error::{JobError, JobErrorKind};

/// Held as long as it lives; a process that dies lets it go. It lies in a file beside the job, which says who holds it.
#[derive(Debug)]
pub(crate) struct Lock(#[expect(dead_code, reason = "the lock is on the open file")] File);

impl Lock {
    pub(crate) fn take(job: &Path) -> Result<Self, JobError> {
        let path = beside(job);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        private(&mut options);
        let mut file = options.open(&path).map_err(|error| JobError::at(&path, error))?;
        if !try_lock(&file).map_err(|error| JobError::at(&path, error))? {
            let holder = read_holder(&mut file);
            return Err(JobError::new(JobErrorKind::Busy, format!("the job is being run by {holder}")));
        }
        let holder = format!("process {} since {}\n", std::process::id(), timestamp::format(SystemTime::now()));
        let written = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(holder.as_bytes()));
        written.map_err(|error| JobError::at(&path, error))?;
        Ok(Self(file))
    }
}

/// Who runs a job now.
pub(crate) fn holder(job: &Path) -> Option<String> {
    let mut file = File::open(beside(job)).ok()?;
    // Nobody holds it if it can be had.
    let is_held = !try_lock(&file).ok()?;
    is_held.then(|| read_holder(&mut file))
}

fn read_holder(file: &mut File) -> String {
    let mut holder = String::new();
    // Who it is cannot always be told.
    let _ = file.read_to_string(&mut holder);
    text::shown(holder.trim(), 200)
}

fn beside(job: &Path) -> PathBuf {
    let mut path = job.as_os_str().to_owned();
    path.push(".lock");
    path.into()
}

/// For the eyes of its owner alone: ids can be told from it.
pub(crate) fn private(options: &mut OpenOptions) {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    #[cfg(not(unix))]
    let _ = options;
}

fn try_lock(file: &File) -> std::io::Result<bool> {
    fs4::FileExt::try_lock(file).map(|()| true).or_else(|error| match error {
        fs4::TryLockError::WouldBlock => Ok(false),
        fs4::TryLockError::Error(error) => Err(error),
    })
}
