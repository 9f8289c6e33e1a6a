//! Points in time as the vendors write them.

use std::time::SystemTime;

use jiff::SignedDuration;
use jiff::civil::DateTime;

/// Unix time in milliseconds; 0 for anything before 1970.
pub(crate) fn unix_ms(time: SystemTime) -> u64 {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// `2026-04-29T12:00:00Z`, with milliseconds if there are any; at most the end of the year 9999.
pub(crate) fn rfc3339(ms: u64) -> String {
    let since = SignedDuration::from_millis(i64::try_from(ms).unwrap_or(i64::MAX));
    let time = DateTime::constant(1970, 1, 1, 0, 0, 0, 0).saturating_add(since);
    if time.subsec_nanosecond() == 0 { format!("{time}Z") } else { format!("{time:.3}Z") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (ms, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400_000, "2000-02-29T00:00:00Z"),
            (1_777_464_000_000, "2026-04-29T12:00:00Z"),
            (1_798_761_599_999, "2026-12-31T23:59:59.999Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00Z"),
            (u64::MAX, "9999-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(rfc3339(ms), text);
        }
    }
}
