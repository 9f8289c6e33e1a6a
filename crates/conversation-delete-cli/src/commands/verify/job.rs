//! `verify JOB`: looks up again all that was deleted, and keeps what was seen in the file.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use conversation_delete_job::{RunOptions, ShardFolder, TargetStatus};
use delete_core::ErasureMode;
use tokio::runtime::Runtime;

use super::findings::Findings;
use crate::args::VerifyArgs;
use crate::engine::conclusion::Ended;
use crate::engine::control::Supervisor;
use crate::engine::lanes::{self, RunSettings, VendorRun};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::job_file::{PROGRAM, open, read, read_after_run, shown};
use crate::log_line::Level;
use crate::notice::{notice, notice_as};
use crate::plan::heading;
use crate::report::{
    Format, LookupOutcome, LookupTally, TargetLine, count, write_json_line, write_json_lookup_summary,
    write_text_lookup_counts,
};
use crate::verify_policy;
use crate::{metrics, signals, stream};

pub(super) fn verify(
    path: &Path,
    args: &VerifyArgs,
    is_verbose: bool,
    runtime: &Runtime,
) -> Result<Exit, CommandError> {
    if !args.ids.is_empty() || args.file.ids_from.is_some() {
        return Err(CommandError::usage("a job has its ids in its file: name no others"));
    }
    metrics::set_status(&read(path)?);
    let mut ended = Vec::new();
    for file in files(path)? {
        ended.extend(look_up(&file, args, is_verbose, runtime)?);
        if !ended.iter().all(Ended::is_finished) {
            break;
        }
    }
    if ended.is_empty() {
        notice("the job has deleted nothing yet: there is nothing to look up");
        return Ok(Exit::Success);
    }
    Ok(conclude(path, args, &read_after_run(path)?.targets, &ended))
}

/// The files of a folder of shards, or the one file of a job.
fn files(path: &Path) -> Result<Vec<PathBuf>, CommandError> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let folder = ShardFolder::open(path)?;
    Ok((0..folder.shards()).map(|number| folder.shard(number)).collect::<Result<_, _>>()?)
}

/// Looks up what a job deleted. Nothing has ended if it has deleted nothing yet.
fn look_up(path: &Path, args: &VerifyArgs, is_verbose: bool, runtime: &Runtime) -> Result<Vec<Ended>, CommandError> {
    let job = open(path)?;
    let status = read(path)?;
    let total: u64 = status.targets.iter().map(looked_up).sum();
    if total == 0 {
        return Ok(Vec::new());
    }
    let left = if args.again { total } else { job.left_to_verify()? };
    if left < total {
        let of_all = format!("{left} of {}", count(total, "record"));
        notice(&format!("an earlier `verify` did not finish: it goes on with {of_all}; --again looks up all of them"));
    }
    let concurrency = usize::from(args.pace.concurrency);
    let settings = RunSettings {
        travel: args.travel,
        concurrency,
        rate: None,
        limiter: None,
        looks: None,
        accepts_credential: false,
    };
    let has_work = |target: &TargetStatus| looked_up(target) > 0;
    let mut vendor_runs =
        lanes::vendor_runs(&status, &args.profile.choice().of_job(&status)?, has_work, &settings, runtime)?;
    let progress = lanes::progress(&vendor_runs, left, !is_verbose).counting_lookups();
    let options = RunOptions {
        verify_policy: verify_policy::lasting(args.wait),
        anew: args.again,
        program: PROGRAM.to_owned(),
        ..RunOptions::default()
    };
    let ended = runtime.block_on(async {
        let mut signals = signals::listen();
        lanes::check_all(&mut vendor_runs, true, false, None, &mut signals).await?;
        let mut supervisor = Supervisor::new(&progress, None);
        let stop = supervisor.stop.clone();
        let Some(clock) = vendor_runs.first().map(VendorRun::clock) else { return Ok(Vec::new()) };
        let running = job.verify(vendor_runs.iter().map(VendorRun::lane).collect(), clock, &options, &stop, &progress);
        Ok::<_, CommandError>(supervisor.supervise(running, &mut signals).await?)
    });
    progress.finish();
    let ended = ended.inspect_err(|error| {
        if let Some((status, _)) = error.loss() {
            error.write_before_summary();
            conclude(path, args, &status.targets, &[]);
        }
    })?;
    Ok(vendor_runs.iter().zip(ended).map(|(vendor_run, ending)| Ended::of(vendor_run, ending, false)).collect())
}

/// How many records a delete was sent for.
fn looked_up(target: &TargetStatus) -> u64 {
    LookupTally::from(target.lookups).total()
}

fn target_line(target: &TargetStatus) -> TargetLine<'_> {
    let (counts, lookups) = LookupTally::from(target.lookups).members();
    let mode = target.target.mode.map(|mode| mode.as_str());
    TargetLine { vendor: &target.target.vendor, mode, counts, lookups, ending: None }
}

fn conclude(path: &Path, args: &VerifyArgs, targets: &[TargetStatus], ended: &[Ended]) -> Exit {
    ended.iter().for_each(Ended::write_line);
    let lookups: LookupTally = targets.iter().map(|target| LookupTally::from(target.lookups)).sum();
    // A soft delete leaves them to be seen.
    let removed = targets.iter().filter(|target| target.target.mode != Some(ErasureMode::Soft));
    let still_present = removed.map(|target| target.lookups.present).sum();
    let mut lines = Vec::new();
    let written = &write(&mut lines, args.output, targets, &lookups).and_then(|()| stream::write_stdout(&lines));
    if still_present > 0 {
        notice_as(
            Level::Warn,
            &format!("still there: {}; `export {}` lists them", count(still_present, "record"), shown(path)),
        );
    }
    Findings { ended, lookups, still_present, written }.conclude()
}

/// The counts of a target that are always shown.
const SHOWN: [LookupOutcome; 4] =
    [LookupOutcome::Absent, LookupOutcome::Present, LookupOutcome::Unknown, LookupOutcome::NotAttempted];

fn write(out: &mut impl Write, format: Format, targets: &[TargetStatus], lookups: &LookupTally) -> io::Result<()> {
    for target in targets {
        match format {
            Format::Json => write_json_line(out, &target_line(target))?,
            Format::Text => {
                writeln!(out, "{}", heading::heading(target))?;
                write_text_lookup_counts(out, SHOWN, &target.lookups.into())?;
            }
        }
    }
    match format {
        Format::Json => write_json_lookup_summary(out, lookups),
        Format::Text => Ok(()),
    }
}
