//! The rows of a CSV file (RFC 4180), one at a time, with a bound on the memory that one can take.
//!
//! A lenient parser reads on whatever comes, so that one stray quote would swallow all rows up to the next one. Ids that
//! vanish like this are never deleted, and nobody notices; so a file whose quotes are not in order is not read at all.

use std::io::{self, BufRead};
use std::mem::replace;

use super::column::is_usual;
use super::feed::Feed;
use super::format::Header;
use super::lines::{MAX_LINE_LEN, MAX_READ_LEN};
use super::{Place, ReadError, Refusal, Sink, own_lines};

/// The most fields of a row.
const MAX_FIELDS: usize = 4096;

/// What is wrong with a quote, and the line where it opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum QuoteError {
    /// The input ends inside of the quotes.
    NeverClosed(u64),
    /// Something other than the end of the field follows the closing quote.
    TextAfter(u64),
}

/// The fields of one row on its own, whatever its quotes. None if it has too many.
pub(super) fn fields(row: &[u8], delimiter: u8) -> Vec<Vec<u8>> {
    let mut parser = Parser::new(1, delimiter, false);
    for byte in row {
        // The text after a closing quote belongs to the field.
        if matches!(parser.take(*byte), Ok(true)) {
            break;
        }
    }
    if parser.state != State::RowStart {
        parser.row.end_field();
    }
    let Row { ends, is_too_long, .. } = &parser.row;
    let count = if *is_too_long { 0 } else { ends.len() };
    (0..count).map(|column| parser.row.field(column).unwrap_or_default().to_vec()).collect()
}

/// Checks the quotes of one row, which is all of this line.
///
/// # Errors
/// What is wrong with them.
pub(super) fn check_quotes(row: &[u8], line: u64, delimiter: u8) -> Result<(), QuoteError> {
    let mut parser = Parser::new(line, delimiter, false);
    row.iter().try_for_each(|byte| parser.take(*byte).map(drop))?;
    parser.check_end()
}

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
            if parser.state == State::RowStart && matches!(byte, b'\r' | b'\n') {
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
    parser.check_end()?;
    if parser.state != State::RowStart {
        parser.row.end_field();
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
    let has_all_fields = row.ends.len() == header.fields;
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

/// Takes a table byte by byte.
struct Parser {
    delimiter: u8,
    /// Whether spaces after a delimiter are left out, as people type them.
    is_spaced: bool,
    state: State,
    /// The line of the next byte.
    line: u64,
    /// Where the latest quote opened.
    opened: u64,
    row: Row,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    RowStart,
    /// After a delimiter, or after spaces that follow one and are left out.
    FieldStart,
    Bare,
    Quoted,
    /// After a quote inside of quotes: it ends the field, or is the first half of a doubled one.
    Closed,
}

impl Parser {
    fn new(line: u64, delimiter: u8, is_spaced: bool) -> Self {
        Self { delimiter, is_spaced, state: State::RowStart, line, opened: line, row: Row::default() }
    }

    /// Takes the next byte. Returns whether the row is complete.
    fn take(&mut self, byte: u8) -> Result<bool, QuoteError> {
        if self.state == State::RowStart {
            self.row.begin(self.line);
        }
        self.line += u64::from(byte == b'\n');
        self.row.length += 1;
        let next = match (self.state, byte) {
            (State::Quoted, b'"') => State::Closed,
            (State::Quoted, _) | (State::Closed, b'"') => {
                self.row.push(byte);
                State::Quoted
            }
            (_, b'\r' | b'\n') => {
                self.row.end_field();
                State::RowStart
            }
            (_, byte) if byte == self.delimiter => {
                self.row.end_field();
                State::FieldStart
            }
            (State::FieldStart, b' ') if self.is_spaced => State::FieldStart,
            (State::RowStart | State::FieldStart, b'"') => {
                self.opened = self.line;
                State::Quoted
            }
            _ => {
                self.row.push(byte);
                State::Bare
            }
        };
        match (replace(&mut self.state, next), next) {
            (State::Closed, State::Bare) => Err(QuoteError::TextAfter(self.opened)),
            _ => Ok(next == State::RowStart),
        }
    }

    /// Checks that the input may end here.
    fn check_end(&self) -> Result<(), QuoteError> {
        if self.state == State::Quoted { Err(QuoteError::NeverClosed(self.opened)) } else { Ok(()) }
    }
}

/// The fields of the row that is being read.
#[derive(Default)]
struct Row {
    line: u64,
    bytes: Vec<u8>,
    /// Where each field ends.
    ends: Vec<usize>,
    /// It is longer than is kept, and only read to find the next one.
    is_too_long: bool,
    /// How many bytes of the input it took so far.
    length: usize,
}

impl Row {
    fn begin(&mut self, line: u64) {
        self.bytes.clear();
        self.ends.clear();
        (self.line, self.is_too_long, self.length) = (line, false, 0);
    }

    fn push(&mut self, byte: u8) {
        self.is_too_long |= self.bytes.len() >= MAX_LINE_LEN;
        if !self.is_too_long {
            self.bytes.push(byte);
        }
    }

    fn end_field(&mut self) {
        self.is_too_long |= self.ends.len() >= MAX_FIELDS;
        if !self.is_too_long {
            self.ends.push(self.bytes.len());
        }
    }

    fn field(&self, column: usize) -> Option<&[u8]> {
        let end = *self.ends.get(column)?;
        let start = column.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.bytes.get(start..end)
    }

    /// A row of nothing but white space, in a file of several columns.
    fn is_blank(&self) -> bool {
        self.ends.len() <= 1 && self.field(0).unwrap_or_default().trim_ascii().is_empty()
    }
}
