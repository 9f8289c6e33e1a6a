//! The client-side rate limit, which lists, lookups and deletes share.

mod schedule;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::clock::Clock;
use crate::stop::{StopToken, Stopped};
use schedule::{Permit, Schedule, Turn};

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
        Self(Arc::new(Mutex::new(Schedule::new(limit.burst, limit.interval))))
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
