//! A vendor in the process, and jobs over it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use delete_job::{
    Ending, Halt, Job, JobError, JobErrorKind, Lane, Options, Planner, Progress, RecordReport, Status, Target,
    TargetNumber, Waiting, export,
};
use tavus_delete::testing::TestClock;
use tavus_delete::transport::{self, Method, Request, Response, TransportError, TransportErrorKind};
use tavus_delete::{ApiKey, Client, Clock, Deleter, Erasure, RetryPolicy};
use tempfile::TempDir;

/// What the vendor holds and heard.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) present: BTreeSet<String>,
    /// Id and time of each delete.
    pub(crate) heard: Vec<(String, Instant)>,
    /// How often it was looked.
    pub(crate) looks: usize,
    /// The record that nobody may look at.
    pub(crate) hidden: Option<String>,
}

/// What the vendor does with one request, decided before it acts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Act {
    Right,
    /// It acts, and the answer is lost.
    Lost,
    /// It says that it did, and did not.
    Lie,
    /// It does not act, and gives no answer.
    Dead,
    Status(u16),
    Throttle(Option<u64>),
}

pub(crate) struct Stage {
    pub(crate) clock: TestClock,
    pub(crate) state: Arc<Mutex<State>>,
    dir: TempDir,
    act: Arc<ActFn>,
}

type ActFn = dyn Fn(&mut State, Instant) -> Act + Send + Sync;

impl Stage {
    pub(crate) fn new(act: impl Fn(&mut State, Instant) -> Act + Send + Sync + 'static) -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self { clock: TestClock::new(), state: Arc::default(), dir, act: Arc::new(act) }
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

    fn deleter(&self) -> Arc<dyn Deleter> {
        Arc::new(self.client().with_mode(Erasure::Hard))
    }

    fn client(&self) -> Client {
        let (state, act, clock) = (Arc::clone(&self.state), Arc::clone(&self.act), self.clock.clone());
        let transport = transport::from_fn(move |request| {
            let answer = answer(&mut state.lock().unwrap(), &*act, clock.now(), &request);
            async move { answer }
        });
        Client::builder(ApiKey::new("key").unwrap())
            .transport(transport)
            .clock(self.clock.clone())
            .retry(RetryPolicy::none())
            .build()
            .unwrap()
    }

    pub(crate) async fn run(&self) -> Ending {
        self.try_run(&Options::default(), &Halt::default()).await.unwrap()
    }

    pub(crate) async fn try_run(&self, options: &Options, halt: &Halt) -> Result<Ending, JobError> {
        let job = self.open()?;
        let lane = self.lane(&job);
        let endings = job.run(vec![lane], Arc::new(self.clock.clone()), options, halt, &Silent).await?;
        Ok(endings.into_iter().next().unwrap())
    }

    /// Opens the job, once the thread of a run that was dropped has written its last.
    fn open(&self) -> Result<Job, JobError> {
        loop {
            match Job::open(&self.path()) {
                Err(error) if error.kind() == JobErrorKind::Busy => std::thread::yield_now(),
                opened => return opened,
            }
        }
    }

    pub(crate) fn looked(&self) -> usize {
        self.state.lock().unwrap().looks
    }

    pub(crate) fn heard(&self) -> usize {
        self.state.lock().unwrap().heard.len()
    }

    pub(crate) async fn run_verified(&self) -> Ending {
        let options = Options { verifies: true, ..Options::default() };
        self.try_run(&options, &Halt::default()).await.unwrap()
    }

    pub(crate) async fn verify(&self) -> Ending {
        let job = self.open().unwrap();
        let (clock, lane) = (Arc::new(self.clock.clone()), self.lane(&job));
        let endings = job.verify(vec![lane], clock, &Options::default(), &Halt::default(), &Silent).await.unwrap();
        endings.into_iter().next().unwrap()
    }

    fn lane(&self, job: &Job) -> Lane {
        let target = job.targets().unwrap()[0].0;
        Lane::new(target, self.deleter(), Arc::new(self.client()))
    }

    /// Holds ids after the plan. How many of them the job has.
    pub(crate) fn hold(&self, ids: &[&str]) -> u64 {
        let deleter = self.deleter();
        let ids: Vec<_> = ids.iter().map(|id| deleter.parse_id(id).unwrap()).collect();
        self.open().unwrap().hold(&ids).unwrap()
    }

    pub(crate) fn status(&self) -> Status {
        Status::read(&self.path()).unwrap()
    }

    /// What the file says of each record.
    pub(crate) fn reports(&self) -> Vec<RecordReport> {
        let mut reports = Vec::new();
        export(&self.path(), |report| {
            reports.push(report);
            true
        })
        .unwrap();
        reports
    }

    /// Id and outcome of each record in the file.
    pub(crate) fn outcomes(&self) -> Vec<(String, Option<String>)> {
        let outcome = |report: RecordReport| Some(report.outcome).filter(|outcome| outcome != "not_attempted");
        self.reports().into_iter().map(|report| (report.id.clone(), outcome(report))).collect()
    }
}

pub(crate) fn target() -> Target {
    Target {
        vendor: "tavus".to_owned(),
        origin: "https://tavusapi.com".to_owned(),
        place: None,
        credential: "0123456789abcdef".to_owned(),
        mode: Some(Erasure::Hard),
        options: String::new(),
    }
}

struct Silent;

impl Progress for Silent {
    fn settled(&self, _: TargetNumber, _: &str) {}

    fn waits(&self, _: TargetNumber, _: Waiting) {}
}

fn answer(state: &mut State, act: &ActFn, now: Instant, request: &Request) -> Result<Response, TransportError> {
    let path = request.path_and_query().strip_prefix("/v2/conversations/").unwrap();
    if request.method() == Method::Get {
        return Ok(shown(state, path));
    }
    let id = path.strip_suffix("?hard=true").unwrap().to_owned();
    state.heard.push((id.clone(), now));
    let lost = || Err(TransportError::new(TransportErrorKind::Broken, "lost"));
    match act(state, now) {
        Act::Right if state.present.remove(&id) => Ok(Response::new(204)),
        Act::Right => Ok(unknown()),
        Act::Lie => Ok(Response::new(204)),
        Act::Lost => {
            state.present.remove(&id);
            lost()
        }
        Act::Dead => lost(),
        Act::Status(status) => Ok(Response::new(status)),
        Act::Throttle(None) => Ok(Response::new(429)),
        Act::Throttle(Some(seconds)) => Ok(Response::new(429).with_header("retry-after", &seconds.to_string())),
    }
}

fn shown(state: &mut State, id: &str) -> Response {
    state.looks += 1;
    if state.hidden.as_deref() == Some(id) {
        return Response::new(403);
    }
    match state.present.contains(id) {
        true => Response::new(200).with_body(r#"{"status":"ended"}"#),
        false => unknown(),
    }
}

fn unknown() -> Response {
    Response::new(400).with_body(r#"{"error":"Invalid conversation_id"}"#)
}

pub(crate) const SECOND: Duration = Duration::from_secs(1);
