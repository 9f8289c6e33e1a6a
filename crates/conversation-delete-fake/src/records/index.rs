//! Records in order, for lists.
//!
//! Sorting and filtering a million records takes long, so each order is kept and sorted again only after records came
//! or moved, and the latest selections are kept until any record changes. The pages of a walk over records that stay as
//! they are thus cost what they show.

use std::cmp::Ordering;
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

use super::{Item, Record, Records};
use crate::ids::scatter;
use crate::keys::Owner;

/// More selections than the statuses that a vendor lets its lists be filtered by.
const KEPT: usize = 8;

/// What a list can be sorted by; ties by the order of seeding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Created,
    Updated,
    Id,
    Agent,
    /// No order that anybody could name, but always the same.
    Scattered,
}

/// Which records a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Filter {
    pub(crate) status: Option<String>,
    pub(crate) not_statuses: Vec<String>,
    pub(crate) agent: Option<String>,
    pub(crate) user: Option<String>,
    /// Whether softly deleted ones show.
    pub(crate) soft: bool,
}

/// A place in an order by time: the time, then the order of seeding.
pub(crate) type Place = (u64, u32);

#[derive(Default)]
pub(super) struct Index {
    sorted: Vec<Sorted>,
    selected: VecDeque<Selected>,
}

struct Sorted {
    order: Order,
    slots: Vec<u32>,
    is_stale: bool,
}

struct Selected {
    owner: Owner,
    order: Order,
    filter: Filter,
    slots: Arc<Vec<u32>>,
}

impl Index {
    /// A record came, went or changed.
    pub(super) fn changed(&mut self) {
        self.selected.clear();
    }

    /// A record has another time than before.
    pub(super) fn moved(&mut self) {
        self.selected.clear();
        self.sorted.iter_mut().for_each(|sorted| sorted.is_stale = true);
    }

    fn select(&mut self, records: &Records, owner: Owner, order: Order, filter: &Filter) -> Arc<Vec<u32>> {
        let known = self
            .selected
            .iter()
            .find(|known| (known.owner, known.order) == (owner, order) && known.filter == *filter)
            .map(|known| Arc::clone(&known.slots));
        known.unwrap_or_else(|| {
            let is_shown = |slot: &u32| records.is_listed(*slot, owner, filter);
            let slots = Arc::new(self.in_order(records, order).iter().copied().filter(is_shown).collect());
            self.selected.truncate(KEPT - 1);
            self.selected.push_front(Selected { owner, order, filter: filter.clone(), slots: Arc::clone(&slots) });
            slots
        })
    }

    fn in_order(&mut self, records: &Records, order: Order) -> &[u32] {
        let at = self.sorted.iter().position(|sorted| sorted.order == order).unwrap_or_else(|| {
            self.sorted.push(Sorted { order, slots: Vec::new(), is_stale: true });
            self.sorted.len() - 1
        });
        let sorted = &mut self.sorted[at];
        let count = records.slot_count();
        let known = u32::try_from(sorted.slots.len()).unwrap_or(count);
        if sorted.is_stale || known < count {
            sorted.slots.extend(known..count);
            // A stable sort: what is sorted already is found as a run, so late arrivals cost little.
            sorted.slots.sort_by(|a, b| records.compare(order, *a, *b));
            sorted.is_stale = false;
        }
        &sorted.slots
    }
}

impl Records {
    /// The records that a list shows, in ascending order.
    pub(crate) fn select(&self, owner: Owner, order: Order, filter: &Filter) -> Selection<'_> {
        Selection { records: self, order, slots: self.index.borrow_mut().select(self, owner, order, filter) }
    }

    pub(super) fn slot_count(&self) -> u32 {
        u32::try_from(self.records.len()).unwrap_or(u32::MAX)
    }

    fn compare(&self, order: Order, a: u32, b: u32) -> Ordering {
        let (Some((id_a, record_a)), Some((id_b, record_b))) = (self.slot(a), self.slot(b)) else {
            return a.cmp(&b);
        };
        match order {
            Order::Created => record_a.created.cmp(&record_b.created),
            Order::Updated => record_a.updated.cmp(&record_b.updated),
            Order::Id => id_a.cmp(id_b),
            Order::Agent => self.names.text(record_a.agent).cmp(self.names.text(record_b.agent)),
            Order::Scattered => scatter(a).cmp(&scatter(b)),
        }
        .then(a.cmp(&b))
    }

    fn is_listed(&self, slot: u32, owner: Owner, filter: &Filter) -> bool {
        self.slot(slot).is_some_and(|(_, record)| {
            record.owner == owner
                && record.shows_in_lists(self.lists[owner as usize], filter.soft)
                && self.passes(record, filter)
        })
    }

    fn passes(&self, record: &Record, filter: &Filter) -> bool {
        let is = |wanted: &Option<String>, name| wanted.as_deref().is_none_or(|text| text == self.names.text(name));
        is(&filter.status, record.status)
            && is(&filter.agent, record.agent)
            && is(&filter.user, record.user)
            && !filter.not_statuses.iter().any(|status| status == self.names.text(record.status))
    }
}

/// The records that a list shows.
pub(crate) struct Selection<'a> {
    records: &'a Records,
    order: Order,
    slots: Arc<Vec<u32>>,
}

/// One page of a walk by cursor: its window, its start and its direction.
pub(crate) struct Walk {
    pub(crate) within: Range<usize>,
    pub(crate) from: Option<Place>,
    pub(crate) ascending: bool,
    pub(crate) limit: usize,
}

/// One page of a walk, in its direction.
pub(crate) struct Page<'a> {
    pub(crate) items: Vec<Item<'a>>,
    /// There is more ahead.
    pub(crate) ahead: bool,
    /// There is something behind.
    pub(crate) behind: bool,
}

impl<'a> Selection<'a> {
    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    pub(crate) fn item(&self, position: usize) -> Option<Item<'a>> {
        self.slots.get(position).and_then(|slot| self.records.item(*slot))
    }

    /// A page by number, from 0.
    pub(crate) fn page(&self, number: usize, size: usize, ascending: bool) -> Vec<Item<'a>> {
        let first = number.saturating_mul(size).min(self.len());
        let last = first.saturating_add(size).min(self.len());
        let at = |position: usize| if ascending { position } else { self.len() - 1 - position };
        (first..last).filter_map(|position| self.item(at(position))).collect()
    }

    /// A page by cursor.
    pub(crate) fn walk(&self, walk: &Walk) -> Page<'a> {
        let Range { start, end } = walk.within;
        let end = end.max(start);
        let (from, to) = match walk.from {
            None => (start, end),
            Some(place) if walk.ascending => (self.count_until(|known| known <= place).clamp(start, end), end),
            Some(place) => (start, self.count_until(|known| known < place).clamp(start, end)),
        };
        let take = walk.limit.min(to - from);
        let items = match walk.ascending {
            true => (from..from + take).filter_map(|position| self.item(position)).collect(),
            false => (to - take..to).rev().filter_map(|position| self.item(position)).collect(),
        };
        let behind = if walk.ascending { from > start } else { to < end };
        Page { items, ahead: take < to - from, behind }
    }

    /// How many lie before this time.
    pub(crate) fn count_before(&self, time: u64) -> usize {
        self.count_until(|(known, _)| known < time)
    }

    fn count_until(&self, is_before: impl Fn(Place) -> bool) -> usize {
        self.slots.partition_point(|slot| is_before(self.place(*slot)))
    }

    fn place(&self, slot: u32) -> Place {
        let time = self.records.slot(slot).map_or(0, |(_, record)| record.time(self.order));
        (time, slot)
    }
}
