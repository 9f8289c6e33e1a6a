//! Reads what a row holds as what it means. Columns that belong together follow each other, and are named by the first.

use delete_core::{Delivery, ErrorKind};
use rusqlite::types::Type;
use rusqlite::{Row, RowIndex};

use crate::outcome::{Failure, RecordOutcome};

/// The value of a column of words. A word that is not one of them was not written by this program.
pub(crate) fn word<T>(
    row: &Row<'_>,
    column: impl RowIndex + Copy,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, rusqlite::Error> {
    let Some(text) = row.get_ref(column)?.as_str_or_null()? else { return Ok(None) };
    let unknown = || {
        let index = column.idx(row.as_ref()).unwrap_or_default();
        rusqlite::Error::FromSqlConversionFailure(index, Type::Text, format!("`{text}` is unknown").into())
    };
    parse(text).map(Some).ok_or_else(unknown)
}

/// An outcome.
pub(crate) fn outcome(row: &Row<'_>, column: usize) -> Result<RecordOutcome, rusqlite::Error> {
    Ok(word(row, column, RecordOutcome::parse)?.unwrap_or_default())
}

/// Kind, delivery and message of an error.
pub(crate) fn failure(row: &Row<'_>, first: usize) -> Result<Option<Failure>, rusqlite::Error> {
    let Some(kind) = word(row, first, ErrorKind::parse)? else { return Ok(None) };
    let delivery = word(row, first + 1, Delivery::parse)?.unwrap_or(Delivery::MaybeDelivered);
    Ok(Some(Failure { kind, delivery, message: row.get::<_, Option<String>>(first + 2)?.unwrap_or_default() }))
}
