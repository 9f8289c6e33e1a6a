use std::fmt;
use std::time::{Duration, SystemTime};

/// The difference between the local clock and the `Date` of the vendor's responses.
///
/// HTTP dates have whole seconds and a response takes time, so up to a second of difference is not counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockSkew {
    by: Duration,
    is_ahead: bool,
}

impl ClockSkew {
    /// The largest difference with which a filter by age is still allowed.
    pub const TOLERATED: Duration = Duration::from_secs(300);

    /// Compares the `Date` of a response with the local times at which the request was sent and the response received.
    pub(crate) fn measure(date: SystemTime, sent: SystemTime, received: SystemTime) -> Self {
        const PRECISION: Duration = Duration::from_secs(1);
        // Any date between the two times is right.
        let behind = date.duration_since(received + PRECISION).unwrap_or_default();
        let ahead = sent.checked_sub(PRECISION).and_then(|sent| sent.duration_since(date).ok()).unwrap_or_default();
        Self { by: behind.max(ahead), is_ahead: !ahead.is_zero() }
    }

    /// The difference, in either direction.
    pub fn magnitude(self) -> Duration {
        self.by
    }

    /// Whether the local clock is ahead of the vendor's.
    pub fn is_ahead(self) -> bool {
        self.is_ahead
    }

    /// The vendor's time when the local clock shows `local`.
    pub fn vendor_time(self, local: SystemTime) -> SystemTime {
        let time = if self.is_ahead { local.checked_sub(self.by) } else { local.checked_add(self.by) };
        time.unwrap_or(local)
    }

    /// How far the local clock may be behind the vendor's, rounded up; `None` if it is not behind.
    pub(crate) fn behind_at_most(self) -> Option<Duration> {
        // A `Date` is rounded down to seconds, and one second of difference is not counted.
        const MARGIN: Duration = Duration::from_secs(2);
        (!self.is_ahead && !self.by.is_zero()).then_some(self.by + MARGIN)
    }

    /// Whether a filter by age could select other records than intended.
    pub(crate) fn is_excessive(self) -> bool {
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
    fn a_date_between_request_and_response_is_not_a_difference() {
        let at = |seconds: u64| SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000 + seconds);
        for (date, by, is_ahead, behind_at_most) in [
            (100, 0, false, None),
            (99, 0, false, None),
            (130, 0, false, None),
            (131, 0, false, None),
            (132, 1, false, Some(3)),
            (98, 1, true, None),
            (3731, 3600, false, Some(3602)),
            (0, 99, true, None),
        ] {
            let skew = ClockSkew::measure(at(date), at(100), at(130));
            assert_eq!((skew.magnitude().as_secs(), skew.is_ahead()), (by, is_ahead), "{date}");
            assert_eq!(skew.vendor_time(at(by)), if is_ahead { at(0) } else { at(2 * by) }, "{date}");
            assert_eq!(skew.behind_at_most().map(|behind| behind.as_secs()), behind_at_most, "{date}");
        }
        assert!(ClockSkew::measure(at(731), at(100), at(100)).is_excessive());
        assert!(!ClockSkew::measure(at(401), at(100), at(100)).is_excessive());
    }
}
