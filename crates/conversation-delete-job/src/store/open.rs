//! How a job is opened, to write to it or to read it.

use std::path::Path;
use std::time::SystemTime;

use delete_core::timestamp;
use rusqlite::{Connection, OpenFlags};

use super::{BUSY, Place, Store, log};
use crate::error::{JobError, JobErrorKind};
use crate::lock::Lock;
use crate::memory::{JobLocation, not_one_file};
use crate::open_file::OpenFile;
use crate::shards::gather;

/// More statements than a run uses are kept prepared.
const STATEMENTS: usize = 64;

impl Store {
    /// Opens a file to write to it. Every commit is on the disk before it is believed. If outcomes are missing, it is noted in
    /// the file before anything else is.
    ///
    /// Refuses a file where SQLite would not find its log again.
    pub(crate) fn open(location: &JobLocation) -> Result<Self, JobError> {
        let path = match location {
            JobLocation::File(path) => path,
            JobLocation::Memory(job) => return Self::in_memory(job),
            JobLocation::Folder(path) => return Err(not_one_file(path)),
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

    /// Opens a job to read it, also while it is run, and where nothing can be written. A folder of shards is read as it is
    /// now: what runs write later does not show.
    pub(crate) fn open_to_read(location: &JobLocation) -> Result<Self, JobError> {
        let path = match location {
            JobLocation::File(path) => path,
            JobLocation::Memory(job) => return Self::in_memory(job),
            JobLocation::Folder(path) => return gather(path),
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
    pub(super) fn open_with(path: &Path, flags: OpenFlags) -> Result<Self, JobError> {
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
pub(super) fn connect(path: &Path, flags: OpenFlags) -> Result<Connection, JobError> {
    let path = std::path::absolute(path).map_err(|error| JobError::at(path, error))?;
    prepare(Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?)
}

pub(super) fn prepare(connection: Connection) -> Result<Connection, JobError> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}
