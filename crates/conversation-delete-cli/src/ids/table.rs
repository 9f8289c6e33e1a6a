//! The rows of a table below its header.

use std::io::{self, BufRead};

use super::column::is_usual;
use super::csv::{Parser, Row};
use super::feed::Feed;
use super::format::Header;
use super::lines::MAX_READ_LEN;
use super::refused::{Place, Refusal};
use super::{ReadError, Sink, own_lines};

/// Reads the rows of a table, from the line after its header on.
///
/// # Errors
/// When the input breaks off, or rows would be lost in it.
pub(super) fn read<S: Sink>(
    mut input: impl BufRead,
    first_line: u64,
    header: Header,
    feed: &mut Feed<'_, S>,
) -> Result<(), ReadError> {
    let mut parser = Parser::new(first_line, header.delimiter, header.is_spaced);
    loop {
        let available = match input.fill_buf() {
            Ok(available) => available,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        };
        if available.is_empty() {
            break;
        }
        for byte in available {
            if parser.is_between_rows() && matches!(byte, b'\r' | b'\n') {
                // A blank line before a row is not part of it.
                if *byte == b'\n' {
                    parser.line += 1;
                    feed.skip()?;
                }
            } else if parser.take(*byte)? {
                take_row(&parser.row, header, feed)?;
            }
        }
        if parser.row.length > MAX_READ_LEN {
            return Err(ReadError::Endless(parser.row.line));
        }
        let length = available.len();
        input.consume(length);
    }
    if parser.finish()? {
        take_row(&parser.row, header, feed)?;
    }
    Ok(())
}

/// The report shows nothing of a row whose fields are not where the header says: any of them may be anything.
fn take_row<S: Sink>(row: &Row, header: Header, feed: &mut Feed<'_, S>) -> Result<(), ReadError> {
    let place = Place::Line(row.line);
    if row.is_too_long {
        return feed.refuse(place, b"", Refusal::LineTooLong);
    }
    let has_all_fields = row.len() == header.fields;
    let is_refused = header.outcome.is_some_and(|outcome| own_lines::is_refused(row.field(outcome)));
    if row.is_blank() && header.fields > 1 || is_refused && has_all_fields {
        return feed.skip();
    }
    match row.field(header.column) {
        // The header of another file may follow in the middle.
        Some(id) if has_all_fields && is_usual(id) => feed.refuse(place, id, Refusal::Header),
        Some(id) if has_all_fields => feed.entry(place, id),
        _ => feed.refuse(place, b"", Refusal::FieldCount),
    }
}
