//! The command `delete` with many ids: a job that is planned and run at once, and reports each id like any `delete`.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use conversation_delete_job::{Follower, Job, JobError, RunOptions, Status, StopHandle, Target};
use delete_core::{RecordReader, VerifyPolicy};
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::timeout;

use super::Prepared;
use super::own_files::OwnFiles;
use super::reporter::Reporter;
use crate::engine::conclusion::{Conclusion, Ended, proof_of};
use crate::engine::control::{REPORT_EVERY, Supervisor};
use crate::engine::credential::check_credential;
use crate::engine::lanes::{self, RunSettings, VendorRun};
use crate::error::{CommandError, exit_of};
use crate::exit::Exit;
use crate::job::plan::{Choices, Draft, check_out, source};
use crate::job::watch::Watch;
use crate::job_file::{PROGRAM, open, read, read_after_run};
use crate::look;
use crate::progress::notice;
use crate::report::{Item, Outcome, Output, Printer, Summary};
use crate::signals;
use crate::state_dir;

/// How long a vendor may be unavailable. A job that was planned on its own waits as long as it takes; whoever deletes by
/// hand wants to know.
const MAX_OUTAGE: Duration = Duration::from_secs(120);

const RECORDS_EVERY: Duration = Duration::from_millis(200);

/// Deletes what was prepared; `reader` checks the credential.
pub(crate) fn execute(prepared: &Prepared<'_>, reader: &dyn RecordReader, is_verbose: bool) -> Exit {
    match begin(prepared, reader, is_verbose) {
        Ok(begun) => exit_of(begun.carry_out()),
        // The storage fails, which is nothing that the ids or the vendor have to do with.
        Err(trouble) if trouble.job.is_some() => prepared.refuse_each(trouble.exit, &trouble.to_string()),
        Err(trouble) => prepared.refuse(trouble.exit, &trouble.to_string()),
    }
}

/// Whatever fails here, nothing was deleted, and no file stays.
fn begin<'a>(
    prepared: &'a Prepared<'a>,
    reader: &dyn RecordReader,
    is_verbose: bool,
) -> Result<Begun<'a>, CommandError> {
    let unsent = |trouble: CommandError| CommandError { advice: UNSENT, ..trouble };
    let mut places = places(prepared).map_err(unsent)?;
    let mut signals = signals::listen();
    let may_read = prepared.runtime.block_on(check(prepared, reader, &mut signals))?;
    let own = plan(prepared, &mut places, may_read).map_err(unsent)?;
    let begun = prepare(prepared, own.clone(), signals, is_verbose);
    begun.map_err(|trouble| {
        own.remove();
        unsent(trouble)
    })
}

const UNSENT: &str = "; nothing was sent, and no file is left (--job says where it goes)";

/// Where the job may go: to the file that --job names, or under the first free name in the state directory.
fn places(prepared: &Prepared<'_>) -> Result<Box<dyn Iterator<Item = PathBuf>>, CommandError> {
    if let Some(path) = &prepared.args.job {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
        check_out(&path)?;
        return Ok(Box::new(std::iter::once(path)));
    }
    let folder = state_dir::make().map_err(|error| {
        CommandError::usage(format!("there is no folder for the job: {error}; set {}", state_dir::VARIABLE))
    })?;
    Ok(Box::new(state_dir::job_names(&folder, prepared.target.vendor().as_str())))
}

/// Opens what was planned.
fn prepare<'a>(
    prepared: &'a Prepared<'a>,
    own: OwnFiles,
    signals: UnboundedReceiver<()>,
    is_verbose: bool,
) -> Result<Begun<'a>, CommandError> {
    let path = own.path.clone();
    let looks = prepared.args.wait.map_or(VerifyPolicy::default(), look::looks_for);
    let settings = RunSettings {
        travel: prepared.args.travel,
        concurrency: usize::from(prepared.args.pace.concurrency),
        rate: prepared.args.rate,
        limiter: prepared.limiter.clone(),
        looks: prepared.args.verify.is_some().then_some(looks),
        accepts_credential: false,
    };
    let vendor_runs = lanes::vendor_runs(&read(&path)?, |_| true, &settings, prepared.runtime)?;
    let watch = Watch::new(&vendor_runs, prepared.ids.unheld_len() as u64, !is_verbose);
    let follower = Follower::open(&path)?;
    let job = open(&path)?;
    Ok(Begun { delete: Delete { prepared, path, vendor_runs, looks, watch }, job, follower, signals, own })
}

/// Makes sure that the credential works and is for the right target. A proof needs one that may read; to delete ids that
/// somebody named, one that may delete is enough. Returns whether it is known to read.
async fn check(
    prepared: &Prepared<'_>,
    reader: &dyn RecordReader,
    signals: &mut UnboundedReceiver<()>,
) -> Result<bool, CommandError> {
    if !prepared.checks_credential() {
        return Ok(false);
    }
    match check_credential(prepared.target.vendor_name(), reader, signals, "nothing was deleted").await {
        Err(trouble) if prepared.args.verify.is_none() && trouble.is_about_seeing => {
            notice(&format!("warning: not checked before: {trouble}"));
            Ok(false)
        }
        Err(trouble) if trouble.is_about_seeing => {
            let message =
                format!("{trouble} (--verify needs a credential that may read; without --verify nothing is proved)");
            Err(CommandError { message, ..trouble })
        }
        checked => checked.map(|_| true),
    }
}

/// Writes the plan to the first of `places` that is free.
fn plan(
    prepared: &Prepared<'_>,
    places: &mut dyn Iterator<Item = PathBuf>,
    may_read: bool,
) -> Result<OwnFiles, CommandError> {
    let args = prepared.args;
    let choices = Choices { method: args.method, delete_only: !may_read };
    let target = choices.describe(prepared.target, prepared.runtime)?;
    loop {
        let Some(path) = places.next() else {
            return Err(CommandError::usage("no name for the job is free; --job names one"));
        };
        let mut own = OwnFiles::new(&path);
        match plan_at(prepared, &path, &target) {
            Err(trouble) if args.job.is_none() && trouble.is_taken() => {}
            planned => {
                planned?;
                own.are_planned();
                return Ok(own);
            }
        }
    }
}

fn plan_at(prepared: &Prepared<'_>, path: &Path, target: &Target) -> Result<(), CommandError> {
    let ids = &prepared.ids;
    let mut draft = Draft::begin(path, prepared.args.max, vec![target.clone()])?;
    for number in (0..ids.len()).filter(|number| ids.is_held(*number)) {
        draft.hold(&ids.id(number).map_err(CommandError::usage)?)?;
    }
    draft.add_ids(ids, &source(prepared.args.input.ids_from.as_deref()))?;
    draft.finish().map(drop)
}

/// A job that can be run now.
struct Begun<'a> {
    delete: Delete<'a>,
    job: Job,
    follower: Follower,
    signals: UnboundedReceiver<()>,
    own: OwnFiles,
}

impl Begun<'_> {
    fn carry_out(self) -> Result<Exit, CommandError> {
        let Self { delete, job, follower, mut signals, own } = self;
        let Delete { prepared, path, .. } = &delete;
        let carried_out = prepared.runtime.block_on(delete.carry_out(job, follower, &mut signals));
        let ended = match carried_out? {
            Ok(carried_out) => carried_out,
            Err(NotBegun(trouble)) => {
                own.remove();
                let trouble = CommandError { advice: UNSENT, ..trouble };
                return Ok(prepared.refuse_each(trouble.exit, &trouble.to_string()));
            }
        };
        delete.vendor_runs.iter().for_each(VendorRun::warn_unchecked);
        let status = read_after_run(path)?;
        let conclusion = delete.conclusion();
        let exit = conclusion.conclude(&status, &ended.ended, &ended.written, &ended.still_present);
        if conclusion.is_private && ended.written.is_ok() && is_finished(&status) {
            own.remove();
        }
        Ok(exit)
    }
}

/// Why nothing was sent.
struct NotBegun(CommandError);

/// How a run ended, and what was reported of it.
struct Ending {
    ended: Vec<Ended>,
    /// Whether stdout took all of the report.
    written: io::Result<()>,
    /// The first of the records that are still present after their delete.
    still_present: Vec<String>,
}

/// Whether every id has its outcome.
fn is_finished(status: &Status) -> bool {
    status.targets.iter().all(|target| target.outcomes.get(Outcome::NotAttempted) == 0)
}

struct Delete<'a> {
    prepared: &'a Prepared<'a>,
    path: PathBuf,
    vendor_runs: Vec<VendorRun>,
    looks: VerifyPolicy,
    watch: Watch,
}

impl Delete<'_> {
    fn conclusion(&self) -> Conclusion<'_> {
        let args = self.prepared.args;
        let (looks, wants_proof) = (args.verify.is_some(), args.verify.is_some());
        let is_private = args.job.is_none();
        let (path, format, absent) = (&self.path, args.output, args.absent);
        Conclusion { path, is_private, format, looks, wants_proof, absent, holds: None }
    }

    async fn carry_out(
        &self,
        job: Job,
        follower: Follower,
        signals: &mut UnboundedReceiver<()>,
    ) -> Result<Result<Ending, NotBegun>, CommandError> {
        let (output, printer) = Printer::start(self.prepared.context());
        let mut reporter = Reporter::new(&self.prepared.ids, follower, &output);
        let ended = self.run(job, &mut reporter, &output, signals).await;
        self.watch.finish();
        let ended = match ended {
            Err(trouble) if trouble.job.as_ref().is_some_and(|error| !error.has_begun()) => {
                printer.end(output).await.unwrap_or_default();
                return Ok(Err(NotBegun(trouble)));
            }
            ended => ended,
        };
        let lost = ended.as_ref().err().and_then(|trouble| trouble.job.as_deref());
        if let Some(lost) = lost {
            reporter.follow_lost(lost);
        }
        if let Err(trouble) = &ended {
            trouble.write_before_summary();
        }
        // Whatever happened, the outcome of each id is reported.
        let reported = self.report_rest(reporter, &output, lost.and_then(JobError::status)).await;
        let written = printer.end(output).await;
        signals.close();
        Ok(Ok(Ending { ended: ended?, written, still_present: reported? }))
    }

    async fn run(
        &self,
        job: Job,
        reporter: &mut Reporter<'_>,
        output: &Output,
        signals: &mut UnboundedReceiver<()>,
    ) -> Result<Vec<Ended>, CommandError> {
        let Some(clock) = self.vendor_runs.first().map(VendorRun::clock) else { return Ok(Vec::new()) };
        let options = self.options();
        let mut supervisor = Supervisor::new(&self.watch, None, REPORT_EVERY);
        let stop = supervisor.stop.clone();
        let lanes = self.vendor_runs.iter().map(VendorRun::lane).collect();
        let is_over = Notify::new();
        let running = async {
            let endings = supervisor.supervise(job.run(lanes, clock, &options, &stop, &self.watch), signals).await;
            is_over.notify_one();
            endings
        };
        let (endings, ()) = tokio::join!(running, self.follow(reporter, output, &stop, &is_over));
        Ok(self
            .vendor_runs
            .iter()
            .zip(endings?)
            .map(|(vendor_run, ending)| Ended::of(vendor_run, ending, false))
            .collect())
    }

    fn options(&self) -> RunOptions {
        RunOptions {
            absent_ok: self.prepared.args.absent.is_ok(),
            all_absent_ok: self.prepared.args.absent.is_ok_for_all(),
            max_outage: Some(MAX_OUTAGE),
            verify: self.prepared.args.verify.unwrap_or_default(),
            verify_policy: self.looks,
            program: PROGRAM.to_owned(),
            ..RunOptions::default()
        }
    }

    /// Reports while the job runs. With --verify, the lines wait for the lookups after the deletes.
    async fn follow(&self, reporter: &mut Reporter<'_>, output: &Output, stop: &StopHandle, is_over: &Notify) {
        if self.prepared.args.verify.is_some() {
            return;
        }
        while timeout(RECORDS_EVERY, is_over.notified()).await.is_err() {
            // A file that cannot be read is found out at the end.
            let reported = reporter.report_settled().await;
            if output.is_broken() {
                self.watch.say("stopping: nobody reads the results any more");
                stop.drain();
                return;
            }
            if reported.is_err() {
                return;
            }
        }
    }

    /// Reports what is left and the summary, and returns the first records that are still present. `lost` is what a run
    /// knew that lost its file.
    async fn report_rest(
        &self,
        reporter: Reporter<'_>,
        output: &Output,
        lost: Option<&Status>,
    ) -> Result<Vec<String>, CommandError> {
        let (tally, still_present) = reporter.report_rest().await?;
        let proof = match lost {
            _ if self.prepared.args.verify.is_none() => None,
            Some(status) => Some(proof_of(status)),
            None => Some(proof_of(&read_after_run(&self.path)?)),
        };
        output.send(Item::Summary(Summary { tally, proof })).await;
        Ok(still_present)
    }
}
