//! How fast to ask. A vendor that throttles is approached slowly from below, so that most of what it allows is used and
//! little is refused.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// What a lane may do at most, whatever the vendor allows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Requests under way at once; 0 counts as 1.
    pub concurrency: usize,
    /// Requests in a second; what is no number above zero is no limit.
    pub rate: Option<f64>,
    /// So many requests within any such time, as a vendor documents it; 0 requests count as 1.
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
    /// Requests in a second. It doubles until the vendor throttles for the first time.
    rate: f64,
    /// The rate after the vendor last throttled. What is added each second is a part of it.
    base: f64,
    is_starting: bool,
    raised_at: Instant,
    /// Something waited for the pace since it was last raised. A pace that holds nobody back is fast enough.
    held_back: bool,
    throttled_at: Option<Instant>,
    lowered_at: Option<Instant>,
    /// Throttling answers since the last other one.
    throttled_in_row: u32,
    next_at: Instant,
    held_until: Option<Instant>,
    concurrency: usize,
    sent: VecDeque<Instant>,
    /// Answers other than 429 since the rate was lowered.
    answered: u64,
    counted_since: Instant,
}

const FIRST_RATE: f64 = 50.0;
const SLOWEST: f64 = 0.01;
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
const PLATEAU: Duration = Duration::from_secs(30);

/// The rate is lowered at most so often: what was sent at the old one may be throttled still.
const LOWERING_TIME: Duration = Duration::from_secs(1);

/// How long to wait after more than some throttling answers in a row, doubled each time.
const SOME_IN_ROW: u32 = 2;
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
            rate: FIRST_RATE.min(most.rate.unwrap_or(FASTEST)),
            base: FIRST_RATE,
            is_starting: true,
            raised_at: now,
            held_back: false,
            throttled_at: None,
            lowered_at: None,
            throttled_in_row: 0,
            next_at: now,
            held_until: None,
            concurrency: most.concurrency,
            sent: VecDeque::new(),
            answered: 0,
            counted_since: now,
        }
    }

    /// The same, where the vendor wants no request before a time.
    pub(crate) fn held(limits: Limits, now: Instant, not_before: Option<Instant>) -> Self {
        let mut pacer = Self::new(limits, now);
        if let Some(time) = not_before {
            pacer.hold(now, time.saturating_duration_since(now));
        }
        pacer
    }

    /// The most requests that may be under way at once, at present.
    pub(crate) fn concurrency(&self) -> usize {
        self.concurrency
    }

    /// How many requests may be sent in this time, at present.
    pub(crate) fn within(&self, time: Duration) -> usize {
        (self.rate * time.as_secs_f64()).ceil() as usize
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

    /// Until when the vendor wants no request.
    pub(crate) fn held_until(&self, now: Instant) -> Option<Instant> {
        self.held_until.filter(|until| *until > now)
    }

    /// How long to wait before so many more requests.
    pub(crate) fn wait(&mut self, now: Instant, requests: u32) -> Duration {
        self.raise(now);
        let held = self.held_until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now));
        let paced = self.next_at.saturating_duration_since(now);
        self.held_back |= !paced.is_zero();
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
        // A pause is not made up for, but for the moment that a timer is late: bursts are what throttles dislike.
        let earliest = now.checked_sub(TIMER_SLACK).unwrap_or(now);
        self.next_at = self.next_at.max(earliest) + Duration::from_secs_f64(f64::from(requests) / self.rate);
        if let Some((most, _)) = self.most.window {
            self.sent.extend((0..requests).map(|_| now));
            self.sent.drain(..self.sent.len().saturating_sub(most));
        }
    }

    /// So many requests were answered, and not by a wish for fewer.
    pub(crate) fn answered(&mut self, requests: u32) {
        self.answered += u64::from(requests);
        self.throttled_in_row = 0;
    }

    /// No request for `wait`.
    pub(crate) fn hold(&mut self, now: Instant, wait: Duration) {
        let until = now + wait.min(FOREVER);
        let from = self.held_until(now).unwrap_or(now);
        self.held_until = self.held_until.max(Some(until));
        // Time in which nothing is asked says nothing of what the vendor lets through.
        self.counted_since += until.saturating_duration_since(from);
    }

    /// The vendor wants fewer requests. The rate falls once until something else is answered; then waits grow.
    pub(crate) fn throttled(
        &mut self,
        now: Instant,
        sent_at: Instant,
        wait: Option<Duration>,
        is_about_concurrency: bool,
    ) {
        let measured = self.measured(now);
        self.hold(now, wait.unwrap_or_default());
        if self.throttled_at.is_some_and(|at| sent_at <= at) {
            // It was under way when the vendor said so before.
            return;
        }
        self.throttled_at = Some(now);
        self.throttled_in_row += 1;
        if self.throttled_in_row > SOME_IN_ROW {
            self.hold(now, backoff(self.throttled_in_row - SOME_IN_ROW - 1));
        }
        if is_about_concurrency && self.concurrency > 1 {
            self.concurrency /= 2;
        } else if self.throttled_in_row == 1 && self.lowered_at.is_none_or(|at| now >= at + LOWERING_TIME) {
            self.lower(now, measured);
        }
    }

    fn lower(&mut self, now: Instant, measured: f64) {
        self.rate = (measured * BACK).clamp(SLOWEST, FASTEST);
        self.base = self.rate;
        self.is_starting = false;
        self.lowered_at = Some(now);
        self.raised_at = now;
        self.answered = 0;
        self.counted_since = self.held_until(now).unwrap_or(now);
    }

    /// What the vendor let through since the rate was lowered. Over a short time that may be a store it had, so a lower
    /// rate than the own one is believed only after a second, and never by more than a half.
    fn measured(&self, now: Instant) -> f64 {
        let seconds = now.saturating_duration_since(self.counted_since).as_secs_f64();
        if self.is_starting || seconds < 1.0 {
            return self.rate / 2.0;
        }
        (self.answered as f64 / seconds).clamp(self.rate / 2.0, self.rate)
    }

    fn raise(&mut self, now: Instant) {
        let elapsed = now.saturating_duration_since(self.raised_at);
        let step = if self.is_starting { DOUBLING_TIME } else { Duration::from_secs(1) };
        if elapsed < step {
            return;
        }
        self.raised_at = now;
        let calm = self.throttled_at.is_none_or(|at| now.saturating_duration_since(at) > PLATEAU);
        if calm {
            self.concurrency = (self.concurrency + 1).min(self.most.concurrency);
        }
        if !std::mem::take(&mut self.held_back) {
            return;
        }
        let growth = if calm { BOLD_GROWTH } else { CAREFUL_GROWTH };
        let raised = match self.is_starting {
            true => self.rate * 2.0,
            false => self.rate + self.base.max(1.0) * growth * elapsed.as_secs_f64(),
        };
        self.rate = raised.min(self.most.rate.unwrap_or(FASTEST));
    }
}

fn backoff(number: u32) -> Duration {
    FIRST_BACKOFF.saturating_mul(2_u32.saturating_pow(number)).min(LAST_BACKOFF)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even_an_endless_wait_is_kept() {
        let now = Instant::now();
        let mut pacer = Pacer::new(Limits::default(), now);
        pacer.throttled(now, now, Some(Duration::MAX), false);
        assert!(pacer.wait(now + Duration::from_secs(365 * 24 * 60 * 60), 1) > Duration::from_secs(365 * 24 * 60 * 60));
    }

    #[test]
    fn the_documented_window_is_kept() {
        let start = Instant::now();
        let limits = Limits { window: Some((3, Duration::from_secs(60))), ..Limits::default() };
        let mut pacer = Pacer::new(limits, start);
        let mut now = start;
        let mut sent = Vec::new();
        while sent.len() < 10 {
            now += pacer.wait(now, 1);
            pacer.sent(now, 1);
            sent.push(now);
        }
        assert!(sent.windows(4).all(|four| four[3] - four[0] >= Duration::from_secs(60)));
    }

    #[test]
    fn a_window_has_room_for_all_requests_of_a_call() {
        let start = Instant::now();
        let limits = Limits { window: Some((5, Duration::from_secs(60))), ..Limits::default() };
        let mut pacer = Pacer::new(limits, start);
        let mut now = start;
        let mut sent = Vec::new();
        for _ in 0..10 {
            now += pacer.wait(now, 2);
            pacer.sent(now, 2);
            sent.extend([now, now]);
        }
        assert!(sent.windows(6).all(|six| six[5] - six[0] >= Duration::from_secs(60)));
    }

    #[test]
    fn odd_limits_are_no_trap() {
        let now = Instant::now();
        for rate in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-300] {
            let limits = Limits { concurrency: 0, rate: Some(rate), window: Some((0, Duration::MAX)) };
            let mut pacer = Pacer::new(limits, now);
            pacer.sent(now, 2);
            assert!(pacer.concurrency() == 1 && pacer.wait(now, 1) > Duration::from_secs(1_000_000));
        }
    }

    /// Sends as fast as the pace allows until `end`, over a line that takes 25 ms. How many got through.
    fn drive(pacer: &mut Pacer, now: &mut Instant, end: Instant, is_well: bool) -> u64 {
        let mut through = 0;
        while *now < end {
            let wait = pacer.wait(*now, 1);
            if !wait.is_zero() {
                *now += wait;
                continue;
            }
            let sent_at = *now;
            pacer.sent(sent_at, 1);
            *now += Duration::from_millis(25);
            if is_well {
                pacer.answered(1);
                through += 1;
            } else {
                pacer.throttled(*now, sent_at, None, false);
            }
        }
        through
    }

    #[test]
    fn it_is_soon_as_fast_as_before_once_the_vendor_is_well_again() {
        let mut now = Instant::now();
        let mut pacer = Pacer::new(Limits { concurrency: 1, ..Limits::default() }, now);
        let mut until = now;
        for (seconds, is_well) in [(5, true), (3, false), (60, true), (60, false)] {
            until += Duration::from_secs(seconds);
            drive(&mut pacer, &mut now, until, is_well);
        }
        let begun = now;
        let through = drive(&mut pacer, &mut now, begun + Duration::from_secs(60), true);
        assert!(through > 60 * 5, "{through}");
    }

    #[test]
    fn a_vendor_that_only_throttles_is_asked_ever_more_rarely() {
        for is_about_concurrency in [true, false] {
            let mut now = Instant::now();
            let begun = now;
            let mut pacer = Pacer::new(Limits::default(), now);
            let mut asked = 0;
            while now < begun + Duration::from_secs(600) {
                now += pacer.wait(now, 1);
                pacer.sent(now, 1);
                asked += 1;
                pacer.throttled(now + Duration::from_millis(25), now, None, is_about_concurrency);
                now += Duration::from_millis(25);
            }
            assert!(asked < 40, "{asked}");
        }
    }

    #[test]
    fn too_many_at_once_lowers_what_is_under_way() {
        let now = Instant::now();
        let mut pacer = Pacer::new(Limits { concurrency: 8, ..Limits::default() }, now);
        pacer.throttled(now, now, None, true);
        assert_eq!(pacer.concurrency(), 4);
        for second in 1..200 {
            pacer.wait(now + Duration::from_secs(second), 1);
        }
        assert_eq!(pacer.concurrency(), 8);
    }
}
