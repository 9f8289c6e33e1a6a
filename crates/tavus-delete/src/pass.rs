//! One pass over the list, and what it counts.

use std::collections::HashSet;

use delete_core::vendor_kit::PageDedup;
use delete_core::{Error, RecordId, RecordMeta};

use crate::conversation::ConversationPage;
use crate::wire::PAGE_SIZE;

/// The documentation counts pages from 1, and so does a client that was tried against the vendor.
pub(crate) const FIRST_PAGE: u64 = 1;

/// The most distinct ids that one pass remembers, in a few hundred megabytes.
const MAX_IDS: usize = 10_000_000;

pub(crate) struct Pass {
    /// `None` at its end.
    pub(crate) next_page: Option<u64>,
    previous_len: usize,
    progress: PageDedup,
    /// A conversation may be on several pages, and hide another one.
    pub(crate) distinct: Distinct,
    total: Option<u64>,
    pub(crate) sum: Checksum,
}

/// The conversations that existed when the listing began, whatever their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Checksum {
    count: u64,
    sum: u64,
}

impl Checksum {
    pub(crate) fn add(&mut self, hash: u64) {
        self.count += 1;
        self.sum = self.sum.wrapping_add(hash);
    }
}

/// Hashes of the ids that a pass saw, up to a maximum.
pub(crate) struct Distinct {
    hashes: HashSet<u64>,
    max: usize,
}

impl Distinct {
    fn up_to(max: usize) -> Self {
        Self { hashes: HashSet::new(), max }
    }

    /// Adds a hash and returns whether it is new. There must not be too many.
    pub(crate) fn insert(&mut self, hash: u64) -> Result<bool, Error> {
        let is_new = self.hashes.insert(hash);
        if self.hashes.len() > self.max {
            let message = format!("the list has more than {} conversations; records may be missing", self.max);
            return Err(Error::unexpected_response(message));
        }
        Ok(is_new)
    }

    pub(crate) fn contains(&self, hash: u64) -> bool {
        self.hashes.contains(&hash)
    }

    fn len(&self) -> u64 {
        self.hashes.len() as u64
    }
}

impl Pass {
    pub(crate) fn new() -> Self {
        Self {
            next_page: Some(FIRST_PAGE),
            previous_len: 0,
            progress: PageDedup::default(),
            distinct: Distinct::up_to(MAX_IDS),
            total: None,
            sum: Checksum::default(),
        }
    }

    /// Goes on to the page after `page`, which is page `number`. A pass ends with an empty page, or with a short one that
    /// reaches the total: a page may be short for other reasons, and the total may be wrong.
    pub(crate) fn advance(&mut self, number: u64, page: &ConversationPage) -> Result<(), Error> {
        let len = page.data.len();
        // New conversations may have moved the end of the previous page to a shorter last one, with nothing else on it.
        if len < std::mem::replace(&mut self.previous_len, len) {
            self.progress.restart();
        }
        let ids: Vec<RecordId> =
            page.data.iter().filter_map(|entry| entry.conversation.meta().ok()).map(RecordMeta::into_id).collect();
        self.progress.advance(ids, |id| Some(id))?;
        // The empty page after the last one may count nothing.
        if number == FIRST_PAGE || len > 0 {
            self.total = page.total_count;
        }
        let has_reached_total = len < PAGE_SIZE && self.total == Some(self.distinct.len());
        self.next_page = (len > 0 && !has_reached_total).then_some(number + 1);
        Ok(())
    }

    /// How many more conversations the vendor counts than this pass saw. A total that is less is wrong, and counts as none.
    pub(crate) fn missing(&self) -> Option<u64> {
        self.total?.checked_sub(self.distinct.len())
    }
}

#[cfg(test)]
mod tests {
    use delete_core::ErrorKind;

    use super::Distinct;

    #[test]
    fn more_ids_than_the_maximum_are_an_error() {
        let mut distinct = Distinct::up_to(2);
        let inserted = [1, 2, 1, 2, 3].map(|hash| distinct.insert(hash).map_err(|error| error.kind()));
        assert_eq!(inserted, [Ok(true), Ok(true), Ok(false), Ok(false), Err(ErrorKind::UnexpectedResponse)]);
    }
}
