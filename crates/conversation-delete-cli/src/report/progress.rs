//! How far a run is, on stderr: a bar on a terminal, a line a minute elsewhere.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use conversation_delete_job::{Progress, ProgressEvent, TargetNumber, Waiting};
use delete_core::{Error, ErrorKind, timestamp};

use super::display::visible;
use crate::log_line::{self, Level};
use crate::notice::{notice, notice_as};
use crate::{metrics, stream};

/// Shorter waits are not reported.
const MIN_WAIT: Duration = Duration::from_millis(500);

/// How many characters the bar has.
const BAR_WIDTH: u64 = 20;

/// Reports how far a run is.
pub(crate) struct ProgressReporter {
    /// The number of the job in the metrics.
    job: u64,
    /// The names of the targets.
    names: BTreeMap<TargetNumber, String>,
    /// How many ids the run is to delete or look up.
    total: u64,
    started: Instant,
    has_bar: bool,
    /// Whether failures are named while the run goes on.
    names_failures: bool,
    /// An id is done once it is looked up: nothing is deleted.
    counts_lookups: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    done: u64,
    lookups_before: u64,
    lookups_after: u64,
    failures: BTreeMap<(TargetNumber, &'static str), u64>,
    waits: BTreeMap<TargetNumber, Wait>,
}

/// What a target waits for.
struct Wait {
    until: Instant,
    text: String,
}

impl ProgressReporter {
    /// Reports on a run of `total` ids. `may_draw` allows a bar, if stderr is a terminal.
    pub(crate) fn new(names: BTreeMap<TargetNumber, String>, total: u64, may_draw: bool, job: u64) -> Self {
        let has_bar = may_draw && log_line::allows_bar() && io::stderr().is_terminal();
        let (names_failures, counts_lookups) = (true, false);
        Self {
            job,
            names,
            total,
            started: Instant::now(),
            has_bar,
            names_failures,
            counts_lookups,
            state: Mutex::default(),
        }
    }

    /// The same for a run whose report has a line about each failure, for the same reader.
    #[must_use]
    pub(crate) fn without_failures(self) -> Self {
        Self { names_failures: false, ..self }
    }

    /// The same for a run that deletes nothing.
    #[must_use]
    pub(crate) fn counting_lookups(self) -> Self {
        Self { counts_lookups: true, ..self }
    }

    /// One more id is done.
    pub(crate) fn advance(&self) {
        self.update(|state| state.done += 1);
    }

    /// Prints how far the run is, unless a bar shows it.
    pub(crate) fn print(&self) {
        if !self.has_bar {
            notice(&self.state().line(self.total, self.started.elapsed(), Instant::now()));
        }
    }

    /// Removes the bar.
    pub(crate) fn finish(&self) {
        if self.has_bar {
            stream::set_status(None);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn name(&self, target: TargetNumber) -> &str {
        self.names.get(&target).map_or("?", String::as_str)
    }

    fn draw(&self, state: &State) {
        if self.has_bar {
            let line = state.line(self.total, self.started.elapsed(), Instant::now());
            stream::set_status(Some(cut_to_terminal(format!("{} {line}", bar(state.done, self.total)))));
        }
    }

    fn update(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state();
        change(&mut state);
        self.draw(&state);
    }

    /// Prints the first failure of each kind, and then ever fewer of them.
    fn report_failure(&self, target: TargetNumber, kind: ErrorKind, message: &str) {
        let mut state = self.state();
        let number = state.failures.entry((target, kind.as_str())).or_default();
        *number += 1;
        if self.names_failures && is_power_of_ten(*number) {
            let kind = kind.as_str().replace('_', " ");
            notice_as(Level::Warn, &format!("{}: {kind}, {number} so far: {}", self.name(target), visible(message)));
        }
    }

    /// Warns of records that are deleted although the vendor does not show them, such as for want of a permission.
    fn warn_unchecked(&self, target: TargetNumber, error: &Error) {
        notice(&format!(
            "warning: {}: records are deleted without knowing whether they are over, because the vendor did not show them \
             (for the first time: {}); --allow-active leaves out the check",
            self.name(target),
            error.kind()
        ));
    }

    fn begin_wait(&self, target: TargetNumber, waiting: Waiting) {
        let (wait, reason) = match waiting {
            Waiting::Throttled(wait) => (wait, "rate limited by the vendor".to_owned()),
            Waiting::Paced(wait) => {
                (wait, "request limit reached (the vendor's documented limit, or --rate)".to_owned())
            }
            Waiting::Unavailable { wait, reason } => (wait, format!("vendor unavailable ({})", visible(&reason))),
            _ => return,
        };
        let mut state = self.state();
        match state.begin_wait(target, self.name(target), wait, &reason, Instant::now()) {
            Some(text) => notice(&text),
            None => self.draw(&state),
        }
    }
}

impl Progress for ProgressReporter {
    fn on_event(&self, event: ProgressEvent<'_>) {
        metrics::on_event(self.job, &event);
        match event {
            ProgressEvent::Outcome { .. } => self.advance(),
            ProgressEvent::LookedUp { .. } if self.counts_lookups => self.advance(),
            ProgressEvent::LookedUp { is_after: false, .. } => self.update(|state| state.lookups_before += 1),
            ProgressEvent::LookedUp { is_after: true, .. } => self.update(|state| state.lookups_after += 1),
            ProgressEvent::Failed { target, kind, message } => self.report_failure(target, kind, message),
            ProgressEvent::Unchecked { target, error } => self.warn_unchecked(target, error),
            ProgressEvent::Waiting { target, waiting } => self.begin_wait(target, waiting),
            _ => {}
        }
    }
}

impl State {
    /// Keeps a wait. Returns its message, if it is a new one.
    fn begin_wait(
        &mut self,
        target: TargetNumber,
        name: &str,
        wait: Duration,
        reason: &str,
        now: Instant,
    ) -> Option<String> {
        let until = now.checked_add(wait)?;
        let is_known =
            self.waits.get(&target).is_some_and(|known| until <= known.until + MIN_WAIT && known.until > now);
        if wait < MIN_WAIT || is_known {
            return None;
        }
        let text = format!("{name} waits until {}: {reason}", clock_time(SystemTime::now(), wait)?);
        self.waits.insert(target, Wait { until, text: text.clone() });
        Some(text)
    }

    fn line(&self, total: u64, elapsed: Duration, now: Instant) -> String {
        let rate = self.done as f64 / elapsed.as_secs_f64().max(0.001);
        let mut line = format!("{} of {total} ids, {}/s", self.done, short_rate(rate));
        if self.done > 0 && self.done < total {
            let left = Duration::try_from_secs_f64((total - self.done) as f64 / rate).unwrap_or(Duration::MAX);
            line.push_str(&format!(", about {} left", span(left)));
        }
        if self.lookups_before + self.lookups_after > 0 {
            line.push_str(&format!("; looked up {} before and {} after", self.lookups_before, self.lookups_after));
        }
        let mut kinds = BTreeMap::<&str, u64>::new();
        for ((_, kind), number) in &self.failures {
            *kinds.entry(kind).or_default() += number;
        }
        for (kind, number) in kinds {
            line.push_str(&format!("; {}: {number}", kind.replace('_', " ")));
        }
        for wait in self.waits.values().filter(|wait| wait.until > now) {
            line.push_str(&format!("; {}", wait.text));
        }
        line
    }
}

fn cut_to_terminal(mut line: String) -> String {
    let width = terminal_size::terminal_size_of(io::stderr()).map_or(80, |(width, _)| usize::from(width.0));
    if let Some((end, _)) = line.char_indices().nth(width.saturating_sub(1)) {
        line.truncate(end);
    }
    line
}

fn bar(done: u64, total: u64) -> String {
    let filled = (done.min(total) * BAR_WIDTH).checked_div(total).unwrap_or(0);
    let part = |character: &str, length: u64| character.repeat(usize::try_from(length).unwrap_or(0));
    format!("[{}{}]", part("#", filled), part("-", BAR_WIDTH - filled))
}

/// 1, 10, 100 and so on.
fn is_power_of_ten(number: u64) -> bool {
    number > 0 && 10_u64.pow(number.ilog10()) == number
}

fn short_rate(rate: f64) -> String {
    if rate < 10.0 { format!("{rate:.1}") } else { format!("{rate:.0}") }
}

/// When a wait from `now` on is over, in UTC: the time of day, and the date if that is not today's. `None` if the time is
/// after the last one of the calendar.
pub(crate) fn clock_time(now: SystemTime, wait: Duration) -> Option<String> {
    let (today, text) = (timestamp::format(now), timestamp::format(now.checked_add(wait)?));
    let (date, time) = (text.get(..10)?, text.get(11..19)?);
    let is_today = today.get(..10) == Some(date);
    Some(if is_today { format!("{time} UTC") } else { format!("{date} {time} UTC") })
}

/// A duration in its two greatest units.
pub(crate) fn span(time: Duration) -> String {
    let seconds = time.as_secs();
    match (seconds / 86_400, seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60) {
        (0, 0, 0, seconds) => format!("{seconds}s"),
        (0, 0, minutes, seconds) => format!("{minutes}m {seconds}s"),
        (0, hours, minutes, _) => format!("{hours}h {minutes}m"),
        (days, hours, _, _) => format!("{days}d {hours}h"),
    }
}

#[cfg(test)]
mod tests;
