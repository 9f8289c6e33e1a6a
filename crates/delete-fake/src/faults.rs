//! Faults as data: which calls they hit, and what happens to those.

mod check;
mod spoil;

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::backend::{Call, Route};

/// Something that goes wrong.
///
/// A fault is made with one of the constructors and narrowed down with the methods that follow; without any it hits
/// every call of every route. Where several faults match a call, the one that was added first and still fires wins.
///
/// ```
/// use delete_fake::{Fault, Route};
///
/// // The first delete takes effect, but its answer is lost.
/// let lost_answer = Fault::close().after_effect().on(Route::Delete).once();
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Fault {
    kind: Kind,
    route: Route,
    id: Option<String>,
    nth: Option<u64>,
    times: Option<u64>,
    every: Option<u64>,
    share: Option<f64>,
    effect: Option<bool>,
    status: Option<u16>,
    code: Option<String>,
    body: Option<Value>,
    content_type: Option<String>,
    headers: BTreeMap<String, String>,
    location: Option<String>,
    retry_after: Option<RetryAfter>,
    delay_ms: u64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    #[default]
    Reply,
    Html,
    Redirect,
    Throttle,
    Lie,
    Delay,
    Truncate,
    SlowHeaders,
    Stall,
    Close,
    Reset,
}

/// The value of a `Retry-After` header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum RetryAfter {
    /// This many seconds.
    Seconds(u64),
    /// An HTTP date this many seconds from the fake's present time.
    HttpDate {
        /// The seconds.
        http_date_in: u64,
    },
    /// Any text, sensible or not.
    Text(String),
}

impl Fault {
    fn new(kind: Kind) -> Self {
        Self { kind, ..Self::default() }
    }

    /// Answers with this status, and the vendor's usual body for it unless another is given.
    pub fn reply(status: u16) -> Self {
        Self { status: Some(status), ..Self::new(Kind::Reply) }
    }

    /// Answers with this status and an HTML page, as gateways and captive portals do.
    pub fn html(status: u16) -> Self {
        Self { status: Some(status), ..Self::new(Kind::Html) }
    }

    /// Answers with this 3xx status and `Location`.
    pub fn redirect(status: u16, location: impl Into<String>) -> Self {
        Self { status: Some(status), location: Some(location.into()), ..Self::new(Kind::Redirect) }
    }

    /// Answers 429, with this `Retry-After` where one is given.
    pub fn throttle(retry_after: Option<RetryAfter>) -> Self {
        Self { retry_after, ..Self::new(Kind::Throttle) }
    }

    /// Gives the usual answer, but changes nothing: "204, but still there".
    pub fn lie() -> Self {
        Self::new(Kind::Lie)
    }

    /// Does what was asked at once and answers late.
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

    /// Sends nothing for this time, then closes the connection.
    pub fn stall(time: Duration) -> Self {
        Self::new(Kind::Stall).with_delay(time)
    }

    /// Reads the request and closes the connection without an answer.
    pub fn close() -> Self {
        Self::new(Kind::Close)
    }

    /// Reads the request and resets the connection.
    pub fn reset() -> Self {
        Self::new(Kind::Reset)
    }

    /// Only calls of this route.
    #[must_use]
    pub fn on(mut self, route: Route) -> Self {
        self.route = route;
        self
    }

    /// Only calls about this id.
    #[must_use]
    pub fn for_id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Only the nth matching call after the fault was added, counted from 1; with [`times`](Self::times) that call and
    /// the following ones.
    #[must_use]
    pub fn nth(mut self, nth: u64) -> Self {
        self.nth = Some(nth);
        self
    }

    /// At most this many calls.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// One call only.
    #[must_use]
    pub fn once(self) -> Self {
        self.times(1)
    }

    /// Every `k`th matching call.
    #[must_use]
    pub fn every(mut self, k: u64) -> Self {
        self.every = Some(k);
        self
    }

    /// This share of the matching calls (0 to 1), spread evenly and the same in every run.
    #[must_use]
    pub fn share(mut self, share: f64) -> Self {
        self.share = Some(share);
        self
    }

    /// The deletion takes effect before things go wrong.
    #[must_use]
    pub fn after_effect(mut self) -> Self {
        self.effect = Some(true);
        self
    }

    /// Nothing takes effect.
    #[must_use]
    pub fn without_effect(mut self) -> Self {
        self.effect = Some(false);
        self
    }

    /// Puts this vendor code (such as Corti's `A0021`) into the usual body.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// Sets the body: a string as it is, anything else as JSON.
    #[must_use]
    pub fn with_body(mut self, body: impl Into<Value>) -> Self {
        self.body = Some(body.into());
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.insert(name.to_ascii_lowercase(), value.into());
        self
    }

    /// Waits before the answer.
    #[must_use]
    pub fn with_delay(mut self, delay: Duration) -> Self {
        self.delay_ms = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        self
    }

    fn matches(&self, call: &Call<'_>) -> bool {
        (self.route == Route::Any || self.route == call.route) && self.id.as_deref().is_none_or(|id| is_about(call, id))
    }

    /// Whether the `count`th matching call (from 1) is hit, after this fault has hit `before` calls.
    fn hits(&self, count: u64, before: u64) -> bool {
        let has_times_left = self.times.is_none_or(|times| before < times);
        match (self.nth, self.every, self.share) {
            (Some(nth), _, _) => (nth..nth.saturating_add(self.times.unwrap_or(1))).contains(&count),
            (_, Some(every), _) => has_times_left && every > 0 && count % every == 0,
            (_, _, Some(share)) => has_times_left && hits_share(share, count),
            _ => has_times_left,
        }
    }

    /// Whether what was asked happens all the same.
    pub(crate) fn takes_effect(&self) -> bool {
        let natural = match self.kind {
            Kind::Delay | Kind::SlowHeaders => true,
            Kind::Truncate => self.status.is_none(),
            _ => false,
        };
        self.kind != Kind::Lie && self.effect.unwrap_or(natural)
    }
}

fn is_about(call: &Call<'_>, id: &str) -> bool {
    call.subject.eq_ignore_ascii_case(id)
        || call.target.values("interactionId").any(|known| known.eq_ignore_ascii_case(id))
        || (call.route == Route::BulkDelete && String::from_utf8_lossy(call.request.body()).contains(id))
}

/// The `count`th call is hit when it takes the number of hits due to the next whole number.
fn hits_share(share: f64, count: u64) -> bool {
    hits_so_far(share, count) > hits_so_far(share, count.saturating_sub(1))
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count of calls"
)]
fn hits_so_far(share: f64, count: u64) -> u64 {
    (share * count as f64).floor() as u64
}

/// The faults of one fake, in the order in which they were added.
#[derive(Default)]
pub(crate) struct Faults {
    faults: Vec<Counted>,
}

struct Counted {
    fault: Fault,
    /// Calls that matched, whether this fault won or not.
    seen: u64,
    /// Calls that this fault hit, so that faults with `times` queue up.
    hit: u64,
}

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.faults.push(Counted { fault, seen: 0, hit: 0 });
    }

    /// The fault that hits this call.
    pub(crate) fn pick(&mut self, call: &Call<'_>) -> Option<&Fault> {
        let mut picked = None;
        for counted in self.faults.iter_mut().filter(|counted| counted.fault.matches(call)) {
            counted.seen += 1;
            if picked.is_none() && counted.fault.hits(counted.seen, counted.hit) {
                counted.hit += 1;
                picked = Some(&counted.fault);
            }
        }
        picked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit_calls(fault: &Fault) -> Vec<u64> {
        let mut hit = Vec::new();
        for count in 1..=12 {
            if fault.hits(count, hit.len() as u64) {
                hit.push(count);
            }
        }
        hit
    }

    #[test]
    fn the_calls_that_are_hit_can_be_chosen() {
        assert_eq!(hit_calls(&Fault::reset()).len(), 12);
        assert_eq!(hit_calls(&Fault::reset().once()), [1]);
        assert_eq!(hit_calls(&Fault::reset().times(3)), [1, 2, 3]);
        assert_eq!(hit_calls(&Fault::reset().nth(4)), [4]);
        assert_eq!(hit_calls(&Fault::reset().nth(4).times(2)), [4, 5]);
        assert_eq!(hit_calls(&Fault::reset().every(5)), [5, 10]);
        assert_eq!(hit_calls(&Fault::reset().every(5).times(1)), [5]);
        assert_eq!(hit_calls(&Fault::reset().share(0.25)), [4, 8, 12]);
        assert_eq!(hit_calls(&Fault::reset().share(1.0)).len(), 12);
        assert_eq!(hit_calls(&Fault::reset().share(0.0)).len(), 0);
    }
}
