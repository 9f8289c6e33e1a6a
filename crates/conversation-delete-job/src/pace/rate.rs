//! The adaptive part of the pace: which rate the vendor seems to allow.
//!
//! A vendor's limit is a bucket or a window that nobody sees. A 429 shows that it is empty, and costs the wait that it
//! names. So the rate rises fast only until the first 429, is then estimated from what was let through, and rises from
//! just below that estimate, the more slowly the longer the waits are.

use std::time::{Duration, Instant};

use super::measure::{Period, RESERVE, Recent, Window};
use super::phase::{Phase, probe, search};

const FIRST_RATE: f64 = 20.0;
/// What it may grow to while records are claimed.
const SOON_RATE: f64 = 50.0;
const SLOWEST: f64 = 0.01;

/// At the start, the rate grows by this factor once a step was used and a response to it came.
const START_GROWTH: f64 = 1.5;
const START_STEP: f64 = 0.25;

/// A step takes no longer than so many round trips: how fast a vendor can be asked at all depends on them.
const ROUND_TRIPS: f64 = 12.0;
const SHORTEST_STEP: f64 = 0.01;

/// Above this rate hardly any vendor has a limit, so the steps are shorter.
const FAST_RATE: f64 = 500.0;
const FAST_STEP: f64 = 0.05;

/// After the first 429 the estimate is uncertain: the rate begins at this part of it, and grows by this exponent in each
/// span until the next one.
const UNCERTAIN: f64 = 0.7;
const PROBE_GROWTH: f64 = 0.35;

/// How long a rate is tried once a limit was met.
const SEARCH_STEP: f64 = 1.0;

/// Until the vendor was asked so often, fewer requests are in flight, so that the first 429 comes to few of them.
const IN_FLIGHT: u64 = 20;
const ANSWERED_PER_IN_FLIGHT: u64 = 24;

/// A limit that was met once may not bear a burst after a delay.
const START_SLACK: Duration = Duration::from_millis(500);
const SLACK: Duration = Duration::from_millis(100);

/// A pause of this length, and not less, is followed by a slow start, from this part of the rate; it doubles each second.
const LONG_PAUSE: Duration = Duration::from_secs(10);
const RAMP_PART: f64 = 16.0;
const RAMP_STEP: Duration = Duration::from_secs(1);
/// Below this rate, a slow start would only be late.
const SLOWEST_RAMP: f64 = 2.0;

/// Shorter pauses are part of the measurement.
const SHORT_PAUSE: Duration = Duration::from_secs(1);

/// A vendor that names no wait refuses many requests for one reason. The rate is lowered once it is known how many others
/// it let through in this time.
const CHEAP_MEASUREMENT: f64 = 0.5;

/// The rate after a pause.
#[derive(Debug)]
struct Ramp {
    rate: f64,
    since: Instant,
    is_heard: bool,
}

/// The rate that the vendor seems to allow.
#[derive(Debug)]
pub(super) struct AdaptiveRate {
    most: f64,
    rate: f64,
    phase: Phase,
    answered: u64,
    /// The fewest seconds from a request to its response.
    round_trip: f64,
    /// 429s since the rate was lowered.
    refused: u32,
    window: Option<Window>,
    recent: Recent,
    period: Option<Period>,
    /// When the latest period ended in which requests were answered.
    ended_at: Option<Instant>,
    /// The first period: requests that were let through, and seconds.
    first: Option<(f64, f64)>,
    ramp: Option<Ramp>,
    is_ramp_due: bool,
}

impl AdaptiveRate {
    /// At most `most` requests in a second.
    pub(super) fn new(most: f64) -> Self {
        Self {
            most,
            rate: FIRST_RATE.min(most),
            phase: Phase::Start,
            answered: 0,
            round_trip: f64::INFINITY,
            refused: 0,
            window: None,
            recent: Recent::default(),
            period: None,
            ended_at: None,
            first: None,
            ramp: None,
            is_ramp_due: false,
        }
    }

    /// Requests in a second, at present.
    pub(super) fn rate(&self) -> f64 {
        self.ramp.as_ref().map_or(self.rate, |ramp| ramp.rate.min(self.rate))
    }

    /// The most requests in a second, soon.
    pub(super) fn soon(&self) -> f64 {
        match self.phase {
            Phase::Start if self.ramp.is_none() && !self.is_ramp_due => self.rate.max(SOON_RATE).min(self.most),
            _ => self.rate(),
        }
    }

    pub(super) fn most_in_flight(&self) -> usize {
        usize::try_from((self.answered / ANSWERED_PER_IN_FLIGHT).max(IN_FLIGHT)).unwrap_or(usize::MAX)
    }

    /// How much of the lateness of a timer is made up for.
    pub(super) fn slack(&self) -> Duration {
        if matches!(self.phase, Phase::Start) { START_SLACK } else { SLACK }
    }

    /// Requests leave. The rate grows only here, so that it never grows for time in which nothing was sent.
    pub(super) fn sent(&mut self, now: Instant, requests: u32) {
        if std::mem::take(&mut self.is_ramp_due) && self.rate > SLOWEST_RAMP {
            let rate = (self.rate / RAMP_PART).max(SLOWEST_RAMP);
            self.ramp = Some(Ramp { rate, since: now, is_heard: false });
        }
        let rest = self.ended_at.map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        self.period.get_or_insert_with(|| Period::new(now, rest));
        if self.is_ramping(now) {
            return;
        }
        let step = match self.phase {
            Phase::Start => self.start_step(),
            _ => SEARCH_STEP.max(3.0 / self.rate),
        };
        let window = self.window.get_or_insert_with(|| Window::new(now));
        if let Some(used) = window.close(now, step, self.rate) {
            self.window = Some(Window::new(now));
            self.recent.mark(now, self.answered);
            if used.is_enough {
                self.grow(used.seconds);
            }
        }
        if let Some(window) = &mut self.window {
            window.sent += requests;
        }
    }

    fn start_step(&self) -> f64 {
        let longest = if self.rate > FAST_RATE { FAST_STEP } else { START_STEP };
        (ROUND_TRIPS * self.round_trip).clamp(SHORTEST_STEP, longest)
    }

    /// Raises the rate after a pause. False once it is back.
    fn is_ramping(&mut self, now: Instant) -> bool {
        let Some(ramp) = &mut self.ramp else { return false };
        if ramp.is_heard && now.saturating_duration_since(ramp.since) >= RAMP_STEP {
            *ramp = Ramp { rate: ramp.rate * 2.0, since: now, is_heard: false };
        }
        if ramp.rate >= self.rate {
            self.ramp = None;
        }
        self.ramp.is_some()
    }

    fn grow(&mut self, seconds: f64) {
        let grown = match &mut self.phase {
            Phase::Start => self.rate * START_GROWTH,
            Phase::Probe { from, span, active } => {
                *active += seconds;
                *from * (PROBE_GROWTH * *active / *span).exp()
            }
            Phase::Search { from, plateau, span, active } => {
                *active += seconds;
                let beyond = *active / *span - 1.0;
                match beyond <= 0.0 {
                    true => *plateau + (*plateau - *from) * beyond,
                    false => *plateau * (1.0 + 0.05 * beyond + 0.1 * beyond.powi(3)),
                }
            }
        };
        self.rate = grown.min(self.most);
    }

    /// Requests that were sent at this time were answered by something other than a 429.
    pub(super) fn answered(&mut self, now: Instant, requests: u32, sent_at: Instant) {
        self.answered += u64::from(requests);
        self.round_trip = self.round_trip.min(now.saturating_duration_since(sent_at).as_secs_f64());
        if let Some(period) = self.period.as_mut().filter(|period| sent_at >= period.began) {
            period.answered += u64::from(requests);
        }
        if let Some(window) = &mut self.window {
            window.is_heard |= sent_at >= window.since;
        }
        if let Some(ramp) = &mut self.ramp {
            ramp.is_heard |= sent_at >= ramp.since;
        }
    }

    /// Nothing is sent for this time.
    pub(super) fn paused(&mut self, now: Instant, pause: Duration) {
        if pause >= SHORT_PAUSE {
            self.begin_period(now);
            self.is_ramp_due |= pause >= LONG_PAUSE;
        }
    }

    /// Begins at a part of the rate when something is sent again.
    pub(super) fn start_slowly(&mut self) {
        self.is_ramp_due = true;
    }

    fn begin_period(&mut self, now: Instant) {
        if self.period.as_ref().is_some_and(|period| period.answered > 0) {
            self.ended_at = Some(now);
        }
        self.period = None;
        self.window = None;
        self.ramp = None;
        self.recent.clear();
    }

    /// A 429 came, be it for a request that was in flight when an earlier one came.
    pub(super) fn refused(&mut self) {
        self.refused += 1;
    }

    /// The first 429 after other responses came, to a request that was sent at this time. It names this wait.
    pub(super) fn lower(&mut self, now: Instant, sent_at: Instant, wait: Duration) {
        let price = wait.as_secs_f64();
        let (answered, seconds) = self.period.as_ref().map_or((0.0, 0.001), |period| period.until(sent_at));
        let is_start = matches!(self.phase, Phase::Start);
        if price < SHORT_PAUSE.as_secs_f64() && seconds < CHEAP_MEASUREMENT && !is_start {
            return;
        }
        let recent = self.recent.rate(now, self.answered).max(answered / (seconds + RESERVE)).min(self.rate);
        // The first visit does not predict those that follow.
        let is_search = matches!(self.phase, Phase::Search { .. });
        let refused = f64::from(std::mem::take(&mut self.refused).clamp(1, if is_search { 20 } else { 1 }));
        self.phase = match self.phase {
            Phase::Start => {
                self.first = Some((answered, seconds));
                probe((UNCERTAIN * recent).max(SLOWEST), price)
            }
            Phase::Probe { active, span, .. } if active >= span => {
                // A bucket drains for a while before it refuses, in which a fast growth goes far beyond the limit.
                let overshoot = if price < 5.0 { 0.25 } else { (2.0 * PROBE_GROWTH * RESERVE / span).sqrt() };
                search(recent.max(self.rate / (1.0 + overshoot)), 10.0 * price, refused)
            }
            // Too few came through to count by.
            Phase::Probe { .. } if answered < 10.0 && price >= SHORT_PAUSE.as_secs_f64() => {
                probe((UNCERTAIN * self.rate).max(SLOWEST), price)
            }
            Phase::Search { from, active, span, .. } if active >= span => {
                search(recent.max(from + 0.6 * (self.rate - from)), 15.0 * price, refused)
            }
            _ => search(self.counted(answered, seconds, price), 15.0 * price, refused),
        };
        let (Phase::Probe { from, .. } | Phase::Search { from, .. }) = self.phase else { return };
        self.rate = from.min(self.most);
        self.begin_period(now);
    }

    /// The rate of a limit that was met before the rate could grow to it: the reserves of a bucket, and not its inflow,
    /// were taken for the limit. What flows in is the difference between two periods that began with a full bucket; it is
    /// no more than what was let through, and no less than that with the pause before counted in.
    fn counted(&self, answered: f64, seconds: f64, price: f64) -> f64 {
        if answered < 3.0 && price >= SHORT_PAUSE.as_secs_f64() {
            return (UNCERTAIN * self.rate).max(SLOWEST);
        }
        let rest = self.period.as_ref().map_or(0.0, |period| period.rest).min(price);
        let most = (answered / seconds).min(self.rate);
        let least = (answered / (seconds + rest)).min(most);
        let rate = match self.first {
            Some((first, took)) if seconds > 1.3 * took + 0.1 => {
                ((answered - first) / (seconds - took)).clamp(least, most)
            }
            _ => (least * most).sqrt(),
        };
        let lowest = self.rate * if answered < 10.0 { 0.25 } else { 0.1 };
        rate.clamp(lowest, self.rate).max(SLOWEST)
    }
}
