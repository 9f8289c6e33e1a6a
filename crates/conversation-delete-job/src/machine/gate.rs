//! May a request be sent now? One answer from the rate, the vendor's throttles, the circuit breakers and the target guard.

pub(crate) mod breaker;
pub(crate) mod target_guard;
#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use delete_core::{Error, ErrorKind, RateLimiter};

use super::decide::is_transient;
use super::event::{Answer, Operation};
use crate::pace::{Limits, Pacer};
use crate::run::{Ending, Waiting};
use breaker::{Advice, CircuitBreaker};
use target_guard::TargetGuard;

/// Shorter waits for the next request are the pace itself, and not worth a message.
const LONG_PACE: Duration = Duration::from_secs(10);

/// Whether a call may be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Permit {
    Now,
    /// Once so much time has passed.
    Wait(Duration),
    /// Once a call in flight has ended.
    Busy,
}

/// What the gate of a lane is made from.
#[derive(Debug)]
pub(crate) struct GateConfig {
    pub(crate) limits: Limits,
    pub(crate) limiter: Option<RateLimiter>,
    pub(crate) not_before: Option<Instant>,
    pub(crate) max_outage: Option<Duration>,
    pub(crate) is_interactive: bool,
    /// It does not matter whether records are found.
    pub(crate) absent_ok: bool,
    /// All records are looked up before the first delete, and at least one has to be there.
    pub(crate) is_scanned: bool,
    /// An earlier run deleted or saw records of the target.
    pub(crate) is_confirmed: bool,
    /// A delete may take several records.
    pub(crate) is_batching: bool,
    /// A lookup reads a whole list.
    pub(crate) is_bulk: bool,
}

#[derive(Debug)]
pub(crate) struct Gate {
    pacer: Pacer,
    limiter: Option<RateLimiter>,
    /// Of the reads and of the deletes: a vendor may respond to only one of them.
    breakers: [CircuitBreaker; 2],
    pub(crate) guard: TargetGuard,
    is_batching: bool,
    is_bulk: bool,
    /// No response came to a read, or to a delete. Until then one call is sent on its own: a wrong credential shall cost one
    /// request.
    is_first: [bool; 2],
    /// The call in flight is on its own.
    is_alone: bool,
    /// How long a call takes, on average.
    latency: Duration,
}

impl Gate {
    pub(crate) fn new(config: GateConfig, now: Instant) -> Self {
        let breaker = || CircuitBreaker::new(config.max_outage, config.is_interactive);
        Self {
            pacer: Pacer::held(config.limits, now, config.not_before),
            limiter: config.limiter,
            breakers: [breaker(), breaker()],
            guard: TargetGuard::new(config.absent_ok, config.is_scanned, config.is_confirmed),
            is_batching: config.is_batching,
            is_bulk: config.is_bulk,
            is_first: [true; 2],
            is_alone: false,
            latency: Duration::ZERO,
        }
    }

    /// Whether this call may be sent while so many are in flight.
    pub(crate) fn permit(&mut self, now: Instant, operation: Operation, in_flight: usize) -> Permit {
        let most = if self.is_single_flight(operation) { 1 } else { self.pacer.concurrency() };
        if in_flight >= most || (in_flight > 0 && self.is_alone) {
            return Permit::Busy;
        }
        match self.pause(now) {
            Duration::ZERO => Permit::Now,
            wait => Permit::Wait(wait),
        }
    }

    /// How long the pace, and other requests of the credential, keep the next call.
    pub(crate) fn pause(&mut self, now: Instant) -> Duration {
        let others = self.limiter.as_ref().map_or(Duration::ZERO, |limiter| limiter.wait(now));
        others.max(self.pacer.wait(now, 1))
    }

    /// Whether such a call is sent while no other is in flight: during an outage, until it is known whether this is the right
    /// target and whether the credential is good, and while the vendor rejects whatever it gets. A scan is one anyway.
    pub(crate) fn is_single_flight(&self, operation: Operation) -> bool {
        let is_batching = self.is_batching && operation == Operation::Delete;
        let is_unsettled = is_batching && (!self.guard.is_settled() || self.breaker(operation).is_unexpected());
        let is_scan = match operation {
            Operation::CheckCredential | Operation::List => true,
            Operation::Check | Operation::Lookup => self.is_bulk,
            Operation::Delete => false,
        };
        let is_careful = self.is_first[operation.side()] || self.guard.is_suspicious();
        is_scan || is_unsettled || is_careful || self.breakers.iter().any(|side| side.is_open() || side.is_rejecting())
    }

    /// Whether a delete takes one record: until one was seen or deleted, a call for several could not show whether this is the
    /// right target; what the vendor rejects, it shall reject for one record alone; and a response that is not the vendor's
    /// shall leave no more than one in doubt.
    pub(crate) fn is_one_by_one(&self) -> bool {
        let breaker = self.breaker(Operation::Delete);
        !self.guard.is_settled() || breaker.is_rejecting() || breaker.is_unexpected()
    }

    /// How many deletes may be sent within this time: as many as the pace allows, and as calls end meanwhile.
    pub(crate) fn room(&self, now: Instant, time: Duration, in_flight: usize, is_slow: bool) -> usize {
        if self.is_single_flight(Operation::Delete) || self.is_alone {
            return usize::from(in_flight == 0);
        }
        let concurrency = self.pacer.concurrency();
        let share = time.as_secs_f64() / self.latency.as_secs_f64().max(1e-3);
        let ending = if is_slow { 0 } else { (concurrency as f64 * share) as usize };
        let slots = concurrency.saturating_sub(in_flight).saturating_add(ending);
        self.pacer.room(now, time, 1).min(slots)
    }

    /// The most calls in flight.
    pub(crate) fn concurrency(&self) -> usize {
        self.pacer.concurrency()
    }

    /// A call leaves.
    pub(crate) fn on_sent(&mut self, now: Instant, operation: Operation) {
        self.is_alone = self.is_single_flight(operation);
        self.pacer.sent(now, 1);
    }

    /// A call has ended that was sent at this time. A list takes as long as it has pages, and says nothing of other calls.
    pub(crate) fn on_end(&mut self, now: Instant, operation: Operation, sent_at: Instant) {
        if matches!(operation, Operation::Check | Operation::Delete | Operation::Lookup) {
            let took = now.saturating_duration_since(sent_at);
            self.latency = if self.latency.is_zero() { took } else { (self.latency * 7 + took) / 8 };
        }
        self.is_alone = false;
    }

    /// Learns from the results of a call about the vendor.
    pub(crate) fn observe(
        &mut self,
        now: Instant,
        operation: Operation,
        sent_at: Instant,
        results: &[Result<Answer, Error>],
    ) -> Advice {
        let errors = || results.iter().filter_map(|result| result.as_ref().err());
        let is_silent = !results.is_empty() && errors().filter(|error| is_transient(error)).count() == results.len();
        self.is_first[operation.side()] &= is_silent;
        let Some(error) = errors().next() else {
            self.pacer.answered(now, 1, sent_at);
            self.breaker_mut(operation).on_success();
            return Advice::Continue;
        };
        let asked = errors().filter(|error| is_transient(error)).filter_map(Error::retry_after).max();
        self.observe_error(now, (operation, sent_at), (error, results.len()), asked)
    }

    /// Learns from the error of a call for so many records.
    pub(crate) fn observe_error(
        &mut self,
        now: Instant,
        (operation, sent_at): (Operation, Instant),
        (error, records): (&Error, usize),
        retry_after: Option<Duration>,
    ) -> Advice {
        let wait = retry_after.unwrap_or_default();
        if is_own_limit(error) {
            self.pacer.hold(now, wait);
            return Advice::Continue;
        }
        if error.kind() == ErrorKind::RateLimited {
            let is_about_concurrency = error.vendor_code().is_some_and(|code| code.contains("concurrent"));
            self.pacer.throttled(now, sent_at, retry_after, is_about_concurrency);
        } else {
            self.pacer.answered(now, 1, sent_at);
            self.pacer.hold(now, wait);
        }
        let is_verification = operation == Operation::Lookup;
        let advice = self.breaker_mut(operation).on_failure(error, records, (sent_at, now), is_verification);
        if let Advice::Pause(wait) = advice {
            self.pacer.back_off(now, wait);
        }
        advice
    }

    /// A valid response came, from which nothing else follows.
    pub(crate) fn on_response(&mut self, operation: Operation) {
        self.is_first[operation.side()] = false;
        self.breaker_mut(operation).on_success();
    }

    /// A valid response came to something else, so that the vendor is available.
    pub(crate) fn on_available(&mut self) {
        self.breakers.iter_mut().for_each(CircuitBreaker::on_response);
    }

    pub(crate) fn breaker(&self, operation: Operation) -> &CircuitBreaker {
        &self.breakers[operation.side()]
    }

    fn breaker_mut(&mut self, operation: Operation) -> &mut CircuitBreaker {
        &mut self.breakers[operation.side()]
    }

    /// Whether no valid response comes to such calls.
    pub(crate) fn is_open(&self, operation: Operation) -> bool {
        self.breaker(operation).is_open()
    }

    /// Why the run does not wait for so long.
    pub(crate) fn outage_timeout(&self, now: Instant, wait: Duration) -> Option<Ending> {
        let is_throttled = self.pacer.held_until(now).is_some();
        let failing = self.breakers.iter().filter(|side| side.failing_since().is_some());
        let longest = failing.min_by_key(|side| side.failing_since()).unwrap_or(&self.breakers[0]);
        longest.outage_timeout(now, wait, is_throttled)
    }

    /// What a wait is for, if that is worth a message. An outage is reported when its pause begins.
    pub(crate) fn waiting(&mut self, now: Instant, wait: Duration) -> Option<Waiting> {
        if self.breakers.iter().any(CircuitBreaker::is_open) {
            None
        } else if self.pacer.held_until(now).is_some() {
            Some(Waiting::Throttled(wait))
        } else {
            (self.pause(now) >= LONG_PACE).then_some(Waiting::Paced(wait))
        }
    }
}

/// Whether the client's own limits kept it from sending anything. The vendor has no part in that.
fn is_own_limit(error: &Error) -> bool {
    error.kind() == ErrorKind::RateLimited && error.attempts().is_empty()
}
