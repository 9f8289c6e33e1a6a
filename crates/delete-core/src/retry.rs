//! When a request is sent again: the policy of a call, and what all calls of a client share.

mod rate_limit;
pub(crate) mod retry_after;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::clock::Clock;

pub(crate) use rate_limit::{Permit, Turn};
pub use rate_limit::{RateLimit, RateLimiter};

/// How often a request is sent again, and how long is waited before.
///
/// A wait is drawn evenly from zero to `initial_backoff` × 2ⁿ, at most `max_backoff` ("full jitter"). A vendor's
/// `Retry-After` makes it longer, never shorter.
///
/// ```
/// use delete_core::RetryPolicy;
///
/// let patient = RetryPolicy::default().max_attempts(8);
/// let never = RetryPolicy::none();
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    max_attempts: u32,
    initial_backoff: Duration,
    max_backoff: Duration,
    budget: u32,
}

impl Default for RetryPolicy {
    /// 4 attempts, 500 ms doubling up to 20 s, a budget of 100 retries.
    fn default() -> Self {
        Self {
            max_attempts: 4,
            initial_backoff: Duration::from_millis(500),
            max_backoff: Duration::from_secs(20),
            budget: 100,
        }
    }
}

impl RetryPolicy {
    /// One attempt. (A refused token is still renewed once, because nothing was done with it.)
    pub fn none() -> Self {
        Self::default().max_attempts(1)
    }

    /// The number of attempts in all; 0 counts as 1.
    #[must_use]
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// The longest wait before the first retry, and the longest wait at all.
    #[must_use]
    pub fn backoff(mut self, initial: Duration, max: Duration) -> Self {
        self.initial_backoff = initial;
        self.max_backoff = max;
        self
    }

    /// How many retries the client may make beyond a tenth of its successful calls. When an outage has used them up,
    /// each call makes one attempt until calls succeed again, so that retries do not multiply the load.
    #[must_use]
    pub fn budget(mut self, retries: u32) -> Self {
        self.budget = retries;
        self
    }

    /// Whether attempt number `made` (from 1) may be followed by another.
    pub(crate) fn allows_after(&self, made: u32) -> bool {
        made < self.max_attempts
    }

    /// The wait after attempt number `made` (from 1).
    pub(crate) fn delay_after(&self, made: u32, clock: &dyn Clock) -> Duration {
        let doubled = 2_u32.saturating_pow(made.saturating_sub(1));
        clock.jitter(self.initial_backoff.saturating_mul(doubled).min(self.max_backoff))
    }
}

/// What all clones of a client share for one origin: the retry budget, the rate limit, and the throttle that the
/// origin's `Retry-After` set.
#[derive(Debug)]
pub(crate) struct SharedLimits {
    limits: Mutex<Limits>,
    rate: Option<RateLimiter>,
}

#[derive(Debug)]
struct Limits {
    /// In tenths of a retry.
    budget: u32,
    full_budget: u32,
    throttle: Option<Throttle>,
}

/// A wait that the vendor asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Throttle {
    since: Instant,
    wait: Duration,
}

const RETRY_COST: u32 = 10;

impl SharedLimits {
    pub(crate) fn new(policy: &RetryPolicy, rate: Option<RateLimiter>) -> Self {
        let full_budget = policy.budget.saturating_mul(RETRY_COST);
        let limits = Mutex::new(Limits { budget: full_budget, full_budget, throttle: None });
        Self { limits, rate }
    }

    /// Asks to leave under the rate limit, with the turn that the request holds if it has waited.
    pub(crate) fn ask(&self, now: Instant, turn: Option<Turn>, longest: Duration) -> Permit {
        self.rate.as_ref().map_or(Permit::Leave, |rate| rate.ask(now, turn, longest))
    }

    /// The request that holds this turn does not wait any more.
    pub(crate) fn give_up(&self, turn: Turn) {
        if let Some(rate) = &self.rate {
            rate.give_up(turn);
        }
    }

    /// Takes one retry out of the budget; false when it is used up.
    pub(crate) fn withdraw(&self) -> bool {
        let mut limits = self.lock();
        match limits.budget.checked_sub(RETRY_COST) {
            Some(rest) => {
                limits.budget = rest;
                true
            }
            None => false,
        }
    }

    /// A call succeeded: a tenth of a retry is earned.
    pub(crate) fn deposit(&self) {
        let mut limits = self.lock();
        limits.budget = limits.full_budget.min(limits.budget + 1);
    }

    /// Blocks all requests for `wait`; a longer block that is already active is kept.
    pub(crate) fn throttle(&self, now: Instant, wait: Duration) {
        let mut limits = self.lock();
        let left = limits.throttle.map_or(Duration::ZERO, |throttle| throttle.left(now));
        if wait > left {
            limits.throttle = Some(Throttle { since: now, wait });
        }
    }

    /// How long requests are still blocked.
    pub(crate) fn throttled_for(&self, now: Instant) -> Duration {
        self.lock().throttle.map_or(Duration::ZERO, |throttle| throttle.left(now))
    }

    /// Lets requests leave at once, whatever `Retry-After` said.
    pub(crate) fn clear_throttle(&self) {
        self.lock().throttle = None;
    }

    /// A panic elsewhere leaves these numbers valid, so a poisoned lock is no reason to fail.
    fn lock(&self) -> MutexGuard<'_, Limits> {
        self.limits.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Throttle {
    fn left(&self, now: Instant) -> Duration {
        self.wait.saturating_sub(now.saturating_duration_since(self.since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestClock;

    #[test]
    fn waits_double_up_to_the_limit() {
        let clock = TestClock::new();
        let waits: Vec<_> = (1..=8).map(|made| RetryPolicy::default().delay_after(made, &clock).as_millis()).collect();
        assert_eq!(waits, [500, 1000, 2000, 4000, 8000, 16000, 20000, 20000]);
        assert_eq!(RetryPolicy::default().delay_after(u32::MAX, &clock), Duration::from_secs(20));
    }

    #[test]
    fn the_budget_runs_out_and_is_earned_back_tenfold_slower() {
        let limits = SharedLimits::new(&RetryPolicy::default().budget(2), None);
        assert!(limits.withdraw() && limits.withdraw() && !limits.withdraw());
        (0..9).for_each(|_| limits.deposit());
        assert!(!limits.withdraw());
        limits.deposit();
        assert!(limits.withdraw() && !limits.withdraw());
    }

    #[test]
    fn the_longest_throttle_counts_can_be_cleared_and_does_not_overflow() {
        let limits = SharedLimits::new(&RetryPolicy::default(), None);
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        limits.throttle(start, Duration::from_secs(10));
        limits.throttle(after(2), Duration::from_secs(3));
        assert_eq!(limits.throttled_for(after(4)), Duration::from_secs(6));
        assert_eq!(limits.throttled_for(after(10)), Duration::ZERO);
        limits.throttle(after(11), Duration::from_secs(u64::MAX));
        assert!(limits.throttled_for(after(1_000_000)) > Duration::from_secs(u64::MAX / 2));
        limits.clear_throttle();
        assert_eq!(limits.throttled_for(after(1_000_000)), Duration::ZERO);
    }
}
