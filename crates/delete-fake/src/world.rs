//! The state of a fake that is not special to one vendor, and how requests change it.

use crate::Vendor;
use crate::clock::Clock;
use crate::keys::{Keys, Owner};
use crate::options::Options;
use crate::records::{Aftermath, Filter, Hidden, Order, RecordState, Records, Seed, Selection};

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
    DeleteNeighbour(String),
    Read(String),
    /// A list was answered; the id is the last one on the page.
    Listed(Option<String>),
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
}

impl World {
    pub(crate) fn new(vendor: Vendor) -> Self {
        Self {
            vendor,
            records: Records::new(vendor),
            options: Options::new(vendor),
            keys: Keys::new(vendor),
            clock: Clock::new(),
            request_number: 0,
        }
    }

    pub(crate) fn request_id(&self) -> String {
        crate::ids::request_uuid(self.request_number)
    }

    pub(crate) fn seed(&mut self, seed: &Seed) -> Vec<String> {
        let hidden = match self.options.get("hidden_from") {
            "get" => Hidden::Get,
            "list" => Hidden::List,
            _ => Hidden::None,
        };
        self.records.seed(seed, self.clock.unix_ms(), hidden)
    }

    /// Another party deletes: at once, and no request shows it.
    pub(crate) fn remove(&mut self, id: &str) {
        let after = Aftermath { cascades: self.cascades(), ..Aftermath::default() };
        self.records.delete(id, RecordState::Deleted, after);
    }

    pub(crate) fn touch(&mut self, id: &str) {
        self.records.touch(id, self.clock.unix_ms());
    }

    /// The records that a list shows. The option `ignore_filters` leaves only what is no filter.
    pub(crate) fn select(&self, owner: Owner, order: Order, filter: Filter) -> Selection<'_> {
        let soft = filter.soft;
        let filter = if self.ignores_filters() { Filter { soft, ..Filter::default() } } else { filter };
        self.records.select(owner, order, &filter)
    }

    pub(crate) fn ignores_filters(&self) -> bool {
        self.options.is("ignore_filters", "yes")
    }

    pub(crate) fn apply(&mut self, effect: &Effect) {
        match effect {
            Effect::Delete(id) => self.records.delete(id, RecordState::Deleted, self.aftermath()),
            Effect::SoftDelete(id) => self.records.delete(id, RecordState::SoftDeleted, self.aftermath()),
            Effect::DeleteUntilRead(id) => {
                self.records.delete(id, RecordState::Deleted, self.aftermath());
                self.records.bring_back(id);
            }
            Effect::DeleteChild { parent, child } => self.records.delete_child(parent, child),
            Effect::DeleteGuidedDocument(id) => self.records.delete_guided_document(id),
            Effect::DeleteNeighbour(name) => self.records.delete_neighbour(name),
            Effect::Read(id) => self.records.was_read(id),
            Effect::Listed(last) => self.was_listed(last.as_deref()),
            Effect::Used(option) => self.options.count_use(option),
            Effect::End(id) => self.records.end(id, self.options.number("end_lag")),
        }
    }

    fn was_listed(&mut self, last: Option<&str>) {
        self.records.was_listed();
        if self.options.take_one("arrivals") {
            let newest = self.records.next_time(self.clock.unix_ms());
            self.seed(&Seed { created_ms: Some(newest), ..Seed::count(1) });
        }
        if let Some(last) = last {
            if self.options.take_one("departures") {
                self.remove(last);
            }
        }
    }

    fn aftermath(&self) -> Aftermath {
        let (read_lag, list_lag) = (self.options.number("read_lag"), self.options.number("list_lag"));
        Aftermath { read_lag, list_lag, cascades: self.cascades() }
    }

    fn cascades(&self) -> bool {
        self.options.is("cascade", "yes")
    }
}
