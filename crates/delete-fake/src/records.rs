//! The records of a vendor and what has become of them.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use crate::Vendor;
use crate::ids::IdMaker;
use crate::keys::Owner;

/// What has become of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RecordState {
    /// It is there.
    Present,
    /// Tavus: deleted without `hard=true`.
    SoftDeleted,
    /// It is gone.
    Deleted,
}

/// One record as a test sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RecordView {
    /// Its id.
    pub id: String,
    /// What has become of it.
    pub state: RecordState,
}

/// Which records to make: a number of new ones or given ids, of whom, in which life-cycle state.
#[derive(Clone, Debug, Default)]
pub struct Seed {
    pub(crate) count: usize,
    pub(crate) ids: Vec<String>,
    pub(crate) owner: Owner,
    pub(crate) status: Option<String>,
}

impl Seed {
    /// This many records with new ids.
    pub fn count(count: usize) -> Self {
        Self { count, ..Self::default() }
    }

    /// Records with these ids. One that was deleted is present again.
    pub fn ids<I: Into<String>>(ids: impl IntoIterator<Item = I>) -> Self {
        Self { ids: ids.into_iter().map(Into::into).collect(), ..Self::default() }
    }

    /// Puts them into the other workspace, which only [`Role::Foreign`](crate::Role::Foreign) sees.
    #[must_use]
    pub fn foreign(mut self) -> Self {
        self.owner = Owner::Foreign;
        self
    }

    /// Gives them this life-cycle state instead of the usual one, such as `active` at Tavus.
    #[must_use]
    pub fn status(mut self, status: &str) -> Self {
        self.status = Some(status.to_owned());
        self
    }
}

/// What a credential finds under an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found<'a> {
    Live {
        status: &'a str,
    },
    Soft {
        status: &'a str,
    },
    /// In the other workspace.
    Foreign,
    Absent,
}

/// A change that a request makes, decided before it is applied so that a fault can leave it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Delete(String),
    SoftDelete(String),
    /// Deleted, but written again once a read has found it gone (a live call's processing that ends later).
    DeleteUntilRead(String),
    Read(String),
    DeleteNeighbour(String),
}

pub(crate) struct Records {
    vendor: Vendor,
    records: IndexMap<Box<str>, Record>,
    neighbours: IndexMap<String, RecordState>,
    ids: IdMaker,
}

struct Record {
    owner: Owner,
    state: RecordState,
    status: Box<str>,
    /// Reads that still show it.
    lag: u64,
    comes_back: bool,
}

impl Records {
    pub(crate) fn new(vendor: Vendor) -> Self {
        let neighbours = vendor.neighbours().iter().map(|name| ((*name).to_owned(), RecordState::Present)).collect();
        Self { vendor, records: IndexMap::new(), neighbours, ids: IdMaker::new(vendor) }
    }

    pub(crate) fn seed(&mut self, seed: Seed) -> Vec<String> {
        let usual = self.vendor.statuses().first().copied().unwrap_or_default();
        let status = seed.status.as_deref().unwrap_or(usual);
        let mut ids: Vec<String> = seed.ids.iter().map(|id| self.canonical(id)).collect();
        for id in &ids {
            self.insert(id, seed.owner, status);
        }
        ids.reserve(seed.count);
        for _ in 0..seed.count {
            let id = self.unused_id();
            self.insert(&id, seed.owner, status);
            ids.push(id);
        }
        ids
    }

    fn insert(&mut self, id: &str, owner: Owner, status: &str) {
        let record = Record { owner, state: RecordState::Present, status: status.into(), lag: 0, comes_back: false };
        self.records.insert(id.into(), record);
    }

    fn unused_id(&mut self) -> String {
        loop {
            let id = self.ids.next_id(self.vendor);
            if !self.records.contains_key(id.as_str()) {
                return id;
            }
        }
    }

    fn canonical(&self, id: &str) -> String {
        if self.vendor.has_uuid_ids() { id.to_ascii_lowercase() } else { id.to_owned() }
    }

    /// What a delete meets.
    pub(crate) fn find(&self, id: &str, owner: Owner) -> Found<'_> {
        match self.records.get(self.canonical(id).as_str()) {
            Some(record) if record.owner != owner && record.state != RecordState::Deleted => Found::Foreign,
            Some(record) if record.owner == owner => record.found(),
            _ => Found::Absent,
        }
    }

    /// What a read meets: with a lag, a deleted record still shows.
    pub(crate) fn find_for_read(&self, id: &str, owner: Owner) -> Found<'_> {
        match self.records.get(self.canonical(id).as_str()) {
            Some(record) if record.owner == owner && record.lag > 0 => Found::Live { status: &record.status },
            _ => self.find(id, owner),
        }
    }

    pub(crate) fn apply(&mut self, effect: &Effect, lag: u64) {
        match effect {
            Effect::Delete(id) => self.set_state(id, RecordState::Deleted, lag),
            Effect::SoftDelete(id) => self.set_state(id, RecordState::SoftDeleted, lag),
            Effect::DeleteUntilRead(id) => {
                self.set_state(id, RecordState::Deleted, lag);
                self.with_record(id, |record| record.comes_back = true);
            }
            Effect::Read(id) => self.with_record(id, Record::was_read),
            Effect::DeleteNeighbour(name) => {
                self.neighbours.insert(name.clone(), RecordState::Deleted);
            }
        }
    }

    fn set_state(&mut self, id: &str, state: RecordState, lag: u64) {
        self.with_record(id, |record| {
            record.state = state;
            record.lag = lag;
        });
    }

    fn with_record(&mut self, id: &str, change: impl FnOnce(&mut Record)) {
        let id = self.canonical(id);
        if let Some(record) = self.records.get_mut(id.as_str()) {
            change(record);
        }
    }

    pub(crate) fn state_of(&self, id: &str) -> Option<RecordState> {
        self.records.get(self.canonical(id).as_str()).map(|record| record.state)
    }

    /// All records of one workspace in the order of seeding.
    pub(crate) fn views(&self, owner: Owner) -> Vec<RecordView> {
        self.records
            .iter()
            .filter(|(_, record)| record.owner == owner)
            .map(|(id, record)| RecordView { id: id.to_string(), state: record.state })
            .collect()
    }

    pub(crate) fn neighbours(&self) -> Vec<RecordView> {
        self.neighbours.iter().map(|(name, state)| RecordView { id: name.clone(), state: *state }).collect()
    }
}

impl Record {
    fn found(&self) -> Found<'_> {
        match self.state {
            RecordState::Present => Found::Live { status: &self.status },
            RecordState::SoftDeleted => Found::Soft { status: &self.status },
            RecordState::Deleted => Found::Absent,
        }
    }

    fn was_read(&mut self) {
        if self.lag > 0 {
            self.lag -= 1;
        } else if std::mem::take(&mut self.comes_back) {
            self.state = RecordState::Present;
            self.status = "done".into();
        }
    }
}
