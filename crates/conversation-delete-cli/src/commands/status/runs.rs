//! The runs of a job.

use std::io::{self, Write};

use conversation_delete_job::{RunReport, Status};

use crate::report::{RunMember, visible};

/// How many runs people see. JSON has all of them.
const SHOWN: usize = 10;

pub(super) fn members(status: &Status) -> Vec<RunMember<'_>> {
    status.runs.iter().map(member).collect()
}

fn member(run: &RunReport) -> RunMember<'_> {
    RunMember {
        purpose: run.purpose.as_deref(),
        program: &run.program,
        started_at: &run.started_at,
        ended_at: run.ended_at.as_deref(),
        ending: run.ending.as_deref(),
    }
}

/// The latest runs, the oldest of them first.
pub(super) fn write(out: &mut impl Write, status: &Status) -> io::Result<()> {
    let earlier = status.runs.len().saturating_sub(SHOWN);
    if !status.runs.is_empty() {
        writeln!(out, "\nruns{}", if earlier > 0 { format!(" ({earlier} earlier)") } else { String::new() })?;
    }
    let unended = status.runs.iter().filter(|run| run.ended_at.is_none()).count();
    for run in status.runs.iter().skip(earlier) {
        let ending = match (&run.ending, &run.ended_at, &status.holder) {
            (Some(ending), ..) => distinct(&visible(ending)).replace('_', " "),
            (None, Some(_), _) => "stopped".to_owned(),
            (None, None, None) => "killed".to_owned(),
            (None, None, Some(_)) if unended == 1 => "running".to_owned(),
            // Of shards it is not known which of them is run.
            (None, None, Some(_)) => "running or killed".to_owned(),
        };
        let purpose = run.purpose.as_deref().map_or("run".to_owned(), visible);
        let (start, end) = (seconds(&run.started_at), run.ended_at.as_deref().map_or("…".to_owned(), seconds));
        writeln!(out, "  {purpose:<7} {start} to {end}  {ending}")?;
    }
    Ok(())
}

/// How the targets of a run ended, each way once.
fn distinct(endings: &str) -> String {
    let mut endings: Vec<&str> = endings.split(", ").collect();
    endings.sort_unstable();
    endings.dedup();
    endings.join(", ")
}

/// A time without the fraction of its second.
fn seconds(time: &str) -> String {
    let whole = time.split('.').next().unwrap_or_default().trim_end_matches('Z');
    format!("{}Z", visible(whole))
}
