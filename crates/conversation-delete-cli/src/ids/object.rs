//! The id of a JSON object. Its other members may be anything, and nothing is kept of them.

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::column::Column;
use super::nested::{IdArrays, Nested};
use super::own_lines::OwnLine;

/// What a visitor makes of numbers, `true`, `false` and `null`.
macro_rules! other_scalars {
    ($visitor:ident => $value:expr) => {
        fn visit_bool<E: serde::de::Error>($visitor, _: bool) -> Result<Self::Value, E> {
            $value
        }

        fn visit_i64<E: serde::de::Error>($visitor, _: i64) -> Result<Self::Value, E> {
            $value
        }

        fn visit_u64<E: serde::de::Error>($visitor, _: u64) -> Result<Self::Value, E> {
            $value
        }

        fn visit_f64<E: serde::de::Error>($visitor, _: f64) -> Result<Self::Value, E> {
            $value
        }

        fn visit_unit<E: serde::de::Error>($visitor) -> Result<Self::Value, E> {
            $value
        }
    };
}

pub(super) use other_scalars;

/// What an object holds under the name of its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum IdMember {
    Id(String),
    /// It has no member of that name.
    Missing,
    /// It is not a string, or occurs twice, or this is not an object.
    Invalid,
    /// Members of two names that may be that of the id.
    Ambiguous(Vec<String>),
    /// An id, and an array of more ids below another member.
    WithArray,
    /// A line of this program's own output that names no record.
    OwnLine,
}

/// Reads one object that is all of `text`.
///
/// # Errors
/// When it is not JSON.
pub(super) fn parse(text: &[u8], column: Column<'_>) -> serde_json::Result<IdMember> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let id = IdSeed(column).deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(id)
}

/// Finds the id of whatever comes next.
pub(super) struct IdSeed<'c>(pub(super) Column<'c>);

impl<'de> DeserializeSeed<'de> for IdSeed<'_> {
    type Value = IdMember;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<IdMember, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for IdSeed<'_> {
    type Value = IdMember;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<IdMember, A::Error> {
        let mut members = IdMembers::new(self.0);
        let (mut line, mut arrays) = (OwnLine::default(), IdArrays::default());
        while let Some(key) = map.next_key::<String>()? {
            if members.is_id(&key) {
                members.add(key, map.next_value()?);
            } else if OwnLine::reads(&key) {
                line.read(&key, map.next_value()?);
            } else {
                line.see(&key);
                arrays |= map.next_value_seed(Nested::below(self.0, &key))?;
            }
        }
        match members.finish() {
            id if line.is_skipped(id != IdMember::Missing) => Ok(IdMember::OwnLine),
            IdMember::Id(_) if arrays.is_any() => Ok(IdMember::WithArray),
            id => Ok(id),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<IdMember, A::Error> {
        IgnoredAny.visit_seq(seq).map(|_| IdMember::Invalid)
    }

    fn visit_str<E>(self, _: &str) -> Result<IdMember, E> {
        Ok(IdMember::Invalid)
    }

    other_scalars!(self => Ok(IdMember::Invalid));
}

/// The members of one object that may be its id. Two are enough to know that it has no certain one.
pub(super) struct IdMembers<'c> {
    column: Column<'c>,
    found: Vec<(String, Option<String>)>,
}

impl<'c> IdMembers<'c> {
    pub(super) fn new(column: Column<'c>) -> Self {
        Self { column, found: Vec::new() }
    }

    pub(super) fn is_id(&self, key: &str) -> bool {
        self.column.is(key.as_bytes())
    }

    pub(super) fn add(&mut self, key: String, value: Text) {
        if self.found.len() < 2 {
            self.found.push((key, value.0));
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    pub(super) fn finish(self) -> IdMember {
        let mut found = self.found.into_iter();
        match (found.next(), found.next()) {
            (None, _) => IdMember::Missing,
            (Some((_, Some(id))), None) => IdMember::Id(id),
            (Some((_, None)), None) => IdMember::Invalid,
            (Some((first, _)), Some((second, _))) if first == second => IdMember::Invalid,
            (Some((first, _)), Some((second, _))) => IdMember::Ambiguous(vec![first, second]),
        }
    }
}

/// A string, or `None` for any other value.
pub(super) struct Text(pub(super) Option<String>);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_str<E>(self, text: &str) -> Result<Text, E> {
        Ok(Text(Some(text.to_owned())))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Text, A::Error> {
        IgnoredAny.visit_map(map).map(|_| Text(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Text, A::Error> {
        IgnoredAny.visit_seq(seq).map(|_| Text(None))
    }

    other_scalars!(self => Ok(Text(None)));
}
