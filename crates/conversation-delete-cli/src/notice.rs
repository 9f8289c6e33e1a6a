//! Messages on stderr.

use delete_core::text::sanitize;

use crate::stream;

/// The most ids that are named on stderr, where stdout has them all.
pub(crate) const MAX_NAMED: usize = 20;

/// Prints one line. It never waits for the reader of stderr.
pub(crate) fn notice(message: &str) {
    stream::push_notice(format!("{message}\n").into_bytes());
}

/// Asks a question; the answer is typed on the same line.
pub(crate) fn ask(question: &str) {
    stream::push_notice(question.as_bytes().to_vec());
    stream::finish_stderr();
}

/// Prints a heading and the first of `ids`, of which there are `total`.
pub(crate) fn notice_ids(heading: &str, ids: &[String], total: u64) {
    notice(heading);
    let named = ids.len().min(MAX_NAMED);
    ids[..named].iter().for_each(|id| notice(&format!("  {}", sanitize(id, usize::MAX))));
    let more = total.saturating_sub(named as u64);
    if more > 0 {
        notice(&format!("  and {more} more"));
    }
}
