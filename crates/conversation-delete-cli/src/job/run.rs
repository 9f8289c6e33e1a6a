//! The command `run`: deletes what a job says, or goes on with it.

mod hold;

use std::future::Future;
use std::pin::pin;
use std::time::{Duration, Instant, SystemTime};

use conversation_delete_job::{Ending, HoldReport, Job, JobError, Lane, RunOptions, StopHandle, TargetStatus};
use delete_core::VerifyPolicy;
use futures_util::FutureExt;
use tokio::runtime::Runtime;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{MissedTickBehavior, interval_at, sleep};

use super::accept::accept;
use super::ending::{Conclusion, Ended};
use super::lanes::{self, Manner, Party};
use super::question::{confirm, expect_count, expect_hash};
use super::watch::{Watch, moment, span};
use super::{PROGRAM, Trouble, open, read, read_after_run, told};
use crate::args::RunArgs;
use crate::exit::Exit;
use crate::look;
use crate::progress::notice;
use crate::report::{Outcome, count};
use crate::signals::{self, unless_interrupted};

/// Without a terminal there is a word at least this often.
pub(super) const TELL_EVERY: Duration = Duration::from_secs(60);

/// Carries out the command.
pub(crate) fn execute(args: &RunArgs, is_verbose: bool, runtime: &Runtime) -> Exit {
    told(run(args, is_verbose, runtime))
}

fn run(args: &RunArgs, is_verbose: bool, runtime: &Runtime) -> Result<Exit, Trouble> {
    let (job, held) = hold::open(args)?;
    let conclusion = conclusion(args, held.as_ref());
    let status = read(&args.job)?;
    expect_hash(args, &status)?;
    let is_looking = args.verify.is_some() || args.recheck_after.is_some();
    let has_work = |target: &TargetStatus| {
        ids_to_send(args, target) > 0 || is_looking && target.looks.open + target.looks.unknown > 0
    };
    if !status.targets.iter().any(has_work) {
        expect_count(args, &status)?;
        notice("the job is finished: nothing is sent");
        return Ok(conclusion.tell(&status, &[]));
    }
    confirm(args, &status)?;
    let looks = args.wait.map_or(VerifyPolicy::default(), look::looks_for);
    let manner = Manner {
        travel: args.travel,
        concurrency: usize::from(args.pace.concurrency),
        rate: args.rate,
        limiter: None,
        looks: args.verify.is_some().then_some(looks),
        accepts_credential: args.accept_credential,
    };
    let parties = lanes::parties(&status, has_work, &manner, runtime)?;
    let total = status.targets.iter().map(|target| ids_to_send(args, target)).sum();
    let watch = Watch::new(&parties, total, !is_verbose);
    let mut run = Run { args, parties, looks, watch };
    let ended = runtime.block_on(run.carry_out(job));
    run.watch.finish();
    let ended = ended.map_err(|trouble| conclusion.tell_loss(trouble))?;
    run.parties.iter().for_each(Party::tell_of_unseen);
    Ok(conclusion.tell(&read_after_run(&args.job)?, &ended))
}

fn conclusion<'a>(args: &'a RunArgs, holds: Option<&'a HoldReport>) -> Conclusion<'a> {
    Conclusion {
        path: &args.job,
        is_private: false,
        format: args.output,
        looks: args.verify.is_some() || args.recheck_after.is_some(),
        wants_proof: args.verify.is_some(),
        absent: args.absent,
        holds,
    }
}

/// How many ids this run is to send: the open ones, and with --retry-failed those that failed.
pub(super) fn ids_to_send(args: &RunArgs, target: &TargetStatus) -> u64 {
    let number = |outcome: Outcome| target.outcomes.get(outcome);
    number(Outcome::NotAttempted) + if args.retry_failed { number(Outcome::Failed) } else { 0 }
}

struct Run<'a> {
    args: &'a RunArgs,
    parties: Vec<Party>,
    looks: VerifyPolicy,
    watch: Watch,
}

impl Run<'_> {
    async fn carry_out(&mut self, mut job: Job) -> Result<Vec<Ended>, Trouble> {
        let mut signals = signals::listen();
        let deadline = self.args.deadline.map(|after| Instant::now() + after);
        let RunArgs { verify, retry_failed, .. } = *self.args;
        lanes::check_places(&mut self.parties, verify.is_some(), retry_failed, deadline, &mut signals).await?;
        accept(&mut job, &self.parties, retry_failed, deadline, &mut signals).await?;
        for (number, skew) in
            self.parties.iter().filter_map(|party| Some((party.number(), party.checker.clock_skew()?)))
        {
            job.record_clock_skew(number, skew)?;
        }
        if retry_failed {
            notice(&format!("open again: {} that failed", count(job.count_failed()?, "id")));
        }
        let options = self.options(deadline);
        let mut steering = Steering::new(&self.watch, deadline, self.args.tell_every);
        let stop = steering.stop.clone();
        let Some(clock) = self.parties.first().map(Party::clock) else { return Ok(Vec::new()) };
        let running = job.run(self.lanes(), clock, &options, &stop, &self.watch);
        let ended = steering.steer(running, &mut signals).await?;
        let ended = self.name(ended, &steering);
        let is_finished = ended.iter().all(Ended::is_finished);
        match self.args.recheck_after.filter(|_| is_finished) {
            Some(after) => self.look_again(after, &options, &mut steering, &mut signals).await,
            None => Ok(ended),
        }
    }

    fn options(&self, deadline: Option<Instant>) -> RunOptions {
        RunOptions {
            absent_ok: self.args.absent.is_ok(),
            all_absent_ok: self.args.absent.is_ok_for_all(),
            deadline,
            verify: self.args.verify.unwrap_or_default(),
            retry_failed: self.args.retry_failed,
            verify_policy: self.looks,
            program: PROGRAM.to_owned(),
            ..RunOptions::default()
        }
    }

    fn lanes(&self) -> Vec<Lane> {
        self.parties.iter().map(Party::lane).collect()
    }

    fn name(&self, endings: Vec<Ending>, steering: &Steering<'_>) -> Vec<Ended> {
        let endings = self.parties.iter().zip(endings);
        endings.map(|(party, ending)| Ended::of(party, ending, steering.is_late)).collect()
    }

    async fn look_again(
        &self,
        after: Duration,
        options: &RunOptions,
        steering: &mut Steering<'_>,
        signals: &mut UnboundedReceiver<()>,
    ) -> Result<Vec<Ended>, Trouble> {
        let Some(clock) = self.parties.first().map(Party::clock) else { return Ok(Vec::new()) };
        let all = |ending: Ending| self.parties.iter().map(|_| ending.clone()).collect();
        if options.deadline.is_some_and(|deadline| deadline.saturating_duration_since(Instant::now()) < after) {
            return Ok(self.name(all(Ending::DeadlineReached { wait: after }), steering));
        }
        let at = moment(SystemTime::now(), after).map_or(String::new(), |time| format!(", at {time}"));
        self.watch.say(&format!("all is deleted: looking again in {}{at}", span(after)));
        let is_interrupted = unless_interrupted(sleep(after), signals).await.is_none();
        let ended = if is_interrupted {
            self.watch.say("interrupted: the second check, of --recheck-after, was not made");
            all(Ending::Interrupted)
        } else {
            let stop = steering.stop.clone();
            let job = open(&self.args.job)?;
            let looking = job.verify(self.lanes(), clock, options, &stop, &self.watch);
            steering.steer(looking, signals).await?
        };
        Ok(self.name(ended, steering))
    }
}

/// Heeds signals, the clock and the deadline while a job goes on.
pub(super) struct Steering<'a> {
    watch: &'a Watch,
    pub(super) stop: StopHandle,
    deadline: Option<Instant>,
    tell_every: Duration,
    /// Whether the deadline stopped it.
    pub(super) is_late: bool,
    was_interrupted: bool,
}

impl<'a> Steering<'a> {
    pub(super) fn new(watch: &'a Watch, deadline: Option<Instant>, tell_every: Duration) -> Self {
        Self { watch, stop: StopHandle::default(), deadline, tell_every, is_late: false, was_interrupted: false }
    }

    fn report_interruption(&self) {
        self.watch.say(&match self.stop.in_flight() {
            0 => "interrupted: sending no more; nothing is in flight".to_owned(),
            requests => {
                let requests = count(requests as u64, "request");
                format!(
                    "interrupted: sending no more, waiting for {requests} in flight (interrupt again to stop waiting)"
                )
            }
        });
    }

    /// The endings.
    pub(super) async fn steer(
        &mut self,
        running: impl Future<Output = Result<Vec<Ending>, JobError>>,
        signals: &mut UnboundedReceiver<()>,
    ) -> Result<Vec<Ending>, JobError> {
        let mut running = pin!(running);
        let mut ticks = interval_at(tokio::time::Instant::now() + self.tell_every, self.tell_every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let left = self.deadline.map_or(Duration::ZERO, |deadline| deadline.saturating_duration_since(Instant::now()));
        let mut deadline = pin!(sleep(left));
        loop {
            tokio::select! {
                biased;
                Some(()) = signals.recv() => {
                    if std::mem::replace(&mut self.was_interrupted, true) {
                        self.watch.say("interrupted again: not waiting; the next run finds out what was in flight");
                        self.stop.abort();
                    } else {
                        signals::stop_token().stop();
                        self.stop.drain();
                        // Calls that only wait for their next attempt end at once, and are not in flight.
                        let endings = running.as_mut().now_or_never();
                        self.report_interruption();
                        if let Some(endings) = endings {
                            return endings;
                        }
                    }
                }
                () = &mut deadline, if self.deadline.is_some() && !self.is_late => {
                    self.is_late = true;
                    self.stop.drain();
                }
                endings = &mut running => return endings,
                _ = ticks.tick() => self.watch.tell(),
            }
        }
    }
}
