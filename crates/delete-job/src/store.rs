//! The job file: one SQLite database.

mod format;
mod hash;

use std::fs::OpenOptions;
use std::path::Path;

use delete_core::Erasure;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, params};

use crate::error::{JobError, JobErrorKind};
use crate::lock::private;
use crate::target::{Target, TargetNumber};

use format::{APPLICATION, FORMAT};
pub(crate) use hash::{HASH_RULE, plan_hash};

#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) connection: Connection,
}

impl Store {
    /// Makes a new file, readable by its owner alone. Where that fails half-way, none stays.
    pub(crate) fn create(path: &Path) -> Result<Self, JobError> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        private(&mut options);
        options.open(path).map_err(|error| JobError::at(path, error))?;
        Self::lay_out(path).inspect_err(|_| drop(std::fs::remove_file(path)))
    }

    fn lay_out(path: &Path) -> Result<Self, JobError> {
        let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        // Nothing is lost when a plan is not finished, so its many rows need no journal.
        connection.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")?;
        connection.pragma_update(None, "application_id", APPLICATION)?;
        connection.pragma_update(None, "user_version", FORMAT)?;
        connection.execute_batch(include_str!("store/schema.sql"))?;
        Ok(Self { connection })
    }

    /// Opens a file to run it. Every commit is on the disk before it is believed.
    pub(crate) fn open(path: &Path) -> Result<Self, JobError> {
        let store = Self::open_with(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        // What the system calls written, a disk of a Mac may still hold in its memory. Elsewhere it changes nothing.
        store.connection.execute_batch("PRAGMA synchronous = FULL; PRAGMA fullfsync = 1;")?;
        Ok(store)
    }

    /// Lets others read while a run writes. [`put_at_rest`] is its end.
    pub(crate) fn write_ahead(&self) -> Result<(), JobError> {
        Ok(self.connection.execute_batch("PRAGMA journal_mode = WAL;")?)
    }

    /// Opens a file to look at it, also while it is run, and where nothing can be written.
    pub(crate) fn open_to_read(path: &Path) -> Result<Self, JobError> {
        let store = Self::open_with(path, OpenFlags::SQLITE_OPEN_READ_WRITE).or_else(|error| match error.kind() {
            JobErrorKind::Storage => Self::open_with(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(|_| error),
            _ => Err(error),
        })?;
        store.read_as_current()?;
        Ok(store)
    }

    fn open_with(path: &Path, flags: OpenFlags) -> Result<Self, JobError> {
        if !path.is_file() {
            return Err(JobError::at(path, std::io::ErrorKind::NotFound.into()));
        }
        let connection = connect(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        connection.busy_timeout(std::time::Duration::from_secs(10))?;
        let store = Self { connection };
        store.check_format(path)?;
        Ok(store)
    }

    pub(crate) fn targets(&self) -> Result<Vec<(TargetNumber, Target)>, JobError> {
        targets(&self.connection)
    }

    /// Counts the outcomes, which a run keeps up to date from then on.
    pub(crate) fn count_again(&self) -> Result<(), JobError> {
        self.connection.execute_batch(
            "BEGIN IMMEDIATE;
             DELETE FROM tally;
             INSERT INTO tally (target, outcome, count)
                 SELECT target, COALESCE(outcome, 'open'), COUNT(*) FROM record GROUP BY 1, 2;
             COMMIT;",
        )?;
        Ok(())
    }

    /// Whether any record of a target was deleted.
    pub(crate) fn has_deleted(&self, target: TargetNumber) -> Result<bool, JobError> {
        let query = "SELECT EXISTS (SELECT 1 FROM tally WHERE target = ? AND outcome = 'deleted' AND count > 0)";
        Ok(self.connection.query_row(query, [target.0], |row| row.get(0))?)
    }

    pub(crate) fn add_target(&self, target: &Target) -> Result<TargetNumber, JobError> {
        let target = target.to_plan()?;
        let mode = target.mode.map(Erasure::as_str);
        let added = self.connection.execute(
            "INSERT INTO target (vendor, origin, base_url, auth_url, place, credential, mode, options)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            params![
                target.vendor,
                target.origin,
                target.base_url,
                target.auth_url,
                target.place,
                target.credential,
                mode,
                target.options
            ],
        )?;
        match added {
            1 => Ok(TargetNumber(self.connection.last_insert_rowid())),
            _ => Err(JobError::new(JobErrorKind::Plan, format!("{} stands twice in the plan", target.vendor))),
        }
    }
}

pub(crate) fn targets(connection: &Connection) -> Result<Vec<(TargetNumber, Target)>, JobError> {
    let mut query = connection.prepare("SELECT * FROM target ORDER BY target")?;
    let rows = query.query_map([], |row| {
        let mode: Option<String> = row.get("mode")?;
        let target = Target {
            vendor: row.get("vendor")?,
            origin: row.get("origin")?,
            base_url: since_format_2(row, "base_url")?,
            auth_url: since_format_2(row, "auth_url")?,
            place: row.get("place")?,
            credential: row.get("credential")?,
            mode: mode.and_then(|mode| read_mode(&mode)),
            options: row.get("options")?,
        };
        Ok((TargetNumber(row.get("target")?), target))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Holds may be written into a file of format 1, which lacks the column.
fn since_format_2(row: &Row<'_>, column: &str) -> Result<Option<String>, rusqlite::Error> {
    match row.get(column) {
        Err(rusqlite::Error::InvalidColumnName(_)) => Ok(None),
        value => value,
    }
}

/// Refuses a plan that was not finished, or was changed since.
fn check_plan(connection: &Connection) -> Result<(), JobError> {
    let planned: Option<String> =
        connection.query_row("SELECT plan_hash FROM job", [], |row| row.get(0)).optional()?.flatten();
    let Some(planned) = planned else {
        return Err(JobError::new(JobErrorKind::NotAJob, "the plan in the job file was never finished"));
    };
    let found = plan_hash(connection)?;
    if found != planned {
        let message =
            format!("the plan in the job file was changed after it was made: its hash is {found}, not {planned}");
        return Err(JobError::new(JobErrorKind::Changed, message));
    }
    Ok(())
}

/// Leaves one file, which can be read where nothing can be written. Where somebody else reads it now, it stays as it is.
pub(crate) fn put_at_rest(connection: &Connection) {
    // The run is over: nobody waits for that.
    let _ = connection.busy_timeout(std::time::Duration::ZERO);
    let _ = connection.execute_batch("PRAGMA journal_mode = DELETE;");
}

/// Makes sure that a plan, which was written without a journal, is on the disk before anything relies on it: the file,
/// and that it is there.
pub(crate) fn make_durable(path: &Path) -> Result<(), JobError> {
    sync(path).map_err(|error| JobError::at(path, error))
}

fn sync(path: &Path) -> std::io::Result<()> {
    OpenOptions::new().write(true).open(path)?.sync_all()?;
    #[cfg(unix)]
    if let Some(folder) = std::path::absolute(path)?.parent() {
        std::fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// A path that begins at the root is nothing else to SQLite, as `:memory:` or `file:name` would be.
fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, JobError> {
    let path = std::path::absolute(path).map_err(|error| JobError::at(path, error))?;
    Ok(Connection::open_with_flags(path, flags)?)
}

fn read_mode(mode: &str) -> Option<Erasure> {
    [Erasure::Hard, Erasure::Soft].into_iter().find(|known| known.as_str() == mode)
}

#[cfg(test)]
mod tests;
