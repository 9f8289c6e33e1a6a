//! Runs a planned job, from its beginning or from where it was left.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime};

use delete_core::{Clock, Looks, timestamp};
use futures_util::future::join_all;
use rusqlite::{Connection, TransactionBehavior, params};
use tokio::sync::Notify;

use crate::accepted::{difference, wrong_target};
use crate::error::{JobError, JobErrorKind};
use crate::holds::settle_late_holds;
use crate::journal::Journal;
use crate::lane::{Known, Lane, LaneRun, Setting};
use crate::lock::Lock;
use crate::pass::Pass;
use crate::reopen::reopen_failed;
use crate::store::{Store, has_lost_outcomes};
use crate::target::{Target, TargetNumber};

/// A planned job that nobody else runs.
#[derive(Debug)]
pub struct Job {
    pub(crate) store: Store,
    path: PathBuf,
    lock: Lock,
}

/// Choices of one run, which change nothing of what was planned.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// A record that is not there is as good as deleted, so that many of them are no alarm.
    pub is_absent_ok: bool,
    /// No request is sent after this, and no wait is begun that ends after it.
    pub deadline: Option<Instant>,
    /// How long a vendor may give no sound answer, or want none to be asked for; `None` is as long as it takes.
    pub patience: Option<Duration>,
    /// Looks at each record before its delete, and after it.
    pub verifies: bool,
    /// Tries failed records again. They are reopened once the lanes are checked, and their failures are kept.
    pub retry_failed: bool,
    /// How to look after a delete.
    pub looks: Looks,
    /// Who runs it, for the record in the file.
    pub program: String,
}

/// How a lane of a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ending {
    /// Every id has its outcome.
    Finished,
    /// Somebody wanted it to stop. It can be run again.
    Interrupted,
    /// The deadline has passed, or the next wait would have passed it. It can be run again.
    Deadline {
        /// How long the next wait would have been; zero if the deadline has passed.
        wait: Duration,
    },
    /// The vendor gave no sound answer for longer than the run had patience for. It can be run again.
    GaveUp {
        /// How long the next wait would have been.
        wait: Duration,
        /// What went wrong last.
        reason: String,
    },
    /// The credential was refused, or lacks a permission.
    CredentialRefused(String),
    /// The credential belongs to another tenant, workspace or region than the one that was meant.
    WrongTarget(String),
    /// Every other call would fail alike.
    Hopeless(String),
    /// None of the first ids is there: it looks like the wrong workspace or region.
    WrongPlace {
        /// How many were looked for.
        looked: u64,
    },
}

impl Ending {
    /// The name for machines, as in the job file.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Finished => "finished",
            Self::Interrupted => "interrupted",
            Self::Deadline { .. } => "deadline",
            Self::GaveUp { .. } => "gave_up",
            Self::CredentialRefused(_) => "credential_refused",
            Self::WrongTarget(_) => "wrong_target",
            Self::Hopeless(_) => "hopeless",
            Self::WrongPlace { .. } => "wrong_place",
        }
    }
}

/// What a run tells while it goes on. Outcomes are told before they are on the disk; what counts is in the file.
pub trait Progress: Send + Sync {
    /// A record has its outcome.
    fn settled(&self, target: TargetNumber, outcome: &str);

    /// A record has failed for good: the kind of its error, and the message.
    fn failed(&self, target: TargetNumber, kind: &str, message: &str) {
        let _ = (target, kind, message);
    }

    /// A look at a record came to its end, before its delete or after it.
    fn looked(&self, target: TargetNumber, is_after: bool) {
        let _ = (target, is_after);
    }

    /// A lane waits.
    fn waits(&self, target: TargetNumber, waiting: Waiting);
}

/// What a lane waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Waiting {
    /// The vendor asked for it.
    Throttled(Duration),
    /// The limits of the lane leave no room for another request.
    Paced(Duration),
    /// The vendor gives no sound answers. The next one is asked for after this wait.
    OutOfOrder {
        /// Until the next request.
        wait: Duration,
        /// What went wrong last.
        reason: String,
    },
}

/// A way to stop a run. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Halt(Arc<HaltState>);

#[derive(Debug, Default)]
struct HaltState {
    in_flight: AtomicUsize,
    is_wanted: AtomicBool,
    is_insisted_on: AtomicBool,
    changed: Notify,
}

impl Halt {
    /// Sends no more, and waits for what is in flight.
    pub fn want(&self) {
        self.0.is_wanted.store(true, Ordering::SeqCst);
        self.0.changed.notify_waiters();
    }

    /// Sends no more, and does not wait either: what is in flight stays in doubt, and the next run finds out.
    pub fn insist(&self) {
        self.0.is_insisted_on.store(true, Ordering::SeqCst);
        self.want();
    }

    /// How many calls of the run wait for a response.
    pub fn in_flight(&self) -> usize {
        self.0.in_flight.load(Ordering::SeqCst)
    }

    pub(crate) fn call_begins(&self) {
        self.0.in_flight.fetch_add(1, Ordering::SeqCst);
    }

    pub(crate) fn calls_end(&self, calls: usize) {
        self.0.in_flight.fetch_sub(calls, Ordering::SeqCst);
    }

    pub(crate) fn is_wanted(&self) -> bool {
        self.0.is_wanted.load(Ordering::SeqCst)
    }

    pub(crate) fn is_insisted_on(&self) -> bool {
        self.0.is_insisted_on.load(Ordering::SeqCst)
    }

    pub(crate) async fn wanted(&self) {
        let changed = self.0.changed.notified();
        if !self.is_wanted() {
            changed.await;
        }
    }

    pub(crate) async fn insisted_on(&self) {
        loop {
            let changed = self.0.changed.notified();
            if self.is_insisted_on() {
                return;
            }
            changed.await;
        }
    }
}

impl Job {
    /// Opens a job to run it. A file of an older format is brought to the current one, and keeps its plan hash.
    ///
    /// # Errors
    /// [`JobErrorKind::Busy`] when another process runs it, with the name of that; [`JobErrorKind::NotAJob`],
    /// [`JobErrorKind::Changed`] when the plan is not one that was made here, or not that any more;
    /// [`JobErrorKind::UnsafeLocation`] and [`JobErrorKind::Linked`] if its latest outcomes could be lost where it is;
    /// [`JobErrorKind::Inaccessible`]; [`JobErrorKind::Storage`].
    pub fn open(path: &Path) -> Result<Self, JobError> {
        if !path.is_file() {
            return Err(JobError::at(path, std::io::ErrorKind::NotFound.into()));
        }
        let mut store = Store::open(path)?;
        // A log that is left from a run that was killed is folded in.
        store.put_at_rest();
        let lock = Lock::take(path)?;
        store.prepare_to_run()?;
        Ok(Self { store, path: path.to_owned(), lock })
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

    /// Where the file is.
    pub fn path(&self) -> &Path {
        &self.path
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
        options: &Options,
        halt: &Halt,
        progress: &dyn Progress,
    ) -> Result<Vec<Ending>, JobError> {
        let passes: &[Pass] =
            if options.verifies { &[Pass::Before, Pass::Delete, Pass::After] } else { &[Pass::Delete] };
        self.go_through(passes, lanes, clock, options, halt, progress).await
    }

    /// Looks again at all records that a delete was sent for, and changes nothing at the vendor.
    ///
    /// # Errors
    /// As [`run`](Self::run).
    pub async fn verify(
        self,
        lanes: Vec<Lane>,
        clock: Arc<dyn Clock>,
        options: &Options,
        halt: &Halt,
        progress: &dyn Progress,
    ) -> Result<Vec<Ending>, JobError> {
        self.go_through(&[Pass::Again], lanes, clock, options, halt, progress).await
    }

    async fn go_through(
        mut self,
        passes: &[Pass],
        lanes: Vec<Lane>,
        clock: Arc<dyn Clock>,
        options: &Options,
        halt: &Halt,
        progress: &dyn Progress,
    ) -> Result<Vec<Ending>, JobError> {
        check_lanes(&self.store, &lanes)?;
        settle_late_holds(&mut self.store.connection)?;
        let Self { store, lock, path } = self;
        let (store, run) = begin(store, options)?;
        let lanes = lanes.into_iter().map(|lane| Ok((Known::of(&store, lane.target)?, lane)));
        let lanes = lanes.collect::<Result<Vec<_>, JobError>>()?;
        let (journal, thread) = Journal::start(store, &path, lock, run)?;
        let setting = Setting { journal, clock, options, halt, progress };
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

/// Notes the run, and begins its log. Where there can be none, the file is left as it was.
fn begin(mut store: Store, options: &Options) -> Result<(Store, i64), JobError> {
    let run = begin_run(&mut store.connection, options)?;
    match store.begin_log(run) {
        Ok(()) => Ok((store, run)),
        Err(error) => {
            store.abandon_log();
            Err(error)
        }
    }
}

/// Writes down that a run begins, and reopens what it is to try again, both or neither.
fn begin_run(connection: &mut Connection, options: &Options) -> Result<i64, JobError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Until its log is known to work, nothing was begun.
    transaction.execute(
        "INSERT INTO run (program, process, started_at, ended_at, ending) VALUES (?1, ?2, ?3, ?3, 'not_begun')",
        params![options.program, std::process::id(), timestamp::format(SystemTime::now())],
    )?;
    let run = transaction.last_insert_rowid();
    if options.retry_failed {
        reopen_failed(&transaction)?;
    }
    transaction.commit()?;
    Ok(run)
}
