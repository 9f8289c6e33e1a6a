//! One request and its response, within a time limit.

use std::time::Duration;

use bytes::Bytes;
use http::Response;

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
/// It takes the future of a transport instead of the request, because a future keeps room for all it was given.
pub(crate) async fn receive(
    sending: impl Future<Output = Result<Response<Body>, TransportError>>,
    time: Duration,
    body_limit: usize,
) -> Result<BufferedResponse, SendError> {
    let deadline = tokio::time::Instant::now() + time;
    let response = match tokio::time::timeout_at(deadline, sending).await {
        Ok(sent) => sent.map_err(SendError::Transport)?,
        Err(_) => return Err(SendError::TimedOut),
    };
    let (head, body) = response.into_parts();
    let (status, headers) = (head.status.as_u16(), head.headers);
    // The body of a redirect is of no use.
    if (300..400).contains(&status) {
        return Ok(BufferedResponse::new(status, headers, Bytes::new(), BodyEnd::Complete));
    }
    let limit = if status < 300 { body_limit } else { SHORT_BODY };
    let (body, end) = match body.into_whole() {
        Ok(body) if body.len() > limit => (body.slice(..limit), BodyEnd::OverLimit),
        Ok(body) => (body, BodyEnd::Complete),
        // Boxed, so that a response without a body needs no room for it.
        Err(body) => Box::pin(read_until(deadline, body, limit)).await,
    };
    Ok(BufferedResponse::new(status, headers, body, end))
}

async fn read_until(deadline: tokio::time::Instant, body: Body, limit: usize) -> (Bytes, BodyEnd) {
    let mut buffer = Buffer::default();
    let read = tokio::time::timeout_at(deadline, read_body(body, limit, &mut buffer)).await;
    (buffer.into_bytes(), read.unwrap_or(BodyEnd::Interrupted))
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
