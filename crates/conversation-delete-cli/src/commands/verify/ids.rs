//! `verify VENDOR`: looks up ids with a job in memory.

use conversation_delete_job::{Follower, Job, JobLocation, Milestone, RunOptions};
use tokio::runtime::Runtime;
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedReceiver;

use super::findings::Findings;
use crate::args::{VendorName, VerifyArgs};
use crate::engine::conclusion::Ended;
use crate::engine::control::{MAX_OUTAGE, Supervisor};
use crate::engine::lanes::{self, RunSettings, VendorRun};
use crate::engine::reporter::{Reported, Reporter};
use crate::error::CommandError;
use crate::exit::Exit;
use crate::job_file::{PROGRAM, open, read};
use crate::log_line::Level;
use crate::notice::{notice, notice_as, notice_ids};
use crate::plan::draft::Draft;
use crate::plan::input::InputCounts;
use crate::plan::target;
use crate::report::{Context, Item, LookupOutcome, Printer, ProgressReporter, count, report_error};
use crate::settings::Settings;
use crate::signals;
use crate::vendor::Target;
use crate::verify_policy;

pub(super) fn verify(
    vendor: VendorName,
    args: &VerifyArgs,
    is_verbose: bool,
    runtime: &Runtime,
) -> Result<Exit, CommandError> {
    let settings = args.profile.choice().one(vendor)?;
    let target = target::of_settings(&settings, Target::to_read(vendor), "", runtime).map_err(CommandError::usage)?;
    let mut draft = Draft::in_memory(args.max, vec![target])?;
    draft.add_ids(vendor, &args.ids, &args.file)?;
    let (InputCounts { ids, refused, .. }, location) = (draft.counts, draft.location());
    if ids > args.max {
        let message = format!("there are more ids than --max {}: nothing was sent", args.max);
        return Err(CommandError::new(Exit::Unsafe, message));
    }
    match (ids, refused) {
        (0, 0) => notice("there is nothing to verify; nothing was sent"),
        (0, _) => report_error(Exit::Usage, "none of the ids is valid; nothing was sent", ""),
        _ => {}
    }
    draft.finish()?;
    let verification = Verification::new(args, &settings, ids, &location, is_verbose, runtime)?;
    let (job, follower) = (open(&location)?, Follower::open(&location)?);
    let exit = runtime.block_on(verification.carry_out(vendor, job, follower))?;
    let has_valid_ids = ids > 0 || refused == 0;
    Ok(if has_valid_ids { exit } else { Exit::Usage })
}

struct Verification<'a> {
    args: &'a VerifyArgs,
    /// How many ids there are.
    ids: u64,
    vendor_runs: Vec<VendorRun>,
    progress: ProgressReporter,
}

impl<'a> Verification<'a> {
    fn new(
        args: &'a VerifyArgs,
        own: &Settings,
        ids: u64,
        location: &JobLocation,
        is_verbose: bool,
        runtime: &Runtime,
    ) -> Result<Self, CommandError> {
        let settings = RunSettings {
            travel: args.travel,
            concurrency: usize::from(args.pace.concurrency),
            rate: None,
            limiter: None,
            looks: None,
            accepts_credential: false,
        };
        let vendor_runs =
            lanes::vendor_runs(&read(location)?, std::slice::from_ref(own), |_| true, &settings, runtime)?;
        let progress = lanes::progress(&vendor_runs, ids, !is_verbose).counting_lookups();
        Ok(Self { args, ids, vendor_runs, progress })
    }

    async fn carry_out(&self, vendor: VendorName, job: Job, follower: Follower) -> Result<Exit, CommandError> {
        let mut signals = signals::listen();
        let context = Context::new(vendor.vendor(), None, self.args.output).for_ids(self.ids);
        let (output, printer) = Printer::start(context);
        let mut reporter = Reporter::new(follower, &output, Milestone::Lookup);
        let ended = self.run(job, &mut reporter, &mut signals).await;
        self.progress.finish();
        match &ended {
            Ok(ended) => ended.iter().for_each(Ended::write_line),
            Err(error) => error.write_before_summary(),
        }
        let reported = reporter.report_rest().await;
        if let Ok(reported) = &reported {
            output.send(Item::LookupSummary(reported.lookups)).await;
        }
        let written = printer.end(output).await;
        signals.close();
        let (ended, reported) = (ended?, reported?);
        report_missing(&reported);
        let (lookups, still_present) = (reported.lookups, reported.lookups.count(LookupOutcome::Present));
        Ok(Findings { ended: &ended, lookups, still_present, written: &written }.conclude())
    }

    async fn run(
        &self,
        job: Job,
        reporter: &mut Reporter<'_>,
        signals: &mut UnboundedReceiver<()>,
    ) -> Result<Vec<Ended>, CommandError> {
        let Some(clock) = self.vendor_runs.first().map(VendorRun::clock) else { return Ok(Vec::new()) };
        let options = RunOptions {
            max_outage: Some(MAX_OUTAGE),
            verify_policy: verify_policy::lasting(self.args.wait),
            program: PROGRAM.to_owned(),
            ..RunOptions::default()
        };
        let mut supervisor = Supervisor::new(&self.progress, None);
        let stop = supervisor.stop.clone();
        let lanes = self.vendor_runs.iter().map(VendorRun::lane).collect();
        let is_over = Notify::new();
        let running = async {
            let lookup = job.lookup(lanes, clock, &options, &stop, &self.progress);
            let endings = supervisor.supervise(lookup, signals).await;
            is_over.notify_one();
            endings
        };
        let (endings, ()) = tokio::join!(running, reporter.follow(&stop, &is_over));
        Ok(self.vendor_runs.iter().zip(endings?).map(|(run, ending)| Ended::of(run, ending, false)).collect())
    }
}

/// Names records that are still present, and says how many ids were not looked up.
fn report_missing(reported: &Reported) {
    let count_of = |outcome| reported.lookups.count(outcome);
    let (present, not_attempted) = (count_of(LookupOutcome::Present), count_of(LookupOutcome::NotAttempted));
    if present > 0 {
        notice_ids(&format!("still there: {}", count(present, "record")), &reported.present, present);
    }
    if not_attempted > 0 {
        notice_as(Level::Warn, &format!("stopped before the end: {} not attempted", count(not_attempted, "id")));
    }
}
