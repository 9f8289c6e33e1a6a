//! `run --hold`: keeps records that were planned, also while another process runs the job.

use std::path::Path;

use delete_job::{HoldReport, Job, JobErrorKind, LateHolds};

use crate::cli::{RunArgs, VendorName};
use crate::job::plan::holds;
use crate::job::{Trouble, check_is_file};
use crate::progress::{notice, notice_ids};
use crate::report::{count, visible};

/// How many ids of each kind are named.
const NAMED: usize = 20;

/// Writes the holds into the job and reports what they found, and then opens the job to run it.
pub(super) fn open(args: &RunArgs) -> Result<(Job, Option<HoldReport>), Trouble> {
    check_is_file(&args.job)?;
    let held = hold(args)?;
    let job = Job::open(&args.job).map_err(|error| match error.kind() {
        JobErrorKind::Busy if held.is_some() => {
            Trouble { advice: "; it checks the holds before each request that it sends from now on", ..error.into() }
        }
        _ => error.into(),
    })?;
    Ok((job, held))
}

/// `None` if there is no `--hold`.
fn hold(args: &RunArgs) -> Result<Option<HoldReport>, Trouble> {
    if args.hold.is_empty() {
        return Ok(None);
    }
    let report = commit(&args.job, args)?;
    print(&report);
    Ok(Some(report))
}

fn commit(path: &Path, args: &RunArgs) -> Result<HoldReport, Trouble> {
    let mut late = LateHolds::open(path)?;
    let vendors: Vec<VendorName> =
        late.targets().iter().filter_map(|(_, target)| VendorName::of(&target.vendor)).collect();
    for id in holds::read(&args.hold, &args.column, &vendors).map_err(Trouble::usage)? {
        late.add(std::slice::from_ref(&id), delete_job::HoldPlace::default())?;
    }
    Ok(late.commit(NAMED)?)
}

fn print(report: &HoldReport) {
    notice(&format!("held: {} of the job, which no run deletes from now on", count(report.held, "record")));
    if report.deleted > 0 {
        let named: Vec<String> = report
            .first_deleted
            .iter()
            .map(|record| {
                format!("{} ({} {})", visible(&record.id), visible(&record.outcome), visible(&record.settled_at))
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
