//! What stood in the input and was no id.

use delete_core::{Error, RecordId};

use super::arena::Arena;
use super::{MAX_ID_LEN, Place};

/// Why an entry was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It is not of the form of the vendor's ids. Reading it again tells why.
    NotAnId,
    WhiteSpace,
    NotUtf8,
    TooLong,
    /// A line or a row of more than 64 KiB.
    LineTooLong,
    /// A row of a CSV file with more or fewer fields than its header.
    FieldCount,
    /// A line of an NDJSON file that is no object with a string `id`.
    NoIdField,
}

/// A refused entry, as it is reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    /// What stood in the place of the id, as far as it can be shown; empty where none could be made out.
    pub(crate) id: String,
    /// Where it stood and what is wrong with it.
    pub(crate) message: String,
}

/// All refused entries, in the order of the input.
#[derive(Default)]
pub(super) struct Refusals {
    texts: Arena,
    entries: Vec<Entry>,
}

struct Entry {
    ids_before: usize,
    place: Place,
    reason: Refusal,
}

impl Refusals {
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn push(&mut self, ids_before: usize, place: Place, bytes: &[u8], reason: Refusal) {
        // One byte more than an id may have shows that something was cut.
        self.texts.push(&bytes[..bytes.len().min(MAX_ID_LEN + 1)]);
        self.entries.push(Entry { ids_before, place, reason });
    }

    pub(super) fn ids_before(&self, index: usize) -> Option<usize> {
        self.entries.get(index).map(|entry| entry.ids_before)
    }

    pub(super) fn get(&self, index: usize, parse: impl Fn(&str) -> Result<RecordId, Error>) -> Option<Refused> {
        let entry = self.entries.get(index)?;
        let text = String::from_utf8_lossy(self.texts.get(index));
        let reason = match entry.reason {
            Refusal::NotAnId => match parse(&text) {
                Err(error) => error.to_string(),
                Ok(id) => format!("{id} was refused"),
            },
            reason => format!("{}; nothing was sent: correct the input", explain(reason)),
        };
        let place = match entry.place {
            Place::Argument(number) => format!("argument {number}"),
            Place::Line(number) => format!("line {number}"),
        };
        Some(Refused { id: cut(&text), message: format!("{place}: {reason}") })
    }
}

fn explain(reason: Refusal) -> &'static str {
    match reason {
        Refusal::NotAnId => "it is no id",
        Refusal::WhiteSpace => "there is white space around the id",
        Refusal::NotUtf8 => "it is not UTF-8",
        Refusal::TooLong => "it is longer than any id (256 bytes)",
        Refusal::LineTooLong => "it is longer than 64 KiB",
        Refusal::FieldCount => "the row has another number of fields than the header",
        Refusal::NoIdField => "it is no JSON object with a string field `id`",
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MAX_ID_LEN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
