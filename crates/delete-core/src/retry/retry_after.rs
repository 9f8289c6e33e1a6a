//! The `Retry-After` header (RFC 9110, section 10.2.3) in every form that servers send.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, header};

/// Returns the longest wait that the headers of a response name as `Retry-After`, or `None` if they name none that can be
/// read. It may be as long as `u64::MAX` seconds. A date is compared with the response's own `Date`, or else with `now`.
pub fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let date = headers.get(header::DATE).and_then(|date| date.to_str().ok());
    let values = headers.get_all(header::RETRY_AFTER).iter().filter_map(|value| value.to_str().ok());
    values.filter_map(|value| parse(value, date, now)).max()
}

/// The wait that the header names, never shortened; `None` if it cannot be read.
///
/// Reads whole and decimal seconds and the three forms of an HTTP date. A date is compared with the response's own `Date`
/// (`server_now`), and with the local clock only if there is none, so that a wrong local clock neither shortens nor extends
/// the wait. A time in the past and a negative number mean no wait.
fn parse(value: &str, server_now: Option<&str>, our_now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    // A proxy may have merged several headers into one.
    let seconds: Option<Vec<Duration>> = value.split(',').map(|part| parse_seconds(part.trim())).collect();
    if let Some(seconds) = seconds {
        return seconds.into_iter().max();
    }
    let until = httpdate::parse_http_date(value).ok()?;
    let server_now = server_now.and_then(|date| httpdate::parse_http_date(date.trim()).ok());
    Some(until.duration_since(server_now.unwrap_or(our_now)).unwrap_or(Duration::ZERO))
}

/// Whole seconds of any size, with or without a sign or a fraction; a fraction is rounded up.
fn parse_seconds(value: &str) -> Option<Duration> {
    let (negative, digits) = match value.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, value.strip_prefix('+').unwrap_or(value)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) {
        return None;
    }
    if negative {
        return Some(Duration::ZERO);
    }
    // Digits alone fail to parse only if they are too many: a wait without end.
    let seconds = whole.parse().unwrap_or(u64::MAX);
    let up = u64::from(fraction.bytes().any(|b| b != b'0'));
    Some(Duration::from_secs(seconds.saturating_add(up)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: &str = "Sun, 06 Nov 1994 08:49:37 GMT";

    fn now() -> SystemTime {
        httpdate::parse_http_date(NOW).unwrap()
    }

    fn seconds(value: &str) -> Option<u64> {
        parse(value, None, now()).map(|wait| wait.as_secs())
    }

    #[test]
    fn reads_seconds() {
        for (value, expected) in [
            ("0", Some(0)),
            ("120", Some(120)),
            (" 7 ", Some(7)),
            ("+7", Some(7)),
            ("007", Some(7)),
            ("1.5", Some(2)),
            ("1.0", Some(1)),
            ("0.001", Some(1)),
            ("-1", Some(0)),
            ("86400", Some(86400)),
            ("5, 9,7", Some(9)),
            ("99999999999999999999999999", Some(u64::MAX)),
        ] {
            assert_eq!(seconds(value), expected, "{value:?}");
        }
    }

    #[test]
    fn reads_the_three_forms_of_a_date() {
        for date in ["Sun, 06 Nov 1994 08:51:37 GMT", "Sunday, 06-Nov-94 08:51:37 GMT", "Sun Nov  6 08:51:37 1994"] {
            assert_eq!(seconds(date), Some(120), "{date}");
        }
        assert_eq!(seconds("Sun, 06 Nov 1994 08:00:00 GMT"), Some(0));
    }

    #[test]
    fn a_wrong_clock_of_ours_does_not_change_the_wait() {
        let hour = Duration::from_secs(3600);
        for ours in [now() + hour, now() - hour, now()] {
            let wait = parse("Sun, 06 Nov 1994 08:51:37 GMT", Some(NOW), ours);
            assert_eq!(wait, Some(Duration::from_secs(120)));
        }
        let without_date = parse("Sun, 06 Nov 1994 08:51:37 GMT", None, now() - hour);
        assert_eq!(without_date, Some(Duration::from_secs(3720)));
        let unreadable_date = parse("Sun, 06 Nov 1994 08:51:37 GMT", Some("yesterday"), now());
        assert_eq!(unreadable_date, Some(Duration::from_secs(120)));
    }

    #[test]
    fn an_invalid_value_is_ignored() {
        for value in ["", " ", "abc", "-", "+", ".", "1.", ".5", "1e3", "0x10", "1 2", "١٢", "NaN", "inf", "soon, 5"]
        {
            assert_eq!(seconds(value), None, "{value:?}");
        }
    }

    #[test]
    fn of_several_headers_the_longest_counts() {
        let wait = |headers: &[(&'static str, &'static str)]| {
            let pairs = headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
            retry_after(&pairs.collect(), now()).map(|wait| wait.as_secs())
        };
        let in_two_minutes = ("retry-after", "Sun, 06 Nov 1994 08:51:37 GMT");
        assert_eq!(wait(&[("retry-after", "7"), ("retry-after", "90"), ("retry-after", "soon")]), Some(90));
        assert_eq!(wait(&[in_two_minutes, ("retry-after", "7")]), Some(120));
        assert_eq!(wait(&[in_two_minutes, ("date", "Sun, 06 Nov 1994 08:51:07 GMT")]), Some(30));
        assert_eq!(wait(&[("retry-after", "soon")]), None);
        assert_eq!(wait(&[]), None);
    }

    proptest! {
        #[test]
        fn never_panics(value in any::<String>(), date in any::<String>()) {
            let _ = parse(&value, Some(&date), now());
        }

        #[test]
        fn never_shortens_seconds(seconds in any::<u64>(), fraction in 0_u32..1000) {
            let wait = parse(&format!("{seconds}.{fraction:03}"), None, now()).unwrap();
            prop_assert!(wait >= Duration::from_secs(seconds).saturating_add(Duration::from_millis(fraction.into()))
                || wait == Duration::from_secs(u64::MAX));
            prop_assert_eq!(parse(&seconds.to_string(), None, now()), Some(Duration::from_secs(seconds)));
        }

        #[test]
        fn never_shortens_a_date(ahead in 0_u64..4_000_000_000, skew in 0_u64..1_000_000) {
            let date = httpdate::fmt_http_date(now() + Duration::from_secs(ahead));
            let ours = now() + Duration::from_secs(skew);
            prop_assert_eq!(parse(&date, Some(NOW), ours), Some(Duration::from_secs(ahead)));
        }
    }
}
