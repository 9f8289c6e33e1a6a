//! Jobs at a [`TestVendor`], and what must be true of them.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use async_trait::async_trait;
use conversation_delete_job::{
    Ending, Failure, Job, JobErrorKind, Lane, Limits, Planner, Progress, ProgressEvent, RecordReport, RunOptions,
    StopHandle, Target, Verify, export,
};
use delete_core::testing::TestClock;
use delete_core::{Clock, Deleter, ErasureMode, RecordReader};
use rusqlite::Connection;
use tempfile::TempDir;
use tokio::sync::Notify;

use crate::stage::target;
use crate::vendor::{Call, Model, Reply, TestVendor};

/// A vendor, and a job file.
pub(crate) struct Ground {
    pub(crate) vendor: TestVendor,
    pub(crate) options: RunOptions,
    pub(crate) limits: Limits,
    pub(crate) mode: ErasureMode,
    dir: TempDir,
}

impl Ground {
    pub(crate) fn new(script: impl Fn(&mut Model, &Call) -> Reply + Send + Sync + 'static) -> Self {
        let vendor = TestVendor::new(script);
        let dir = tempfile::tempdir().unwrap();
        let (options, limits) = (RunOptions::default(), Limits::default());
        Self { vendor, options, limits, mode: ErasureMode::Hard, dir }
    }

    /// The same at a vendor that takes this many records in a request.
    pub(crate) fn with_batches(mut self, max_batch: usize) -> Self {
        self.vendor.max_batch = max_batch;
        self
    }

    /// The same with a reader that reads the whole list for one record or for many.
    pub(crate) fn scanning(mut self) -> Self {
        self.vendor.scans = true;
        self
    }

    pub(crate) fn taking(mut self, latency: Duration) -> Self {
        self.vendor.latency = latency;
        self
    }

    pub(crate) fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    pub(crate) fn with_options(self, options: RunOptions) -> Self {
        Self { options, ..self }
    }

    pub(crate) fn verifying(self) -> Self {
        let options = RunOptions { verify: Verify::Lookup, ..self.options.clone() };
        self.with_options(options)
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().join("test.job")
    }

    /// A job for this many records, of which the vendor holds those that `is_there` names.
    pub(crate) fn plan(&self, count: usize, is_there: impl Fn(usize) -> bool) -> Vec<String> {
        let ids: Vec<String> = (0..count).map(|number| format!("r{number:05}")).collect();
        let there = ids.iter().enumerate().filter(|(number, _)| is_there(*number)).map(|(_, id)| id.clone());
        self.vendor.model.lock().unwrap().present.extend(there);
        let client = self.vendor.client();
        let mut planner = Planner::create(&self.path(), "test").unwrap();
        let target = planner.target(&Target { mode: Some(self.mode), ..target() }).unwrap();
        for id in &ids {
            planner.add(target, &client.parse_id(id).unwrap()).unwrap();
        }
        planner.finish().unwrap();
        ids
    }

    pub(crate) async fn run(&self) -> Ending {
        self.run_with(&StopHandle::default(), |lane| lane).await
    }

    pub(crate) async fn run_with(&self, stop: &StopHandle, set: impl FnOnce(Lane) -> Lane) -> Ending {
        self.run_by(Arc::new(self.vendor.client()), stop, set).await
    }

    /// Runs it with this deleter.
    pub(crate) async fn run_by(
        &self,
        deleter: Arc<dyn Deleter>,
        stop: &StopHandle,
        set: impl FnOnce(Lane) -> Lane,
    ) -> Ending {
        let job = self.open();
        let lane = set(self.lane_by(deleter, &job));
        let clock: Arc<dyn Clock> = Arc::new(self.vendor.clock.clone());
        job.run(vec![lane], clock, &self.options, stop, &Silent).await.unwrap().remove(0)
    }

    /// Looks up again what a delete was sent for.
    pub(crate) async fn verify(&self) -> Ending {
        let job = self.open();
        let lane = self.lane(&job);
        let clock: Arc<dyn Clock> = Arc::new(self.vendor.clock.clone());
        job.verify(vec![lane], clock, &self.options, &StopHandle::default(), &Silent).await.unwrap().remove(0)
    }

    /// Looks up all records.
    pub(crate) async fn look_up(&self, stop: &StopHandle) -> Ending {
        self.look_up_by(None, stop).await
    }

    /// Looks up all records with this reader.
    pub(crate) async fn look_up_by(&self, reader: Option<Arc<dyn RecordReader>>, stop: &StopHandle) -> Ending {
        let job = self.open();
        let (number, target) = job.targets().unwrap().remove(0);
        let client = self.vendor.client();
        let lane = Lane::new(number, target, Arc::new(client.clone()), reader.unwrap_or(Arc::new(client)));
        let clock: Arc<dyn Clock> = Arc::new(self.vendor.clock.clone());
        job.lookup(vec![lane], clock, &self.options, stop, &Silent).await.unwrap().remove(0)
    }

    /// Runs it into its first wait of more than a quarter of a second, which never ends. Drops the run there, as soon as
    /// the file has no intent of a record that was not sent. Returns the records that have one.
    pub(crate) async fn run_into_a_wait(&self) -> Vec<String> {
        let clock = EndlessWaits { clock: self.vendor.clock.clone(), begun: Arc::default() };
        let begun = Arc::clone(&clock.begun);
        let job = self.open();
        let lane = self.lane(&job);
        let stop = StopHandle::default();
        let run = job.run(vec![lane], Arc::new(clock), &self.options, &stop, &Silent);
        let watched = async {
            begun.notified().await;
            let end = Instant::now() + Duration::from_secs(20);
            loop {
                let (in_doubt, sent) = (self.in_doubt(), self.deletes().concat());
                if in_doubt.iter().all(|id| sent.contains(id)) || Instant::now() > end {
                    return in_doubt;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            in_doubt = watched => in_doubt,
            endings = run => panic!("{endings:?}"),
        }
    }

    /// Runs it, and drops the run when `kill` is notified.
    pub(crate) async fn run_until(&self, kill: &Notify) -> Option<Ending> {
        tokio::select! {
            biased;
            () = kill.notified() => None,
            ending = self.run() => Some(ending),
        }
    }

    fn lane(&self, job: &Job) -> Lane {
        self.lane_by(Arc::new(self.vendor.client()), job)
    }

    fn lane_by(&self, deleter: Arc<dyn Deleter>, job: &Job) -> Lane {
        let (number, target) = job.targets().unwrap().remove(0);
        Lane::new(number, target, deleter, Arc::new(self.vendor.client())).with_limits(self.limits)
    }

    /// Waits until the thread of a run that was dropped has written its last.
    pub(crate) fn wait_for_end(&self) {
        drop(self.open());
    }

    /// Opens the job, once the thread of a run that was dropped has written its last.
    fn open(&self) -> Job {
        loop {
            match Job::open(self.path()) {
                Err(error) if error.kind() == JobErrorKind::Busy => std::thread::yield_now(),
                opened => return opened.unwrap(),
            }
        }
    }

    pub(crate) fn reports(&self) -> Vec<RecordReport> {
        let mut reports = Vec::new();
        export(self.path(), |report| {
            reports.push(report);
            true
        })
        .unwrap();
        reports
    }

    pub(crate) fn count(&self, outcome: &str) -> usize {
        self.reports().iter().filter(|report| report.outcome.as_str() == outcome).count()
    }

    pub(crate) fn deletes(&self) -> Vec<Vec<String>> {
        self.vendor.model.lock().unwrap().deletes()
    }

    pub(crate) fn lookups(&self) -> Vec<Vec<String>> {
        self.vendor.model.lock().unwrap().lookups()
    }

    /// How many records have an intent and no outcome, once the thread of a run that was dropped has written its last.
    pub(crate) fn intents(&self) -> usize {
        self.wait_for_end();
        intents(&self.path())
    }

    /// The records of which nobody knows what became of them.
    pub(crate) fn in_doubt(&self) -> Vec<String> {
        let connection = Connection::open(self.path()).unwrap();
        let query = "SELECT id FROM record WHERE intent_at IS NOT NULL AND outcome IS NULL ORDER BY record";
        let mut query = connection.prepare(query).unwrap();
        query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    /// A run was ended when the requests for these were about to be sent.
    pub(crate) fn put_in_doubt(&self, ids: &[String]) {
        let connection = Connection::open(self.path()).unwrap();
        for id in ids {
            connection.execute("UPDATE record SET intent_at = '2026-11-28T12:00:00Z' WHERE id = ?", [id]).unwrap();
        }
    }

    /// Holds an id as another process does, also while the job runs.
    pub(crate) fn hold(path: &std::path::Path, id: &str) {
        let connection = Connection::open(path).unwrap();
        connection.execute("INSERT INTO late_hold (id, held_at) VALUES (?, '2026-11-28T12:00:00Z')", [id]).unwrap();
    }

    /// Every report agrees with what the vendor holds and was sent.
    pub(crate) fn assert_true(&self, case: &str) {
        let model = self.vendor.model.lock().unwrap();
        let sent: Vec<String> = model.deletes().concat();
        for report in self.reports() {
            let (id, outcome) = (&report.id, report.outcome.as_str());
            let (was_sent, is_removed) = (sent.contains(id), model.removed.contains(id));
            let is_true = match outcome {
                "deleted" => is_removed,
                "gone" => !model.present.contains(id),
                "unresolved" => was_sent && !model.present.contains(id),
                "not_found" => was_sent && !model.present.contains(id) && !is_removed,
                "held" => !was_sent || !is_removed,
                "not_attempted" => !is_removed,
                "failed" => !is_removed || may_be_deleted(&report),
                other => panic!("{case}: {id}: {other}"),
            };
            assert!(is_true, "{case}: {report:?}");
        }
    }
}

fn may_be_deleted(report: &RecordReport) -> bool {
    report.error.as_ref().is_some_and(Failure::may_have_taken_effect)
}

/// How many records have an intent and no outcome in this file, as somebody else reads it.
pub(crate) fn intents(path: &std::path::Path) -> usize {
    let connection = Connection::open(path).unwrap();
    let query = "SELECT COUNT(*) FROM record WHERE intent_at IS NOT NULL AND outcome IS NULL";
    connection.query_row(query, [], |row| row.get(0)).unwrap()
}

/// A clock on which a long wait never ends.
#[derive(Debug)]
struct EndlessWaits {
    clock: TestClock,
    begun: Arc<Notify>,
}

#[async_trait]
impl Clock for EndlessWaits {
    fn now(&self) -> Instant {
        self.clock.now()
    }

    fn system_now(&self) -> SystemTime {
        self.clock.system_now()
    }

    async fn sleep(&self, duration: Duration) {
        if duration > Duration::from_millis(250) {
            self.begun.notify_one();
            std::future::pending::<()>().await;
        }
        self.clock.sleep(duration).await;
    }

    fn jitter(&self, ceiling: Duration) -> Duration {
        ceiling
    }
}

struct Silent;

impl Progress for Silent {
    fn on_event(&self, _: ProgressEvent<'_>) {}
}
