//! `status --watch`: shows how far a job is until the job is not running.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant, SystemTime};

use conversation_delete_job::Status;
use delete_core::timestamp;
use tokio::time::sleep;

use super::print::{missing, print, printed};
use crate::args::StatusArgs;
use crate::engine::conclusion::Counts;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::job_file::{JobState, read, shown};
use crate::notice::notice;
use crate::report::{Format, Outcome, span};
use crate::signals;
use crate::stream;

/// Takes all off a terminal.
const CLEAR: &[u8] = b"\x1b[2J\x1b[H";

/// Prints the status again and again, and returns the last one; or how writing it failed.
pub(super) async fn watch(args: &StatusArgs, interval: Duration) -> Result<(Status, Result<(), Exit>), CommandError> {
    let mut signals = signals::listen();
    let mut status = read(&args.job)?;
    let view = View::of(args, &status);
    loop {
        let state = JobState::of(&status);
        let written = view.write(args, &status);
        if written.is_err() {
            return Ok((status, written));
        }
        if state != JobState::Running {
            if state != JobState::Finished {
                notice(&format!("nobody runs {}: it is {}", shown(&args.job), state.as_str()));
            }
            return Ok((status, written));
        }
        if signals::unless_interrupted(sleep(interval), &mut signals).await.is_none() {
            return Ok((status, written));
        }
        status = read(&args.job).map_err(|error| if args.job.exists() { error } else { gone(args) })?;
    }
}

/// A job of `delete` is removed once it is reported.
fn gone(args: &StatusArgs) -> CommandError {
    CommandError::new(
        Exit::Stopped,
        format!(
            "{} is not there any more: a job that `delete` or `run` keeps in the state directory is removed once every id has \
             its outcome and stdout took the report",
            shown(&args.job)
        ),
    )
}

/// How a status is shown.
enum View {
    /// All of it, each time: as JSON, or on a terminal instead of the last one.
    Whole { clears: bool },
    /// A line each time.
    Line { begun: Instant, done: u64 },
}

impl View {
    fn of(args: &StatusArgs, status: &Status) -> Self {
        let is_terminal = io::stdout().is_terminal();
        match args.output {
            Format::Text if !is_terminal => Self::Line { begun: Instant::now(), done: done(status) },
            format => Self::Whole { clears: format == Format::Text },
        }
    }

    fn write(&self, args: &StatusArgs, status: &Status) -> Result<(), Exit> {
        match self {
            Self::Whole { clears } => print(args, status, if *clears { CLEAR } else { b"" }),
            Self::Line { begun, done } => {
                missing(status);
                printed(stream::write_stdout(line(status, *done, begun.elapsed()).as_bytes()))
            }
        }
    }
}

/// How many ids have their outcome.
fn done(status: &Status) -> u64 {
    let counts = Counts::of_all(status);
    Outcome::ALL
        .into_iter()
        .filter(|outcome| *outcome != Outcome::NotAttempted)
        .map(|outcome| counts.get(outcome))
        .sum()
}

/// `begun_with` of the ids had their outcome before `elapsed`.
fn line(status: &Status, begun_with: u64, elapsed: Duration) -> String {
    let (counts, done) = (Counts::of_all(status), done(status));
    let open = counts.get(Outcome::NotAttempted);
    let now = timestamp::format(SystemTime::now());
    let mut line = format!("{} {}: {done} of {} ids", seconds(&now), JobState::of(status).as_str(), done + open);
    let of_each = Outcome::ALL.into_iter().map(|outcome| (outcome, counts.get(outcome)));
    for (outcome, number) in of_each.filter(|(outcome, number)| *number > 0 && *outcome != Outcome::NotAttempted) {
        line.push_str(&format!(", {number} {}", outcome.as_str().replace('_', " ")));
    }
    let rate = done.saturating_sub(begun_with) as f64 / elapsed.as_secs_f64().max(0.001);
    if rate > 0.0 && status.holder.is_some() {
        let left = Duration::try_from_secs_f64(open as f64 / rate).unwrap_or(Duration::MAX);
        line.push_str(&format!("; {rate:.1}/s, about {} left", span(left)));
    }
    line.push('\n');
    line
}

/// A time without its fraction.
fn seconds(time: &str) -> String {
    time.split_once('.').map_or(time.to_owned(), |(seconds, _)| format!("{seconds}Z"))
}
