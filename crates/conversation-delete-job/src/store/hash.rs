//! A hash over everything that was planned, by which a run refuses a plan that was changed after it was reviewed.

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};
use sha2::{Digest, Sha256};

use crate::error::{JobError, JobErrorKind};

/// The rule by which a new plan is hashed. A plan keeps the rule and the hash that it was made with, whatever becomes of the
/// format of the file.
pub(crate) const HASH_RULE: i64 = 2;

/// The rule for a shard of a plan, which also covers which shard of which plan it is.
pub(crate) const SHARD_HASH_RULE: i64 = 3;

/// What each rule covers, in a fixed order. Columns that a run writes are left out.
const RULE: &str = "SELECT hash_rule FROM job";
const TARGETS_OF_RULE_1: &str =
    "SELECT target, vendor, origin, place, credential, mode, options, planned, merged FROM target ORDER BY target";
const TARGETS: &str =
    "SELECT target, vendor, origin, place, credential, mode, options, planned, merged, base_url, auth_url
                       FROM target ORDER BY target";
const RECORDS: &str = "SELECT target, record, id FROM record ORDER BY record";
const REFUSED: &str = "SELECT vendor, source, line, text, reason FROM refused ORDER BY refused";
const HOLDS: &str = "SELECT id FROM hold ORDER BY id";
const SHARD: &str = "SELECT shard, shards, folder_hash FROM shard";

#[cfg(test)]
pub(crate) const ALL: [&str; 7] = [RULE, TARGETS_OF_RULE_1, TARGETS, RECORDS, REFUSED, HOLDS, SHARD];

fn covered_by(rule: i64) -> Result<&'static [&'static str], JobError> {
    match rule {
        1 => Ok(&[RULE, TARGETS_OF_RULE_1, RECORDS, REFUSED, HOLDS]),
        HASH_RULE => Ok(&[RULE, TARGETS, RECORDS, REFUSED, HOLDS]),
        SHARD_HASH_RULE => Ok(&[RULE, TARGETS, RECORDS, REFUSED, HOLDS, SHARD]),
        _ => Err(JobError::new(JobErrorKind::Changed, format!("no plan is hashed by a rule {rule}"))),
    }
}

/// The SHA-256 by the plan's own rule, in hexadecimal digits.
pub(crate) fn plan_hash(connection: &Connection) -> Result<String, JobError> {
    let mut hash = Sha256::new();
    let rule = connection.query_row(RULE, [], |row| row.get(0))?;
    for (number, query) in covered_by(rule)?.iter().enumerate() {
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
