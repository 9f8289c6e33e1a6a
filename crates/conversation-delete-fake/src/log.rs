//! What was asked: the latest requests in full, and counters of all.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use serde::Serialize;
use serde::ser::{SerializeMap, SerializeStruct, Serializer};

use crate::backend::Route;
use crate::message::FakeRequest;

/// A request that came, with the status of its response. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct RequestRecord {
    request: Arc<FakeRequest>,
    status: Option<u16>,
}

impl RequestRecord {
    /// The request: method, raw target, headers, body.
    pub fn request(&self) -> &FakeRequest {
        &self.request
    }

    /// The method.
    pub fn method(&self) -> &str {
        self.request.method()
    }

    /// The raw target: path and query.
    pub fn path(&self) -> &str {
        self.request.target()
    }

    /// The status that was sent; `None` if the connection was broken instead.
    pub fn status(&self) -> Option<u16> {
        self.status
    }
}

impl Serialize for RequestRecord {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut record = serializer.serialize_struct("RequestRecord", 5)?;
        record.serialize_field("method", self.method())?;
        record.serialize_field("path", self.path())?;
        record.serialize_field("headers", &HeaderMap(&self.request))?;
        record.serialize_field("body", &String::from_utf8_lossy(self.request.body()))?;
        record.serialize_field("status", &self.status)?;
        record.end()
    }
}

/// Headers as a JSON object; values of a repeated name are joined by a comma, as HTTP allows.
struct HeaderMap<'a>(&'a FakeRequest);

impl Serialize for HeaderMap<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut joined: BTreeMap<&str, String> = BTreeMap::new();
        for (name, value) in self.0.headers() {
            joined.entry(name).and_modify(|all| *all = format!("{all}, {value}")).or_insert_with(|| value.to_owned());
        }
        let mut map = serializer.serialize_map(Some(joined.len()))?;
        for (name, value) in joined {
            map.serialize_entry(name, &value)?;
        }
        map.end()
    }
}

/// Counters since the start or the last reset, of every request, kept in the log or not.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Stats {
    /// All requests but those of the control API.
    pub requests: u64,
    /// The same by route; requests without a route are under `unknown`.
    pub by_route: BTreeMap<&'static str, u64>,
    /// The same by status; broken connections are under 0.
    pub by_status: BTreeMap<u16, u64>,
    /// The most requests that were open at the same time.
    pub most_open: usize,
}

#[derive(Default)]
pub(crate) struct RequestLog {
    latest: VecDeque<RequestRecord>,
    /// The size of all of them.
    bytes: usize,
    pub(crate) stats: Stats,
}

impl RequestLog {
    /// Keeps a request, and forgets the oldest ones that do not fit into `limit` bytes.
    pub(crate) fn add(&mut self, request: FakeRequest, route: Option<Route>, status: Option<u16>, limit: u64) {
        self.stats.requests += 1;
        *self.stats.by_route.entry(route.map_or("unknown", Route::as_str)).or_default() += 1;
        *self.stats.by_status.entry(status.unwrap_or(0)).or_default() += 1;
        self.bytes += request.size();
        self.latest.push_back(RequestRecord { request: Arc::new(request), status });
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        while self.bytes > limit {
            let Some(oldest) = self.latest.pop_front() else { break };
            self.bytes -= oldest.request.size();
        }
    }

    pub(crate) fn latest(&self) -> Vec<RequestRecord> {
        self.latest.iter().cloned().collect()
    }
}
