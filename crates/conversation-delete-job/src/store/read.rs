//! Reads what a row holds as what it means.

use delete_core::{Delivery, ErrorKind};
use rusqlite::Row;
use rusqlite::types::Type;

use crate::outcome::{Failure, RecordOutcome};

/// The value of a column of words. A word that is not one of them was not written by this program.
pub(crate) fn word<T>(
    row: &Row<'_>,
    column: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, rusqlite::Error> {
    let index = row.as_ref().column_index(column)?;
    let Some(text) = row.get_ref(index)?.as_str_or_null()? else { return Ok(None) };
    match parse(text) {
        Some(value) => Ok(Some(value)),
        None => {
            Err(rusqlite::Error::FromSqlConversionFailure(index, Type::Text, format!("`{text}` is unknown").into()))
        }
    }
}

/// The column `outcome`.
pub(crate) fn outcome(row: &Row<'_>) -> Result<RecordOutcome, rusqlite::Error> {
    Ok(word(row, "outcome", RecordOutcome::parse)?.unwrap_or_default())
}

/// The columns `error_kind`, `delivery` and `message`.
pub(crate) fn failure(row: &Row<'_>) -> Result<Option<Failure>, rusqlite::Error> {
    let Some(kind) = word(row, "error_kind", ErrorKind::parse)? else { return Ok(None) };
    let delivery = word(row, "delivery", Delivery::parse)?.unwrap_or(Delivery::MaybeDelivered);
    Ok(Some(Failure { kind, delivery, message: row.get::<_, Option<String>>("message")?.unwrap_or_default() }))
}
