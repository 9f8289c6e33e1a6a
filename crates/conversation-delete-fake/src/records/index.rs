//! Records in order, for lists.
//!
//! Filtering and sorting a million records takes long, so the latest selections are kept until any record changes: the
//! pages of a walk over records that stay as they are cost what they show.

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

/// A selection that is kept.
pub(super) struct Selected {
    owner: Owner,
    order: Order,
    filter: Filter,
    places: Arc<Vec<Place>>,
}

impl Records {
    /// The records that a list shows, in ascending order.
    pub(crate) fn select(&self, owner: Owner, order: Order, filter: &Filter) -> Selection<'_> {
        let mut kept = self.selected.borrow_mut();
        let known = kept
            .iter()
            .find(|known| (known.owner, known.order) == (owner, order) && known.filter == *filter)
            .map(|known| Arc::clone(&known.places));
        let places = known.unwrap_or_else(|| {
            let places = Arc::new(self.sorted(owner, order, filter));
            kept.truncate(KEPT - 1);
            kept.push_front(Selected { owner, order, filter: filter.clone(), places: Arc::clone(&places) });
            places
        });
        Selection { records: self, places }
    }

    fn sorted(&self, owner: Owner, order: Order, filter: &Filter) -> Vec<Place> {
        let lists = self.lists[owner as usize];
        let is_shown = |record: &Record| {
            record.owner == owner && record.shows_in_lists(lists, filter.soft) && filter.passes(record)
        };
        let shown = self.records.values().zip(0..).filter(|(record, _)| is_shown(record));
        let mut places: Vec<Place> = shown.map(|(record, slot)| (record.time(order), slot)).collect();
        // Records that were seeded in order are found as a run.
        match order {
            Order::Created | Order::Updated => places.sort(),
            Order::Id => places.sort_by_cached_key(|(_, slot)| self.slot(*slot).map(|(id, _)| id)),
            Order::Agent => places.sort_by_cached_key(|(_, slot)| self.slot(*slot).map(|(_, record)| &record.agent)),
            Order::Scattered => places.sort_by_cached_key(|(_, slot)| scatter(*slot)),
        }
        places
    }

    pub(super) fn slot_count(&self) -> u32 {
        u32::try_from(self.records.len()).unwrap_or(u32::MAX)
    }
}

impl Filter {
    fn passes(&self, record: &Record) -> bool {
        let is = |wanted: &Option<String>, text: &str| wanted.as_deref().is_none_or(|wanted| wanted == text);
        is(&self.status, &record.status)
            && is(&self.agent, &record.agent)
            && is(&self.user, &record.user)
            && !self.not_statuses.iter().any(|status| **status == *record.status)
    }
}

/// The records that a list shows.
pub(crate) struct Selection<'a> {
    records: &'a Records,
    places: Arc<Vec<Place>>,
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
        self.places.len()
    }

    pub(crate) fn item(&self, position: usize) -> Option<Item<'a>> {
        self.places.get(position).and_then(|(_, slot)| self.records.item(*slot))
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
        self.places.partition_point(|place| is_before(*place))
    }
}
