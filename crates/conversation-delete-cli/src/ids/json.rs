//! JSON that is not one object a line: arrays, an object with an array, objects over several lines. One element is in
//! memory at a time.

use std::cell::Cell;
use std::fmt;
use std::io::{self, BufRead, Read};

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::column::Column;
use super::feed::Feed;
use super::lines::MAX_READ_LEN;
use super::value::{self, IdMember, Value, ValueVisitor, other_scalars};
use super::{ReadError, Sink};

/// Reads all values of an input.
///
/// # Errors
/// When it is not JSON, or it is not clear which of its values are ids.
pub(super) fn read<S: Sink>(reader: impl BufRead, column: Column<'_>, feed: &mut Feed<'_, S>) -> Result<(), ReadError> {
    let meter = Meter::default();
    let mut deserializer = serde_json::Deserializer::from_reader(Metered { reader, meter: &meter });
    let mut context = Context { column, feed, meter: &meter, error: None };
    loop {
        meter.reset();
        // At the end of the input; otherwise another value follows, or an error.
        if deserializer.end().is_ok() {
            return Ok(());
        }
        let top = Part { context: &mut context, is_top: true, is_fed: true };
        let taken = top.deserialize(&mut deserializer).and_then(|part| match part {
            Seen::Value(value) => context.take(&value),
            Seen::Elements(_) => Ok(()),
        });
        if let Err(error) = taken {
            return Err(context.error.take().unwrap_or_else(|| meter.explain(error)));
        }
    }
}

/// Counts what is read: lines, and how much of one value may still come.
struct Meter {
    left: Cell<usize>,
    line: Cell<u64>,
    /// Where the value begins.
    start: Cell<u64>,
}

impl Default for Meter {
    fn default() -> Self {
        Self { left: Cell::new(MAX_READ_LEN), line: Cell::new(1), start: Cell::new(1) }
    }
}

impl Meter {
    /// Another value begins.
    fn reset(&self) {
        self.left.set(MAX_READ_LEN);
        self.start.set(self.line.get());
    }

    fn explain(&self, error: serde_json::Error) -> ReadError {
        match error.is_io() {
            true if self.left.get() == 0 => ReadError::Endless(self.start.get()),
            true => ReadError::Io(error.into()),
            false => ReadError::Json(self.line.get()),
        }
    }
}

struct Metered<'m, R> {
    reader: R,
    meter: &'m Meter,
}

impl<R: BufRead> Read for Metered<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.meter.left.get();
        if left == 0 {
            return Err(io::Error::other("a value that is too long"));
        }
        let most = buffer.len().min(left);
        let length = self.reader.read(&mut buffer[..most])?;
        let lines = buffer[..length].iter().filter(|byte| **byte == b'\n').count();
        self.meter.left.set(left - length);
        self.meter.line.set(self.meter.line.get() + lines as u64);
        Ok(length)
    }
}

struct Context<'c, 'f, 's, S> {
    column: Column<'c>,
    feed: &'f mut Feed<'s, S>,
    meter: &'c Meter,
    /// What ended the reading, if it was not the JSON.
    error: Option<ReadError>,
}

impl<S: Sink> Context<'_, '_, '_, S> {
    /// Takes a value of the input, or an element of an array in it.
    fn take<E: serde::de::Error>(&mut self, value: &Value) -> Result<(), E> {
        let id = match value {
            Value::Text(id) => IdMember::Id(id),
            value => value.id(self.column),
        };
        self.take_id(self.meter.start.get(), id)
    }

    fn take_id<E: serde::de::Error>(&mut self, line: u64, id: IdMember<'_>) -> Result<(), E> {
        self.feed.id_member(line, id).or_else(|error| self.fail(error))
    }

    fn fail<T, E: serde::de::Error>(&mut self, error: ReadError) -> Result<T, E> {
        self.error = Some(error);
        Err(E::custom("the reading ends"))
    }

    /// Takes an object at the top: the elements of its one array, or its id.
    fn object<'de, A: MapAccess<'de>>(&mut self, mut map: A) -> Result<(), A::Error> {
        let (line, column) = (self.meter.start.get(), self.column);
        let mut members = Vec::new();
        let (mut has_id, mut arrays, mut elements) = (false, 0_u64, 0);
        while let Some(key) = map.next_key::<String>()? {
            has_id |= column.is(key.as_bytes());
            match map.next_value_seed(Part { context: self, is_top: false, is_fed: !has_id })? {
                Seen::Value(value) => members.push((key, value)),
                Seen::Elements(count) => {
                    members.push((key, Value::Array(Vec::new())));
                    arrays += 1;
                    elements += count;
                }
            }
        }
        let has_more = value::hold_ids(&members, column);
        match arrays {
            _ if elements == 0 && value::is_own_line(&members, has_id) => self.take_id(line, IdMember::OwnLine),
            _ if has_id && (elements > 0 || has_more) => self.fail(ReadError::IdAndArray(line)),
            1 if !has_id && !has_more => Ok(()),
            1.. if !has_id => self.fail(ReadError::TwoArrays(line)),
            _ => self.take_id(line, value::own_id(&members, column)),
        }
    }
}

/// A value at the top of the input, or of a member of an object there.
struct Part<'a, 'c, 'f, 's, S> {
    context: &'a mut Context<'c, 'f, 's, S>,
    is_top: bool,
    /// Whether the elements of an array are taken.
    is_fed: bool,
}

enum Seen {
    /// Elements that were taken; how many. An object at the top has none of its own.
    Elements(u64),
    Value(Value),
}

impl<'de, S: Sink> DeserializeSeed<'de> for Part<'_, '_, '_, '_, S> {
    type Value = Seen;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Seen, D::Error> {
        if self.is_top {
            self.context.meter.reset();
        }
        deserializer.deserialize_any(self)
    }
}

impl<'de, S: Sink> Visitor<'de> for Part<'_, '_, '_, '_, S> {
    type Value = Seen;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Seen, A::Error> {
        match self.is_top {
            true => self.context.object(map).map(|()| Seen::Elements(0)),
            false => ValueVisitor.visit_map(map).map(Seen::Value),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Seen, A::Error> {
        if !self.is_fed {
            return ValueVisitor.visit_seq(seq).map(Seen::Value);
        }
        let mut elements = 0;
        while let Some(element) = seq.next_element_seed(Element(self.context.meter))? {
            self.context.take(&element)?;
            elements += 1;
        }
        Ok(Seen::Elements(elements))
    }

    fn visit_str<E>(self, text: &str) -> Result<Seen, E> {
        Ok(Seen::Value(Value::Text(text.to_owned())))
    }

    other_scalars!(Seen::Value(Value::Other));
}

/// An element, which may be as long as a value of the input.
struct Element<'m>(&'m Meter);

impl<'de> DeserializeSeed<'de> for Element<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.0.reset();
        deserializer.deserialize_any(ValueVisitor)
    }
}
