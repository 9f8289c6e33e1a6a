//! Whether a value is, or holds, an array of ids, at any depth.

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::scalars::other_scalars;
use crate::ids::column::{Column, is_usual_plural};

/// Names of arrays that hold parts of a conversation, whose ids are never ids of conversations.
const PARTS: [&str; 9] =
    ["messages", "turns", "transcript", "transcripts", "recordings", "documents", "facts", "events", "attachments"];

fn is_part(key: &str) -> bool {
    PARTS.iter().any(|part| part.eq_ignore_ascii_case(key))
}

/// Finds out whether a value is, or holds, an array of ids.
#[derive(Clone, Copy)]
pub(super) struct Array<'c> {
    column: Column<'c>,
    /// Whether it is of no interest, since it is a part of a conversation.
    is_part: bool,
    /// Whether it has the name of an array of ids.
    is_named_ids: bool,
    /// Whether it is an element of an array.
    is_element: bool,
    /// Whether it is an id if it is a string.
    is_id: bool,
}

impl<'c> Array<'c> {
    /// The value of the member `key` of an object, which may itself be an element of an array.
    pub(super) fn of(column: Column<'c>, key: &str, is_in_element: bool) -> Self {
        let is_id = is_in_element && column.is(key.as_bytes());
        Self { column, is_part: is_part(key), is_named_ids: is_usual_plural(key), is_element: false, is_id }
    }
}

impl<'de> DeserializeSeed<'de> for Array<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Array<'_> {
    type Value = bool;

    fn visit_str<E>(self, _: &str) -> Result<bool, E> {
        Ok(self.is_id)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<bool, A::Error> {
        let element = Self { is_element: true, is_id: self.is_named_ids, ..self };
        let mut holds_ids = false;
        while let Some(is_id) = seq.next_element_seed(element)? {
            holds_ids |= is_id;
        }
        Ok(holds_ids && !self.is_part)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let mut holds_ids = false;
        while let Some(key) = map.next_key::<String>()? {
            holds_ids |= map.next_value_seed(Self::of(self.column, &key, self.is_element))?;
        }
        Ok(holds_ids && !self.is_part)
    }

    other_scalars!(false);
}
