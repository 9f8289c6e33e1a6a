//! The job file: one SQLite database.

mod format;
mod hash;
mod log;
mod mode;
mod open;
pub(crate) mod read;
pub(crate) mod tally;

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::time::Duration;

use delete_core::ErasureMode;
use rusqlite::backup::Backup;
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, params};

use crate::error::{JobError, JobErrorKind};
use crate::lock::{self, private};
use crate::memory::{JobLocation, MemoryJob};
use crate::open_file::{FileId, OpenFile};
use crate::target::{Target, TargetNumber};

use format::{APPLICATION, FORMAT};
pub(crate) use hash::{HASH_RULE, SHARD_HASH_RULE, plan_hash};
pub(crate) use log::has_lost_outcomes;
use open::{connect, prepare};
pub(crate) use tally::TallyDelta;

/// How long to wait for another process that is writing.
const BUSY: Duration = Duration::from_secs(10);

/// How long to wait for another connection before more of a database is copied.
const COPY_PAUSE: Duration = Duration::from_millis(10);

#[derive(Debug)]
pub(crate) struct Store {
    pub(crate) connection: Connection,
    /// The latest outcomes may be missing, because the log is that holds them.
    pub(crate) lacks_log: bool,
    // Dropped last: see `OpenFile`.
    place: Place,
}

#[derive(Debug)]
enum Place {
    File(FilePlace),
    Memory(MemoryJob),
    /// The copy of a folder of shards.
    Copy(PathBuf),
}

#[derive(Debug)]
struct FilePlace {
    path: PathBuf,
    /// The log of a run, and which file it is.
    log: Option<(PathBuf, FileId)>,
    /// The index of that log (`-shm`), and which file it is.
    shared_memory: Option<(PathBuf, FileId)>,
    /// The file is not where it was, so that nothing beside its name belongs to it any more.
    is_lost: bool,
    file: OpenFile,
}

const IS_ANY_DELETED: &str =
    "SELECT EXISTS (SELECT 1 FROM tally WHERE target = ? AND outcome = 'deleted' AND count > 0)";

const IS_ANY_SEEN: &str = "SELECT EXISTS (SELECT 1 FROM record WHERE +target = ? AND presence_before = 'present')";

const ADD_TARGET: &str = "
    INSERT INTO target (vendor, origin, base_url, auth_url, place, credential, mode, options)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";

const TARGETS: &str = "SELECT * FROM target ORDER BY target";

const HASH: &str = "SELECT plan_hash FROM job";

impl Store {
    /// Makes a new file, readable by its owner alone. If that fails half-way, the file is removed.
    pub(crate) fn create(path: &Path) -> Result<Self, JobError> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        private(&mut options);
        options.open(path).map_err(|error| JobError::at(path, error))?;
        Self::lay_out(path).inspect_err(|_| drop(std::fs::remove_file(path)))
    }

    fn lay_out(path: &Path) -> Result<Self, JobError> {
        let file = OpenFile::register(path).map_err(|error| JobError::at(path, error))?;
        let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        // Nothing is lost when a plan is not finished, so its many rows need no journal.
        connection.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF;")?;
        create_schema(&connection)?;
        Ok(Self::of(path, connection, file))
    }

    /// Makes a new job in memory.
    pub(crate) fn create_in_memory() -> Result<Self, JobError> {
        let job = MemoryJob::create()?;
        let store = Self::in_memory(&job)?;
        create_schema(&store.connection)?;
        Ok(store)
    }

    /// Makes a database in a temporary file without a name, which is gone with its connection, for a copy of this folder.
    pub(crate) fn temporary(folder: &Path) -> Result<Self, JobError> {
        let connection = prepare(Connection::open("")?)?;
        connection.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF;")?;
        create_schema(&connection)?;
        Ok(Self { connection, lacks_log: false, place: Place::Copy(folder.to_owned()) })
    }

    /// Copies the whole database into an empty file, which may not be on the disk afterwards.
    pub(crate) fn copy_to(&self, path: &Path) -> Result<(), JobError> {
        let mut file = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        file.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")?;
        Ok(Backup::new(&self.connection, &mut file)?.run_to_completion(i32::MAX, COPY_PAUSE, None)?)
    }

    fn in_memory(job: &MemoryJob) -> Result<Self, JobError> {
        let connection = prepare(job.connect()?)?;
        connection.busy_timeout(BUSY)?;
        Ok(Self { connection, lacks_log: false, place: Place::Memory(job.clone()) })
    }

    fn of(path: &Path, connection: Connection, file: OpenFile) -> Self {
        let path = path.to_owned();
        let place = FilePlace { path, log: None, shared_memory: None, is_lost: false, file };
        Self { connection, lacks_log: false, place: Place::File(place) }
    }

    pub(crate) fn location(&self) -> JobLocation {
        match &self.place {
            Place::File(place) => JobLocation::File(place.path.clone()),
            Place::Memory(job) => JobLocation::Memory(job.clone()),
            Place::Copy(folder) => JobLocation::Folder(folder.clone()),
        }
    }

    /// Who runs the job now.
    pub(crate) fn holder(&self) -> Option<String> {
        let is_locked = || match &self.place {
            Place::File(place) => place.file.is_locked(),
            Place::Memory(_) | Place::Copy(_) => false,
        };
        lock::holder(&self.location()).or_else(|| is_locked().then(|| "another process".to_owned()))
    }

    pub(crate) fn targets(&self) -> Result<Vec<(TargetNumber, Target)>, JobError> {
        targets(&self.connection)
    }

    /// Whether any record of a target was deleted. After outcomes were lost, a record that was seen before its delete
    /// counts too. That outcomes were lost shows nothing about the target: the run that lost them may have had the wrong one.
    pub(crate) fn has_deleted(&self, target: TargetNumber) -> Result<bool, JobError> {
        let exists = |query: &str| self.connection.query_row(query, [target.0], |row| row.get::<_, bool>(0));
        Ok(exists(IS_ANY_DELETED)? || has_lost_outcomes(&self.connection)? && exists(IS_ANY_SEEN)?)
    }

    pub(crate) fn add_target(&self, target: &Target) -> Result<TargetNumber, JobError> {
        let target = target.to_plan()?;
        let mode = target.mode.map(ErasureMode::as_str);
        let added = self.connection.execute(
            ADD_TARGET,
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
            _ => {
                let message = format!("the same target of {} occurs twice in the plan", target.vendor);
                Err(JobError::new(JobErrorKind::Plan, message))
            }
        }
    }
}

pub(crate) fn targets(connection: &Connection) -> Result<Vec<(TargetNumber, Target)>, JobError> {
    let mut query = connection.prepare(TARGETS)?;
    let rows = query.query_map([], |row| {
        let target = Target {
            vendor: row.get("vendor")?,
            origin: row.get("origin")?,
            base_url: since_format_2(row, "base_url")?,
            auth_url: since_format_2(row, "auth_url")?,
            place: row.get("place")?,
            credential: row.get("credential")?,
            mode: read::word(row, "mode", ErasureMode::parse)?,
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

fn create_schema(connection: &Connection) -> Result<(), JobError> {
    connection.pragma_update(None, "application_id", APPLICATION)?;
    connection.pragma_update(None, "user_version", FORMAT)?;
    Ok(connection.execute_batch(include_str!("store/schema.sql"))?)
}

/// Refuses a plan that was not finished, or was changed since.
pub(crate) fn check_plan(connection: &Connection) -> Result<(), JobError> {
    let planned: Option<String> = connection.query_row(HASH, [], |row| row.get(0)).optional()?.flatten();
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

/// Makes sure that a plan, which was written without a journal, is on the disk before anything relies on it: the file,
/// and that it is there.
pub(crate) fn make_durable(path: &Path) -> Result<(), JobError> {
    sync_file(path).and_then(|()| sync_folder(path)).map_err(|error| JobError::at(path, error))
}

pub(crate) fn sync_file(path: &Path) -> std::io::Result<()> {
    OpenOptions::new().write(true).open(path)?.sync_all()
}

/// Makes sure that the name of a file or a folder is on the disk.
pub(crate) fn sync_folder(path: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    if let Some(folder) = std::path::absolute(path)?.parent() {
        std::fs::File::open(folder)?.sync_all()?;
    }
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

#[cfg(test)]
pub(crate) const ALL: [&str; 5] = [IS_ANY_DELETED, IS_ANY_SEEN, ADD_TARGET, TARGETS, HASH];

#[cfg(test)]
mod query_plans;
#[cfg(test)]
mod tests;
