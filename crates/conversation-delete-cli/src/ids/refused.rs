//! What was in the input and is not an id.

use super::arena::Arena;
use super::shape::describe;
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
    /// A line of nothing but punctuation, such as `---`.
    Rule,
    /// The name of a column where an id should be.
    Header,
    /// A line of an NDJSON file that is not an object with a string `id`.
    NoIdField,
}

/// A refused entry, as it is reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refused {
    /// What was found instead of an id, as far as it may be shown; empty if it is described in the message, or if
    /// nothing could be made out.
    pub(crate) id: String,
    /// Where it was and what is wrong with it.
    pub(crate) message: String,
}

impl Refused {
    /// A single entry; `why` gives the reason why a text is not an id.
    pub(crate) fn of(place: Place, bytes: &[u8], reason: Refusal, why: impl Fn(&str) -> String) -> Option<Self> {
        let mut refusals = Refusals::default();
        refusals.push(0, place, bytes, reason);
        refusals.get(0, why).map(Self::from)
    }
}

/// Where a refused entry was, and what is wrong with it, apart.
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
    shown: Shown,
}

/// What is kept of an entry.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Whole,
    /// Only the start of the text.
    Cut,
    /// A description of it, because it is not plausibly an id.
    Described,
}

impl Refusals {
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    pub(super) fn push(&mut self, ids_before: usize, place: Place, bytes: &[u8], reason: Refusal) {
        let shown = match description(bytes, reason) {
            Some(description) => {
                self.texts.push(description.as_bytes());
                Shown::Described
            }
            None => self.push_text(bytes),
        };
        self.entries.push(Entry { ids_before, place, reason, shown });
    }

    fn push_text(&mut self, bytes: &[u8]) -> Shown {
        let most = if self.entries.len() < MAX_FULL { MAX_ID_LEN } else { SHORT_LEN };
        let start = start_of(bytes, most);
        self.texts.push(start);
        if start.len() < bytes.len() { Shown::Cut } else { Shown::Whole }
    }

    pub(super) fn ids_before(&self, index: usize) -> Option<usize> {
        self.entries.get(index).map(|entry| entry.ids_before)
    }

    /// The refused entry number `index`; `why` gives the reason why a text is not an id.
    pub(super) fn get(&self, index: usize, why: impl Fn(&str) -> String) -> Option<Complaint> {
        let entry = self.entries.get(index)?;
        let text = String::from_utf8_lossy(self.texts.get(index));
        let (id, reason) = match (entry.shown, entry.reason) {
            // The start of it may well be an id.
            (Shown::Whole, Refusal::NotAnId) => (text.to_string(), why(&text)),
            (Shown::Whole, reason) => (text.into_owned(), reason.explain().to_owned()),
            (Shown::Cut, reason) => (format!("{text}…"), reason.explain().to_owned()),
            (Shown::Described, Refusal::NotAnId) => (String::new(), format!("{text} is not an id")),
            (Shown::Described, reason) if text.is_empty() => (String::new(), reason.explain().to_owned()),
            (Shown::Described, reason) => (String::new(), format!("{}: {text}", reason.explain())),
        };
        Some(Complaint { id, place: entry.place, reason })
    }
}

/// The name of a column is not a secret.
fn description(bytes: &[u8], reason: Refusal) -> Option<String> {
    match (reason, std::str::from_utf8(bytes)) {
        (Refusal::Header, _) => None,
        (_, Ok(text)) => describe(text),
        // A name in an old encoding, most likely.
        (_, Err(_)) => Some(String::new()),
    }
}

impl Refusal {
    pub(super) fn explain(self) -> &'static str {
        match self {
            Self::NotAnId => "it is not an id",
            Self::WhiteSpace => "there is white space around the id",
            Self::NotUtf8 => "it is not UTF-8",
            Self::TooLong => "it is longer than any id (256 bytes)",
            Self::LineTooLong => "it is longer than 64 KiB",
            Self::FieldCount => "the row has another number of fields than the header",
            Self::TableRow => {
                "it looks like a row of a table: that needs a header line with a column `id`, or --id-column"
            }
            Self::Rule => "it is nothing but punctuation",
            Self::Header => "it looks like the name of a column, which belongs in the first line alone",
            Self::NoIdField => "it is not a JSON object with a string field `id`",
        }
    }
}

/// At most so many bytes, without half a character at the end.
fn start_of(bytes: &[u8], most: usize) -> &[u8] {
    if bytes.len() <= most {
        return bytes;
    }
    let is_continuation = |byte: &u8| byte & 0b1100_0000 == 0b1000_0000;
    // A character has at most three such bytes; what has more is not UTF-8 anyway.
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
        refusals.push(0, Place::Line(0), "€".repeat(50).as_bytes(), Refusal::NotAnId);
        refusals.push(0, Place::Line(0), format!("x{}", "€".repeat(50)).as_bytes(), Refusal::NotAnId);
        let get = |index| Refused::from(refusals.get(index, |text| format!("why not {text}")).unwrap());
        assert_eq!(get(MAX_FULL - 1).id, text);
        assert_eq!(get(MAX_FULL - 1).message, format!("line {}: why not {text}", MAX_FULL - 1));
        assert_eq!(get(MAX_FULL).id, format!("{}…", "x".repeat(32)));
        assert_eq!(get(MAX_FULL).message, "line 10000: it is not an id");
        assert_eq!(get(MAX_FULL + 1).id, format!("{}…", "€".repeat(10)));
        assert_eq!(get(MAX_FULL + 2).id, format!("x{}…", "€".repeat(10)));
    }

    #[test]
    fn what_may_be_personal_is_neither_kept_nor_shown() {
        let mut refusals = Refusals::default();
        for (text, reason) in [
            (&b"jane@example.com"[..], Refusal::NotAnId),
            (b" Jane Doe", Refusal::WhiteSpace),
            (b"M\xfcller", Refusal::NotUtf8),
        ] {
            refusals.push(0, Place::Line(1), text, reason);
        }
        let all: Vec<Refused> =
            (0..3).filter_map(|index| refusals.get(index, str::to_owned)).map(Refused::from).collect();
        assert!(all.iter().all(|refused| refused.id.is_empty()), "{all:?}");
        assert_eq!(
            all.iter().map(|refused| refused.message.as_str()).collect::<Vec<_>>(),
            [
                "line 1: an e-mail address is not an id",
                "line 1: there is white space around the id: text of 8 characters with spaces",
                "line 1: it is not UTF-8",
            ]
        );
    }
}
