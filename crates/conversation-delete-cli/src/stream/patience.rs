//! How long a stream waits for its reader.

use std::time::{Duration, Instant};

/// How long a reader that stands still is waited for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// Once the process shall end.
    pub(crate) grace: Duration,
    pub(crate) stopping_since: fn() -> Option<Instant>,
    /// At all; `None` is for ever.
    pub(crate) longest: Option<Duration>,
}

impl Patience {
    pub(super) fn is_over(&self, standing_since: Instant) -> bool {
        let is_late = |since: Instant, limit| since.elapsed() >= limit;
        self.longest.is_some_and(|limit| is_late(standing_since, limit))
            || (self.stopping_since)().is_some_and(|since| is_late(since.max(standing_since), self.grace))
    }
}
