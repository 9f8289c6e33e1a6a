//! A job that a `delete` without `--job` left. Once all its ids have their outcomes, it is reported and removed as by `delete`.

use std::io;

use conversation_delete_job::{Follower, Status, export_refused};
use tokio::runtime::Runtime;

use crate::args::{RunArgs, VendorName};
use crate::commands::jobs::remove;
use crate::engine::conclusion::{Conclusion, Ended};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::job_file::JobState;
use crate::notice::MAX_NAMED;
use crate::report::{Context, Item, Output, Printer, Record};
use crate::state_dir;

/// How many records are read from the file at once.
const CHUNK: usize = 1024;

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
    let ids = usize::try_from(target.planned + status.refused).unwrap_or(usize::MAX);
    let (printed, still_present) = runtime.block_on(print_records(args, context.for_ids(ids)))?;
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
    let sent = send_records(args, &mut follower, &output).await;
    let printed = printer.end(output).await;
    Ok((printed, sent?))
}

async fn send_records(args: &RunArgs, follower: &mut Follower, output: &Output) -> Result<Vec<String>, CommandError> {
    let mut still_present = Vec::new();
    loop {
        let reports = follower.rest(CHUNK)?;
        if reports.is_empty() {
            break;
        }
        for record in reports.into_iter().map(Record::stored) {
            if record.is_still_present() && still_present.len() < MAX_NAMED {
                still_present.push(record.id.clone());
            }
            output.send(Item::Record(Box::new(record))).await;
        }
    }
    let mut refused = Vec::new();
    export_refused(&args.job, |entry| {
        refused.push(Record::stored_refused(entry));
        true
    })?;
    for record in refused {
        output.send(Item::Record(Box::new(record))).await;
    }
    Ok(still_present)
}
