//! One job of a sweep, run by the engine of `run`.

use std::path::Path;
use std::time::Instant;

use conversation_delete_job::{Status, TargetStatus};
use delete_core::RecordId;
use tokio::runtime::Runtime;

use super::common::Sweep;
use super::report::Shared;
use super::{evidence, holds};
use crate::args::{AbsentArgs, ColumnArgs, HoldArgs, ObserveArgs, ProfileArgs, RunArgs};
use crate::commands::run;
use crate::error::CommandError;
use crate::job_file::{JobState, quoted, read};
use crate::notice::notice;
use crate::report::Outcome;
use crate::settings::Settings;

impl Sweep<'_> {
    /// Runs a job, and reports it. Returns what it held if it is done, so that its file is gone.
    pub(super) fn run_job(
        &self,
        job: &Path,
        settings: &Settings,
        report: &Shared<'_>,
        runtime: &Runtime,
    ) -> Result<Option<Vec<RecordId>>, CommandError> {
        let args = self.run_args(job, &read(job)?, settings);
        // One bar cannot show several vendors.
        let has_no_bar = self.is_verbose || self.args.vendors.len() > 1;
        let ran = run::run_job(&args, has_no_bar, runtime).inspect_err(|_| {
            notice(&format!("the job is kept in {}: the next sweep goes on with it", quoted(job)));
        })?;
        let held = holds::of_job(job, settings.vendor)?;
        report.add(&ran, runtime)?;
        Ok(job.symlink_metadata().is_err().then_some(held))
    }

    fn run_args(&self, job: &Path, status: &Status, settings: &Settings) -> RunArgs {
        let args = self.args;
        let planned = status.targets.iter().map(|target| target.planned).sum();
        RunArgs {
            job: job.to_owned(),
            yes: true,
            hold: HoldArgs::default(),
            column: ColumnArgs::default(),
            retry_failed: has_failed(status),
            accept_credential: false,
            expect_hash: None,
            expect_count: Some(planned),
            speed: args.speed,
            deadline: self.deadline.map(|deadline| deadline.saturating_duration_since(Instant::now())),
            verify: args.verify,
            wait: args.wait,
            recheck_after: None,
            bundle: args.evidence.to_file(evidence::path(args, job).filter(|_| planned > 0)),
            absent: AbsentArgs::default(),
            output: args.output,
            travel: args.travel,
            shard: None,
            whole: None,
            profile: ProfileArgs::default(),
            observe: ObserveArgs::default(),
            // Whatever the profile that the job was planned with is called now, this sweep is for the same target.
            sweep: Some(settings.unread()),
        }
    }
}

/// Whether all of the job has its outcome, and some has failed: an earlier sweep kept it to find out what was deleted.
fn has_failed(status: &Status) -> bool {
    let has_failed = |target: &TargetStatus| target.outcomes.get(Outcome::Failed) > 0;
    JobState::of(status) == JobState::Finished && status.targets.iter().any(has_failed)
}
