//! What was refused when a job was planned.

use rusqlite::Connection;

use crate::error::JobError;
use crate::memory::JobLocation;
use crate::shards::open_first;
use crate::store::Store;

/// How many rows are read at once.
const PAGE: i64 = 1024;

pub(crate) const PAGE_OF_REFUSED: &str = "SELECT vendor, source, line, text, reason, refused FROM refused WHERE refused > ? AND refused <= ? ORDER BY refused LIMIT ? + 0";

/// Something in the input of a plan that was not an id.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RefusedReport {
    /// The vendor.
    pub vendor: String,
    /// Where it came from: a file, or the arguments.
    pub source: String,
    /// The line in it, or the number of the argument.
    pub line: Option<u64>,
    /// The entry, as far as it may be shown.
    pub text: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Passes everything that was refused to `f`, in the order of the input, and stops when `f` returns false. It reads a
/// page at a time, like [`export`](crate::export).
///
/// # Errors
/// As [`Status::read`](crate::Status::read).
pub fn export_refused(
    location: impl Into<JobLocation>,
    mut f: impl FnMut(RefusedReport) -> bool,
) -> Result<(), JobError> {
    let store = match location.into() {
        JobLocation::Folder(path) => open_first(&path)?,
        location => Store::open_to_read(&location)?,
    };
    let mut last = 0;
    loop {
        let page = read_refused(&store.connection, last, i64::MAX, PAGE)?;
        last = page.last().map_or(last, |(number, _)| *number);
        if page.is_empty() || !page.into_iter().all(|(_, refused)| f(refused)) {
            store.leave_wal();
            return Ok(());
        }
    }
}

/// The entries with numbers above `after` and up to `end`, at most `limit`, with their numbers.
pub(crate) fn read_refused(
    connection: &Connection,
    after: i64,
    end: i64,
    limit: i64,
) -> Result<Vec<(i64, RefusedReport)>, JobError> {
    let mut query = connection.prepare_cached(PAGE_OF_REFUSED)?;
    let rows = query.query_map([after, end, limit], |row| {
        let refused = RefusedReport {
            vendor: row.get(0)?,
            source: row.get(1)?,
            line: row.get(2)?,
            text: row.get(3)?,
            reason: row.get(4)?,
        };
        Ok((row.get(5)?, refused))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
