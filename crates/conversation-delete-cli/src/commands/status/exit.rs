//! The exit code of `status --exit-code`.

use conversation_delete_job::{Ending, Status, Verify};

use crate::args::AbsentArgs;
use crate::engine::conclusion::{Counts, run_result};
use crate::exit::{self, Exit, RunResult};
use crate::report::Outcome;

/// Maps what the file holds, and how the last run ended, as that run would. A job that is running is stopped before its end
/// as far as it is known.
pub(super) fn of_status(status: &Status, absent: AbsentArgs) -> Exit {
    let endings = match status.holder {
        Some(_) => vec![Ending::Interrupted],
        None => last_endings(status),
    };
    let result = run_result(status, &Counts::of_all(status), status.verify != Verify::Off, absent);
    exit::of_run(&RunResult { endings: &endings, ..result })
}

/// How the last run ended that began something. A run that was stopped after it had deleted all leaves nothing that `run`
/// would go on with, so that it does not count.
fn last_endings(status: &Status) -> Vec<Ending> {
    let runs = status.runs.iter().rev().map(|run| (run, run.endings()));
    let Some((run, mut endings)) = runs.into_iter().find(|(_, endings)| !endings.is_empty()) else { return Vec::new() };
    if run.purpose.as_deref() != Some("verify") && has_no_work(status) {
        endings.retain(|ending| exit::of_ending(ending) != Exit::Stopped);
    }
    endings
}

/// Whether `run` would send nothing.
fn has_no_work(status: &Status) -> bool {
    let looks = status.verify != Verify::Off;
    status.targets.iter().all(|target| {
        let left = if looks { target.lookups.open + target.lookups.unknown } else { 0 };
        target.outcomes.get(Outcome::NotAttempted) + left == 0
    })
}
