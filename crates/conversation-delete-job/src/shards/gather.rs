//! The records of all shards in one database, to read them in the order of the plan.

use std::path::Path;

use rusqlite::Connection;
use rusqlite::types::ToSqlOutput;

use super::ShardFolder;
use crate::error::JobError;
use crate::store::{HASH_RULE, Store};

/// Copies the plan of all shards, and what became of it, into a database that SQLite keeps in a temporary file without a
/// name. The copy has the hash of the whole plan, by the rule of one: it is the plan that was split.
pub(crate) fn gather(path: &Path) -> Result<Store, JobError> {
    let folder = ShardFolder::open(path)?;
    let gathered = Store::temporary(path)?;
    let to = &gathered.connection;
    to.execute_batch("BEGIN")?;
    for number in 0..folder.shards() {
        let shard = folder.open_shard(number)?;
        copy_shard(&shard, to, number == 0)?;
        shard.leave_wal();
    }
    to.execute("UPDATE job SET hash_rule = ?, plan_hash = ?", (HASH_RULE, folder.plan_hash()))?;
    to.execute_batch("COMMIT")?;
    Ok(gathered)
}

fn copy_shard(shard: &Store, to: &Connection, is_first: bool) -> Result<(), JobError> {
    // All of a shard is of the same moment, which the first query fixes. Whether it is run is asked afterwards.
    let moment = shard.connection.unchecked_transaction()?;
    if is_first {
        copy(&moment, to, "job", "")?;
    }
    copy(&moment, to, "target", ADD_COUNTS)?;
    let intent = match (shard.lacks_log, shard.holder()) {
        (true, _) => INTENT_OF_ALL,
        (false, Some(_)) => INTENT_OF_NONE,
        (false, None) => "intent_at",
    };
    copy_replacing(&moment, to, "record", "", ("intent_at", intent))?;
    // The numbers of children are of their shard alone.
    copy_replacing(&moment, to, "child", "", ("child", "NULL"))?;
    for table in ["refused", "hold", "late_hold"] {
        copy(&moment, to, table, "")?;
    }
    Ok(())
}

fn copy(from: &Connection, to: &Connection, table: &str, conflict: &str) -> Result<(), JobError> {
    copy_replacing(from, to, table, conflict, ("", ""))
}

/// Copies a table, and one of its columns as an expression.
fn copy_replacing(
    from: &Connection,
    to: &Connection,
    table: &str,
    conflict: &str,
    (replaced, expression): (&str, &str),
) -> Result<(), JobError> {
    let all = from.prepare(&format!("SELECT * FROM {table}"))?;
    let names = all.column_names();
    let expressions: Vec<&str> = names.iter().map(|name| if *name == replaced { expression } else { *name }).collect();
    let marks = vec!["?"; names.len()].join(", ");
    let mut query = from.prepare(&format!("SELECT {} FROM {table}", expressions.join(", ")))?;
    let mut insert = to.prepare(&format!("INSERT INTO {table} ({}) VALUES ({marks}) {conflict}", names.join(", ")))?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        for column in 0..names.len() {
            insert.raw_bind_parameter(column + 1, ToSqlOutput::Borrowed(row.get_ref(column)?))?;
        }
        insert.raw_execute()?;
    }
    Ok(())
}

/// Every shard has all targets, each with the counts of its own records.
const ADD_COUNTS: &str = "
    ON CONFLICT (target) DO UPDATE SET planned = planned + excluded.planned, merged = merged + excluded.merged";

/// A process is deleting them: nothing is known of them yet.
const INTENT_OF_NONE: &str = "CASE WHEN outcome IS NOT NULL THEN intent_at END";

/// Their outcomes may be in the log that is missing.
const INTENT_OF_ALL: &str = "
    CASE WHEN outcome IS NULL THEN COALESCE(intent_at, strftime('%Y-%m-%dT%H:%M:%SZ', 'now')) ELSE intent_at END";
