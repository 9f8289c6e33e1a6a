//! Reads the ids of a file or of stdin, whichever format it has.

use std::ffi::OsString;
use std::fs::File;
use std::io::{self, BufRead, IsTerminal, Read};
use std::path::Path;

use super::column::{Column, is_header};
use super::feed::{Feed, trimmed};
use super::format::{Format, Header};
use super::lines::{Line, Lines, without_quotes};
use super::refused::{Place, Refusal};
use super::source::Source;
use super::{ReadError, Sink, json, table};
use crate::args::is_stdin;
use crate::notice::notice;
use crate::spreadsheet::unguarded;

/// How an input is read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ReadOptions<'a> {
    /// The column of a table, or the member of objects, that holds the ids. Without it one of the usual names is taken.
    pub(crate) id_column: Option<&'a str>,
    /// The reading ends at more new ids than this.
    pub(crate) max_ids: u64,
}

/// Takes arguments, whatever they are.
///
/// # Errors
/// When they cannot be kept.
pub(crate) fn read_arguments(arguments: &[OsString], sink: &mut impl Sink) -> Result<(), ReadError> {
    let mut feed = Feed::new(sink, u64::MAX);
    let mut numbered = (1..).zip(arguments);
    numbered.try_for_each(|(number, id)| feed.take(Place::Argument(number), id.as_encoded_bytes()))
}

/// Reads the ids of a file, or of stdin if its name is `-`, as [`read`] does.
///
/// # Errors
/// As [`read`], and when the file cannot be opened.
pub(crate) fn read_file(path: &Path, options: &ReadOptions<'_>, sink: &mut impl Sink) -> Result<(), ReadError> {
    if !is_stdin(Some(path)) {
        return read(File::open(path)?, options, sink);
    }
    if io::stdin().is_terminal() {
        notice("reading ids from the terminal, end with Ctrl-D");
    }
    read(UntilEnd { reader: io::stdin().lock(), has_ended: false }, options, sink)
}

/// Reads nothing after an end: on a terminal, more could be typed after each Ctrl-D.
struct UntilEnd<R> {
    reader: R,
    has_ended: bool,
}

impl<R: Read> Read for UntilEnd<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.has_ended {
            return Ok(0);
        }
        let length = self.reader.read(buffer)?;
        self.has_ended = length == 0 && !buffer.is_empty();
        Ok(length)
    }
}

/// Reads all ids of `reader` into `sink`: one a line, a table with a header, or JSON. What is in a line of its own and
/// is not an id is refused through the sink. Whatever the input is, only a bounded part of it is in memory, and one that
/// has no end is not read for ever.
///
/// # Errors
/// When the input breaks off, cannot be understood, holds too much, or not a single id. Then nothing of what the sink has
/// taken may be used, except after [`ReadError::TooManyIds`].
pub(crate) fn read<S: Sink>(reader: impl Read, options: &ReadOptions<'_>, sink: &mut S) -> Result<(), ReadError> {
    let source = Source::open(reader)?;
    let column = Column::of(options.id_column);
    let mut feed = Feed::new(sink, options.max_ids);
    let format = Format::of(&source, column, &feed)?;
    let reader = source.into_reader();
    match &format {
        Format::Lines(_) => read_lines(reader, &mut feed)?,
        Format::NdJson => read_objects(reader, column, &mut feed)?,
        Format::Json => json::read(reader, column, &mut feed)?,
        Format::Table(header) => read_table(reader, *header, &mut feed)?,
    }
    let Some((entries, first)) = feed.into_hopeless() else { return Ok(()) };
    let table = match format {
        Format::Lines(table) => table,
        Format::Table(header) => Some(header.shape()),
        Format::NdJson | Format::Json => None,
    };
    Err(ReadError::NoIds { entries, first, table })
}

/// Calls `take` for each line that is not blank, and refuses those that are too long.
fn each_line<S: Sink>(
    reader: impl BufRead,
    feed: &mut Feed<'_, S>,
    mut take: impl FnMut(&mut Feed<'_, S>, u64, &[u8]) -> Result<(), ReadError>,
) -> Result<(), ReadError> {
    let mut lines = Lines::new(reader);
    while let Some(Line { number, bytes, is_too_long }) = lines.next()? {
        if is_too_long {
            feed.refuse(Place::Line(number), b"", Refusal::LineTooLong)?;
        } else if bytes.trim_ascii().is_empty() {
            feed.skip()?;
        } else {
            take(feed, number, bytes)?;
        }
    }
    Ok(())
}

fn read_lines<S: Sink>(reader: impl BufRead, feed: &mut Feed<'_, S>) -> Result<(), ReadError> {
    let mut first = None;
    each_line(reader, feed, |feed, number, line| {
        let (place, line) = (Place::Line(number), without_quotes(trimmed(line)));
        let first = *first.get_or_insert(number);
        if first < number && is_header(line) {
            return Err(ReadError::HeaderBelow { line: number, first });
        }
        if looks_like_a_row(line) {
            return feed.refuse(place, b"", Refusal::TableRow);
        }
        if is_header(line) { feed.refuse(place, line, Refusal::Header) } else { feed.entry(place, line) }
    })
}

/// Whether something in `line` separates fields or words. No vendor has such ids.
fn looks_like_a_row(line: &[u8]) -> bool {
    let line = String::from_utf8_lossy(unguarded(line));
    line.trim().contains(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '"' | '\''))
}

/// The report shows nothing of a line that cannot be read: it may hold somebody's conversation.
fn read_objects<S: Sink>(reader: impl BufRead, column: Column<'_>, feed: &mut Feed<'_, S>) -> Result<(), ReadError> {
    each_line(reader, feed, |feed, number, line| {
        if std::str::from_utf8(line).is_err() {
            return feed.refuse(Place::Line(number), b"", Refusal::NotUtf8);
        }
        match json::read_line(line, column) {
            Ok(id) => feed.id_member(number, id),
            Err(_) => feed.refuse(Place::Line(number), b"", Refusal::NoIdField),
        }
    })
}

fn read_table<S: Sink>(mut reader: impl BufRead, header: Header, feed: &mut Feed<'_, S>) -> Result<(), ReadError> {
    let mut line = if header.is_row { header.line - 1 } else { header.line };
    skip_lines(&mut reader, line)?;
    line += 1;
    table::read(reader, line, header, feed)
}

/// Passes over lines of which it is known that they end.
fn skip_lines(reader: &mut impl BufRead, count: u64) -> Result<(), ReadError> {
    let mut lines = Lines::new(reader);
    for _ in 0..count {
        lines.next()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
