//! The summary of a plan.

use std::io::{self, Write};
use std::path::Path;

use conversation_delete_job::{Plan, TargetStatus};

use crate::commands::status::job_targets;
use crate::error::CommandError;
use crate::exit::{Exit, Findings};
use crate::job_file::{quoted, read, shown};
use crate::notice::notice;
use crate::plan::heading::heading;
use crate::report::{Format, PlanLine, count, write_json_line};
use crate::stream;

pub(super) fn tell(path: &Path, plan: &Plan, format: Format) -> Result<Exit, CommandError> {
    let status = read(path)?;
    let mut lines = Vec::new();
    let written = match format {
        Format::Json => {
            let line = PlanLine {
                job: path.to_string_lossy().into_owned(),
                hash: &plan.hash,
                since: status.since.as_deref(),
                until: status.until.as_deref(),
                planned: plan.planned,
                merged: plan.merged,
                held: plan.held,
                refused: plan.refused,
                targets: job_targets(&status),
            };
            write_json_line(&mut lines, &line)
        }
        Format::Text => write_text(&mut lines, path, plan, &status.targets),
    };
    let written = written.and_then(|()| stream::write_stdout(&lines));
    if let Err(error) = &written {
        notice(&format!("error: stdout cannot be written to: {error}; the plan is in {}", shown(path)));
    }
    Ok(Findings::default().with_if(written.is_err(), Exit::Stopped).with_if(plan.refused > 0, Exit::Incomplete).exit())
}

fn write_text(out: &mut impl Write, path: &Path, plan: &Plan, targets: &[TargetStatus]) -> io::Result<()> {
    for target in targets {
        writeln!(out, "{}", heading(target))?;
        writeln!(out, "  {:<12} {:>9}", "planned", target.planned)?;
    }
    writeln!(out, "in all")?;
    for (word, number) in
        [("planned", plan.planned), ("merged", plan.merged), ("held", plan.held), ("refused", plan.refused)]
    {
        writeln!(out, "  {word:<12} {number:>9}")?;
    }
    writeln!(out, "hash           {}", plan.hash)?;
    writeln!(out, "file           {}", shown(path))?;
    writeln!(
        out,
        "Nothing was deleted. To delete {}: conversation-delete run {}",
        count(plan.planned, "record"),
        quoted(path)
    )
}
