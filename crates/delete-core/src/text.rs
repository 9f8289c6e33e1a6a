//! Text that came from outside, made fit to be shown: bounded, on one line, without control characters.

/// The longest text from a server that is shown.
const MAX_SHOWN: usize = 200;

/// `text` in double quotes, with what cannot be seen or could deceive escaped, and cut to a length fit for a line.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", sanitize(text, MAX_SHOWN).replace('"', "\\\""))
}

/// `text` with what [`is_unsafe_to_print`] escaped, so that it stays on one line; at most `limit` characters of it, and `…`
/// where more would follow.
pub fn sanitize(text: &str, limit: usize) -> String {
    let mut out = String::new();
    let mut length = 0;
    for character in text.chars() {
        let escaped = is_unsafe_to_print(character).then(|| character.escape_default());
        length += escaped.as_ref().map_or(1, ExactSizeIterator::len);
        if length > limit {
            out.push('…');
            break;
        }
        match escaped {
            Some(escaped) => out.extend(escaped),
            None => out.push(character),
        }
    }
    out
}

/// An error and its causes on one line, each named once.
pub fn error_chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let words = error.to_string();
        if !text.contains(&words) {
            text.push_str(&format!(" (cause: {words})"));
        }
        cause = error.source();
    }
    text
}

/// Whether a terminal would act on a character, or a reader could not see it: control characters, line and paragraph
/// separators, and the format characters that hide or reorder text.
pub fn is_unsafe_to_print(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn escapes_what_a_terminal_would_act_on() {
        assert_eq!(quoted("a\n\u{1b}[31mb\"\u{202e}"), r#""a\n\u{1b}[31mb\"\u{202e}""#);
    }

    proptest! {
        #[test]
        fn shown_text_is_bounded_and_on_one_line(text in any::<String>()) {
            let shown = sanitize(&text, 20);
            prop_assert!(!shown.chars().any(is_unsafe_to_print));
            prop_assert!(shown.chars().count() <= 20 + 1);
        }
    }
}
