//! The command `verify` with a job: looks again at all that was deleted, and keeps what it saw in the file.

use std::io::{self, Write};
use std::path::Path;

use conversation_delete_job::{LookCounts, RunOptions, TargetStatus};
use delete_core::ErasureMode;
use tokio::runtime::Runtime;

use crate::args::VerifyArgs;
use crate::engine::conclusion::{Ended, report_endings};
use crate::engine::control::Supervisor;
use crate::engine::lanes::{self, RunSettings, VendorRun};
use crate::error::{CommandError, exit_of};
use crate::exit::{self, Exit, RunResult};
use crate::job_file::{PROGRAM, open, read, read_after_run, shown};
use crate::look;
use crate::notice::notice;
use crate::plan::heading;
use crate::report::{CountMembers, Format, LookupMembers, SummaryLine, TargetLine, count, write_json_line};
use crate::signals;
use crate::stream;

/// Carries out the command.
pub(crate) fn execute(path: &Path, args: &VerifyArgs, is_verbose: bool, runtime: &Runtime) -> Exit {
    exit_of(verify(path, args, is_verbose, runtime))
}

fn verify(path: &Path, args: &VerifyArgs, is_verbose: bool, runtime: &Runtime) -> Result<Exit, CommandError> {
    if !args.ids.is_empty() || args.file.ids_from.is_some() {
        return Err(CommandError::usage("a job has its ids in its file: name no others"));
    }
    let job = open(path)?;
    let status = read(path)?;
    let total = status.targets.iter().map(|target| all(&target.looks)).sum();
    if total == 0 {
        notice("the job has deleted nothing yet: there is nothing to look at");
        return Ok(Exit::Success);
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
    let has_work = |target: &TargetStatus| all(&target.looks) > 0;
    let mut vendor_runs = lanes::vendor_runs(&status, has_work, &settings, runtime)?;
    let progress = lanes::progress(&vendor_runs, total, !is_verbose);
    let options =
        RunOptions { verify_policy: look::looks_for(args.wait), program: PROGRAM.to_owned(), ..RunOptions::default() };
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
    let ended: Vec<Ended> =
        vendor_runs.iter().zip(ended).map(|(vendor_run, ending)| Ended::of(vendor_run, ending, false)).collect();
    Ok(conclude(path, args, &read_after_run(path)?.targets, &ended))
}

fn all(looks: &LookCounts) -> u64 {
    looks.absent + looks.present + looks.unknown + looks.open
}

fn members(looks: &LookCounts) -> (CountMembers, LookupMembers) {
    let counts = CountMembers { not_attempted: looks.open, ..CountMembers::default() };
    let [absent, present, unknown] = [looks.absent, looks.present, looks.unknown].map(Some);
    (counts, LookupMembers { absent, present, unknown })
}

fn target_line(target: &TargetStatus) -> TargetLine<'_> {
    let (counts, lookups) = members(&target.looks);
    let mode = target.target.mode.map(|mode| mode.as_str());
    TargetLine { vendor: &target.target.vendor, mode, counts, lookups, ending: None }
}

fn summary_line(sum: &LookCounts) -> SummaryLine<'_> {
    let (counts, lookups) = members(sum);
    SummaryLine { counts, lookups, ..SummaryLine::default() }
}

fn conclude(path: &Path, args: &VerifyArgs, targets: &[TargetStatus], ended: &[Ended]) -> Exit {
    ended.iter().for_each(Ended::write_line);
    let mut sum = LookCounts::default();
    let mut unexpected = 0;
    for target in targets {
        sum.absent += target.looks.absent;
        sum.present += target.looks.present;
        sum.unknown += target.looks.unknown;
        sum.open += target.looks.open;
        // A soft delete leaves them to be seen.
        unexpected += if target.target.mode == Some(ErasureMode::Soft) { 0 } else { target.looks.present };
    }
    let mut lines = Vec::new();
    let written = write(&mut lines, args.output, targets, &sum).and_then(|()| stream::write_stdout(&lines));
    if let Err(error) = &written {
        notice(&format!("error: stdout cannot be written to: {error}"));
    }
    if unexpected > 0 {
        notice(&format!("still there: {}; `export {}` lists them", count(unexpected, "record"), shown(path)));
    }
    exit::of_run(&RunResult {
        endings: &report_endings(ended),
        open: sum.open,
        unverified: sum.unknown,
        still_present: unexpected,
        is_report_lost: written.is_err(),
        ..RunResult::default()
    })
}

fn write(out: &mut impl Write, format: Format, targets: &[TargetStatus], sum: &LookCounts) -> io::Result<()> {
    for target in targets {
        match format {
            Format::Json => write_json_line(out, &target_line(target))?,
            Format::Text => {
                writeln!(out, "{}", heading::heading(target))?;
                let looks = &target.looks;
                for (word, number) in [
                    ("absent", looks.absent),
                    ("present", looks.present),
                    ("unknown", looks.unknown),
                    ("not attempted", looks.open),
                ] {
                    writeln!(out, "  {word:<15} {number:>9}")?;
                }
            }
        }
    }
    match format {
        Format::Json => write_json_line(out, &summary_line(sum)),
        Format::Text => Ok(()),
    }
}
