//! A hash over all that was planned, so that nobody deletes by a plan that nobody looked at.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};
use sha2::{Digest, Sha256};

use crate::error::JobError;

/// What is planned, in a fixed order. Columns that a run writes are left out.
const PLANNED: [&str; 5] = [
    "SELECT format FROM job",
    "SELECT target, vendor, origin, place, credential, mode, options, planned, merged FROM target ORDER BY target",
    "SELECT target, record, id FROM record ORDER BY record",
    "SELECT vendor, source, line, text, reason FROM refused ORDER BY refused",
    "SELECT id FROM hold ORDER BY id",
];

/// SHA-256 in hexadecimal digits.
pub(crate) fn plan_hash(connection: &Connection) -> Result<String, JobError> {
    let mut hash = Sha256::new();
    for (number, query) in PLANNED.iter().enumerate() {
        hash.update([number as u8]);
        let mut statement = connection.prepare(query)?;
        let columns = statement.column_count();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            for column in 0..columns {
                add(&mut hash, row, column)?;
            }
        }
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Each value with its kind and length before it, so that no two plans look alike.
fn add(hash: &mut Sha256, row: &Row<'_>, column: usize) -> Result<(), JobError> {
    match row.get_ref(column)? {
        ValueRef::Null => hash.update(b"n"),
        ValueRef::Integer(number) => {
            hash.update(b"i");
            hash.update(number.to_le_bytes());
        }
        ValueRef::Text(text) => {
            hash.update(b"t");
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        }
        ValueRef::Real(_) | ValueRef::Blob(_) => hash.update(b"?"),
    }
    Ok(())
}
