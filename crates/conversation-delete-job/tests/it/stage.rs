//! A vendor in the process, and jobs over it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use conversation_delete_job::{
    Ending, HoldReport, Job, JobError, JobErrorKind, Lane, Limits, Planner, PresenceReport, Progress, ProgressEvent,
    RecordReport, RunOptions, Status, StopHandle, Target, Verify, add_holds, export,
};
use tavus_delete::http::{self, Body, Bytes, Method, Request, Response, TransportError, TransportErrorKind};
use tavus_delete::testing::{ResponseExt, TestClock, response};
use tavus_delete::{ApiKey, Client, Clock, Deleter, ErasureMode, RetryPolicy};
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
    /// It shows so many seconds longer what it has deleted.
    pub(crate) lag: Duration,
    /// Until when it does.
    shown: BTreeMap<String, Instant>,
    /// What requests have deleted.
    pub(crate) removed: BTreeSet<String>,
    /// Those of them of which it said so.
    pub(crate) confirmed: BTreeSet<String>,
    /// It announced that it wants no request before.
    announced: Option<Instant>,
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
    /// It does not act.
    Status(u16),
    /// It acts, and answers with a failure all the same.
    Late(u16),
    /// It does not act; somebody in between answers with a page and 200.
    Page,
    /// It acts, and the same happens to its answer.
    LatePage,
    Throttle(Option<u64>),
    /// It is out of service, and says for how long.
    Closed(u64),
}

pub(crate) struct Stage {
    pub(crate) clock: TestClock,
    pub(crate) state: Arc<Mutex<State>>,
    latency: Duration,
    limits: Limits,
    dir: TempDir,
    act: Arc<ActFn>,
    look: Arc<ActFn>,
}

type ActFn = dyn Fn(&mut State, Instant) -> Act + Send + Sync;

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
        add_holds(&self.path(), &ids).unwrap()
    }

    pub(crate) fn reopen_failed(&self) -> u64 {
        self.open().unwrap().reopen_failed().unwrap()
    }

    pub(crate) fn status(&self) -> Status {
        Status::read(&self.path()).unwrap()
    }

    /// The report of each record in the file.
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

/// What the vendor says to a request.
struct Said {
    reply: Result<Response<Body>, TransportError>,
    /// It wants no other request for so long, from when this is heard.
    wait: Option<Duration>,
}

impl Said {
    fn status(status: u16) -> Self {
        Self { reply: Ok(response(status, "")), wait: None }
    }

    fn body(status: u16, body: &'static str) -> Self {
        Self { reply: Ok(response(status, body)), wait: None }
    }

    fn wait(status: u16, seconds: u64) -> Self {
        let reply = response(status, "").with_header("retry-after", &seconds.to_string());
        Self { reply: Ok(reply), wait: Some(Duration::from_secs(seconds)) }
    }

    fn nothing() -> Self {
        Self { reply: Err(TransportError::new(TransportErrorKind::Interrupted, "lost")), wait: None }
    }

    fn unknown() -> Self {
        Self::body(400, r#"{"error":"Invalid conversation_id"}"#)
    }
}

fn answer(state: &mut State, act: &ActFn, look: &ActFn, now: Instant, request: &Request<Bytes>) -> Said {
    assert!(state.announced.is_none_or(|until| now >= until), "a request inside of an announced wait");
    let Some(path) = request.uri().path_and_query().unwrap().as_str().strip_prefix("/v2/conversations/") else {
        // A list, by which somebody finds out whether the vendor is well.
        return Said::body(200, r#"{"data":[],"total_count":0}"#);
    };
    if request.method() == Method::GET {
        state.looks += 1;
        let act = look(state, now);
        return say(act, |_| show(state, path, now));
    }
    let id = path.strip_suffix("?hard=true").unwrap().to_owned();
    state.heard.push((id.clone(), now));
    let act = act(state, now);
    say(act, |is_heard| delete(state, &id, now, is_heard))
}

/// What is said where this happens; `right` does what was asked for, and knows whether its answer will be heard.
fn say(act: Act, mut right: impl FnMut(bool) -> Said) -> Said {
    if matches!(act, Act::Lost | Act::Late(_) | Act::LatePage) {
        right(false);
    }
    match act {
        Act::Right => right(true),
        Act::Lie => Said::status(204),
        Act::Lost | Act::Dead => Said::nothing(),
        Act::Status(status) | Act::Late(status) => Said::status(status),
        Act::Page | Act::LatePage => Said::body(200, "<html>Sign in</html>"),
        Act::Throttle(None) => Said::status(429),
        Act::Throttle(Some(seconds)) => Said::wait(429, seconds),
        Act::Closed(seconds) => Said::wait(503, seconds),
    }
}

fn delete(state: &mut State, id: &str, now: Instant, is_heard: bool) -> Said {
    if !state.present.remove(id) {
        return Said::unknown();
    }
    state.removed.insert(id.to_owned());
    state.shown.insert(id.to_owned(), now + state.lag);
    if is_heard {
        state.confirmed.insert(id.to_owned());
    }
    Said::status(204)
}

fn show(state: &State, id: &str, now: Instant) -> Said {
    if state.hidden.as_deref() == Some(id) {
        return Said::status(403);
    }
    match state.present.contains(id) || state.shown.get(id).is_some_and(|until| now < *until) {
        true => Said::body(200, r#"{"status":"ended"}"#),
        false => Said::unknown(),
    }
}

pub(crate) const SECOND: Duration = Duration::from_secs(1);
