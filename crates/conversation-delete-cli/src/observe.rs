//! What others learn of a run: metrics, and a command at its end. A process carries out one command, so there is one of each.

mod hook;

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use conversation_delete_job::{JobLocation, Status};
use serde_json::{Value, json};

use crate::args::Observed;
use crate::engine::conclusion::counts::Counts;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::job_file::{read, shown};
use crate::metrics;
use crate::report::{SummaryLine, json_value};

/// What is known for the command at the end.
struct State {
    command: Option<String>,
    /// The job, once it is planned.
    job: Option<JobLocation>,
    /// The summary, once it is printed, and the vendors.
    summary: Option<(Value, Vec<String>)>,
}

static STATE: Mutex<State> = Mutex::new(State { command: None, job: None, summary: None });

fn state() -> MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Begins to observe a command, if it was asked for that.
///
/// # Errors
/// When the metrics cannot be written.
pub(crate) fn begin(observed: &Observed<'_>) -> Result<(), CommandError> {
    state().command = observed.on_finish.map(str::to_owned);
    let Some(path) = observed.metrics_file else { return Ok(()) };
    metrics::begin(path).map_err(|error| {
        CommandError::usage(format!("--metrics-file: {}: it cannot be written: {error}; nothing was sent", shown(path)))
    })
}

/// Whether anybody learns anything.
pub(crate) fn is_wanted() -> bool {
    metrics::are_wanted() || state().command.is_some()
}

/// There is a plan, so that the end is reported whatever it is.
pub(crate) fn planned(job: &JobLocation, status: &Status) {
    metrics::set_status(status);
    state().job = Some(job.clone());
}

/// Keeps the summary of a job as it is now.
pub(crate) fn summarized(status: &Status, summary: &SummaryLine<'_>) {
    metrics::set_status(status);
    let vendors: BTreeSet<String> = status.targets.iter().map(|target| target.target.vendor.clone()).collect();
    let vendors = vendors.into_iter().collect();
    state().summary = json_value(summary).map(|summary| (summary, vendors));
}

/// Writes the metrics for the last time, and runs the command.
pub(crate) fn end(exit: Exit) {
    metrics::end(exit.code());
    let Some((command, job)) = wanted() else { return };
    if state().summary.is_none() {
        summarize_unreported(&job);
    }
    let (mut summary, vendors) = state().summary.take().unwrap_or_else(|| (json!({ "type": "summary" }), Vec::new()));
    summary["exit_code"] = exit.code().into();
    summary["vendors"] = vendors.into();
    if summary.get("job").is_none() {
        summary["job"] = Value::Null;
    }
    hook::run(&command, &summary);
}

/// The command that is to be run, and the job that it is about.
fn wanted() -> Option<(String, JobLocation)> {
    let state = state();
    Some((state.command.clone()?, state.job.clone()?))
}

/// Makes the summary of a job whose end was not reported. One that cannot be read has none.
fn summarize_unreported(job: &JobLocation) {
    if let Ok(status) = read(job) {
        let counts = Counts::of_all(&status).final_members();
        let job = job.path().map(|path| path.to_string_lossy().into_owned());
        summarized(&status, &SummaryLine { counts, job, ..SummaryLine::default() });
    }
}
