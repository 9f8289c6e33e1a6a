//! The files that `delete` as a job makes, and takes away if nothing was begun.

use std::path::{Path, PathBuf};

use crate::job_file::read;
use crate::own_file::{FileId, remove_own};

/// The files of a job that this process makes.
#[derive(Clone, Debug)]
pub(super) struct OwnFiles {
    pub(super) path: PathBuf,
    /// `None` before it is planned.
    id: Option<FileId>,
    lock: PathBuf,
    /// Whether a lock of this name was there before.
    had_lock: bool,
}

impl OwnFiles {
    pub(super) fn new(path: &Path) -> Self {
        let mut lock = path.as_os_str().to_owned();
        lock.push(".lock");
        let lock = PathBuf::from(lock);
        let had_lock = lock.symlink_metadata().is_ok();
        Self { path: path.to_owned(), id: None, lock, had_lock }
    }

    pub(super) fn are_planned(&mut self) {
        self.id = FileId::at(&self.path);
    }

    /// Takes away a job that nobody has begun, with its lock, and nothing that another process made.
    pub(super) fn remove(&self) {
        let Some(id) = self.id.filter(|id| FileId::at(&self.path) == Some(*id)) else { return };
        if read(&self.path).is_ok_and(|status| status.holder.is_some()) {
            return;
        }
        remove_own(&self.path, id);
        let Some(id) = FileId::at(&self.lock).filter(|_| !self.had_lock) else { return };
        // A lock says which process took it.
        let own = format!("process {} since ", std::process::id());
        if std::fs::read_to_string(&self.lock).is_ok_and(|text| text.starts_with(&own)) {
            remove_own(&self.lock, id);
        }
    }
}
