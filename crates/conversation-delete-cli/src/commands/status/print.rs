//! Prints the status of a job, as text or JSON.

use std::io::{self, Write};

use conversation_delete_job::{MeasuredSkew, Status};

use super::members::job_line;
use super::runs;
use crate::args::StatusArgs;
use crate::engine::conclusion::{Counts, write_table};
use crate::exit::Exit;
use crate::job_file::{JobState, resume_command, shown};
use crate::notice::notice;
use crate::report::{Format, visible, write_json_line};
use crate::stream;

/// Writes all of it after `prefix`.
pub(super) fn print(args: &StatusArgs, status: &Status, prefix: &[u8]) -> Result<(), Exit> {
    let mut lines = prefix.to_vec();
    let written = match args.output {
        Format::Json => write_json_line(&mut lines, &job_line(&args.job, status)),
        Format::Text => write_text(&mut lines, args, status),
    };
    missing(status);
    printed(written.and_then(|()| stream::write_stdout(&lines)))
}

pub(super) fn missing(status: &Status) {
    if status.outcomes_may_be_missing {
        notice(MISSING);
    }
}

pub(super) fn printed(written: io::Result<()>) -> Result<(), Exit> {
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

fn direction(skew: &MeasuredSkew) -> &'static str {
    if skew.ahead_ms > 0 { "ahead of" } else { "behind" }
}
