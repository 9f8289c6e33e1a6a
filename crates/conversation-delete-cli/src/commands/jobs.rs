//! The commands `jobs list` and `jobs prune`: the jobs in the state directory.

mod prune;
mod stored;

use std::io::{self, Write};

use crate::args::{JobsArgs, JobsCommand, JobsListArgs};
use crate::error::{CommandError, exit_of};
use crate::exit::Exit;
use crate::job_file::shown;
use crate::notice::notice;
use crate::report::span;
use crate::report::{Format, Outcome, visible, write_json_line};
use crate::state_dir;
use crate::stream;
pub(crate) use prune::remove;
use stored::{StoredJob, jobs};

/// Carries out the command.
pub(crate) fn execute(args: &JobsArgs) -> Exit {
    exit_of(match &args.command {
        JobsCommand::List(args) => list(args),
        JobsCommand::Prune(args) => prune::prune(args),
    })
}

fn list(args: &JobsListArgs) -> Result<Exit, CommandError> {
    let (mut lines, jobs) = (Vec::new(), jobs()?);
    if jobs.is_empty() {
        notice(&match state_dir::path() {
            Some(folder) => format!("there is no job in {}", shown(&folder)),
            None => format!("there is no state directory: neither {} nor HOME is set", state_dir::VARIABLE),
        });
    }
    let write = match args.output {
        Format::Json => write_json,
        Format::Text => write_text,
    };
    write(&mut lines, &jobs)
        .and_then(|()| stream::write_stdout(&lines))
        .map_err(|error| CommandError::new(Exit::Stopped, format!("stdout cannot be written to: {error}")))?;
    Ok(Exit::Success)
}

fn write_json(out: &mut Vec<u8>, jobs: &[StoredJob]) -> io::Result<()> {
    jobs.iter().try_for_each(|job| write_json_line(out, &job.line()))
}

fn write_text(out: &mut Vec<u8>, jobs: &[StoredJob]) -> io::Result<()> {
    if jobs.is_empty() {
        return Ok(());
    }
    writeln!(out, "{:<10} {:>9} {:>9} {:>9} {:>9}  JOB", "STATE", "TO GO", "DELETED", "FAILED", "AGE")?;
    for job in jobs {
        let [open, deleted, failed] =
            [Outcome::NotAttempted, Outcome::Deleted, Outcome::Failed].map(|outcome| job.count(outcome));
        let (state, age, path) = (job.state().as_str(), span(job.age), visible(&job.path.to_string_lossy()));
        writeln!(out, "{state:<10} {open:>9} {deleted:>9} {failed:>9} {age:>9}  {path}")?;
    }
    Ok(())
}
