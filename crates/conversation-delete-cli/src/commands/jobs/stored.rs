//! The jobs in the state directory.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use std::{fs, io};

use conversation_delete_job::{Status, remove_orphaned_lock};

use crate::commands::status::job_line;
use crate::error::CommandError;
use crate::job_file::{JobState, shown};
use crate::report::{JobLine, Outcome};
use crate::state_dir;

/// A file in the state directory.
pub(super) struct StoredJob {
    pub(super) path: PathBuf,
    /// `None` if it cannot be read.
    status: Option<Status>,
    /// Since it was last changed.
    pub(super) age: Duration,
}

impl StoredJob {
    fn read(path: PathBuf) -> Self {
        let changed = fs::metadata(&path).and_then(|metadata| metadata.modified()).ok();
        let age = changed.and_then(|time| SystemTime::now().duration_since(time).ok()).unwrap_or_default();
        let status = Status::read(&path).ok();
        Self { path, status, age }
    }

    pub(super) fn state(&self) -> JobState {
        self.status.as_ref().map_or(JobState::Unreadable, JobState::of)
    }

    /// How many of its ids have this outcome.
    pub(super) fn count(&self, outcome: Outcome) -> u64 {
        let targets = self.status.iter().flat_map(|status| &status.targets);
        targets.map(|target| target.outcomes.get(outcome)).sum()
    }

    pub(super) fn line(&self) -> JobLine<'_> {
        match &self.status {
            Some(status) => job_line(&self.path, status),
            None => JobLine {
                job: self.path.to_string_lossy().into_owned(),
                state: JobState::Unreadable.as_str(),
                hash: None,
                planned_at: None,
                since: None,
                until: None,
                holder: None,
                outcomes_may_be_missing: false,
                refused: 0,
                targets: Vec::new(),
                runs: Vec::new(),
            },
        }
    }
}

/// The jobs in the state directory, by their names. A folder that does not exist holds none. Removes the locks that were left
/// of jobs that are not there any more.
pub(super) fn jobs() -> Result<Vec<StoredJob>, CommandError> {
    let Some(folder) = state_dir::path() else { return Ok(Vec::new()) };
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(&folder, &error)),
    };
    let paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>();
    let mut paths = paths.map_err(|error| unreadable(&folder, &error))?;
    paths.iter().filter(|path| path.extension().is_some_and(|end| end == "lock")).for_each(|lock| {
        // One that cannot be removed is in nobody's way.
        let _ = remove_orphaned_lock(&lock.with_extension(""));
    });
    paths.retain(|path| path.extension().is_some_and(|end| end == "job") && path.is_file());
    paths.sort();
    Ok(paths.into_iter().map(StoredJob::read).collect())
}

fn unreadable(folder: &Path, error: &io::Error) -> CommandError {
    CommandError::usage(format!("the state directory {} cannot be read: {error}", shown(folder)))
}
