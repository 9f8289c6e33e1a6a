//! Reads the ids of a file or of stdin, whichever of three forms it has.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, BufRead};

use serde::Deserialize;

use super::lines::{Line, Lines};
use super::{IdCollector, Place, Refusal, csv};

/// Why a whole input cannot be used.
#[derive(Debug)]
pub(crate) enum ReadError {
    Io(io::Error),
    /// The header of a CSV file names more than one column `id`.
    TwoIdColumns,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::TwoIdColumns => f.write_str("its header names more than one column `id`"),
        }
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
        if line.is_too_long {
            collector.refuse(place, b"", Refusal::LineTooLong);
            continue;
        }
        if line.bytes.trim_ascii().is_empty() {
            continue;
        }
        match *form.get_or_insert_with(|| Form::of(line.bytes, collector)) {
            Form::Lines => collector.add(place, line.bytes),
            Form::Json => add_object(line.bytes, place, collector),
            Form::Csv(column) => {
                let (rest, first_line) = lines.into_rest();
                return Ok(csv::read_rows(rest, first_line, column, collector)?);
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
    /// With the ids in this column, counted from 0.
    Csv(usize),
    Ambiguous,
}

impl Form {
    fn of(first_line: &[u8], collector: &IdCollector) -> Self {
        let mut columns = csv::fields(first_line).into_iter().enumerate().filter(|(_, name)| is_id(name));
        match (columns.next(), columns.next()) {
            (Some(_), Some(_)) => Self::Ambiguous,
            (Some((column, _)), None) => Self::Csv(column),
            // A UUID may stand in braces too.
            _ if first_line.trim_ascii_start().starts_with(b"{") && !collector.is_id(first_line) => Self::Json,
            _ => Self::Lines,
        }
    }
}

fn is_id(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"id")
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
