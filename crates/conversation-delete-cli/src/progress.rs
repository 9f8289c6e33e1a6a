//! What stderr shows while a run goes on: a line that changes on a terminal, nothing but notices elsewhere.

use std::io::{self, IsTerminal};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::report::visible;
use crate::stream;

/// How far a run is. Clones show the same line.
#[derive(Clone)]
pub(crate) struct Progress {
    /// `None` if nothing but notices is shown.
    counts: Option<Arc<Mutex<Counts>>>,
}

struct Counts {
    total: usize,
    done: usize,
    started: Instant,
}

impl Progress {
    /// Progress that shows nothing but notices.
    pub(crate) fn hidden() -> Self {
        Self { counts: None }
    }

    /// A line if stderr is a terminal. Failures are printed above it, unless stdout shows them on the same terminal.
    pub(crate) fn on_terminal(ids: usize) -> Self {
        if !io::stderr().is_terminal() {
            return Self::hidden();
        }
        let counts = Counts { total: ids, done: 0, started: Instant::now() };
        Self { counts: Some(Arc::new(Mutex::new(counts))) }
    }

    /// One more id is done.
    pub(crate) fn advance(&self) {
        self.count(|counts| counts.done += 1);
    }

    fn count(&self, change: impl FnOnce(&mut Counts)) {
        let Some(counts) = &self.counts else { return };
        let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut counts);
        set_status(counts.line(counts.started.elapsed()));
    }

    /// Prints a message at once, above the line if there is one.
    pub(crate) fn note(&self, message: &str) {
        notice(message);
    }

    /// Takes the line away.
    pub(crate) fn finish(&self) {
        if self.counts.is_some() {
            clear_status();
        }
    }
}

impl Counts {
    fn line(&self, elapsed: Duration) -> String {
        let rate = self.done as f64 / elapsed.as_secs_f64().max(0.001);
        format!("{}/{} ids  {rate:.0}/s", self.done, self.total)
    }
}

/// Shows a line at the bottom of the terminal, cut to its width.
pub(crate) fn set_status(mut line: String) {
    let width = terminal_size::terminal_size_of(io::stderr()).map_or(80, |(width, _)| usize::from(width.0));
    if let Some((end, _)) = line.char_indices().nth(width.saturating_sub(1)) {
        line.truncate(end);
    }
    stream::set_status(Some(line));
}

/// Takes the line at the bottom of the terminal away.
pub(crate) fn clear_status() {
    stream::set_status(None);
}

/// Prints one line to stderr. It never waits for whoever reads that.
pub(crate) fn notice(message: &str) {
    stream::push_notice(format!("{message}\n").into_bytes());
}

/// Asks a question on stderr; the response is typed on the same line.
pub(crate) fn ask(question: &str) {
    stream::push_notice(question.as_bytes().to_vec());
    stream::finish_stderr();
}

/// The most ids that are named on stderr, where stdout holds them all.
pub(crate) const MAX_NAMED: usize = 20;

/// Writes a heading and the first of `ids` to stderr, of which there are `total`.
pub(crate) fn notice_ids(heading: &str, ids: &[String], total: u64) {
    notice(heading);
    let named = ids.len().min(MAX_NAMED);
    ids[..named].iter().for_each(|id| notice(&format!("  {}", visible(id))));
    let more = total.saturating_sub(named as u64);
    if more > 0 {
        notice(&format!("  and {more} more"));
    }
}
