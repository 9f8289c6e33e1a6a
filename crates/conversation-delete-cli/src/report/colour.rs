//! Colours of outcomes, for a person at a terminal.

use std::io;
use std::sync::OnceLock;

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use conversation_delete_job::RecordOutcome;

use super::lookup::LookupOutcome;

/// What a colour says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    Done,
    Open,
    Problem,
}

/// `text` in the colour of an outcome, if stdout shows colours.
pub(super) fn of_outcome(outcome: RecordOutcome, text: &str) -> String {
    let meaning = match outcome {
        RecordOutcome::Deleted | RecordOutcome::Acknowledged | RecordOutcome::Gone => Meaning::Done,
        RecordOutcome::Held | RecordOutcome::NotAttempted => Meaning::Open,
        _ => Meaning::Problem,
    };
    painted(meaning, text)
}

/// `text` in the colour of what a lookup reported.
pub(super) fn of_lookup(outcome: LookupOutcome, text: &str) -> String {
    let meaning = match outcome {
        LookupOutcome::Absent => Meaning::Done,
        LookupOutcome::Present => Meaning::Problem,
        _ => Meaning::Open,
    };
    painted(meaning, text)
}

/// `text` in the colour of whether something is as it should be.
pub(crate) fn coloured_check(is_good: bool, text: &str) -> String {
    painted(if is_good { Meaning::Done } else { Meaning::Problem }, text)
}

fn painted(meaning: Meaning, text: &str) -> String {
    if !are_shown() {
        return text.to_owned();
    }
    let colour = match meaning {
        Meaning::Done => AnsiColor::Green,
        Meaning::Open => AnsiColor::Yellow,
        Meaning::Problem => AnsiColor::Red,
    };
    let style = Style::new().fg_color(Some(colour.into()));
    format!("{style}{text}{style:#}")
}

/// Whether stdout shows colours, by what it is, NO_COLOR, CLICOLOR, CLICOLOR_FORCE and TERM.
fn are_shown() -> bool {
    static SHOWN: OnceLock<bool> = OnceLock::new();
    *SHOWN.get_or_init(|| AutoStream::choice(&io::stdout()) != ColorChoice::Never)
}
