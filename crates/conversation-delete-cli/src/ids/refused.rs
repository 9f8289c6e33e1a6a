//! What was in the input and is not an id.

use std::fmt;

use super::shape::describe;

/// Where an entry is in the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// The nth id among the arguments.
    Argument(u64),
    /// A line of the file or of stdin.
    Line(u64),
}

/// Why an entry was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It is not of the form of the vendor's ids, for this reason.
    NotAnId(String),
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

/// A refused entry.
#[derive(Clone, Debug)]
pub(crate) struct Complaint {
    /// What was found instead of an id, as far as it may be shown; empty if it is described in the reason, or if nothing
    /// could be made out.
    pub(crate) id: String,
    pub(crate) place: Place,
    /// What is wrong with it.
    pub(crate) reason: String,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Argument(number) => write!(f, "argument {number}"),
            Self::Line(number) => write!(f, "line {number}"),
        }
    }
}

impl Complaint {
    /// Where it was and what is wrong with it.
    pub(crate) fn message(&self) -> String {
        format!("{}: {}", self.place, self.reason)
    }

    /// Keeps at most so many bytes of an entry, and only a description of what is not plausibly an id.
    pub(crate) fn new(place: Place, bytes: &[u8], reason: Refusal, most: usize) -> Self {
        let start = start_of(bytes, most);
        let text = String::from_utf8_lossy(start);
        let (id, reason) = match (description(bytes, &reason), reason) {
            (Some(text), Refusal::NotAnId(_)) => (String::new(), format!("{text} is not an id")),
            (Some(text), reason) if text.is_empty() => (String::new(), reason.explain().to_owned()),
            (Some(text), reason) => (String::new(), format!("{}: {text}", reason.explain())),
            // The start of it may well be an id.
            (None, reason) if start.len() < bytes.len() => (format!("{text}…"), reason.explain().to_owned()),
            (None, Refusal::NotAnId(why)) => (text.into_owned(), why),
            (None, reason) => (text.into_owned(), reason.explain().to_owned()),
        };
        Self { id, place, reason }
    }
}

/// The name of a column is not a secret.
fn description(bytes: &[u8], reason: &Refusal) -> Option<String> {
    match (reason, std::str::from_utf8(bytes)) {
        (Refusal::Header, _) => None,
        (_, Ok(text)) => describe(text),
        // A name in an old encoding, most likely.
        (_, Err(_)) => Some(String::new()),
    }
}

impl Refusal {
    fn explain(&self) -> &'static str {
        match self {
            Self::NotAnId(_) => "it is not an id",
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

    fn refused(text: impl AsRef<[u8]>, most: usize) -> Complaint {
        let reason = Refusal::NotAnId("why not".to_owned());
        Complaint::new(Place::Line(7), text.as_ref(), reason, most)
    }

    #[test]
    fn a_long_entry_is_kept_short() {
        // Its first 32 bytes alone would be an id.
        let text = format!("{}/{}", "x".repeat(32), "y".repeat(200));
        let whole = refused(&text, 256);
        assert_eq!((&whole.id, whole.message()), (&text, "line 7: why not".to_owned()));
        let cut = refused(&text, 32);
        assert_eq!(cut.message(), "line 7: it is not an id");
        assert_eq!(cut.id, format!("{}…", "x".repeat(32)));
        assert_eq!(refused("€".repeat(50), 32).id, format!("{}…", "€".repeat(10)));
        assert_eq!(refused(format!("x{}", "€".repeat(50)), 32).id, format!("x{}…", "€".repeat(10)));
    }

    #[test]
    fn what_may_be_personal_is_neither_kept_nor_shown() {
        for (text, reason, expected) in [
            (
                &b"jane@example.com"[..],
                Refusal::NotAnId("why not".to_owned()),
                "line 1: an e-mail address is not an id",
            ),
            (
                b" Jane Doe",
                Refusal::WhiteSpace,
                "line 1: there is white space around the id: text of 8 characters with spaces",
            ),
            (b"M\xfcller", Refusal::NotUtf8, "line 1: it is not UTF-8"),
        ] {
            let refused = Complaint::new(Place::Line(1), text, reason, 256);
            assert_eq!((refused.id.as_str(), refused.message().as_str()), ("", expected));
        }
    }
}
