use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use delete_core::vendor_kit::Page;
use delete_core::{RecordId, RecordMeta, timestamp};

/// The newest conversations, as this rescan of the head of the list and the previous one saw them.
#[derive(Default)]
pub(super) struct HeadRescan {
    newest: Option<i64>,
    previous_newest: Option<i64>,
    /// The first page of the latest rescan. A conversation of the same moment as the newest is new if it is not on it.
    first_page: HashSet<RecordId>,
}

impl HeadRescan {
    /// Returns the conversations of a page that no earlier rescan saw, and its errors.
    ///
    /// An event after the `present`, which may be off by `precision`, is dated in the future, so it does not show how far the
    /// list was read. It counts as a little older than the present, because whatever moved up meanwhile is older than it.
    pub(super) fn select(&mut self, page: Page, present: SystemTime, precision: Duration) -> Page {
        let limit = timestamp::unix_millis(present);
        let settled = timestamp::unix_millis(present - precision);
        let clipped = |time: i64| if time <= limit { time } else { settled };
        let newest = page.iter().flatten().filter_map(latest).map(clipped).max();
        let ids = page.iter().flatten().map(|meta| meta.id().clone()).collect();
        let new = page.into_iter().filter(|entry| entry.as_ref().map_or(true, |meta| self.is_new(meta))).collect();
        if self.newest.is_none() {
            self.newest = newest;
            self.first_page = ids;
        }
        new
    }

    /// If the time of the latest message is unknown, the conversation may have moved up.
    fn is_new(&self, meta: &RecordMeta) -> bool {
        match (self.previous_newest, meta.updated_at().map(timestamp::unix_millis)) {
            (Some(previous), Some(time)) if time == previous => !self.first_page.contains(meta.id()),
            (Some(previous), Some(time)) => time > previous,
            _ => true,
        }
    }

    /// Begins a new rescan, and returns the time of the newest conversation that is known.
    pub(super) fn restart(&mut self) -> Option<i64> {
        self.previous_newest = self.newest.take().max(self.previous_newest);
        self.previous_newest
    }
}

/// When its latest message came; without one, when it was created, which is not later.
fn latest(meta: &RecordMeta) -> Option<i64> {
    meta.updated_at().or(meta.created_at()).map(timestamp::unix_millis)
}
