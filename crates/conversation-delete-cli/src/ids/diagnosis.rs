//! Why a whole input cannot be used, and what to do about it.

use std::fmt;
use std::io;

use conversation_delete_job::JobError;

use super::column::USUAL;
use super::file_kind::FileKind;
use super::refused::Complaint;

/// Why a whole input cannot be used. Nothing of it is quoted that may be personal.
#[derive(Debug)]
pub(crate) enum ReadError {
    Io(io::Error),
    /// What was read cannot be kept.
    Job(JobError),
    /// It is not text.
    NotText(FileKind),
    /// A table or an object names more than one column that may be that of the ids.
    TwoIdColumns {
        line: u64,
        names: Vec<String>,
    },
    /// A table, whose separator and number of columns this is, lacks the column that the user named.
    NoSuchColumn {
        name: String,
        table: TableShape,
    },
    /// Lines of a title, and the header in this line.
    TitleAbove(u64),
    /// The name of a column of ids in this line, below the first line that is not blank.
    HeaderBelow {
        line: u64,
        first: u64,
    },
    /// The first line that is not blank, which may be the name of the column of the lines below. It is known if it has the
    /// word `id`: another one may be the name of a person.
    NameAbove {
        line: u64,
        name: Option<String>,
    },
    /// A table for people, such as one in Markdown: this line separates its header from its rows.
    DrawnTable(u64),
    /// Rows of a CSV file would vanish in a field.
    Quote(QuoteError),
    /// This line holds a lone `\r`, the line end of old systems.
    OldLineEnds(u64),
    /// JSON that breaks off or is wrong in this line.
    Json(u64),
    /// An object that begins in this line holds several arrays.
    TwoArrays(u64),
    /// An object that begins in this line has an id, and an array of objects with ids.
    IdAndArray(u64),
    /// What begins in this line is longer than anything is read.
    Endless(u64),
    /// More ids than that.
    TooManyIds(u64),
    /// More refused entries than that.
    TooManyRefused(u64),
    /// More blank lines and repetitions than that.
    NothingNew(u64),
    /// Not one of the entries is an id.
    NoIds {
        entries: u64,
        first: Complaint,
        table: Option<TableShape>,
    },
}

/// What is wrong with a quote, and the line where it opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum QuoteError {
    /// The input ends inside of the quotes.
    NeverClosed(u64),
    /// Something other than the end of the field follows the closing quote.
    TextAfter(u64),
}

/// The shape of a table, without any of its content but the names of columns that may be those of ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TableShape {
    pub(super) delimiter: u8,
    pub(super) columns: usize,
    /// Whether its header names the column of the ids.
    pub(super) is_id_column_known: bool,
    /// Otherwise the names of columns that may be the one.
    pub(super) candidates: Vec<String>,
}

impl fmt::Display for TableShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let separator = match self.delimiter {
            b'\t' => "tabs".to_owned(),
            other => format!("`{}`", char::from(other)),
        };
        match self.columns {
            1 => f.write_str("a table of 1 column"),
            columns => write!(f, "a table of {columns} columns separated by {separator}"),
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Job(error) => error.fmt(f),
            Self::NotText(kind) => kind.fmt(f),
            Self::TwoIdColumns { line, names } => {
                write!(f, "line {line} names {}: say which of them holds the ids with --id-column NAME", listed(names))
            }
            Self::NoSuchColumn { name, table } => write!(
                f,
                "it looks like {table}, and none of them is the `{name}` of --id-column: correct the name, or count the \
                 columns from 1 (--id-column NUMBER)"
            ),
            Self::TitleAbove(line) => write!(
                f,
                "the header of its table is in line {line}, below a title: remove the lines above it, in the spreadsheet or \
                 with `tail -n +{line} FILE`"
            ),
            Self::HeaderBelow { line, first } => write!(
                f,
                "line {line} is the name of a column of ids, so that line {first} is a title, or the file is several lists \
                 in one: remove the title (`tail -n +{line} FILE`), or line {line}"
            ),
            Self::NameAbove { line, name } => {
                let name = name.as_deref().map_or("NAME".to_owned(), |name| format!("'{name}'"));
                write!(
                    f,
                    "line {line} is not like the lines below it, and may be the name of their column: if it is, add \
                     --id-column {name}; if it is an id, add --id-column 1"
                )
            }
            Self::DrawnTable(line) => write!(
                f,
                "it is a table in Markdown, or one that a database shell drew: line {line} separates its header from its \
                 rows; export it as CSV, or write one id a line"
            ),
            Self::Quote(error) => error.fmt(f),
            Self::OldLineEnds(line) => {
                write!(f, "line {line} holds a carriage return without a line feed: end lines with \\n or \\r\\n")
            }
            Self::Json(line) => write!(
                f,
                "it looks like JSON, and line {line} is not, or the file breaks off there: export it again, or write one \
                 object a line (`jq -c '.[]' FILE`)"
            ),
            Self::TwoArrays(line) => write!(
                f,
                "the JSON object in line {line} has more than one array: take the one that holds the records, such as \
                 `jq -c '.data[]' FILE`"
            ),
            Self::IdAndArray(line) => write!(
                f,
                "the JSON object in line {line} has an id of its own and an array of objects with ids: take what is meant, \
                 such as `jq -c '{{id}}' FILE` or `jq -c '.data[]' FILE`"
            ),
            Self::Endless(line) => write!(
                f,
                "what begins in line {line} goes on for more than 16 MiB: put one id, row or object into each line"
            ),
            Self::TooManyIds(max) => write!(f, "it holds more than {max} ids"),
            Self::TooManyRefused(max) => {
                write!(f, "it holds more than {max} entries that are not ids: correct it, or name another file")
            }
            Self::NothingNew(max) => {
                write!(f, "more than {max} of its lines are blank or repeat an id: remove them (`sort -u FILE`)")
            }
            Self::NoIds { entries, first, table } => fmt_no_ids(f, *entries, first, table.as_ref()),
        }
    }
}

fn fmt_no_ids(f: &mut fmt::Formatter<'_>, entries: u64, first: &Complaint, table: Option<&TableShape>) -> fmt::Result {
    match entries {
        1 => write!(f, "its only entry is not an id")?,
        _ => write!(f, "none of its {entries} entries is an id")?,
    }
    match table {
        Some(table) if table.is_id_column_known => {
            write!(f, "; {}; it is {table}: is the id in another one? --id-column NAME says which", first.message())
        }
        Some(table) => {
            write!(f, "; it looks like {table} whose first line names no column of ids ({USUAL}): ")?;
            match table.candidates.as_slice() {
                [] => {
                    f.write_str("--id-column NAME says which it is, or --id-column NUMBER if the table has no header")
                }
                [name] => write!(f, "if `{name}` holds the ids of the conversations, add --id-column '{name}'"),
                [first, ..] => write!(
                    f,
                    "if one of {} holds the ids of the conversations, add it, such as --id-column '{first}'",
                    listed(&table.candidates)
                ),
            }
        }
        None => write!(f, "; {}", first.message()),
    }
}

/// Names for people.
fn listed(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => quoted.concat(),
    }
}

impl fmt::Display for QuoteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NeverClosed(line) => {
                write!(f, "the quote that opens in line {line} is never closed, so that rows would be lost")
            }
            Self::TextAfter(line) => write!(
                f,
                "text follows the end of the quotes that open in line {line}, so that rows may be lost; a quote \
                 inside of quotes is doubled"
            ),
        }
    }
}

impl From<QuoteError> for ReadError {
    fn from(error: QuoteError) -> Self {
        Self::Quote(error)
    }
}

impl From<JobError> for ReadError {
    fn from(error: JobError) -> Self {
        Self::Job(error)
    }
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}
