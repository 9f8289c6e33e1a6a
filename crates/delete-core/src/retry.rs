//! When a request is sent again: the policy of a call, and what all calls of a client share.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::clock::Clock;

/// How often a request is sent again, and how long is waited before.
///
/// A wait is drawn evenly from zero to `first_delay` × 2ⁿ, at most `max_delay` ("full jitter"). A vendor's
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
    first_delay: Duration,
    max_delay: Duration,
    budget: u32,
}

impl Default for RetryPolicy {
    /// 4 attempts, 500 ms doubling up to 20 s, a budget of 100 retries.
    fn default() -> Self {
        Self {
            max_attempts: 4,
            first_delay: Duration::from_millis(500),
            max_delay: Duration::from_secs(20),
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
    pub fn delays(mut self, first: Duration, max: Duration) -> Self {
        self.first_delay = first;
        self.max_delay = max;
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
    pub(crate) fn backoff(&self, made: u32, clock: &dyn Clock) -> Duration {
        let doubled = 2_u32.saturating_pow(made.saturating_sub(1));
        clock.jitter(self.first_delay.saturating_mul(doubled).min(self.max_delay))
    }
}

/// What all clones of a client share: the retry budget, and the moment before which the vendor wants no request.
#[derive(Debug)]
pub(crate) struct SharedLimits(Mutex<Limits>);

#[derive(Debug)]
struct Limits {
    /// In tenths of a retry.
    budget: u32,
    full_budget: u32,
    hold: Option<Hold>,
    pace: Option<Pace>,
}

/// At most so many requests within any such time.
#[derive(Debug)]
struct Pace {
    requests: usize,
    window: Duration,
    /// When the latest of them were sent.
    sent: VecDeque<Instant>,
}

/// A wait that the vendor asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Hold {
    since: Instant,
    wait: Duration,
}

const RETRY_COST: u32 = 10;

impl SharedLimits {
    pub(crate) fn new(policy: &RetryPolicy) -> Self {
        let full_budget = policy.budget.saturating_mul(RETRY_COST);
        Self(Mutex::new(Limits { budget: full_budget, full_budget, hold: None, pace: None }))
    }

    /// Keeps to at most so many requests within any `window`.
    pub(crate) fn with_pace(self, requests: usize, window: Duration) -> Self {
        self.lock().pace = Some(Pace { requests, window, sent: VecDeque::with_capacity(requests) });
        self
    }

    /// Counts a request that is about to be sent. A patient one that finds the pace used up is not counted, and told
    /// how long to wait.
    pub(crate) fn reserve(&self, now: Instant, is_patient: bool) -> Result<(), Duration> {
        let mut limits = self.lock();
        let Some(pace) = &mut limits.pace else { return Ok(()) };
        let oldest = pace.sent.front().filter(|_| pace.sent.len() >= pace.requests);
        if let Some(oldest) = oldest {
            let left = pace.window.saturating_sub(now.saturating_duration_since(*oldest));
            if is_patient && !left.is_zero() {
                return Err(left);
            }
            pace.sent.pop_front();
        }
        pace.sent.push_back(now);
        Ok(())
    }

    /// Takes one retry out of the budget; false when it is used up.
    pub(crate) fn take_retry(&self) -> bool {
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
    pub(crate) fn earn(&self) {
        let mut limits = self.lock();
        limits.budget = limits.full_budget.min(limits.budget + 1);
    }

    /// The vendor wants no request for `wait`. An earlier, longer wish stands.
    pub(crate) fn hold(&self, now: Instant, wait: Duration) {
        let mut limits = self.lock();
        let held = limits.hold.map_or(Duration::ZERO, |hold| hold.left(now));
        if wait > held {
            limits.hold = Some(Hold { since: now, wait });
        }
    }

    /// How long the vendor still wants no request.
    pub(crate) fn held_for(&self, now: Instant) -> Duration {
        self.lock().hold.map_or(Duration::ZERO, |hold| hold.left(now))
    }

    /// A panic elsewhere leaves these numbers valid, so a poisoned lock is no reason to fail.
    fn lock(&self) -> MutexGuard<'_, Limits> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hold {
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
        let waits: Vec<_> = (1..=8).map(|made| RetryPolicy::default().backoff(made, &clock).as_millis()).collect();
        assert_eq!(waits, [500, 1000, 2000, 4000, 8000, 16000, 20000, 20000]);
        assert_eq!(RetryPolicy::default().backoff(u32::MAX, &clock), Duration::from_secs(20));
    }

    #[test]
    fn the_budget_runs_out_and_is_earned_back_tenfold_slower() {
        let limits = SharedLimits::new(&RetryPolicy::default().budget(2));
        assert!(limits.take_retry() && limits.take_retry() && !limits.take_retry());
        (0..9).for_each(|_| limits.earn());
        assert!(!limits.take_retry());
        limits.earn();
        assert!(limits.take_retry() && !limits.take_retry());
    }

    #[test]
    fn a_patient_request_waits_for_the_pace_and_others_count_in_it() {
        let limits = SharedLimits::new(&RetryPolicy::default()).with_pace(3, Duration::from_secs(60));
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(limits.reserve(at(0), true), Ok(()));
        assert_eq!(limits.reserve(at(10), false), Ok(()));
        assert_eq!(limits.reserve(at(20), true), Ok(()));
        assert_eq!(limits.reserve(at(20), true), Err(Duration::from_secs(40)));
        assert_eq!(limits.reserve(at(30), false), Ok(()), "one that does not wait is counted all the same");
        assert_eq!(limits.reserve(at(69), true), Err(Duration::from_secs(1)));
        assert_eq!(limits.reserve(at(70), true), Ok(()));
    }

    #[test]
    fn the_longest_wish_counts_and_even_an_endless_one_does_not_overflow() {
        let limits = SharedLimits::new(&RetryPolicy::default());
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        limits.hold(start, Duration::from_secs(10));
        limits.hold(after(2), Duration::from_secs(3));
        assert_eq!(limits.held_for(after(4)), Duration::from_secs(6));
        assert_eq!(limits.held_for(after(10)), Duration::ZERO);
        limits.hold(after(11), Duration::from_secs(u64::MAX));
        assert!(limits.held_for(after(1_000_000)) > Duration::from_secs(u64::MAX / 2));
    }
}
