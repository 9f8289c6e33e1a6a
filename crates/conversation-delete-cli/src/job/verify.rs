//! The command `verify` with a job: looks again at all that was deleted, and keeps what it saw in the file.

use std::io::{self, Write};
use std::path::Path;

use conversation_delete_job::{LookCounts, RunOptions, TargetStatus};
use delete_core::ErasureMode;
use tokio::runtime::Runtime;

use super::ending::Ended;
use super::lanes::{self, Manner, Party};
use super::run::{Steering, TELL_EVERY};
use super::watch::Watch;
use super::{PROGRAM, Trouble, open, plan, read, read_after_run, shown, told};
use crate::args::VerifyArgs;
use crate::exit::Exit;
use crate::look;
use crate::progress::notice;
use crate::report::{CountMembers, Format, LookupMembers, SummaryLine, TargetLine, count, write_json_line};
use crate::signals;
use crate::stream;

/// Carries out the command.
pub(crate) fn execute(path: &Path, args: &VerifyArgs, is_verbose: bool, runtime: &Runtime) -> Exit {
    told(verify(path, args, is_verbose, runtime))
}

fn verify(path: &Path, args: &VerifyArgs, is_verbose: bool, runtime: &Runtime) -> Result<Exit, Trouble> {
    if !args.ids.is_empty() || args.ids_from.is_some() {
        return Err(Trouble::usage("a job has its ids in its file: name no others"));
    }
    let job = open(path)?;
    let status = read(path)?;
    let total = status.targets.iter().map(|target| all(&target.looks)).sum();
    if total == 0 {
        notice("the job has deleted nothing yet: there is nothing to look at");
        return Ok(Exit::Success);
    }
    let concurrency = usize::from(args.pace.concurrency);
    let manner =
        Manner { travel: args.travel, concurrency, rate: None, limiter: None, looks: None, accepts_credential: false };
    let has_work = |target: &TargetStatus| all(&target.looks) > 0;
    let mut parties = lanes::parties(&status, has_work, &manner, runtime)?;
    let watch = Watch::new(&parties, total, !is_verbose);
    let options =
        RunOptions { verify_policy: look::looks_for(args.wait), program: PROGRAM.to_owned(), ..RunOptions::default() };
    let ended = runtime.block_on(async {
        let mut signals = signals::listen();
        lanes::check_places(&mut parties, true, false, None, &mut signals).await?;
        let mut steering = Steering::new(&watch, None, TELL_EVERY);
        let stop = steering.stop.clone();
        let Some(clock) = parties.first().map(Party::clock) else { return Ok(Vec::new()) };
        let running = job.verify(parties.iter().map(Party::lane).collect(), clock, &options, &stop, &watch);
        Ok::<_, Trouble>(steering.steer(running, &mut signals).await?)
    });
    watch.finish();
    let ended = ended.inspect_err(|trouble| {
        if let Some((status, _)) = trouble.loss() {
            trouble.write_before_summary();
            conclude(path, args, &status.targets, &[]);
        }
    })?;
    let ended: Vec<Ended> = parties.iter().zip(ended).map(|(party, ending)| Ended::of(party, ending, false)).collect();
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
    super::ending::report_stops(ended)
        .with_if(written.is_err() || sum.open > 0, Exit::Stopped)
        .with_if(unexpected > 0, Exit::StillPresent)
        .with_if(sum.unknown > 0, Exit::Incomplete)
        .exit()
}

fn write(out: &mut impl Write, format: Format, targets: &[TargetStatus], sum: &LookCounts) -> io::Result<()> {
    for target in targets {
        match format {
            Format::Json => write_json_line(out, &target_line(target))?,
            Format::Text => {
                writeln!(out, "{}", plan::heading(target))?;
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
