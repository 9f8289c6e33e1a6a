//! Words for people.

/// `1 id`, `2 ids`.
pub(crate) fn count(number: u64, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// `text` with what a terminal would act on or hide escaped, on one line.
pub(crate) fn visible(text: &str) -> String {
    delete_core::text::sanitize(text, usize::MAX)
}
