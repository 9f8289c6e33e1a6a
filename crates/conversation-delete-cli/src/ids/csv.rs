//! The rows of a CSV file (RFC 4180), one at a time, with a bound on the memory that one can take.

use std::io::{self, BufRead};

use csv_core::{ReadRecordResult, Reader};

use super::lines::MAX_LINE_LEN;
use super::quotes::Quotes;
use super::read::ReadError;
use super::{IdCollector, Place, Refusal};

/// The most fields of a row.
const MAX_FIELDS: usize = 4096;

/// What the first row says of the others.
#[derive(Clone, Copy)]
pub(super) struct Header {
    /// The column of the ids, counted from 0.
    pub(super) column: usize,
    /// How many fields every row has.
    pub(super) fields: usize,
}

/// The fields of one row that stands alone. None where it has too many.
pub(super) fn fields(row: &[u8]) -> Vec<Vec<u8>> {
    let mut buffer = Row::new();
    let mut reader = Reader::new();
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

/// Reads the rows below the header into `collector`.
pub(super) fn read_rows(
    mut input: impl BufRead,
    first_line: u64,
    header: Header,
    collector: &mut IdCollector,
) -> Result<(), ReadError> {
    let mut reader = Reader::new();
    let mut row = Row::new();
    let mut quotes = Quotes::new(first_line);
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
        quotes.feed(&available[..used])?;
        input.consume(used);
        if is_complete {
            let place = Place::Line(row_line.take().unwrap_or(quotes.line()));
            take_row(&row, place, header, collector);
            row.clear();
        } else if at_end {
            return Ok(());
        }
    }
}

/// The report shows nothing of a row whose fields are not where the header says: any of them may be anything.
fn take_row(row: &Row, place: Place, header: Header, collector: &mut IdCollector) {
    if row.overflowed {
        return collector.refuse(place, b"", Refusal::LineTooLong);
    }
    if row.is_blank() && header.fields > 1 {
        return;
    }
    match row.field(header.column) {
        Some(id) if row.field_count == header.fields => collector.add_cell(place, id),
        _ => collector.refuse(place, b"", Refusal::FieldCount),
    }
}

/// The fields of the row that is being read.
struct Row {
    output: Vec<u8>,
    output_len: usize,
    ends: Vec<usize>,
    field_count: usize,
    overflowed: bool,
}

impl Row {
    fn new() -> Self {
        Self {
            output: vec![0; MAX_LINE_LEN],
            output_len: 0,
            ends: vec![0; MAX_FIELDS],
            field_count: 0,
            overflowed: false,
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
    }
}
