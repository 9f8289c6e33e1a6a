//! Ids that must not be deleted, and the records of a job that they match.
//!
//! However many holds there are, they are kept in temporary tables of the database, and matched in their order.

/// By way of the targets, so that the index over both finds the id.
macro_rules! matched {
    () => {
        "CROSS JOIN target CROSS JOIN record ON record.target = target.target AND record.id = hold.id"
    };
}

pub(crate) mod late;
pub(crate) mod report;
pub(crate) mod settle;

use delete_core::RecordId;
use rusqlite::{Connection, params};

use crate::error::JobError;

pub(crate) use late::settle_late_holds;
pub use late::{LateHolds, add_holds};
pub use report::{DeletedBefore, HoldReport};
pub(crate) use settle::settle_held;

/// Where a hold was found, in numbers that the caller gives a meaning, such as the file and the line in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HoldPlace {
    /// Which of the caller's files.
    pub file: u32,
    /// The line in it.
    pub line: u64,
}

/// The holds that match no record of a job, and so protect nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnmatchedHolds {
    /// How many holds were added, matched or not.
    pub total: u64,
    /// How many of them match no record.
    pub count: u64,
    /// How many of these differ from the id of a record only in case.
    pub differing_in_case: u64,
    /// Some of them: first those that differ only in case, then the others, in the order in which they were added.
    pub first: Vec<UnmatchedHold>,
}

/// A hold that matches no record.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnmatchedHold {
    /// The id, in the first of the forms that were given.
    pub id: String,
    /// Where it was found.
    pub place: HoldPlace,
    /// The id of a record from which it differs only in case.
    pub differs_in_case_from: Option<String>,
}

const CREATE_INPUT: &str = "
    CREATE TEMP TABLE hold_input (entry INTEGER NOT NULL, id TEXT NOT NULL, file INTEGER NOT NULL, line INTEGER NOT NULL)";

const INPUT: &str = "INSERT INTO temp.hold_input (entry, id, file, line) VALUES (?1, ?2, ?3, ?4)";

const MATCH: &str = concat!(
    "DROP TABLE IF EXISTS temp.hold_sorted;
     DROP TABLE IF EXISTS temp.hold_match;
     CREATE TEMP TABLE hold_sorted AS SELECT id, entry FROM temp.hold_input ORDER BY id;
     CREATE TEMP TABLE hold_match AS
         SELECT record.record, record.target, record.id, hold.entry FROM temp.hold_sorted AS hold ",
    matched!(),
    "; DROP TABLE temp.hold_sorted;"
);

const FIND_UNMATCHED: &str = "
    DROP TABLE IF EXISTS temp.hold_unmatched;
    DROP TABLE IF EXISTS temp.hold_in_case;
    CREATE TEMP TABLE hold_unmatched AS
        SELECT entry, id, file, line, lower(id) AS folded FROM temp.hold_input
        WHERE entry NOT IN (SELECT entry FROM temp.hold_match);";

/// The index holds few rows or many; the records are read once.
const FIND_IN_CASE: &str = "
    CREATE INDEX temp.hold_folded ON hold_unmatched (folded);
    CREATE TEMP TABLE hold_in_case (entry INTEGER PRIMARY KEY, id TEXT NOT NULL);
    INSERT OR IGNORE INTO temp.hold_in_case (entry, id)
        SELECT hold.entry, record.id FROM record CROSS JOIN temp.hold_unmatched AS hold ON hold.folded = lower(record.id);";

const COUNT_UNMATCHED: &str = "SELECT COUNT(DISTINCT entry) FROM temp.hold_unmatched";

const COUNT_IN_CASE: &str = "SELECT COUNT(*) FROM temp.hold_in_case";

const UNMATCHED: &str = "
    SELECT hold.id, hold.file, hold.line, other.id
    FROM temp.hold_unmatched AS hold LEFT JOIN temp.hold_in_case AS other USING (entry)
    WHERE hold.rowid IN (SELECT MIN(rowid) FROM temp.hold_unmatched GROUP BY entry)
    ORDER BY other.id IS NULL, entry LIMIT ? + 0";

/// Makes the table that holds are added to.
pub(crate) fn prepare(connection: &Connection) -> Result<(), JobError> {
    Ok(connection.execute_batch(CREATE_INPUT)?)
}

/// Adds hold number `entry`, in each form in which its id may have been planned.
pub(crate) fn add(connection: &Connection, entry: u64, ids: &[RecordId], place: HoldPlace) -> Result<(), JobError> {
    let mut insert = connection.prepare_cached(INPUT)?;
    let (entry, line) = (to_integer(entry), to_integer(place.line));
    for id in ids {
        insert.execute(params![entry, id.to_string(), place.file, line])?;
    }
    Ok(())
}

fn to_integer(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// Finds the records that the holds match: `temp.hold_match` has a row for each hold and record. Both sides are read in
/// the order of the ids, so that the time grows with the number of holds and not with its square.
pub(crate) fn find_records(connection: &Connection) -> Result<(), JobError> {
    Ok(connection.execute_batch(MATCH)?)
}

/// Reports the holds that match nothing, naming at most `limit`. [`find_records`] comes before it.
pub(crate) fn unmatched(connection: &Connection, total: u64, limit: usize) -> Result<UnmatchedHolds, JobError> {
    connection.execute_batch(FIND_UNMATCHED)?;
    let number = |query: &str| connection.query_row(query, [], |row| row.get::<_, u64>(0));
    let count = number(COUNT_UNMATCHED)?;
    if count == 0 {
        return Ok(UnmatchedHolds { total, ..UnmatchedHolds::default() });
    }
    connection.execute_batch(FIND_IN_CASE)?;
    let differing_in_case = number(COUNT_IN_CASE)?;
    let mut query = connection.prepare(UNMATCHED)?;
    let rows = query.query_map([to_integer(limit as u64)], |row| {
        let place = HoldPlace { file: row.get(1)?, line: row.get(2)? };
        Ok(UnmatchedHold { id: row.get(0)?, place, differs_in_case_from: row.get(3)? })
    })?;
    Ok(UnmatchedHolds { total, count, differing_in_case, first: rows.collect::<Result<_, _>>()? })
}

#[cfg(test)]
pub(crate) const ALL: [&str; 8] =
    [CREATE_INPUT, INPUT, MATCH, FIND_UNMATCHED, FIND_IN_CASE, COUNT_UNMATCHED, COUNT_IN_CASE, UNMATCHED];
