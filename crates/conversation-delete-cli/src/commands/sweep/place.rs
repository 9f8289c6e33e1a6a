//! Where the job of a sweep is: one place for each target, so that a sweep finds what an earlier one left.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::thread::sleep;
use std::time::{Duration, SystemTime};

use conversation_delete_job::Target;
use delete_core::timestamp;

use crate::error::CommandError;
use crate::exit::Exit;
use crate::job_file::shown;
use crate::own_file::{FileId, remove_own};
use crate::plan::target::fingerprint;
use crate::report::visible;
use crate::state_dir::{self, NoFolder};
use crate::unfinished::sync_folder;

/// `jobs list` takes a lock for a moment, to find out whether it was left behind.
const GLANCES: u32 = 20;
const GLANCE: Duration = Duration::from_millis(5);

/// The job file of a target, which is locked against other sweeps as long as this lives.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) job: PathBuf,
    /// Where the job is until its plan is complete.
    pub(super) plan: PathBuf,
    lock: PathBuf,
    id: FileId,
    // The lock is on the open file.
    _file: File,
}

/// The folder of the jobs.
pub(super) fn folder() -> Result<PathBuf, CommandError> {
    state_dir::make().map_err(|error| match error {
        NoFolder::Unsafe(message) => CommandError::usage(message),
        NoFolder::Unwritable(error) => CommandError::usage(format!(
            "a sweep keeps its job in the state directory, which cannot be made: {error}; {} names another one",
            state_dir::VARIABLE
        )),
    })
}

/// The job file of this target. What decides is where the records are and whose credential deletes them, not how.
pub(super) fn job_path(folder: &Path, target: &Target) -> PathBuf {
    let parts = [
        Some(target.vendor.clone()),
        target.base_url.clone(),
        target.auth_url.clone(),
        target.place.clone(),
        Some(target.credential.clone()),
    ];
    let hash = fingerprint(&parts.map(Option::unwrap_or_default));
    folder.join(format!("{}{}-{hash}.job", state_dir::SWEEP, target.vendor))
}

impl Place {
    /// Locks the target.
    ///
    /// # Errors
    /// Exit code 4 if another sweep has the lock.
    pub(super) fn take(folder: &Path, target: &Target) -> Result<Self, CommandError> {
        let job = job_path(folder, target);
        let [lock, plan] = ["lock", "plan"].map(|end| job.with_extension(end));
        let unusable = |error| unusable(&lock, &error);
        for _ in 0..GLANCES {
            let mut file = open(&lock).map_err(unusable)?;
            let is_locked = match fs4::FileExt::try_lock(&file) {
                Ok(()) => true,
                Err(fs4::TryLockError::WouldBlock) => false,
                Err(fs4::TryLockError::Error(error)) => return Err(unusable(error)),
            };
            let id = FileId::of(&file.metadata().map_err(unusable)?);
            // The holder before may have removed the file that was opened here.
            if is_locked && FileId::at(&lock) == Some(id) {
                write_holder(&mut file).map_err(unusable)?;
                return Ok(Self { job, plan, lock, id, _file: file });
            }
            sleep(GLANCE);
        }
        Err(busy(&lock, target))
    }

    /// Removes half a plan, which a sweep that was killed left: whoever wrote it had the lock.
    pub(super) fn remove_plan(&self) -> Result<(), CommandError> {
        match std::fs::remove_file(&self.plan) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unusable(&self.plan, &error)),
            _ => Ok(()),
        }
    }

    /// Gives a plan that is complete the name of the job.
    pub(super) fn adopt_plan(&self) -> Result<(), CommandError> {
        let renamed = std::fs::rename(&self.plan, &self.job).and_then(|()| sync_folder(&self.job));
        renamed.map_err(|error| unusable(&self.job, &error))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        remove_own(&self.lock, self.id);
    }
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Writes who has the lock, in the words of the locks of jobs.
fn write_holder(file: &mut File) -> io::Result<()> {
    file.set_len(0)?;
    writeln!(file, "process {} since {}", std::process::id(), timestamp::format(SystemTime::now()))
}

fn unusable(path: &Path, error: &io::Error) -> CommandError {
    CommandError::new(Exit::Stopped, format!("{} cannot be used: {error}; nothing was sent", shown(path)))
}

fn busy(lock: &Path, target: &Target) -> CommandError {
    let mut holder = String::new();
    // Who it is, is only for people.
    let _ = File::open(lock).and_then(|file| file.take(200).read_to_string(&mut holder));
    let holder = if holder.trim().is_empty() { "another process" } else { holder.trim() };
    let message = format!("{}: this target is being swept by {}: nothing was sent", target.vendor, visible(holder));
    CommandError::new(Exit::Stopped, message)
}
