//! Runs a planned job, from its beginning or from where it was left.

mod known;
mod options;
mod progress;
mod stop;

use std::sync::Arc;

use delete_core::{Clock, Deleter, RejectActive};
use futures_util::future::join_all;

use crate::accepted::{difference, wrong_target};
use crate::driver::{RunContext, Session, drive};
use crate::endpoint::Endpoint;
use crate::error::{JobError, JobErrorKind};
use crate::holds::settle_late_holds;
use crate::journal::{Journal, Purpose, Work, begin, left_to_verify};
use crate::lane::Lane;
use crate::lock::Lock;
use crate::machine::gate::GateConfig;
use crate::machine::{Machine, MachineConfig, Step};
use crate::memory::JobLocation;
use crate::store::{Store, has_lost_outcomes};
use crate::target::{Target, TargetNumber};
use crate::verify::Verify;

use known::Known;
pub use options::{Ending, RunOptions};
pub use progress::{Progress, ProgressEvent, Waiting};
pub use stop::StopHandle;

/// A planned job that nobody else runs.
#[derive(Debug)]
pub struct Job {
    pub(crate) store: Store,
    lock: Lock,
}

impl Job {
    /// Opens a job to run it. A file of an older format is brought to the current one, and keeps its plan hash.
    ///
    /// # Errors
    /// [`JobErrorKind::Busy`] when another process runs it, with the name of that; [`JobErrorKind::NotAJob`],
    /// [`JobErrorKind::Changed`] when the plan is not one that was made here, or not that any more;
    /// [`JobErrorKind::UnsafeLocation`] and [`JobErrorKind::Linked`] if its latest outcomes could be lost where it is;
    /// [`JobErrorKind::Inaccessible`]; [`JobErrorKind::Storage`].
    pub fn open(location: impl Into<JobLocation>) -> Result<Self, JobError> {
        let location = location.into();
        let mut store = Store::open(&location)?;
        // A log that is left from a run that was killed is folded in.
        store.leave_wal();
        let lock = Lock::take(location)?;
        store.prepare_to_run()?;
        Ok(Self { store, lock })
    }

    /// Whether outcomes of earlier runs were lost with the log that held them (`-wal`): the file was copied or mounted
    /// without it. Every record that had no outcome in the file is then in doubt, and "not found" is
    /// [`Gone`](delete_core::Outcome::Gone) for it.
    ///
    /// # Errors
    /// [`JobErrorKind::Storage`].
    pub fn has_lost_outcomes(&self) -> Result<bool, JobError> {
        has_lost_outcomes(&self.store.connection)
    }

    /// Returns where it is kept.
    pub fn location(&self) -> JobLocation {
        self.store.location()
    }

    /// The targets that were planned.
    ///
    /// # Errors
    /// [`JobErrorKind::Storage`].
    pub fn targets(&self) -> Result<Vec<(TargetNumber, Target)>, JobError> {
        self.store.targets()
    }

    /// Deletes what is still to be deleted, all lanes side by side. The endings are in the order of `lanes`.
    ///
    /// # Errors
    /// [`JobErrorKind::WrongTarget`] if a lane is not of a target of this job as it was planned, or two are of the same:
    /// nothing was sent.
    ///
    /// [`JobErrorKind::Storage`], [`JobErrorKind::Lost`], [`JobErrorKind::TakenOver`]: nothing more was sent, and what was in
    /// flight was awaited. What is in the file is true; a request whose outcome is not in it is resolved by the next run.
    /// If [`JobError::has_begun`] is false, nothing was sent at all.
    pub async fn run(
        self,
        lanes: Vec<Lane>,
        clock: Arc<dyn Clock>,
        options: &RunOptions,
        stop: &StopHandle,
        progress: &dyn Progress,
    ) -> Result<Vec<Ending>, JobError> {
        self.carry_out(Purpose::Delete, lanes, clock, options, stop, progress).await
    }

    /// How many records [`verify`](Self::verify) would look up: all that a delete was sent for, or those that a verification
    /// has left which did not finish.
    ///
    /// # Errors
    /// [`JobErrorKind::Storage`].
    pub fn left_to_verify(&self) -> Result<u64, JobError> {
        left_to_verify(&self.store.connection)
    }

    /// Looks again at all records that a delete was sent for, and changes nothing at the vendor. It goes on with a
    /// verification that did not finish, unless [`RunOptions::anew`] is set.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub async fn verify(
        self,
        lanes: Vec<Lane>,
        clock: Arc<dyn Clock>,
        options: &RunOptions,
        stop: &StopHandle,
        progress: &dyn Progress,
    ) -> Result<Vec<Ending>, JobError> {
        self.carry_out(Purpose::Verify, lanes, clock, options, stop, progress).await
    }

    /// Looks up all records, and changes nothing at the vendor. No record gets an outcome.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub async fn lookup(
        self,
        lanes: Vec<Lane>,
        clock: Arc<dyn Clock>,
        options: &RunOptions,
        stop: &StopHandle,
        progress: &dyn Progress,
    ) -> Result<Vec<Ending>, JobError> {
        self.carry_out(Purpose::Lookup, lanes, clock, options, stop, progress).await
    }

    async fn carry_out(
        mut self,
        purpose: Purpose,
        lanes: Vec<Lane>,
        clock: Arc<dyn Clock>,
        options: &RunOptions,
        stop: &StopHandle,
        progress: &dyn Progress,
    ) -> Result<Vec<Ending>, JobError> {
        check_lanes(&self.store, &lanes)?;
        settle_late_holds(&mut self.store.connection)?;
        let Self { store, lock } = self;
        let (store, run) = begin(store, purpose, options)?;
        let known = |lane: Lane| Ok((Known::of(&store, lane.target, options.verify, lane.reject_active)?, lane));
        let lanes = lanes.into_iter().map(known);
        let lanes = lanes.collect::<Result<Vec<_>, JobError>>()?;
        let (journal, thread) = Journal::start(store, lock, run)?;
        let context = RunContext { journal, clock, options, stop, progress };
        let runs = lanes.into_iter().map(|(known, lane)| run_lane(context.clone(), purpose, lane, known));
        let endings = join_all(runs).await;
        let words: Vec<&str> = endings.iter().flatten().map(Ending::as_str).collect();
        context.journal.end_run(words.join(", "));
        drop(context);
        let written = thread.join().unwrap_or_else(|_| {
            Err(JobError::new(JobErrorKind::Storage, "the thread that writes the job file failed"))
        });
        written.and_then(|()| endings.into_iter().collect()).map_err(JobError::after_begin)
    }
}

async fn run_lane(context: RunContext<'_>, purpose: Purpose, lane: Lane, known: Known) -> Result<Ending, JobError> {
    let machine = machine(&context, purpose, &lane, known);
    let session = Session::begin(context.clone(), lane.target, lane.children, lane.hold_check.clone());
    let is_bulk = lane.reader.prefers_bulk_lookup();
    // A reader that reads a list for one record or for many is not asked for each record.
    let deleter: Arc<dyn Deleter> = match lane.reject_active && is_bulk {
        true => Arc::new(RejectActive::new(lane.deleter, Arc::clone(&lane.reader))),
        false => lane.deleter,
    };
    let endpoint = Endpoint {
        target: lane.target,
        deleter,
        checker: lane.checker.unwrap_or_else(|| Arc::clone(&lane.reader)),
        reader: lane.reader,
        reject_active: lane.reject_active,
        verify_policy: known.verify_policy(context.options.verify_policy),
        hold_check: lane.hold_check,
        journal: context.journal,
        clock: context.clock,
    };
    drive(machine, &endpoint, session).await
}

fn machine(context: &RunContext<'_>, purpose: Purpose, lane: &Lane, known: Known) -> Machine {
    let options = context.options;
    let is_bulk = lane.reader.prefers_bulk_lookup();
    let max_batch = lane.deleter.max_batch().clamp(1, lane.max_batch);
    let needs_proof = options.verify != Verify::Off;
    let gate = GateConfig {
        limits: lane.limits,
        limiter: lane.limiter.clone(),
        not_before: lane.not_before,
        max_outage: options.max_outage,
        is_interactive: known.is_interactive,
        absent_ok: options.absent_ok || options.all_absent_ok,
        is_scanned: is_bulk && needs_proof && !options.all_absent_ok,
        is_confirmed: known.is_confirmed,
        is_batching: max_batch > 1,
        is_bulk,
    };
    let config = MachineConfig {
        gate,
        steps: steps(purpose, options.verify, is_bulk),
        max_batch,
        needs_proof,
        looks_up_after: options.verify == Verify::Lookup && !is_bulk,
        reject_active: lane.reject_active,
        verify_policy: known.verify_policy(options.verify_policy),
        all_absent_ok: options.all_absent_ok,
        is_several: known.is_several,
        deadline: options.deadline,
        checks_credential: lane.checker.is_some(),
        has_unverified: known.has_unverified,
    };
    Machine::new(config, context.clock.now())
}

/// A reader that reads a list for one record or for many looks up all records before the first delete, and after the last.
pub(crate) fn steps(purpose: Purpose, verify: Verify, is_bulk: bool) -> Vec<Step> {
    let work = match (purpose, verify) {
        (Purpose::Verify, _) => return vec![Step::Work(Work::Reverify)],
        (Purpose::Lookup, _) => return vec![Step::Work(Work::Lookup)],
        (Purpose::Delete, Verify::Off) => return vec![Step::Work(Work::Delete)],
        (Purpose::Delete, Verify::List) if !is_bulk => {
            return vec![Step::Work(Work::Delete), Step::List, Step::Work(Work::Verify)];
        }
        (Purpose::Delete, _) if is_bulk => &[Work::Precheck, Work::Delete, Work::Verify][..],
        (Purpose::Delete, _) => &[Work::Delete, Work::Verify],
    };
    work.iter().copied().map(Step::Work).collect()
}

/// Refuses lanes that would send the ids of one target to another: before anything is written or sent.
fn check_lanes(store: &Store, lanes: &[Lane]) -> Result<(), JobError> {
    for (index, lane) in lanes.iter().enumerate() {
        let name = &lane.now.vendor;
        if let Some(difference) = difference(&store.connection, lane.target, &lane.now)? {
            return Err(wrong_target(&format!("{name}: {difference}")));
        }
        if lanes[..index].iter().any(|other| other.target == lane.target) {
            return Err(wrong_target(&format!("{name}: the target has two lanes")));
        }
        let vendor = lane.deleter.vendor();
        if vendor.as_str() != name {
            return Err(wrong_target(&format!("{name}: the lane's client deletes at {vendor}")));
        }
    }
    Ok(())
}
