//! Messages on stderr.

use delete_core::text::sanitize;

use crate::log_line::{self, Level};
use crate::stream;

/// The most ids that are named on stderr, where stdout has them all.
pub(crate) const MAX_NAMED: usize = 20;

/// Prints one line, whose first word says if it is an error or a warning. It never waits for the reader of stderr.
pub(crate) fn notice(message: &str) {
    notice_as(Level::of(message).0, message);
}

/// Prints one line of this level.
pub(crate) fn notice_as(level: Level, message: &str) {
    if log_line::shows(level) {
        stream::push_notice(log_line::render(level, message));
    }
}

/// Prints a line also with `--quiet`, such as one of a question.
pub(crate) fn notice_always(message: &str) {
    stream::push_notice(log_line::render(Level::Info, message));
}

/// Asks a question; the answer is typed on the same line.
pub(crate) fn ask(question: &str) {
    match log_line::is_json() {
        true => notice_always(question),
        false => stream::push_notice(question.as_bytes().to_vec()),
    }
    stream::finish_stderr();
}

/// Prints a heading and the first of `ids`, of which there are `total`.
pub(crate) fn notice_ids(heading: &str, ids: &[String], total: u64) {
    let level = Level::of(heading).0;
    notice_as(level, heading);
    let named = ids.len().min(MAX_NAMED);
    ids[..named].iter().for_each(|id| notice_as(level, &format!("  {}", sanitize(id, usize::MAX))));
    let more = total.saturating_sub(named as u64);
    if more > 0 {
        notice_as(level, &format!("  and {more} more"));
    }
}
