//! Times and spans of time among the arguments.

use std::time::{Duration, SystemTime};

use delete_core::timestamp;

const LONGEST: Duration = Duration::from_secs(12 * 60 * 60);

/// A number and a unit; a bare number is seconds, as in the tools around it.
pub(super) fn parse_duration(text: &str) -> Result<Duration, String> {
    match parse_wait(text)? {
        Duration::ZERO => Err("it must be above 0".to_owned()),
        duration => Ok(duration),
    }
}

/// The same, or 0 for not at all.
pub(super) fn parse_wait(text: &str) -> Result<Duration, String> {
    let (number, unit) = text.split_at(text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len()));
    let seconds = match unit {
        "ms" => 0.001,
        "s" | "" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return Err("the unit is none of ms, s, m and h".to_owned()),
    };
    let is_number = number.starts_with(|c: char| c.is_ascii_digit()) && number.ends_with(|c: char| c.is_ascii_digit());
    let number = number.parse::<f64>().ok().filter(|_| is_number).ok_or("give a number and a unit, such as 30s")?;
    match Duration::try_from_secs_f64(number * seconds) {
        Ok(duration) if duration <= LONGEST => Ok(duration),
        _ => Err("it must be at most 12h".to_owned()),
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
    let ago = parse_ago(text).ok_or(
        "give a time such as 2026-04-29T12:00:00Z, a date such as 2026-04-29 (midnight UTC), \
         or how long ago it is: 45s, 30m, 12h, 90d, 2w",
    )?;
    // RFC 3339 knows no year before the first, and `timestamp` none that it could not write.
    let earliest = timestamp::parse_date("0001-01-01").ok_or("there is no earliest time")?;
    match now.checked_sub(ago).filter(|time| *time >= earliest) {
        Some(_) => Ok(Moment::Ago(ago)),
        None => Err("that is too long ago".to_owned()),
    }
}

/// A whole number and a unit. A bare number would be a riddle: days, or seconds since 1970?
fn parse_ago(text: &str) -> Option<Duration> {
    let unit = text.chars().next_back()?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 60 * 60,
        'd' => 24 * 60 * 60,
        'w' => 7 * 24 * 60 * 60,
        _ => return None,
    };
    let number = text.strip_suffix(unit).filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()))?;
    number.parse::<u64>().ok()?.checked_mul(seconds).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_by_their_unit() {
        for (text, milliseconds) in
            [("500ms", 500), ("30s", 30_000), ("30", 30_000), ("1.5s", 1_500), ("2m", 120_000), ("12h", 43_200_000)]
        {
            assert_eq!(parse_duration(text), Ok(Duration::from_millis(milliseconds)), "{text}");
            assert_eq!(parse_wait(text), parse_duration(text), "{text}");
        }
        for text in
            ["", "s", "0s", "-1s", "+1s", ".5s", "1.", "1e3", "1d", "13h", "30 s", "inf", "nan", "9999999999999h"]
        {
            assert!(parse_duration(text).is_err(), "{text}");
            assert_eq!(parse_wait(text).is_ok(), text == "0s", "{text}");
        }
        assert_eq!(parse_wait("0"), Ok(Duration::ZERO));
    }

    #[test]
    fn moments_are_times_dates_and_spans_before_now() {
        let now = timestamp::parse("2026-04-29T12:00:00Z").unwrap();
        for (text, expected) in
            [("2026-04-01T00:00:00+02:00", "2026-03-31T22:00:00Z"), ("2026-04-01", "2026-04-01T00:00:00Z")]
        {
            let time = Moment::At(timestamp::parse(expected).unwrap());
            assert_eq!(parse_moment_at(text, now), Ok(time), "{text}");
        }
        for (text, seconds) in
            [("45s", 45), ("30m", 1800), ("12h", 43_200), ("90d", 7_776_000), ("2w", 1_209_600), ("0s", 0)]
        {
            assert_eq!(parse_moment_at(text, now), Ok(Moment::Ago(Duration::from_secs(seconds))), "{text}");
        }
        for text in [
            "",
            "7",
            "d",
            "-1d",
            "+1d",
            "1.5d",
            "1D",
            "1y",
            "1 d",
            "é",
            "1é",
            "2026-13-01",
            "yesterday",
            "99999999999999999999d",
            "9999999999999d",
            "999999d",
        ] {
            assert!(parse_moment_at(text, now).is_err(), "{text}");
        }
    }
}
