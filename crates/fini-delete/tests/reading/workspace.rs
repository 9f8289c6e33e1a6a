//! A workspace at Fini whose conversations get messages while they are listed.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use delete_conformance::Script;
use delete_conformance::script::{self, parameter};
use fini_delete::http::{Body, Bytes, Request, Response};
use fini_delete::testing::{ResponseExt, TestClock, response};
use fini_delete::{ApiKey, Client, ClientBuilder, RecordId, Uuid};
use serde_json::{Value, json};

/// The test clock's first moment, 2026-01-01, in milliseconds.
pub(crate) const NOW: i64 = 1_767_225_600_000;
pub(crate) const DAY: i64 = 24 * 60 * 60 * 1000;

pub(crate) fn builder() -> ClientBuilder {
    Client::builder(ApiKey::new("fini_key").unwrap()).clock(TestClock::new())
}

pub(crate) fn client(script: &Script) -> Client {
    builder().transport(script.transport()).build().unwrap()
}

pub(crate) fn at(url: String) -> Client {
    builder().base_url(url).build().unwrap()
}

pub(crate) fn record(number: u128) -> RecordId {
    Uuid::from_u128(number).into()
}

pub(crate) fn time(millis: i64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(millis as u64)
}

/// A conversation with a latest message at that time.
pub(crate) fn conversation(number: u128, latest: i64) -> Value {
    json!({
        "id": record(number).to_string(), "createdAt": latest - 500, "status": "open",
        "events": [{ "createdAt": latest, "message": "hello" }, { "createdAt": latest - 400, "message": "hi" }]
    })
}

pub(crate) fn page(items: &[Value], next: Option<&str>) -> String {
    json!({ "interactions": items, "hasMore": next.is_some(), "nextCursor": next, "prevCursor": null }).to_string()
}

/// The windows of all requests, in order.
pub(crate) fn windows(script: &Script) -> Vec<(i64, i64)> {
    let bounds = |name| script.query_values(name).into_iter().map(|value| value.unwrap().parse().unwrap());
    bounds("since").zip(bounds("until")).collect()
}

type Happening = Arc<dyn Fn(&mut Workspace) + Send + Sync>;

/// Conversations by number, each with the time of its latest message and of its latest event.
#[derive(Clone)]
pub(crate) struct Workspace {
    conversations: BTreeMap<u128, (i64, i64)>,
    page_size: usize,
    /// Whether the bounds belong to the range.
    inclusive: bool,
    happens: Option<(usize, Happening)>,
    vendor_clock: Option<VendorClock>,
}

/// The vendor's clock.
#[derive(Clone)]
struct VendorClock {
    ours: TestClock,
    /// How far it is ahead of ours, in milliseconds.
    ahead: i64,
    /// Whether responses have a `Date`.
    sends_date: bool,
    /// Whether windows may not end in its future.
    refuses_future: bool,
}

impl Default for Workspace {
    fn default() -> Self {
        Self { conversations: BTreeMap::new(), page_size: 100, inclusive: true, happens: None, vendor_clock: None }
    }
}

impl Workspace {
    /// Sets how many conversations a page has.
    pub(crate) fn with_pages_of(page_size: usize) -> Self {
        Self { page_size, ..Self::default() }
    }

    /// Sets whether the bounds belong to a range.
    pub(crate) fn with_bounds(inclusive: bool) -> Self {
        Self { inclusive, ..Self::default() }
    }

    pub(crate) fn put(&mut self, number: u128, latest: i64) {
        self.put_with_event(number, latest, latest);
    }

    /// Adds an event that is not a message.
    pub(crate) fn put_with_event(&mut self, number: u128, latest: i64, event: i64) {
        self.conversations.insert(number, (latest, event));
    }

    pub(crate) fn remove(&mut self, number: u128) {
        self.conversations.remove(&number);
    }

    /// Changes the workspace before this response, counted from 0.
    pub(crate) fn when(mut self, response: usize, happens: impl Fn(&mut Self) + Send + Sync + 'static) -> Self {
        self.happens = Some((response, Arc::new(happens)));
        self
    }

    /// Refuses windows that end in the future, by a clock that is so many milliseconds ahead of `ours`.
    pub(crate) fn refusing_the_future(mut self, ours: &TestClock, ahead: i64, sends_date: bool) -> Self {
        self.vendor_clock = Some(VendorClock { ours: ours.clone(), ahead, sends_date, refuses_future: true });
        self
    }

    /// Accepts windows that end in the future, and sends a `Date` that is so many milliseconds ahead of `ours`.
    pub(crate) fn with_clock(mut self, ours: &TestClock, ahead: i64) -> Self {
        self.vendor_clock = Some(VendorClock { ours: ours.clone(), ahead, sends_date: true, refuses_future: false });
        self
    }

    /// The vendor's responses. Each script begins with the workspace as it is.
    pub(crate) fn script(&self) -> Script {
        let workspace = Mutex::new(self.clone());
        Script::new(move |request, number| {
            let mut workspace = workspace.lock().unwrap();
            if let Some((_, happens)) = workspace.happens.clone().filter(|(response, _)| *response == number) {
                happens(&mut workspace);
            }
            workspace.response(request)
        })
    }

    fn response(&self, request: &Request<Bytes>) -> Response<Body> {
        let Some(clock) = &self.vendor_clock else { return script::json(self.list(request)) };
        let until: i64 = parameter(request.uri(), "until").unwrap().parse().unwrap();
        let now = NOW + clock.ours.elapsed().as_millis() as i64 + clock.ahead;
        let response = match until > now && clock.refuses_future {
            true => response(400, r#"{"statusCode":400,"message":"until","error":"Bad Request"}"#),
            false => script::json(self.list(request)),
        };
        match clock.sends_date {
            true => response.with_header("date", &httpdate::fmt_http_date(time(now))),
            false => response,
        }
    }

    fn list(&self, request: &Request<Bytes>) -> String {
        let value = |name| parameter(request.uri(), name);
        let bound = |name| value(name).unwrap().parse::<i64>().unwrap();
        let (since, until) = (bound("since"), bound("until"));
        assert!(since < until && until - since <= 90 * DAY, "{since} {until}");
        let is_in = |time: i64| match self.inclusive {
            true => since <= time && time <= until,
            false => since < time && time < until,
        };
        let mut listed: Vec<_> = self.conversations.iter().filter(|(_, (latest, _))| is_in(*latest)).collect();
        listed.sort_by_key(|(number, (latest, _))| (-latest, **number));
        let after = value("cursor").map_or(0, |cursor| {
            let is_cursor = |(number, _): &(&u128, &(i64, i64))| Uuid::from_u128(**number).to_string() == cursor;
            listed.iter().position(is_cursor).map_or(0, |at| at + 1)
        });
        let shown = &listed[after..listed.len().min(after + self.page_size)];
        let items: Vec<Value> = shown.iter().map(|(number, (latest, event))| item(**number, *latest, *event)).collect();
        let has_more = after + shown.len() < listed.len();
        let next = shown.last().map(|(number, _)| Uuid::from_u128(**number).to_string());
        page(&items, next.as_deref().filter(|_| has_more))
    }
}

fn item(number: u128, latest: i64, event: i64) -> Value {
    let mut item = conversation(number, latest);
    item["events"][1]["createdAt"] = json!(event);
    item
}
