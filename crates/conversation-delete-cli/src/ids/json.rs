//! JSON that is not one object a line: arrays, an object with an array, objects over several lines. One element is in
//! memory at a time.

use std::cell::Cell;
use std::fmt;
use std::io::{self, BufRead, Read};

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::column::Column;
use super::feed::Feed;
use super::lines::MAX_READ_LEN;
use super::nested::{IdArrays, Nested};
use super::object::{IdMember, IdMembers, IdSeed, other_scalars};
use super::own_lines::OwnLine;
use super::{Place, ReadError, Refusal, Sink};

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
        if let Err(error) = (Value { context: &mut context, is_top: true }).deserialize(&mut deserializer) {
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
    fn take<E: serde::de::Error>(&mut self, line: u64, id: IdMember) -> Result<(), E> {
        let place = Place::Line(line);
        let taken = match id {
            IdMember::Id(id) => self.feed.entry(place, id.as_bytes()),
            IdMember::Missing | IdMember::Invalid => self.feed.refuse(place, b"", Refusal::NoIdField),
            IdMember::Ambiguous(names) => Err(ReadError::TwoIdColumns { line, names }),
            IdMember::WithArray => Err(ReadError::IdAndArray(line)),
            IdMember::OwnLine => self.feed.skip(),
        };
        taken.or_else(|error| self.fail(error))
    }

    fn fail<T, E: serde::de::Error>(&mut self, error: ReadError) -> Result<T, E> {
        self.error = Some(error);
        Err(E::custom("the reading ends"))
    }
}

/// A value of the input, or an element of an array in it.
struct Value<'a, 'c, 'f, 's, S> {
    context: &'a mut Context<'c, 'f, 's, S>,
    is_top: bool,
}

impl<'de, S: Sink> DeserializeSeed<'de> for Value<'_, '_, '_, '_, S> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.context.meter.reset();
        deserializer.deserialize_any(self)
    }
}

impl<'de, S: Sink> Visitor<'de> for Value<'_, '_, '_, '_, S> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        let line = self.context.meter.start.get();
        self.context.take(line, IdMember::Id(text.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let line = self.context.meter.start.get();
        if !self.is_top {
            let id = IdSeed(self.context.column).visit_map(map)?;
            return self.context.take(line, id);
        }
        let mut own = IdMembers::new(self.context.column);
        let (mut program, mut found) = (OwnLine::default(), Found::default());
        while let Some(key) = map.next_key::<String>()? {
            if own.is_id(&key) {
                own.add(key, map.next_value()?);
                continue;
            }
            if OwnLine::reads(&key) {
                program.read(&key, map.next_value()?);
                continue;
            }
            program.see(&key);
            let nested = Nested::below(self.context.column, &key);
            let member = Member { context: &mut *self.context, nested, is_fed: own.is_empty() };
            found.add(map.next_value_seed(member)?);
        }
        let (has_id, has_more) = (!own.is_empty(), found.nested.is_any());
        match found.arrays {
            _ if program.is_skipped(has_id) && found.elements == 0 => self.context.take(line, IdMember::OwnLine),
            _ if has_id && (found.elements > 0 || has_more) => self.context.fail(ReadError::IdAndArray(line)),
            0 => self.context.take(line, own.finish()),
            _ if has_id => self.context.take(line, own.finish()),
            1 if !has_more => Ok(()),
            _ => self.context.fail(ReadError::TwoArrays(line)),
        }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let line = self.context.meter.start.get();
        if !self.is_top {
            IgnoredAny.visit_seq(seq)?;
            return self.context.take(line, IdMember::Invalid);
        }
        while seq.next_element_seed(Value { context: &mut *self.context, is_top: false })?.is_some() {}
        Ok(())
    }

    other_scalars!(self => {
        let line = self.context.meter.start.get();
        self.context.take(line, IdMember::Invalid)
    });
}

/// What a member of an object at the top is.
enum Members {
    /// An array, whose elements were taken; how many.
    Fed(u64),
    /// Anything else, and whether it holds arrays of ids.
    Seen(IdArrays),
}

/// What the members of an object at the top are.
#[derive(Default)]
struct Found {
    /// How many of them are arrays whose elements were taken, also of none.
    arrays: u64,
    elements: u64,
    nested: IdArrays,
}

impl Found {
    fn add(&mut self, members: Members) {
        match members {
            Members::Fed(elements) => {
                self.arrays += 1;
                self.elements += elements;
            }
            Members::Seen(nested) => self.nested |= nested,
        }
    }
}

struct Member<'a, 'c, 'f, 's, S> {
    context: &'a mut Context<'c, 'f, 's, S>,
    nested: Nested<'c>,
    /// Whether the elements of an array are taken.
    is_fed: bool,
}

impl<'de, S: Sink> DeserializeSeed<'de> for Member<'_, '_, '_, '_, S> {
    type Value = Members;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Members, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, S: Sink> Visitor<'de> for Member<'_, '_, '_, '_, S> {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Members, A::Error> {
        if self.is_fed {
            let mut elements = 0;
            while seq.next_element_seed(Value { context: &mut *self.context, is_top: false })?.is_some() {
                elements += 1;
            }
            return Ok(Members::Fed(elements));
        }
        self.nested.visit_seq(seq).map(Members::Seen)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Members, A::Error> {
        self.nested.visit_map(map).map(Members::Seen)
    }

    fn visit_str<E>(self, _: &str) -> Result<Members, E> {
        Ok(Members::Seen(IdArrays::default()))
    }

    other_scalars!(self => Ok(Members::Seen(IdArrays::default())));
}
