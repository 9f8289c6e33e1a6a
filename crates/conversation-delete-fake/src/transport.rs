//! A fake without sockets: the transport of `delete-core`, served in the process.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use delete_core::http::{Body, BodyStream, Request, Response, Transport, TransportError, TransportErrorKind};

use crate::message::{Delivery, FakeReply, FakeRequest};
use crate::shared::Shared;

/// Sends every request to one fake, whatever host its URL names.
///
/// Faults act as they do on a socket: a broken connection is an error of kind
/// [`Broken`](TransportErrorKind::Interrupted), a truncated body breaks off while it is read, a delay waits.
#[derive(Clone)]
pub struct FakeTransport {
    shared: Arc<Shared>,
}

impl FakeTransport {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }
}

impl fmt::Debug for FakeTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FakeTransport").finish_non_exhaustive()
    }
}

#[async_trait]
impl Transport for FakeTransport {
    async fn send(&self, request: Request) -> Result<Response, TransportError> {
        // Open until the response is there or the caller gives up waiting.
        let _open = self.shared.open(request.path_and_query());
        let reply = self.shared.handle(from_core(&request));
        let wait = match reply.delivery() {
            Delivery::SlowHead(over) => over,
            _ => reply.delay(),
        };
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        to_core(reply)
    }
}

/// The request as a server would read it, with the header that HTTP adds for a body.
fn from_core(request: &Request) -> FakeRequest {
    let mut fake = FakeRequest::new(request.method().as_str(), request.path_and_query());
    for (name, value) in request.headers() {
        fake.push_header(name, value);
    }
    if !request.body().is_empty() && request.header("content-length").is_none() {
        fake.push_header("content-length", &request.body().len().to_string());
    }
    fake.with_body(request.body())
}

fn to_core(reply: FakeReply) -> Result<Response, TransportError> {
    let broken = |what: &str| TransportError::new(TransportErrorKind::Interrupted, what);
    match reply.delivery() {
        Delivery::Closed => return Err(broken("the connection was closed before a response")),
        Delivery::Reset => return Err(broken("the connection was reset")),
        Delivery::Whole | Delivery::Truncated | Delivery::SlowHead(_) => {}
    }
    let head = reply.headers().fold(Response::new(reply.status()), |head, (name, value)| head.with_header(name, value));
    Ok(head.with_body(match reply.delivery() {
        Delivery::Truncated => Body::stream(BrokenBody { first: Some(reply.first_half().to_vec()) }),
        _ => Body::from(reply.body()),
    }))
}

/// Gives what was sent of a body, then breaks.
struct BrokenBody {
    first: Option<Vec<u8>>,
}

#[async_trait]
impl BodyStream for BrokenBody {
    async fn chunk(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        let broken = || TransportError::new(TransportErrorKind::Interrupted, "the body broke off");
        self.first.take().map(Some).ok_or_else(broken)
    }
}
