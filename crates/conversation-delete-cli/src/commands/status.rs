//! The command `status`: how far a job is, also while it runs.

mod exit;
mod members;
mod print;
mod runs;
mod watch;

pub(crate) use members::{job_line, job_targets};
pub(crate) use print::MISSING;

use tokio::runtime::Runtime;

use crate::args::StatusArgs;
use crate::error::{CommandError, exit_of};
use crate::exit::{Exit, Findings};
use crate::job_file::read;

/// Carries out the command.
pub(crate) fn execute(args: &StatusArgs, runtime: &Runtime) -> Exit {
    exit_of(tell(args, runtime))
}

fn tell(args: &StatusArgs, runtime: &Runtime) -> Result<Exit, CommandError> {
    let (status, written) = match args.watch {
        Some(interval) => runtime.block_on(watch::watch(args, interval))?,
        None => {
            let status = read(&args.job)?;
            let written = print::print(args, &status, b"");
            (status, written)
        }
    };
    let found = Findings::default()
        .with_any(written.err())
        .with_if(status.outcomes_may_be_missing, Exit::Incomplete)
        .with_if(args.exit_code, exit::of_status(&status, args.absent));
    Ok(found.exit())
}
