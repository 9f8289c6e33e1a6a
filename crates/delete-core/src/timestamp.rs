//! Times as vendors write them: RFC 3339 text, or a count since 1970.

use std::time::{Duration, SystemTime};

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Time, date};
use jiff::fmt::temporal::Pieces;
use jiff::tz::Offset;

const EPOCH: DateTime = date(1970, 1, 1).at(0, 0, 0, 0);
const FIRST: DateTime = date(1, 1, 1).at(0, 0, 0, 0);

/// Reads an RFC 3339 time such as `2026-04-29T12:00:00.5+02:00`.
///
/// It may have a space for `T`, lower-case letters, and no offset, which means UTC. Digits below a nanosecond are dropped,
/// and a leap second counts as the second after it. Anything else is `None`.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use delete_core::timestamp;
///
/// let time = timestamp::parse("2026-04-29T12:00:00Z").unwrap();
/// assert_eq!(timestamp::format(time), "2026-04-29T12:00:00Z");
/// assert_eq!(timestamp::parse("1970-01-01T01:00:00+01:00"), Some(SystemTime::UNIX_EPOCH));
/// assert_eq!(timestamp::parse("yesterday"), None);
/// ```
pub fn parse(text: &str) -> Option<SystemTime> {
    let (seconds, rest) = text.split_at_checked(19)?;
    // ISO 8601 has other forms, such as a time without seconds, which RFC 3339 does not.
    if seconds.as_bytes()[16] != b':' || rest.contains(['[', ',']) {
        return None;
    }
    let (fraction, offset) = rest.split_at(rest.find(|c: char| c != '.' && !c.is_ascii_digit()).unwrap_or(rest.len()));
    let text = format!("{seconds}{}{offset}", fraction.get(..10).unwrap_or(fraction));
    let pieces = Pieces::parse(&text).ok()?;
    let offset = pieces.to_numeric_offset().unwrap_or(Offset::UTC);
    let leap = SignedDuration::from_secs(i64::from(seconds.ends_with("60")));
    at(pieces.date().to_datetime(pieces.time()?), leap - SignedDuration::from_secs(offset.seconds().into()))
}

/// Reads a date such as `2026-04-29`, as its first moment in UTC.
pub fn parse_date(text: &str) -> Option<SystemTime> {
    let date: Date = text.parse().ok().filter(|date: &Date| date.to_string() == text)?;
    at(date.to_datetime(Time::midnight()), SignedDuration::ZERO)
}

/// The time so many seconds after 1970; `None` if it is out of range.
pub fn from_unix_seconds(seconds: i64) -> Option<SystemTime> {
    at(EPOCH, SignedDuration::from_secs(seconds))
}

/// The time so many milliseconds after 1970; `None` if it is out of range.
pub fn from_unix_millis(milliseconds: i64) -> Option<SystemTime> {
    at(EPOCH, SignedDuration::from_millis(milliseconds))
}

/// Whole milliseconds since 1970, rounded down.
pub fn unix_millis(time: SystemTime) -> i64 {
    let nanos = since_epoch(time).as_nanos().div_euclid(1_000_000);
    i64::try_from(nanos).unwrap_or(if nanos < 0 { i64::MIN } else { i64::MAX })
}

/// Whole seconds since 1970, rounded down.
pub fn unix_seconds(time: SystemTime) -> i64 {
    let since = since_epoch(time);
    since.as_secs() - i64::from(since.subsec_nanos() < 0)
}

/// The time as RFC 3339 text in UTC, with as many digits of the second as it has. A time that RFC 3339 cannot write, before
/// the year 1 or after 9999, becomes the nearest one that it can.
pub fn format(time: SystemTime) -> String {
    let time = EPOCH.saturating_add(since_epoch(time)).max(FIRST);
    format!("{time}Z")
}

/// The moment `offset` after this one, if its year is from 1 to 9999.
fn at(time: DateTime, offset: SignedDuration) -> Option<SystemTime> {
    let since = time.checked_add(offset).ok().filter(|time| *time >= FIRST)?.duration_since(EPOCH);
    let distance = since.unsigned_abs();
    match since.is_negative() {
        false => SystemTime::UNIX_EPOCH.checked_add(distance),
        true => SystemTime::UNIX_EPOCH.checked_sub(distance),
    }
}

fn since_epoch(time: SystemTime) -> SignedDuration {
    let signed = |duration: Duration| SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX);
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => signed(after),
        Err(before) => -signed(before.duration()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The moments of the years 1 to 9999, which RFC 3339 can write.
    const RANGE: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

    fn time(seconds: i64, nanoseconds: u32) -> Option<SystemTime> {
        from_unix_seconds(seconds)?.checked_add(Duration::from_nanos(nanoseconds.into()))
    }

    #[test]
    fn the_forms_of_the_vendors_are_read() {
        for (text, seconds, nanoseconds) in [
            ("1970-01-01T00:00:00Z", 0, 0),
            ("2026-04-29T12:00:00Z", 1_777_464_000, 0),
            ("2026-04-29t14:00:00.25+02:00", 1_777_464_000, 250_000_000),
            ("2026-04-29 07:00:00.123456789987-05:00", 1_777_464_000, 123_456_789),
            ("2026-04-29T12:00:00", 1_777_464_000, 0),
            ("2024-02-29T23:59:60Z", 1_709_251_200, 0),
            ("1969-12-31T23:59:59.5Z", -1, 500_000_000),
        ] {
            assert_eq!(parse(text), time(seconds, nanoseconds), "{text}");
        }
        assert_eq!(parse_date("2026-04-29"), parse("2026-04-29T00:00:00Z"));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "2026-04-29",
            "2026-04-29T12:00Z",
            "2026-13-01T00:00:00Z",
            "2026-02-29T00:00:00Z",
            "2026-00-10T00:00:00Z",
            "2026-04-29T24:00:00Z",
            "2026-04-29T12:00:61Z",
            "2026-04-29T12:00:00.Z",
            "2026-04-29T12:00:00+2:00",
            "2026-04-29T12:00:00ZZ",
            "2026-04-29T12:00:00é",
            "+026-04-29T12:00:00Z",
            "Wed, 29 Apr 2026 12:00:00 GMT",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn counts_are_rounded_down() {
        let time = parse("1969-12-31T23:59:59.9995Z").unwrap();
        assert_eq!((unix_seconds(time), unix_millis(time)), (-1, -1));
        assert_eq!(from_unix_millis(-1), parse("1969-12-31T23:59:59.999Z"));
        assert_eq!(from_unix_seconds(i64::MAX), None);
    }

    proptest! {
        #[test]
        fn a_time_that_is_written_reads_back(seconds in RANGE, nanoseconds in 0..1_000_000_000_u32) {
            let time = time(seconds, nanoseconds).unwrap();
            prop_assert_eq!(parse(&format(time)), Some(time));
        }

        #[test]
        fn no_text_panics(text in ".{0,40}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.Z+-]{0,24}") {
            let _ = parse(&text);
            let _ = parse_date(&text);
        }
    }
}
