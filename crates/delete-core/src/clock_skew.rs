use std::fmt;
use std::time::{Duration, SystemTime};

/// How far our clock is from the `Date` of the vendor's responses.
///
/// HTTP dates have whole seconds and a response takes time, so a difference of up to a second counts as none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockSkew {
    by: Duration,
    is_ahead: bool,
}

impl ClockSkew {
    /// The difference that an age as a filter still bears.
    pub const TOLERATED: Duration = Duration::from_secs(300);

    /// What the `Date` of a response says that was requested at `sent` and had arrived at `received`, both by our clock.
    pub(crate) fn measure(date: SystemTime, sent: SystemTime, received: SystemTime) -> Self {
        const PRECISION: Duration = Duration::from_secs(1);
        // Between the two times any date is right.
        let behind = date.duration_since(received + PRECISION).unwrap_or_default();
        let ahead = sent.checked_sub(PRECISION).and_then(|sent| sent.duration_since(date).ok()).unwrap_or_default();
        Self { by: behind.max(ahead), is_ahead: !ahead.is_zero() }
    }

    /// The difference, whatever its direction.
    pub fn magnitude(self) -> Duration {
        self.by
    }

    /// Whether our clock is ahead of the vendor's.
    pub fn is_ahead(self) -> bool {
        self.is_ahead
    }

    /// Whether records selected by their age could be others than those that were meant.
    pub fn is_excessive(self) -> bool {
        self.by > Self::TOLERATED
    }
}

impl fmt::Display for ClockSkew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let direction = if self.is_ahead { "ahead of" } else { "behind" };
        write!(f, "our clock is {} s {direction} the vendor's", self.by.as_secs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_between_sending_and_receiving_is_no_difference() {
        let at = |seconds: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000 + seconds);
        for (date, by, is_ahead) in [
            (100, 0, false),
            (99, 0, false),
            (130, 0, false),
            (131, 0, false),
            (132, 1, false),
            (98, 1, true),
            (3731, 3600, false),
            (0, 99, true),
        ] {
            let skew = ClockSkew::measure(at(date), at(100), at(130));
            assert_eq!((skew.magnitude().as_secs(), skew.is_ahead()), (by, is_ahead), "{date}");
        }
        assert!(ClockSkew::measure(at(731), at(100), at(100)).is_excessive());
        assert!(!ClockSkew::measure(at(401), at(100), at(100)).is_excessive());
    }
}
