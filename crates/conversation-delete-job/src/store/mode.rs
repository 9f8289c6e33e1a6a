//! Into WAL mode for a run, and back to one file.

use std::path::PathBuf;
use std::thread::sleep;
use std::time::Duration;

use rusqlite::OpenFlags;
use rusqlite::config::DbConfig;

use super::open::connect;
use super::{BUSY, Place, Store, log, tally};
use crate::error::JobError;
use crate::lock::Lock;
use crate::open_file::{FileId, file_id};

const FOLD_ATTEMPTS: u32 = 3;
const FOLD_BUSY: Duration = Duration::from_secs(1);
const FOLD_PAUSE: Duration = Duration::from_millis(200);

impl Store {
    /// Lets others read while a run writes. [`leave_wal`](Self::leave_wal) is its end.
    pub(crate) fn enter_wal(&self) -> Result<(), JobError> {
        match self.place {
            Place::File(_) => Ok(self.connection.execute_batch("PRAGMA journal_mode = WAL;")?),
            Place::Memory(_) | Place::Copy(_) => Ok(()),
        }
    }

    /// Begins the log of a run. When this returns, it is known to work, and the file itself notes that there is one.
    pub(crate) fn begin_log(&mut self, run: i64) -> Result<(), JobError> {
        self.enter_wal()?;
        tally::rebuild(&self.connection)?;
        if let Place::File(place) = &mut self.place {
            let identify = |path: PathBuf| file_id(&path).ok().map(|id| (path, id));
            place.log = log::beside(&place.path).ok().and_then(identify);
            place.shared_memory = log::shared_memory(&place.path).ok().and_then(identify);
        }
        log::note_begin(&self.connection, run)
    }

    /// Goes back to one file where a log could be begun and not used, for want of space or of shared memory.
    pub(crate) fn abandon_log(self) {
        let Self { connection, place: Place::File(place), .. } = self else { return };
        drop(connection);
        // A connection that has the file for itself needs no shared memory. What cannot be undone does no harm: the file
        // says that nothing was begun.
        let Ok(connection) = connect(&place.path, OpenFlags::SQLITE_OPEN_READ_WRITE) else { return };
        let _ = connection.execute_batch("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE;");
    }

    /// Leaves one file, which can be read where nothing can be written. It stays as it is while another connection reads it,
    /// and if what lies beside its name is no longer its own.
    pub(crate) fn leave_wal(&self) {
        let Place::File(place) = &self.place else { return };
        let has_log = || self.connection.pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0));
        if place.is_lost || self.lacks_log || has_log().is_ok_and(|mode| mode != "wal") {
            return;
        }
        if log::note_end_of_killed(&self.connection, || Lock::take(&place.path)).is_err() {
            // A process runs it, or nothing can be written here.
            return;
        }
        // Nobody waits for that.
        let _ = self.connection.busy_timeout(Duration::ZERO);
        let _ = self.connection.execute_batch("PRAGMA journal_mode = DELETE;");
        let _ = self.connection.busy_timeout(BUSY);
    }

    /// Writes all that was committed so far into the file itself, while another process may run the job. Returns whether
    /// that was possible.
    ///
    /// Each attempt keeps the run from writing while it waits for readers, so that it is much shorter than the run's own wait.
    pub(crate) fn fold_in_log(&self) -> Result<bool, JobError> {
        self.connection.busy_timeout(FOLD_BUSY)?;
        let is_done = (0..FOLD_ATTEMPTS).any(|attempt| {
            if attempt > 0 {
                sleep(FOLD_PAUSE);
            }
            self.is_log_folded_in()
        });
        self.connection.busy_timeout(BUSY)?;
        Ok(is_done)
    }

    /// Without a log, SQLite reports -1 for both numbers of pages.
    fn is_log_folded_in(&self) -> bool {
        let checkpoint = self.connection.query_row("PRAGMA wal_checkpoint(FULL)", [], |row| {
            Ok((row.get::<_, bool>(0)?, row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
        });
        checkpoint.is_ok_and(|(is_busy, pages, folded_in)| !is_busy && pages == folded_in)
    }

    /// Leaves the log beside the file when it is closed: it holds what could not be written into the file.
    pub(crate) fn keep_log(&self) {
        let _ = self.connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true);
    }

    /// The file was removed, moved or replaced. What its log holds goes into it, wherever it is now. SQLite leaves such a log
    /// where it is, where it would be taken for that of another file.
    pub(crate) fn lose(&mut self) {
        let Place::File(place) = &mut self.place else { return };
        place.is_lost = true;
        let _ = self.connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE);");
        let is_own = |(log, id): &(PathBuf, FileId)| file_id(log).is_ok_and(|now| now == *id);
        for (own, _) in place.log.take().into_iter().chain(place.shared_memory.take()).filter(is_own) {
            let _ = std::fs::remove_file(own);
        }
    }
}
