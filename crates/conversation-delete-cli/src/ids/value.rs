//! A JSON value, and the id of an object. Of its other members, nothing goes further than this.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::column::{Column, is_usual_plural};
use super::own_lines::OwnLine;

/// A JSON value. Numbers, `true`, `false` and `null` are alike.
pub(super) enum Value {
    Text(String),
    /// Unlike a map, it holds each member that occurs twice.
    Object(Vec<(String, Self)>),
    /// Without the elements that are [`Other`](Self::Other).
    Array(Vec<Self>),
    Other,
}

/// What an object holds under the name of its id.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum IdMember<'a> {
    Id(&'a str),
    /// It has no member of that name.
    Missing,
    /// It is not a string, or occurs twice, or this is not an object.
    Invalid,
    /// Members of two names that may be that of the id.
    Ambiguous(Vec<String>),
    /// An id, and an array of more ids below another member. Which are meant is not clear.
    WithArray,
    /// A line of this program's own output that names no record.
    OwnLine,
}

/// Names of arrays that hold parts of a conversation, whose ids are never ids of conversations.
const PARTS: [&str; 9] =
    ["messages", "turns", "transcript", "transcripts", "recordings", "documents", "facts", "events", "attachments"];

impl Value {
    /// The id of this value, if it is an object.
    pub(super) fn id(&self, column: Column<'_>) -> IdMember<'_> {
        let Self::Object(members) = self else { return IdMember::Invalid };
        match own_id(members, column) {
            id if is_own_line(members, id != IdMember::Missing) => IdMember::OwnLine,
            IdMember::Id(_) if hold_ids(members, column) => IdMember::WithArray,
            id => id,
        }
    }

    /// Whether this value of the member `key` holds an array of ids, at any depth.
    fn holds_ids(&self, column: Column<'_>, key: &str) -> bool {
        let is_part = PARTS.iter().any(|part| part.eq_ignore_ascii_case(key));
        !is_part && self.is_or_holds_ids(column, is_usual_plural(key), false)
    }

    fn is_or_holds_ids(&self, column: Column<'_>, is_named_ids: bool, is_element: bool) -> bool {
        match self {
            Self::Text(_) => is_element && is_named_ids,
            Self::Array(elements) => elements.iter().any(|element| element.is_or_holds_ids(column, is_named_ids, true)),
            Self::Object(members) => members.iter().any(|(key, value)| match value {
                Self::Text(_) => is_element && column.is(key.as_bytes()),
                value => value.holds_ids(column, key),
            }),
            Self::Other => false,
        }
    }
}

/// The id among the members of an object. Two are enough to know that it has no certain one.
pub(super) fn own_id<'a>(members: &'a [(String, Value)], column: Column<'_>) -> IdMember<'a> {
    let mut ids = members.iter().filter(|(key, _)| column.is(key.as_bytes()));
    match (ids.next(), ids.next()) {
        (None, _) => IdMember::Missing,
        (Some((_, Value::Text(id))), None) => IdMember::Id(id),
        (Some(_), None) => IdMember::Invalid,
        (Some((first, _)), Some((second, _))) if first == second => IdMember::Invalid,
        (Some((first, _)), Some((second, _))) => IdMember::Ambiguous(vec![first.clone(), second.clone()]),
    }
}

/// Whether one of these members, other than the id, holds an array of ids.
pub(super) fn hold_ids(members: &[(String, Value)], column: Column<'_>) -> bool {
    members.iter().any(|(key, value)| !column.is(key.as_bytes()) && value.holds_ids(column, key))
}

/// Whether an object of these members is a line of this program's own output that names no record.
pub(super) fn is_own_line(members: &[(String, Value)], has_id: bool) -> bool {
    let mut line = OwnLine::default();
    for (key, value) in members {
        match value {
            Value::Text(text) => line.see_text(key, text),
            _ => line.see(key),
        }
    }
    line.is_skipped(has_id)
}

/// What a visitor makes of numbers, `true`, `false` and `null`.
macro_rules! other_scalars {
    ($value:expr) => {
        fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<Self::Value, E> {
            Ok($value)
        }

        fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<Self::Value, E> {
            Ok($value)
        }

        fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<Self::Value, E> {
            Ok($value)
        }

        fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<Self::Value, E> {
            Ok($value)
        }

        fn visit_unit<E: serde::de::Error>(self) -> Result<Self::Value, E> {
            Ok($value)
        }
    };
}

pub(super) use other_scalars;

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

pub(super) struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Value::Object(members))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = seq.next_element()? {
            if !matches!(element, Value::Other) {
                elements.push(element);
            }
        }
        Ok(Value::Array(elements))
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(Value::Text(text.to_owned()))
    }

    other_scalars!(Value::Other);
}
