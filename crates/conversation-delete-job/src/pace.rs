//! How fast to ask. A vendor that throttles is approached slowly from below, so that most of what it allows is used and
//! little is refused.

mod measure;
mod phase;
mod rate;
#[cfg(test)]
mod table;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use rate::AdaptiveRate;

/// What a lane may do at most, whatever the vendor allows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Requests in flight at once; 0 counts as 1.
    pub concurrency: usize,
    /// The most requests in a second. Anything but a finite number above zero means no limit.
    pub rate: Option<f64>,
    /// A sliding-window limit, as a vendor documents it: at most so many requests (0 counts as 1) in any such time.
    pub window: Option<(usize, Duration)>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { concurrency: 4, rate: None, window: None }
    }
}

/// The pace of one credential.
#[derive(Debug)]
pub(crate) struct Pacer {
    most: Limits,
    rate: AdaptiveRate,
    /// Something waits for the pace, or has waited longer than it had to.
    is_waiting: bool,
    next_at: Instant,
    held_until: Option<Instant>,
    throttled_at: Option<Instant>,
    /// Throttling responses since the last other one.
    throttled_in_row: u32,
    concurrency: usize,
    concurrency_raised_at: Instant,
    sent: VecDeque<Instant>,
}

const FASTEST: f64 = 1e6;

/// A wait that no clock can count is as long as this.
const FOREVER: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// After so long without a throttling response, one more request may be in flight each second.
const CALM: Duration = Duration::from_secs(30);
const RAISING_TIME: Duration = Duration::from_secs(1);

/// How long to wait after more than some throttling responses in a row, doubled each time.
const SOME_IN_ROW: u32 = 1;
const FIRST_BACKOFF: Duration = Duration::from_millis(500);
const LAST_BACKOFF: Duration = Duration::from_secs(60);

impl Pacer {
    pub(crate) fn new(limits: Limits, now: Instant) -> Self {
        let most = Limits {
            concurrency: limits.concurrency.max(1),
            rate: limits.rate.filter(|rate| rate.is_finite() && *rate > 0.0).map(|rate| rate.clamp(1e-6, FASTEST)),
            window: limits.window.map(|(requests, window)| (requests.max(1), window.min(FOREVER))),
        };
        Self {
            most,
            rate: AdaptiveRate::new(most.rate.unwrap_or(FASTEST)),
            is_waiting: false,
            next_at: now,
            held_until: None,
            throttled_at: None,
            throttled_in_row: 0,
            concurrency: most.concurrency,
            concurrency_raised_at: now,
            sent: VecDeque::new(),
        }
    }

    /// The same for a vendor whose throttle lasts until a time.
    pub(crate) fn held(limits: Limits, now: Instant, not_before: Option<Instant>) -> Self {
        let mut pacer = Self::new(limits, now);
        if let Some(time) = not_before {
            pacer.hold(now, time.saturating_duration_since(now));
        }
        pacer
    }

    /// The most requests that may be in flight at once, at present.
    pub(crate) fn concurrency(&self) -> usize {
        self.concurrency.min(self.rate.most_in_flight())
    }

    /// How many requests may be sent in this time.
    pub(crate) fn within(&self, time: Duration) -> usize {
        (self.rate.soon() * time.as_secs_f64()).ceil() as usize
    }

    /// How many calls of so many requests may be sent within this time, at present: at least one.
    pub(crate) fn room(&self, now: Instant, time: Duration, requests: u32) -> usize {
        let requests = requests.max(1) as usize;
        let by_rate = self.within(time) / requests;
        by_rate.min(self.window_room(now + time) / requests).max(1)
    }

    /// How many requests the window has room for at this time, if none is sent before.
    fn window_room(&self, at: Instant) -> usize {
        let Some((most, window)) = self.most.window else { return usize::MAX };
        let in_window = self.sent.iter().rev().take_while(|sent| at.saturating_duration_since(**sent) < window);
        most.saturating_sub(in_window.count())
    }

    /// Until when the vendor throttles requests.
    pub(crate) fn held_until(&self, now: Instant) -> Option<Instant> {
        self.held_until.filter(|until| *until > now)
    }

    /// How long to wait before so many more requests.
    pub(crate) fn wait(&mut self, now: Instant, requests: u32) -> Duration {
        self.raise_concurrency(now);
        let held = self.held_until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
        let paced = self.next_at.saturating_duration_since(now);
        self.is_waiting |= !paced.is_zero();
        held.max(paced).max(self.window_wait(now, requests as usize))
    }

    fn window_wait(&self, now: Instant, requests: usize) -> Duration {
        let Some((most, window)) = self.most.window else { return Duration::ZERO };
        // So many of the oldest must have left the window.
        let leaving = (self.sent.len() + requests.min(most)).saturating_sub(most);
        let last = leaving.checked_sub(1).and_then(|last| self.sent.get(last));
        last.map_or(Duration::ZERO, |sent| window.saturating_sub(now.saturating_duration_since(*sent)))
    }

    /// So many requests leave.
    pub(crate) fn sent(&mut self, now: Instant, requests: u32) {
        self.rate.sent(now, requests);
        // Nothing is made up for but the lateness of a timer: bursts are what throttles dislike.
        let slack = if self.is_waiting { self.rate.slack() } else { Duration::ZERO };
        let earliest = now.checked_sub(slack).unwrap_or(now);
        self.next_at = self.next_at.max(earliest) + Duration::from_secs_f64(f64::from(requests) / self.rate.rate());
        self.is_waiting &= self.next_at <= now;
        if let Some((most, _)) = self.most.window {
            self.sent.extend((0..requests).map(|_| now));
            self.sent.drain(..self.sent.len().saturating_sub(most));
        }
    }

    /// So many requests, which were sent at this time, were answered by something other than a throttle.
    pub(crate) fn answered(&mut self, now: Instant, requests: u32, sent_at: Instant) {
        self.rate.answered(now, requests, sent_at);
        self.throttled_in_row = 0;
    }

    /// No request for `wait`.
    pub(crate) fn hold(&mut self, now: Instant, wait: Duration) {
        if wait.is_zero() {
            return;
        }
        let until = now + wait.min(FOREVER);
        if Some(until) > self.held_until(now) {
            self.rate.paused(now, wait);
        }
        self.held_until = self.held_until.max(Some(until));
        self.next_at = self.next_at.max(until);
    }

    /// No request for `wait`, because the vendor is unavailable. It is asked slowly at first when it is back.
    pub(crate) fn back_off(&mut self, now: Instant, wait: Duration) {
        self.hold(now, wait);
        self.rate.start_slowly();
    }

    /// The vendor wants fewer requests. The rate falls once until something else is answered; then waits grow.
    pub(crate) fn throttled(
        &mut self,
        now: Instant,
        sent_at: Instant,
        wait: Option<Duration>,
        is_about_concurrency: bool,
    ) {
        let wait = wait.unwrap_or_default();
        self.rate.refused();
        if self.throttled_at.is_some_and(|at| sent_at <= at) {
            // It was in flight when the vendor throttled before.
            return self.hold(now, wait);
        }
        self.throttled_at = Some(now);
        self.throttled_in_row += 1;
        if is_about_concurrency && self.concurrency > 1 {
            self.concurrency /= 2;
        } else if self.throttled_in_row == 1 {
            self.rate.lower(now, sent_at, wait);
        }
        self.hold(now, wait);
        if self.throttled_in_row > SOME_IN_ROW {
            self.hold(now, backoff(self.throttled_in_row - SOME_IN_ROW - 1));
        }
    }

    fn raise_concurrency(&mut self, now: Instant) {
        let noisy_until = self.throttled_at.max(self.held_until);
        let is_calm = noisy_until.is_none_or(|at| now.saturating_duration_since(at) > CALM);
        if is_calm && now.saturating_duration_since(self.concurrency_raised_at) >= RAISING_TIME {
            self.concurrency_raised_at = now;
            self.concurrency = (self.concurrency + 1).min(self.most.concurrency);
        }
    }
}

fn backoff(number: u32) -> Duration {
    FIRST_BACKOFF.saturating_mul(2_u32.saturating_pow(number)).min(LAST_BACKOFF)
}
