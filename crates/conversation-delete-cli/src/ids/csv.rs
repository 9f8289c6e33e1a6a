//! The rows of a CSV file (RFC 4180), one at a time, with a bound on the memory that one can take.

use std::io::{self, BufRead};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};

use super::column::is_usual;
use super::feed::Feed;
use super::format::Header;
use super::lines::{MAX_LINE_LEN, MAX_READ_LEN};
use super::quotes::Quotes;
use super::{Place, ReadError, Refusal, Sink, own_lines};

/// The most fields of a row.
const MAX_FIELDS: usize = 4096;

/// The fields of one row that stands alone. None if it has too many.
pub(super) fn fields(row: &[u8], delimiter: u8) -> Vec<Vec<u8>> {
    let mut buffer = Row::new();
    let mut reader = reader(delimiter);
    for input in [row, b"\n", b""] {
        if buffer.feed(&mut reader, input).1 {
            break;
        }
    }
    if buffer.overflowed {
        return Vec::new();
    }
    (0..buffer.field_count).map(|column| buffer.field(column).unwrap_or_default().to_vec()).collect()
}

fn reader(delimiter: u8) -> Reader {
    ReaderBuilder::new().delimiter(delimiter).build()
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
    let mut reader = reader(header.delimiter);
    let mut row = Row::new();
    let mut quotes = Quotes::new(first_line, header.delimiter);
    let mut row_line = None;
    loop {
        let available = match input.fill_buf() {
            Ok(available) => available,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        };
        let at_end = available.is_empty();
        if at_end {
            quotes.finish()?;
        }
        // Blank lines before a row are not part of it.
        let blank = available.iter().take_while(|byte| row_line.is_none() && matches!(byte, b'\r' | b'\n')).count();
        let (used, is_complete) = match blank {
            0 => {
                row_line.get_or_insert(quotes.line());
                row.feed(&mut reader, available)
            }
            _ => (blank, false),
        };
        let lines_before = quotes.line();
        quotes.feed(&available[..used])?;
        input.consume(used);
        if is_complete {
            let place = Place::Line(row_line.take().unwrap_or(quotes.line()));
            take_row(&row, place, header, feed)?;
            row.clear();
        } else if at_end {
            return Ok(());
        } else if blank > 0 {
            (lines_before..quotes.line()).try_for_each(|_| feed.skip())?;
        } else if row.length > MAX_READ_LEN {
            return Err(ReadError::Endless(row_line.unwrap_or(quotes.line())));
        }
    }
}

/// The report shows nothing of a row whose fields are not where the header says: any of them may be anything.
fn take_row<S: Sink>(row: &Row, place: Place, header: Header, feed: &mut Feed<'_, S>) -> Result<(), ReadError> {
    if row.overflowed {
        return feed.refuse(place, b"", Refusal::LineTooLong);
    }
    if row.is_blank() && header.fields > 1 {
        return feed.skip();
    }
    if header.outcome.is_some_and(|outcome| own_lines::is_refused(row.field(outcome)))
        && row.field_count == header.fields
    {
        return feed.skip();
    }
    match row.field(header.column) {
        // The header of another file may follow in the middle.
        Some(id) if row.field_count == header.fields && is_usual(id) => feed.refuse(place, id, Refusal::Header),
        Some(id) if row.field_count == header.fields => feed.entry(place, id),
        _ => feed.refuse(place, b"", Refusal::FieldCount),
    }
}

/// The fields of the row that is being read.
struct Row {
    output: Vec<u8>,
    output_len: usize,
    ends: Vec<usize>,
    field_count: usize,
    overflowed: bool,
    /// How many bytes of the input it took so far.
    length: usize,
}

impl Row {
    fn new() -> Self {
        Self {
            output: vec![0; MAX_LINE_LEN],
            output_len: 0,
            ends: vec![0; MAX_FIELDS],
            field_count: 0,
            overflowed: false,
            length: 0,
        }
    }

    /// Takes some of `input`: how much, and whether the row is complete now. Empty input is the end of the file.
    fn feed(&mut self, reader: &mut Reader, input: &[u8]) -> (usize, bool) {
        let mut used = 0;
        loop {
            let (result, read, written, ended) = reader.read_record(
                &input[used..],
                &mut self.output[self.output_len..],
                &mut self.ends[self.field_count..],
            );
            used += read;
            self.length += read;
            self.output_len += written;
            self.field_count += ended;
            match result {
                ReadRecordResult::InputEmpty | ReadRecordResult::End => return (used, false),
                ReadRecordResult::Record => return (used, true),
                // The row is only read to its end now, to find the next one.
                ReadRecordResult::OutputFull | ReadRecordResult::OutputEndsFull => {
                    self.overflowed = true;
                    self.output_len = 0;
                    self.field_count = 0;
                }
            }
        }
    }

    fn field(&self, column: usize) -> Option<&[u8]> {
        let end = *self.ends[..self.field_count].get(column)?;
        let start = column.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.output.get(start..end)
    }

    /// A row of nothing but white space, in a file of several columns.
    fn is_blank(&self) -> bool {
        self.field_count <= 1 && self.field(0).unwrap_or_default().trim_ascii().is_empty()
    }

    fn clear(&mut self) {
        self.output_len = 0;
        self.field_count = 0;
        self.overflowed = false;
        self.length = 0;
    }
}
