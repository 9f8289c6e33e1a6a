//! One upload by cargo, and the output of cargo. It is a hint: only the index knows.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use xshell::Cmd;

use crate::Result;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// The registry took it.
    Accepted,
    /// The registry says that it has this version, from an earlier upload.
    AlreadyThere,
    /// The registry took nothing; it wants fewer uploads, none before this time where it names one.
    TooSoon(Option<SystemTime>),
    /// Nothing was sent, because cargo does not see yet what was published before.
    Unready,
    /// Nothing was sent, and trying again would be in vain.
    NotSent,
    /// The registry refused it; trying again would be in vain.
    Refused,
    /// Anything else. The registry may have taken it all the same.
    Failed,
}

/// Runs `cargo publish` to its end, shows what it says and gives it with what it means. `uploaded` hears of the
/// registry's yes at once: cargo goes on to wait for the index, and may be killed meanwhile.
pub(super) fn upload(
    command: Cmd<'_>,
    now: SystemTime,
    mut uploaded: impl FnMut() -> Result<()>,
) -> Result<(Said, String)> {
    let mut command = Command::from(command);
    let mut cargo = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn()?;
    let mut text = String::new();
    for line in cargo.stderr.take().into_iter().flat_map(|stderr| BufReader::new(stderr).split(b'\n')) {
        let line = String::from_utf8_lossy(&line?).into_owned();
        println!("    {}", line.trim_end());
        if line.trim_start().starts_with("Uploaded ") {
            uploaded()?;
        }
        text.push_str(&line);
        text.push('\n');
    }
    let said = if cargo.wait()?.success() { Said::Accepted } else { said_by(&text, now) };
    Ok((said, text))
}

/// What is not recognised counts as a failure that may have taken effect.
fn said_by(text: &str, now: SystemTime) -> Said {
    let says = |words: &str| text.contains(words);
    if text.lines().any(|line| line.contains("(status 429") || line.trim_end().ends_with("got 429")) {
        Said::TooSoon(named_time(text, now))
    } else if says("already uploaded") || says("already exists on") {
        Said::AlreadyThere
    } else if !says("Uploading ") {
        let is_unready = says("no matching package named") || says("failed to select a version");
        if is_unready { Said::Unready } else { Said::NotSent }
    } else if REFUSALS.iter().any(|status| says(&format!("(status {status}"))) {
        Said::Refused
    } else {
        Said::Failed
    }
}

/// Statuses that come from a registry and not from something on the way to it.
const REFUSALS: [u16; 5] = [400, 401, 403, 404, 422];

/// No registry means this long: what names more is taken for something else.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 3600);

/// The time that a refusal names. The public registry writes a date into its text, and cargo shows nothing else of its
/// answer; if a response is not JSON, cargo shows its headers, and `Retry-After` may be among them.
fn named_time(text: &str, now: SystemTime) -> Option<SystemTime> {
    let header = text.lines().find_map(|line| header(line, "retry-after"));
    let from_header = header.and_then(|value| match value.parse() {
        Ok(seconds) => now.checked_add(Duration::from_secs(seconds)),
        Err(_) => httpdate::parse_http_date(value).ok(),
    });
    let mut in_text = text.match_indices("after ").map(|(at, mark)| &text[at + mark.len()..]);
    let named = from_header.or_else(|| in_text.find_map(leading_date));
    named.filter(|time| time.duration_since(now).is_ok_and(|wait| wait <= LONGEST))
}

fn header<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    let (own, value) = line.split_once(':')?;
    own.trim().eq_ignore_ascii_case(name).then(|| value.trim())
}

fn leading_date(text: &str) -> Option<SystemTime> {
    httpdate::parse_http_date(text.get(.."Sun, 06 Nov 1994 08:49:37 GMT".len())?).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // A failed unwrap is a failed test.

    use super::*;

    fn now() -> SystemTime {
        httpdate::parse_http_date("Sun, 22 Nov 2026 08:00:00 GMT").unwrap()
    }

    fn after(seconds: u64) -> Said {
        Said::TooSoon(Some(now() + Duration::from_secs(seconds)))
    }

    #[test]
    fn the_date_in_the_text_of_a_429_is_found() {
        let text = "   Uploading x\nerror: failed to publish to registry\n\nCaused by:\n  the remote server responded with \
                    an error (status 429 Too Many Requests): You have published too many new crates in a short period of \
                    time. Please try again after Sun, 22 Nov 2026 08:10:00 GMT or write to us";
        assert_eq!(said_by(text, now()), after(600));
    }

    #[test]
    fn the_header_of_a_429_goes_before_any_other_date() {
        let text = "failed to get a 200 OK response, got 429\nheaders:\n\tHTTP/1.1 429 -\n\tdate: Sun, 22 Nov 2026 \
                    07:59:59 GMT\n\texpires: Thu, 01 Jan 2099 00:00:00 GMT\n\tRetry-After: 90\nbody:\n";
        assert_eq!(said_by(text, now()), after(90));
        let date = text.replace("Retry-After: 90", "retry-after: Sun, 22 Nov 2026 08:00:07 GMT");
        assert_eq!(said_by(&date, now()), after(7));
    }

    #[test]
    fn a_429_may_name_no_time_or_none_that_can_be_meant() {
        let absurd = ["99999999999999", "18446744073709551615", "-1", "soon", "Sun, 22 Nov 2026 07:00:00 GMT"];
        let headers = absurd.map(|value| format!("got 429\nheaders:\n\tretry-after: {value}\n"));
        let texts = ["(status 429 Too Many Requests): later", "x (status 429): after Sun, 99 Nov 2026 08:10:00 GMT"];
        for text in headers.iter().map(String::as_str).chain(texts) {
            assert_eq!(said_by(text, now()), Said::TooSoon(None), "{text}");
        }
    }

    #[test]
    fn a_page_that_speaks_of_429_is_none() {
        let text =
            "   Uploading x\nerror: failed to get a 200 OK response, got 500\nbody:\n<p>like status 429, got 429 times";
        assert_eq!(said_by(text, now()), Said::Failed);
    }

    #[test]
    fn what_may_have_arrived_is_told_from_what_is_in_vain() {
        let sent = |rest: &str| said_by(&format!("   Uploading x v0.1.0\nerror: {rest}"), now());
        for ambiguous in ["(status 503 Service Unavailable): 429", "(status 408 Timeout)", "broken pipe", ""] {
            assert_eq!(sent(ambiguous), Said::Failed);
        }
        assert_eq!(sent("(status 403 Forbidden): no token"), Said::Refused);
        assert_eq!(sent("(status 400 Bad Request): crate version `0.1.0` is already uploaded"), Said::AlreadyThere);
        assert_eq!(said_by("error: crate x@0.1.0 already exists on registry `y`", now()), Said::AlreadyThere);
        assert_eq!(said_by("error: no token found", now()), Said::NotSent);
        assert_eq!(said_by("error: no matching package named `base` found", now()), Said::Unready);
    }
}
