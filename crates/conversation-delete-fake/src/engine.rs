//! One fake vendor as a synchronous state machine: a request in, a reply out, no input or output of its own.

use crate::Vendor;
use crate::backend::{Backend, Call, Route, Routed};
use crate::bucket::Bucket;
use crate::faults::{EffectTime, Fault, Faults};
use crate::log::RequestLog;
use crate::message::{FakeReply, FakeRequest};
use crate::target::Target;
use crate::world::World;

/// State and behaviour of one fake.
pub(crate) struct Engine {
    pub(crate) world: World,
    pub(crate) log: RequestLog,
    pub(crate) faults: Faults,
    backend: Box<dyn Backend>,
    bucket: Bucket,
    open: usize,
}

impl Engine {
    pub(crate) fn new(vendor: Vendor, random_seed: Option<u64>) -> Self {
        Self {
            world: World::new(vendor, random_seed),
            log: RequestLog::default(),
            faults: Faults::default(),
            backend: vendor.backend(),
            bucket: Bucket::default(),
            open: 0,
        }
    }

    /// Back to the start: no records, no requests, no faults, options at their defaults, keys alive.
    pub(crate) fn reset(&mut self) {
        self.restart(self.world.random_seed);
    }

    /// The same, with another random seed.
    pub(crate) fn restart(&mut self, random_seed: Option<u64>) {
        // Requests that are open now will still report their end.
        *self = Self { open: self.open, ..Self::new(self.world.vendor, random_seed) };
    }

    pub(crate) fn forget_tokens(&mut self) {
        self.backend.forget_tokens();
    }

    /// Responds to a request of a client.
    pub(crate) fn handle(&mut self, request: FakeRequest) -> FakeReply {
        self.world.request_number += 1;
        let (route, reply) = self.respond(&request);
        // A fault may have set one.
        let date = self.world.date().filter(|_| reply.header("date").is_none());
        let reply = date.into_iter().fold(reply, |reply, date| reply.with_header("date", date));
        let limit = self.world.options.number("request_log_bytes");
        self.log.add(request, route, reply.visible_status(), limit);
        reply
    }

    /// Counts a request that is open until [`close`](Self::close).
    pub(crate) fn open(&mut self) {
        self.open += 1;
        self.log.stats.most_open = self.log.stats.most_open.max(self.open);
    }

    /// Counts the end of an open request.
    pub(crate) fn close(&mut self) {
        self.open = self.open.saturating_sub(1);
    }

    fn respond(&mut self, request: &FakeRequest) -> (Option<Route>, FakeReply) {
        let target = Target::parse(request.target());
        let path: Vec<&str> = target.segments.iter().map(String::as_str).collect();
        match self.backend.route(request.method(), &path) {
            Routed::To(route, subject) => {
                let call = Call { route, subject: &subject, request, target: &target };
                (Some(route), self.respond_to(&call))
            }
            Routed::WrongMethod(allow) => {
                let reply = self.backend.error(405, None, &self.world).with_header("allow", allow);
                (None, self.backend.finish(reply, &self.world))
            }
            Routed::Unrouted => (None, not_implemented(request)),
        }
    }

    /// Over the option `rate_limit` a request is refused before anything else looks at it.
    fn throttle(&mut self) -> Option<FakeReply> {
        let rate = self.world.options.number("rate_limit");
        let wait = self.bucket.take(rate, self.world.clock.now()).err().filter(|_| rate > 0)?;
        // Rounded up: a client that waits this long is let in.
        let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
        let reply = self.backend.error(429, None, &self.world).with_header("retry-after", seconds.to_string());
        Some(self.backend.finish(reply, &self.world))
    }

    fn respond_to(&mut self, call: &Call<'_>) -> FakeReply {
        if let Some(reply) = self.throttle() {
            return reply;
        }
        let fault = self.faults.pick(call);
        let without_body = fault.filter(|fault| fault.drops_request_body()).map(|_| call.request.without_body());
        let call = &Call { request: without_body.as_ref().unwrap_or(call.request), ..*call };
        let decision = self.backend.decide(call, &self.world);
        match fault.map_or(EffectTime::Now, Fault::effect_time) {
            EffectTime::Now => self.world.apply_all(&decision.effects),
            EffectTime::After(time) => self.world.apply_later(time, decision.effects),
            EffectTime::Never => {}
        }
        let usual = self.backend.finish(decision.reply, &self.world);
        let (backend, world) = (&self.backend, &self.world);
        match fault {
            None => usual,
            Some(fault) => fault.apply(usual, |status, code| backend.finish(backend.error(status, code, world), world)),
        }
    }
}

/// 501, never 404: to the code under test 404 means that a record is gone.
fn not_implemented(request: &FakeRequest) -> FakeReply {
    let path = request.target().split('?').next().unwrap_or_default();
    let text = format!("conversation-delete-fake serves no {} {path}", request.method());
    FakeReply::json(501, crate::message::object(&[("error", text.into())]))
}
