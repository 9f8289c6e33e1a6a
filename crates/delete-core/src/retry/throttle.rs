use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The time for which `Retry-After` blocks all requests to one origin.
#[derive(Debug, Default)]
pub(crate) struct Throttle {
    block: Mutex<Option<Block>>,
    /// Whether there is a block: most requests meet none, and need no lock to see that.
    is_set: AtomicBool,
}

/// A start and a length, because the end of a very long wait does not fit into an `Instant`.
#[derive(Clone, Copy, Debug)]
struct Block {
    since: Instant,
    wait: Duration,
}

impl Throttle {
    /// Blocks all requests for `wait` from `now` on. A longer block that is already active is kept.
    pub(crate) fn throttle_until(&self, now: Instant, wait: Duration) {
        let mut block = self.lock();
        if wait > block.map_or(Duration::ZERO, |block| block.left(now)) {
            *block = Some(Block { since: now, wait });
            self.is_set.store(true, Ordering::Release);
        }
    }

    /// How long requests are still blocked. `now` is called only if there was a block at all.
    pub(crate) fn throttled_for(&self, now: impl FnOnce() -> Instant) -> Duration {
        if !self.is_set.load(Ordering::Acquire) {
            return Duration::ZERO;
        }
        let block = *self.lock();
        block.map_or(Duration::ZERO, |block| block.left(now()))
    }

    /// Ends the block.
    pub(crate) fn clear(&self) {
        let mut block = self.lock();
        *block = None;
        self.is_set.store(false, Ordering::Release);
    }

    /// A panic elsewhere leaves the value valid.
    fn lock(&self) -> MutexGuard<'_, Option<Block>> {
        self.block.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Block {
    fn left(self, now: Instant) -> Duration {
        self.wait.saturating_sub(now.saturating_duration_since(self.since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_block_counts_can_be_cleared_and_does_not_overflow() {
        let throttle = Throttle::default();
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        throttle.throttle_until(start, Duration::from_secs(10));
        throttle.throttle_until(after(2), Duration::from_secs(3));
        assert_eq!(throttle.throttled_for(|| after(4)), Duration::from_secs(6));
        assert_eq!(throttle.throttled_for(|| after(10)), Duration::ZERO);
        throttle.throttle_until(after(11), Duration::from_secs(u64::MAX));
        assert!(throttle.throttled_for(|| after(1_000_000)) > Duration::from_secs(u64::MAX / 2));
        throttle.clear();
        assert_eq!(throttle.throttled_for(|| after(1_000_000)), Duration::ZERO);
    }
}
