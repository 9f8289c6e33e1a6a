//! The last table of the demo: what was reported, beside what the fakes hold.

use std::io::{self, Write};

use conversation_delete_fake::{Fake, RecordState};
use delete_core::{ErasureMode, RecordId};

use crate::report::{Outcome, Tally, coloured_check};

/// What was asked of one vendor, and what became of it.
pub(super) struct Row<'a> {
    name: &'static str,
    fake: &'a Fake,
    reported: Tally,
    removed: usize,
    hidden: usize,
    never_there: usize,
    still_there: usize,
    /// Records that nobody asked to delete.
    others: Vec<String>,
    is_each_true: bool,
}

impl<'a> Row<'a> {
    pub(super) fn new(name: &'static str, fake: &'a Fake, others: Vec<String>) -> Self {
        Self {
            name,
            fake,
            reported: Tally::default(),
            removed: 0,
            hidden: 0,
            never_there: 0,
            still_there: 0,
            others,
            is_each_true: true,
        }
    }

    /// Takes one report, and asks the fake what it holds.
    pub(super) fn note(&mut self, outcome: Outcome, erasure: Option<ErasureMode>, id: &RecordId) {
        let state = self.fake.state_of(&id.to_string());
        self.reported.add(outcome);
        match state {
            Some(RecordState::Deleted) => self.removed += 1,
            Some(RecordState::SoftDeleted) => self.hidden += 1,
            None => self.never_there += 1,
            _ => self.still_there += 1,
        }
        self.is_each_true &= is_true(outcome, erasure, state);
    }

    /// Whether every report is true, and nothing else was touched.
    pub(super) fn agrees(&self) -> bool {
        self.is_each_true && self.reported.total() > 0 && self.others_kept() == self.others.len()
    }

    fn others_kept(&self) -> usize {
        self.others.iter().filter(|id| self.fake.state_of(id) == Some(RecordState::Present)).count()
    }
}

/// Whether a report fits the state of the record.
fn is_true(outcome: Outcome, erasure: Option<ErasureMode>, state: Option<RecordState>) -> bool {
    let removed = match erasure {
        Some(ErasureMode::Soft) => RecordState::SoftDeleted,
        _ => RecordState::Deleted,
    };
    match outcome {
        Outcome::Deleted | Outcome::Gone => state == Some(removed),
        Outcome::NotFound => state.is_none(),
        // Removed, or never there: the report says no more, and neither leaves a record behind.
        Outcome::Unresolved => state.is_none_or(|state| state == removed),
        // Nothing in the demo may fail.
        _ => false,
    }
}

const HEADER: [&str; 12] = [
    "",
    "asked",
    "deleted",
    "gone",
    "unresolved",
    "not found",
    "removed",
    "hidden",
    "no such id",
    "still there",
    "others kept",
    "agree",
];

/// The columns of the left part, which the program reports; the others tell what the fake holds.
const REPORTED: usize = 6;
const LAST: usize = HEADER.len() - 1;

pub(super) fn write(out: &mut impl Write, rows: &[Row<'_>]) -> io::Result<()> {
    let lines: Vec<[String; 12]> = rows.iter().map(cells).collect();
    let widths: Vec<usize> = (0..HEADER.len())
        .map(|column| lines.iter().map(|line| line[column].len()).chain([HEADER[column].len()]).max().unwrap_or(0))
        .collect();
    let reported: usize = widths[..REPORTED].iter().map(|width| width + 2).sum();
    writeln!(out, "\n{:<reported$}| what the fakes hold now", "what the program reports")?;
    write_line(out, &HEADER.map(str::to_owned), &widths, str::to_owned)?;
    for (row, line) in rows.iter().zip(&lines) {
        write_line(out, line, &widths, |text| coloured_check(row.agrees(), text))?;
    }
    writeln!(out, "\ngone: the first response was lost; at the retry the record did not exist any more.")?;
    writeln!(
        out,
        "unresolved: something in that batch did not exist; Fini does not report what, so neither does the program."
    )
}

fn cells(row: &Row<'_>) -> [String; 12] {
    let reported = |outcome| row.reported.get(outcome).to_string();
    [
        row.name.to_owned(),
        row.reported.total().to_string(),
        reported(Outcome::Deleted),
        reported(Outcome::Gone),
        reported(Outcome::Unresolved),
        reported(Outcome::NotFound),
        row.removed.to_string(),
        row.hidden.to_string(),
        row.never_there.to_string(),
        row.still_there.to_string(),
        format!("{} of {}", row.others_kept(), row.others.len()),
        if row.agrees() { "yes" } else { "NO" }.to_owned(),
    ]
}

fn write_line(
    out: &mut impl Write,
    cells: &[String; 12],
    widths: &[usize],
    paint_last: impl Fn(&str) -> String,
) -> io::Result<()> {
    for (column, (cell, width)) in cells.iter().zip(widths).enumerate() {
        match column {
            0 => write!(out, "{cell:<width$}")?,
            REPORTED => write!(out, "  | {cell:>width$}")?,
            LAST => write!(out, "  {}", paint_last(&format!("{cell:>width$}")))?,
            _ => write!(out, "  {cell:>width$}")?,
        }
    }
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_that_is_not_true_is_seen() {
        use RecordState::{Deleted, Present, SoftDeleted};
        let (hard, soft) = (Some(ErasureMode::Hard), Some(ErasureMode::Soft));
        for (outcome, erasure, state, expected) in [
            (Outcome::Deleted, None, Some(Deleted), true),
            (Outcome::Deleted, None, Some(Present), false),
            (Outcome::Deleted, None, None, false),
            (Outcome::Deleted, hard, Some(SoftDeleted), false),
            (Outcome::Deleted, soft, Some(SoftDeleted), true),
            (Outcome::Deleted, soft, Some(Deleted), false),
            (Outcome::Gone, None, Some(Deleted), true),
            (Outcome::Gone, None, Some(Present), false),
            (Outcome::NotFound, None, None, true),
            (Outcome::NotFound, None, Some(Deleted), false),
            (Outcome::Unresolved, None, None, true),
            (Outcome::Unresolved, None, Some(Deleted), true),
            (Outcome::Unresolved, None, Some(Present), false),
            (Outcome::Failed, None, Some(Present), false),
        ] {
            assert_eq!(is_true(outcome, erasure, state), expected, "{outcome:?} {erasure:?} {state:?}");
        }
    }
}
