//! The job file: one SQLite database.

mod format;
mod hash;
mod log;
mod mode;
pub(crate) mod read;
pub(crate) mod tally;

use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use delete_core::{ErasureMode, timestamp};
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, params};

use crate::error::{JobError, JobErrorKind};
use crate::lock::{self, Lock, private};
use crate::memory::{JobLocation, MemoryJob};
use crate::open_file::{FileId, OpenFile};
use crate::target::{Target, TargetNumber};

use format::{APPLICATION, FORMAT};
pub(crate) use hash::{HASH_RULE, plan_hash};
pub(crate) use log::has_lost_outcomes;
pub(crate) use tally::TallyDelta;

/// How long to wait for another process that is writing.
const BUSY: Duration = Duration::from_secs(10);

/// Ids in random order go to random pages of an index, all of which are kept in memory while a job is planned: in KiB, and
/// negative, as SQLite has it.
const PLANNING_CACHE: i64 = -256 * 1024;

/// More statements than a run uses are kept prepared.
const STATEMENTS: usize = 64;

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
        let file = OpenFile::register(path).map_err(|error| JobError::at(path, error))?;
        let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        // Nothing is lost when a plan is not finished, so its many rows need no journal.
        connection.execute_batch("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;")?;
        connection.pragma_update(None, "cache_size", PLANNING_CACHE)?;
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
        }
    }

    /// Who runs the job now.
    pub(crate) fn holder(&self) -> Option<String> {
        let is_locked = || match &self.place {
            Place::File(place) => place.file.is_locked(),
            Place::Memory(_) => false,
        };
        lock::holder(&self.location()).or_else(|| is_locked().then(|| "another process".to_owned()))
    }

    /// Opens a file to write to it. Every commit is on the disk before it is believed. If outcomes are missing, it is noted in
    /// the file before anything else is.
    ///
    /// Refuses a file where SQLite would not find its log again.
    pub(crate) fn open(location: &JobLocation) -> Result<Self, JobError> {
        let path = match location {
            JobLocation::File(path) => path,
            JobLocation::Memory(job) => return Self::in_memory(job),
        };
        let (file, lacks_log) = register(path)?;
        crate::location::check(path)?;
        log::refuse_another(path, &file, lacks_log)?;
        let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let mut store = Self { lacks_log, ..Self::of(path, connection, file) }.begin(path)?;
        // EXTRA syncs the folder too: a rollback journal that comes back after a power loss would undo the last commit.
        // What the system calls written, a disk of a Mac may still hold in its memory. Elsewhere it changes nothing.
        store.connection.execute_batch("PRAGMA synchronous = EXTRA; PRAGMA fullfsync = 1;")?;
        if store.lacks_log {
            // A process that runs the job now has its log elsewhere.
            let _lock = Lock::take(location)?;
            store.mark_missing_outcomes(&timestamp::format(SystemTime::now()))?;
        }
        Ok(store)
    }

    /// Opens a file to look at it, also while it is run, and where nothing can be written.
    pub(crate) fn open_to_read(location: &JobLocation) -> Result<Self, JobError> {
        let path = match location {
            JobLocation::File(path) => path,
            JobLocation::Memory(job) => return Self::in_memory(job),
        };
        let store = Self::open_with(path, OpenFlags::SQLITE_OPEN_READ_WRITE).or_else(|error| match error.kind() {
            JobErrorKind::Storage | JobErrorKind::Inaccessible => {
                Self::open_with(path, OpenFlags::SQLITE_OPEN_READ_ONLY).map_err(|_| error)
            }
            _ => Err(error),
        })?;
        store.read_as_current()?;
        Ok(store)
    }

    /// Opens a file that is only read if its log is missing.
    fn open_with(path: &Path, flags: OpenFlags) -> Result<Self, JobError> {
        let (file, lacks_log) = register(path)?;
        // SQLite would remove a file that has the name of its log, also if it only reads.
        let has_another = log::find_another(path, &file).map_err(|error| JobError::at(path, error))?.is_some();
        let connection = if lacks_log || has_another { connect_immutable(path) } else { connect(path, flags) }?;
        Self { lacks_log, ..Self::of(path, connection, file) }.begin(path)
    }

    fn begin(mut self, path: &Path) -> Result<Self, JobError> {
        self.connection.busy_timeout(BUSY)?;
        self.check_format(path)?;
        self.lacks_log = self.lacks_log && !log::has_ended(&self.connection)?;
        match &self.place {
            Place::File(place) if place.file.is_at(path) => Ok(self),
            _ => Err(JobError::new(JobErrorKind::Storage, format!("{} was replaced just now", path.display()))),
        }
    }

    pub(crate) fn targets(&self) -> Result<Vec<(TargetNumber, Target)>, JobError> {
        targets(&self.connection)
    }

    /// Whether any record of a target was deleted. After outcomes were lost, a record that was seen before its delete
    /// counts too. That outcomes were lost shows nothing about the target: the run that lost them may have had the wrong one.
    pub(crate) fn has_more_records_than(&self, count: i64) -> Result<bool, JobError> {
        let query = "SELECT COUNT(*) > ?1 FROM (SELECT 1 FROM record LIMIT ?1 + 1)";
        Ok(self.connection.query_row(query, [count], |row| row.get(0))?)
    }

    pub(crate) fn has_deleted(&self, target: TargetNumber) -> Result<bool, JobError> {
        let exists = |query: &str| self.connection.query_row(query, [target.0], |row| row.get::<_, bool>(0));
        if exists("SELECT EXISTS (SELECT 1 FROM tally WHERE target = ? AND outcome = 'deleted' AND count > 0)")? {
            return Ok(true);
        }
        let seen = "SELECT EXISTS (SELECT 1 FROM record WHERE +target = ? AND presence_before = 'present')";
        Ok(has_lost_outcomes(&self.connection)? && exists(seen)?)
    }

    pub(crate) fn add_target(&self, target: &Target) -> Result<TargetNumber, JobError> {
        let target = target.to_plan()?;
        let mode = target.mode.map(ErasureMode::as_str);
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
            _ => {
                let message = format!("the same target of {} occurs twice in the plan", target.vendor);
                Err(JobError::new(JobErrorKind::Plan, message))
            }
        }
    }
}

pub(crate) fn targets(connection: &Connection) -> Result<Vec<(TargetNumber, Target)>, JobError> {
    let mut query = connection.prepare("SELECT * FROM target ORDER BY target")?;
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

/// Finds out whether a file lacks its log, before SQLite opens it.
fn register(path: &Path) -> Result<(OpenFile, bool), JobError> {
    if !path.is_file() {
        return Err(JobError::at(path, std::io::ErrorKind::NotFound.into()));
    }
    let at = |error| JobError::at(path, error);
    let file = OpenFile::register(path).map_err(at)?;
    // One that is shorter than a header is not a database, which SQLite reports.
    let lacks_log = match log::is_missing(path, &file) {
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => false,
        found => found.map_err(at)?,
    };
    Ok((file, lacks_log))
}

/// Reads the file as it is, takes no lock and makes nothing beside it.
fn connect_immutable(path: &Path) -> Result<Connection, JobError> {
    let path = std::path::absolute(path).map_err(|error| JobError::at(path, error))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Ok(Connection::open_with_flags(log::immutable(&path), flags)?)
}

/// A path that begins at the root is nothing else to SQLite, as `:memory:` or `file:name` would be.
fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, JobError> {
    let path = std::path::absolute(path).map_err(|error| JobError::at(path, error))?;
    prepare(Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?)
}

fn prepare(connection: Connection) -> Result<Connection, JobError> {
    // A migration replaces a table that others refer to.
    connection.pragma_update(None, "foreign_keys", false)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

#[cfg(test)]
mod query_plans;
#[cfg(test)]
mod tests;
