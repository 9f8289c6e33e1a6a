//! The client-side rate limit, which lists, lookups and deletes share.

use std::collections::BTreeMap;
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

/// Says when a request may leave, by those that did leave (the generic cell rate algorithm).
///
/// A request that has to wait holds a turn, behind the turns of those that came before. A turn is not a slot in time:
/// whoever is late takes what is free then, and a turn that is dropped is free for the next.
#[derive(Debug)]
pub(crate) struct RateLimiter {
    interval: Duration,
    tolerance: Duration,
    /// When the next request would leave if all were spread evenly.
    next: Option<Instant>,
    /// When each of those that wait will try again, in the order in which they came.
    waiting: BTreeMap<Turn, Instant>,
    last_turn: Turn,
}

/// The place of a request among those that wait.
pub(crate) type Turn = u64;

/// What a request has to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Permit {
    Leave,
    Wait(Turn, Duration),
    /// It would have to wait so long, which is too long. It holds no turn.
    TooLong(Duration),
}

impl RateLimiter {
    pub(crate) fn new(limit: RateLimit) -> Self {
        let interval = limit.interval();
        let tolerance = interval * (limit.burst() - 1);
        Self { interval, tolerance, next: None, waiting: BTreeMap::new(), last_turn: 0 }
    }

    /// Asks to leave now, with the turn that the request holds if it has waited.
    pub(crate) fn ask(&mut self, now: Instant, turn: Option<Turn>, longest: Duration) -> Permit {
        let next = self.next.map_or(now, |next| next.max(now));
        let wait = next.saturating_duration_since(now).saturating_sub(self.tolerance);
        let wait = wait + self.interval * self.ahead_of(turn, now);
        if wait.is_zero() {
            self.next = Some(next + self.interval);
            self.give_up(turn);
            return Permit::Leave;
        }
        if wait > longest {
            self.give_up(turn);
            return Permit::TooLong(wait);
        }
        let turn = turn.unwrap_or_else(|| {
            self.last_turn += 1;
            self.last_turn
        });
        self.waiting.insert(turn, now + wait);
        Permit::Wait(turn, wait)
    }

    /// The request leaves the queue.
    pub(crate) fn give_up(&mut self, turn: Option<Turn>) {
        if let Some(turn) = turn {
            self.waiting.remove(&turn);
        }
    }

    /// How many wait before this request. One that should have tried again by now is not driven by anybody: it takes what
    /// is free when it is.
    fn ahead_of(&self, turn: Option<Turn>, now: Instant) -> u32 {
        let before = self.waiting.range(..turn.unwrap_or(Turn::MAX));
        let ahead = before.filter(|(_, tries_at)| **tries_at > now).count();
        u32::try_from(ahead).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// When each of so many requests leaves that arrive after these pauses, and try again later than they should.
    fn departures(limit: RateLimit, pauses: &[u64], late: u64) -> Vec<Duration> {
        let start = Instant::now();
        let mut limiter = RateLimiter::new(limit);
        let mut arrival = Duration::ZERO;
        // The time at which each one tries, its number, and its turn.
        let mut tries: BTreeMap<(Duration, usize), Option<Turn>> = BTreeMap::new();
        for (number, pause) in pauses.iter().enumerate() {
            arrival += Duration::from_millis(*pause);
            tries.insert((arrival, number), None);
        }
        let mut left = Vec::new();
        while let Some(((now, number), turn)) = tries.pop_first() {
            match limiter.ask(start + now, turn, Duration::MAX) {
                Permit::Leave => left.push(now),
                Permit::Wait(turn, wait) => {
                    tries.insert((now + wait + Duration::from_millis(late), number), Some(turn));
                }
                Permit::TooLong(wait) => panic!("{wait:?}"),
            }
        }
        left
    }

    #[test]
    fn two_fifths_leave_at_once_and_the_rest_is_spread_evenly() {
        let left = departures(RateLimit::new(5, Duration::from_secs(3)), &[0; 5], 0);
        assert_eq!(left, [0, 0, 1, 2, 3].map(Duration::from_secs));
    }

    #[test]
    fn a_wait_that_does_not_fit_takes_no_turn() {
        let start = Instant::now();
        let mut limiter = RateLimiter::new(RateLimit::new(1, Duration::from_secs(10)));
        assert_eq!(limiter.ask(start, None, Duration::ZERO), Permit::Leave);
        for _ in 0..3 {
            let permit = limiter.ask(start, None, Duration::from_secs(9));
            assert_eq!(permit, Permit::TooLong(Duration::from_secs(10)));
        }
        assert_eq!(limiter.ask(start, None, Duration::from_secs(10)), Permit::Wait(1, Duration::from_secs(10)));
    }

    #[test]
    fn those_who_wait_go_first_and_a_turn_that_is_given_up_is_free() {
        let start = Instant::now();
        let second = Duration::from_secs(1);
        let mut limiter = RateLimiter::new(RateLimit::new(1, second));
        assert_eq!(limiter.ask(start, None, 9 * second), Permit::Leave);
        assert_eq!(limiter.ask(start, None, 9 * second), Permit::Wait(1, second));
        assert_eq!(limiter.ask(start, None, 9 * second), Permit::Wait(2, 2 * second));
        limiter.give_up(Some(1));
        assert_eq!(limiter.ask(start, None, 9 * second), Permit::Wait(3, 2 * second));
        limiter.give_up(Some(2));
        limiter.give_up(Some(3));
        assert_eq!(limiter.ask(start + second, None, 9 * second), Permit::Leave);
    }

    #[test]
    fn one_that_nobody_drives_holds_up_nobody() {
        let start = Instant::now();
        let second = Duration::from_secs(1);
        let mut limiter = RateLimiter::new(RateLimit::new(1, second));
        assert_eq!(limiter.ask(start, None, 9 * second), Permit::Leave);
        assert_eq!(limiter.ask(start, None, 9 * second), Permit::Wait(1, second));
        assert_eq!(limiter.ask(start + 3 * second, None, 9 * second), Permit::Leave);
        assert_eq!(limiter.ask(start + 3 * second, Some(1), 9 * second), Permit::Wait(1, second));
        assert_eq!(limiter.ask(start + 4 * second, Some(1), 9 * second), Permit::Leave);
    }

    proptest! {
        #[test]
        fn no_window_holds_more_than_the_limit_however_late_those_who_wait_return(
            requests in 1_u32..120,
            pauses in prop::collection::vec(0_u64..2_000, 1..300),
            late in prop_oneof![Just(0_u64), 0_u64..90_000],
        ) {
            let window = Duration::from_secs(60);
            let left = departures(RateLimit::new(requests, window), &pauses, late);
            prop_assert_eq!(left.len(), pauses.len());
            for (first, time) in left.iter().enumerate() {
                let within = left[first..].iter().take_while(|later| **later < *time + window).count();
                prop_assert!(within <= requests as usize, "{within} of {requests}");
            }
        }
    }
}
