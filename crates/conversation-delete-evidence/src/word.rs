//! Serialises the enums of other crates as the words that the job file and the program's JSON use.

use conversation_delete_job::{PresenceSource, PresenceState, RecordOutcome};
use delete_core::{Delivery, ErasureMode, ErrorKind};
use serde::de::Error;
use serde::{Deserialize, Deserializer, Serializer};

pub(crate) trait Word: Copy {
    fn word(self) -> &'static str;
    fn parse_word(word: &str) -> Option<Self>;
}

macro_rules! words {
    ($($name:ty),+) => {
        $(impl Word for $name {
            fn word(self) -> &'static str {
                self.as_str()
            }

            fn parse_word(word: &str) -> Option<Self> {
                Self::parse(word)
            }
        })+
    };
}

words!(RecordOutcome, Delivery, ErasureMode, ErrorKind, PresenceState, PresenceSource);

pub(crate) fn serialize<T: Word, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(value.word())
}

pub(crate) fn deserialize<'de, T: Word, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    let word = String::deserialize(deserializer)?;
    T::parse_word(&word).ok_or_else(|| D::Error::custom(format!("unknown word `{word}`")))
}

/// A word, or null.
pub(crate) mod option {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use super::Word;

    pub(crate) fn serialize<T: Word, S: Serializer>(value: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => super::serialize(value, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, T: Word, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
        let Some(word) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
        T::parse_word(&word).map(Some).ok_or_else(|| D::Error::custom(format!("unknown word `{word}`")))
    }
}
