//! One vendor's part of a run, as a loop. Which records come next is in `claim`, when they are sent in `send`, and what
//! each response means for them in `settle`.

mod claim;
mod send;
mod settle;

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use delete_core::{Clock, Error, RateLimiter};
use futures_util::future::{BoxFuture, OptionFuture};
use futures_util::stream::{FuturesUnordered, StreamExt};

use super::health::Health;
use super::queue::{Batch, Queue};
use super::{Known, Lane};
use crate::child::ChildJournal;
use crate::error::JobError;
use crate::hold_check::HoldCheck;
use crate::journal::{Claimed, Intent, Journal};
use crate::pace::Pacer;
use crate::pass::{Answer, Pass, Worker};
use crate::run::{Ending, Progress, RunOptions, StopHandle};
use crate::target::TargetNumber;

/// Intents are written so far ahead of their requests: enough that no request waits for the disk, and few enough that a
/// crash leaves little in doubt.
const AHEAD: Duration = Duration::from_millis(250);

/// A record whose requests failed so often has failed, if the vendor is available otherwise. The waits between them grow
/// to half a minute, so that this takes a minute.
const MAX_TRIES: u32 = 8;
/// The same in an interactive job.
const MAX_INTERACTIVE_TRIES: u32 = 4;

/// What the tries of a batch count for each of its records, once they are tried one by one.
const TRIES_TOGETHER: u32 = MAX_TRIES - 3;

/// A call that came to its end.
enum Done {
    Called {
        batch: Batch,
        sent_at: Instant,
        results: Vec<Result<Answer, Error>>,
    },
    /// Whether the vendor is available otherwise.
    Asked {
        sent_at: Instant,
        answer: Result<(), Error>,
    },
}

/// What all lanes of a run have in common.
#[derive(Clone)]
pub(crate) struct Setting<'a> {
    pub(crate) journal: Journal,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) options: &'a RunOptions,
    pub(crate) stop: &'a StopHandle,
    pub(crate) progress: &'a dyn Progress,
}

/// The records whose intents are being written, and the reply.
struct Arming {
    batches: Vec<Batch>,
    intents: BoxFuture<'static, Result<Vec<Intent>, JobError>>,
}

pub(crate) struct LaneRun<'a> {
    setting: Setting<'a>,
    target: TargetNumber,
    worker: Worker,
    children: Option<ChildJournal>,
    hold_check: Option<HoldCheck>,
    pass: Pass,
    pacer: Pacer,
    limiter: Option<RateLimiter>,
    health: Health,
    is_interactive: bool,
    queue: Queue,
    /// The next to be sent: nothing more needs to be written for them.
    armed: VecDeque<Batch>,
    arming: Option<Arming>,
    calls: FuturesUnordered<BoxFuture<'static, Done>>,
    /// The records of each delete in flight, by the first of them.
    in_flight: HashMap<i64, Vec<i64>>,
    /// Records that were asked for, and how many.
    claiming: Option<BoxFuture<'static, Result<Vec<Claimed>, JobError>>>,
    asked: usize,
    has_more: bool,
    /// How long a call takes, on average.
    latency: Duration,
    /// None of the calls in flight has ended for a while.
    is_slow: bool,
    /// No valid response came in this pass. Until then one call is sent on its own: a wrong credential, or one that may
    /// not do this, shall cost one request.
    is_first: bool,
    /// The next request is to find out whether the vendor is available, although nothing that is left succeeds.
    asks_next: bool,
    /// That request is in flight.
    is_asking: bool,
    ending: Option<Ending>,
    /// Why the holds could not be checked before a request.
    unreadable: Option<JobError>,
}

impl<'a> LaneRun<'a> {
    pub(crate) fn new(setting: Setting<'a>, lane: Lane, known: Known) -> Self {
        let now = setting.clock.now();
        if let Some(children) = &lane.children {
            children.open(setting.journal.clone(), lane.target);
        }
        if let Some(check) = &lane.hold_check {
            check.open(setting.journal.clone());
        }
        Self {
            target: lane.target,
            worker: Worker {
                deleter: lane.deleter,
                reader: lane.reader,
                looks: known.looks(setting.options.verify_policy),
                clock: Arc::clone(&setting.clock),
                requests: lane.requests,
                max_batch: lane.max_batch,
            },
            children: lane.children,
            hold_check: lane.hold_check,
            pass: Pass::Delete,
            limiter: lane.limiter,
            pacer: Pacer::held(lane.limits, now, lane.not_before),
            health: Health::new(setting.options, known),
            is_interactive: known.is_interactive,
            queue: Queue::default(),
            armed: VecDeque::new(),
            arming: None,
            calls: FuturesUnordered::new(),
            in_flight: HashMap::new(),
            claiming: None,
            asked: 0,
            has_more: true,
            latency: Duration::ZERO,
            is_slow: false,
            is_first: true,
            asks_next: false,
            is_asking: false,
            ending: None,
            unreadable: None,
            setting,
        }
    }

    /// Goes through these passes, one after the other, until nothing is left to do or there is a reason to stop.
    pub(crate) async fn run(mut self, passes: &[Pass]) -> Result<Ending, JobError> {
        for pass in passes {
            self.pass = *pass;
            self.has_more = true;
            self.is_first = true;
            self.health.begin_pass(*pass);
            self.go_through().await?;
            if *pass == Pass::Precheck && self.ending.is_none() {
                self.ending = self.health.none_found();
            }
            if self.ending.is_some() {
                break;
            }
        }
        Ok(self.ending.take().unwrap_or(Ending::Finished))
    }

    /// Does one pass. What is in flight is awaited, also if there is a reason to stop.
    async fn go_through(&mut self) -> Result<(), JobError> {
        loop {
            self.check_journal();
            self.heed_halt();
            self.heed_deadline();
            self.claim_ahead();
            let is_writing = self.claiming.is_some() || self.arming.is_some();
            let may_send = self.ending.is_none() && self.has_next();
            if self.calls.is_empty() && !is_writing && !may_send {
                break;
            }
            let mut wait = None;
            if may_send {
                let now = self.setting.clock.now();
                let pause = self.pause(now);
                self.arm_ahead(pause);
                if self.calls.len() < self.open_calls() {
                    if pause.is_zero() && self.try_send(now) {
                        continue;
                    }
                    if !self.may_wait(now, pause) {
                        continue;
                    }
                    wait = Some(pause).filter(|pause| !pause.is_zero());
                }
            }
            self.await_something(wait).await;
        }
        self.leave();
        let flushed = self.setting.journal.flush().await;
        self.unreadable.take().map_or(flushed, Err)
    }

    /// Whether a request was sent, or there is a reason to send none any more.
    fn try_send(&mut self, now: Instant) -> bool {
        self.send(now).unwrap_or_else(|error| {
            self.unreadable = Some(error);
            self.ending.get_or_insert(Ending::Interrupted);
            true
        })
    }

    /// Sends nothing more once the file cannot be written or is lost. What is in flight is awaited all the same.
    fn check_journal(&mut self) {
        if self.setting.journal.check().is_err() {
            self.ending.get_or_insert(Ending::Interrupted);
        }
    }

    /// If somebody does not even want to wait for what is in flight, its records stay in doubt, for the next run.
    fn heed_halt(&mut self) {
        if self.setting.stop.is_draining() {
            self.ending.get_or_insert(Ending::Interrupted);
        }
        if self.setting.stop.is_aborted() {
            self.setting.stop.calls_end(self.calls.len());
            self.calls.clear();
            self.abandon_in_flight();
        }
    }

    fn heed_deadline(&mut self) {
        let Some(deadline) = self.setting.options.deadline else { return };
        // A lane that has nothing left to send is as good as finished.
        if self.has_next() && self.setting.clock.now() >= deadline {
            self.stop(Some(Ending::DeadlineReached { wait: Duration::ZERO }));
        }
    }

    /// Whether something waits to be sent.
    fn has_next(&self) -> bool {
        !self.armed.is_empty() || self.has_queued()
    }

    /// Whether the queue holds something to be sent. What has failed before waits for records that are being claimed: they
    /// are sent before it.
    fn has_queued(&self) -> bool {
        self.queue.begins_fresh() || self.claiming.is_none() && !self.queue.is_empty()
    }

    /// Goes on when a call has ended, records were claimed, intents written, the wait is over, or somebody wants it to
    /// stop.
    async fn await_something(&mut self, wait: Option<Duration>) {
        if let Some(wait) = wait {
            self.report_wait(wait);
        }
        let clock = Arc::clone(&self.setting.clock);
        let (stop, journal) = (self.setting.stop, self.setting.journal.clone());
        let intents = OptionFuture::from(self.arming.as_mut().map(|arming| arming.intents.as_mut()));
        // No call has ended for as long as intents may wait for their requests.
        let is_stuck = wait.is_none() && !self.calls.is_empty() && self.armed.iter().any(Batch::is_releasable);
        tokio::select! {
            biased;
            () = journal.broken(), if self.ending.is_none() => {}
            Some(done) = self.calls.next(), if !self.calls.is_empty() => {
                stop.calls_end(1);
                self.settle(done);
            }
            Some(claimed) = OptionFuture::from(self.claiming.as_mut()), if self.claiming.is_some() => {
                self.claiming = None;
                // If there is none, the file cannot be written, which is found out next.
                self.accept(claimed.unwrap_or_default());
            }
            Some(intents) = intents => match intents {
                Ok(intents) => self.arm(intents),
                // Nor is there an intent then.
                Err(_) => self.arming = None,
            },
            () = stop.draining(), if wait.is_some() => {}
            () = stop.aborted(), if !self.calls.is_empty() => {}
            () = clock.sleep(wait.unwrap_or_default()), if wait.is_some() => {}
            () = clock.sleep(AHEAD), if is_stuck => {
                self.is_slow = true;
                self.disarm();
            }
        }
    }

    /// Sends no more, for the reason that came first.
    fn stop(&mut self, ending: Option<Ending>) {
        self.ending = self.ending.take().or(ending);
    }
}

impl Drop for LaneRun<'_> {
    fn drop(&mut self) {
        self.setting.stop.calls_end(self.calls.len());
        // The calls, which may still write, are dropped before.
        self.calls.clear();
        if let Some(children) = &self.children {
            children.close();
        }
        if let Some(check) = &self.hold_check {
            check.close();
        }
    }
}
