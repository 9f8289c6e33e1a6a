//! Reads the ids of a file or of stdin, whichever of three forms it has.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, BufRead};

use serde::Deserialize;

use super::lines::{Line, Lines};
use super::quotes::{QuoteError, Quotes};
use super::{IdCollector, Place, Refusal, csv, is_id_header};

/// Why a whole input cannot be used.
#[derive(Debug)]
pub(crate) enum ReadError {
    Io(io::Error),
    /// The header of a CSV file names more than one column `id`.
    TwoIdColumns,
    /// Rows of a CSV file would vanish in a field.
    Quote(QuoteError),
    /// This line holds a lone `\r`, the line end of old systems.
    OldLineEnds(u64),
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::TwoIdColumns => f.write_str("its header names more than one column `id`"),
            Self::Quote(QuoteError::NeverClosed(line)) => {
                write!(f, "the quote that opens in line {line} is never closed, so that rows would be lost")
            }
            Self::Quote(QuoteError::TextAfter(line)) => write!(
                f,
                "text follows the end of the quotes that open in line {line}, so that rows may be lost; a quote \
                 inside of quotes is doubled"
            ),
            Self::OldLineEnds(line) => {
                write!(f, "line {line} holds a carriage return without a line feed: end lines with \\n or \\r\\n")
            }
        }
    }
}

impl From<QuoteError> for ReadError {
    fn from(error: QuoteError) -> Self {
        Self::Quote(error)
    }
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

/// Reads all ids of `reader` into `collector`. The first line that is not blank tells the form: `{` and a quote begin
/// NDJSON, a header with a column `id` CSV; everything else is one id a line.
///
/// # Errors
/// When the input breaks off or cannot be understood at all. What stands in a line of its own and is no id is refused
/// through the collector instead.
pub(crate) fn read(reader: impl BufRead, collector: &mut IdCollector) -> Result<(), ReadError> {
    let mut lines = Lines::new(reader);
    let mut form = None;
    while let Some(line) = lines.next()? {
        let line = without_byte_order_mark(line);
        let place = Place::Line(line.number);
        if form.is_none() && has_old_line_ends(line.bytes) {
            return Err(ReadError::OldLineEnds(line.number));
        }
        if line.is_too_long {
            collector.refuse(place, b"", Refusal::LineTooLong);
            continue;
        }
        if line.bytes.trim_ascii().is_empty() {
            continue;
        }
        let is_first = form.is_none();
        match *form.get_or_insert_with(|| Form::of(line.bytes, collector)) {
            Form::Lines => collector.add_line(place, line.bytes, is_first),
            Form::Json => add_object(line.bytes, place, collector),
            Form::Csv(header) => {
                let mut quotes = Quotes::new(line.number);
                quotes.feed(line.bytes)?;
                quotes.finish()?;
                let (rest, first_line) = lines.into_rest();
                return csv::read_rows(rest, first_line, header, collector);
            }
            Form::Ambiguous => return Err(ReadError::TwoIdColumns),
        }
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum Form {
    Lines,
    Json,
    Csv(csv::Header),
    Ambiguous,
}

impl Form {
    fn of(first_line: &[u8], collector: &IdCollector) -> Self {
        let names = csv::fields(first_line);
        let mut columns = names.iter().enumerate().filter(|(_, name)| is_id_header(name));
        match (columns.next(), columns.next()) {
            (Some(_), Some(_)) => Self::Ambiguous,
            (Some((column, _)), None) => Self::Csv(csv::Header { column, fields: names.len() }),
            // A UUID may stand in braces too.
            _ if first_line.trim_ascii_start().starts_with(b"{") && !collector.is_id(first_line) => Self::Json,
            _ => Self::Lines,
        }
    }
}

/// Of a whole file with such line ends only the first id, or none, would be found.
fn has_old_line_ends(line: &[u8]) -> bool {
    let end = line.iter().rposition(|byte| *byte != b'\r').unwrap_or(0);
    line[..end].contains(&b'\r')
}

fn without_byte_order_mark(line: Line<'_>) -> Line<'_> {
    match line.bytes.strip_prefix("\u{feff}".as_bytes()) {
        Some(bytes) if line.number == 1 => Line { bytes, ..line },
        _ => line,
    }
}

/// The one field that is wanted; the others may be anything.
#[derive(Deserialize)]
struct Object<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
}

/// The report shows nothing of a line that cannot be read: it may hold somebody's conversation.
fn add_object(line: &[u8], place: Place, collector: &mut IdCollector) {
    if std::str::from_utf8(line).is_err() {
        return collector.refuse(place, b"", Refusal::NotUtf8);
    }
    match serde_json::from_slice::<Object<'_>>(line) {
        // An array with one string would pass as well.
        Ok(object) if line.trim_ascii_start().starts_with(b"{") => collector.add(place, object.id.as_bytes()),
        _ => collector.refuse(place, b"", Refusal::NoIdField),
    }
}

#[cfg(test)]
mod tests;
