//! What happened in a schedule, for a person.

use std::fmt::Write;
use std::time::Instant;

use super::journal::row;
use super::vendor::index;
use crate::journal::{Entry, RecordResult};
use crate::machine::event::{Answer, Command, Event, Ids, Poll};

/// One line for each event and command, if somebody reads them.
#[derive(Debug)]
pub(super) struct Trace {
    start: Instant,
    lines: Option<String>,
}

impl Trace {
    pub(super) fn new(start: Instant, is_read: bool) -> Self {
        Self { start, lines: is_read.then(String::new) }
    }

    pub(super) fn into_lines(self) -> String {
        self.lines.unwrap_or_default()
    }

    fn line(&mut self, line: impl FnOnce() -> String) {
        if let Some(lines) = &mut self.lines {
            let _ = writeln!(lines, "{}", line());
        }
    }

    fn at(&mut self, now: Instant, line: impl FnOnce() -> String) {
        let time = now.duration_since(self.start);
        self.line(|| format!("{:10.3} s  {}", time.as_secs_f64(), line()));
    }

    pub(super) fn note(&mut self, now: Instant, note: impl FnOnce() -> String) {
        self.at(now, note);
    }

    pub(super) fn event(&mut self, now: Instant, event: &Event) {
        self.at(now, || describe(event));
    }

    pub(super) fn command(&mut self, command: &Command) {
        self.line(|| match command {
            Command::Send { call, operation, ids } => {
                format!("                -> send {call}: {operation:?} {:?}", indexes(ids))
            }
            Command::Intend(records) => format!("                -> intend {:?}", rows(records)),
            Command::Release(records) => format!("                -> release {:?}", rows(records)),
            Command::Write(entry) => format!("                -> {}", write(entry)),
            command => format!("                -> {command:?}"),
        });
    }

    pub(super) fn poll(&mut self, poll: &Poll) {
        let start = self.start;
        self.line(|| match poll {
            Poll::Wait { until } => {
                let until = until.map(|until| until.saturating_duration_since(start).as_secs_f64());
                format!("                waits until {until:?}")
            }
            Poll::Done(ending) => format!("                done: {ending:?}"),
        });
    }
}

fn describe(event: &Event) -> String {
    match event {
        Event::Claimed { records, is_last } => {
            let records: Vec<String> = records
                .iter()
                .map(|record| {
                    let doubt = if record.is_ambiguous { " in doubt" } else { "" };
                    format!("{} {:?}{doubt}", row(record.record), record.before)
                })
                .collect();
            format!("claimed {records:?}, the last ones: {is_last}")
        }
        Event::Returned { call, results, .. } => {
            let results: Vec<String> = results
                .iter()
                .map(|result| match result {
                    Ok(Answer::Deletion(deletion)) => format!("{:?}", deletion.outcome()),
                    Ok(Answer::Seen(sighting)) => format!("{:?}", sighting.state),
                    Ok(other) => format!("{other:?}"),
                    Err(error) => format!("{:?} {:?} {:?}", error.kind(), error.delivery(), error.retry_after()),
                })
                .collect();
            format!("returned {call}: {results:?}")
        }
        event => format!("{event:?}"),
    }
}

fn write(entry: &Entry) -> String {
    match entry {
        Entry::Before { record, presence } => format!("{} was {:?}", row(*record), presence.state),
        Entry::After { record, presence } => format!("{} is {:?}", row(*record), presence.state),
        Entry::Outcome(RecordResult { record, outcome, error, .. }) => {
            let error = error.as_ref().map(|error| (error.kind, error.delivery));
            format!("{} has the outcome {outcome:?} {error:?}", row(*record))
        }
        Entry::Tried(RecordResult { record, .. }) => format!("{} was tried", row(*record)),
        Entry::Held { record, is_in_doubt } => format!("{} is held, in doubt: {is_in_doubt}", row(*record)),
        entry @ Entry::Child { .. } => format!("{entry:?}"),
    }
}

fn indexes(ids: &Ids) -> Vec<usize> {
    ids.iter().map(index).collect()
}

fn rows(records: &[i64]) -> Vec<usize> {
    records.iter().copied().map(row).collect()
}
