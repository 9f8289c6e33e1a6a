//! A job that a `delete` without `--job` left. Once all its ids have their outcomes, it is reported and removed as by `delete`.

use std::io;

use conversation_delete_job::{Follower, Status};
use tokio::runtime::Runtime;

use crate::args::{RunArgs, VendorName};
use crate::bundle::{self, Bundle};
use crate::commands::jobs::remove;
use crate::engine::conclusion::{Conclusion, Ended};
use crate::error::CommandError;
use crate::exit::{Exit, Findings};
use crate::job_file::JobState;
use crate::notice::MAX_NAMED;
use crate::report::{CHUNK, Context, Item, Output, Printer, Record};
use crate::state_dir;

/// Reports the end of a run, and writes the evidence. Nobody else runs the job.
pub(super) fn conclude(
    args: &RunArgs,
    conclusion: Conclusion<'_>,
    status: &Status,
    ended: &[Ended],
    bundle: Option<&Bundle>,
    runtime: &Runtime,
) -> Result<Exit, CommandError> {
    let write_evidence = || bundle::write_after_run(bundle, &(&args.job).into(), status);
    let Some(context) = context(args, status) else {
        let exit = conclusion.report(status, ended);
        return Ok(Findings::from(exit).with_any(write_evidence().err()).exit());
    };
    let (printed, still_present) = runtime.block_on(print_records(args, context))?;
    let conclusion = Conclusion { is_private: true, ..conclusion };
    let written = printed.and_then(|()| conclusion.write(status, ended));
    let exit = conclusion.conclude(status, ended, &written, &still_present);
    let evidence = write_evidence();
    if written.is_ok() && evidence.is_ok() {
        remove(&args.job)?;
    }
    Ok(Findings::from(exit).with_any(evidence.err()).exit())
}

/// How the records of a job that `delete` left are reported, once all of them have their outcomes.
fn context(args: &RunArgs, status: &Status) -> Option<Context> {
    let [target] = &*status.targets else { return None };
    let vendor = VendorName::of(&target.target.vendor)?;
    let is_over = state_dir::is_job_of_delete(&args.job) && JobState::of(status) == JobState::Finished;
    let context = || Context::new(vendor.vendor(), target.target.mode, args.output);
    is_over.then(|| context().for_ids(target.planned + status.refused))
}

/// Prints each record. Returns whether stdout took them, and the first that are still present.
async fn print_records(args: &RunArgs, context: Context) -> Result<(io::Result<()>, Vec<String>), CommandError> {
    let mut follower = Follower::open(&args.job)?;
    let (output, printer) = Printer::start(context);
    let sent = send_records(&mut follower, &output).await;
    let printed = printer.end(output).await;
    Ok((printed, sent?))
}

async fn send_records(follower: &mut Follower, output: &Output) -> Result<Vec<String>, CommandError> {
    let mut still_present = Vec::new();
    loop {
        let entries = follower.rest(CHUNK)?;
        if entries.is_empty() {
            return Ok(still_present);
        }
        for record in entries.into_iter().map(Record::of_entry) {
            if record.is_still_present() && still_present.len() < MAX_NAMED {
                still_present.push(record.id.clone());
            }
            output.send(Item::Record(Box::new(record))).await;
        }
    }
}
