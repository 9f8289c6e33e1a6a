//! Runs the job of a `delete`, and reports each id in the order of the input.

use std::io;

use conversation_delete_job::{Follower, Job, JobError, Milestone, RunOptions, Status};
use delete_core::{RecordReader, VerifyPolicy};
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedReceiver;

use super::place::Place;
use super::plan::{UNSENT, check_and_finish, place};
use super::prepared::Prepared;
use crate::bundle;
use crate::engine::conclusion::{Conclusion, Ended, write_still_present};
use crate::engine::control::{MAX_OUTAGE, Supervisor};
use crate::engine::lanes::{self, RunSettings, VendorRun};
use crate::engine::reporter::Reporter;
use crate::error::CommandError;
use crate::exit::{Exit, Findings};
use crate::job_file::{JobState, PROGRAM, open, read, read_after_run};
use crate::plan::draft::Draft;
use crate::report::{Format, Item, Output, Printer, ProgressReporter, SummaryLine};
use crate::verify_policy;
use crate::{observe, signals};

/// Deletes what was planned; `reader` checks the credential.
pub(super) fn execute(
    prepared: &Prepared<'_>,
    draft: Draft,
    reader: &dyn RecordReader,
    is_verbose: bool,
) -> Result<Exit, CommandError> {
    let mut signals = signals::listen();
    let checked = check_and_finish(prepared, draft, reader, &mut signals)?;
    prepared.note_plan()?;
    match checked.and_then(|()| begin(prepared, signals, is_verbose)) {
        Ok(begun) => begun.carry_out(),
        // The storage fails, which is nothing that the ids or the vendor have to do with.
        Err(error) if error.job.is_some() => prepared.refuse_each(&error),
        Err(error) => prepared.refuse(&error),
    }
}

/// Whatever fails here, nothing was deleted, and no file stays.
fn begin<'a>(
    prepared: &'a Prepared<'a>,
    signals: UnboundedReceiver<()>,
    is_verbose: bool,
) -> Result<Begun<'a>, CommandError> {
    let place = place(prepared)?;
    let begun = prepare(prepared, place.clone(), signals, is_verbose);
    begun.map_err(|error| {
        place.remove();
        CommandError { advice: UNSENT, ..error }
    })
}

/// Opens what was planned.
fn prepare<'a>(
    prepared: &'a Prepared<'a>,
    place: Place,
    signals: UnboundedReceiver<()>,
    is_verbose: bool,
) -> Result<Begun<'a>, CommandError> {
    let looks = prepared.args.wait.map_or(VerifyPolicy::default(), verify_policy::lasting);
    let settings = RunSettings {
        travel: prepared.args.travel,
        concurrency: usize::from(prepared.args.pace.concurrency),
        rate: prepared.args.rate,
        limiter: prepared.limiter.clone(),
        looks: prepared.args.verify.is_some().then_some(looks),
        accepts_credential: false,
    };
    let status = read(&place.location)?;
    observe::planned(&place.location, &status);
    let own = std::slice::from_ref(&prepared.settings);
    let vendor_runs = lanes::vendor_runs(&status, own, |_| true, &settings, prepared.runtime)?;
    let progress = lanes::progress(&vendor_runs, prepared.planned(), !is_verbose);
    let progress = match prepared.args.output {
        Format::Text => progress.without_failures(),
        Format::Json => progress,
    };
    let follower = Follower::open(&place.location)?;
    let job = open(&place.location)?;
    Ok(Begun { delete: Delete { prepared, place, vendor_runs, looks, progress }, job, follower, signals })
}

/// A job that can be run now.
struct Begun<'a> {
    delete: Delete<'a>,
    job: Job,
    follower: Follower,
    signals: UnboundedReceiver<()>,
}

impl Begun<'_> {
    fn carry_out(self) -> Result<Exit, CommandError> {
        let Self { delete, job, follower, mut signals } = self;
        let Delete { prepared, place, .. } = &delete;
        let carried_out = prepared.runtime.block_on(delete.carry_out(job, follower, &mut signals));
        let ended = match carried_out? {
            Ok(carried_out) => carried_out,
            Err(NotBegun(error)) => {
                place.remove();
                let error = CommandError { advice: UNSENT, ..error };
                return prepared.refuse_each(&error);
            }
        };
        delete.vendor_runs.iter().for_each(VendorRun::warn_unchecked);
        let status = read_after_run(&place.location)?;
        let conclusion = delete.conclusion();
        let exit = conclusion.conclude(&status, &ended.ended, &ended.written, &ended.still_present);
        let evidence = bundle::write_after_run(prepared.bundle.as_ref(), &place.location, &status);
        let is_reported = ended.written.is_ok() && evidence.is_ok();
        if conclusion.is_private && is_reported && JobState::of(&status) == JobState::Finished {
            place.remove();
        }
        Ok(Findings::from(exit).with_any(evidence.err()).exit())
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

struct Delete<'a> {
    prepared: &'a Prepared<'a>,
    place: Place,
    vendor_runs: Vec<VendorRun>,
    looks: VerifyPolicy,
    progress: ProgressReporter,
}

impl Delete<'_> {
    fn conclusion(&self) -> Conclusion<'_> {
        let args = self.prepared.args;
        let (looks, verify) = (args.verify.is_some(), args.verify);
        let is_private = args.job.is_none();
        let (path, format, absent) = (self.place.location.path(), args.output, args.absent);
        Conclusion {
            path,
            is_private,
            is_part: false,
            format,
            looks,
            verify,
            absent,
            holds: None,
            bundle: &args.bundle,
        }
    }

    async fn carry_out(
        &self,
        job: Job,
        follower: Follower,
        signals: &mut UnboundedReceiver<()>,
    ) -> Result<Result<Ending, NotBegun>, CommandError> {
        let (output, printer) = Printer::start(self.prepared.context().for_ids(self.prepared.counts.ids));
        let milestone = self.prepared.args.verify.map_or(Milestone::Outcome, |_| Milestone::Verification);
        let mut reporter = Reporter::new(follower, &output, milestone);
        let ended = self.run(job, &mut reporter, signals).await;
        self.progress.finish();
        let ended = match ended {
            Err(error) if error.job.as_ref().is_some_and(|job| !job.has_begun()) => {
                printer.end(output).await.unwrap_or_default();
                return Ok(Err(NotBegun(error)));
            }
            ended => ended,
        };
        let lost = ended.as_ref().err().and_then(|error| error.job.as_deref());
        if let Some(lost) = lost {
            reporter.follow_lost(lost);
        }
        match &ended {
            Ok(ended) => ended.iter().for_each(Ended::write_line),
            Err(error) => error.write_before_summary(),
        }
        // Whatever happened, the outcome of each id is reported.
        let reported = self.report_rest(reporter, &output, &ended, lost.and_then(JobError::status)).await;
        let written = printer.end(output).await;
        signals.close();
        Ok(Ok(Ending { ended: ended?, written, still_present: reported? }))
    }

    async fn run(
        &self,
        job: Job,
        reporter: &mut Reporter<'_>,
        signals: &mut UnboundedReceiver<()>,
    ) -> Result<Vec<Ended>, CommandError> {
        let Some(clock) = self.vendor_runs.first().map(VendorRun::clock) else { return Ok(Vec::new()) };
        let options = self.options();
        let mut supervisor = Supervisor::new(&self.progress, None);
        let stop = supervisor.stop.clone();
        let lanes = self.vendor_runs.iter().map(VendorRun::lane).collect();
        let is_over = Notify::new();
        let running = async {
            let endings = supervisor.supervise(job.run(lanes, clock, &options, &stop, &self.progress), signals).await;
            is_over.notify_one();
            endings
        };
        let (endings, ()) = tokio::join!(running, reporter.follow(&stop, &is_over));
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

    /// Reports what is left and the summary, and returns the first records that are still present. `lost` is what a run
    /// knew that lost its file.
    async fn report_rest(
        &self,
        reporter: Reporter<'_>,
        output: &Output,
        ended: &Result<Vec<Ended>, CommandError>,
        lost: Option<&Status>,
    ) -> Result<Vec<String>, CommandError> {
        let still_present = reporter.report_rest().await?.present;
        let status = match lost {
            Some(status) => status.clone(),
            None => read_after_run(&self.place.location)?,
        };
        write_still_present(&status);
        let summary = self.conclusion().summary(&status, ended);
        observe::summarized(&status, &SummaryLine::of(&summary));
        output.send(Item::Summary(summary)).await;
        Ok(still_present)
    }
}
