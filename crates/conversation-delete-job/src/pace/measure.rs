//! What was let through, and how long that took.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// A rate is in use if at least this part of it is sent. Else the latency or the disk is what limits.
const IN_USE: f64 = 0.7;

/// A bucket holds unknown reserves. The estimates assume what flows in within this many seconds.
pub(super) const RESERVE: f64 = 1.0;

const MOST_MARKS: usize = 64;

/// Some time in which a rate is tried.
#[derive(Debug)]
pub(super) struct Window {
    pub(super) since: Instant,
    pub(super) sent: u32,
    /// A request of this window was answered.
    pub(super) is_heard: bool,
}

/// A window that is over.
pub(super) struct Used {
    pub(super) seconds: f64,
    /// Whether the rate was in use.
    pub(super) is_enough: bool,
}

impl Window {
    pub(super) fn new(now: Instant) -> Self {
        Self { since: now, sent: 0, is_heard: false }
    }

    /// What the window shows, if it is at least `step` seconds old and a response came.
    pub(super) fn close(&self, now: Instant, step: f64, rate: f64) -> Option<Used> {
        let seconds = now.saturating_duration_since(self.since).as_secs_f64();
        let is_enough = f64::from(self.sent) >= IN_USE * rate * seconds;
        (self.is_heard && seconds >= step).then_some(Used { seconds, is_enough })
    }
}

/// The time between two pauses.
#[derive(Debug)]
pub(super) struct Period {
    pub(super) began: Instant,
    /// Requests of this period that were let through.
    pub(super) answered: u64,
    /// Seconds in which nothing was let through before.
    pub(super) rest: f64,
}

impl Period {
    pub(super) fn new(now: Instant, rest: Duration) -> Self {
        Self { began: now, answered: 0, rest: rest.as_secs_f64() }
    }

    /// How many requests were let through, and in how many seconds, if the one that was sent at this time was not.
    pub(super) fn until(&self, sent_at: Instant) -> (f64, f64) {
        let seconds = sent_at.saturating_duration_since(self.began).as_secs_f64();
        (self.answered as f64, seconds.max(0.001))
    }
}

/// How many requests were let through at the latest times.
#[derive(Debug, Default)]
pub(super) struct Recent(VecDeque<(Instant, u64)>);

impl Recent {
    pub(super) fn mark(&mut self, now: Instant, answered: u64) {
        if self.0.len() == MOST_MARKS {
            self.0.pop_front();
        }
        self.0.push_back((now, answered));
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    /// The highest rate since any of these times, if a bucket had reserves of a second.
    pub(super) fn rate(&self, now: Instant, answered: u64) -> f64 {
        let rates = self.0.iter().map(|(time, before)| {
            answered.saturating_sub(*before) as f64 / (now.saturating_duration_since(*time).as_secs_f64() + RESERVE)
        });
        rates.fold(0.0, f64::max)
    }
}
