//! What something is that is not an id. People paste e-mail addresses, names and whole rows: what is not plausibly an
//! id is described, and never shown or stored.

/// Longer words are not names.
const MAX_NAME_LEN: usize = 64;

/// A description to show instead of `text`; `None` if it may be a mistyped id, which helps to find the mistake.
pub(crate) fn describe(text: &str) -> Option<String> {
    let text = text.trim();
    let length = text.chars().count();
    let is_sum = text.strip_prefix('+').is_some_and(|rest| rest.contains(['(', '+', '*', '/']));
    let is_formula = text.starts_with('@') || is_sum;
    if is_formula && !is_telephone(text) {
        Some(format!("text of {length} characters that a spreadsheet would calculate"))
    } else if text.contains('@') {
        Some("an e-mail address".to_owned())
    } else if text.contains("://") {
        Some("a web address".to_owned())
    } else if text.contains(is_space) {
        Some(format!("text of {length} characters with spaces"))
    } else if is_telephone(text) {
        Some("a telephone number".to_owned())
    } else if is_date(text) {
        Some("a date".to_owned())
    } else if is_word(text) {
        Some(format!("a word of {length} characters"))
    } else if text.contains(is_foreign_to_ids) {
        Some(format!("text of {length} characters"))
    } else {
        None
    }
}

/// Digits after a `+`, and what separates them.
fn is_telephone(text: &str) -> bool {
    let number = text.strip_prefix('+').unwrap_or_default();
    !number.is_empty() && number.chars().all(|c| c.is_ascii_digit() || "-./()".contains(c))
}

/// White space that separates words. A line break in an id is a slip of its own.
fn is_space(c: char) -> bool {
    c.is_whitespace() && !c.is_control() || c == '\t'
}

/// What mistyped ids do not hold, but rows, formulas, names and code do.
fn is_foreign_to_ids(c: char) -> bool {
    matches!(c, ',' | ';' | '"' | '\'' | '<' | '>' | '(' | ')' | '|' | '=' | '&' | '!')
        || !c.is_ascii() && c.is_alphabetic()
}

/// A name, most likely: letters, and at most one hyphen among them.
fn is_word(text: &str) -> bool {
    let hyphens = text.matches('-').count();
    text.chars().any(char::is_alphabetic)
        && text.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '\'' | '.' | '’'))
        && hyphens < 2
        && text.len() <= MAX_NAME_LEN
        && !text.starts_with(['.', '-'])
}

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split(['-', '.', '/']).collect();
    let is_number = |part: &&str| (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
    parts.len() == 3 && parts.iter().all(is_number) && (6..=10).contains(&text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_personal_is_described() {
        for (text, expected) in [
            ("jane.doe@example.com", "an e-mail address"),
            (" Jane Doe ", "text of 8 characters with spaces"),
            ("Jane\u{a0}Doe", "text of 8 characters with spaces"),
            ("Jane", "a word of 4 characters"),
            ("jane-marie", "a word of 10 characters"),
            ("O'Brien", "a word of 7 characters"),
            ("J.Doe", "a word of 5 characters"),
            ("Müller", "a word of 6 characters"),
            ("+491701234567", "a telephone number"),
            ("1980-04-12", "a date"),
            ("12.4.1980", "a date"),
            ("https://example.com/x?user=jane", "a web address"),
            ("Doe,Jane1", "text of 9 characters"),
            ("=cmd|'/C!A0", "text of 11 characters"),
            ("@SUM(A1:A9)", "text of 11 characters that a spreadsheet would calculate"),
            ("+1+1", "text of 4 characters that a spreadsheet would calculate"),
            ("+SUM(A1)", "text of 8 characters that a spreadsheet would calculate"),
            ("+49(0)170-1", "a telephone number"),
            ("Zoë123", "text of 6 characters"),
        ] {
            assert_eq!(describe(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_may_be_a_mistyped_id_is_shown() {
        for text in
            ["", "..", "?", "a/b", "../agents/x", "not-a-uuid", "x?hard-true", "a\nb", "1234", "%2e%2e", "c1*", "{}"]
        {
            assert_eq!(describe(text), None, "{text}");
        }
    }
}
