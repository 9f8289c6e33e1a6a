//! Whether a member of an object holds an array of ids, at any depth.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::{Elements, Seen, other_scalars, take_elements};
use crate::ids::column::{Column, is_usual_plural};

/// Names of arrays that hold parts of a conversation, whose ids are never ids of conversations.
const PARTS: [&str; 9] =
    ["messages", "turns", "transcript", "transcripts", "recordings", "documents", "facts", "events", "attachments"];

fn is_part(key: &str) -> bool {
    PARTS.iter().any(|part| part.eq_ignore_ascii_case(key))
}

/// The value of the member `key`.
pub(super) struct Member<'c, 'e> {
    pub(super) column: Column<'c>,
    pub(super) key: &'e str,
    /// Takes the elements if it is an array.
    pub(super) elements: Option<&'e mut dyn Elements>,
}

impl<'c> Member<'c, '_> {
    fn array(&self) -> Array<'c> {
        Array::of(self.column, self.key, false)
    }
}

impl<'de> DeserializeSeed<'de> for Member<'_, '_> {
    type Value = Seen;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Seen, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Member<'_, '_> {
    type Value = Seen;

    fn visit_str<E>(self, text: &str) -> Result<Seen, E> {
        Ok(Seen::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Seen, A::Error> {
        match self.elements {
            Some(elements) => take_elements(seq, self.column, elements).map(Seen::Elements),
            None => self.array().visit_seq(seq).map(|holds_ids| Seen::Other { holds_ids }),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Seen, A::Error> {
        self.array().visit_map(map).map(|holds_ids| Seen::Other { holds_ids })
    }

    other_scalars!(Seen::Other { holds_ids: false });
}

/// Finds out whether a value is, or holds, an array of ids.
#[derive(Clone, Copy)]
struct Array<'c> {
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
    fn of(column: Column<'c>, key: &str, is_in_element: bool) -> Self {
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
