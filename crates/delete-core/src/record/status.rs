use std::borrow::Cow;
use std::fmt;

/// A record's state, in the vendor's own word. Each vendor crate has constants for the words that its vendor documents.
///
/// The same word may mean different things: `in-progress` is a running call at ElevenLabs, and at Corti an encounter whose
/// recording may be long over.
///
/// ```
/// use delete_core::Status;
///
/// const ENDED: Status = Status::from_static("ended");
/// assert_eq!(Status::new("ended"), ENDED);
/// assert_eq!(Status::new("Jane Doe, 555-0100").as_str(), "unreadable");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Status(Cow<'static, str>);

impl Status {
    /// The longest word, in bytes.
    const MAX_LEN: usize = 40;

    /// The status of this word: at most 40 ASCII letters, digits, hyphens and underscores. Any other text becomes
    /// `unreadable`: it is not a status of any vendor, and it could be part of the record.
    pub fn new(word: impl Into<Cow<'static, str>>) -> Self {
        let word = word.into();
        if is_word(&word) { Self(word) } else { Self::from_static("unreadable") }
    }

    /// The status of a constant word.
    ///
    /// # Panics
    /// If [`new`](Self::new) would not keep the word. In a constant that is a compile error.
    pub const fn from_static(word: &'static str) -> Self {
        assert!(is_word(word), "a status has at most 40 letters, digits, hyphens and underscores");
        Self(Cow::Borrowed(word))
    }

    /// The vendor's word.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

const fn is_word(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if !bytes[at].is_ascii_alphanumeric() && bytes[at] != b'-' && bytes[at] != b'_' {
            return false;
        }
        at += 1;
    }
    at <= Status::MAX_LEN
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_kept_and_any_other_text_is_not() {
        let longest = "x".repeat(40);
        for word in ["done", "Done", "in-progress", "on_hold2", "", &longest] {
            assert_eq!(Status::new(word.to_owned()).as_str(), word);
        }
        for hostile in ["\u{1b}[2J", "Canary Quillfeather", "é", &"x".repeat(41)] {
            assert_eq!(Status::new(hostile.to_owned()).as_str(), "unreadable");
        }
    }
}
