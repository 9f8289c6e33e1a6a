//! One upload by cargo, and what cargo says of it. It is a hint: only the index knows.

use std::time::{Duration, SystemTime};

use xshell::Shell;

use super::destination::Destination;
use super::package::Tree;
use crate::Result;

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// The registry took it.
    Accepted,
    /// The registry wants fewer uploads, none before this time where it names one.
    TooSoon(Option<SystemTime>),
    /// Nothing was sent, or the registry refused it for good, in cargo's words.
    Refused(String),
    /// Something else, in cargo's words. The registry may have taken it all the same.
    Failed(String),
}

pub(super) fn upload(
    shell: &Shell,
    destination: &Destination,
    package: &str,
    tree: Tree,
    now: SystemTime,
) -> Result<Said> {
    let output = destination.publish_command(shell, package, tree).quiet().ignore_status().output()?;
    let text = String::from_utf8_lossy(&output.stderr);
    if output.status.success() { Ok(Said::Accepted) } else { Ok(said_by(&text, now)) }
}

fn said_by(text: &str, now: SystemTime) -> Said {
    if text.contains("status 429") || text.contains("got 429") {
        Said::TooSoon(named_time(text, now))
    } else if !text.contains("Uploading ") || text.contains("(status 4") {
        Said::Refused(text.trim().to_owned())
    } else {
        Said::Failed(text.trim().to_owned())
    }
}

/// The time that a refusal names: the public registry writes a date into its text, others send `Retry-After`, which
/// cargo shows among the headers.
fn named_time(text: &str, now: SystemTime) -> Option<SystemTime> {
    let dates = text.match_indices(" GMT").filter_map(|(end, mark)| {
        let begin = (end + mark.len()).checked_sub("Sun, 06 Nov 1994 08:49:37 GMT".len())?;
        httpdate::parse_http_date(text.get(begin..end + mark.len())?).ok()
    });
    // A header `date` names the present: only what lies ahead is a time to wait for.
    dates.filter(|date| *date > now).max().or_else(|| {
        let after = text
            .lines()
            .find_map(|line| line.trim().to_ascii_lowercase().strip_prefix("retry-after:")?.trim().parse().ok());
        now.checked_add(Duration::from_secs(after?))
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // A failed unwrap is a failed test.

    use super::*;

    fn now() -> SystemTime {
        httpdate::parse_http_date("Sun, 22 Nov 2026 08:00:00 GMT").unwrap()
    }

    #[test]
    fn the_date_in_the_text_of_a_429_is_found() {
        let text = "error: failed to publish to registry\n\nCaused by:\n  the remote server responded with an error (status \
                    429 Too Many Requests): You have published too many new crates in a short period of time. Please try \
                    again after Sun, 22 Nov 2026 08:10:00 GMT or write to us";
        assert_eq!(said_by(text, now()), Said::TooSoon(Some(now() + Duration::from_secs(600))));
    }

    #[test]
    fn the_header_of_a_429_is_found_and_its_date_is_no_time_to_wait_for() {
        let text = "failed to get a 200 OK response, got 429\nheaders:\n\tHTTP/1.1 429 -\n\tdate: Sun, 22 Nov 2026 \
                    07:59:59 GMT\n\tRetry-After: 90\nbody:\n";
        assert_eq!(said_by(text, now()), Said::TooSoon(Some(now() + Duration::from_secs(90))));
    }

    #[test]
    fn a_429_may_name_no_time() {
        for text in
            ["(status 429 Too Many Requests): later", "got 429 … after Sun, 99 Nov 2026 08:10:00 GMT", "got 429 GMT"]
        {
            assert_eq!(said_by(text, now()), Said::TooSoon(None));
        }
    }

    #[test]
    fn anything_else_is_given_on_in_cargos_words() {
        let text =
            "   Uploading x\nerror: the remote server responded with an error (status 503 Service Unavailable): 4290";
        assert_eq!(said_by(text, now()), Said::Failed(text.trim().to_owned()));
    }

    #[test]
    fn what_was_not_sent_or_is_refused_is_not_tried_again() {
        for text in
            ["error: failed to prepare local package", "   Uploading x\nerror: (status 403 Forbidden): no token"]
        {
            assert_eq!(said_by(text, now()), Said::Refused(text.trim().to_owned()));
        }
    }
}
