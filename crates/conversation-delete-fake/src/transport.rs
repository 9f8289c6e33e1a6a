//! A fake without sockets: the transport of `delete-core`, served in the process.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use delete_core::http::{Body, Bytes, Request, Response, Transport, TransportError, TransportErrorKind};
use futures_util::stream;

use crate::message::{Delivery, FakeReply, FakeRequest};
use crate::shared::Shared;

/// Sends every request to one fake, whatever host its URL names.
///
/// Faults act as they do on a socket: a broken connection is an error of kind
/// [`Interrupted`](TransportErrorKind::Interrupted), a truncated body is interrupted while it is read, a delay waits.
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
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Body>, TransportError> {
        // Open until the response is there or the caller gives up waiting.
        let _open = self.shared.open(target(&request));
        let reply = self.shared.handle(from_core(&request));
        let wait = match reply.delivery() {
            Delivery::SlowHead(over) => over,
            _ => reply.delay(),
        };
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        to_core(&reply)
    }
}

/// Path and query, as they would appear in a request line.
fn target(request: &Request<Bytes>) -> &str {
    request.uri().path_and_query().map_or("/", |target| target.as_str())
}

/// The request as a server would read it, with the header that HTTP adds for a body.
fn from_core(request: &Request<Bytes>) -> FakeRequest {
    let mut fake = FakeRequest::new(request.method().as_str(), target(request));
    for (name, value) in request.headers() {
        fake.push_header(name.as_str(), value.to_str().unwrap_or_default());
    }
    if !request.body().is_empty() && !request.headers().contains_key("content-length") {
        fake.push_header("content-length", &request.body().len().to_string());
    }
    fake.with_body(request.body().as_ref())
}

fn to_core(reply: &FakeReply) -> Result<Response<Body>, TransportError> {
    let body = match reply.delivery() {
        Delivery::Closed => return Err(interrupted("the connection was closed before a response")),
        Delivery::Reset => return Err(interrupted("the connection was reset")),
        Delivery::Truncated => {
            let parts = [Ok(Bytes::copy_from_slice(reply.first_half())), Err(interrupted("the body broke off"))];
            Body::from_stream(stream::iter(parts))
        }
        Delivery::Whole | Delivery::SlowHead(_) => reply.body().to_vec().into(),
    };
    let head = Response::builder().status(reply.status());
    let head = reply.headers().fold(head, |head, (name, value)| head.header(name, value));
    head.body(body).map_err(|error| interrupted(&format!("the reply is not valid HTTP: {error}")))
}

fn interrupted(message: &str) -> TransportError {
    TransportError::new(TransportErrorKind::Interrupted, message)
}
