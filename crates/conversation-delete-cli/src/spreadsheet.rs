//! Text in the cells of a CSV file, as spreadsheets read it.

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

/// A time of RFC 3339 with three decimals at most: of more, spreadsheets make text.
pub(crate) fn milliseconds(time: &str) -> String {
    let Some((seconds, fraction)) = time.split_once('.') else { return time.to_owned() };
    let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
    format!("{seconds}.{}{}", &fraction[..digits.min(3)], &fraction[digits..])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_time_in_a_table_has_three_decimals_at_most() {
        for (time, expected) in [
            ("2026-03-01T10:00:00.123456789Z", "2026-03-01T10:00:00.123Z"),
            ("2026-03-01T10:00:00.1+01:00", "2026-03-01T10:00:00.1+01:00"),
            ("2026-03-01T10:00:00Z", "2026-03-01T10:00:00Z"),
        ] {
            assert_eq!(milliseconds(time), expected);
        }
    }

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
