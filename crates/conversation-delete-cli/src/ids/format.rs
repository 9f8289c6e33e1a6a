//! Which format a text has, by its first lines.

use super::column::{Column, decoded, has_id_word, is_header, is_name, is_usual};
use super::csv;
use super::diagnosis::TableShape;
use super::feed::{Feed, trimmed};
use super::json::{IdMember, read_line};
use super::lines::{MAX_LINE_LEN, without_quotes};
use super::own_lines;
use super::source::Source;
use super::{ReadError, Sink};

/// What may separate the fields of a table.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// How many lines below the first may be part of a title.
const TITLE_LINES: usize = 20;

/// How ids are written in an input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// One a line. If none is an id, it may be this table.
    Lines(Option<TableShape>),
    /// A JSON object a line.
    NdJson,
    /// JSON values, in whatever lines: arrays, an object with an array, objects.
    Json,
    Table(Header),
}

/// What the first row of a table decides about the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) delimiter: u8,
    /// The column of the ids, counted from 0.
    pub(super) column: usize,
    /// How many fields every row has.
    pub(super) fields: usize,
    /// The number of its line.
    pub(super) line: u64,
    /// Whether it is itself a row.
    pub(super) is_row: bool,
    /// Whether spaces follow the delimiters.
    pub(super) is_spaced: bool,
    /// The column of the outcome, if it is an export of this program.
    pub(super) outcome: Option<usize>,
}

impl Header {
    pub(super) fn shape(&self) -> TableShape {
        TableShape { delimiter: self.delimiter, columns: self.fields, is_id_column_known: true, candidates: Vec::new() }
    }
}

impl Format {
    pub(super) fn of<S: Sink>(source: &Source<'_>, column: Column<'_>, feed: &Feed<'_, S>) -> Result<Self, ReadError> {
        let mut lines = Line::all(&source.head).filter(|line| !line.bytes.trim_ascii().is_empty());
        let Some(first) = lines.next() else { return Ok(Self::Lines(None)) };
        if has_old_line_ends(first.bytes) {
            return Err(ReadError::OldLineEnds(first.number));
        }
        if let Some(format) = json(first, lines.next().is_some(), column, feed) {
            return Ok(format);
        }
        if !first.is_whole && source.head.len() >= MAX_LINE_LEN {
            return Ok(Self::Lines(None));
        }
        let lines = Line::all(&source.head).filter(|line| line.number >= first.number);
        if let Some(rule) = lines.clone().take(2).find(|line| line.is_whole && is_rule(line.bytes)) {
            return Err(ReadError::DrawnTable(rule.number));
        }
        match header(first, lines.clone().nth(1), column)? {
            Some(header) => return Ok(Self::Table(header)),
            None => find_title(first, lines.clone(), column)?,
        }
        let shape = shape(first.bytes);
        match column {
            Column::Named(name) => Err(ReadError::NoSuchColumn { name: name.to_owned(), table: shape }),
            Column::Usual if shape.columns > 1 => Ok(Self::Lines(Some(shape))),
            Column::Usual => find_name(first, lines.skip(1), feed).map(|()| Self::Lines(None)),
        }
    }
}

/// A line at the beginning of the input.
#[derive(Clone, Copy)]
struct Line<'a> {
    number: u64,
    bytes: &'a [u8],
    /// Whether it ends before what is known of the input does.
    is_whole: bool,
}

impl<'a> Line<'a> {
    fn all(head: &'a [u8]) -> impl Iterator<Item = Self> + Clone {
        let lines = (1..).zip(head.split_inclusive(|byte| *byte == b'\n'));
        lines.map(|(number, bytes)| {
            let line = bytes.strip_suffix(b"\n").unwrap_or(bytes);
            let is_whole = line.len() < bytes.len();
            Self { number, bytes: line.strip_suffix(b"\r").unwrap_or(line), is_whole }
        })
    }
}

/// Of a whole file with such line ends only the first id, or none, would be found.
fn has_old_line_ends(line: &[u8]) -> bool {
    let end = line.iter().rposition(|byte| *byte != b'\r').unwrap_or(0);
    line[..end].contains(&b'\r')
}

fn json<S: Sink>(first: Line<'_>, has_more: bool, column: Column<'_>, feed: &Feed<'_, S>) -> Option<Format> {
    match first.bytes.trim_ascii_start().first() {
        Some(b'[') => Some(Format::Json),
        // A UUID may be written in braces too.
        Some(b'{') if !feed.is_id(first.bytes) => Some(match read_line(first.bytes, column) {
            // The whole input, or the beginning of it on a line that is too long: an object with an array, perhaps.
            Ok(IdMember::Missing) if !has_more => Format::Json,
            Ok(_) => Format::NdJson,
            Err(error) if error.is_eof() => Format::Json,
            Err(_) => Format::NdJson,
        }),
        _ => None,
    }
}

/// The header, if the first line is one. `sep=;`, which some programs write above it, is not.
fn header(first: Line<'_>, second: Option<Line<'_>>, column: Column<'_>) -> Result<Option<Header>, ReadError> {
    let (line, delimiters) = match (first.bytes, second) {
        ([b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', delimiter], Some(second)) => (second, vec![*delimiter]),
        _ => (first, DELIMITERS.to_vec()),
    };
    let tables = delimiters.into_iter().map(|delimiter| (delimiter, csv::fields(line.bytes, delimiter)));
    let mut best: Option<(Header, Vec<usize>, Vec<Vec<u8>>)> = None;
    for (delimiter, fields) in tables {
        let names: Vec<Vec<u8>> = fields.iter().map(|field| bare(field)).collect();
        let found = column.find(&names);
        let (is_row, found) = match (found.is_empty(), column.number()) {
            (true, Some(number)) if number < names.len() => (!is_usual(&names[number]), vec![number]),
            _ => (false, found),
        };
        let Some(&number) = found.first() else { continue };
        if best.as_ref().is_none_or(|(header, ..)| header.fields < fields.len()) {
            let is_spaced = fields.iter().skip(1).any(|field| field.starts_with(b" "));
            let (fields, outcome) = (fields.len(), own_lines::outcome_column(&names));
            let header = Header { delimiter, column: number, fields, line: line.number, is_row, is_spaced, outcome };
            best = Some((header, found, names));
        }
    }
    let Some((header, found, names)) = best else { return Ok(None) };
    if found.len() > 1 {
        let names = found.iter().map(|number| decoded(&names[*number]).into_owned()).collect();
        return Err(ReadError::TwoIdColumns { line: line.number, names });
    }
    if !header.is_row {
        csv::check_quotes(line.bytes, line.number, header.delimiter)?;
    }
    Ok(Some(header))
}

/// A name without the spaces around it and, if a space came before them, without its quotes.
fn bare(field: &[u8]) -> Vec<u8> {
    let name = field.trim_ascii();
    match name {
        [b'"', inner @ .., b'"'] => inner.to_vec(),
        _ => name.to_vec(),
    }
}

/// Whether a line separates a header from its rows, as in Markdown (`|---|---|`) or in the output of a database shell.
fn is_rule(line: &[u8]) -> bool {
    let count = |wanted: &[u8]| line.iter().filter(|byte| wanted.contains(byte)).count();
    line.iter().all(|byte| b"|+-:= \t".contains(byte)) && count(b"|+") > 0 && count(b"-=") >= 2
}

/// Finds a header below a title: a row of names, one of which is a usual one, above another row of as many fields; or the
/// name of a single column.
fn find_title<'a>(
    first: Line<'a>,
    lines: impl Iterator<Item = Line<'a>> + Clone,
    column: Column<'_>,
) -> Result<(), ReadError> {
    let is_header = |line: &Line<'_>| column.is(&bare(line.bytes)) || is_usual(&bare(line.bytes));
    if let Some(header) = lines.clone().skip(1).take(TITLE_LINES).find(|line| line.is_whole && is_header(line)) {
        return Err(ReadError::HeaderBelow { line: header.number, first: first.number });
    }
    let is_name = |field: &Vec<u8>| {
        let name = bare(field);
        // Letters with marks may be in any encoding.
        name.first().is_some_and(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii())
            && name
                .iter()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b' ') || !byte.is_ascii())
    };
    let is_of_ids = |name: &[u8]| column.is(name) || is_usual(name) || has_id_word(name);
    let pairs = lines.clone().skip(1).zip(lines.skip(2)).take(TITLE_LINES);
    for (line, next) in pairs.filter(|(line, _)| line.is_whole) {
        for delimiter in DELIMITERS {
            let (names, row) = (csv::fields(line.bytes, delimiter), csv::fields(next.bytes, delimiter));
            let is_table = names.len() > 1 && names.len() == row.len() && names.iter().all(is_name);
            if is_table && names.iter().any(|name| is_of_ids(&bare(name))) {
                return Err(ReadError::TitleAbove(line.number));
            }
        }
    }
    Ok(())
}

/// Finds the name of a single column that is not a usual one. A vendor with opaque ids would be sent it.
fn find_name<'a, S: Sink>(
    first: Line<'a>,
    below: impl Iterator<Item = Line<'a>>,
    feed: &Feed<'_, S>,
) -> Result<(), ReadError> {
    let name = bare(first.bytes);
    let has_id_word = has_id_word(&name);
    // A name such as `ids` is refused, wherever it is.
    if is_header(&name) || !has_id_word && !is_unlike(&name, below, feed) {
        return Ok(());
    }
    let name = has_id_word.then(|| decoded(&name).into_owned());
    Err(ReadError::NameAbove { line: first.number, name })
}

/// Whether a first line has only letters, while the lines below are ids with digits. A line that is not an id is a slip like
/// others unless it is one word that begins with a capital.
fn is_unlike<'a, S: Sink>(name: &[u8], below: impl Iterator<Item = Line<'a>>, feed: &Feed<'_, S>) -> bool {
    let is_separator = |c: char| feed.is_id(name) && matches!(c, '_' | '-' | '.');
    // Some ids are hexadecimal digits, and a few of them letters alone.
    let is_hex = name.iter().all(u8::is_ascii_hexdigit);
    let is_word = !is_hex && (feed.is_id(name) || decoded(name).starts_with(char::is_uppercase));
    let mut below = below.filter(|line| !line.bytes.trim_ascii().is_empty()).take(TITLE_LINES).peekable();
    let has_digit = |line: &Line<'_>| line.bytes.iter().any(u8::is_ascii_digit);
    let is_id = |line: &Line<'_>| !line.is_whole || feed.is_id(without_quotes(trimmed(line.bytes)));
    is_word
        && is_name(name, is_separator)
        && below.peek().is_some()
        && below.all(|line| has_digit(&line) && is_id(&line))
}

/// The table that a line looks like.
fn shape(line: &[u8]) -> TableShape {
    let columns = |delimiter: u8| csv::fields(line, delimiter).len();
    let delimiter = DELIMITERS.into_iter().rev().max_by_key(|delimiter| columns(*delimiter)).unwrap_or(b',');
    let names = csv::fields(line, delimiter).into_iter().map(|field| bare(&field)).filter(|name| has_id_word(name));
    let candidates = names.map(|name| decoded(&name).into_owned()).collect();
    TableShape { delimiter, columns: columns(delimiter), is_id_column_known: false, candidates }
}
