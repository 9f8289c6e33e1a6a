//! Changes of parts of a text that keep all the rest, byte by byte.

use std::ops::Range;

/// The text that replaces a range of bytes.
pub(super) type Part = (Range<usize>, String);

/// The text with these parts changed; they must not overlap.
pub(super) fn with_parts(text: &str, mut parts: Vec<Part>) -> String {
    let mut changed = text.to_owned();
    parts.sort_by_key(|(range, _)| range.start);
    // From the back, so that the ranges before stay true.
    for (range, part) in parts.into_iter().rev() {
        changed.replace_range(range, &part);
    }
    changed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_change_and_the_rest_stays() {
        let parts = vec![(4..5, "".to_owned()), (0..1, "long".to_owned()), (2..2, "+".to_owned())];
        assert_eq!(with_parts("abcdef", parts), "longb+cdf");
    }
}
