//! How many records of each target have each outcome: counted as a run begins, and kept up to date by it.

use rusqlite::{Connection, params};

use super::read::word;
use crate::error::JobError;
use crate::outcome::{Counts, RecordOutcome};
use crate::target::TargetNumber;

/// Counts the outcomes of all records. The plus makes SQLite read the records in their order: by way of the index of targets
/// and ids it would fetch each of them from a random page.
pub(crate) const COUNT_OUTCOMES: &str = "
    INSERT INTO tally (target, outcome, count)
        SELECT +target, COALESCE(outcome, 'open'), COUNT(*) FROM record GROUP BY 1, 2";

const CHANGE: &str = "
    INSERT INTO tally (target, outcome, count) VALUES (?1, ?2, ?3)
    ON CONFLICT (target, outcome) DO UPDATE SET count = count + ?3";

const READ: &str = "SELECT outcome, count FROM tally WHERE target = ? AND count > 0";

/// The tally calls records without an outcome `open`.
const OPEN: &str = "open";

/// By how much counts change. They are written once for many records.
#[derive(Debug, Default)]
pub(crate) struct TallyDelta(Vec<(TargetNumber, [i64; RecordOutcome::ALL.len()])>);

impl TallyDelta {
    /// So many records go from one outcome to another.
    pub(crate) fn change(&mut self, target: TargetNumber, from: RecordOutcome, to: RecordOutcome, records: i64) {
        let index = self.0.iter().position(|(known, _)| *known == target).unwrap_or_else(|| {
            self.0.push((target, Default::default()));
            self.0.len() - 1
        });
        let (_, counts) = &mut self.0[index];
        counts[from as usize] -= records;
        counts[to as usize] += records;
    }

    pub(crate) fn write(self, connection: &Connection) -> Result<(), JobError> {
        let mut change = connection.prepare_cached(CHANGE)?;
        for (target, counts) in self.0 {
            for (outcome, count) in RecordOutcome::ALL.into_iter().zip(counts).filter(|(_, count)| *count != 0) {
                let name = if outcome == RecordOutcome::NotAttempted { OPEN } else { outcome.as_str() };
                change.execute(params![target.0, name, count])?;
            }
        }
        Ok(())
    }
}

/// Counts the outcomes anew.
pub(crate) fn rebuild(connection: &Connection) -> Result<(), JobError> {
    Ok(connection.execute_batch(&format!("BEGIN IMMEDIATE; DELETE FROM tally; {COUNT_OUTCOMES}; COMMIT;"))?)
}

pub(crate) fn read(connection: &Connection, target: TargetNumber) -> Result<Counts, JobError> {
    let mut counts = Counts::default();
    let mut query = connection.prepare(READ)?;
    let mut rows = query.query([target.0])?;
    let parse = |name: &str| if name == OPEN { Some(RecordOutcome::NotAttempted) } else { RecordOutcome::parse(name) };
    while let Some(row) = rows.next()? {
        counts.add_many(word(row, "outcome", parse)?.unwrap_or_default(), row.get("count")?);
    }
    Ok(counts)
}

#[cfg(test)]
pub(crate) const ALL: [&str; 3] = [COUNT_OUTCOMES, CHANGE, READ];
