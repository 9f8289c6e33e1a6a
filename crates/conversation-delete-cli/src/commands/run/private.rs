//! A job that a `sweep`, or a `delete` without `--job`, left. Once all its ids have their outcomes, it is reported and removed as by `delete`.

use std::io;

use conversation_delete_job::{Follower, Milestone, Status};
use tokio::runtime::Runtime;

use super::single::{Ran, conclusion};
use crate::args::{RunArgs, VendorName};
use crate::bundle;
use crate::commands::jobs::remove;
use crate::engine::conclusion::Conclusion;
use crate::engine::reporter::{Reported, Reporter};
use crate::error::CommandError;
use crate::exit::{Exit, Findings};
use crate::job_file::JobState;
use crate::notice::notice;
use crate::report::{Context, Printer};
use crate::state_dir;

impl Ran<'_> {
    /// Reports the end of a run, and writes the evidence. Nobody else runs the job.
    pub(crate) fn conclude(&self, runtime: &Runtime) -> Result<Exit, CommandError> {
        let Self { args, status, ended, .. } = self;
        let conclusion = conclusion(args, self.verify, self.held.as_ref());
        let write_evidence = || bundle::write_after_run(self.bundle.as_ref(), &(&args.job).into(), status);
        let Some(context) = context(args, status) else {
            let exit = conclusion.report(status, ended);
            return Ok(Findings::from(exit).with_any(write_evidence().err()).exit());
        };
        let milestone = if self.verify.is_some() { Milestone::Verification } else { Milestone::Outcome };
        let (printed, reported) = runtime.block_on(print_records(args, context, milestone))?;
        let conclusion = Conclusion { is_private: true, ..conclusion };
        let written = printed.and_then(|()| conclusion.write(status, ended));
        let exit = conclusion.conclude(status, ended, &written, &reported.present);
        let evidence = write_evidence();
        // The list of the next sweep would not show what this one deleted without knowing it.
        let is_kept = args.sweep.is_some() && !args.retry_failed && reported.is_in_doubt;
        if is_kept {
            notice("some records may have been deleted: the job is kept, and the next sweep finds out");
        } else if written.is_ok() && evidence.is_ok() {
            remove(&args.job)?;
        }
        Ok(Findings::from(exit).with_any(evidence.err()).exit())
    }
}

/// How the records of a job that `delete` left are reported, once all of them have their outcomes.
fn context(args: &RunArgs, status: &Status) -> Option<Context> {
    let [target] = &*status.targets else { return None };
    let vendor = VendorName::of(&target.target.vendor)?;
    let is_over = state_dir::is_private_job(&args.job) && JobState::of(status) == JobState::Finished;
    let context = || Context::new(vendor.vendor(), target.target.mode, args.output);
    is_over.then(|| context().for_ids(target.planned + status.refused))
}

/// Prints each record. Returns whether stdout took them, and what they were.
async fn print_records(
    args: &RunArgs,
    context: Context,
    milestone: Milestone,
) -> Result<(io::Result<()>, Reported), CommandError> {
    let follower = Follower::open(&args.job)?;
    let (output, printer) = Printer::start(context);
    let reported = Reporter::new(follower, &output, milestone).report_rest().await;
    let printed = printer.end(output).await;
    Ok((printed, reported?))
}
