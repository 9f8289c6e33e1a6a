//! The records of a vendor and what has become of them.

mod check;
mod children;
mod index;
mod record;
mod seed;

use std::cell::RefCell;
use std::collections::VecDeque;

use indexmap::IndexMap;

use crate::Vendor;
use crate::ids::{IdMaker, UuidForm};
use crate::keys::Owner;
pub(crate) use check::check_status;
pub(crate) use children::Child;
use children::Children;
pub use children::{ChildKind, ChildView};
use index::Selected;
pub(crate) use index::{Filter, Order, Place, Selection, Walk};
use record::Record;
pub(crate) use record::{DeletionVisibility, Found, Hidden, Item};
pub use record::{RecordState, RecordView};
pub use seed::Seed;

pub(crate) struct Records {
    vendor: Vendor,
    /// Nothing is ever removed, so that a position always names the same record.
    records: IndexMap<Box<str>, Record>,
    children: Children,
    adjacent_resources: IndexMap<String, RecordState>,
    ids: IdMaker,
    /// The latest time of any record.
    latest: u64,
    /// For each workspace: the lists that it has read, and the last one that still shows a deleted record.
    lists: [u64; 2],
    lists_lag_until: [u64; 2],
    /// The latest first; none after a record came or changed.
    selected: RefCell<VecDeque<Selected>>,
}

impl Records {
    pub(crate) fn new(vendor: Vendor, random_seed: Option<u64>) -> Self {
        let adjacent_resources =
            vendor.adjacent_resources().iter().map(|name| ((*name).to_owned(), RecordState::Present)).collect();
        Self {
            vendor,
            records: IndexMap::new(),
            children: Children::default(),
            adjacent_resources,
            ids: IdMaker::new(vendor, random_seed),
            latest: 0,
            lists: [0; 2],
            lists_lag_until: [0; 2],
            selected: RefCell::default(),
        }
    }

    /// `usual_start` is the time of the first record unless the seed names one.
    pub(crate) fn seed(&mut self, seed: &Seed, usual_start: u64, hidden: Hidden, child_ids: UuidForm) -> Vec<String> {
        let mut ids: Vec<String> = seed.ids.iter().flatten().map(|id| self.canonical(id)).collect();
        let count = seed.len();
        ids.reserve(count - ids.len());
        self.records.reserve(count);
        let mut record = self.template(seed, usual_start, hidden);
        for number in 0..count {
            if number >= ids.len() {
                ids.push(self.unused_id());
            }
            self.insert(&ids[number], record.clone(), seed, child_ids);
            record.created = record.created.saturating_add(1);
            record.updated = record.updated.saturating_add(1);
        }
        ids
    }

    fn template(&self, seed: &Seed, usual_start: u64, hidden: Hidden) -> Record {
        let usual = self.vendor.statuses().first().copied().unwrap_or_default();
        let created = seed.created_at_ms.unwrap_or(usual_start);
        Record {
            created,
            updated: seed.updated_at_ms.unwrap_or(created),
            listed_until: 0,
            status: seed.status.as_deref().unwrap_or(usual).into(),
            agent: seed.agent.as_deref().unwrap_or(self.vendor.usual_agent()).into(),
            user: seed.user.as_deref().unwrap_or(self.vendor.usual_user()).into(),
            lag: 0,
            ending: 0,
            owner: seed.owner,
            state: RecordState::Present,
            hidden,
            comes_back: false,
            is_emptied_by_retention: seed.emptied_by_retention,
            is_undated: seed.without_dates,
        }
    }

    fn insert(&mut self, id: &str, record: Record, seed: &Seed, child_ids: UuidForm) {
        self.latest = self.latest.max(record.created).max(record.updated);
        let (slot, before) = self.records.insert_full(id.into(), record);
        let slot = slot_number(slot);
        self.selected.get_mut().clear();
        if before.is_some() {
            self.children.forget(slot);
        }
        // Only Corti's records have children.
        if self.vendor == Vendor::Corti {
            let (ids, vendor) = (&mut self.ids, self.vendor);
            self.children.add(slot, seed, || child_ids.write(&ids.next_id(vendor)));
        }
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

    fn slot(&self, slot: u32) -> Option<(&str, &Record)> {
        self.records.get_index(slot as usize).map(|(id, record)| (&**id, record))
    }

    fn slot_of(&self, id: &str) -> Option<u32> {
        self.records.get_index_of(self.canonical(id).as_str()).map(slot_number)
    }

    fn item(&self, slot: u32) -> Option<Item<'_>> {
        let (id, record) = self.slot(slot)?;
        Some(Item {
            slot,
            id,
            status: &record.status,
            agent: &record.agent,
            user: &record.user,
            created: record.created,
            updated: record.updated,
            is_emptied_by_retention: record.is_emptied_by_retention,
            is_undated: record.is_undated,
        })
    }

    /// A record of this workspace, deleted or not.
    fn own(&self, id: &str, owner: Owner) -> Option<(Item<'_>, &Record)> {
        let slot = self.slot_of(id)?;
        let (_, record) = self.slot(slot).filter(|(_, record)| record.owner == owner)?;
        Some((self.item(slot)?, record))
    }

    /// What a delete meets.
    pub(crate) fn find(&self, id: &str, owner: Owner) -> Found<'_> {
        let Some((item, record)) = self.own(id, owner) else {
            let is_elsewhere = self.state_of(id).is_some_and(|state| state != RecordState::Deleted);
            return if is_elsewhere { Found::Foreign } else { Found::Absent };
        };
        match record.state {
            RecordState::Present => Found::Live(item),
            RecordState::SoftDeleted => Found::Soft(item),
            RecordState::Deleted => Found::Absent,
        }
    }

    /// What a read meets: with a lag, a deleted record still shows.
    pub(crate) fn find_for_read(&self, id: &str, owner: Owner) -> Found<'_> {
        match self.own(id, owner) {
            Some((_, record)) if record.hidden == Hidden::Get => Found::Absent,
            Some((item, record)) if record.lag > 0 => Found::Live(item),
            _ => self.find(id, owner),
        }
    }

    /// What a cursor that is an id leads to, and whether its record is still there.
    pub(crate) fn cursor(&self, id: &str, owner: Owner) -> Option<(Place, RecordState)> {
        self.own(id, owner).map(|(item, record)| ((item.updated, item.slot), record.state))
    }

    pub(crate) fn delete(&mut self, id: &str, state: RecordState, after: DeletionVisibility) {
        let Some(record) = self.records.get(self.canonical(id).as_str()) else { return };
        // What is gone stays gone: a soft deletion that comes late changes nothing.
        if (record.state, state) == (RecordState::Deleted, RecordState::SoftDeleted) {
            return;
        }
        let owner = record.owner as usize;
        let listed_until = self.lists[owner].saturating_add(after.list_lag);
        self.change(id, |record| {
            record.state = state;
            record.lag = u32::try_from(after.read_lag).unwrap_or(u32::MAX);
            record.listed_until = listed_until;
        });
        self.lists_lag_until[owner] = self.lists_lag_until[owner].max(listed_until);
        if let Some(slot) = self.slot_of(id).filter(|_| after.cascades) {
            self.children.delete_all(slot);
        }
    }

    /// A deleted record will be there again once a read has found it gone.
    pub(crate) fn bring_back(&mut self, id: &str) {
        self.change(id, |record| record.comes_back = true);
    }

    /// Counts a read of one record by this workspace. A read by another workspace changes nothing.
    pub(crate) fn was_read(&mut self, id: &str, owner: Owner) {
        if self.own(id, owner).is_some_and(|(_, record)| record.is_waiting_for_reads()) {
            self.change(id, Record::was_read);
        }
    }

    /// Counts a list request of one workspace, up to which its deleted records may still be listed.
    pub(crate) fn was_listed(&mut self, owner: Owner) {
        let owner = owner as usize;
        if self.lists[owner] < self.lists_lag_until[owner] {
            self.selected.get_mut().clear();
        }
        self.lists[owner] = self.lists[owner].saturating_add(1);
    }

    pub(crate) fn set_status(&mut self, id: &str, status: &str) {
        self.change(id, |record| {
            record.status = status.into();
            record.ending = 0;
        });
    }

    /// Ends a live record; so many reads still show it as active.
    pub(crate) fn end(&mut self, id: &str, lag: u64) {
        match u32::try_from(lag).unwrap_or(u32::MAX) {
            0 => self.set_status(id, "ended"),
            lag => self.change(id, |record| record.ending = lag),
        }
    }

    /// Whether the end of a record is on its way.
    pub(crate) fn is_ending(&self, id: &str) -> bool {
        self.slot_of(id).and_then(|slot| self.slot(slot)).is_some_and(|(_, record)| record.ending > 0)
    }

    /// A new message: nothing is more recent.
    pub(crate) fn add_message(&mut self, id: &str, now: u64) {
        let time = self.next_time(now);
        self.latest = time;
        self.change(id, |record| record.updated = time);
    }

    /// The present time, or just after the latest record if that is in the future.
    pub(crate) fn next_time(&self, now: u64) -> u64 {
        now.max(self.latest.saturating_add(1))
    }

    pub(crate) fn hide(&mut self, id: &str, hidden: Hidden) {
        self.change(id, |record| record.hidden = hidden);
    }

    pub(crate) fn delete_adjacent_resource(&mut self, name: &str) {
        self.adjacent_resources.insert(name.to_owned(), RecordState::Deleted);
    }

    fn change(&mut self, id: &str, change: impl FnOnce(&mut Record)) {
        let id = self.canonical(id);
        if let Some(record) = self.records.get_mut(id.as_str()) {
            change(record);
            self.selected.get_mut().clear();
        }
    }

    pub(crate) fn state_of(&self, id: &str) -> Option<RecordState> {
        self.records.get(self.canonical(id).as_str()).map(|record| record.state)
    }

    /// All records of one workspace in the order of seeding.
    pub(crate) fn views(&self, owner: Owner) -> Vec<RecordView> {
        let own = self.records.values().zip(0..).filter(|(record, _)| record.owner == owner);
        own.filter_map(|(record, slot)| self.item(slot).map(|item| record.view(&item))).collect()
    }

    pub(crate) fn adjacent_resources(&self) -> Vec<RecordView> {
        self.adjacent_resources.iter().map(|(name, state)| RecordView::of_adjacent_resource(name, *state)).collect()
    }
}

fn slot_number(index: usize) -> u32 {
    // The control API takes five million at once; four billion records fit into no memory.
    u32::try_from(index).unwrap_or(u32::MAX)
}
