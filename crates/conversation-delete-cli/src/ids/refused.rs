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
    /// A plain line that holds what separates the fields of a table.
    TableRow,
    /// The name of a column where an id should be.
    Header,
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

/// Where a refused entry stood, and what is wrong with it, apart.
pub(crate) struct Complaint {
    pub(crate) id: String,
    pub(crate) place: Place,
    pub(crate) reason: String,
}

impl From<Complaint> for Refused {
    fn from(complaint: Complaint) -> Self {
        let place = match complaint.place {
            Place::Argument(number) => format!("argument {number}"),
            Place::Line(number) => format!("line {number}"),
        };
        Self { id: complaint.id, message: format!("{place}: {}", complaint.reason) }
    }
}

/// How many refused entries are shown in full length. Whoever has more has another problem than a few odd ids.
const MAX_FULL: usize = 10_000;

/// How many bytes are kept of each entry beyond.
const SHORT_LEN: usize = 32;

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
    /// Whether only the start of the text is known.
    is_cut: bool,
}

impl Refusals {
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn push(&mut self, ids_before: usize, place: Place, bytes: &[u8], reason: Refusal) {
        let most = if self.entries.len() < MAX_FULL { MAX_ID_LEN } else { SHORT_LEN };
        let start = start_of(bytes, most);
        self.texts.push(start);
        self.entries.push(Entry { ids_before, place, reason, is_cut: start.len() < bytes.len() });
    }

    pub(super) fn ids_before(&self, index: usize) -> Option<usize> {
        self.entries.get(index).map(|entry| entry.ids_before)
    }

    pub(super) fn get(&self, index: usize, parse: impl Fn(&str) -> Result<RecordId, Error>) -> Option<Complaint> {
        let entry = self.entries.get(index)?;
        let text = String::from_utf8_lossy(self.texts.get(index));
        let reason = match entry.reason {
            // The start of it may well be an id.
            Refusal::NotAnId if !entry.is_cut => match parse(&text) {
                Err(error) => error.to_string(),
                Ok(id) => format!("{id} was refused"),
            },
            reason => format!("{}; nothing was sent: correct the input", explain(reason)),
        };
        let id = if entry.is_cut { format!("{text}…") } else { text.into_owned() };
        Some(Complaint { id, place: entry.place, reason })
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
        Refusal::TableRow => {
            "it looks like a row of a table: that needs a header line with a column `id`, and commas between the fields"
        }
        Refusal::Header => {
            "it looks like the name of a column: name the column of the ids `id`, in the first line alone"
        }
        Refusal::NoIdField => "it is no JSON object with a string field `id`",
    }
}

/// At most so many bytes, without half a character at the end.
fn start_of(bytes: &[u8], most: usize) -> &[u8] {
    if bytes.len() <= most {
        return bytes;
    }
    let is_continuation = |byte: &u8| byte & 0b1100_0000 == 0b1000_0000;
    // A character has at most three such bytes; what has more is no UTF-8 anyway.
    let end = (most.saturating_sub(3)..=most).rev().find(|end| !is_continuation(&bytes[*end])).unwrap_or(most);
    &bytes[..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_refused_entries_are_kept_short() {
        let mut refusals = Refusals::default();
        // Its first 32 bytes alone would be an id.
        let text = format!("{}/{}", "x".repeat(32), "y".repeat(200));
        for number in 0..=MAX_FULL as u64 {
            refusals.push(0, Place::Line(number), text.as_bytes(), Refusal::NotAnId);
        }
        refusals.push(0, Place::Line(0), "é".repeat(50).as_bytes(), Refusal::NotAnId);
        refusals.push(0, Place::Line(0), format!("x{}", "é".repeat(50)).as_bytes(), Refusal::NotAnId);
        let parse = |text: &str| delete_core::ConversationId::new(text).map(RecordId::from);
        let get = |index| Refused::from(refusals.get(index, parse).unwrap());
        assert_eq!(get(MAX_FULL - 1).id, text);
        assert!(get(MAX_FULL - 1).message.contains("it holds \"/\""));
        assert_eq!(get(MAX_FULL).id, format!("{}…", "x".repeat(32)));
        assert!(get(MAX_FULL).message.starts_with("line 10000: it is no id; nothing was sent"));
        assert_eq!(get(MAX_FULL + 1).id, format!("{}…", "é".repeat(16)));
        assert_eq!(get(MAX_FULL + 2).id, format!("x{}…", "é".repeat(15)));
    }
}
