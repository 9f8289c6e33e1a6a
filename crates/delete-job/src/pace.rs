//! How fast to ask. A vendor that throttles is approached slowly from below, so that most of what it allows is used and
//! little is refused.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// What a lane may do at most, whatever the vendor allows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Requests under way at once. At least 1.
    pub concurrency: usize,
    /// Requests in a second.
    pub rate: Option<f64>,
    /// So many requests within any such time, as a vendor documents it.
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
    limits: Limits,
    /// Requests in a second. It doubles until the vendor throttles for the first time.
    rate: f64,
    /// The rate after the vendor last throttled. What is added each second is a part of it.
    base: f64,
    is_starting: bool,
    raised_at: Instant,
    /// The rate at which the vendor last throttled, and when.
    throttled: Option<(f64, Instant)>,
    next_at: Instant,
    held_until: Option<Instant>,
    concurrency: usize,
    sent: VecDeque<Instant>,
    /// Answers other than 429 since the last change of pace.
    answered: u64,
    counted_since: Instant,
}

const FIRST_RATE: f64 = 50.0;
const FASTEST: f64 = 1e6;
const TIMER_SLACK: Duration = Duration::from_millis(10);
const DOUBLING_TIME: Duration = Duration::from_millis(250);

/// A wait that no clock can count is as long as this.
const FOREVER: Duration = Duration::from_secs(10 * 365 * 24 * 60 * 60);

/// Below the rate at which the vendor throttled. It is known well, so little is given away.
const BACK: f64 = 0.96;

/// How much of the base is added each second at first, and how much once nothing was refused for a while: the vendor may
/// allow more by now.
const CAREFUL_GROWTH: f64 = 0.001;
const BOLD_GROWTH: f64 = 0.05;
const PLATEAU: Duration = Duration::from_secs(60);

impl Pacer {
    pub(crate) fn new(limits: Limits, now: Instant) -> Self {
        Self {
            limits,
            rate: FIRST_RATE.min(limits.rate.unwrap_or(FASTEST)),
            base: FIRST_RATE,
            is_starting: true,
            raised_at: now,
            throttled: None,
            next_at: now,
            held_until: None,
            concurrency: limits.concurrency.max(1),
            sent: VecDeque::new(),
            answered: 0,
            counted_since: now,
        }
    }

    /// The most requests that may be under way at once, at present.
    pub(crate) fn concurrency(&self) -> usize {
        self.concurrency
    }

    /// Until when the vendor wants no request.
    pub(crate) fn held_until(&self, now: Instant) -> Option<Instant> {
        self.held_until.filter(|until| *until > now)
    }

    /// How long to wait before the next request.
    pub(crate) fn wait(&mut self, now: Instant) -> Duration {
        self.raise(now);
        let held = self.held_until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
        let paced = self.next_at.saturating_duration_since(now);
        held.max(paced).max(self.window_wait(now))
    }

    fn window_wait(&self, now: Instant) -> Duration {
        match self.limits.window {
            Some((requests, window)) if self.sent.len() >= requests => self
                .sent
                .front()
                .map_or(Duration::ZERO, |oldest| window.saturating_sub(now.saturating_duration_since(*oldest))),
            _ => Duration::ZERO,
        }
    }

    /// So many requests leave.
    pub(crate) fn sent(&mut self, now: Instant, requests: u32) {
        // A pause is not made up for, but for the moment that a timer is late: bursts are what throttles dislike.
        let earliest = now.checked_sub(TIMER_SLACK).unwrap_or(now);
        self.next_at = self.next_at.max(earliest) + Duration::from_secs_f64(f64::from(requests) / self.rate);
        if let Some((most, _)) = self.limits.window {
            self.sent.extend((0..requests).map(|_| now));
            self.sent.drain(..self.sent.len().saturating_sub(most));
        }
    }

    /// So many requests were answered, and not by a wish for fewer.
    pub(crate) fn answered(&mut self, requests: u32) {
        self.answered += u64::from(requests);
    }

    /// No request for `wait`.
    pub(crate) fn hold(&mut self, now: Instant, wait: Duration) {
        self.held_until = self.held_until.max(Some(now + wait.min(FOREVER)));
    }

    /// The vendor wants fewer requests. Several such answers at once count as one.
    pub(crate) fn throttled(&mut self, now: Instant, wait: Option<Duration>, is_about_concurrency: bool) {
        self.hold(now, wait.unwrap_or_default());
        if self.throttled.is_some_and(|(_, at)| now.saturating_duration_since(at) < Duration::from_secs(1)) {
            return;
        }
        if is_about_concurrency {
            self.concurrency = (self.concurrency / 2).max(1);
        } else {
            let measured = self.measured(now);
            self.rate = (measured * BACK).clamp(0.01, FASTEST);
            self.base = self.rate;
            self.is_starting = false;
        }
        self.throttled = Some((self.rate, now));
        self.raised_at = now;
        self.answered = 0;
        self.counted_since = now;
    }

    /// What the vendor let through since the last change of pace. Over a short time that may be a store it had, so a lower
    /// rate than the own one is believed only after a second.
    fn measured(&self, now: Instant) -> f64 {
        let seconds = now.saturating_duration_since(self.counted_since).as_secs_f64();
        if self.is_starting || seconds < 1.0 {
            return self.rate / 2.0;
        }
        (self.answered as f64 / seconds).min(self.rate)
    }

    fn raise(&mut self, now: Instant) {
        let elapsed = now.saturating_duration_since(self.raised_at);
        let cap = self.limits.rate.unwrap_or(FASTEST).min(FASTEST);
        if self.is_starting {
            let doublings = elapsed.as_millis() / DOUBLING_TIME.as_millis();
            if doublings > 0 {
                self.rate = (self.rate * 2_f64.powi(doublings.min(30) as i32)).min(cap);
                self.raised_at = now;
            }
            return;
        }
        if elapsed < Duration::from_secs(1) {
            return;
        }
        let calm = self.throttled.is_none_or(|(_, at)| now.saturating_duration_since(at) > PLATEAU);
        let growth = if calm { BOLD_GROWTH } else { CAREFUL_GROWTH };
        self.rate = (self.rate + self.base * growth * elapsed.as_secs_f64()).min(cap);
        if calm {
            self.concurrency = (self.concurrency + 1).min(self.limits.concurrency.max(1));
        }
        self.raised_at = now;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even_an_endless_wait_is_kept() {
        let now = Instant::now();
        let mut pacer = Pacer::new(Limits::default(), now);
        pacer.throttled(now, Some(Duration::MAX), false);
        assert!(pacer.wait(now + Duration::from_secs(365 * 24 * 60 * 60)) > Duration::from_secs(365 * 24 * 60 * 60));
    }

    #[test]
    fn the_documented_window_is_kept() {
        let start = Instant::now();
        let limits = Limits { window: Some((3, Duration::from_secs(60))), ..Limits::default() };
        let mut pacer = Pacer::new(limits, start);
        let mut now = start;
        let mut sent = Vec::new();
        while sent.len() < 10 {
            now += pacer.wait(now);
            pacer.sent(now, 1);
            sent.push(now);
        }
        assert!(sent.windows(4).all(|four| four[3] - four[0] >= Duration::from_secs(60)));
    }

    #[test]
    fn too_many_at_once_lowers_what_is_under_way() {
        let now = Instant::now();
        let mut pacer = Pacer::new(Limits { concurrency: 8, ..Limits::default() }, now);
        pacer.throttled(now, None, true);
        assert_eq!(pacer.concurrency(), 4);
        let later = now + 2 * PLATEAU;
        pacer.wait(later);
        pacer.throttled(later, None, false);
        for second in 1..200 {
            pacer.wait(later + Duration::from_secs(second));
        }
        assert_eq!(pacer.concurrency(), 8);
    }
}
