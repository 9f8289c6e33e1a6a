//! What stderr shows while a run goes on: a bar on a terminal, nothing but notices elsewhere.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use crate::report::{Format, Outcome, Record, visible};

/// How far a run is. Clones show the same bar.
#[derive(Clone)]
pub(crate) struct Progress {
    bar: ProgressBar,
    shows_failures: bool,
}

impl Progress {
    /// Progress that shows nothing but notices.
    pub(crate) fn hidden() -> Self {
        Self { bar: ProgressBar::hidden(), shows_failures: false }
    }

    /// Notices that stay clear of this bar.
    pub(crate) fn around(bar: ProgressBar) -> Self {
        Self { bar, shows_failures: false }
    }

    /// A bar where stderr is a terminal. Failures stand above it, unless stdout shows them on the same terminal.
    pub(crate) fn on_terminal(ids: usize, format: Format) -> Self {
        if !io::stderr().is_terminal() {
            return Self::hidden();
        }
        let bar = ProgressBar::with_draw_target(Some(ids as u64), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{pos}/{len} ids  {rate}  {elapsed} (left: {eta})  {msg}") {
            bar.set_style(style.with_key("rate", show_rate));
        }
        bar.enable_steady_tick(Duration::from_millis(250));
        Self { bar, shows_failures: format == Format::Json || !io::stdout().is_terminal() }
    }

    /// An id has its result.
    pub(crate) fn settled(&self, record: &Record, failures: u64) {
        if let Some(error) = record.error.as_ref().filter(|_| self.shows_failures) {
            self.note(&format!("{} {}: {}", record.outcome.as_str(), visible(&record.id), error.message));
        }
        if failures > 0 {
            self.bar.set_message(format!("not deleted: {failures}"));
        }
        self.bar.inc(1);
    }

    /// One more id is done.
    pub(crate) fn advance(&self) {
        self.bar.inc(1);
    }

    /// Says something at once, above the bar if there is one.
    pub(crate) fn note(&self, message: &str) {
        self.bar.suspend(|| notice(message));
    }

    /// Does something while the bar is out of the way.
    pub(crate) fn suspend<T>(&self, action: impl FnOnce() -> T) -> T {
        self.bar.suspend(action)
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}

fn show_rate(state: &ProgressState, out: &mut dyn fmt::Write) {
    // A text that cannot be built is not shown.
    let _ = write!(out, "{:.0}/s", state.per_sec());
}

/// Whether a result is one that a person should look at.
pub(crate) fn is_failure(outcome: Outcome) -> bool {
    !outcome.is_done()
}

/// Writes one line to stderr. Where nobody can read it, there is nobody to tell.
pub(crate) fn notice(message: &str) {
    let _ = writeln!(io::stderr(), "{message}");
}

/// The most ids that are named on stderr, where stdout holds them all.
const MAX_NAMED: usize = 20;

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
