use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use delete_core::{RecordId, RecordMeta, timestamp};

/// The present by the vendor's clock.
#[derive(Clone, Copy)]
pub(super) struct Present {
    pub(super) time: SystemTime,
    /// How far it may be off.
    pub(super) precision: Duration,
}

/// The newest conversations, in this look at the top and in the one before.
#[derive(Default)]
pub(super) struct Top {
    newest: Option<i64>,
    newest_before: Option<i64>,
    /// The first page of the latest look. A conversation of the same moment as the newest is news if it is not on it.
    first_page: HashSet<RecordId>,
}

impl Top {
    /// Notes a page, and returns the conversations on it that no earlier look held.
    ///
    /// An event after the `present` is dated in the future, so it does not say how far the list was read. It counts as a
    /// little older than the present, because what moved up meanwhile is older than that event.
    pub(super) fn note(&mut self, found: Vec<RecordMeta>, present: Present) -> Vec<RecordMeta> {
        let limit = timestamp::unix_millis(present.time);
        let settled = timestamp::unix_millis(present.time - present.precision);
        let clipped = |time: i64| if time <= limit { time } else { settled };
        let newest = found.iter().filter_map(latest).map(clipped).max();
        let ids = found.iter().map(|found| found.id().clone()).collect();
        let news = found.into_iter().filter(|found| self.is_news(found)).collect();
        if self.newest.is_none() {
            self.newest = newest;
            self.first_page = ids;
        }
        news
    }

    /// If the time of the latest message is unknown, it may have moved up.
    fn is_news(&self, found: &RecordMeta) -> bool {
        match (self.newest_before, found.updated_at().map(timestamp::unix_millis)) {
            (Some(before), Some(time)) if time == before => !self.first_page.contains(found.id()),
            (Some(before), Some(time)) => time > before,
            _ => true,
        }
    }

    /// Begins a new look. Returns the time of the newest that is known.
    pub(super) fn begin_anew(&mut self) -> Option<i64> {
        self.newest_before = self.newest.take().max(self.newest_before);
        self.newest_before
    }
}

/// When its latest message came; without one, when it was made, which is no later.
fn latest(found: &RecordMeta) -> Option<i64> {
    found.updated_at().or(found.created_at()).map(timestamp::unix_millis)
}
