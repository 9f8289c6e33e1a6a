//! What must be said before a run may send anything.

use std::io::{self, IsTerminal, Write};

use delete_job::Status;

use super::Trouble;
use super::plan::heading;
use crate::cli::RunArgs;
use crate::exit::Exit;
use crate::progress::notice;
use crate::report::count;

/// Compares the expected count, and asks whoever sits at the terminal.
pub(super) fn confirm(args: &RunArgs, status: &Status) -> Result<(), Trouble> {
    let is_terminal = io::stdin().is_terminal();
    let needs_no_question = args.yes && args.expect_count.is_some();
    if !is_terminal && !needs_no_question {
        return Err(Trouble::usage(
            "stdin is no terminal, so no question can be asked: add --yes, and --expect-count N with the number of \
             planned ids; nothing was sent",
        ));
    }
    let planned: u64 = status.targets.iter().map(|target| target.planned).sum();
    if let Some(expected) = args.expect_count.filter(|expected| *expected != planned) {
        let planned = count(planned, "id");
        let message = format!("--expect-count is {expected}, and the plan holds {planned}: nothing was sent");
        return Err(Trouble::new(Exit::Unsafe, message));
    }
    if !args.yes && !is_confirmed(status) {
        return Err(Trouble::new(Exit::Unsafe, "not confirmed: nothing was sent"));
    }
    Ok(())
}

fn is_confirmed(status: &Status) -> bool {
    let number = |target: &delete_job::TargetStatus, word: &str| target.outcomes.get(word).copied().unwrap_or(0);
    let open: u64 = status.targets.iter().map(|target| number(target, "open")).sum();
    notice(&format!("About to delete {}:", count(open, "record")));
    for target in &status.targets {
        notice(&format!("  {}", heading(target)));
        notice(&format!(
            "    {} of {} planned, {} held",
            number(target, "open"),
            target.planned,
            number(target, "held")
        ));
    }
    let _ = write!(io::stderr(), "This cannot be undone here. Type `yes` to go on: ");
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).is_ok() && answer.trim() == "yes"
}
