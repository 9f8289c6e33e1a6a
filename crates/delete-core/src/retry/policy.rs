use std::time::Duration;

use crate::clock::Clock;

/// How often a client repeats a request, and how long it waits before.
///
/// A wait is drawn evenly from zero to `initial` × 2ⁿ, at most `max` ("full jitter"). `Retry-After` makes it longer, never
/// shorter.
///
/// ```
/// use delete_core::RetryPolicy;
///
/// let patient = RetryPolicy::default().with_max_attempts(8);
/// let never = RetryPolicy::none();
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    max_attempts: u32,
    initial_backoff: Duration,
    max_backoff: Duration,
    pub(super) budget: u32,
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
    /// One attempt. A rejected token is still renewed once, because the vendor did nothing with it.
    pub fn none() -> Self {
        Self::default().with_max_attempts(1)
    }

    /// The number of attempts in all; 0 counts as 1.
    #[must_use]
    pub fn with_max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// The longest wait before the first retry, and before any retry.
    #[must_use]
    pub fn with_backoff(mut self, initial: Duration, max: Duration) -> Self {
        self.initial_backoff = initial;
        self.max_backoff = max;
        self
    }

    /// How many retries the client may make beyond a tenth of its successful calls. Once an outage has used them up, each
    /// call makes one attempt until calls succeed again, so that retries do not multiply the load.
    #[must_use]
    pub fn with_budget(mut self, retries: u32) -> Self {
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
}
