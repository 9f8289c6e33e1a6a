//! Plans a folder of shards: the whole plan first, which is then split.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::{fs, io};

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, params};

use super::manifest::{Manifest, ShardFile, file_name};
use super::{ShardFolder, shard_of};
use crate::error::{JobError, JobErrorKind};
use crate::plan::sql::COUNT_PLANNED;
use crate::store::tally::COUNT_OUTCOMES;
use crate::store::{SHARD_HASH_RULE, Store, check_plan, plan_hash, sync_file, sync_folder};

/// How many names an unfinished folder is given one after another if they are taken.
const MAX_NAMES: u32 = 1000;

/// A folder of shards that is being planned. It appears under its name with [`finish`](Self::finish); if this is dropped
/// before, nothing stays behind.
///
/// The plan is written with a [`Planner`](crate::Planner) to [`plan_path`](Self::plan_path), then [`split`](Self::split).
#[derive(Debug)]
pub struct ShardPlan {
    folder: PathBuf,
    unfinished: PathBuf,
}

impl ShardPlan {
    /// Begins a folder. Only its owner may read it.
    ///
    /// # Errors
    /// [`JobErrorKind::Exists`] if something has this name; [`JobErrorKind::Inaccessible`]; [`JobErrorKind::Storage`].
    pub fn create(folder: &Path) -> Result<Self, JobError> {
        let Some(name) = folder.file_name().filter(|_| folder.symlink_metadata().is_err()) else {
            return Err(exists(folder));
        };
        let mut number = 1;
        loop {
            let unfinished = folder.with_file_name(hidden(name, number));
            match create_private(&unfinished) {
                Ok(()) => return Ok(Self { folder: folder.to_owned(), unfinished }),
                // One that was killed may have had this process id: in a container each has the same.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists && number < MAX_NAMES => number += 1,
                Err(error) => return Err(JobError::at(&unfinished, error)),
            }
        }
    }

    /// Returns the folder as long as it is not finished.
    pub fn unfinished(&self) -> &Path {
        &self.unfinished
    }

    /// Returns where the whole plan is to be written.
    pub fn plan_path(&self) -> PathBuf {
        self.unfinished.join("plan.job")
    }

    /// Splits the plan, which is removed. Each id is read once, and none is kept in memory.
    ///
    /// # Errors
    /// [`JobErrorKind::Plan`] if the number of shards is not in 1 to [`ShardFolder::MAX_SHARDS`];
    /// [`JobErrorKind::NotAJob`] if the plan was not finished; [`JobErrorKind::Storage`].
    pub fn split(&self, shards: u16) -> Result<(), JobError> {
        if !(1..=ShardFolder::MAX_SHARDS).contains(&shards) {
            let message = format!("a plan has 1 to {} shards, not {shards}", ShardFolder::MAX_SHARDS);
            return Err(JobError::new(JobErrorKind::Plan, message));
        }
        let path = self.plan_path();
        let plan = Store::open_to_read(&path.clone().into())?;
        check_plan(&plan.connection)?;
        let folder_hash = plan_hash(&plan.connection)?;
        assign(&plan.connection, shards)?;
        let write = |number| self.write_shard(&plan.connection, number, shards, &folder_hash);
        let files = (0..shards).map(write).collect::<Result<_, JobError>>()?;
        drop(plan);
        fs::remove_file(&path).map_err(|error| JobError::at(&path, error))?;
        Manifest::new(folder_hash, files).write(&self.unfinished)?;
        sync_folder(&path).map_err(|error| JobError::at(&path, error))
    }

    fn write_shard(
        &self,
        plan: &Connection,
        number: u16,
        shards: u16,
        folder_hash: &str,
    ) -> Result<ShardFile, JobError> {
        let name = file_name(number, shards);
        let path = self.unfinished.join(&name);
        let shard = Store::create(&path)?;
        fill(plan, &path, number)?;
        let connection = &shard.connection;
        connection.execute_batch("BEGIN")?;
        connection.execute(ADD_SHARD, params![number, shards, folder_hash])?;
        connection.execute_batch(&[COUNT_OUTCOMES, COUNT_PLANNED].join(";"))?;
        let plan_hash = plan_hash(connection)?;
        connection.execute("UPDATE job SET plan_hash = ?", [&plan_hash])?;
        let planned = connection.query_row("SELECT COALESCE(SUM(planned), 0) FROM target", [], |row| row.get(0))?;
        connection.execute_batch("COMMIT")?;
        sync_file(&path).map_err(|error| JobError::at(&path, error))?;
        Ok(ShardFile { name, plan_hash, planned })
    }

    /// Gives the folder its name.
    ///
    /// # Errors
    /// [`JobErrorKind::Exists`] if something took the name meanwhile; [`JobErrorKind::Storage`].
    pub fn finish(self) -> Result<ShardFolder, JobError> {
        if self.folder.symlink_metadata().is_ok() {
            return Err(exists(&self.folder));
        }
        let folder = ShardFolder { path: self.folder.clone(), manifest: Manifest::read(&self.unfinished)? };
        let renamed = fs::rename(&self.unfinished, &self.folder).and_then(|()| sync_folder(&self.folder));
        renamed.map_err(|error| JobError::at(&self.folder, error))?;
        Ok(folder)
    }
}

impl Drop for ShardPlan {
    fn drop(&mut self) {
        // Once it has its name there is nothing to remove. What cannot be removed lacks a manifest, and is refused.
        let _ = fs::remove_dir_all(&self.unfinished);
    }
}

fn exists(folder: &Path) -> JobError {
    JobError::new(JobErrorKind::Exists, format!("{} exists; a plan is never written over it", folder.display()))
}

/// The name of an unfinished folder.
fn hidden(name: &OsStr, number: u32) -> OsString {
    let mut hidden = OsString::from(".");
    hidden.push(name);
    hidden.push(format!(".{}-{number}.partial", std::process::id()));
    hidden
}

fn create_private(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Notes the shard of each record and hold in temporary tables, which SQLite keeps on disk if they are large.
fn assign(plan: &Connection, shards: u16) -> Result<(), JobError> {
    plan.execute_batch(CREATE_ASSIGNED)?;
    plan.execute_batch("BEGIN")?;
    for (read, write) in [(RECORDS, ASSIGN_RECORD), (HOLDS, ASSIGN_HOLD)] {
        let (mut read, mut write) = (plan.prepare(read)?, plan.prepare(write)?);
        let mut rows = read.query([])?;
        while let Some(row) = rows.next()? {
            let shard = shard_of(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?, shards);
            write.execute(params![shard, ToSqlOutput::Borrowed(row.get_ref(1)?)])?;
        }
    }
    Ok(plan.execute_batch("COMMIT")?)
}

/// Copies what belongs to a shard. Entries that were refused are in the first one.
fn fill(plan: &Connection, path: &Path, number: u16) -> Result<(), JobError> {
    let absolute = std::path::absolute(path).map_err(|error| JobError::at(path, error))?;
    let name = ToSqlOutput::Borrowed(ValueRef::Text(absolute.as_os_str().as_encoded_bytes()));
    plan.execute("ATTACH ? AS shard", [name])?;
    plan.execute_batch("PRAGMA shard.journal_mode = OFF; PRAGMA shard.synchronous = OFF; BEGIN;")?;
    plan.execute(FILL_JOB, [SHARD_HASH_RULE])?;
    plan.execute_batch("INSERT INTO shard.target SELECT * FROM main.target")?;
    plan.execute_batch("INSERT INTO shard.clock_skew SELECT * FROM main.clock_skew")?;
    for statement in [FILL_RECORDS, FILL_HOLDS] {
        plan.execute(statement, [number])?;
    }
    plan.execute_batch(if number == 0 { FILL_REFUSED } else { "UPDATE shard.target SET merged = 0" })?;
    Ok(plan.execute_batch("COMMIT; DETACH shard;")?)
}

const CREATE_ASSIGNED: &str = "
    CREATE TEMP TABLE shard_record (shard INTEGER, record INTEGER, PRIMARY KEY (shard, record)) WITHOUT ROWID;
    CREATE TEMP TABLE shard_hold (shard INTEGER, id TEXT, PRIMARY KEY (shard, id)) WITHOUT ROWID;";

const RECORDS: &str = "SELECT id, record FROM main.record ORDER BY record";
const HOLDS: &str = "SELECT id, id FROM main.hold ORDER BY id";
const ASSIGN_RECORD: &str = "INSERT INTO temp.shard_record (shard, record) VALUES (?, ?)";
const ASSIGN_HOLD: &str = "INSERT INTO temp.shard_hold (shard, id) VALUES (?, ?)";

const ADD_SHARD: &str = "INSERT INTO shard (only_row, shard, shards, folder_hash) VALUES (1, ?, ?, ?)";

const FILL_JOB: &str = "
    INSERT INTO shard.job (only_row, hash_rule, program, created_at, planned_at, since, until)
        SELECT only_row, ?, program, created_at, planned_at, since, until FROM main.job";

const FILL_RECORDS: &str = "
    INSERT INTO shard.record SELECT record.* FROM temp.shard_record AS assigned CROSS JOIN main.record AS record
        ON record.record = assigned.record WHERE assigned.shard = ? ORDER BY assigned.record";

const FILL_HOLDS: &str = "INSERT INTO shard.hold SELECT id FROM temp.shard_hold WHERE shard = ? ORDER BY id";

const FILL_REFUSED: &str = "INSERT INTO shard.refused SELECT * FROM main.refused";
