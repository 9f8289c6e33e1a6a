//! Time, injected so that tests of time-outs and retries take no time and repeat.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant, SystemTime};

use async_trait::async_trait;

/// The time of a client, and how it sleeps.
#[async_trait]
pub trait Clock: fmt::Debug + Send + Sync + 'static {
    /// The monotonic time.
    fn now(&self) -> Instant;

    /// The date and time of day, to read HTTP dates by.
    fn system_now(&self) -> SystemTime;

    /// Returns after `duration`.
    async fn sleep(&self, duration: Duration);

    /// A duration drawn evenly from zero to `ceiling`, by which retries are spread. A clock for tests may return the same
    /// one each time.
    ///
    /// The default takes it from the random keys that the standard library gives to each hasher: spreading retries needs
    /// no cryptography, and no further crate.
    fn jitter(&self, ceiling: Duration) -> Duration {
        let drawn = RandomState::new().hash_one(0_u8) >> 11;
        ceiling.mul_f64(drawn as f64 / (1_u64 << 53) as f64)
    }
}

/// The clock of production: tokio's timer and the system's time.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

#[async_trait]
impl Clock for SystemClock {
    fn now(&self) -> Instant {
        Instant::now()
    }

    fn system_now(&self) -> SystemTime {
        SystemTime::now()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jitter_stays_below_its_ceiling_and_varies() {
        let ceiling = Duration::from_secs(20);
        let drawn: Vec<_> = (0..1000).map(|_| SystemClock.jitter(ceiling)).collect();
        assert!(drawn.iter().all(|d| *d <= ceiling));
        let mean = drawn.iter().sum::<Duration>() / 1000;
        assert!(mean > ceiling / 3 && mean < ceiling * 2 / 3, "{mean:?}");
        assert_eq!(SystemClock.jitter(Duration::ZERO), Duration::ZERO);
    }
}
