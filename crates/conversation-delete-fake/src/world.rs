//! The state of a fake that is not special to one vendor, and how requests change it.

use std::mem::take;
use std::time::Duration;

use crate::Vendor;
use crate::clock::{Clock, FIXED_START};
use crate::ids::UuidForm;
use crate::keys::{Keys, Owner};
use crate::options::Options;
use crate::records::{DeletionVisibility, Filter, Hidden, Order, RecordState, Records, Seed, Selection, check_status};

/// A change that a request makes, decided before it is applied so that a fault can leave it out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Delete(String),
    SoftDelete(String),
    /// Deleted, but written again once a read has found it gone (a live call's processing that ends later).
    DeleteUntilRead(String),
    DeleteChild {
        parent: String,
        child: String,
    },
    DeleteGuidedDocument(String),
    DeleteAdjacentResource(String),
    /// A read of one record, by a key of this workspace.
    Read {
        id: String,
        owner: Owner,
    },
    /// A list request by a key of this workspace; `last` is the last id on the page.
    Listed {
        owner: Owner,
        last: Option<String>,
    },
    /// An option with a count was used once.
    Used(&'static str),
    End(String),
}

/// All state that is not special to one vendor.
pub(crate) struct World {
    pub(crate) vendor: Vendor,
    pub(crate) records: Records,
    pub(crate) options: Options,
    pub(crate) keys: Keys,
    pub(crate) clock: Clock,
    /// How many requests came so far; request ids are made from it.
    pub(crate) request_number: u64,
    /// Ids, and the times of records and tokens, depend on it alone.
    pub(crate) random_seed: Option<u64>,
    /// Effects that come after their response, with their time on the fake's clock.
    late: Vec<(Duration, Vec<Effect>)>,
}

impl World {
    pub(crate) fn new(vendor: Vendor, random_seed: Option<u64>) -> Self {
        Self {
            vendor,
            records: Records::new(vendor, random_seed),
            options: Options::new(vendor),
            keys: Keys::new(vendor),
            clock: Clock::new(),
            request_number: 0,
            random_seed,
            late: Vec::new(),
        }
    }

    pub(crate) fn request_id(&self) -> String {
        crate::ids::request_uuid(self.request_number)
    }

    /// The `Date` of a response, if there is one.
    pub(crate) fn date(&self) -> Option<String> {
        const HOUR: i64 = 3600;
        let ahead = match self.options.get("date_header") {
            "missing" => return None,
            "ahead" => HOUR,
            "behind" => -HOUR,
            _ => 0,
        };
        Some(Clock::http_date_in(ahead))
    }

    pub(crate) fn seed(&mut self, seed: &Seed) -> Result<Vec<String>, String> {
        seed.check(self.vendor)?;
        Ok(self.add_records(seed))
    }

    fn add_records(&mut self, seed: &Seed) -> Vec<String> {
        let hidden = match self.options.get("hidden_from") {
            "get" => Hidden::Get,
            "list" => Hidden::List,
            _ => Hidden::None,
        };
        let child_ids = match self.options.get("child_ids") {
            "hex" => UuidForm::Hex,
            "upper" => UuidForm::Upper,
            _ => UuidForm::Lower,
        };
        self.records.seed(seed, self.usual_start(seed.len()), hidden, child_ids)
    }

    /// When the first of so many records begins unless the seed says when.
    fn usual_start(&self, count: usize) -> u64 {
        match self.random_seed {
            None => self.clock.unix_ms().saturating_sub(count.saturating_sub(1) as u64),
            Some(_) => self.records.next_time(FIXED_START * 1000),
        }
    }

    /// Deletes records as another party does: at once, and no request shows it.
    pub(crate) fn remove(&mut self, ids: &[impl AsRef<str>]) -> Result<(), String> {
        ids.iter().try_for_each(|id| self.known(id.as_ref()))?;
        ids.iter().for_each(|id| self.depart(id.as_ref()));
        Ok(())
    }

    fn depart(&mut self, id: &str) {
        let after = DeletionVisibility { cascades: self.cascades(), ..DeletionVisibility::default() };
        self.records.delete(id, RecordState::Deleted, after);
    }

    pub(crate) fn set_status(&mut self, id: &str, status: &str) -> Result<(), String> {
        check_status(self.vendor, status)?;
        self.known(id)?;
        self.records.set_status(id, status);
        Ok(())
    }

    pub(crate) fn add_message(&mut self, id: &str) -> Result<(), String> {
        self.known(id)?;
        self.records.add_message(id, self.clock.unix_ms());
        Ok(())
    }

    pub(crate) fn hide(&mut self, id: &str, from: Hidden) -> Result<(), String> {
        self.known(id)?;
        self.records.hide(id, from);
        Ok(())
    }

    /// Checks that a record of this id was seeded, whatever has become of it.
    pub(crate) fn known(&self, id: &str) -> Result<(), String> {
        if self.records.state_of(id).is_some() { Ok(()) } else { Err(format!("no record `{id}`")) }
    }

    /// The records that a list shows. The option `ignore_filters` drops every filter.
    pub(crate) fn select(&self, owner: Owner, order: Order, filter: Filter) -> Selection<'_> {
        let soft = filter.soft;
        let filter = if self.ignores_filters() { Filter { soft, ..Filter::default() } } else { filter };
        self.records.select(owner, order, &filter)
    }

    pub(crate) fn ignores_filters(&self) -> bool {
        self.options.is("ignore_filters", "yes")
    }

    pub(crate) fn apply_all(&mut self, effects: &[Effect]) {
        effects.iter().for_each(|effect| self.apply(effect));
    }

    /// Applies effects once the fake's clock has moved on by `after`.
    pub(crate) fn apply_later(&mut self, after: Duration, effects: Vec<Effect>) {
        self.late.push((self.clock.now().saturating_add(after), effects));
    }

    /// Applies the effects that are due, in the order of their time.
    pub(crate) fn apply_due(&mut self) {
        if self.late.is_empty() {
            return;
        }
        let now = self.clock.now();
        let (mut due, later): (Vec<_>, Vec<_>) = take(&mut self.late).into_iter().partition(|(time, _)| *time <= now);
        self.late = later;
        due.sort_by_key(|(time, _)| *time);
        due.iter().for_each(|(_, effects)| self.apply_all(effects));
    }

    fn apply(&mut self, effect: &Effect) {
        match effect {
            Effect::Delete(id) => self.records.delete(id, RecordState::Deleted, self.deletion_visibility()),
            Effect::SoftDelete(id) => self.records.delete(id, RecordState::SoftDeleted, self.deletion_visibility()),
            Effect::DeleteUntilRead(id) => {
                self.records.delete(id, RecordState::Deleted, self.deletion_visibility());
                self.records.bring_back(id);
            }
            Effect::DeleteChild { parent, child } => self.records.delete_child(parent, child),
            Effect::DeleteGuidedDocument(id) => self.records.delete_guided_document(id),
            Effect::DeleteAdjacentResource(name) => self.records.delete_adjacent_resource(name),
            Effect::Read { id, owner } => self.records.was_read(id, *owner),
            Effect::Listed { owner, last } => self.was_listed(*owner, last.as_deref()),
            Effect::Used(option) => self.options.count_use(option),
            Effect::End(id) => self.records.end(id, self.options.number("end_lag")),
        }
    }

    fn was_listed(&mut self, owner: Owner, last: Option<&str>) {
        self.records.was_listed(owner);
        if owner == Owner::Foreign {
            return;
        }
        if self.options.take_one("arrivals") {
            let newest = self.records.next_time(self.clock.unix_ms());
            self.add_records(&Seed { created_at_ms: Some(newest), ..Seed::count(1) });
        }
        if let Some(last) = last {
            if self.options.take_one("departures") {
                self.depart(last);
            }
        }
    }

    fn deletion_visibility(&self) -> DeletionVisibility {
        let (read_lag, list_lag) = (self.options.number("read_lag"), self.options.number("list_lag"));
        DeletionVisibility { read_lag, list_lag, cascades: self.cascades() }
    }

    fn cascades(&self) -> bool {
        self.options.is("cascade", "yes")
    }
}
