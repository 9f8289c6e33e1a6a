//! Scripted vendors in the process, and helpers for the tests of readers.

use std::fmt;
use std::future::ready;
use std::sync::{Arc, Mutex};

use crate::{FaultAction, FaultServer};
use delete_core::http::{self, Body, Bytes, Request, Response, Transport};
use delete_core::testing::response;
use delete_core::{Error, ErrorKind, Listing, Presence, RecordId, RecordReader};

/// A vendor in the process: a function that responds to each request, and a record of the requests. Clones share both.
#[derive(Clone)]
pub struct Script(Arc<Shared>);

struct Shared {
    respond: Box<RespondFn>,
    requests: Mutex<Vec<String>>,
}

type RespondFn = dyn Fn(&Request<Bytes>, usize) -> Response<Body> + Send + Sync;

impl Script {
    /// Responds with this function of the request and its number, counted from 0.
    pub fn new(respond: impl Fn(&Request<Bytes>, usize) -> Response<Body> + Send + Sync + 'static) -> Self {
        Self(Arc::new(Shared { respond: Box::new(respond), requests: Mutex::default() }))
    }

    /// Responds with 200 and these bodies in turn, and with the last one to every further request.
    pub fn from_bodies(bodies: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let bodies: Vec<String> = bodies.into_iter().map(Into::into).collect();
        Self::new(move |_, number| json(&bodies[number.min(bodies.len() - 1)]))
    }

    /// Returns the transport to build a client with.
    pub fn transport(&self) -> impl Transport {
        let shared = self.0.clone();
        http::from_fn(move |request| ready(Ok(shared.respond(&request))))
    }

    /// Returns method, path and query of all requests so far, such as `GET /v2/conversations?page=1`.
    pub fn requests(&self) -> Vec<String> {
        self.0.requests.lock().unwrap().clone()
    }

    /// Returns the value of this query parameter in each request so far.
    pub fn query_values(&self, name: &str) -> Vec<Option<String>> {
        self.requests().iter().map(|request| parameter(request, name)).collect()
    }
}

impl Shared {
    fn respond(&self, request: &Request<Bytes>) -> Response<Body> {
        let mut requests = self.requests.lock().unwrap();
        requests.push(format!("{} {}", request.method(), request.uri().path_and_query().unwrap()));
        (self.respond)(request, requests.len() - 1)
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Script").field("requests", &self.requests()).finish_non_exhaustive()
    }
}

/// Returns a 200 with this body.
pub fn json(body: impl ToString) -> Response<Body> {
    response(200, body.to_string())
}

/// Returns the value of a query parameter, still encoded.
pub fn parameter(uri: impl ToString, name: &str) -> Option<String> {
    let uri = uri.to_string();
    let (_, query) = uri.split_once('?')?;
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(own, _)| *own == name).map(|(_, value)| value.to_owned())
}

/// Reads a whole list: the ids, and the kinds of the errors.
pub async fn list_results(listing: Result<Listing, Error>) -> Vec<Result<String, ErrorKind>> {
    let mut listing = listing.unwrap();
    let mut results = Vec::new();
    while let Some(record) = listing.next().await {
        results.push(record.map(|record| record.id().to_string()).map_err(|error| error.kind()));
    }
    results
}

/// Reads the ids of a whole list. An error is a failed test.
pub async fn list_ids(listing: Result<Listing, Error>) -> Vec<String> {
    list_results(listing).await.into_iter().map(Result::unwrap).collect()
}

/// Looks records up and returns each presence by its name.
pub async fn lookup_words(reader: &impl RecordReader, ids: &[RecordId]) -> Vec<&'static str> {
    reader.lookup_many(ids).await.iter().map(Presence::as_str).collect()
}

/// Returns the requests of `call`, byte for byte except for the header `host`, sent to a server that responds with 200 and
/// these bodies in turn.
pub async fn requests_of(
    bodies: impl IntoIterator<Item = impl AsRef<str>>,
    call: impl AsyncFnOnce(String),
) -> Vec<String> {
    let actions = bodies.into_iter().map(|body| FaultAction::status(200, &[], body.as_ref()));
    let server = FaultServer::start(actions);
    call(server.url()).await;
    server.requests_without_host()
}
