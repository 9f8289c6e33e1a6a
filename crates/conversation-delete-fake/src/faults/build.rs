//! Faults made in Rust.

use std::time::Duration;

use serde_json::Value;

use super::{Fault, Kind, RetryAfter};
use crate::backend::Route;

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

impl Fault {
    fn new(kind: Kind) -> Self {
        Self { kind, ..Self::default() }
    }

    /// Sends this status, with the vendor's usual body for it unless [`with_body`](Self::with_body) sets another.
    pub fn reply(status: u16) -> Self {
        Self { status: Some(status), ..Self::new(Kind::Reply) }
    }

    /// Sends this status and an HTML page, as gateways and captive portals do.
    pub fn html(status: u16) -> Self {
        Self { status: Some(status), ..Self::new(Kind::Html) }
    }

    /// Sends this 3xx status and `Location`.
    pub fn redirect(status: u16, location: impl Into<String>) -> Self {
        Self { status: Some(status), location: Some(location.into()), ..Self::new(Kind::Redirect) }
    }

    /// Sends 429, with this `Retry-After` if there is one.
    pub fn throttle(retry_after: Option<RetryAfter>) -> Self {
        Self { retry_after, ..Self::new(Kind::Throttle) }
    }

    /// Sends the usual response, but changes nothing: "204, but still there".
    pub fn no_effect() -> Self {
        Self::new(Kind::NoEffect)
    }

    /// Takes effect at once and responds late.
    pub fn delay(delay: Duration) -> Self {
        Self::new(Kind::Delay).with_delay(delay)
    }

    /// Breaks the body off half-way. A 204, which has no body, is sent as 200 with a broken one.
    pub fn truncate() -> Self {
        Self::new(Kind::Truncate)
    }

    /// Sends status line and headers in small pieces over this time.
    pub fn slow_headers(over: Duration) -> Self {
        Self::new(Kind::SlowHeaders).with_delay(over)
    }

    /// Removes the body of the request before the vendor sees it, as some proxies do with the body of a `DELETE`.
    /// The request log keeps the body. Only for routes that take one: Fini's batch and Corti's token endpoint.
    pub fn drop_request_body() -> Self {
        Self::new(Kind::DropRequestBody)
    }

    /// Sends nothing for this time, then closes the connection.
    pub fn stall(time: Duration) -> Self {
        Self::new(Kind::Stall).with_delay(time)
    }

    /// Reads the request and closes the connection without a response.
    pub fn close() -> Self {
        Self::new(Kind::Close)
    }

    /// Reads the request and resets the connection.
    pub fn reset() -> Self {
        Self::new(Kind::Reset)
    }

    /// Hits only calls of this route.
    #[must_use]
    pub fn on(mut self, route: Route) -> Self {
        self.route = route;
        self
    }

    /// Hits only calls about this id.
    #[must_use]
    pub fn for_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Hits only the nth matching call after the fault was added, counted from 1; with [`times`](Self::times) that call
    /// and the following ones.
    #[must_use]
    pub fn nth(mut self, nth: u64) -> Self {
        self.nth = Some(nth);
        self
    }

    /// Hits at most this many calls.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Hits one call only.
    #[must_use]
    pub fn once(self) -> Self {
        self.times(1)
    }

    /// Hits every `k`th matching call.
    #[must_use]
    pub fn every(mut self, k: u64) -> Self {
        self.every = Some(k);
        self
    }

    /// Hits this share of the matching calls (0 to 1), spread evenly and the same in every run.
    #[must_use]
    pub fn share(mut self, share: f64) -> Self {
        self.share = Some(share);
        self
    }

    /// Lets the call take effect before it fails.
    #[must_use]
    pub fn after_effect(mut self) -> Self {
        self.effect = Some(true);
        self
    }

    /// Keeps the call from taking effect.
    #[must_use]
    pub fn without_effect(mut self) -> Self {
        self.effect = Some(false);
        self
    }

    /// Lets the call take effect this long after the request, by the fake's clock: respond now, delete later.
    /// [`Fake::advance`](crate::Fake::advance) moves that clock.
    #[must_use]
    pub fn effect_later(mut self, after: Duration) -> Self {
        self.effect_after_ms = Some(millis(after));
        self
    }

    /// Puts this vendor code (such as Corti's `A0021`) into the usual body.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// Sets the body, as plain text unless [`with_header`](Self::with_header) or [`with_json`](Self::with_json) sets
    /// another type.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<String>) -> Self {
        self.body = Some(Value::String(body.into()));
        self
    }

    /// Sets the body, as JSON. It is sent as it is, valid or not.
    #[must_use]
    pub fn with_json(mut self, body: impl Into<String>) -> Self {
        self.content_type.get_or_insert_with(|| "application/json".to_owned());
        self.with_body(body)
    }

    /// Sets a header. It replaces a header of that name that the response has.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.insert(name.to_ascii_lowercase(), value.into());
        self
    }

    /// Waits before the response.
    #[must_use]
    pub fn with_delay(mut self, delay: Duration) -> Self {
        self.delay_ms = millis(delay);
        self
    }
}
