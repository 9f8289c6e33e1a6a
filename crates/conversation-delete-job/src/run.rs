//! Runs a planned job, from its beginning or from where it was left.

mod options;
mod progress;
mod stop;

use std::sync::Arc;

use delete_core::Clock;
use futures_util::future::join_all;

use crate::accepted::{difference, wrong_target};
use crate::error::{JobError, JobErrorKind};
use crate::holds::settle_late_holds;
use crate::journal::Work as Pass;
use crate::journal::{Journal, Purpose, begin};
use crate::lane::{Known, Lane, LaneRun, Setting};
use crate::lock::Lock;
use crate::memory::JobLocation;
use crate::store::{Store, has_lost_outcomes};
use crate::target::{Target, TargetNumber};

pub use options::{Ending, RunOptions, Verify};
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
        let passes: &[Pass] = if options.verify == Verify::Lookup {
            &[Pass::Precheck, Pass::Delete, Pass::Verify]
        } else {
            &[Pass::Delete]
        };
        self.go_through(passes, lanes, clock, options, stop, progress).await
    }

    /// Looks again at all records that a delete was sent for, and changes nothing at the vendor.
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
        self.go_through(&[Pass::Reverify], lanes, clock, options, stop, progress).await
    }

    async fn go_through(
        mut self,
        passes: &[Pass],
        lanes: Vec<Lane>,
        clock: Arc<dyn Clock>,
        options: &RunOptions,
        stop: &StopHandle,
        progress: &dyn Progress,
    ) -> Result<Vec<Ending>, JobError> {
        check_lanes(&self.store, &lanes)?;
        settle_late_holds(&mut self.store.connection)?;
        let Self { store, lock } = self;
        let purpose = if passes.contains(&Pass::Delete) { Purpose::Delete } else { Purpose::Verify };
        let (store, run) = begin(store, &options.program, purpose, options.retry_failed)?;
        let lanes = lanes.into_iter().map(|lane| Ok((Known::of(&store, lane.target)?, lane)));
        let lanes = lanes.collect::<Result<Vec<_>, JobError>>()?;
        let (journal, thread) = Journal::start(store, lock, run)?;
        let setting = Setting { journal, clock, options, stop, progress };
        let runs = lanes.into_iter().map(|(known, lane)| LaneRun::new(setting.clone(), lane, known).run(passes));
        let endings = join_all(runs).await;
        let words: Vec<&str> = endings.iter().flatten().map(Ending::as_str).collect();
        setting.journal.end_run(words.join(", "));
        drop(setting);
        let written = thread.join().unwrap_or_else(|_| {
            Err(JobError::new(JobErrorKind::Storage, "the thread that writes the job file failed"))
        });
        written.and_then(|()| endings.into_iter().collect()).map_err(JobError::after_begin)
    }
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
