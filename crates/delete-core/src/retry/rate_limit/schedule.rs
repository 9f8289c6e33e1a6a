//! When each request may be sent, under a rate limit.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Decides when a request may be sent, by those that were (the generic cell rate algorithm).
///
/// A request that has to wait holds a turn, behind the turns of earlier ones. A turn is not a slot in time: a late request
/// takes what is free then, and a dropped turn is free for the next.
#[derive(Debug)]
pub(super) struct Schedule {
    interval: Duration,
    tolerance: Duration,
    /// When the next request would be sent if all were spread evenly.
    next: Option<Instant>,
    /// When each waiting request will try again, in the order of their arrival.
    waiting: BTreeMap<Turn, Instant>,
    last_turn: Turn,
}

/// The position of a request among those that wait.
pub(super) type Turn = u64;

/// What a request has to do.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Permit {
    Leave,
    Wait(Turn, Duration),
    /// The wait would be this long, which is too long. The request holds no turn.
    TooLong(Duration),
}

impl Schedule {
    /// `burst` requests may be sent at once, the others `interval` apart.
    pub(super) fn new(burst: u32, interval: Duration) -> Self {
        Self { interval, tolerance: interval * (burst - 1), next: None, waiting: BTreeMap::new(), last_turn: 0 }
    }

    /// Requests a permit to be sent now, with the turn that the request holds if it has waited.
    pub(super) fn ask(&mut self, now: Instant, turn: Option<Turn>, longest: Duration) -> Permit {
        let wait = self.wait(now, turn);
        if wait.is_zero() {
            self.next = Some(self.next_at(now) + self.interval);
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

    /// How long the request that holds this turn, or a new one, has to wait.
    pub(super) fn wait(&self, now: Instant, turn: Option<Turn>) -> Duration {
        let until_next = self.next_at(now).saturating_duration_since(now);
        until_next.saturating_sub(self.tolerance) + self.interval * self.ahead_of(turn, now)
    }

    fn next_at(&self, now: Instant) -> Instant {
        self.next.map_or(now, |next| next.max(now))
    }

    /// The request leaves the queue.
    pub(super) fn give_up(&mut self, turn: Option<Turn>) {
        if let Some(turn) = turn {
            self.waiting.remove(&turn);
        }
    }

    /// How many requests wait before this one. One that should have tried again by now is not polled: it takes what is free
    /// when it is.
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
    use crate::retry::RateLimit;

    fn schedule(limit: RateLimit) -> Schedule {
        Schedule::new(limit.burst, limit.interval)
    }

    /// When each of so many requests leaves that arrive after these pauses, and try again later than they should.
    fn departures(limit: RateLimit, pauses: &[u64], late: u64) -> Vec<Duration> {
        let start = Instant::now();
        let mut limiter = schedule(limit);
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
        let mut limiter = schedule(RateLimit::new(1, Duration::from_secs(10)));
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
        let mut limiter = schedule(RateLimit::new(1, second));
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
    fn a_request_that_is_not_polled_does_not_delay_others() {
        let start = Instant::now();
        let second = Duration::from_secs(1);
        let mut limiter = schedule(RateLimit::new(1, second));
        assert_eq!(limiter.ask(start, None, 9 * second), Permit::Leave);
        assert_eq!(limiter.ask(start, None, 9 * second), Permit::Wait(1, second));
        assert_eq!(limiter.ask(start + 3 * second, None, 9 * second), Permit::Leave);
        assert_eq!(limiter.ask(start + 3 * second, Some(1), 9 * second), Permit::Wait(1, second));
        assert_eq!(limiter.ask(start + 4 * second, Some(1), 9 * second), Permit::Leave);
    }

    #[test]
    fn odd_rates_are_no_trap() {
        for rate in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, 0.0, 1e300] {
            let interval = RateLimit::per_second(rate).interval;
            assert!(!interval.is_zero() && interval <= Duration::from_secs(24 * 60 * 60 + 1), "{rate}: {interval:?}");
        }
    }

    proptest! {
        #[test]
        fn no_second_holds_more_than_the_rate_and_little_is_given_away(
            rate in 1_u32..2_000,
            pauses in prop::collection::vec(0_u64..3, 1..1_000),
            late in 0_u64..10,
        ) {
            let left = departures(RateLimit::per_second(f64::from(rate)), &pauses, late);
            for (first, time) in left.iter().enumerate() {
                let second = left[first..].iter().take_while(|later| **later < *time + Duration::from_secs(1));
                prop_assert!(second.count() <= rate as usize);
            }
            let burst = (f64::from(rate) / 50.0).max(1.0);
            prop_assert!(RateLimit::per_second(f64::from(rate)).interval.as_secs_f64() * (f64::from(rate) + 1.0 - burst) < 1.01);
        }

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
