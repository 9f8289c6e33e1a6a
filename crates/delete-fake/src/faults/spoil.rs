//! What a fault makes of a reply.

use std::time::Duration;

use serde_json::Value;

use super::{Fault, Kind, RetryAfter};
use crate::clock::Clock;
use crate::message::{Delivery, FakeReply};

/// How long a stalled call waits where nothing else is said.
const STALL: Duration = Duration::from_secs(60);

const HTML: &str = "<!doctype html><html><body><h1>Something is in the way</h1></body></html>";

impl Fault {
    /// The reply of a hit call: `usual` is what the vendor would have said, `error` its body for a status and code.
    pub(crate) fn spoil(
        &self,
        usual: FakeReply,
        clock: &Clock,
        error: impl FnOnce(u16, Option<&str>) -> FakeReply,
    ) -> FakeReply {
        let delay = Duration::from_millis(self.delay_ms);
        let reply = self.answer(usual, error);
        let reply = self.with_own_headers(reply, clock);
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

    fn answer(&self, usual: FakeReply, error: impl FnOnce(u16, Option<&str>) -> FakeReply) -> FakeReply {
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
        reply.with_body(self.content_type.clone().unwrap_or_else(|| usual_type.to_owned()), bytes)
    }

    fn with_own_headers(&self, mut reply: FakeReply, clock: &Clock) -> FakeReply {
        for (name, value) in &self.headers {
            reply = reply.with_header(name.clone(), value.clone());
        }
        if let Some(location) = &self.location {
            reply = reply.with_header("location", location.clone());
        }
        match &self.retry_after {
            None => reply,
            Some(RetryAfter::Seconds(secs)) => reply.with_header("retry-after", secs.to_string()),
            Some(RetryAfter::HttpDate { http_date_in }) => {
                reply.with_header("retry-after", clock.http_date_in(*http_date_in))
            }
            Some(RetryAfter::Text(text)) => reply.with_header("retry-after", text.clone()),
        }
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
