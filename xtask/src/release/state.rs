//! The state of a release in progress, in a file, so that a killed run goes on where it was.
//!
//! The index has the last word on what is published. The file adds what no index knows: that an upload was begun, or was
//! accepted and is not in the index yet, and how long the registry asked us to wait.

use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::Checksum;
use super::package::Packed;
use crate::Result;

pub(super) struct State {
    file: PathBuf,
    content: Content,
}

#[derive(Serialize, Deserialize)]
struct Content {
    /// The commit that everything is packed from.
    commit: String,
    /// The cargo that packs: another may give other bytes.
    cargo: String,
    /// The URL of the index.
    index: String,
    crates: BTreeMap<String, Crate>,
    /// No upload before this time.
    wait_until: Option<SystemTime>,
}

#[derive(Serialize, Deserialize)]
struct Crate {
    checksum: Checksum,
    phase: Phase,
}

/// How far a crate is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Phase {
    /// Nothing was sent.
    Waiting,
    /// An upload was begun; whether it arrived is not known.
    Sent,
    /// Cargo says that the registry took it; the index does not show it yet.
    Accepted,
    /// The index shows it.
    Published,
}

impl State {
    /// Reads the file, or begins anew where there is none.
    pub(super) fn open(file: &Path, commit: String, cargo: String, index: &str, packed: &[Packed]) -> Result<Self> {
        let fresh = Content {
            commit,
            cargo,
            index: index.to_owned(),
            crates: packed.iter().map(|packed| (packed.name.clone(), Crate::new(packed))).collect(),
            wait_until: None,
        };
        let content = match fs::read(file) {
            Ok(bytes) => Content::parse(&bytes, file)?.continued_by(fresh, file)?,
            Err(error) if error.kind() == ErrorKind::NotFound => fresh,
            Err(error) => return Err(format!("{}: {error}", file.display()).into()),
        };
        let state = Self { file: file.to_owned(), content };
        state.write()?;
        Ok(state)
    }

    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    pub(super) fn phase(&self, name: &str) -> Phase {
        self.content.crates.get(name).map_or(Phase::Waiting, |found| found.phase)
    }

    pub(super) fn set_phase(&mut self, name: &str, phase: Phase) -> Result<()> {
        if let Some(found) = self.content.crates.get_mut(name) {
            found.phase = phase;
        }
        self.write()
    }

    pub(super) fn wait_until(&self) -> Option<SystemTime> {
        self.content.wait_until
    }

    pub(super) fn set_wait_until(&mut self, time: SystemTime) -> Result<()> {
        self.content.wait_until = Some(time);
        self.write()
    }

    /// All is published: the index knows all that the file knew.
    pub(super) fn remove(self) -> Result<()> {
        Ok(fs::remove_file(&self.file)?)
    }

    /// In one step, so that a run that is killed here leaves the old file or the new one.
    fn write(&self) -> Result<()> {
        let text = serde_json::to_vec_pretty(&self.content)?;
        replace(&self.file, &text).map_err(|error| format!("{}: {error}", self.file.display()).into())
    }
}

fn replace(file: &Path, text: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder)?;
    }
    let beside = file.with_extension("new");
    let mut new = fs::File::create(&beside)?;
    new.write_all(text)?;
    new.sync_all()?;
    fs::rename(&beside, file)
}

impl Content {
    fn parse(bytes: &[u8], file: &Path) -> Result<Self> {
        serde_json::from_slice(bytes).map_err(|error| {
            let file = file.display();
            format!("{file} is not the state of a release: {error}. What is published is in the index; delete the file")
                .into()
        })
    }

    /// What was begun goes on, but only with the very same packages.
    fn continued_by(self, fresh: Self, file: &Path) -> Result<Self> {
        let untouched = self.crates.values().all(|found| found.phase == Phase::Waiting);
        let same = self.commit == fresh.commit && self.index == fresh.index && self.checksums() == fresh.checksums();
        match (same, untouched) {
            (true, _) => Ok(self),
            (false, true) => Ok(fresh),
            (false, false) => Err(format!(
                "a release to {} was begun from commit {} by {}, with other packages, and part of it may be published.\n\
                 Check that commit out and go on with it, with that cargo. To give it up, see `docs/releasing.md`; the state is in {}",
                self.index,
                self.commit,
                self.cargo,
                file.display()
            )
            .into()),
        }
    }

    fn checksums(&self) -> Vec<(&String, &Checksum)> {
        self.crates.iter().map(|(name, found)| (name, &found.checksum)).collect()
    }
}

impl Crate {
    fn new(packed: &Packed) -> Self {
        Self { checksum: packed.checksum.clone(), phase: Phase::Waiting }
    }
}
