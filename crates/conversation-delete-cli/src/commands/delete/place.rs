//! Where the job of a `delete` is, and which of its files this process made.

use std::path::{Path, PathBuf};

use conversation_delete_job::{JobLocation, Status};

use crate::own_file::{FileId, remove_own};

/// Where the job of a `delete` is.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) location: JobLocation,
    /// Its files; `None` in memory.
    files: Option<OwnFiles>,
}

impl Place {
    pub(super) fn in_memory(location: JobLocation) -> Self {
        Self { location, files: None }
    }

    /// A file that this process has just planned. `had_lock` says whether a lock of its name was there before.
    pub(super) fn planned(path: &Path, had_lock: bool) -> Self {
        let files = FileId::at(path).map(|id| OwnFiles { path: path.to_owned(), id, had_lock });
        Self { location: path.into(), files }
    }

    /// Removes the job with its lock, and nothing that another process made, unless somebody runs it.
    pub(super) fn remove(&self) {
        let Some(files) = &self.files else { return };
        let is_run = Status::read(&self.location).is_ok_and(|status| status.holder.is_some());
        if !is_run && FileId::at(&files.path) == Some(files.id) {
            files.remove();
        }
    }
}

/// Returns the path of the lock of a job.
pub(super) fn lock_of(job: &Path) -> PathBuf {
    let mut lock = job.as_os_str().to_owned();
    lock.push(".lock");
    lock.into()
}

#[derive(Clone, Debug)]
struct OwnFiles {
    path: PathBuf,
    id: FileId,
    had_lock: bool,
}

impl OwnFiles {
    fn remove(&self) {
        remove_own(&self.path, self.id);
        let lock = lock_of(&self.path);
        let Some(id) = FileId::at(&lock).filter(|_| !self.had_lock) else { return };
        // A lock says which process took it.
        let own = format!("process {} since ", std::process::id());
        if std::fs::read_to_string(&lock).is_ok_and(|text| text.starts_with(&own)) {
            remove_own(&lock, id);
        }
    }
}
