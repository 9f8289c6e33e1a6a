//! Who planned a job, and its runs.

use rusqlite::{Connection, Row};

use crate::error::JobError;
use crate::memory::JobLocation;
use crate::run::Ending;
use crate::shards;
use crate::store::Store;

/// Who planned a job, how many ids were held, and its runs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct History {
    /// The program that planned it, with its version.
    pub program: String,
    /// The number of ids that were held when it was planned.
    pub holds: u64,
    /// The number of ids that were held later.
    pub late_holds: u64,
    /// The number of ids that were held when it was planned and match no record. Ids that differ only in case count as
    /// one, which a record in either form matches. A later hold that matches none is not kept.
    pub unmatched_holds: u64,
    /// Its runs, the oldest first.
    pub runs: Vec<RunReport>,
}

/// One run of a job.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunReport {
    /// The program that ran it, with its version; empty in a note that outcomes were lost.
    pub program: String,
    /// `delete`, `verify` or `lookup`; `None` in formats 1 and 2.
    pub purpose: Option<String>,
    /// When it began, in RFC 3339.
    pub started_at: String,
    /// When it ended, in RFC 3339; `None` while it runs, or if it was killed and no later command noticed.
    pub ended_at: Option<String>,
    /// How each lane ended, in words such as `finished` and `interrupted`.
    pub ending: Option<String>,
}

impl RunReport {
    /// Returns how each lane ended, without the details; a run that was killed was interrupted. Empty if nothing was begun.
    pub fn endings(&self) -> Vec<Ending> {
        match self.ending.as_deref() {
            None | Some("killed") => vec![Ending::Interrupted],
            Some(words) => words.split(", ").filter_map(Ending::parse).collect(),
        }
    }
}

impl History {
    /// Reads the history.
    ///
    /// # Errors
    /// As [`Status::read`](crate::Status::read).
    pub fn read(location: impl Into<JobLocation>) -> Result<Self, JobError> {
        let location = location.into();
        if let JobLocation::Folder(path) = &location {
            return shards::history(path);
        }
        let store = Store::open_to_read(&location)?;
        let history = Self::of(&store.connection)?;
        store.leave_wal();
        Ok(history)
    }

    pub(crate) fn of(connection: &Connection) -> Result<Self, JobError> {
        let moment = connection.unchecked_transaction()?;
        let (program, holds, late_holds) =
            moment.query_row(JOB, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let unmatched_holds = moment.query_row(UNMATCHED_HOLDS, [], |row| row.get(0))?;
        let runs = read_runs(&moment)?;
        Ok(Self { program, holds, late_holds, unmatched_holds, runs })
    }
}

/// The runs of a job, the oldest first.
pub(crate) fn read_runs(connection: &Connection) -> Result<Vec<RunReport>, JobError> {
    let mut query = connection.prepare(RUNS)?;
    Ok(query.query_map([], read_run)?.collect::<Result<_, _>>()?)
}

fn read_run(row: &Row<'_>) -> Result<RunReport, rusqlite::Error> {
    let purpose = match row.get("purpose") {
        // Formats 1 and 2 lack the column.
        Err(rusqlite::Error::InvalidColumnName(_)) => None,
        purpose => purpose?,
    };
    Ok(RunReport {
        program: row.get("program")?,
        purpose,
        started_at: row.get("started_at")?,
        ended_at: row.get("ended_at")?,
        ending: row.get("ending")?,
    })
}

const JOB: &str = "SELECT program, (SELECT COUNT(*) FROM hold), (SELECT COUNT(*) FROM late_hold) FROM job";

/// A hold is kept in each form that its id may have in the plan. The index over targets and ids finds the record.
const UNMATCHED_HOLDS: &str = "
    SELECT COUNT(*) FROM (
        SELECT folded FROM (
            SELECT lower(hold.id) AS folded, EXISTS (
                SELECT 1 FROM target CROSS JOIN record ON record.target = target.target AND record.id = hold.id
            ) AS is_matched
            FROM hold
        ) GROUP BY folded HAVING MAX(is_matched) = 0
    )";

const RUNS: &str = "SELECT * FROM run ORDER BY run";

#[cfg(test)]
pub(crate) const ALL: [&str; 3] = [JOB, UNMATCHED_HOLDS, RUNS];
