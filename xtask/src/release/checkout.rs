//! One commit, checked out beside the tree that somebody works in.

use std::fs;
use std::path::PathBuf;

use xshell::{Shell, cmd};

use crate::Result;
use crate::workspace::{Dependencies, Workspace};

pub(super) struct Checkout {
    shell: Shell,
    folder: PathBuf,
    workspace: Workspace,
}

impl Checkout {
    /// Checks the commit out. What a killed run left is swept away first.
    pub(super) fn new(workspace: &Workspace, commit: &str) -> Result<Self> {
        let target = workspace.metadata(Dependencies::LeftOut)?.target_directory;
        let folder: PathBuf = target.join("xtask").join("checkout").into();
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        let shell = workspace.shell()?;
        cmd!(shell, "git worktree prune").quiet().run()?;
        cmd!(shell, "git worktree add --quiet --force --detach {folder} {commit}").quiet().run()?;
        let workspace = Workspace::at(&folder).with_target(target.as_std_path());
        Ok(Self { shell, folder, workspace })
    }

    pub(super) fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    pub(super) fn remove(self) -> Result<()> {
        let Self { shell, folder, .. } = self;
        Ok(cmd!(shell, "git worktree remove --force {folder}").quiet().run()?)
    }
}
