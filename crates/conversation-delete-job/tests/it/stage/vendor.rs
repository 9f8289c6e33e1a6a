//! What the vendor in the process holds, and what it answers.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use tavus_delete::http::{Body, Bytes, Method, Request, Response, TransportError, TransportErrorKind};
use tavus_delete::testing::{ResponseExt, response};

/// What the vendor holds and heard.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) present: BTreeSet<String>,
    /// Id and time of each delete.
    pub(crate) heard: Vec<(String, Instant)>,
    /// The id of each lookup.
    pub(crate) looked: Vec<String>,
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
    pub(super) announced: Option<Instant>,
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

pub(super) type ActFn = dyn Fn(&mut State, Instant) -> Act + Send + Sync;

/// What the vendor says to a request.
pub(super) struct Said {
    pub(super) reply: Result<Response<Body>, TransportError>,
    /// It wants no other request for so long, from when this is heard.
    pub(super) wait: Option<Duration>,
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

pub(super) fn answer(state: &mut State, act: &ActFn, look: &ActFn, now: Instant, request: &Request<Bytes>) -> Said {
    assert!(state.announced.is_none_or(|until| now >= until), "a request inside of an announced wait");
    let Some(path) = request.uri().path_and_query().unwrap().as_str().strip_prefix("/v2/conversations/") else {
        // A list, by which somebody finds out whether the vendor is well.
        return Said::body(200, r#"{"data":[],"total_count":0}"#);
    };
    if request.method() == Method::GET {
        state.looked.push(path.to_owned());
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
