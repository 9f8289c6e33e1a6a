//! One job that is run, whether or not it is a shard.

use std::time::{Duration, Instant, SystemTime};

use conversation_delete_job::{Ending, HoldReport, Job, Lane, RunOptions, Status, TargetStatus, Verify};
use delete_core::VerifyPolicy;
use tokio::runtime::Runtime;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::sleep;

use super::accept::accept;
use super::expect::{confirm, expect_count, expect_hash, expect_targets, ids_to_send};
use super::hold;
use crate::args::RunArgs;
use crate::bundle::Bundle;
use crate::engine::conclusion::{Conclusion, Ended};
use crate::engine::control::{MAX_OUTAGE, Supervisor};
use crate::engine::lanes::{self, RunSettings, VendorRun};
use crate::error::CommandError;
use crate::job_file::{PROGRAM, open, read, read_after_run};
use crate::notice::notice;
use crate::observe;
use crate::report::{ProgressReporter, clock_time, count, span};
use crate::signals::{self, unless_interrupted};
use crate::verify_policy;

/// Runs a job to its end, without a report on it.
pub(crate) fn run_job<'a>(args: &'a RunArgs, has_no_bar: bool, runtime: &Runtime) -> Result<Ran<'a>, CommandError> {
    let bundle = Bundle::prepare(&args.bundle)?;
    let (job, held) = hold::open(args)?;
    let status = read(&args.job)?;
    observe::planned(&(&args.job).into(), &status);
    let verify = verify(args, &status);
    expect_hash(args, &status)?;
    let mut ended = Vec::new();
    if may_begin(args, &status, verify, runtime)? {
        ended = carry_out(args, job, &status, verify, has_no_bar, runtime)
            .map_err(|error| conclusion(args, verify, held.as_ref()).report_loss(error))?;
    } else {
        // Evidence is made of a job that nobody runs.
        drop(job);
    }
    Ok(Ran { args, verify, held, bundle, status: read_after_run(&args.job)?, ended })
}

/// A job after a run, and what is to be reported of it.
pub(crate) struct Ran<'a> {
    pub(crate) args: &'a RunArgs,
    pub(super) verify: Option<Verify>,
    pub(super) held: Option<HoldReport>,
    pub(super) bundle: Option<Bundle>,
    pub(crate) status: Status,
    pub(crate) ended: Vec<Ended>,
}

/// Whether a run has something to do at a target.
pub(super) fn has_work(args: &RunArgs, verify: Option<Verify>, target: &TargetStatus) -> bool {
    let is_looking = verify.is_some() || args.recheck_after.is_some();
    ids_to_send(args, target) > 0 || is_looking && target.lookups.open + target.lookups.unknown > 0
}

/// Makes sure that this is meant to be deleted; false if there is nothing to do.
pub(super) fn may_begin(
    args: &RunArgs,
    status: &Status,
    verify: Option<Verify>,
    runtime: &Runtime,
) -> Result<bool, CommandError> {
    if !status.targets.iter().any(|target| has_work(args, verify, target)) {
        expect_count(args, status)?;
        expect_targets(args, status, runtime)?;
        if args.sweep.is_none() {
            notice("the job is finished: nothing is sent");
        }
        return Ok(false);
    }
    confirm(args, status)?;
    if let (None, Some(verify)) = (args.verify, verify) {
        notice(&format!(
            "verifying, as the last run did (--verify={}); --verify=none deletes without",
            verify.as_str()
        ));
    }
    Ok(true)
}

/// Runs a job, and returns how each of its lanes ended.
pub(super) fn carry_out(
    args: &RunArgs,
    job: Job,
    status: &Status,
    verify: Option<Verify>,
    has_no_bar: bool,
    runtime: &Runtime,
) -> Result<Vec<Ended>, CommandError> {
    let looks = args.wait.map_or(VerifyPolicy::default(), verify_policy::lasting);
    let settings = RunSettings {
        travel: args.travel,
        concurrency: usize::from(args.speed.pace.concurrency),
        rate: args.speed.rate,
        limiter: None,
        looks: verify.is_some().then_some(looks),
        accepts_credential: args.accept_credential,
    };
    let has_work = |target: &TargetStatus| has_work(args, verify, target);
    let vendor_runs = lanes::vendor_runs(status, &args.settings(status)?, has_work, &settings, runtime)?;
    let total = status.targets.iter().map(|target| ids_to_send(args, target)).sum();
    let progress = lanes::progress(&vendor_runs, total, !has_no_bar);
    let mut run = Run { args, verify, vendor_runs, looks, progress };
    let ended = runtime.block_on(run.carry_out(job));
    run.progress.finish();
    let ended = ended?;
    run.vendor_runs.iter().for_each(VendorRun::warn_unchecked);
    Ok(ended)
}

/// What `--verify` asks for; without it, what the last run was asked for, which may have been killed before it had verified all.
pub(super) fn verify(args: &RunArgs, status: &Status) -> Option<Verify> {
    Some(args.verify.unwrap_or(status.verify)).filter(|verify| *verify != Verify::Off)
}

pub(super) fn conclusion<'a>(
    args: &'a RunArgs,
    verify: Option<Verify>,
    holds: Option<&'a HoldReport>,
) -> Conclusion<'a> {
    Conclusion {
        path: Some(&args.job),
        is_private: false,
        is_part: args.sweep.is_some(),
        format: args.output,
        looks: verify.is_some() || args.recheck_after.is_some(),
        verify,
        absent: args.absent,
        holds,
        bundle: &args.bundle,
    }
}

struct Run<'a> {
    args: &'a RunArgs,
    verify: Option<Verify>,
    vendor_runs: Vec<VendorRun>,
    looks: VerifyPolicy,
    progress: ProgressReporter,
}

impl Run<'_> {
    async fn carry_out(&mut self, mut job: Job) -> Result<Vec<Ended>, CommandError> {
        let mut signals = signals::listen();
        let deadline = self.args.deadline.map(|after| Instant::now() + after);
        let retry_failed = self.args.retry_failed;
        lanes::check_all(&mut self.vendor_runs, self.verify.is_some(), retry_failed, deadline, &mut signals).await?;
        accept(&mut job, &self.vendor_runs, retry_failed, deadline, &mut signals).await?;
        for (number, skew) in self
            .vendor_runs
            .iter()
            .filter_map(|vendor_run| Some((vendor_run.number(), vendor_run.checker.clock_skew()?)))
        {
            job.record_clock_skew(number, skew)?;
        }
        if retry_failed {
            notice(&format!("open again: {} that failed", count(job.count_failed()?, "id")));
        }
        let options = self.options(deadline);
        let mut supervisor = Supervisor::new(&self.progress, deadline);
        let stop = supervisor.stop.clone();
        let Some(clock) = self.vendor_runs.first().map(VendorRun::clock) else { return Ok(Vec::new()) };
        let running = job.run(self.lanes(), clock, &options, &stop, &self.progress);
        let ended = supervisor.supervise(running, &mut signals).await?;
        let ended = self.name(ended, &supervisor);
        let is_finished = ended.iter().all(Ended::is_finished);
        match self.args.recheck_after.filter(|_| is_finished) {
            Some(after) => self.look_again(after, &options, &mut supervisor, &mut signals).await,
            None => Ok(ended),
        }
    }

    fn options(&self, deadline: Option<Instant>) -> RunOptions {
        RunOptions {
            absent_ok: self.args.absent.is_ok(),
            all_absent_ok: self.args.absent.is_ok_for_all(),
            deadline,
            max_outage: self.args.sweep.as_ref().map(|_| MAX_OUTAGE),
            verify: self.verify.unwrap_or_default(),
            retry_failed: self.args.retry_failed,
            verify_policy: self.looks,
            program: PROGRAM.to_owned(),
            ..RunOptions::default()
        }
    }

    fn lanes(&self) -> Vec<Lane> {
        self.vendor_runs.iter().map(VendorRun::lane).collect()
    }

    fn name(&self, endings: Vec<Ending>, supervisor: &Supervisor<'_>) -> Vec<Ended> {
        let endings = self.vendor_runs.iter().zip(endings);
        endings.map(|(vendor_run, ending)| Ended::of(vendor_run, ending, supervisor.is_late)).collect()
    }

    async fn look_again(
        &self,
        after: Duration,
        options: &RunOptions,
        supervisor: &mut Supervisor<'_>,
        signals: &mut UnboundedReceiver<()>,
    ) -> Result<Vec<Ended>, CommandError> {
        let Some(clock) = self.vendor_runs.first().map(VendorRun::clock) else { return Ok(Vec::new()) };
        let all = |ending: Ending| self.vendor_runs.iter().map(|_| ending.clone()).collect();
        if options.deadline.is_some_and(|deadline| deadline.saturating_duration_since(Instant::now()) < after) {
            return Ok(self.name(all(Ending::DeadlineReached { wait: after }), supervisor));
        }
        let at = clock_time(SystemTime::now(), after).map_or(String::new(), |time| format!(", at {time}"));
        notice(&format!("all is deleted: looking again in {}{at}", span(after)));
        let is_interrupted = unless_interrupted(sleep(after), signals).await.is_none();
        let ended = if is_interrupted {
            notice("interrupted: the second check, of --recheck-after, was not made");
            all(Ending::Interrupted)
        } else {
            let stop = supervisor.stop.clone();
            let job = open(&self.args.job)?;
            let looking = job.verify(self.lanes(), clock, options, &stop, &self.progress);
            supervisor.supervise(looking, signals).await?
        };
        Ok(self.name(ended, supervisor))
    }
}
