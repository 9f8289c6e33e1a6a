//! Text from outside, sanitised for display: bounded, on one line, without control characters.

/// The most characters of a quoted text.
const MAX_QUOTED: usize = 200;

/// The most characters of the cause of an error.
pub(crate) const MAX_CAUSE: usize = 500;

/// Returns `text` sanitised and in double quotes.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{}\"", sanitize(text, MAX_QUOTED).replace('"', "\\\""))
}

/// Returns at most `limit` characters of `text`, followed by `…` if there are more. Characters for which
/// [`is_unsafe_to_print`] is true are escaped, so the result is one line.
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

/// Returns an error and its causes on one line, each named once and sanitised; of a cause, at most 500 characters.
pub fn error_chain(error: &dyn std::error::Error) -> String {
    let mut text = sanitize(&error.to_string(), usize::MAX);
    let mut cause = error.source();
    while let Some(error) = cause {
        let message = sanitize(&error.to_string(), MAX_CAUSE);
        if !text.contains(&message) {
            text.push_str(&format!(" (cause: {message})"));
        }
        cause = error.source();
    }
    text
}

/// Returns whether a terminal would act on a character or a reader could not see it: control characters, line and
/// paragraph separators, and format characters that hide or reorder text.
pub fn is_unsafe_to_print(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use std::io;

    use proptest::prelude::*;

    use super::*;
    use crate::http::{TransportError, TransportErrorKind};
    use crate::{Error, ErrorKind};

    #[test]
    fn unsafe_characters_are_escaped() {
        assert_eq!(quoted("a\n\u{1b}[31mb\"\u{202e}"), r#""a\n\u{1b}[31mb\"\u{202e}""#);
    }

    #[test]
    fn a_cause_cannot_break_the_line_or_fill_the_memory() {
        for hostile in ["login failed\nhint:\u{1b}[2J", "cn=\u{202e}evil", &"x".repeat(10_000)] {
            let error = TransportError::new(TransportErrorKind::Tls, "refused").with_source(io::Error::other(hostile));
            let error = Error::builder(ErrorKind::Tls, "the server could not prove its identity").source(error).build();
            let chain = error_chain(&error);
            assert!(!chain.chars().any(is_unsafe_to_print) && chain.len() < 2_000, "{chain}");
        }
    }

    proptest! {
        #[test]
        fn sanitised_text_is_bounded_and_on_one_line(text in any::<String>()) {
            let shown = sanitize(&text, 20);
            prop_assert!(!shown.chars().any(is_unsafe_to_print));
            prop_assert!(shown.chars().count() <= 20 + 1);
        }
    }
}
