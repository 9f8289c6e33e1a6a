//! One pass over the list, and what it counts.

use std::collections::HashSet;

use delete_core::Error;
use delete_core::vendor_kit::PageDedup;

use crate::conversation::ConversationPage;
use crate::wire::PAGE_SIZE;

/// The documentation and a client that was tried against the vendor count pages from 1.
pub(crate) const FIRST_PAGE: u64 = 1;

/// The most distinct ids that one pass remembers, in a few hundred megabytes.
const MAX_IDS: usize = 10_000_000;

/// One pass over the list.
pub(crate) struct Pass {
    /// `None` at its end.
    pub(crate) next_page: Option<u64>,
    page_before: usize,
    guard: PageDedup,
    /// The same conversation may be on several pages, and hide another one.
    pub(crate) distinct: Distinct,
    total: Option<u64>,
    pub(crate) sum: Checksum,
}

/// What a pass saw of the conversations that were there when the listing began, whatever their order.
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

/// The hashes of the ids that a pass saw, up to a maximum.
pub(crate) struct Distinct {
    hashes: HashSet<u64>,
    max: usize,
}

impl Distinct {
    fn up_to(max: usize) -> Self {
        Self { hashes: HashSet::new(), max }
    }

    /// Adds a hash. Returns whether it is new, and an error if there are too many.
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
            page_before: 0,
            guard: PageDedup::default(),
            distinct: Distinct::up_to(MAX_IDS),
            total: None,
            sum: Checksum::default(),
        }
    }

    /// Moves on to the page after `page`, which is page `number`. An empty page ends a pass, or a short one with which the
    /// total is reached. A short page alone does not, because the vendor may return less than was asked for, nor does the
    /// total alone, which may be wrong.
    pub(crate) fn advance(&mut self, number: u64, page: &ConversationPage) -> Result<(), Error> {
        // New conversations may have moved the end of the page before to a shorter last one, with nothing else on it.
        if page.data.len() < std::mem::replace(&mut self.page_before, page.data.len()) {
            self.guard.restart();
        }
        self.guard.advance(page.data.iter().filter_map(|entry| entry.found().ok()).collect())?;
        // The empty page after the last one may count nothing.
        if number == FIRST_PAGE || !page.data.is_empty() {
            self.total = page.total();
        }
        let is_counted = page.data.len() < PAGE_SIZE && self.total == Some(self.distinct.len());
        self.next_page = (!page.data.is_empty() && !is_counted).then_some(number + 1);
        Ok(())
    }

    /// The vendor's total, unless it is less than the pass saw, and so wrong.
    fn plausible_total(&self) -> Option<u64> {
        self.total.filter(|total| *total >= self.distinct.len())
    }

    /// Whether the vendor's total says something about records that the pass did not see.
    pub(crate) fn has_total(&self) -> bool {
        self.plausible_total().is_some()
    }

    /// How many more than it showed the vendor counts.
    pub(crate) fn missing(&self) -> u64 {
        self.plausible_total().map_or(0, |total| total - self.distinct.len())
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
