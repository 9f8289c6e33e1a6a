//! Arrays of ids inside an object. Beside an id of its own they make it unclear which ids are meant, and ids that nobody
//! reads would be lost.

use std::fmt;
use std::ops::BitOrAssign;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::column::{Column, is_usual_plural};
use super::object::{Text, other_scalars};

/// Names of arrays that hold parts of a conversation, whose ids are never ids of conversations.
const PARTS: [&str; 9] =
    ["messages", "turns", "transcript", "transcripts", "recordings", "documents", "facts", "events", "attachments"];

/// Whether a value holds an array of ids, at any depth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct IdArrays(bool);

impl IdArrays {
    pub(super) fn is_any(self) -> bool {
        self.0
    }
}

impl BitOrAssign for IdArrays {
    fn bitor_assign(&mut self, other: Self) {
        self.0 |= other.0;
    }
}

/// Finds the arrays of ids in whatever comes next, and keeps nothing of it.
#[derive(Clone, Copy)]
pub(super) struct Nested<'c> {
    column: Column<'c>,
    /// Whether the name of the member says that its strings are ids.
    is_ids: bool,
    is_part: bool,
    is_element: bool,
}

impl<'c> Nested<'c> {
    /// Below the member `key`.
    pub(super) fn below(column: Column<'c>, key: &str) -> Self {
        let is_part = PARTS.iter().any(|part| part.eq_ignore_ascii_case(key));
        Self { column, is_ids: is_usual_plural(key), is_part, is_element: false }
    }

    /// An element of an array that is the member `key`.
    pub(super) fn element(self) -> Self {
        Self { is_element: true, ..self }
    }
}

impl<'de> DeserializeSeed<'de> for Nested<'_> {
    type Value = IdArrays;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<IdArrays, D::Error> {
        if self.is_part {
            return deserializer.deserialize_ignored_any(IgnoredAny).map(|_| IdArrays(false));
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Nested<'_> {
    type Value = IdArrays;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<IdArrays, A::Error> {
        let mut arrays = IdArrays::default();
        while let Some(key) = map.next_key::<String>()? {
            if self.is_element && self.column.is(key.as_bytes()) {
                arrays |= IdArrays(map.next_value::<Text>()?.0.is_some());
            } else {
                arrays |= map.next_value_seed(Self::below(self.column, &key))?;
            }
        }
        Ok(arrays)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<IdArrays, A::Error> {
        let mut arrays = IdArrays::default();
        while let Some(found) = seq.next_element_seed(self.element())? {
            arrays |= found;
        }
        Ok(arrays)
    }

    fn visit_str<E>(self, _: &str) -> Result<IdArrays, E> {
        Ok(IdArrays(self.is_element && self.is_ids))
    }

    other_scalars!(self => Ok(IdArrays(false)));
}
