//! The file of a job: opened, read, and named for people.

use std::path::Path;

use conversation_delete_job::{Job, JobLocation, RecordOutcome, Status, Verify};

use crate::error::CommandError;
use crate::exit::Exit;
use crate::notice::notice;
use crate::report::visible;

/// The program and its version, for the record in a job file.
pub(crate) const PROGRAM: &str = concat!("conversation-delete ", env!("CARGO_PKG_VERSION"));

/// What may be done with a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum JobState {
    Running,
    /// No run has begun to delete.
    Planned,
    /// Ids are left, and no process runs it.
    Stopped,
    /// Every id has its outcome.
    Finished,
    /// Its plan was not completed.
    Unplanned,
    /// The file is not a job that this program can read.
    Unreadable,
}

impl JobState {
    pub(crate) fn of(status: &Status) -> Self {
        let sum = |outcome| status.targets.iter().map(|target| target.outcomes.get(outcome)).sum::<u64>();
        let planned: u64 = status.targets.iter().map(|target| target.planned).sum();
        let in_doubt: u64 = status.targets.iter().map(|target| target.in_doubt).sum();
        match sum(RecordOutcome::NotAttempted) {
            _ if status.holder.is_some() => Self::Running,
            _ if status.plan_hash.is_none() => Self::Unplanned,
            0 => Self::Finished,
            open if open == planned && in_doubt == 0 && !status.has_begun => Self::Planned,
            _ => Self::Stopped,
        }
    }

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Planned => "planned",
            Self::Stopped => "stopped",
            Self::Finished => "finished",
            Self::Unplanned => "unplanned",
            Self::Unreadable => "unreadable",
        }
    }
}

/// Opens a job that is to be run.
pub(crate) fn open(location: impl Into<JobLocation>) -> Result<Job, CommandError> {
    let location = location.into();
    location.path().map_or(Ok(()), check_is_file)?;
    let job = Job::open(&location)?;
    warn_of(&job)?;
    Ok(job)
}

/// Says what to know of a job before it is run.
pub(crate) fn warn_of(job: &Job) -> Result<(), CommandError> {
    if let Some(path) = job.location().path() {
        warn_of_network(path);
    }
    if job.has_lost_outcomes()? {
        notice(
            "warning: outcomes of earlier runs were lost with the job's log (-wal), which did not lie beside the file: every \
             record without an outcome is in doubt, and may be deleted. Holds that `run --hold` reported to be in the log \
             alone may be lost too: add them again with --hold",
        );
    }
    Ok(())
}

/// SQLite's locks and its log need a local disk.
pub(crate) fn warn_of_network(path: &Path) {
    if let Some(kind) = conversation_delete_job::network_file_system(path) {
        notice(&format!(
            "warning: {} is on a network file system ({kind}), where a job may be damaged or run twice: move it to a local disk",
            shown(path)
        ));
    }
}

/// How far a job is after it was run.
pub(crate) fn read_after_run(location: impl Into<JobLocation>) -> Result<Status, CommandError> {
    read(location).map_err(|error| CommandError {
        exit: Exit::Stopped,
        advice: "; the run itself came to its end",
        ..error
    })
}

/// How far a job is. A plan that was never finished is not a job.
pub(crate) fn read(location: impl Into<JobLocation>) -> Result<Status, CommandError> {
    let location = location.into();
    location.path().map_or(Ok(()), check_is_file)?;
    let status = Status::read(&location)?;
    match (&status.plan_hash, location.path()) {
        (None, Some(path)) => {
            Err(CommandError::usage(format!("the plan in {} was never finished: make a new one", shown(path))))
        }
        _ => Ok(status),
    }
}

/// A folder is one of shards, or refused when it is opened.
pub(crate) fn check_is_file(path: &Path) -> Result<(), CommandError> {
    if path.is_file() || path.is_dir() {
        Ok(())
    } else {
        Err(CommandError::usage(format!("there is no file {}", shown(path))))
    }
}

/// The command that runs the rest of a job, and proves it as its last run was to.
pub(crate) fn resume_command(path: &Path, verify: Verify) -> String {
    let flag = match verify {
        Verify::Lookup => " --verify",
        Verify::List => " --verify=list",
        _ => "",
    };
    format!("conversation-delete run {}{flag}", quoted(path))
}

/// A path as a shell takes it; one that no shell could is shown as well as it can be.
pub(crate) fn quoted(path: &Path) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+,:@%=".contains(c);
    match path.to_str() {
        Some(text) if text.chars().all(is_plain) => text.to_owned(),
        Some(text) if visible(text) == text => format!("'{}'", text.replace('\'', r"'\''")),
        _ => shown(path),
    }
}

pub(crate) fn shown(path: &Path) -> String {
    visible(&path.to_string_lossy())
}
