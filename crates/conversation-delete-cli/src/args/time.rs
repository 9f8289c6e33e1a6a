//! Times, durations and rates among the arguments.

use std::time::{Duration, SystemTime};

use delete_core::timestamp;

/// The longest duration that is taken: a hundred years. The system's clocks reach that far.
const LONGEST: Duration = Duration::from_secs(36_500 * 24 * 60 * 60);

/// How a duration is written, for error messages.
const SYNTAX: &str = "give numbers with the units w, d, h, m, s or ms, such as 500ms, 1.5s, 10m30s, 1h30m or 2w";

const NANOS_PER_SECOND: u128 = 1_000_000_000;

/// The units, from the largest to the smallest, with their nanoseconds.
const UNITS: [(&str, u128); 6] = [
    ("w", 7 * 24 * 60 * 60 * NANOS_PER_SECOND),
    ("d", 24 * 60 * 60 * NANOS_PER_SECOND),
    ("h", 60 * 60 * NANOS_PER_SECOND),
    ("m", 60 * NANOS_PER_SECOND),
    ("s", NANOS_PER_SECOND),
    ("ms", NANOS_PER_SECOND / 1000),
];

/// A duration above zero. A single number without a unit is seconds, as in the tools around it.
pub(super) fn parse_duration(text: &str) -> Result<Duration, String> {
    match parse_wait(text)? {
        Duration::ZERO => Err("it must be above 0".to_owned()),
        duration => Ok(duration),
    }
}

/// The same, or 0 for not at all.
pub(super) fn parse_wait(text: &str) -> Result<Duration, String> {
    let duration = match is_number(text) {
        true => scaled(text, NANOS_PER_SECOND)?,
        false => parse_units(text)?,
    };
    if duration > LONGEST { Err(too_long()) } else { Ok(duration) }
}

/// Numbers with their units, the largest unit first and each at most once. The last number may have a fraction.
fn parse_units(text: &str) -> Result<Duration, String> {
    let mut rest = text;
    let mut total = Duration::ZERO;
    let mut larger = u128::MAX;
    while !rest.is_empty() || larger == u128::MAX {
        let (number, tail) = rest.split_at(rest.find(|c: char| c.is_ascii_alphabetic()).ok_or(SYNTAX)?);
        let (unit, tail) = tail.split_at(tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len()));
        let (_, nanos) = UNITS.into_iter().find(|(name, _)| *name == unit).ok_or(SYNTAX)?;
        if nanos >= larger {
            return Err(format!("each unit once, the largest first: {SYNTAX}"));
        }
        if number.contains('.') && !tail.is_empty() {
            return Err(format!("only the last number may have a fraction: {SYNTAX}"));
        }
        total = total.checked_add(scaled(number, nanos)?).ok_or_else(too_long)?;
        (rest, larger) = (tail, nanos);
    }
    Ok(total)
}

/// A decimal number of a unit. What lies below a nanosecond is dropped.
fn scaled(number: &str, unit: u128) -> Result<Duration, String> {
    if !is_number(number) {
        return Err(SYNTAX.to_owned());
    }
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let fraction = fraction.get(..fraction.len().min(15)).unwrap_or_default();
    let digits = |text: &str| if text.is_empty() { Ok(0) } else { text.parse::<u128>().map_err(|_| too_long()) };
    let part = digits(fraction)? * unit / 10_u128.pow(fraction.len() as u32);
    let nanos = digits(whole)?.checked_mul(unit).and_then(|whole| whole.checked_add(part)).ok_or_else(too_long)?;
    let seconds = u64::try_from(nanos / NANOS_PER_SECOND).map_err(|_| too_long())?;
    Ok(Duration::new(seconds, (nanos % NANOS_PER_SECOND) as u32))
}

/// Digits, with a decimal point between two of them at most.
fn is_number(text: &str) -> bool {
    let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match text.split_once('.') {
        Some((whole, fraction)) => are_digits(whole) && are_digits(fraction),
        None => are_digits(text),
    }
}

fn too_long() -> String {
    "it is too long: at most 36500d".to_owned()
}

/// An age above zero, with its units.
pub(super) fn parse_age(text: &str) -> Result<Duration, String> {
    match parse_units(text).map_err(|error| format!("give an age such as 90d: {error}"))? {
        Duration::ZERO => Err("it must be above 0".to_owned()),
        age if age > LONGEST => Err(too_long()),
        age => Ok(age),
    }
}

/// A bound in time, as it was given. An age is counted when the vendor is asked, and only as good as our clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moment {
    At(SystemTime),
    Ago(Duration),
}

/// A time, a date, or an age.
pub(super) fn parse_moment(text: &str) -> Result<Moment, String> {
    parse_moment_at(text, SystemTime::now())
}

fn parse_moment_at(text: &str, now: SystemTime) -> Result<Moment, String> {
    if let Some(time) = timestamp::parse(text).or_else(|| timestamp::parse_date(text)) {
        return Ok(Moment::At(time));
    }
    let ago = parse_ago(text)?;
    // RFC 3339 knows no year before the first, and `timestamp` none that it could not write.
    let earliest = timestamp::parse_date("0001-01-01").ok_or("there is no earliest time")?;
    match now.checked_sub(ago).filter(|time| *time >= earliest) {
        Some(_) => Ok(Moment::Ago(ago)),
        None => Err("that is too long ago".to_owned()),
    }
}

/// A duration with its units. A number alone is refused here: who writes `--until 90` means days, and seconds would
/// select almost every record.
fn parse_ago(text: &str) -> Result<Duration, String> {
    if is_number(text) {
        return Err(format!("an age needs a unit: {SYNTAX}"));
    }
    parse_units(text).map_err(|error| {
        format!("{error}; or give a time such as 2026-04-29T12:00:00Z, or a date such as 2026-04-29 (midnight UTC)")
    })
}

/// A number of requests in a second.
pub(super) fn parse_rate(text: &str) -> Result<f64, String> {
    let rate = text.parse::<f64>().ok().filter(|rate| rate.is_finite() && *rate >= 0.001);
    rate.ok_or_else(|| "give a number of requests in a second, such as 20 or 0.5".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every form of a duration, with its milliseconds.
    const FORMS: [(&str, u64); 14] = [
        ("500ms", 500),
        ("30s", 30_000),
        ("1.5s", 1_500),
        ("0.25h", 900_000),
        ("2m", 120_000),
        ("12h", 43_200_000),
        ("14h", 50_400_000),
        ("1d", 86_400_000),
        ("1.5d", 129_600_000),
        ("2w", 1_209_600_000),
        ("10m30s", 630_000),
        ("1h30m", 5_400_000),
        ("1w2d3h4m5s6ms", 788_645_006),
        ("1h0.5s", 3_600_500),
    ];

    #[test]
    fn one_grammar_holds_for_every_duration_and_age() {
        let now = timestamp::parse("2026-04-29T12:00:00Z").unwrap();
        for (text, milliseconds) in FORMS {
            let duration = Duration::from_millis(milliseconds);
            assert_eq!(parse_duration(text), Ok(duration), "{text}");
            assert_eq!(parse_wait(text), Ok(duration), "{text}");
            assert_eq!(parse_moment_at(text, now), Ok(Moment::Ago(duration)), "{text}");
        }
        for (text, seconds) in [("30", 30), ("0.5", 0), ("36500d", 3_153_600_000)] {
            assert_eq!(parse_duration(text).map(|duration| duration.as_secs()), Ok(seconds), "{text}");
        }
        assert_eq!(parse_duration("0s"), Err("it must be above 0".to_owned()));
        assert_eq!((parse_wait("0"), parse_wait("0s")), (Ok(Duration::ZERO), Ok(Duration::ZERO)));
    }

    #[test]
    fn what_is_no_duration_is_refused_with_the_grammar() {
        let now = timestamp::parse("2026-04-29T12:00:00Z").unwrap();
        for text in [
            "", "s", "d", "-1s", "+1s", "-1d", ".5s", "1.", "1e3", "30 s", "1 d", "inf", "nan", "1h30", "1m1h", "1h1h",
            "1.5h30m", "1S", "1D", "1y", "1min", "é", "1é", "1..5s", "1.5.5s",
        ] {
            assert!(parse_duration(text).unwrap_err().contains("10m30s"), "{text}");
            assert!(parse_wait(text).is_err() && parse_moment_at(text, now).is_err(), "{text}");
        }
        for text in ["7", "90", "1.5"] {
            assert!(parse_moment_at(text, now).unwrap_err().contains("needs a unit"), "{text}");
        }
    }

    #[test]
    fn a_duration_that_no_clock_reaches_is_refused() {
        let now = timestamp::parse("2026-04-29T12:00:00Z").unwrap();
        for text in [
            "9999999999999h",
            "99999999999999999999d",
            "99999999999999999999999999999999999999999999w",
            "18446744073709551615s1ms",
            "18446744073709551616",
        ] {
            assert_eq!(parse_duration(text), Err("it is too long: at most 36500d".to_owned()), "{text}");
            assert!(parse_moment_at(text, now).is_err(), "{text}");
        }
        assert_eq!(parse_duration("36501d"), Err("it is too long: at most 36500d".to_owned()));
        assert_eq!(parse_moment_at("999999d", now), Err("that is too long ago".to_owned()));
    }

    #[test]
    fn moments_are_times_and_dates_too() {
        let now = timestamp::parse("2026-04-29T12:00:00Z").unwrap();
        for (text, expected) in
            [("2026-04-01T00:00:00+02:00", "2026-03-31T22:00:00Z"), ("2026-04-01", "2026-04-01T00:00:00Z")]
        {
            let time = Moment::At(timestamp::parse(expected).unwrap());
            assert_eq!(parse_moment_at(text, now), Ok(time), "{text}");
        }
        for text in ["2026-13-01", "yesterday"] {
            assert!(parse_moment_at(text, now).is_err(), "{text}");
        }
        assert_eq!(parse_moment_at("0s", now), Ok(Moment::Ago(Duration::ZERO)));
    }

    #[test]
    fn a_rate_is_above_zero() {
        assert_eq!(parse_rate("0.5"), Ok(0.5));
        for text in ["0", "-1", "inf", "nan", "", "fast"] {
            assert!(parse_rate(text).is_err(), "{text}");
        }
    }
}
