//! One request and its response, within a time limit.

use std::ops::ControlFlow;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::Response;
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout_at};

use super::buffered::{BodyEnd, BufferedResponse, SHORT_BODY};
use crate::http::{Body, TransportError};
use crate::outcome::Delivery;

/// Why no response came.
pub(crate) enum SendError {
    Transport(TransportError),
    TimedOut,
}

impl SendError {
    /// What is known of the request.
    pub(crate) fn delivery(&self) -> Delivery {
        match self {
            Self::Transport(error) if !error.kind().may_have_arrived() => Delivery::NotSent,
            _ => Delivery::MaybeDelivered,
        }
    }
}

/// Awaits the response that `sending` returns and reads it within `time`; of the body of a success, up to `body_limit`.
/// Once a status came, a body that is not complete is not an error.
///
/// It takes the future of a transport instead of the request, and begins before its own future does, because a future keeps
/// room for all it was given.
pub(crate) fn receive(
    sending: impl Future<Output = Result<Response<Body>, TransportError>> + Send,
    time: Duration,
    body_limit: usize,
) -> impl Future<Output = Result<BufferedResponse, SendError>> + Send {
    let deadline = Instant::now() + time;
    async move {
        let sent = timeout_at(deadline, sending).await;
        let rest = match begin(sent, deadline, body_limit) {
            ControlFlow::Break(received) => return received,
            ControlFlow::Continue(rest) => rest,
        };
        Ok(rest.await)
    }
}

/// The whole response if all that is read of its body is at hand, or else its future: boxed, so that a response without a body
/// needs no room for it.
fn begin(
    sent: Result<Result<Response<Body>, TransportError>, Elapsed>,
    deadline: Instant,
    body_limit: usize,
) -> ControlFlow<Result<BufferedResponse, SendError>, BoxFuture<'static, BufferedResponse>> {
    let response = match sent {
        Ok(Ok(response)) => response,
        Ok(Err(error)) => return ControlFlow::Break(Err(SendError::Transport(error))),
        Err(_) => return ControlFlow::Break(Err(SendError::TimedOut)),
    };
    let status = response.status().as_u16();
    let limit = if status < 300 { body_limit } else { SHORT_BODY };
    let (body, end) = match response.body().as_whole() {
        // The body of a redirect is of no use.
        _ if (300..400).contains(&status) => (Bytes::new(), BodyEnd::Complete),
        Some(body) if body.len() > limit => (body.slice(..limit), BodyEnd::OverLimit),
        Some(body) => (body.clone(), BodyEnd::Complete),
        None => return ControlFlow::Continue(Box::pin(read_until(deadline, response, limit))),
    };
    ControlFlow::Break(Ok(BufferedResponse::new(status, response.into_parts().0.headers, body, end)))
}

async fn read_until(deadline: Instant, response: Response<Body>, limit: usize) -> BufferedResponse {
    let (head, body) = response.into_parts();
    let mut buffer = Buffer::default();
    let read = timeout_at(deadline, read_body(body, limit, &mut buffer)).await;
    let end = read.unwrap_or(BodyEnd::Interrupted);
    BufferedResponse::new(head.status.as_u16(), head.headers, buffer.into_bytes(), end)
}

/// Reads a body up to `limit`. What has arrived stays in `buffer` even if the future is dropped.
async fn read_body(mut body: Body, limit: usize, buffer: &mut Buffer) -> BodyEnd {
    loop {
        match body.chunk().await {
            Ok(None) => return BodyEnd::Complete,
            // An endless stream of nothing must not keep the time limit from being checked.
            Ok(Some(chunk)) if chunk.is_empty() => tokio::task::yield_now().await,
            Ok(Some(chunk)) => {
                let room = limit - buffer.len();
                buffer.push(chunk.slice(..chunk.len().min(room)));
                if chunk.len() > room {
                    return BodyEnd::OverLimit;
                }
            }
            Err(_) => return BodyEnd::Interrupted,
        }
    }
}

/// A body of one chunk, which is not copied, or of several.
#[derive(Default)]
struct Buffer {
    first: Bytes,
    joined: Vec<u8>,
}

impl Buffer {
    fn len(&self) -> usize {
        self.first.len() + self.joined.len()
    }

    fn push(&mut self, chunk: Bytes) {
        if self.len() == 0 {
            self.first = chunk;
        } else {
            if self.joined.is_empty() {
                self.joined = std::mem::take(&mut self.first).into();
            }
            self.joined.extend_from_slice(&chunk);
        }
    }

    fn into_bytes(self) -> Bytes {
        if self.joined.is_empty() { self.first } else { self.joined.into() }
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;
    use crate::http::Transport;

    #[tokio::test]
    async fn a_body_is_read_up_to_the_limit() {
        for (len, end) in [(10, BodyEnd::Complete), (11, BodyEnd::OverLimit)] {
            let mut buffer = Buffer::default();
            assert_eq!(read_body(Body::from(vec![b'x'; len]), 10, &mut buffer).await, end);
            assert_eq!(buffer.len(), 10);
        }
    }

    #[test]
    fn chunks_are_joined_in_order() {
        for (chunks, whole) in [(&[][..], ""), (&["ab"], "ab"), (&["ab", "", "c", "d"], "abcd"), (&["", "x"], "x")] {
            let mut buffer = Buffer::default();
            chunks.iter().for_each(|chunk| buffer.push(Bytes::from_static(chunk.as_bytes())));
            assert_eq!(buffer.len(), whole.len());
            assert_eq!(buffer.into_bytes(), whole);
        }
    }

    #[tokio::test]
    async fn an_endless_stream_of_nothing_ends_with_the_time() {
        let transport = crate::http::from_fn(|_| async {
            let nothing = futures_util::stream::repeat_with(|| Ok(Bytes::new()));
            Ok(http::Response::new(Body::from_stream(nothing)))
        });
        let received = receive(transport.send(Request::default()), Duration::from_millis(20), 10).await;
        let response = received.unwrap_or_else(|_| panic!("the status came"));
        assert!(!response.is_complete() && response.body().is_empty());
    }
}
