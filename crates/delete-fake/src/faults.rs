//! Faults as data: which calls they hit, and what happens to those.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::backend::{Call, Route};
use crate::clock::Clock;
use crate::message::{Delivery, FakeReply};

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

/// How long a stalled call waits where nothing else is said.
const STALL: Duration = Duration::from_secs(60);

const HTML: &str = "<!doctype html><html><body><h1>Something is in the way</h1></body></html>";

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

    /// Says what is wrong with a fault that came as data.
    pub(crate) fn check(&self, routes: &[Route]) -> Result<(), String> {
        if !routes.contains(&self.route) {
            let names: Vec<&str> = routes.iter().map(|route| route.as_str()).collect();
            return Err(format!("no route `{}` here; there are {}", self.route, names.join(", ")));
        }
        let selectors = [self.nth.is_some(), self.every.is_some(), self.share.is_some()];
        if selectors.into_iter().filter(|set| *set).count() > 1 {
            return Err("give one of `nth`, `every` and `share`".to_owned());
        }
        if self.nth == Some(0) || self.every == Some(0) || self.times == Some(0) {
            return Err("`nth`, `every` and `times` count from 1".to_owned());
        }
        if self.share.is_some_and(|share| !(0.0..=1.0).contains(&share)) {
            return Err("`share` lies between 0 and 1".to_owned());
        }
        self.check_answer()
    }

    fn check_answer(&self) -> Result<(), String> {
        let needs_status = matches!(self.kind, Kind::Reply | Kind::Html | Kind::Redirect);
        match (self.kind, self.status) {
            (_, None) if needs_status => return Err("this kind needs a `status`".to_owned()),
            (Kind::Redirect, Some(status)) if !(300..400).contains(&status) => {
                return Err("a redirect has a status from 300 to 399".to_owned());
            }
            (_, Some(status)) if !(200..600).contains(&status) => {
                return Err("`status` lies between 200 and 599".to_owned());
            }
            _ => {}
        }
        let texts = self.headers.values().chain(&self.location).chain(&self.content_type);
        let retry_after = match &self.retry_after {
            Some(RetryAfter::Text(text)) => Some(text),
            _ => None,
        };
        if texts.chain(retry_after).any(|text| http::HeaderValue::try_from(text).is_err()) {
            return Err("a header value holds a character that HTTP does not allow".to_owned());
        }
        match self.headers.keys().find(|name| http::HeaderName::try_from(name.as_str()).is_err()) {
            Some(name) => Err(format!("`{name}` is no header name")),
            None => Ok(()),
        }
    }

    fn matches(&self, call: &Call<'_>) -> bool {
        (self.route == Route::Any || self.route == call.route) && self.id.as_deref().is_none_or(|id| is_about(call, id))
    }

    /// Whether the `count`th matching call (from 1) is hit.
    fn hits(&self, count: u64) -> bool {
        match (self.nth, self.every, self.share) {
            (Some(nth), _, _) => (nth..nth.saturating_add(self.times.unwrap_or(1))).contains(&count),
            (_, Some(every), _) => every > 0 && count % every == 0 && self.has_times_left(count / every),
            (_, _, Some(share)) => hits_share(share, count) && self.has_times_left(hits_so_far(share, count)),
            _ => self.has_times_left(count),
        }
    }

    fn has_times_left(&self, hit: u64) -> bool {
        self.times.is_none_or(|times| hit <= times)
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

fn is_about(call: &Call<'_>, id: &str) -> bool {
    call.subject.eq_ignore_ascii_case(id)
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

/// The faults of one fake, in the order in which they were added.
#[derive(Default)]
pub(crate) struct Faults {
    faults: Vec<(Fault, u64)>,
}

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault) {
        self.faults.push((fault, 0));
    }

    /// The fault that hits this call. Every matching fault counts the call, whether it wins or not.
    pub(crate) fn pick(&mut self, call: &Call<'_>) -> Option<&Fault> {
        let mut picked = None;
        for (fault, count) in self.faults.iter_mut().filter(|(fault, _)| fault.matches(call)) {
            *count += 1;
            if picked.is_none() && fault.hits(*count) {
                picked = Some(&*fault);
            }
        }
        picked
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit_calls(fault: &Fault) -> Vec<u64> {
        (1..=12).filter(|count| fault.hits(*count)).collect()
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

    #[test]
    fn a_fault_as_data_says_what_is_wrong_with_it() {
        let routes = [Route::Any, Route::Delete];
        let check = |json: &str| match serde_json::from_str::<Fault>(json) {
            Ok(fault) => fault.check(&routes),
            Err(error) => Err(error.to_string()),
        };
        assert_eq!(check(r#"{"kind":"reset","route":"delete","nth":2,"effect":true}"#), Ok(()));
        assert_eq!(check(r#"{"kind":"throttle","retry_after":{"http_date_in":7}}"#), Ok(()));
        for (json, told) in [
            (r#"{"kind":"explode"}"#, "unknown variant `explode`"),
            (r#"{"kind":"reset","rout":"delete"}"#, "unknown field `rout`"),
            (r#"{"kind":"reset","route":"token"}"#, "there are any, delete"),
            (r#"{"kind":"reply"}"#, "needs a `status`"),
            (r#"{"status":99}"#, "between 200 and 599"),
            (r#"{"kind":"redirect","status":200}"#, "from 300 to 399"),
            (r#"{"kind":"reset","nth":1,"every":2}"#, "one of"),
            (r#"{"kind":"reset","nth":0}"#, "count from 1"),
            (r#"{"kind":"reset","share":1.5}"#, "between 0 and 1"),
            (r#"{"status":503,"headers":{"a b":"c"}}"#, "no header name"),
            (r#"{"status":503,"retry_after":"1\r\nx: y"}"#, "does not allow"),
        ] {
            let error = check(json).unwrap_err();
            assert!(error.contains(told), "{json}: {error}");
        }
    }
}
