//! What a fault makes of a reply.

use std::time::Duration;

use serde_json::Value;

use super::{Fault, Kind, RetryAfter};
use crate::clock::Clock;
use crate::message::{Delivery, FakeReply};

/// How long a stalled call waits by default.
const STALL: Duration = Duration::from_secs(60);

const HTML: &str = "<!doctype html><html><body><h1>Something is in the way</h1></body></html>";

impl Fault {
    /// Makes the reply to a call that is hit: `usual` is the vendor's own reply, `error` its reply for a status and code.
    pub(crate) fn apply(&self, usual: FakeReply, error: impl FnOnce(u16, Option<&str>) -> FakeReply) -> FakeReply {
        let delay = Duration::from_millis(self.delay_ms);
        let reply = self.response(usual, error);
        let reply = self.with_own_headers(reply);
        match self.kind {
            Kind::Close => reply.with_delivery(Delivery::Closed).with_delay(delay),
            Kind::Reset => reply.with_delivery(Delivery::Reset).with_delay(delay),
            Kind::Stall => {
                let time = if delay.is_zero() { STALL } else { delay };
                reply.with_delivery(Delivery::Closed).with_delay(time)
            }
            Kind::SlowHeaders => reply.with_delivery(Delivery::SlowHead(delay)),
            Kind::Truncate => truncated(reply).with_delay(delay),
            _ => reply.with_delay(delay),
        }
    }

    fn response(&self, usual: FakeReply, error: impl FnOnce(u16, Option<&str>) -> FakeReply) -> FakeReply {
        let status = match (self.kind, self.status) {
            (_, Some(status)) => status,
            (Kind::Throttle, None) => 429,
            _ => return self.with_own_body(usual),
        };
        let reply = match self.kind {
            Kind::Html => FakeReply::new(status).with_body("text/html; charset=utf-8", HTML),
            _ if status < 400 => FakeReply::new(status),
            _ => error(status, self.code.as_deref()),
        };
        self.with_own_body(reply)
    }

    fn with_own_body(&self, reply: FakeReply) -> FakeReply {
        let (usual_type, bytes) = match &self.body {
            None => return reply,
            Some(Value::String(text)) if text.is_empty() => return without_body(&reply),
            Some(Value::String(text)) if self.kind == Kind::Html => ("text/html; charset=utf-8", text.clone()),
            Some(Value::String(text)) => ("text/plain; charset=utf-8", text.clone()),
            Some(json) => ("application/json", json.to_string()),
        };
        reply.with_body(usual_type, bytes)
    }

    /// Sets the headers of this fault, each instead of the one that the vendor's reply has.
    fn with_own_headers(&self, reply: FakeReply) -> FakeReply {
        let retry_after = self.retry_after.as_ref().map(|retry_after| match retry_after {
            RetryAfter::Seconds(secs) => secs.to_string(),
            RetryAfter::HttpDate { http_date_in } => {
                Clock::http_date_in(i64::try_from(*http_date_in).unwrap_or(i64::MAX))
            }
            RetryAfter::Text(text) => text.clone(),
        });
        let named = [
            ("content-type", self.content_type.clone()),
            ("location", self.location.clone()),
            ("retry-after", retry_after),
        ];
        let named = named.into_iter().filter_map(|(name, value)| value.map(|value| (name.to_owned(), value)));
        let others = self.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone()));
        others.chain(named).fold(reply, |reply, (name, value)| reply.with_only_header(name, value))
    }
}

fn without_body(reply: &FakeReply) -> FakeReply {
    reply
        .headers()
        .filter(|(name, _)| *name != "content-type")
        .fold(FakeReply::new(reply.status()), |bare, (name, value)| bare.with_header(name.to_owned(), value.to_owned()))
}

fn truncated(reply: FakeReply) -> FakeReply {
    let reply = match reply.status() {
        204 | 304 => FakeReply::json(200, r#"{"status":"this text breaks off"}"#),
        _ => reply,
    };
    reply.with_delivery(Delivery::Truncated)
}
