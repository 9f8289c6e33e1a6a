//! What stderr shows while a job runs: a line that changes on a terminal, a line now and then elsewhere.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use conversation_delete_job::{Progress, ProgressEvent, TargetNumber, Waiting};
use delete_core::timestamp;

use crate::engine::lanes::VendorRun;
use crate::progress::{clear_status, notice, set_status};
use crate::report::visible;

/// Shorter waits are not reported.
const SHORT: Duration = Duration::from_millis(500);

/// Watches a run for people.
pub(crate) struct Watch {
    names: BTreeMap<TargetNumber, String>,
    total: u64,
    started: Instant,
    is_terminal: bool,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    done: u64,
    looked: [u64; 2],
    failures: BTreeMap<(TargetNumber, String), u64>,
    waits: BTreeMap<TargetNumber, Wait>,
}

/// What a vendor waits for.
struct Wait {
    until: Instant,
    /// For people.
    text: String,
}

impl Watch {
    pub(crate) fn new(vendor_runs: &[VendorRun], total: u64, may_draw: bool) -> Self {
        let is_terminal = may_draw && io::stderr().is_terminal();
        let names = vendor_runs
            .iter()
            .map(|vendor_run| (vendor_run.number(), vendor_run.vendor.vendor().to_string()))
            .collect();
        Self { names, total, started: Instant::now(), is_terminal, state: Mutex::default() }
    }

    /// Says something at once.
    pub(crate) fn say(&self, message: &str) {
        notice(message);
    }

    /// Tells how far it is, where no line on a terminal does.
    pub(crate) fn tell(&self) {
        if !self.is_terminal {
            let line = self.state().line(self.total, self.started.elapsed(), Instant::now());
            notice(&line);
        }
    }

    /// Takes the line away.
    pub(crate) fn finish(&self) {
        if self.is_terminal {
            clear_status();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn name(&self, target: TargetNumber) -> &str {
        self.names.get(&target).map_or("?", String::as_str)
    }

    fn draw(&self, state: &State) {
        if self.is_terminal {
            set_status(state.line(self.total, self.started.elapsed(), Instant::now()));
        }
    }
}

impl Progress for Watch {
    fn on_event(&self, event: ProgressEvent<'_>) {
        match event {
            ProgressEvent::Outcome { .. } => self.count(|state| state.done += 1),
            ProgressEvent::Failed { target, kind, message } => self.report_failure(target, kind.as_str(), message),
            ProgressEvent::LookedUp { is_after, .. } => self.count(|state| state.looked[usize::from(is_after)] += 1),
            ProgressEvent::Waiting { target, waiting } => self.report_wait(target, waiting),
            _ => {}
        }
    }
}

impl Watch {
    fn count(&self, count: impl FnOnce(&mut State)) {
        let mut state = self.state();
        count(&mut state);
        self.draw(&state);
    }

    /// Reports each kind when it first happens, and then ever more rarely.
    fn report_failure(&self, target: TargetNumber, kind: &str, message: &str) {
        let mut state = self.state();
        let number = state.failures.entry((target, kind.to_owned())).or_default();
        *number += 1;
        if is_round(*number) {
            let (name, number, kind) = (self.name(target), *number, kind.replace('_', " "));
            drop(state);
            self.say(&format!("{name}: {kind}, {number} so far: {}", visible(message)));
        }
    }

    fn report_wait(&self, target: TargetNumber, waiting: Waiting) {
        let (wait, reason) = match waiting {
            Waiting::Throttled(wait) => (wait, "it wants fewer requests".to_owned()),
            Waiting::Paced(wait) => {
                (wait, "so many requests as it may get are sent (its documented limit, or --rate)".to_owned())
            }
            Waiting::Unavailable { wait, reason } => (wait, format!("it is unavailable ({})", visible(&reason))),
            _ => return,
        };
        let mut state = self.state();
        if let Some(text) = state.begin_wait(target, self.name(target), wait, &reason, Instant::now()) {
            drop(state);
            self.say(&text);
        } else {
            self.draw(&state);
        }
    }
}

impl State {
    /// Notes a wait. Returns the message, if it is a new one.
    fn begin_wait(
        &mut self,
        target: TargetNumber,
        name: &str,
        wait: Duration,
        reason: &str,
        now: Instant,
    ) -> Option<String> {
        let until = now.checked_add(wait)?;
        let is_known = self.waits.get(&target).is_some_and(|known| until <= known.until + SHORT && known.until > now);
        if wait < SHORT || is_known {
            return None;
        }
        let text = format!("{name} waits until {}: {reason}", moment(SystemTime::now(), wait)?);
        self.waits.insert(target, Wait { until, text: text.clone() });
        Some(text)
    }

    /// All of it on a line.
    fn line(&self, total: u64, elapsed: Duration, now: Instant) -> String {
        let seconds = elapsed.as_secs_f64().max(0.001);
        let rate = self.done as f64 / seconds;
        let mut line = format!("{} of {total} ids, {}/s", self.done, short(rate));
        if self.done > 0 && self.done < total {
            let left = Duration::try_from_secs_f64((total - self.done) as f64 / rate).unwrap_or(Duration::MAX);
            line.push_str(&format!(", about {} left", span(left)));
        }
        let [before, after] = self.looked;
        if before + after > 0 {
            line.push_str(&format!("; looked at {before} before and {after} after"));
        }
        let failures = self.failures.iter().fold(BTreeMap::<&str, u64>::new(), |mut kinds, ((_, kind), number)| {
            *kinds.entry(kind).or_default() += number;
            kinds
        });
        for (kind, number) in failures {
            line.push_str(&format!("; {}: {number}", kind.replace('_', " ")));
        }
        for wait in self.waits.values().filter(|wait| wait.until > now) {
            line.push_str(&format!("; {}", wait.text));
        }
        line
    }
}

/// 1, 10, 100 and so on.
fn is_round(number: u64) -> bool {
    number > 0 && 10_u64.pow(number.ilog10()) == number
}

fn short(rate: f64) -> String {
    if rate < 10.0 { format!("{rate:.1}") } else { format!("{rate:.0}") }
}

/// When a wait from `now` on is over, in UTC: the time of day, and the date if that is not today's. `None` for a time that
/// no calendar holds.
pub(crate) fn moment(now: SystemTime, wait: Duration) -> Option<String> {
    let (today, text) = (timestamp::format(now), timestamp::format(now.checked_add(wait)?));
    let (date, time) = (text.get(..10)?, text.get(11..19)?);
    let is_today = today.get(..10) == Some(date);
    Some(if is_today { format!("{time} UTC") } else { format!("{date} {time} UTC") })
}

/// A span of time in its two greatest units.
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
mod tests {
    use super::*;

    #[test]
    fn spans_and_round_numbers() {
        for (seconds, text) in [(5, "5s"), (65, "1m 5s"), (3_660, "1h 1m"), (90_000, "1d 1h")] {
            assert_eq!(span(Duration::from_secs(seconds)), text);
        }
        let round: Vec<u64> = (0..2_000).filter(|number| is_round(*number)).collect();
        assert_eq!(round, [1, 10, 100, 1_000]);
    }

    #[test]
    fn a_wait_beyond_midnight_is_shown_with_its_date() {
        let now = timestamp::parse("2026-11-28T23:59:30Z").unwrap();
        for (wait, text) in
            [(29, "23:59:59 UTC"), (30, "2026-11-29 00:00:00 UTC"), (3 * 86_400, "2026-12-01 23:59:30 UTC")]
        {
            assert_eq!(moment(now, Duration::from_secs(wait)).as_deref(), Some(text));
        }
    }

    #[test]
    fn a_line_says_how_far_it_is() {
        let state = State { done: 20, looked: [20, 0], ..State::default() };
        let line = state.line(100, Duration::from_secs(10), Instant::now());
        assert_eq!(line, "20 of 100 ids, 2.0/s, about 40s left; looked at 20 before and 0 after");
        assert_eq!(State::default().line(0, Duration::ZERO, Instant::now()), "0 of 0 ids, 0.0/s");
    }
}
