//! Publishes crate by crate. The output of cargo is a hint: whether a crate is published, the index decides.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use super::package::{self, IndexState, Packed};
use super::target_registry::TargetRegistry;
use crate::Result;
use crate::workspace::Workspace;

const LOOKUP_INTERVAL: Duration = Duration::from_secs(2);
/// How often an upload that may have been stored is repeated, and the wait before each retry.
const MAX_RETRIES: u32 = 2;
const RETRY_WAIT: Duration = Duration::from_secs(5);
/// The public registry accepts five new crates at once, and then one in this time.
const NEW_CRATE_INTERVAL: Duration = Duration::from_secs(600);
/// A longer throttle ends the run.
const MAX_THROTTLE: Duration = Duration::from_secs(24 * 3600);

/// What publishing depends on.
pub struct Publisher<'a> {
    /// The crates.
    pub workspace: &'a Workspace,
    /// Where they go.
    pub registry: &'a TargetRegistry,
    /// How long the index may take to show what the registry stored.
    pub index_lag: Duration,
    /// Waits.
    pub wait: &'a dyn Fn(Duration),
}

/// The commit and its changes. Cargo packs again what it uploads, so they must stay.
#[derive(PartialEq, Eq)]
struct Source {
    commit: String,
    changes: String,
}

#[derive(Debug, PartialEq, Eq)]
enum Reported {
    /// The registry has it, from this upload or an earlier one.
    Stored,
    /// Nothing was stored; no upload is accepted for this time.
    Throttled(Duration),
    /// Nothing was sent, for example because cargo does not see a dependency yet.
    NotSent,
    /// A retry would be in vain.
    Refused,
    /// Anything else. The registry may have stored it.
    Unknown,
}

impl Publisher<'_> {
    /// Publishes every package that the index does not hold, in order, and returns when it holds all. The run may be
    /// killed at any time and repeated: the registry refuses a version that it has.
    ///
    /// # Errors
    ///
    /// If the index holds a version with another checksum, or yanked. If the registry refuses an upload, three uploads
    /// fail, or the index does not show in time what the registry stored. If the tree changes meanwhile.
    pub fn publish(&self, packed: &[Packed]) -> Result<()> {
        let source = self.source()?;
        for packed in packed {
            if !self.is_published(packed, Duration::ZERO)? {
                self.upload_until_published(packed, &source)?;
            }
            report(packed, "is in the index, with the right checksum");
        }
        Ok(())
    }

    fn upload_until_published(&self, packed: &Packed, source: &Source) -> Result<()> {
        let (mut retries, mut not_sent_for) = (0, Duration::ZERO);
        loop {
            if self.source()? != *source {
                let Source { commit, changes } = source;
                return Err(format!(
                    "the tree changed during the release. It was, by commit and status:\n{commit}\n{changes}"
                )
                .into());
            }
            report(packed, "is uploaded:");
            let (reported, output) = self.upload(packed, package::dirty_option(&source.changes))?;
            let is_published = match reported {
                Reported::Stored | Reported::Unknown => self.is_published(packed, self.index_lag)?,
                Reported::Refused => self.is_published(packed, Duration::ZERO)?,
                Reported::Throttled(_) | Reported::NotSent => false,
            };
            if is_published {
                return Ok(());
            }
            match reported {
                Reported::Stored => return Err(not_shown(packed).into()),
                Reported::Throttled(time) if time <= MAX_THROTTLE => {
                    report(packed, &format!("waits {} s: the registry throttles uploads", time.as_secs()));
                    (self.wait)(time);
                }
                Reported::NotSent if not_sent_for < self.index_lag => {
                    not_sent_for += RETRY_WAIT;
                    (self.wait)(RETRY_WAIT);
                }
                Reported::Unknown if retries < MAX_RETRIES => {
                    retries += 1;
                    (self.wait)(RETRY_WAIT);
                }
                _ => return Err(gave_up(packed, &output).into()),
            }
        }
    }

    fn source(&self) -> Result<Source> {
        Ok(Source { commit: self.workspace.commit()?, changes: self.workspace.uncommitted()? })
    }

    /// Looks the package up until it is in the index or this time is over. Only a lag and an unreadable index may pass.
    fn is_published(&self, packed: &Packed, patience: Duration) -> Result<bool> {
        let mut left = patience;
        loop {
            let state = packed.state(self.registry);
            match &state {
                Ok(IndexState::Published) => return Ok(true),
                Ok(state) => packed.conflict(state).map_or(Ok(()), Err)?,
                Err(_) => {}
            }
            if left.is_zero() {
                return state.map(|_| false).map_err(|error| format!("{error}\nRun the command again later.").into());
            }
            let wait = left.min(LOOKUP_INTERVAL);
            (self.wait)(wait);
            left -= wait;
        }
    }

    /// Runs `cargo publish`, and returns its output and what that means. Builds nothing: `release check` does.
    fn upload(&self, packed: &Packed, dirty: Option<&str>) -> Result<(Reported, String)> {
        let shell = self.workspace.shell()?;
        let options = ["--no-verify", "--registry", self.registry.name(), "--package", &packed.name];
        let command = self.registry.cargo(&shell, "publish").args(options).args(dirty);
        let plain = [("CARGO_TERM_COLOR", "never"), ("CARGO_TERM_QUIET", "false"), ("CARGO_TERM_VERBOSE", "false")];
        let mut command = Command::from(command.envs(plain));
        let mut cargo = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let mut output = String::new();
        for line in cargo.stderr.take().into_iter().flat_map(|stderr| BufReader::new(stderr).split(b'\n')) {
            let line = String::from_utf8_lossy(&line?).into_owned();
            println!("    {}", line.trim_end());
            output += &(line + "\n");
        }
        let is_stored = cargo.wait()?.success();
        Ok((if is_stored { Reported::Stored } else { Reported::by(&output, SystemTime::now()) }, output))
    }
}

fn report(packed: &Packed, what: &str) {
    println!("{} {} {what}", packed.name, packed.version);
}

fn not_shown(packed: &Packed) -> String {
    format!(
        "the registry reports that it has {} {}, but its index does not show it.\nRun the command again later. If it \
         stays so for an hour, ask the registry.",
        packed.name, packed.version
    )
}

fn gave_up(packed: &Packed, output: &str) -> String {
    let output: String = output.trim().lines().map(|line| format!("    {line}\n")).collect();
    format!(
        "{} {} is not in the index; cargo reports:\n{output}What came before it stays published. Mend the cause and run the \
         command again.",
        packed.name, packed.version
    )
}

/// Statuses that come from a registry and not from something on the way to it.
const REFUSALS: [&str; 5] = ["(status 400", "(status 401", "(status 403", "(status 404", "(status 422"];

impl Reported {
    /// What is not recognised counts as a failure that may have stored the crate.
    fn by(output: &str, now: SystemTime) -> Self {
        let has = |text: &str| output.contains(text);
        if output.lines().any(|line| line.contains("(status 429") || line.trim_end().ends_with("got 429")) {
            Self::Throttled(throttle(output, now).unwrap_or(NEW_CRATE_INTERVAL))
        } else if has("already uploaded") || has("already exists on") {
            Self::Stored
        } else if has("no token found") || REFUSALS.into_iter().any(has) {
            Self::Refused
        } else if has("Uploading ") {
            Self::Unknown
        } else {
            Self::NotSent
        }
    }
}

/// Whatever asks for more time is taken for something else.
const MAX_PLAUSIBLE: Duration = Duration::from_secs(366 * 24 * 3600);

/// The time until the date that the public registry writes into its text, or until that of a header: cargo shows the
/// headers of a response that is not JSON.
fn throttle(output: &str, now: SystemTime) -> Option<Duration> {
    let until = |date: &str| httpdate::parse_http_date(date).ok()?.duration_since(now).ok();
    let mut headers = output.lines().filter_map(|line| line.trim().split_once(": "));
    let time = match headers.find(|(name, _)| name.eq_ignore_ascii_case("retry-after")) {
        Some((_, value)) => value.parse().map(Duration::from_secs).ok().or_else(|| until(value)),
        None => output.split("after ").skip(1).find_map(|text| until(text.get(..29)?)),
    };
    time.filter(|time| *time <= MAX_PLAUSIBLE)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // A failed unwrap is a failed test.

    use super::*;

    #[track_caller]
    fn assert_reported(output: &str, expected: Reported) {
        let now = httpdate::parse_http_date("Sun, 22 Nov 2026 08:00:00 GMT").unwrap();
        assert_eq!(Reported::by(output, now), expected, "{output}");
    }

    #[test]
    fn the_time_of_a_429_is_found() {
        let throttled = |seconds| Reported::Throttled(Duration::from_secs(seconds));
        let text = "   Uploading x\nerror: failed to publish to registry\n\nCaused by:\n  the remote server responded with \
                    an error (status 429 Too Many Requests): You have published too many new crates in a short period of \
                    time. Please try again after Sun, 22 Nov 2026 08:10:01 GMT or write to us";
        assert_reported(text, throttled(601));
        let header = |value| {
            format!(
                "failed to get a 200 OK response, got 429\nheaders:\n\tHTTP/1.1 429 -\n\tdate: Sun, 22 Nov 2026 07:59:59 \
                 GMT\n\texpires: Thu, 01 Jan 2099 00:00:00 GMT\n\tRetry-After: {value}\nbody:\n"
            )
        };
        assert_reported(&header("90"), throttled(90));
        assert_reported(&header("Sun, 22 Nov 2026 08:00:07 GMT"), throttled(7));
        // No time, or none that can be meant.
        for value in ["99999999999999", "18446744073709551615", "-1", "soon", "Sun, 22 Nov 2026 07:00:00 GMT"] {
            assert_reported(&header(value), throttled(600));
        }
        assert_reported("(status 429 Too Many Requests): later", throttled(600));
        assert_reported("x (status 429): after Sun, 99 Nov 2026 08:10:00 GMT", throttled(600));
    }

    #[test]
    fn what_may_be_stored_is_distinguished_from_what_is_in_vain() {
        let sent = |rest: &str| format!("   Uploading x v0.1.0\nerror: {rest}");
        for ambiguous in [
            "(status 503 Service Unavailable): 429",
            "(status 408 Timeout)",
            "broken pipe",
            "",
            "failed to get a 200 OK response, got 500\nbody:\n<p>like status 429, got 429 times",
        ] {
            assert_reported(&sent(ambiguous), Reported::Unknown);
        }
        assert_reported(&sent("(status 403 Forbidden): no token"), Reported::Refused);
        assert_reported("error: no token found", Reported::Refused);
        assert_reported(&sent("(status 400 Bad Request): crate version `0.1.0` is already uploaded"), Reported::Stored);
        assert_reported("error: crate x@0.1.0 already exists on registry `y`", Reported::Stored);
        assert_reported("error: no matching package named `base` found", Reported::NotSent);
        assert_reported("error: [6] Could not resolve hostname", Reported::NotSent);
    }
}
