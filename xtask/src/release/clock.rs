//! Time, so that tests need not wait.

use std::thread;
use std::time::{Duration, SystemTime};

/// What tells the time and waits.
pub trait Clock {
    /// The time now.
    fn now(&self) -> SystemTime;

    /// Returns when it is this time, or later.
    fn sleep_until(&self, time: SystemTime);
}

/// The system's clock.
pub struct SystemClock;

/// A machine that was asleep wakes to the right time, not to the rest of a long wait.
const NAP: Duration = Duration::from_secs(30);

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep_until(&self, time: SystemTime) {
        while let Ok(left) = time.duration_since(self.now()) {
            if left.is_zero() {
                return;
            }
            thread::sleep(left.min(NAP));
        }
    }
}
