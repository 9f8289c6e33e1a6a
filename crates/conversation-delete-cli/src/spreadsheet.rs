//! Text in the cells of a CSV file, which a spreadsheet may take for a formula.

use std::borrow::Cow;

/// Puts a `'` before text that a spreadsheet would calculate: what begins with `=`, `+`, `-`, `@` or a control character.
/// [`unguarded`] takes it away again, whatever the text is.
pub(crate) fn guarded(text: &str) -> Cow<'_, str> {
    if is_active(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// Without the one `'` that [`guarded`] puts before it.
pub(crate) fn unguarded(bytes: &[u8]) -> &[u8] {
    match bytes.split_first() {
        Some((b'\'', rest)) if std::str::from_utf8(rest).is_ok_and(is_active) => rest,
        _ => bytes,
    }
}

/// A `'` in the text itself is one more in its cell.
fn is_active(text: &str) -> bool {
    let first = text.trim_start_matches('\'').chars().next();
    first.is_some_and(|first| matches!(first, '=' | '+' | '-' | '@') || first.is_control())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_spreadsheet_would_calculate_is_guarded() {
        for text in ["=1+1", "+1", "-1e10", "@SUM(A1)", "\tx", "\r=1", "\u{0}", "\u{7f}x", "'=1"] {
            assert_eq!(guarded(text), format!("'{text}"));
        }
        for text in ["", "c1", "'", "'c1", "1-1", " =1"] {
            assert_eq!(guarded(text), text);
        }
        assert_eq!(
            [unguarded(b"'c1"), unguarded(b"'-c1"), unguarded(b"'\xff"), unguarded(b"'")],
            [&b"'c1"[..], b"-c1", b"'\xff", b"'"]
        );
    }

    proptest! {
        #[test]
        fn a_guard_is_taken_away_again(text in "['=+@\\-\t\n]{0,3}\\PC{0,8}") {
            let guarded = guarded(&text);
            prop_assert_eq!(unguarded(guarded.as_bytes()), text.as_bytes());
            prop_assert!(!guarded.starts_with(['=', '+', '-', '@']) && !guarded.starts_with(char::is_control));
        }
    }
}
