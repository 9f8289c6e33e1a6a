//! The names of the column, or of the member, that holds the ids.

use std::borrow::Cow;

/// The usual names, as messages write them.
pub(super) const USUAL: &str = "id, conversation_id, conversationId, interaction_id or interactionId";

/// Names that a column of ids may have, and `ids`, which only looks like one.
const HEADERS: [&str; 6] = ["id", "ids", "conversation_id", "conversationId", "interaction_id", "interactionId"];

/// The same without what separates words.
const BARE: [&[u8]; 3] = [b"id", b"conversationid", b"interactionid"];

/// Whether `name` is a usual one, in any case, and with or without something between its words.
pub(super) fn is_usual(name: &[u8]) -> bool {
    let bare = || name.iter().filter(|byte| !matches!(byte, b'_' | b'-' | b' ')).map(u8::to_ascii_lowercase);
    BARE.into_iter().any(|usual| bare().eq(usual.iter().copied()))
}

/// Whether `name` is a usual one in the plural: that of an array of ids.
pub(super) fn is_usual_plural(name: &str) -> bool {
    name.strip_suffix(['s', 'S']).is_some_and(|name| is_usual(name.as_bytes()))
}

/// The longest name that is repeated to the user.
const MAX_NAME_LEN: usize = 40;

/// A name as text. What is not UTF-8 is taken for Latin-1, which has the letters of Windows-1252 too.
pub(super) fn decoded(name: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(name) {
        Ok(name) => Cow::Borrowed(name),
        Err(_) => name.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// Whether `id` is a word of `name`, as in `Konversations-ID` or `callId`. Such a name is not personal.
pub(super) fn has_id_word(name: &[u8]) -> bool {
    let is_separator = |c: char| matches!(c, '_' | '-' | ' ' | '.' | '/' | '(' | ')');
    is_name(name, is_separator) && decoded(name).split(is_separator).any(is_id_word)
}

/// Whether `name` has nothing but letters, and separators after the first one. Ids of all vendors have digits, as a rule.
pub(super) fn is_name(name: &[u8], is_separator: impl Fn(char) -> bool) -> bool {
    let name = decoded(name);
    name.len() <= MAX_NAME_LEN
        && name.starts_with(char::is_alphabetic)
        && name.chars().all(|c| c.is_alphabetic() || is_separator(c))
}

/// `id` in any case, or the end of a word whose parts begin with capitals.
fn is_id_word(word: &str) -> bool {
    let before = word.strip_suffix("Id").or_else(|| word.strip_suffix("ID"));
    word.eq_ignore_ascii_case("id") || before.is_some_and(|before| before.ends_with(char::is_lowercase))
}

/// Whether `line` is such a name.
pub(super) fn is_header(line: &[u8]) -> bool {
    let name = line.trim_ascii();
    is_usual(name) || std::str::from_utf8(name).is_ok_and(|name| header_word(name).is_some())
}

/// The name of a column that `text` is.
pub(crate) fn header_word(text: &str) -> Option<&'static str> {
    HEADERS.into_iter().find(|word| word.eq_ignore_ascii_case(text))
}

/// Which of several names is that of the ids.
#[derive(Clone, Copy, Debug)]
pub(super) enum Column<'a> {
    /// One of the usual names.
    Usual,
    /// The one that the user named.
    Named(&'a str),
}

impl<'a> Column<'a> {
    pub(super) fn of(named: Option<&'a str>) -> Self {
        named.map_or(Self::Usual, Self::Named)
    }

    pub(super) fn is(self, name: &[u8]) -> bool {
        match self {
            Self::Usual => is_usual(name),
            Self::Named(wanted) => wanted == decoded(name),
        }
    }

    /// The numbers of the names that it is. A name in another case is taken if there is no exact one.
    pub(super) fn find(self, names: &[Vec<u8>]) -> Vec<usize> {
        let all = |is: &dyn Fn(&[u8]) -> bool| -> Vec<usize> {
            names.iter().enumerate().filter(|(_, name)| is(name)).map(|(number, _)| number).collect()
        };
        match self {
            Self::Usual => all(&is_usual),
            Self::Named(wanted) => {
                let exact = all(&|name| self.is(name));
                let wanted = wanted.to_lowercase();
                if exact.is_empty() { all(&|name| decoded(name).to_lowercase() == wanted) } else { exact }
            }
        }
    }

    /// The number of the column, counted from 0, if the user gave one.
    pub(super) fn number(self) -> Option<usize> {
        match self {
            Self::Usual => None,
            Self::Named(text) => text.parse::<usize>().ok()?.checked_sub(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_names_in_any_case() {
        for name in
            ["id", "ID", "conversation_id", "ConversationId", "CONVERSATION_ID", "interactionId", "Interaction ID"]
        {
            assert!(is_usual(name.as_bytes()), "{name}");
        }
        for name in ["", "ids", "row_id", "uuid", "conversation", "conversation_ids"] {
            assert!(!is_usual(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn a_name_with_the_word_id_is_one_of_ids_and_a_person_is_not() {
        for name in ["id", "Konversations-ID", "ID der Konversation", "callId", "call_id", "Gesprächs-ID", "Kunden ID"]
        {
            assert!(has_id_word(name.as_bytes()), "{name}");
        }
        let long = format!("{}-id", "x".repeat(40));
        assert!(has_id_word(b"Gespr\xe4chs-ID"), "Windows-1252");
        for name in ["", "David", "Ida", "Idris", "DAVID", "Jane Doe", "jane-id@example.com", "idea", "c1-id", &long] {
            assert!(!has_id_word(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn a_named_column_is_found_exactly_before_in_another_case() {
        let names = ["Call", "call", "2"].map(|name| name.as_bytes().to_vec());
        assert_eq!(Column::Named("call").find(&names), [1]);
        assert_eq!(Column::Named("CALL").find(&names), [0, 1]);
        assert_eq!(Column::Named("GESPRÄCH").find(&[b"Gespr\xe4ch".to_vec(), "Gespräch".into()]), [0, 1]);
        assert_eq!((Column::Named("2").find(&names), Column::Named("2").number()), (vec![2], Some(1)));
        assert_eq!(
            (Column::Named("0").number(), Column::Named("x").number(), Column::Usual.number()),
            (None, None, None)
        );
    }
}
