//! The option `rate_limit`: a bucket that fills with time, and from which each request takes one.

use std::time::Duration;

#[derive(Default)]
pub(crate) struct Bucket {
    /// What was left, and when.
    level: f64,
    at: Duration,
    /// The rate for which it was filled; another one begins with a full bucket.
    rate: u64,
}

impl Bucket {
    /// Takes one. If there is none, returns the time until there is.
    pub(crate) fn take(&mut self, rate: u64, now: Duration) -> Result<(), Duration> {
        let most = rate as f64;
        let added = now.saturating_sub(self.at).as_secs_f64() * most;
        let level = if self.rate == rate { (self.level + added).min(most) } else { most };
        (self.rate, self.at) = (rate, now);
        if level < 1.0 {
            self.level = level;
            return Err(Duration::from_secs_f64((1.0 - level) / most.max(1.0)));
        }
        self.level = level - 1.0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_of_requests_is_let_in_at_once_and_then_one_for_each_share_of_a_second() {
        let (mut bucket, begin) = (Bucket::default(), Duration::from_secs(5));
        assert!((0..10).all(|_| bucket.take(10, begin).is_ok()));
        assert_eq!(bucket.take(10, begin), Err(Duration::from_millis(100)));
        let later = |milliseconds| begin + Duration::from_millis(milliseconds);
        assert!(bucket.take(10, later(50)).is_err());
        assert!(bucket.take(10, later(101)).is_ok() && bucket.take(10, later(101)).is_err());
        // It holds no more than a second's worth.
        let much_later = later(60_000);
        assert_eq!((0..20).filter(|_| bucket.take(10, much_later).is_ok()).count(), 10);
        assert!(bucket.take(5, much_later).is_ok(), "another rate begins anew");
    }
}
