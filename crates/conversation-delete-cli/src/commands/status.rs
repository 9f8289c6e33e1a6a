//! The command `status`: how far a job is, also while it runs.

mod exit;
mod runs;
mod watch;

use std::io::{self, Write};
use std::path::Path;

use conversation_delete_job::{AcceptedCredential, MeasuredSkew, Status, TargetStatus};
use tokio::runtime::Runtime;

use crate::args::StatusArgs;
use crate::engine::conclusion::{Counts, write_table};
use crate::error::{CommandError, exit_of};
use crate::exit::{Exit, Findings};
use crate::job_file::{JobState, read, resume_command, shown};
use crate::notice::notice;
use crate::report::{AcceptedMember, Format, JobLine, JobTarget, SkewMember, visible, write_json_line};
use crate::stream;

/// Carries out the command.
pub(crate) fn execute(args: &StatusArgs, runtime: &Runtime) -> Exit {
    exit_of(tell(args, runtime))
}

fn tell(args: &StatusArgs, runtime: &Runtime) -> Result<Exit, CommandError> {
    let (status, written) = match args.watch {
        Some(interval) => runtime.block_on(watch::watch(args, interval))?,
        None => {
            let status = read(&args.job)?;
            let written = print(args, &status, b"");
            (status, written)
        }
    };
    let found = Findings::default()
        .with_any(written.err())
        .with_if(status.outcomes_may_be_missing, Exit::Incomplete)
        .with_if(args.exit_code, exit::of_status(&status, args.absent));
    Ok(found.exit())
}

/// Writes all of it after `prefix`.
fn print(args: &StatusArgs, status: &Status, prefix: &[u8]) -> Result<(), Exit> {
    let mut lines = prefix.to_vec();
    let written = match args.output {
        Format::Json => write_json_line(&mut lines, &job_line(&args.job, status)),
        Format::Text => write_text(&mut lines, args, status),
    };
    missing(status);
    printed(written.and_then(|()| stream::write_stdout(&lines)))
}

fn missing(status: &Status) {
    if status.outcomes_may_be_missing {
        notice(MISSING);
    }
}

fn printed(written: io::Result<()>) -> Result<(), Exit> {
    written.map_err(|error| {
        notice(&format!("error: stdout cannot be written to: {error}"));
        Exit::Stopped
    })
}

/// What to know of a job whose latest outcomes are in a log that is not there.
pub(crate) const MISSING: &str = "warning: outcomes may be missing: the job's log (-wal), which has the latest ones, is not beside the file, or was not when \
     the job was last run. The numbers of outcomes are the least that there are, and every record without one is in doubt. Holds that `run \
     --hold` reported to be in the log alone may be missing too: add them again with --hold. Put \
     the log beside the file, or run the job, which finds out";

pub(crate) fn job_line<'a>(path: &Path, status: &'a Status) -> JobLine<'a> {
    JobLine {
        job: path.to_string_lossy().into_owned(),
        state: JobState::of(status).as_str(),
        hash: status.plan_hash.as_deref(),
        planned_at: status.planned_at.as_deref(),
        since: status.since.as_deref(),
        until: status.until.as_deref(),
        holder: status.holder.as_deref(),
        outcomes_may_be_missing: status.outcomes_may_be_missing,
        refused: status.refused,
        targets: job_targets(status),
        runs: runs::members(status),
    }
}

/// The targets of a job, with what was planned and how far each is.
pub(crate) fn job_targets(status: &Status) -> Vec<JobTarget<'_>> {
    status.targets.iter().map(|target| job_target(target, status.outcomes_may_be_missing)).collect()
}

fn job_target(status: &TargetStatus, outcomes_may_be_missing: bool) -> JobTarget<'_> {
    let target = &status.target;
    let mut counts = Counts::of(status).members();
    if outcomes_may_be_missing {
        // It is not known of a record in doubt that it was not attempted.
        counts.not_attempted = counts.not_attempted.saturating_sub(status.in_doubt);
    }
    JobTarget {
        vendor: &target.vendor,
        origin: &target.origin,
        base_url: target.base_url.as_deref(),
        auth_url: target.auth_url.as_deref(),
        place: target.place.as_deref(),
        credential: &target.credential,
        accepted_credentials: status.accepted.iter().map(accepted).collect(),
        clock_skew: status.clock_skew.as_ref().map(skew),
        mode: target.mode.map(|mode| mode.as_str()),
        options: &target.options,
        planned: status.planned,
        counts,
        in_doubt: status.in_doubt,
    }
}

fn accepted(accepted: &AcceptedCredential) -> AcceptedMember<'_> {
    AcceptedMember { credential: &accepted.credential, accepted_at: &accepted.accepted_at }
}

fn skew(skew: &MeasuredSkew) -> SkewMember<'_> {
    SkewMember { ahead_ms: skew.ahead_ms, measured_at: &skew.measured_at }
}

fn direction(skew: &MeasuredSkew) -> &'static str {
    if skew.ahead_ms > 0 { "ahead of" } else { "behind" }
}

fn write_text(out: &mut impl Write, args: &StatusArgs, status: &Status) -> io::Result<()> {
    let holder = match &status.holder {
        Some(holder) => format!("run by {}", visible(holder)),
        None => "it is not running".to_owned(),
    };
    writeln!(out, "{}: {holder}", shown(&args.job))?;
    writeln!(out, "planned at {}", status.planned_at.as_deref().map_or("?".to_owned(), visible))?;
    writeln!(out, "hash {}", status.plan_hash.as_deref().map_or("?".to_owned(), visible))?;
    for (word, time) in [("since", &status.since), ("until", &status.until)] {
        if let Some(time) = time {
            writeln!(out, "planned {word} {}", visible(time))?;
        }
    }
    let doubt: u64 = status.targets.iter().map(|target| target.in_doubt).sum();
    if status.outcomes_may_be_missing {
        writeln!(out, "outcomes may be missing: {doubt} in doubt, counted as failed; the other numbers are the least")?;
    } else if doubt > 0 {
        writeln!(out, "{doubt} in doubt, counted as failed: may be deleted, which `run` finds out")?;
    }
    for target in &status.targets {
        let has_looks = target.lookups.absent + target.lookups.present + target.lookups.unknown > 0;
        write_table(out, target, &Counts::of(target), has_looks)?;
        if let Some(skew) = target.clock_skew.as_ref().filter(|skew| skew.ahead_ms != 0) {
            let (seconds, direction) = (skew.ahead_ms.unsigned_abs().div_ceil(1000), direction(skew));
            writeln!(
                out,
                "this computer's clock was {seconds} s {direction} the vendor's at {}",
                visible(&skew.measured_at)
            )?;
        }
        for accepted in &target.accepted {
            let (credential, accepted_at) = (visible(&accepted.credential), visible(&accepted.accepted_at));
            writeln!(out, "credential {credential} accepted at {accepted_at}")?;
        }
    }
    if status.refused > 0 {
        writeln!(out, "\nrefused when planned: {}", status.refused)?;
    }
    runs::write(out, status)?;
    if JobState::of(status) == JobState::Stopped {
        writeln!(out, "\nresume with: {}", resume_command(&args.job, status.verify))?;
    }
    Ok(())
}
