//! Decides what a lane does next. It has no clock, no file and no network: it gets events, and returns what is to
//! be done. Which records come next is in `prefetch`, and what each response means for its records in `settle`.

pub(crate) mod decide;
pub(crate) mod event;
mod flights;
pub(crate) mod gate;
mod observe;
mod prefetch;
mod queue;
mod scan;
mod send;
mod settle;
#[cfg(test)]
mod simulation;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use delete_core::VerifyPolicy;

use crate::journal::{Entry, Work};
use crate::run::Ending;
use event::{Command, Event, Operation, Poll};
use flights::Flights;
use gate::{Gate, GateConfig};
use queue::{Batch, Queue};

/// A part of a run. Its end is awaited before the next one begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Goes through all records that are open to it.
    Work(Work),
    /// Reads one complete list.
    List,
}

/// What a lane does, and how.
#[derive(Debug)]
pub(crate) struct MachineConfig {
    pub(crate) gate: GateConfig,
    pub(crate) steps: Vec<Step>,
    /// The most records of one delete.
    pub(crate) max_batch: usize,
    /// Each record is to be seen before its delete, so that its absence proves something.
    pub(crate) needs_proof: bool,
    /// Each record is looked up right after its delete.
    pub(crate) looks_up_after: bool,
    /// Only records that are over are deleted.
    pub(crate) reject_active: bool,
    pub(crate) verify_policy: VerifyPolicy,
    /// It does not matter whether any record is found.
    pub(crate) all_absent_ok: bool,
    /// The target has more than one record.
    pub(crate) is_several: bool,
    pub(crate) deadline: Option<Instant>,
    /// The credential is checked before anything else.
    pub(crate) checks_credential: bool,
    /// Deletes were sent earlier whose records are not known to be absent.
    pub(crate) has_unverified: bool,
}

/// Records that are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Claim {
    Idle,
    Asked,
    /// There are no more.
    Exhausted,
}

/// A request that shows whether the vendor is available and the credential good.
#[derive(Clone, Copy, Debug)]
struct Probe {
    due: Instant,
    tries: u32,
    /// Nothing else is sent until it succeeds.
    is_required: bool,
}

/// One lane of a run.
#[derive(Debug)]
pub(crate) struct Machine {
    config: MachineSettings,
    steps: VecDeque<Step>,
    step: Step,
    gate: Gate,
    queue: Queue,
    /// Deletes that their lookups allow.
    checked: VecDeque<Batch>,
    /// Deletes whose intents are written: nothing keeps them but the gate.
    armed: VecDeque<Batch>,
    /// Deletes whose intents are being written.
    arming: Option<Vec<Batch>>,
    /// Deletes of absent records, until it is known whether this is the right target.
    parked: Vec<Batch>,
    /// Records that were deleted, and are looked up next.
    followups: VecDeque<Batch>,
    flights: Flights,
    claim: Claim,
    probe: Option<Probe>,
    /// Records whose intents are to be taken back.
    unsent: Vec<i64>,
    /// No call in flight has ended for a while.
    is_slow: bool,
    stuck_at: Option<Instant>,
    /// The end of the wait that was reported last.
    reported: Option<Instant>,
    has_reported_unchecked: bool,
    /// Deletes were sent, in this run or earlier, whose records are not known to be absent.
    has_unverified: bool,
    ending: Option<Ending>,
}

/// What of a [`MachineConfig`] does not change.
#[derive(Debug)]
struct MachineSettings {
    max_batch: usize,
    is_bulk: bool,
    is_interactive: bool,
    needs_proof: bool,
    looks_up_after: bool,
    reject_active: bool,
    verify_policy: VerifyPolicy,
    all_absent_ok: bool,
    is_several: bool,
    deadline: Option<Instant>,
}

/// Intents are written so far ahead of their requests: enough that no request waits for the disk, and few enough that a
/// crash leaves little in doubt.
pub(crate) const PREFETCH_HORIZON: Duration = Duration::from_millis(250);

impl Machine {
    pub(crate) fn new(config: MachineConfig, now: Instant) -> Self {
        let due = Probe { due: now, tries: 0, is_required: true };
        Self {
            config: MachineSettings {
                max_batch: config.max_batch.max(1),
                is_bulk: config.gate.is_bulk,
                is_interactive: config.gate.is_interactive,
                needs_proof: config.needs_proof,
                looks_up_after: config.looks_up_after,
                reject_active: config.reject_active,
                verify_policy: config.verify_policy,
                all_absent_ok: config.all_absent_ok,
                is_several: config.is_several,
                deadline: config.deadline,
            },
            steps: config.steps.into(),
            step: Step::List,
            gate: Gate::new(config.gate, now),
            queue: Queue::default(),
            checked: VecDeque::new(),
            armed: VecDeque::new(),
            arming: None,
            parked: Vec::new(),
            followups: VecDeque::new(),
            flights: Flights::default(),
            claim: Claim::Exhausted,
            probe: config.checks_credential.then_some(due),
            unsent: Vec::new(),
            is_slow: false,
            stuck_at: None,
            reported: None,
            has_reported_unchecked: false,
            has_unverified: config.has_unverified,
            ending: None,
        }
    }

    /// Handles one event. Appends what is to be done to `out`, in order.
    pub(crate) fn handle(&mut self, now: Instant, event: Event, out: &mut Vec<Command>) -> Poll {
        self.on_event(now, event, out);
        self.release(out);
        loop {
            let until = self.advance(now, out);
            if self.is_waiting() {
                return Poll::Wait { until };
            }
            if self.resolve_parked() {
                continue;
            }
            self.release_unsent(out);
            match self.steps.pop_front().filter(|_| self.ending.is_none()) {
                Some(step) => self.begin(step),
                None => return Poll::Done(self.ending.take().unwrap_or(Ending::Finished)),
            }
        }
    }

    fn on_event(&mut self, now: Instant, event: Event, out: &mut Vec<Command>) {
        match event {
            Event::Start => {}
            Event::Claimed { records, is_last } => self.on_claimed(records, is_last),
            Event::Intended(intents) => self.on_intended(intents),
            Event::Returned { call, at, results } => self.on_returned(now, call, at, results, out),
            Event::Checked { call, result } => self.on_checked(now, call, result, out),
            Event::Listed { call, result } => self.on_listed(now, call, result, out),
            Event::Held { call, held } => self.on_held(call, &held, out),
            Event::HoldsUnreadable { call } => {
                self.armed.extend(self.flights.take(call).map(|flight| flight.batch));
                self.stop(Ending::Interrupted);
            }
            // A lookup that is dropped changes nothing.
            Event::Drain if self.is_lookup_only() => self.on_abort(out),
            Event::Drain | Event::JournalFailed => self.stop(Ending::Interrupted),
            Event::Abort => self.on_abort(out),
            Event::Wake if self.stuck_at.is_some_and(|at| at <= now) => {
                self.is_slow = true;
                self.disarm(out);
            }
            Event::Wake => {}
        }
    }

    fn begin(&mut self, step: Step) {
        self.step = step;
        self.claim = match step {
            Step::Work(_) => Claim::Idle,
            Step::List => {
                if self.has_unverified {
                    self.queue.push(Batch::new(Operation::List, Vec::new()));
                }
                Claim::Exhausted
            }
        };
    }

    /// Whether something is to come, so that the step is not over.
    fn is_waiting(&self) -> bool {
        let is_writing = self.claim == Claim::Asked || self.arming.is_some();
        is_writing || !self.flights.is_empty() || self.ending.is_none() && self.has_next()
    }

    /// Whether something waits to be sent.
    fn has_next(&self) -> bool {
        let has_ready = !self.armed.is_empty() || !self.checked.is_empty() || !self.followups.is_empty();
        // The credential is checked only if there is something to be done with it.
        has_ready || self.probe.is_some_and(|probe| !probe.is_required) || self.has_queued()
    }

    /// Whether the queue holds something to be sent. What has failed before waits for records that are being claimed: they
    /// are sent before it.
    fn has_queued(&self) -> bool {
        self.queue.begins_fresh() || self.claim != Claim::Asked && !self.queue.is_empty()
    }

    /// Sends no more, for the reason that came first.
    fn stop(&mut self, ending: Ending) {
        self.ending.get_or_insert(ending);
    }

    /// Decides what becomes of absent records once no other record is left that could show whether this is the right target.
    /// Returns whether the step goes on.
    fn resolve_parked(&mut self) -> bool {
        if self.ending.is_some() {
            return false;
        }
        let nothing_found = !self.gate.guard.is_settled() && self.config.is_several && !self.config.all_absent_ok;
        if self.step == Step::Work(Work::Precheck) && nothing_found && self.gate.guard.has_missed() {
            self.stop(self.gate.guard.nothing_found());
        }
        if self.parked.is_empty() {
            return false;
        }
        if nothing_found {
            self.stop(self.gate.guard.nothing_found());
            return false;
        }
        self.release_parked();
        true
    }

    fn release_parked(&mut self) {
        self.checked.extend(self.parked.drain(..));
    }

    /// Nobody waits for the responses to what is in flight, which may be deleted.
    fn on_abort(&mut self, out: &mut Vec<Command>) {
        self.stop(Ending::Interrupted);
        let batches = self.flights.drain().map(|flight| flight.batch);
        let records = batches.filter(|batch| batch.operation == Operation::Delete).flat_map(|batch| batch.records);
        let tried = records.map(|record| Command::Write(Entry::Tried(decide::abandoned(record.record))));
        out.push(Command::Abandon);
        out.extend(tried);
    }
}
