//! A plan in several job files, which several processes run side by side.

mod gather;
mod manifest;
mod split;
mod sum;

use std::path::{Path, PathBuf};

use delete_core::RecordId;
use rusqlite::{Connection, OptionalExtension};
use sha2::{Digest, Sha256};

use crate::error::{JobError, JobErrorKind};
use crate::store::Store;
pub(crate) use gather::gather;
use manifest::Manifest;
pub use split::ShardPlan;
pub(crate) use sum::{history, status};

/// A folder of shards: one plan in several job files, each of which is run like any other job.
///
/// The shard of an id is the SHA-256 of the id in lower case, its first eight bytes as a big-endian number, modulo the
/// number of shards. Every file knows its number and the hash of the whole plan.
#[derive(Clone, Debug)]
pub struct ShardFolder {
    path: PathBuf,
    manifest: Manifest,
}

impl ShardFolder {
    /// The most shards of a plan.
    pub const MAX_SHARDS: u16 = 1024;

    /// Opens a folder, and reads its manifest.
    ///
    /// # Errors
    /// [`JobErrorKind::NotAJob`] if it is not a folder of shards; [`JobErrorKind::Inaccessible`];
    /// [`JobErrorKind::Storage`].
    pub fn open(path: &Path) -> Result<Self, JobError> {
        Ok(Self { path: path.to_owned(), manifest: Manifest::read(path)? })
    }

    /// Returns the number of shards.
    pub fn shards(&self) -> u16 {
        self.manifest.shards
    }

    /// Returns the hash of the plan, which all shards share.
    pub fn plan_hash(&self) -> &str {
        &self.manifest.plan_hash
    }

    /// Returns how many ids are planned to be deleted in all shards.
    pub fn planned(&self) -> u64 {
        self.manifest.planned
    }

    /// Returns the job file of a shard, numbered from 0.
    ///
    /// # Errors
    /// [`JobErrorKind::Changed`] if it is not the shard of this number of this plan; [`JobErrorKind::NoShard`] if the plan
    /// has no shard of this number. Otherwise as [`Status::read`](crate::Status::read).
    pub fn shard(&self, number: u16) -> Result<PathBuf, JobError> {
        let store = self.open_shard(number)?;
        store.leave_wal();
        Ok(self.file(number))
    }

    fn file(&self, number: u16) -> PathBuf {
        self.path.join(manifest::file_name(number, self.shards()))
    }

    /// Opens a shard to read it.
    pub(crate) fn open_shard(&self, number: u16) -> Result<Store, JobError> {
        let Some(listed) = self.manifest.files.get(usize::from(number)) else {
            let message = format!("there is no shard {number}: {} are numbered from 0", self.shards());
            return Err(JobError::new(JobErrorKind::NoShard, message));
        };
        let path = self.file(number);
        if !path.exists() {
            let message = format!("shard {number} is missing from the folder: there is no file {}", path.display());
            return Err(JobError::new(JobErrorKind::NoShard, message));
        }
        let store = Store::open_to_read(&path.clone().into())?;
        let expected = Shard { number, shards: self.shards(), folder_hash: self.plan_hash().to_owned() };
        let plan_hash: Option<String> = store.connection.query_row(HASH, [], |row| row.get(0))?;
        if Shard::of(&store.connection)? != Some(expected) || plan_hash.as_ref() != Some(&listed.plan_hash) {
            let message = format!("{} is not shard {number} of the plan of its folder", path.display());
            return Err(JobError::new(JobErrorKind::Changed, message));
        }
        Ok(store)
    }
}

/// Opens the shard that has what was refused.
pub(crate) fn open_first(path: &Path) -> Result<Store, JobError> {
    ShardFolder::open(path)?.open_shard(0)
}

/// Which shard of which plan a job file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shard {
    number: u16,
    shards: u16,
    folder_hash: String,
}

impl Shard {
    /// `None` if the job is not a shard. Older files lack the table.
    pub(crate) fn of(connection: &Connection) -> Result<Option<Self>, JobError> {
        if !connection.query_row(HAS_TABLE, [], |row| row.get::<_, bool>(0))? {
            return Ok(None);
        }
        let read =
            |row: &rusqlite::Row<'_>| Ok(Self { number: row.get(0)?, shards: row.get(1)?, folder_hash: row.get(2)? });
        Ok(connection.query_row(SHARD, [], read).optional()?)
    }

    /// Those of the ids that this shard has if they are planned.
    pub(crate) fn own(&self, ids: &[RecordId]) -> Vec<RecordId> {
        let is_own = |id: &&RecordId| shard_of(&id.to_string(), self.shards) == self.number;
        ids.iter().filter(is_own).cloned().collect()
    }
}

/// The shard of an id. Ids that differ in case only are in one shard, so that the holds that match a record are beside it.
fn shard_of(id: &str, shards: u16) -> u16 {
    let hash = Sha256::digest(id.to_ascii_lowercase());
    let number = hash[..8].iter().fold(0, |number, byte| number << 8 | u64::from(*byte));
    (number % u64::from(shards)) as u16
}

const HAS_TABLE: &str = "SELECT EXISTS (SELECT 1 FROM sqlite_schema WHERE name = 'shard')";
const HASH: &str = "SELECT plan_hash FROM job";
const SHARD: &str = "SELECT shard, shards, folder_hash FROM shard";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shard_of_an_id_is_what_the_documentation_says() {
        // printf %s c123456 | sha256sum | cut -c1-16
        let first = u64::from_str_radix(&hex(&Sha256::digest("c123456"))[..16], 16).unwrap();
        for shards in [1, 2, 7, 8, 1024] {
            assert_eq!(u64::from(shard_of("c123456", shards)), first % u64::from(shards));
            assert_eq!(shard_of("C123456", shards), shard_of("c123456", shards));
        }
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
