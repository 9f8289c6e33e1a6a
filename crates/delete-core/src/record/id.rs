use std::borrow::Borrow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;
use std::sync::Arc;

use uuid::Uuid;

use super::uuid::RecordUuid;
use crate::error::Error;
use crate::text;

/// The longest id in bytes. Those seen at the vendors have up to 40.
const MAX_LEN: usize = 256;

/// An opaque conversation id (ElevenLabs, Tavus) that is safe to put into a URL.
///
/// It holds 1 to 256 of the characters `A-Z a-z 0-9 - . _ ~` (unreserved in RFC 3986) and not dots alone, so it travels
/// as exactly one path segment, byte for byte as given. Nothing is trimmed or decoded.
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
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[cfg_attr(feature = "serde", serde(into = "String", try_from = "String"))]
pub struct ConversationId(Arc<str>);

impl ConversationId {
    /// Checks `id`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if it is empty, too long, made of dots alone, or holds
    /// another character.
    pub fn new(id: &str) -> Result<Self, Error> {
        match refusal(id) {
            None => Ok(Self(id.into())),
            Some(reason) => {
                Err(Error::invalid_input(format!("{} is not a conversation id: {reason}", text::quoted(id))))
            }
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

impl TryFrom<&str> for ConversationId {
    type Error = Error;

    fn try_from(id: &str) -> Result<Self, Error> {
        Self::new(id)
    }
}

impl TryFrom<String> for ConversationId {
    type Error = Error;

    fn try_from(id: String) -> Result<Self, Error> {
        Self::new(&id)
    }
}

impl From<ConversationId> for String {
    fn from(id: ConversationId) -> Self {
        id.as_str().to_owned()
    }
}

impl AsRef<str> for ConversationId {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for ConversationId {
    fn borrow(&self) -> &str {
        &self.0
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
/// [`Deleter::parse_id`](crate::Deleter::parse_id) makes one of text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum RecordId {
    /// A UUID (Corti, Fini), sent in lower case with hyphens.
    Uuid(Uuid),
    /// An opaque id (ElevenLabs, Tavus).
    Conversation(ConversationId),
}

impl RecordId {
    /// Parses a UUID in any of its spellings.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if `id` is not a UUID.
    pub fn parse_uuid(id: &str) -> Result<Self, Error> {
        id.parse::<RecordUuid>().map(Self::from)
    }

    /// The UUID, if the id is one.
    pub fn as_uuid(&self) -> Option<Uuid> {
        match self {
            Self::Uuid(id) => Some(*id),
            Self::Conversation(_) => None,
        }
    }

    /// The opaque id, if the id is one.
    pub fn as_conversation(&self) -> Option<&ConversationId> {
        match self {
            Self::Uuid(_) => None,
            Self::Conversation(id) => Some(id),
        }
    }

    /// The UUID.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the id is opaque.
    pub fn try_uuid(&self) -> Result<Uuid, Error> {
        self.as_uuid().ok_or_else(|| Error::invalid_input("the ids of this vendor are UUIDs"))
    }

    /// The opaque id.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput) if the id is a UUID.
    pub fn try_conversation(&self) -> Result<&ConversationId, Error> {
        self.as_conversation().ok_or_else(|| Error::invalid_input("the ids of this vendor are not UUIDs"))
    }
}

impl Hash for RecordId {
    /// Hashes the bytes alone, in one piece: each more would cost as much again.
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Uuid(id) => state.write(id.as_bytes()),
            Self::Conversation(id) => state.write(id.as_str().as_bytes()),
        }
    }
}

impl From<Uuid> for RecordId {
    fn from(id: Uuid) -> Self {
        Self::Uuid(id)
    }
}

impl From<RecordUuid> for RecordId {
    fn from(id: RecordUuid) -> Self {
        Self::Uuid(id.into())
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
mod tests;
