//! The exit code of `status --exit-code`.

use conversation_delete_job::{Ending, Status, Verify};

use crate::args::AbsentArgs;
use crate::engine::conclusion::{Counts, run_result};
use crate::exit::{self, Exit, RunResult};

/// Maps what the file holds, and how the last run ended, as that run would. A job that is running is stopped before its end
/// as far as it is known.
pub(super) fn of_status(status: &Status, absent: AbsentArgs) -> Exit {
    let endings = match status.holder {
        Some(_) => vec![Ending::Interrupted],
        None => {
            status.runs.iter().rev().map(|run| run.endings()).find(|endings| !endings.is_empty()).unwrap_or_default()
        }
    };
    let result = run_result(status, &Counts::of_all(status), status.verify != Verify::Off, absent);
    exit::of_run(&RunResult { endings: &endings, ..result })
}
