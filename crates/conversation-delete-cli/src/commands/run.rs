//! The command `run`: deletes what a job says, or goes on with it.

mod accept;
mod expect;
pub(crate) mod hold;
mod private;
mod shards;
mod single;

use tokio::runtime::Runtime;

use crate::args::RunArgs;
use crate::error::{CommandError, exit_of};
use crate::exit::Exit;
pub(crate) use single::{Ran, run_job};

/// Carries out the command.
pub(crate) fn execute(args: &RunArgs, is_verbose: bool, runtime: &Runtime) -> Exit {
    exit_of(run(args, is_verbose, runtime))
}

fn run(args: &RunArgs, is_verbose: bool, runtime: &Runtime) -> Result<Exit, CommandError> {
    if args.job.is_dir() {
        return shards::run(args, is_verbose, runtime);
    }
    if args.shard.is_some() {
        return Err(CommandError::usage("--shard takes a folder of shards, which `plan --shards` makes"));
    }
    run_job(args, is_verbose, runtime)?.conclude(runtime)
}
