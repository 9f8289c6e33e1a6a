//! A vendor in the process, and jobs over it.

mod vendor;

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use conversation_delete_job::{
    Ending, HoldReport, Job, JobError, JobErrorKind, Lane, Limits, Planner, PresenceReport, Progress, ProgressEvent,
    RecordReport, RunOptions, Status, StopHandle, Target, Verify, add_holds, export,
};
use tavus_delete::http;
use tavus_delete::testing::TestClock;
use tavus_delete::{ApiKey, Client, Clock, Deleter, ErasureMode, RetryPolicy};
use tempfile::TempDir;

pub(crate) use vendor::{Act, State};
use vendor::{ActFn, answer};

pub(crate) struct Stage {
    pub(crate) clock: TestClock,
    pub(crate) state: Arc<Mutex<State>>,
    latency: Duration,
    limits: Limits,
    dir: TempDir,
    act: Arc<ActFn>,
    look: Arc<ActFn>,
}

impl Stage {
    pub(crate) fn new(act: impl Fn(&mut State, Instant) -> Act + Send + Sync + 'static) -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self {
            clock: TestClock::new(),
            state: Arc::default(),
            latency: Duration::ZERO,
            limits: Limits::default(),
            dir,
            act: Arc::new(act),
            look: Arc::new(|_, _| Act::Right),
        }
    }

    /// The same with responses that take so long. If they take no time, no two requests are in flight at once.
    pub(crate) fn taking(self, latency: Duration) -> Self {
        Self { latency, ..self }
    }

    /// The same with so many requests in flight at once.
    pub(crate) fn with_concurrency(self, concurrency: usize) -> Self {
        Self { limits: Limits { concurrency, ..self.limits }, ..self }
    }

    /// The same with something that happens to looks.
    pub(crate) fn looking(self, act: impl Fn(&mut State, Instant) -> Act + Send + Sync + 'static) -> Self {
        Self { look: Arc::new(act), ..self }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().join("test.job")
    }

    /// A job for so many records that are there.
    pub(crate) fn plan(&self, count: usize) -> Vec<String> {
        let ids: Vec<String> = (0..count).map(|number| format!("c{number:06}")).collect();
        self.state.lock().unwrap().present.extend(ids.iter().cloned());
        self.plan_ids(&ids, &[]);
        ids
    }

    pub(crate) fn plan_ids(&self, ids: &[String], holds: &[String]) {
        let deleter = self.deleter();
        let mut planner = Planner::create(&self.path(), "test").unwrap();
        let target = planner.target(&target()).unwrap();
        for id in holds {
            planner.hold(&deleter.parse_id(id).unwrap()).unwrap();
        }
        for id in ids {
            planner.add(target, &deleter.parse_id(id).unwrap()).unwrap();
        }
        planner.finish().unwrap();
    }

    pub(crate) fn deleter(&self) -> Arc<dyn Deleter> {
        Arc::new(self.client().with_erasure_mode(ErasureMode::Hard))
    }

    pub(crate) fn client(&self) -> Client {
        let (state, clock, latency) = (Arc::clone(&self.state), self.clock.clone(), self.latency);
        let (act, look) = (Arc::clone(&self.act), Arc::clone(&self.look));
        let transport = http::from_fn(move |request| {
            let said = answer(&mut state.lock().unwrap(), &*act, &*look, clock.now(), &request);
            let (state, clock) = (Arc::clone(&state), clock.clone());
            async move {
                if !latency.is_zero() {
                    clock.sleep(latency).await;
                }
                if let Some(wait) = said.wait {
                    let mut state = state.lock().unwrap();
                    state.announced = state.announced.max(Some(clock.now() + wait));
                }
                said.reply
            }
        });
        Client::builder(ApiKey::new("key").unwrap())
            .transport(transport)
            .clock(self.clock.clone())
            .retry(RetryPolicy::none())
            .build()
            .unwrap()
    }

    pub(crate) async fn run(&self) -> Ending {
        self.try_run(&RunOptions::default(), &StopHandle::default()).await.unwrap()
    }

    pub(crate) async fn try_run(&self, options: &RunOptions, stop: &StopHandle) -> Result<Ending, JobError> {
        let job = self.open()?;
        let lane = self.lane(&job);
        let endings = job.run(vec![lane], Arc::new(self.clock.clone()), options, stop, &Silent).await?;
        Ok(endings.into_iter().next().unwrap())
    }

    /// Opens the job, once the thread of a run that was dropped has written its last.
    pub(crate) fn open(&self) -> Result<Job, JobError> {
        // What was announced to a run that was dropped, the next one cannot know.
        self.state.lock().unwrap().announced = None;
        loop {
            match Job::open(self.path()) {
                Err(error) if error.kind() == JobErrorKind::Busy => std::thread::yield_now(),
                opened => return opened,
            }
        }
    }

    pub(crate) fn looked(&self) -> usize {
        self.state.lock().unwrap().looked.len()
    }

    pub(crate) fn heard(&self) -> usize {
        self.state.lock().unwrap().heard.len()
    }

    pub(crate) async fn run_verified(&self) -> Ending {
        let options = RunOptions { verify: Verify::Lookup, ..RunOptions::default() };
        self.try_run(&options, &StopHandle::default()).await.unwrap()
    }

    pub(crate) async fn verify(&self) -> Ending {
        let job = self.open().unwrap();
        let (clock, lane) = (Arc::new(self.clock.clone()), self.lane(&job));
        let endings =
            job.verify(vec![lane], clock, &RunOptions::default(), &StopHandle::default(), &Silent).await.unwrap();
        endings.into_iter().next().unwrap()
    }

    pub(crate) fn lane(&self, job: &Job) -> Lane {
        let number = job.targets().unwrap()[0].0;
        Lane::new(number, target(), self.deleter(), Arc::new(self.client())).with_limits(self.limits)
    }

    /// Holds ids after the plan.
    pub(crate) fn hold(&self, ids: &[&str]) -> HoldReport {
        let deleter = self.deleter();
        let ids: Vec<_> = ids.iter().map(|id| deleter.parse_id(id).unwrap()).collect();
        add_holds(self.path(), &ids).unwrap()
    }

    pub(crate) fn reopen_failed(&self) -> u64 {
        self.open().unwrap().reopen_failed().unwrap()
    }

    pub(crate) fn status(&self) -> Status {
        Status::read(self.path()).unwrap()
    }

    /// The report of each record in the file.
    pub(crate) fn reports(&self) -> Vec<RecordReport> {
        let mut reports = Vec::new();
        export(self.path(), |report| {
            reports.push(report);
            true
        })
        .unwrap();
        reports
    }

    /// Id and outcome of each record in the file.
    pub(crate) fn outcomes(&self) -> Vec<(String, Option<String>)> {
        let outcome = |report: RecordReport| {
            Some(report.outcome.as_str().to_owned()).filter(|outcome| outcome != "not_attempted")
        };
        self.reports().into_iter().map(|report| (report.id.clone(), outcome(report))).collect()
    }
}

pub(crate) fn target() -> Target {
    Target {
        vendor: "tavus".to_owned(),
        origin: "https://tavusapi.com".to_owned(),
        base_url: Some("https://tavusapi.com".to_owned()),
        auth_url: None,
        place: None,
        credential: "0123456789abcdef".to_owned(),
        mode: Some(ErasureMode::Hard),
        options: String::new(),
    }
}

/// The word for a presence.
pub(crate) fn presence(report: &Option<PresenceReport>) -> Option<&'static str> {
    report.as_ref().map(|report| report.state.as_str())
}

pub(crate) struct Silent;

impl Progress for Silent {
    fn on_event(&self, _: ProgressEvent<'_>) {}
}

pub(crate) const SECOND: Duration = Duration::from_secs(1);
