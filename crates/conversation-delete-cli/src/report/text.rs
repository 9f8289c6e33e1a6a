//! Plain lines and a table for people.

use std::io::{self, Write};

use conversation_delete_job::RecordOutcome;
use delete_core::ErasureMode;

use super::colour;
use super::context::Context;
use super::display::{count, visible};
use super::lines::CountMembers;
use super::lookup::{LookupOutcome, LookupRecord, LookupTally};
use super::presence::PresencePair;
use super::record::Record;
use super::summary::Summary;

/// A record, after what belonged to it.
pub(crate) fn record(out: &mut impl Write, context: &Context, record: &Record) -> io::Result<()> {
    for child in &record.children {
        let (outcome, id) = (child.record.outcome, shown_id(&child.record.id));
        let word = colour::of_outcome(outcome, &format!("{:<13}", word(outcome, context.erasure)));
        writeln!(out, "  {word} {} {id}{}", child.kind.replace('_', " "), details(&child.record))?;
    }
    // That a record was there before its delete is nothing to be told alone.
    let pair = record.presence.as_deref().filter(|pair| !pair.was_only_present());
    let presence = pair.map_or(String::new(), presence);
    let word = colour::of_outcome(record.outcome, &format!("{:<15}", word(record.outcome, context.erasure)));
    writeln!(out, "{word} {}{}{presence}", shown_id(&record.id), details(record))
}

fn presence(pair: &PresencePair) -> String {
    let [before, after] = [&pair.before, &pair.after].map(|seen| seen.as_ref().map_or("?", |seen| seen.state));
    format!("  [{before} -> {after}]")
}

/// The result of a lookup.
pub(super) fn lookup(out: &mut impl Write, record: &LookupRecord) -> io::Result<()> {
    let details = match (&record.error, record.status()) {
        (Some(_), _) if record.outcome == LookupOutcome::NotAttempted => String::new(),
        (Some(error), _) => format!("  {}", error.message),
        (None, Some(status)) => format!("  (status {})", visible(status)),
        (None, None) => String::new(),
    };
    let word = colour::of_lookup(record.outcome, &format!("{:<15}", lookup_word(record.outcome)));
    writeln!(out, "{word} {}{details}", shown_id(&record.id))
}

fn lookup_word(outcome: LookupOutcome) -> &'static str {
    match outcome {
        LookupOutcome::NotAttempted => "not attempted",
        outcome => outcome.as_str(),
    }
}

pub(super) fn shown_id(id: &str) -> String {
    if id.is_empty() { "(no id)".to_owned() } else { visible(id) }
}

/// What a person must know beside the outcome. A soft delete is named as such on each line.
fn word(outcome: RecordOutcome, mode: Option<ErasureMode>) -> &'static str {
    match (outcome, mode) {
        (RecordOutcome::Deleted, Some(ErasureMode::Soft)) => "deleted (soft)",
        (RecordOutcome::Deleted, _) => "deleted",
        (RecordOutcome::Acknowledged, _) => "acknowledged",
        (RecordOutcome::Gone, _) => "gone",
        (RecordOutcome::Unresolved, _) => "unresolved",
        (RecordOutcome::NotFound, _) => "not found",
        (RecordOutcome::Failed, _) => "failed",
        (RecordOutcome::Refused, _) => "refused",
        (RecordOutcome::Held, _) => "held",
        (RecordOutcome::NotAttempted, _) => "not attempted",
    }
}

fn details(record: &Record) -> String {
    let attempts = match record.attempts {
        0 | 1 => String::new(),
        many => format!("  after {many} attempts"),
    };
    match (&record.error, record.outcome) {
        (Some(error), _) => format!("  {}", error.message),
        (None, RecordOutcome::Gone) if record.attempts > 1 => format!("{attempts}; an earlier one may have removed it"),
        (None, RecordOutcome::Gone) => "  seen before, absent now; somebody may have removed it meanwhile".to_owned(),
        (None, RecordOutcome::Unresolved) => {
            format!(
                "{attempts}  its batch: what was accessible is removed, something was not, and Fini does not say which"
            )
        }
        (None, _) => attempts,
    }
}

/// A request that a dry run has not sent. The ids are printed after the URL if it does not name them.
pub(super) fn planned(out: &mut impl Write, method: &str, url: &str, ids: &[String]) -> io::Result<()> {
    writeln!(out, "{method} {url}")?;
    match ids {
        [id] if url.contains(id.as_str()) => Ok(()),
        ids => ids.iter().try_for_each(|id| writeln!(out, "    {id}")),
    }
}

pub(super) fn summary(out: &mut impl Write, context: &Context, summary: &Summary) -> io::Result<()> {
    let mode = match context.erasure {
        None => String::new(),
        Some(erasure) => format!(", {erasure} delete"),
    };
    let ids: u64 = summary.counts.outcomes().map(|(_, number)| number).sum();
    writeln!(out, "\n{}{mode}: {}", context.vendor, count(ids, "id"))?;
    counts(out, context.erasure, &summary.counts, summary.has_lookups)
}

/// The counts that are not 0, and what lookups verified.
pub(crate) fn counts(
    out: &mut impl Write,
    mode: Option<ErasureMode>,
    counts: &CountMembers,
    has_lookups: bool,
) -> io::Result<()> {
    for (outcome, number) in counts.outcomes().filter(|(_, number)| *number > 0) {
        writeln!(out, "  {} {number:>9}", colour::of_outcome(outcome, &format!("{:<15}", word(outcome, mode))))?;
    }
    if !has_lookups {
        return Ok(());
    }
    writeln!(out, "of what was deleted:")?;
    let CountMembers { verified, still_present, unverified, .. } = counts;
    for (word, number) in [("verified", verified), ("still present", still_present), ("unverified", unverified)] {
        writeln!(out, "  {word:<15} {number:>9}")?;
    }
    Ok(())
}

pub(super) fn lookup_summary(out: &mut impl Write, context: &Context, tally: &LookupTally) -> io::Result<()> {
    writeln!(out, "\n{}: {}", context.vendor, count(tally.total(), "id"))?;
    lookup_counts(out, LookupOutcome::ALL.into_iter().filter(|outcome| tally.count(*outcome) > 0), tally)?;
    if tally.count(LookupOutcome::Absent) > 0 {
        writeln!(
            out,
            "Absent is what this credential sees, and no proof by itself: another workspace says the same of every id."
        )?;
    }
    Ok(())
}

/// A table of these counts.
pub(crate) fn lookup_counts(
    out: &mut impl Write,
    outcomes: impl IntoIterator<Item = LookupOutcome>,
    tally: &LookupTally,
) -> io::Result<()> {
    for outcome in outcomes {
        let word = colour::of_lookup(outcome, &format!("{:<15}", lookup_word(outcome)));
        writeln!(out, "  {word} {:>9}", tally.count(outcome))?;
    }
    Ok(())
}
