//! One release at a time in one workspace: two would upload the same and sweep away each other's folders.

use std::fs::{self, File};

use fs4::{FileExt, TryLockError};

use crate::Result;
use crate::workspace::{Dependencies, Workspace};

/// Held by a run. The system gives it free however the run ends.
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    pub(super) fn take(workspace: &Workspace) -> Result<Self> {
        let folder = workspace.metadata(Dependencies::LeftOut)?.target_directory.join("xtask");
        fs::create_dir_all(&folder).map_err(|error| format!("{folder}: {error}"))?;
        let path = folder.join("lock");
        let file = File::create(&path).map_err(|error| format!("{path}: {error}"))?;
        match FileExt::try_lock(&file) {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => {
                Err("another release, rehearsal or verification is in progress in this workspace: wait for its end"
                    .into())
            }
            Err(TryLockError::Error(error)) => Err(format!("{path}: {error}").into()),
        }
    }
}
