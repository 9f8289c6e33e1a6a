//! JSON: one object a line, arrays, an object with an array, objects over several lines. Of a value, only its id is kept: a
//! long conversation takes no more memory than the longest text in it.

mod array;
mod meter;
mod object;
mod scalars;

use std::io::BufRead;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::column::Column;
use super::feed::Feed;
use super::{ReadError, Sink};
use array::Array;
use meter::{Meter, Metered};
pub(super) use object::IdMember;
use object::{Object, Seen};
use scalars::other_scalars;

/// Reads all values of an input.
///
/// # Errors
/// When it is not JSON, or it is not clear which of its values are ids.
pub(super) fn read<S: Sink>(reader: impl BufRead, column: Column<'_>, feed: &mut Feed<'_, S>) -> Result<(), ReadError> {
    let meter = Meter::default();
    let mut deserializer = serde_json::Deserializer::from_reader(Metered { reader, meter: &meter });
    let mut elements = Feeding { feed, meter: &meter, error: None };
    loop {
        meter.reset();
        // At the end of the input; otherwise another value follows, or an error.
        if deserializer.end().is_ok() {
            return Ok(());
        }
        meter.reset();
        let line = meter.start.get();
        let item = Item { column, takes_text: true, elements: Some(&mut elements) };
        match item.deserialize(&mut deserializer) {
            Ok(id) => elements.feed.id_member(line, id)?,
            Err(error) => return Err(elements.error.take().unwrap_or_else(|| meter.explain(error))),
        }
    }
}

/// Reads the one value of a line.
///
/// # Errors
/// When it is not JSON.
pub(super) fn read_line(line: &[u8], column: Column<'_>) -> Result<IdMember, serde_json::Error> {
    let mut deserializer = serde_json::Deserializer::from_slice(line);
    let id = Item { column, takes_text: false, elements: None }.deserialize(&mut deserializer)?;
    deserializer.end().map(|()| id)
}

/// Takes the elements of an array, one at a time.
trait Elements {
    /// Another element begins.
    fn begin(&mut self);

    /// Takes its id. Returns false if the reading ends.
    fn take(&mut self, id: IdMember) -> bool;
}

struct Feeding<'c, 'f, 's, S> {
    feed: &'f mut Feed<'s, S>,
    meter: &'c Meter,
    /// What ended the reading, if it was not the JSON.
    error: Option<ReadError>,
}

impl<S: Sink> Elements for Feeding<'_, '_, '_, S> {
    fn begin(&mut self) {
        self.meter.reset();
    }

    fn take(&mut self, id: IdMember) -> bool {
        self.error = self.feed.id_member(self.meter.start.get(), id).err();
        self.error.is_none()
    }
}

/// A value that names an id, or a line of them.
struct Item<'c, 'e> {
    column: Column<'c>,
    /// Whether a string is an id by itself.
    takes_text: bool,
    /// Takes the elements of its array, or of the array among its members.
    elements: Option<&'e mut dyn Elements>,
}

impl<'de> DeserializeSeed<'de> for Item<'_, '_> {
    type Value = IdMember;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<IdMember, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Item<'_, '_> {
    type Value = IdMember;

    fn visit_str<E>(self, text: &str) -> Result<IdMember, E> {
        Ok(if self.takes_text { IdMember::Id(text.to_owned()) } else { IdMember::Invalid })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<IdMember, A::Error> {
        if let Some(elements) = self.elements {
            return take_elements(seq, self.column, elements).map(|_| IdMember::Elements);
        }
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(IdMember::Invalid)
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<IdMember, A::Error> {
        let mut object = Object::default();
        let is_top = self.elements.is_some();
        while let Some(key) = map.next_key::<String>()? {
            let is_id = self.column.is(key.as_bytes());
            let has_id = is_id || !object.ids.is_empty();
            // A reborrow for this member alone.
            let elements =
                self.elements.as_mut().filter(|_| !has_id).map(|elements| &mut **elements as &mut dyn Elements);
            let seen = map.next_value_seed(Member { column: self.column, key: &key, elements })?;
            object.add(key, is_id, seen);
        }
        Ok(object.id(is_top))
    }

    other_scalars!(IdMember::Invalid);
}

/// Returns how many there are.
fn take_elements<'de, A: SeqAccess<'de>>(
    mut seq: A,
    column: Column<'_>,
    elements: &mut dyn Elements,
) -> Result<u64, A::Error> {
    let mut count = 0;
    while let Some(id) = seq.next_element_seed(Element { column, elements: &mut *elements })? {
        if !elements.take(id) {
            return Err(Error::custom("the reading ends"));
        }
        count += 1;
    }
    Ok(count)
}

/// An element, which may be as long as a value of the input.
struct Element<'c, 'e> {
    column: Column<'c>,
    elements: &'e mut dyn Elements,
}

impl<'de> DeserializeSeed<'de> for Element<'_, '_> {
    type Value = IdMember;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<IdMember, D::Error> {
        self.elements.begin();
        Item { column: self.column, takes_text: true, elements: None }.deserialize(deserializer)
    }
}

/// The value of the member `key`.
struct Member<'c, 'e> {
    column: Column<'c>,
    key: &'e str,
    /// Takes the elements if it is an array.
    elements: Option<&'e mut dyn Elements>,
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
