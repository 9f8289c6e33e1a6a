//! Time that a test can move, so that expiry and throttling need no sleep.

use std::time::{Duration, Instant, SystemTime};

use crate::dates::unix_ms;

/// 2026-01-01 in unix seconds, for what must be the same in every run.
pub(crate) const FIXED_START: u64 = 1_767_225_600;

/// Real time plus what a test added to it.
pub(crate) struct Clock {
    started: Instant,
    ahead: Duration,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self { started: Instant::now(), ahead: Duration::ZERO }
    }

    pub(crate) fn advance(&mut self, by: Duration) {
        self.ahead = self.ahead.saturating_add(by);
    }

    /// Time since the fake was made.
    pub(crate) fn now(&self) -> Duration {
        self.started.elapsed().saturating_add(self.ahead)
    }

    /// Unix time in seconds.
    pub(crate) fn unix_secs(&self) -> u64 {
        self.unix_ms() / 1000
    }

    /// Unix time in milliseconds.
    pub(crate) fn unix_ms(&self) -> u64 {
        let ahead = u64::try_from(self.ahead.as_millis()).unwrap_or(u64::MAX);
        unix_ms(SystemTime::now()).saturating_add(ahead)
    }

    /// The date of HTTP headers, this many seconds from now. No test moves it: whoever reads it compares it with the
    /// computer's clock.
    pub(crate) fn http_date_in(secs: i64) -> String {
        // Far beyond any calendar the formatter would panic; a thousand years are enough for a test.
        const LIMIT: u64 = 1_000 * 365 * 86_400;
        let unix = (unix_ms(SystemTime::now()) / 1000).saturating_add_signed(secs).min(LIMIT);
        httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(unix))
    }
}
