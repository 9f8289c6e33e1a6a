//! The formats of the job file: which this program reads, and how an older one becomes the current one.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use super::Store;
use crate::error::{JobError, JobErrorKind};

/// The number in the file's header that identifies a job file: "cdel".
pub(super) const APPLICATION: i64 = 0x6364_656c;

/// The format that is written.
pub(super) const FORMAT: i64 = 4;

/// What turns each older format into the next one.
const MIGRATIONS: [(i64, &str); 3] =
    [(1, include_str!("migrate_1.sql")), (2, include_str!("migrate_2.sql")), (3, include_str!("migrate_3.sql"))];

/// The oldest format that is read.
const OLDEST_FORMAT: i64 = 1;

impl Store {
    /// Refuses what is not a job file, or one of a format that this program does not read.
    pub(super) fn check_format(&self, path: &Path) -> Result<(), JobError> {
        let no_job = || JobError::new(JobErrorKind::NotAJob, format!("{} is not a job file", path.display()));
        let application =
            pragma(&self.connection, "application_id").map_err(|error| match error.sqlite_error_code() {
                Some(ErrorCode::NotADatabase) => no_job(),
                _ => error.into(),
            })?;
        if application != APPLICATION {
            return Err(no_job());
        }
        match format_of(&self.connection)? {
            OLDEST_FORMAT..=FORMAT => Ok(()),
            format if format > FORMAT => {
                let message = format!(
                    "{} is a job file of format {format}, written by a newer version; this one reads up to format {FORMAT}: \
                     use the newer version",
                    path.display()
                );
                Err(JobError::new(JobErrorKind::NotAJob, message))
            }
            _ => Err(no_job()),
        }
    }

    /// Brings the file to the current format and checks its plan, or changes nothing. The caller holds the run lock, so
    /// that no other process runs the job.
    pub(crate) fn prepare_to_run(&mut self) -> Result<(), JobError> {
        let format = format_of(&self.connection)?;
        if format == FORMAT {
            return super::check_plan(&self.connection);
        }
        // A table that others refer to is replaced. Within a transaction this setting would have no effect.
        self.connection.pragma_update(None, "foreign_keys", false)?;
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut migrations = MIGRATIONS.iter().filter(|(from, _)| *from >= format);
        migrations.try_for_each(|(_, migration)| transaction.execute_batch(migration))?;
        super::check_plan(&transaction)?;
        transaction.commit()?;
        Ok(self.connection.pragma_update(None, "foreign_keys", true)?)
    }

    /// Lets the statements for the current format read an older file, which is not written to.
    pub(super) fn read_as_current(&self) -> Result<(), JobError> {
        let views = match format_of(&self.connection)? {
            1 => include_str!("read_format_1.sql"),
            2 => include_str!("read_format_2.sql"),
            3 => include_str!("read_format_3.sql"),
            _ => return Ok(()),
        };
        self.connection.execute_batch("PRAGMA temp_store = MEMORY;")?;
        Ok(self.connection.execute_batch(views)?)
    }
}

fn format_of(connection: &Connection) -> Result<i64, rusqlite::Error> {
    pragma(connection, "user_version")
}

fn pragma(connection: &Connection, name: &str) -> Result<i64, rusqlite::Error> {
    connection.pragma_query_value(None, name, |row| row.get(0))
}
