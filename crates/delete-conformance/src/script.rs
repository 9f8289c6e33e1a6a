//! Vendors in the process, and what readers make of them.

use std::fmt;
use std::future::ready;
use std::sync::{Arc, Mutex};

use crate::{Behaviour, FaultServer};
use delete_core::http::{self, Request, Response, Transport};
use delete_core::{ErrorKind, Filter, Presence, RecordId, RecordReader};

/// A vendor in the process: a function that answers each request, and a list of what it was asked. Clones share it.
#[derive(Clone)]
pub struct Script(Arc<Shared>);

struct Shared {
    answer: Box<AnswerFn>,
    asked: Mutex<Vec<String>>,
}

type AnswerFn = dyn Fn(&Request, usize) -> Response + Send + Sync;

impl Script {
    /// Answers by this function of the request and of its number, from 0.
    pub fn new(answer: impl Fn(&Request, usize) -> Response + Send + Sync + 'static) -> Self {
        Self(Arc::new(Shared { answer: Box::new(answer), asked: Mutex::default() }))
    }

    /// Answers 200 with these bodies in turn; the last one stays.
    pub fn of(bodies: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let bodies: Vec<String> = bodies.into_iter().map(Into::into).collect();
        Self::new(move |_, number| json(&bodies[number.min(bodies.len() - 1)]))
    }

    /// What a client sends through.
    pub fn transport(&self) -> impl Transport {
        let shared = self.0.clone();
        http::from_fn(move |request| ready(Ok(shared.answer(&request))))
    }

    /// Method, path and query of all requests so far, such as `GET /v2/conversations?page=1`.
    pub fn asked(&self) -> Vec<String> {
        self.0.asked.lock().unwrap().clone()
    }

    /// The values of one parameter of the query in all requests so far.
    pub fn asked_for(&self, name: &str) -> Vec<Option<String>> {
        self.asked().iter().map(|asked| parameter(asked, name)).collect()
    }
}

impl Shared {
    fn answer(&self, request: &Request) -> Response {
        let mut asked = self.asked.lock().unwrap();
        asked.push(format!("{} {}", request.method().as_str(), request.path_and_query()));
        (self.answer)(request, asked.len() - 1)
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Script").field("asked", &self.asked()).finish_non_exhaustive()
    }
}

/// 200 with this body.
pub fn json(body: impl ToString) -> Response {
    Response::new(200).with_body(body.to_string())
}

/// The value of a parameter as it stands in the query of a path.
pub fn parameter(path_and_query: &str, name: &str) -> Option<String> {
    let (_, query) = path_and_query.split_once('?')?;
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(own, _)| *own == name).map(|(_, value)| value.to_owned())
}

/// All that a list tells: ids, and the kinds of its errors.
pub async fn told(reader: &impl RecordReader, filter: &Filter) -> Vec<Result<String, ErrorKind>> {
    let mut listing = reader.list(filter).unwrap();
    let mut told = Vec::new();
    while let Some(found) = listing.next().await {
        told.push(found.map(|found| found.id().to_string()).map_err(|error| error.kind()));
    }
    told
}

/// The ids that a list tells, which meets no error.
pub async fn told_ids(reader: &impl RecordReader, filter: &Filter) -> Vec<String> {
    told(reader, filter).await.into_iter().map(Result::unwrap).collect()
}

/// What looks at several records say, in words.
pub async fn looked(reader: &impl RecordReader, ids: &[RecordId]) -> Vec<&'static str> {
    reader.lookup_many(ids).await.iter().map(Presence::as_str).collect()
}

/// The requests of a call, byte for byte but for the host, to a server that answers 200 with these bodies in turn.
pub async fn sent(bodies: impl IntoIterator<Item = impl AsRef<str>>, call: impl AsyncFnOnce(String)) -> Vec<String> {
    let behaviours = bodies.into_iter().map(|body| Behaviour::status(200, &[], body.as_ref()));
    let server = FaultServer::start(behaviours).await;
    call(server.url()).await;
    server.requests_without_host()
}
