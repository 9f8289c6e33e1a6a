use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use uuid::Uuid;

use crate::error::Error;
use crate::text;

/// The longest id in bytes. Those seen at the vendors have up to 40.
const MAX_LEN: usize = 256;

/// An opaque conversation id (ElevenLabs, Tavus) that is safe to put into a URL.
///
/// It holds 1 to 256 characters out of `A-Z a-z 0-9 - . _ ~` (the unreserved characters of RFC 3986) and is not made of
/// dots alone. So it can neither be empty nor climb out of its collection, and it travels as exactly one path segment,
/// byte for byte as given. Nothing is trimmed or decoded.
///
/// ```
/// use delete_core::ConversationId;
///
/// let id: ConversationId = "conv_01".parse()?;
/// assert_eq!(id.as_str(), "conv_01");
/// for hostile in ["", ".", "..", "../agents/x", "x?hard=true", "x\n", " x", "%2e%2e"] {
///     assert!(hostile.parse::<ConversationId>().is_err());
/// }
/// # Ok::<(), delete_core::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConversationId(Arc<str>);

impl ConversationId {
    /// Takes `id` if it is one that can be sent.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when it is empty, too long, made of dots alone or
    /// holds a character outside the allow-list.
    pub fn new(id: &str) -> Result<Self, Error> {
        match refusal(id) {
            None => Ok(Self(id.into())),
            Some(reason) => Err(Error::invalid_input(format!("{} is no conversation id: {reason}", text::quoted(id)))),
        }
    }

    /// The id as it is sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn refusal(id: &str) -> Option<String> {
    if id.is_empty() {
        return Some("it is empty".into());
    }
    if id.len() > MAX_LEN {
        return Some(format!("it has {} bytes, more than {MAX_LEN}", id.len()));
    }
    if let Some(character) = id.chars().find(|c| !is_allowed(*c)) {
        return Some(format!("it holds {}", text::quoted(character.encode_utf8(&mut [0; 4]))));
    }
    id.bytes().all(|b| b == b'.').then(|| "it is made of dots alone".into())
}

fn is_allowed(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '-' | '.' | '_' | '~')
}

impl FromStr for ConversationId {
    type Err = Error;

    fn from_str(id: &str) -> Result<Self, Error> {
        Self::new(id)
    }
}

impl fmt::Display for ConversationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ConversationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConversationId({})", self.0)
    }
}

/// The id of a record at any vendor, in the form that is sent.
///
/// A program that holds a [`Deleter`](crate::Deleter) makes one with [`Deleter::parse_id`](crate::Deleter::parse_id).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordId {
    /// A UUID (Corti, Fini), sent in lower case with hyphens.
    Uuid(Uuid),
    /// An opaque id (ElevenLabs, Tavus).
    Conversation(ConversationId),
}

impl RecordId {
    /// Reads a UUID in any of its spellings.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) when `id` is none.
    pub fn parse_uuid(id: &str) -> Result<Self, Error> {
        match Uuid::try_parse(id) {
            Ok(uuid) => Ok(Self::Uuid(uuid)),
            Err(_) => Err(Error::invalid_input(format!("{} is no UUID", text::quoted(id)))),
        }
    }

    /// The UUID, where the id is one.
    pub fn as_uuid(&self) -> Option<Uuid> {
        match self {
            Self::Uuid(id) => Some(*id),
            Self::Conversation(_) => None,
        }
    }

    /// The opaque id, where the id is one.
    pub fn as_conversation(&self) -> Option<&ConversationId> {
        match self {
            Self::Uuid(_) => None,
            Self::Conversation(id) => Some(id),
        }
    }
}

impl From<Uuid> for RecordId {
    fn from(id: Uuid) -> Self {
        Self::Uuid(id)
    }
}

impl From<ConversationId> for RecordId {
    fn from(id: ConversationId) -> Self {
        Self::Conversation(id)
    }
}

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uuid(id) => id.hyphenated().fmt(f),
            Self::Conversation(id) => id.fmt(f),
        }
    }
}

impl fmt::Debug for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecordId({self})")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn takes_the_forms_seen_at_the_vendors() {
        let longest = "x".repeat(MAX_LEN);
        for id in ["21m00Tcm4TlvDq8ikWAM", "conv_7401", "c123456", "ca980e2e", "conv_123", "a.b", "null", &longest] {
            assert_eq!(ConversationId::new(id).unwrap().as_str(), id);
        }
    }

    #[test]
    fn refuses_what_would_reach_another_route() {
        let too_long = "x".repeat(MAX_LEN + 1);
        let hostile = [
            "",
            ".",
            "..",
            "...",
            "/",
            "a/b",
            "../agents/x",
            "a\\b",
            "a?b",
            "x?hard=true",
            "a#b",
            "a%2Fb",
            "%2e%2e",
            "%2E.",
            "a;b",
            "a b",
            " a",
            "a ",
            "x\n",
            "x\r",
            "\tx",
            "\u{0}",
            "é",
            "\u{200b}x",
            "\u{202e}x",
            &too_long,
        ];
        for id in hostile {
            let error = ConversationId::new(id).unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::InvalidInput, "{id:?}");
            assert!(!error.to_string().contains(char::is_control), "{id:?}");
        }
    }

    #[test]
    fn every_spelling_of_a_uuid_is_one_id() {
        let canonical = "f47ac10b-58cc-4372-a567-0e02b2c3d479";
        for spelling in [
            canonical,
            "F47AC10B-58CC-4372-A567-0E02B2C3D479",
            "f47ac10b58cc4372a5670e02b2c3d479",
            "{f47ac10b-58cc-4372-a567-0e02b2c3d479}",
            "urn:uuid:f47ac10b-58cc-4372-a567-0e02b2c3d479",
        ] {
            assert_eq!(RecordId::parse_uuid(spelling).unwrap().to_string(), canonical);
        }
        for other in ["", "..", "x", "f47ac10b-58cc-4372-a567-0e02b2c3d47", " f47ac10b-58cc-4372-a567-0e02b2c3d479"] {
            assert!(RecordId::parse_uuid(other).is_err(), "{other:?}");
        }
    }

    proptest! {
        #[test]
        fn an_accepted_id_is_the_one_given(id in "\\PC{0,300}") {
            if let Ok(accepted) = ConversationId::new(&id) {
                prop_assert_eq!(accepted.as_str(), id);
            }
        }
    }
}
