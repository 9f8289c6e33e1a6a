//! `plan --shards`: a folder of job files instead of one.

use std::path::{Path, PathBuf};

use conversation_delete_job::ShardPlan;

use crate::error::CommandError;
use crate::signals::{DraftGuard, undisturbed};

/// A folder of shards that is being planned. If it is dropped before its end, nothing stays.
pub(crate) struct ShardDraft {
    plan: ShardPlan,
    shards: u16,
    /// Until the folder is complete, a signal removes it.
    _guard: DraftGuard,
}

impl ShardDraft {
    pub(crate) fn begin(out: &Path, shards: u16) -> Result<Self, CommandError> {
        let create = || ShardPlan::create(out).map_err(CommandError::from);
        let (plan, guard) = DraftGuard::around_named(create, |plan| plan.unfinished().to_owned())?;
        Ok(Self { plan, shards, _guard: guard })
    }

    /// Where the plan is to be written before it is split.
    pub(crate) fn plan_path(&self) -> PathBuf {
        self.plan.plan_path()
    }

    pub(crate) fn finish(self) -> Result<(), CommandError> {
        undisturbed(|| self.plan.split(self.shards))?;
        self.plan.finish()?;
        Ok(())
    }
}
