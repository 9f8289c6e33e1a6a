//! A job that a `delete` without `--job` left. Once all its ids have their outcomes, it is reported and removed as by `delete`.

use std::io;

use conversation_delete_job::{Follower, Status};
use tokio::runtime::Runtime;

use crate::args::{RunArgs, VendorName};
use crate::commands::jobs::remove;
use crate::engine::conclusion::{Conclusion, Ended};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::job_file::JobState;
use crate::notice::MAX_NAMED;
use crate::report::{CHUNK, Context, Item, Output, Printer, Record};
use crate::state_dir;

/// Reports the end of a run. Nobody else runs the job.
pub(super) fn conclude(
    args: &RunArgs,
    conclusion: Conclusion<'_>,
    status: &Status,
    ended: &[Ended],
    runtime: &Runtime,
) -> Result<Exit, CommandError> {
    let [target] = &*status.targets else { return Ok(conclusion.report(status, ended)) };
    let vendor = VendorName::of(&target.target.vendor).filter(|_| state_dir::is_job_of_delete(&args.job));
    let Some(vendor) = vendor.filter(|_| JobState::of(status) == JobState::Finished) else {
        return Ok(conclusion.report(status, ended));
    };
    let context = Context::new(vendor.vendor(), target.target.mode, args.output);
    let context = context.for_ids(target.planned + status.refused);
    let (printed, still_present) = runtime.block_on(print_records(args, context))?;
    let conclusion = Conclusion { is_private: true, ..conclusion };
    let written = printed.and_then(|()| conclusion.write(status, ended));
    let exit = conclusion.conclude(status, ended, &written, &still_present);
    if written.is_ok() {
        remove(&args.job)?;
    }
    Ok(exit)
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
