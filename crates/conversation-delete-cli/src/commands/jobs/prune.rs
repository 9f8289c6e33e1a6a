//! The command `jobs prune`.

use std::ffi::OsString;
use std::fs;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::time::Duration;

use conversation_delete_job::{Job, JobErrorKind};

use super::stored::{StoredJob, jobs};
use crate::args::JobsPruneArgs;
use crate::confirm;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::job_file::{JobState, shown};
use crate::notice::notice;
use crate::report::{Outcome, count};
use crate::stream;

/// A plan that is still being written was changed within this time.
const PLANNING: Duration = Duration::from_secs(3600);

pub(super) fn prune(args: &JobsPruneArgs) -> Result<Exit, CommandError> {
    let jobs: Vec<StoredJob> = jobs()?.into_iter().filter(|job| is_old(job, args.older_than)).collect();
    if jobs.is_empty() {
        notice("there is no job to remove");
        return Ok(Exit::Success);
    }
    confirm(args, &jobs)?;
    for job in &jobs {
        if remove(&job.path)? {
            let line = format!("removed {}\n", shown(&job.path));
            stream::write_stdout(line.as_bytes())
                .map_err(|error| CommandError::new(Exit::Stopped, format!("stdout cannot be written to: {error}")))?;
        } else {
            notice(&format!("kept: {} is running", shown(&job.path)));
        }
    }
    Ok(Exit::Success)
}

/// Whether a job may go. What is not a job is left alone.
fn is_old(job: &StoredJob, limit: Duration) -> bool {
    match job.state() {
        JobState::Running | JobState::Unreadable => false,
        JobState::Unplanned => job.age >= limit.max(PLANNING),
        JobState::Planned | JobState::Stopped | JobState::Finished => job.age >= limit,
    }
}

fn confirm(args: &JobsPruneArgs, jobs: &[StoredJob]) -> Result<(), CommandError> {
    if args.yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() {
        return Err(CommandError::usage("stdin is not a terminal, so no question can be asked: add --yes"));
    }
    let detail = |job: &StoredJob| {
        let open = count(job.count(Outcome::NotAttempted), "id");
        format!("{} ({}, {open} to go)", shown(&job.path), job.state().as_str())
    };
    let heading = format!("About to remove {}:", count(jobs.len() as u64, "job"));
    let mut lines = vec![heading];
    lines.extend(jobs.iter().map(|job| format!("  {}", detail(job))));
    lines.push("This cannot be undone.".to_owned());
    match confirm::is_confirmed(&lines) {
        true => Ok(()),
        false => Err(CommandError::new(Exit::Unsafe, "not confirmed: nothing was removed")),
    }
}

/// Removes a job with its lock and SQLite's files. Returns false if somebody runs it by now.
pub(crate) fn remove(path: &Path) -> Result<bool, CommandError> {
    // While it is open here, nobody else runs it. A plan that was never completed cannot be run.
    let job = match Job::open(path) {
        Err(error) if error.kind() == JobErrorKind::Busy => return Ok(false),
        opened => opened.ok(),
    };
    for end in ["", "-wal", "-shm", "-journal", ".lock"] {
        let mut name = OsString::from(path);
        name.push(end);
        match fs::remove_file(&name) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(CommandError::usage(format!("{} cannot be removed: {error}", shown(Path::new(&name)))));
            }
            _ => {}
        }
    }
    drop(job);
    Ok(true)
}
