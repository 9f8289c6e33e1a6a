//! `run --hold`: keeps records that were planned, also while another process runs the job.

use std::path::Path;

use conversation_delete_job::{HoldReport, Job, JobErrorKind, LateHolds};

use crate::args::{ColumnArgs, HoldArgs, RunArgs, VendorName};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::job_file::{check_is_file, warn_of};
use crate::notice::{MAX_NAMED, notice, notice_ids};
use crate::plan::holds::{self, Matching, Unmatched};
use crate::report::{count, visible};

/// Writes the holds into the job and reports what they found, and then opens the job to run it.
pub(super) fn open(args: &RunArgs) -> Result<(Job, Option<HoldReport>), CommandError> {
    check_is_file(&args.job)?;
    let held = hold(args)?;
    let job = Job::open(&args.job).map_err(|error| match error.kind() {
        JobErrorKind::Busy if held.is_some() => CommandError {
            exit: Exit::Stopped,
            advice: "; the holds are in force: that run checks them before each request that it sends from now on",
            ..error.into()
        },
        _ => error.into(),
    })?;
    warn_of(&job)?;
    Ok((job, held))
}

/// Writes the holds into the job, and reports what they found; `None` if there is no `--hold`.
pub(super) fn hold(args: &RunArgs) -> Result<Option<HoldReport>, CommandError> {
    if args.hold.files.is_empty() {
        return Ok(None);
    }
    if args.hold.stdin_count() > 1 {
        return Err(CommandError::usage("stdin (`-`) can be read once; nothing was held"));
    }
    let report = commit(&args.job, &args.hold, &args.column, &[], MAX_NAMED)?;
    let unmatched = Unmatched::of_job(&args.hold, &report.unmatched);
    unmatched.check(&args.hold, Matching::Job)?;
    Ok(Some(report))
}

/// Writes the holds into a job and prints what they found, naming at most `limit`. They may also be ids of `others`.
pub(crate) fn commit(
    job: &Path,
    args: &HoldArgs,
    column: &ColumnArgs,
    others: &[VendorName],
    limit: usize,
) -> Result<HoldReport, CommandError> {
    let mut late = LateHolds::open(job)?;
    let vendors: Vec<VendorName> = late
        .targets()
        .iter()
        .filter_map(|(_, target)| VendorName::of(&target.vendor))
        .chain(others.iter().copied())
        .collect();
    holds::read(args, column, &vendors, |ids, place| late.add(ids, place))?;
    let report = late.commit(limit)?;
    print(&report);
    Ok(report)
}

fn print(report: &HoldReport) {
    notice(&format!("held: {} of the job, which no run deletes from now on", count(report.held, "record")));
    if report.is_only_in_log {
        notice(
            "warning: the holds are in force, and so far in the job's log (-wal) alone: another process kept them from being \
             written into the job file. Run this command again: until then they are lost if that log is lost",
        );
    }
    if report.elsewhere > 0 {
        notice(&format!("{} of other shards, where they have no effect yet", count(report.elsewhere, "hold")));
    }
    if report.deleted > 0 {
        let named: Vec<String> = report
            .first_deleted
            .iter()
            .map(|record| {
                format!("{} ({} {})", visible(&record.id), record.outcome.as_str(), visible(&record.settled_at))
            })
            .collect();
        let heading = format!("warning: {} deleted before the hold came:", count(report.deleted, "record"));
        notice_ids(&heading, &named, report.deleted);
    }
    if report.in_doubt > 0 {
        notice(&format!(
            "warning: {} may be deleted: a request is in flight, or its response proves nothing; `export` shows which, and \
             `verify` looks them up",
            count(report.in_doubt, "held record")
        ));
    }
    if report.not_found > 0 {
        notice(&format!("{} not found when a run tried to delete them", count(report.not_found, "held record")));
    }
    if report.failed > 0 {
        let records = count(report.failed, "held record");
        notice(&format!("{records} failed to be deleted before, and will not be tried again"));
    }
}
