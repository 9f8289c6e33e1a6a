//! One request and its answer, within a time limit.

use std::time::Duration;

use bytes::Bytes;

use crate::http::{Body, Request, Response, Transport, TransportError};
use crate::response::{BodyEnd, BufferedResponse, SHORT_BODY, read_body};

/// No answer came.
pub(super) enum SendError {
    Transport(TransportError),
    TimedOut,
}

/// Sends a request and reads its answer within `time`; of the body of a success, up to `body_limit`. Once there is a
/// status, a body that fails to come does no harm.
pub(super) async fn receive(
    transport: &dyn Transport,
    request: Request<Bytes>,
    time: Duration,
    body_limit: usize,
) -> Result<BufferedResponse, SendError> {
    let deadline = tokio::time::Instant::now() + time;
    let response = match tokio::time::timeout_at(deadline, transport.send(request)).await {
        Ok(sent) => sent.map_err(SendError::Transport)?,
        Err(_) => return Err(SendError::TimedOut),
    };
    Ok(read_answer(response, deadline, body_limit).await)
}

async fn read_answer(response: Response<Body>, deadline: tokio::time::Instant, body_limit: usize) -> BufferedResponse {
    let (head, body) = response.into_parts();
    let (status, headers) = (head.status.as_u16(), head.headers);
    let limit = if status < 300 { body_limit } else { SHORT_BODY };
    // Nothing in the body of a redirect is of use.
    if (300..400).contains(&status) {
        return BufferedResponse::new(status, headers, Vec::new(), BodyEnd::Complete);
    }
    let mut read = Vec::new();
    let end =
        tokio::time::timeout_at(deadline, read_body(body, limit, &mut read)).await.unwrap_or(BodyEnd::Interrupted);
    BufferedResponse::new(status, headers, read, end)
}
