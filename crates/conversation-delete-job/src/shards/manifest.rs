//! `manifest.json`, which binds the shards of a folder.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::ShardFolder;
use crate::error::{JobError, JobErrorKind};
use crate::lock::private;

const NAME: &str = "manifest.json";

/// The version of its form.
const SCHEMA: u64 = 1;

/// `manifest.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    pub(super) schema: u64,
    /// How many shards there are.
    pub(super) shards: u16,
    /// The hash of the plan over all shards.
    pub(super) plan_hash: String,
    /// How many ids are to be deleted in all of them.
    pub(super) planned: u64,
    /// The shards in their order.
    pub(super) files: Vec<ShardFile>,
}

/// One shard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ShardFile {
    pub(super) name: String,
    /// The hash of this shard's own plan.
    pub(super) plan_hash: String,
    pub(super) planned: u64,
}

pub(super) fn file_name(number: u16, shards: u16) -> String {
    format!("shard-{number:05}-of-{shards:05}.job")
}

impl Manifest {
    pub(super) fn new(plan_hash: String, files: Vec<ShardFile>) -> Self {
        let planned = files.iter().map(|file| file.planned).sum();
        Self { schema: SCHEMA, shards: files.len() as u16, plan_hash, planned, files }
    }

    pub(super) fn read(folder: &Path) -> Result<Self, JobError> {
        let path = folder.join(NAME);
        let no_folder = |why: &str| {
            let message = format!("{} is not a folder of shards: {why}", folder.display());
            JobError::new(JobErrorKind::NotAJob, message)
        };
        let bytes = fs::read(&path).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => no_folder("it has no manifest.json"),
            _ => JobError::at(&path, error),
        })?;
        let manifest: Self =
            serde_json::from_slice(&bytes).map_err(|error| no_folder(&format!("its manifest.json: {error}")))?;
        if manifest.is_sound() { Ok(manifest) } else { Err(no_folder("its manifest.json contradicts itself")) }
    }

    fn is_sound(&self) -> bool {
        let names = (0..self.shards).map(|number| file_name(number, self.shards));
        self.schema == SCHEMA
            && (1..=ShardFolder::MAX_SHARDS).contains(&self.shards)
            && self.files.iter().map(|file| &file.name).eq(names.collect::<Vec<_>>().iter())
            && self.files.iter().map(|file| file.planned).try_fold(0, u64::checked_add) == Some(self.planned)
    }

    pub(super) fn write(&self, folder: &Path) -> Result<(), JobError> {
        let path = folder.join(NAME);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        private(&mut options);
        let written = serde_json::to_vec_pretty(self).map_err(Into::into).and_then(|mut text| {
            text.push(b'\n');
            let mut file = options.open(&path)?;
            file.write_all(&text)?;
            file.sync_all()
        });
        written.map_err(|error| JobError::at(&path, error))
    }
}
