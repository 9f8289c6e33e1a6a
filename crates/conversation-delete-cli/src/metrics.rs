//! Metrics of this process, in a file for Prometheus.

mod file;
mod state;
mod text;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use conversation_delete_job::{ProgressEvent, Status, StopHandle, TargetNumber};

use crate::log_line::Level;
use crate::notice::notice_as;
pub(crate) use state::Request;
use state::State;

/// How often the file is written.
const WRITE_EVERY: Duration = Duration::from_secs(15);

/// A variable of the tests that replaces it, in milliseconds.
const WRITE_EVERY_VARIABLE: &str = "CONVERSATION_DELETE_TEST_METRICS_EVERY";

static METRICS: OnceLock<Metrics> = OnceLock::new();

struct Metrics {
    path: PathBuf,
    started: SystemTime,
    state: Mutex<State>,
}

/// Writes metrics to this file from now on.
///
/// # Errors
/// If the file cannot be written, or holds anything but metrics of this program.
pub(crate) fn begin(path: &Path) -> io::Result<()> {
    let state = State { last_success: file::last_success(path)?, ..State::default() };
    let metrics =
        METRICS.get_or_init(|| Metrics { path: path.to_owned(), started: SystemTime::now(), state: Mutex::new(state) });
    metrics.write(&metrics.state())?;
    thread::Builder::new().name("metrics".to_owned()).spawn(|| metrics.write_again())?;
    Ok(())
}

pub(crate) fn are_wanted() -> bool {
    METRICS.get().is_some()
}

/// Names the vendors of the targets of a job, before its first event. Returns a number for the job.
pub(crate) fn name_targets(targets: impl Iterator<Item = (TargetNumber, &'static str)>) -> u64 {
    static JOBS: AtomicU64 = AtomicU64::new(0);
    let job = JOBS.fetch_add(1, Ordering::Relaxed);
    with_state(|state| state.vendors.extend(targets.map(|(target, vendor)| ((job, target), vendor))));
    job
}

/// Counts the requests in flight of the run that `stop` stops.
pub(crate) fn watch(stop: &StopHandle) {
    with_state(|state| state.stops.push(stop.clone()));
}

pub(crate) fn on_event(job: u64, event: &ProgressEvent<'_>) {
    with_state(|state| state.on_event(job, event, Instant::now()));
}

pub(crate) fn on_request(request: Request) {
    with_state(|state| *state.requests.entry(request).or_default() += 1);
}

/// Takes the counts of a job, also those of its earlier runs.
pub(crate) fn set_status(status: &Status) {
    with_state(|state| state.set_status(status));
}

/// Writes the file for the last time.
pub(crate) fn end(exit_code: u8) {
    let Some(metrics) = METRICS.get() else { return };
    let mut state = metrics.state();
    let now = SystemTime::now();
    state.ended = Some((now, exit_code));
    if exit_code == 0 {
        state.last_success = Some(text::seconds(now));
    }
    metrics.write_or_warn(&mut state);
}

fn with_state(change: impl FnOnce(&mut State)) {
    if let Some(metrics) = METRICS.get() {
        change(&mut metrics.state());
    }
}

impl Metrics {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, state: &State) -> io::Result<()> {
        file::replace(&self.path, &text::render(state, self.started))
    }

    fn write_or_warn(&self, state: &mut State) {
        if let Err(error) = self.write(state) {
            if !std::mem::replace(&mut state.has_warned, true) {
                notice_as(Level::Warn, &format!("warning: the metrics file cannot be written: {error}"));
            }
        }
    }

    /// The thread: writes until the end of the run.
    fn write_again(&self) {
        let millis = std::env::var(WRITE_EVERY_VARIABLE).ok().and_then(|text| text.parse().ok());
        let every = millis.filter(|millis| *millis > 0).map_or(WRITE_EVERY, Duration::from_millis);
        loop {
            thread::sleep(every);
            let mut state = self.state();
            if state.ended.is_some() {
                return;
            }
            self.write_or_warn(&mut state);
        }
    }
}
