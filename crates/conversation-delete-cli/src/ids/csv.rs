//! The syntax of CSV (RFC 4180), one row at a time, with a bound on the memory that one can take.
//!
//! A lenient parser reads on whatever comes, so that one stray quote would swallow all rows up to the next one. Ids that
//! vanish like this are never deleted, and nobody notices; so a file whose quotes are not in order is not read at all.

use std::mem::replace;

use super::diagnosis::QuoteError;
use super::lines::MAX_LINE_LEN;

/// The most fields of a row.
const MAX_FIELDS: usize = 4096;

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
    parser.finish().map(drop)
}

/// Takes a table byte by byte.
pub(super) struct Parser {
    delimiter: u8,
    /// Whether spaces after a delimiter are left out, as people type them.
    is_spaced: bool,
    state: State,
    /// The line of the next byte.
    pub(super) line: u64,
    /// Where the latest quote opened.
    opened: u64,
    pub(super) row: Row,
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
    pub(super) fn new(line: u64, delimiter: u8, is_spaced: bool) -> Self {
        Self { delimiter, is_spaced, state: State::RowStart, line, opened: line, row: Row::default() }
    }

    /// Takes the next byte. Returns whether the row is complete.
    pub(super) fn take(&mut self, byte: u8) -> Result<bool, QuoteError> {
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

    /// Whether a row begins with the next byte.
    pub(super) fn is_between_rows(&self) -> bool {
        self.state == State::RowStart
    }

    /// Takes the end of the input. Returns whether it completes a row.
    pub(super) fn finish(&mut self) -> Result<bool, QuoteError> {
        match self.state {
            State::Quoted => Err(QuoteError::NeverClosed(self.opened)),
            State::RowStart => Ok(false),
            _ => {
                self.row.end_field();
                Ok(true)
            }
        }
    }
}

/// The fields of the row that is being read.
#[derive(Default)]
pub(super) struct Row {
    /// Where it begins.
    pub(super) line: u64,
    bytes: Vec<u8>,
    /// Where each field ends.
    ends: Vec<usize>,
    /// It is longer than is kept, and only read to find the next one.
    pub(super) is_too_long: bool,
    /// How many bytes of the input it took so far.
    pub(super) length: usize,
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

    /// How many fields it has.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn field(&self, column: usize) -> Option<&[u8]> {
        let end = *self.ends.get(column)?;
        let start = column.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.bytes.get(start..end)
    }

    /// A row of nothing but white space, in a file of several columns.
    pub(super) fn is_blank(&self) -> bool {
        self.ends.len() <= 1 && self.field(0).unwrap_or_default().trim_ascii().is_empty()
    }
}
