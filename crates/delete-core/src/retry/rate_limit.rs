//! The client-side rate limit, which lists, lookups and deletes share.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::clock::Clock;
use crate::stop::{StopToken, Stopped};

/// A sliding-window limit: at most `requests` in any `window`, counted over a client and its clones.
///
/// Two fifths of the requests may be sent at once; the rest is spread evenly over the window, so that a call waits a few
/// seconds instead of most of a window. Calls get their turns in order, so none starves.
///
/// ```
/// use std::time::Duration;
/// use delete_core::RateLimit;
///
/// let documented = RateLimit::new(100, Duration::from_secs(60));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// The requests that may be sent at once.
    burst: u32,
    /// The time between the others.
    interval: Duration,
}

impl RateLimit {
    /// At most `requests` (0 counts as 1) in any `window`.
    pub fn new(requests: u32, window: Duration) -> Self {
        let requests = requests.max(1);
        let burst = (requests.saturating_mul(2) / 5).max(1);
        Self { burst, interval: window / (requests - burst).max(1) }
    }

    /// At most `requests` in any second, spread evenly. Above 50, one in fifty may be sent early, so that late timers cost
    /// nothing. Zero, a negative number and NaN count as one request in a day.
    ///
    /// ```
    /// use delete_core::RateLimit;
    ///
    /// let one_in_two_seconds = RateLimit::per_second(0.5);
    /// ```
    pub fn per_second(requests: f64) -> Self {
        let requests = requests.clamp(SLOWEST, FASTEST).max(SLOWEST);
        let burst = (requests / 50.0).max(1.0) as u32;
        let interval = Duration::from_secs_f64(1.0 / (requests - f64::from(burst - 1)));
        // Rounded up, so that no second has one more.
        Self { burst, interval: interval + Duration::from_nanos(1) }
    }
}

/// Requests in a second.
const SLOWEST: f64 = 1.0 / (24.0 * 60.0 * 60.0);
const FASTEST: f64 = 1e6;

/// One rate limit for all requests of a credential, whichever client sends them. Clones share it.
///
/// ```
/// use std::time::Duration;
/// use delete_core::{RateLimit, RateLimiter};
///
/// let limiter = RateLimiter::new(RateLimit::new(100, Duration::from_secs(60)));
/// let for_the_second_client = limiter.clone();
/// ```
#[derive(Clone, Debug)]
pub struct RateLimiter(Arc<Mutex<Schedule>>);

impl RateLimiter {
    /// A limiter that has counted no request yet.
    pub fn new(limit: RateLimit) -> Self {
        Self(Arc::new(Mutex::new(Schedule::new(limit))))
    }

    /// How long a request made at `now` has to wait; zero if it may be sent at once. It is not counted.
    pub fn wait(&self, now: Instant) -> Duration {
        self.lock().wait(now, None)
    }

    /// Waits for this request's turn, if it comes up to `latest`.
    pub(crate) async fn acquire(&self, clock: &dyn Clock, stop: &StopToken, latest: Instant) -> Result<(), Refusal> {
        let mut waiting = Waiting { limiter: self, turn: None };
        loop {
            let now = clock.now();
            let permit = self.lock().ask(now, waiting.turn, latest.saturating_duration_since(now));
            match permit {
                Permit::Leave => return Ok(()),
                Permit::TooLong(wait) => return Err(Refusal::TooLong(wait)),
                Permit::Wait(turn, wait) => {
                    waiting.turn = Some(turn);
                    stop.sleep(clock, wait).await.map_err(|Stopped| Refusal::Stopped)?;
                }
            }
        }
    }

    /// A panic elsewhere leaves the schedule valid.
    fn lock(&self) -> MutexGuard<'_, Schedule> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Why a request got no turn.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The wait would be this long, which is too long.
    TooLong(Duration),
    Stopped,
}

/// A request that waits for its turn. If it is dropped, others move up.
struct Waiting<'a> {
    limiter: &'a RateLimiter,
    turn: Option<Turn>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        if self.turn.is_some() {
            self.limiter.lock().give_up(self.turn);
        }
    }
}

/// Decides when a request may be sent, by those that were (the generic cell rate algorithm).
///
/// A request that has to wait holds a turn, behind the turns of earlier ones. A turn is not a slot in time: a late request
/// takes what is free then, and a dropped turn is free for the next.
#[derive(Debug)]
struct Schedule {
    interval: Duration,
    tolerance: Duration,
    /// When the next request would be sent if all were spread evenly.
    next: Option<Instant>,
    /// When each waiting request will try again, in the order of their arrival.
    waiting: BTreeMap<Turn, Instant>,
    last_turn: Turn,
}

/// The position of a request among those that wait.
type Turn = u64;

/// What a request has to do.
#[derive(Debug, PartialEq, Eq)]
enum Permit {
    Leave,
    Wait(Turn, Duration),
    /// The wait would be this long, which is too long. The request holds no turn.
    TooLong(Duration),
}

impl Schedule {
    fn new(limit: RateLimit) -> Self {
        let RateLimit { burst, interval } = limit;
        Self { interval, tolerance: interval * (burst - 1), next: None, waiting: BTreeMap::new(), last_turn: 0 }
    }

    /// Requests a permit to be sent now, with the turn that the request holds if it has waited.
    fn ask(&mut self, now: Instant, turn: Option<Turn>, longest: Duration) -> Permit {
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
    fn wait(&self, now: Instant, turn: Option<Turn>) -> Duration {
        let until_next = self.next_at(now).saturating_duration_since(now);
        until_next.saturating_sub(self.tolerance) + self.interval * self.ahead_of(turn, now)
    }

    fn next_at(&self, now: Instant) -> Instant {
        self.next.map_or(now, |next| next.max(now))
    }

    /// The request leaves the queue.
    fn give_up(&mut self, turn: Option<Turn>) {
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

    /// When each of so many requests leaves that arrive after these pauses, and try again later than they should.
    fn departures(limit: RateLimit, pauses: &[u64], late: u64) -> Vec<Duration> {
        let start = Instant::now();
        let mut limiter = Schedule::new(limit);
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
        let mut limiter = Schedule::new(RateLimit::new(1, Duration::from_secs(10)));
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
        let mut limiter = Schedule::new(RateLimit::new(1, second));
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
        let mut limiter = Schedule::new(RateLimit::new(1, second));
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
