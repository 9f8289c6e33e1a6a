//! The client-side rate limit, which lists, lookups and deletes share.

use std::time::{Duration, Instant};

/// At most `requests` in any `window`, for all requests of a client and its clones.
///
/// Two fifths of the requests may leave at once; the rest is spread evenly over the window, so that a call waits a few
/// seconds for its turn instead of most of a window. Turns are given in the order of the calls, so no call starves.
///
/// ```
/// use std::time::Duration;
/// use delete_core::RateLimit;
///
/// let documented = RateLimit::new(100, Duration::from_secs(60));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    requests: u32,
    window: Duration,
}

impl RateLimit {
    /// At most `requests` (0 counts as 1) in any `window`.
    pub const fn new(requests: u32, window: Duration) -> Self {
        Self { requests: if requests == 0 { 1 } else { requests }, window }
    }

    /// The requests that may leave at once.
    fn burst(self) -> u32 {
        (self.requests * 2 / 5).max(1)
    }

    /// The time between the others.
    fn interval(self) -> Duration {
        self.window / (self.requests - self.burst()).max(1)
    }
}

/// Gives each request the time at which it may leave (the generic cell rate algorithm).
#[derive(Debug)]
pub(crate) struct RateLimiter {
    interval: Duration,
    tolerance: Duration,
    /// When the next request would leave if all were spread evenly.
    next: Option<Instant>,
}

impl RateLimiter {
    pub(crate) fn new(limit: RateLimit) -> Self {
        let interval = limit.interval();
        Self { interval, tolerance: interval * (limit.burst() - 1), next: None }
    }

    /// Takes the next turn and returns how long to wait for it.
    ///
    /// # Errors
    /// The wait, if it is longer than `longest`; then no turn is taken.
    pub(crate) fn reserve(&mut self, now: Instant, longest: Duration) -> Result<Duration, Duration> {
        let next = self.next.map_or(now, |next| next.max(now));
        let wait = next.saturating_duration_since(now).saturating_sub(self.tolerance);
        if wait > longest {
            return Err(wait);
        }
        self.next = Some(next + self.interval);
        Ok(wait)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// When each of so many requests leaves that arrive after these pauses.
    fn departures(limit: RateLimit, pauses: &[u64]) -> Vec<Duration> {
        let start = Instant::now();
        let mut limiter = RateLimiter::new(limit);
        let mut now = Duration::ZERO;
        let leave = |pause: &u64| {
            now += Duration::from_millis(*pause);
            now + limiter.reserve(start + now, Duration::MAX).unwrap()
        };
        pauses.iter().map(leave).collect()
    }

    #[test]
    fn two_fifths_leave_at_once_and_the_rest_is_spread_evenly() {
        let left = departures(RateLimit::new(5, Duration::from_secs(3)), &[0; 5]);
        assert_eq!(left, [0, 0, 1, 2, 3].map(Duration::from_secs));
    }

    #[test]
    fn a_turn_that_does_not_fit_is_not_taken() {
        let start = Instant::now();
        let mut limiter = RateLimiter::new(RateLimit::new(1, Duration::from_secs(10)));
        assert_eq!(limiter.reserve(start, Duration::ZERO), Ok(Duration::ZERO));
        for _ in 0..3 {
            assert_eq!(limiter.reserve(start, Duration::from_secs(9)), Err(Duration::from_secs(10)));
        }
        assert_eq!(limiter.reserve(start, Duration::from_secs(10)), Ok(Duration::from_secs(10)));
    }

    proptest! {
        #[test]
        fn no_window_holds_more_than_the_limit_and_turns_keep_their_order(
            requests in 1_u32..120,
            pauses in prop::collection::vec(0_u64..2_000, 1..300),
        ) {
            let window = Duration::from_secs(60);
            let left = departures(RateLimit::new(requests, window), &pauses);
            prop_assert!(left.is_sorted());
            for (first, time) in left.iter().enumerate() {
                let within = left[first..].iter().take_while(|later| **later < *time + window).count();
                prop_assert!(within <= requests as usize, "{within} of {requests}");
            }
        }
    }
}
