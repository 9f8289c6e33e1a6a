//! `run FOLDER`: one shard, or one after another.

use std::time::Instant;

use conversation_delete_job::{Ending, ShardFolder};
use tokio::runtime::Runtime;

use super::expect::expect_hash;
use super::hold;
use super::single::{Ran, carry_out, conclusion, has_work, may_begin, run_job, verify};
use crate::args::{RunArgs, WholePlan};
use crate::bundle::Bundle;
use crate::engine::conclusion::Ended;
use crate::error::CommandError;
use crate::exit::{Exit, Findings};
use crate::job_file::{open, quoted, read, read_after_run};
use crate::notice::notice;
use crate::observe;

/// The number of the pod in a Kubernetes Indexed Job.
const VARIABLE: &str = "JOB_COMPLETION_INDEX";

pub(super) fn run(args: &RunArgs, is_verbose: bool, runtime: &Runtime) -> Result<Exit, CommandError> {
    let folder = ShardFolder::open(&args.job)?;
    match args.shard.map_or_else(index, |shard| Ok(Some(shard)))? {
        Some(number) => run_one(args, &folder, number, is_verbose, runtime),
        None => run_all(args, &folder, is_verbose, runtime),
    }
}

fn index() -> Result<Option<u16>, CommandError> {
    let Some(text) = std::env::var_os(VARIABLE) else { return Ok(None) };
    let number = text.to_str().and_then(|text| text.parse().ok());
    number.map(Some).ok_or_else(|| {
        CommandError::usage(format!("{VARIABLE} is not the number of a shard: correct it, or give --shard"))
    })
}

fn run_one(
    args: &RunArgs,
    folder: &ShardFolder,
    number: u16,
    is_verbose: bool,
    runtime: &Runtime,
) -> Result<Exit, CommandError> {
    if args.bundle.evidence.is_some() {
        return Err(CommandError::usage(format!(
            "evidence is of the whole folder: when all shards are finished, use evidence export {} --out FILE.zip",
            quoted(&args.job)
        )));
    }
    run_job(&of_shard(args, folder, number)?, is_verbose, runtime)?.conclude(runtime)
}

/// The arguments for one shard. What is expected is compared with the whole plan.
fn of_shard(args: &RunArgs, folder: &ShardFolder, number: u16) -> Result<RunArgs, CommandError> {
    let whole = WholePlan { hash: folder.plan_hash().to_owned(), planned: folder.planned() };
    Ok(RunArgs { job: folder.shard(number)?, whole: Some(whole), ..args.clone() })
}

/// Runs one shard after another, and reports them as one job. Ends with the first shard that does not come to its end.
fn run_all(args: &RunArgs, folder: &ShardFolder, is_verbose: bool, runtime: &Runtime) -> Result<Exit, CommandError> {
    check(args)?;
    let bundle = Bundle::prepare(&args.bundle)?;
    for number in 0..folder.shards() {
        hold::hold(&of_shard(args, folder, number)?)?;
    }
    let status = read(&args.job)?;
    observe::planned(&(&args.job).into(), &status);
    let verify = verify(args, &status);
    let conclusion = conclusion(args, verify, None);
    expect_hash(args, &status)?;
    let (mut ended, mut failed): (Vec<Ended>, Option<Exit>) = (Vec::new(), None);
    if may_begin(args, &status, verify, runtime)? {
        let begun = Instant::now();
        for number in 0..folder.shards() {
            let left = args.deadline.map(|deadline| deadline.saturating_sub(begun.elapsed()));
            let args = RunArgs { deadline: left, ..of_shard(args, folder, number)? };
            let part = match run_next(&args, number, verify, is_verbose, runtime) {
                // What was deleted before is reported all the same.
                Err(error) if !ended.is_empty() && error.loss().is_none() => {
                    failed = Some(of_part(error, number).print());
                    ended.iter_mut().for_each(|ended| ended.ending = Ending::Interrupted);
                    break;
                }
                part => part.map_err(|error| conclusion.report_loss(of_part(error, number)))?,
            };
            // The last part comes first: it is the one that may not have come to its end.
            ended.splice(0..0, part);
            if !ended.iter().all(Ended::is_finished) {
                break;
            }
        }
    }
    let exit = Ran { args, verify, held: None, bundle, status: read_after_run(&args.job)?, ended }.conclude(runtime)?;
    Ok(Findings::from(exit).with_any(failed).exit())
}

fn run_next(
    args: &RunArgs,
    number: u16,
    verify: Option<conversation_delete_job::Verify>,
    is_verbose: bool,
    runtime: &Runtime,
) -> Result<Vec<Ended>, CommandError> {
    let job = open(&args.job)?;
    let status = read(&args.job)?;
    if !status.targets.iter().any(|target| has_work(args, verify, target)) {
        return Ok(Vec::new());
    }
    notice(&format!("shard {number}"));
    carry_out(args, job, &status, verify, is_verbose, runtime)
}

/// What was not sent or deleted is that of this shard: those before it were run.
fn of_part(error: CommandError, number: u16) -> CommandError {
    CommandError { message: format!("shard {number}: {}", error.message), ..error }
}

fn check(args: &RunArgs) -> Result<(), CommandError> {
    if args.recheck_after.is_some() {
        return Err(CommandError::usage("--recheck-after waits for one shard: give --shard, or use verify later"));
    }
    if args.hold.stdin_count() > 0 {
        return Err(CommandError::usage("each shard reads the holds: --hold takes a file here, not stdin"));
    }
    Ok(())
}
