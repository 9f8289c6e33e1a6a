//! What must be said before a run may send anything.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal};

use conversation_delete_job::{Status, TargetNumber, TargetStatus, export};
use tokio::runtime::Runtime;

use crate::args::RunArgs;
use crate::confirm::{NAMED_IDS, Question, Subject};
use crate::engine::lanes::compare;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::plan::target;
use crate::report::{Outcome, count, visible};

/// Refuses a job whose plan is not the expected one.
pub(super) fn expect_hash(args: &RunArgs, status: &Status) -> Result<(), CommandError> {
    let whole = args.whole.as_ref().map(|whole| &*whole.hash);
    let planned = whole.or(status.plan_hash.as_deref()).unwrap_or("none");
    match args.expect_hash.as_deref() {
        Some(expected) if expected != planned => {
            let message = format!(
                "--expect-hash is {expected}, and the hash of the plan is {}: nothing was sent",
                visible(planned)
            );
            Err(CommandError::new(Exit::Unsafe, message))
        }
        _ => Ok(()),
    }
}

/// Refuses a job that has another number of planned ids than expected.
pub(super) fn expect_count(args: &RunArgs, status: &Status) -> Result<(), CommandError> {
    match args.expect_count {
        Some(expected) if expected != planned(args, status) => {
            let planned = count(planned(args, status), "id");
            let message = format!("--expect-count is {expected}, and the plan holds {planned}: nothing was sent");
            Err(CommandError::new(Exit::Unsafe, message))
        }
        _ => Ok(()),
    }
}

/// How many ids the plan holds, which of a shard is the whole one.
fn planned(args: &RunArgs, status: &Status) -> u64 {
    let sum = || status.targets.iter().map(|target| target.planned).sum();
    args.whole.as_ref().map_or_else(sum, |whole| whole.planned)
}

/// Refuses an environment that names another target than the plan. A job that sends nothing needs no credential, so that a
/// target that the environment does not name is not compared.
pub(super) fn expect_targets(args: &RunArgs, status: &Status, runtime: &Runtime) -> Result<(), CommandError> {
    // A profile that is gone does not matter to it either.
    let Ok(settings) = args.settings(status) else { return Ok(()) };
    for (target, settings) in status.targets.iter().zip(settings) {
        let planned = target::planned(&target.target).map_err(CommandError::usage)?;
        if let Ok(now) = target::of_settings(&settings, planned, &target.target.options, runtime) {
            compare(target, &now, &settings, args.accept_credential)?;
        }
    }
    Ok(())
}

/// Compares the expected count, and asks whoever sits at the terminal.
pub(super) fn confirm(args: &RunArgs, status: &Status) -> Result<(), CommandError> {
    let is_terminal = io::stdin().is_terminal();
    let needs_no_question = args.yes && args.expect_count.is_some();
    if !is_terminal && !needs_no_question {
        let planned = planned(args, status);
        return Err(CommandError::usage(format!(
            "stdin is not a terminal, so no question can be asked: if you mean to delete {}, add --yes --expect-count \
             {planned}; nothing was sent",
            count(planned, "record")
        )));
    }
    expect_count(args, status)?;
    if !args.yes && !is_confirmed(args, status)? {
        return Err(CommandError::new(Exit::Unsafe, "not confirmed: nothing was sent"));
    }
    Ok(())
}

fn is_confirmed(args: &RunArgs, status: &Status) -> Result<bool, CommandError> {
    let mut first_ids = first_ids(args, status)?;
    let subjects = status.targets.iter().map(|target| {
        let (count, held) = (ids_to_send(args, target), target.outcomes.get(Outcome::Held));
        let mut more = vec![("plan", format!("{count} of {} planned, {held} held", target.planned))];
        if let Some(until) = &status.until {
            more.push(("created before", visible(until)));
        }
        if let Some(since) = &status.since {
            more.push(("created since", visible(since)));
        }
        Subject { target: &target.target, count, first_ids: first_ids.remove(&target.number).unwrap_or_default(), more }
    });
    let accepted =
        "Another credential than the planned one is accepted, if it shows a record that is still to be deleted.";
    let notes = args.accept_credential.then(|| accepted.to_owned()).into_iter().collect();
    Ok(Question { subjects: subjects.collect(), notes }.is_confirmed())
}

/// The first ids that this run is to send, of each target.
fn first_ids(args: &RunArgs, status: &Status) -> Result<BTreeMap<TargetNumber, Vec<String>>, CommandError> {
    let named = |target: &TargetStatus| ids_to_send(args, target).min(NAMED_IDS.into());
    let mut missing: u64 = status.targets.iter().map(named).sum();
    let mut first: BTreeMap<TargetNumber, Vec<String>> = BTreeMap::new();
    export(&args.job, |record| {
        let ids = first.entry(record.target).or_default();
        if is_to_send(args, record.outcome) && (ids.len() as u64) < NAMED_IDS.into() {
            ids.push(record.id);
            missing -= 1;
        }
        missing > 0
    })?;
    Ok(first)
}

fn is_to_send(args: &RunArgs, outcome: Outcome) -> bool {
    outcome == Outcome::NotAttempted || args.retry_failed && outcome == Outcome::Failed
}

/// How many ids this run is to send: the open ones, and with --retry-failed those that failed.
pub(super) fn ids_to_send(args: &RunArgs, target: &TargetStatus) -> u64 {
    let number = |outcome: Outcome| target.outcomes.get(outcome);
    number(Outcome::NotAttempted) + if args.retry_failed { number(Outcome::Failed) } else { 0 }
}
