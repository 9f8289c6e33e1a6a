//! Times as the vendors write them: RFC 3339 text, or a count since 1970.

use std::ops::RangeInclusive;
use std::time::{Duration, SystemTime};

const SECONDS_A_DAY: i64 = 86_400;

/// Reads an RFC 3339 time such as `2026-04-29T12:00:00.5+02:00`.
///
/// Taken as well: a space or lower-case letters in the place of `T` and `Z`, and a time without an offset, which is read
/// as UTC. What is finer than a nanosecond is dropped, and a leap second counts as the second after it. `None` for
/// anything else.
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
    let (date, rest) = text.split_at_checked(10)?;
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let (time, rest) = rest.split_at_checked(8)?;
    let (nanoseconds, rest) = parse_fraction(rest)?;
    let seconds = parse_day(date)? * SECONDS_A_DAY + parse_time(time)? - parse_offset(rest)?;
    at(seconds, nanoseconds)
}

/// Reads a date such as `2026-04-29`, as its first moment in UTC.
pub fn parse_date(text: &str) -> Option<SystemTime> {
    at(parse_day(text)? * SECONDS_A_DAY, 0)
}

/// The time so many seconds after 1970; `None` where it is out of range.
pub fn from_unix_seconds(seconds: i64) -> Option<SystemTime> {
    at(seconds, 0)
}

/// The time so many milliseconds after 1970; `None` where it is out of range.
pub fn from_unix_millis(milliseconds: i64) -> Option<SystemTime> {
    at(milliseconds.div_euclid(1000), milliseconds.rem_euclid(1000) as u32 * 1_000_000)
}

/// Whole milliseconds since 1970, rounded down.
pub fn unix_millis(time: SystemTime) -> i64 {
    let (seconds, nanoseconds) = since_epoch(time);
    seconds.saturating_mul(1000).saturating_add(i64::from(nanoseconds / 1_000_000))
}

/// Whole seconds since 1970, rounded down.
pub fn unix_seconds(time: SystemTime) -> i64 {
    since_epoch(time).0
}

/// The time as RFC 3339 text in UTC, with as much of the second as there is.
pub fn format(time: SystemTime) -> String {
    let (seconds, nanoseconds) = since_epoch(time);
    let (year, month, day) = civil(seconds.div_euclid(SECONDS_A_DAY));
    let of_day = seconds.rem_euclid(SECONDS_A_DAY);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    let fraction = match nanoseconds {
        0 => String::new(),
        _ => format!(".{nanoseconds:09}").trim_end_matches('0').to_owned(),
    };
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
}

/// The moments of the years 1 to 9999, beyond which RFC 3339 cannot write.
const RANGE: RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

fn at(seconds: i64, nanoseconds: u32) -> Option<SystemTime> {
    if !RANGE.contains(&seconds) {
        return None;
    }
    let whole = Duration::from_secs(seconds.unsigned_abs());
    let time = match seconds {
        0.. => SystemTime::UNIX_EPOCH.checked_add(whole),
        _ => SystemTime::UNIX_EPOCH.checked_sub(whole),
    };
    time?.checked_add(Duration::from_nanos(nanoseconds.into()))
}

fn since_epoch(time: SystemTime) -> (i64, u32) {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => (after.as_secs() as i64, after.subsec_nanos()),
        Err(before) => {
            let before = before.duration();
            match before.subsec_nanos() {
                0 => (-(before.as_secs() as i64), 0),
                nanoseconds => (-(before.as_secs() as i64) - 1, 1_000_000_000 - nanoseconds),
            }
        }
    }
}

/// The number of days from 1970-01-01 to `YYYY-MM-DD`.
fn parse_day(date: &str) -> Option<i64> {
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let is_real = (1..=12).contains(&month) && (1..=days_in(year, month)).contains(&day);
    is_real.then(|| days_before(year, month) + day - 1)
}

/// Seconds of the day at `HH:MM:SS`.
fn parse_time(time: &str) -> Option<i64> {
    let [hour, minute, second] = numbers(time, ':', [2, 2, 2])?;
    (hour < 24 && minute < 60 && second <= 60).then_some(hour * 3600 + minute * 60 + second)
}

/// Nanoseconds of `.5` at the beginning of a text, and the rest of it.
fn parse_fraction(text: &str) -> Option<(u32, &str)> {
    let Some(digits) = text.strip_prefix('.') else { return Some((0, text)) };
    let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    let (digits, rest) = digits.split_at(end);
    let first_nine = format!("{:0<9}", digits.get(..9).unwrap_or(digits));
    (!digits.is_empty()).then_some((first_nine.parse().ok()?, rest))
}

/// Seconds that the local time of `Z`, `+HH:MM` or nothing is ahead of UTC.
fn parse_offset(text: &str) -> Option<i64> {
    let (sign, rest) = match text.as_bytes().first() {
        None => return Some(0),
        Some(b'Z' | b'z') => return (text.len() == 1).then_some(0),
        Some(b'+') => (1, &text[1..]),
        Some(b'-') => (-1, &text[1..]),
        Some(_) => return None,
    };
    let [hour, minute] = numbers(rest, ':', [2, 2])?;
    (hour < 24 && minute < 60).then_some(sign * (hour * 3600 + minute * 60))
}

/// Numbers of exactly these lengths, with `separator` between them and nothing else.
fn numbers<const N: usize>(text: &str, separator: char, lengths: [usize; N]) -> Option<[i64; N]> {
    let mut parts = text.split(separator);
    let mut numbers = [0; N];
    for (number, length) in numbers.iter_mut().zip(lengths) {
        let part = parts.next().filter(|part| part.len() == length && part.bytes().all(|b| b.is_ascii_digit()))?;
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(numbers)
}

fn is_leap(year: i64) -> bool {
    (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
}

fn days_in(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to the first day of this month.
fn days_before(year: i64, month: i64) -> i64 {
    let years = year - 1;
    let before_year = years * 365 + years.div_euclid(4) - years.div_euclid(100) + years.div_euclid(400) - 719_162;
    before_year + (1..month).map(|month| days_in(year, month)).sum::<i64>()
}

/// The date so many days after 1970-01-01.
fn civil(days: i64) -> (i64, i64, i64) {
    // 400 years have 146,097 days; the estimate is never more than a year off.
    let mut year = 1970 + days * 400 / 146_097;
    while days < days_before(year, 1) {
        year -= 1;
    }
    while days >= days_before(year + 1, 1) {
        year += 1;
    }
    let mut month = 12;
    while days < days_before(year, month) {
        month -= 1;
    }
    (year, month, days - days_before(year, month) + 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_what_vendors_write() {
        for (text, seconds, nanoseconds) in [
            ("1970-01-01T00:00:00Z", 0, 0),
            ("2026-04-29T12:00:00Z", 1_777_464_000, 0),
            ("2026-04-29t14:00:00.25+02:00", 1_777_464_000, 250_000_000),
            ("2026-04-29 07:00:00.123456789987-05:00", 1_777_464_000, 123_456_789),
            ("2026-04-29T12:00:00", 1_777_464_000, 0),
            ("2024-02-29T23:59:60Z", 1_709_251_200, 0),
            ("1969-12-31T23:59:59.5Z", -1, 500_000_000),
        ] {
            assert_eq!(parse(text), at(seconds, nanoseconds), "{text}");
        }
        assert_eq!(parse_date("2026-04-29"), parse("2026-04-29T00:00:00Z"));
    }

    #[test]
    fn refuses_what_is_no_time() {
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
            let time = at(seconds, nanoseconds).unwrap();
            prop_assert_eq!(parse(&format(time)), Some(time));
        }

        #[test]
        fn no_text_panics(text in ".{0,40}|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.Z+-]{0,24}") {
            let _ = parse(&text);
            let _ = parse_date(&text);
        }
    }
}
