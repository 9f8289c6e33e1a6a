//! One pass over the list, and what it counts.

use std::collections::HashSet;

use delete_core::vendor_kit::PageDedup;
use delete_core::{Error, RecordId, RecordMeta};

use crate::conversation::ConversationPage;
use crate::wire::{FIRST_PAGE, PAGE_SIZE};

/// The most distinct ids that one pass remembers, in a few hundred megabytes.
const MAX_IDS: usize = 10_000_000;

#[derive(Default)]
pub(crate) struct Pass {
    pages: u64,
    is_at_end: bool,
    previous_len: usize,
    progress: PageDedup,
    /// Hashes of the ids. A conversation may be on several pages, and hide another one.
    pub(crate) seen: HashSet<u64>,
    total: Option<u64>,
    /// The sum of the hashes of the conversations that existed when the listing began, whatever their order.
    pub(crate) sum: u64,
}

impl Pass {
    /// The number of the next page; `None` at the end.
    pub(crate) fn next_page(&self) -> Option<u64> {
        (!self.is_at_end).then_some(FIRST_PAGE + self.pages)
    }

    /// Counts a conversation, and returns whether this pass did not see it before.
    pub(crate) fn count(&mut self, hash: u64, has_existed: bool) -> Result<bool, Error> {
        let is_new = insert_up_to(MAX_IDS, &mut self.seen, hash)?;
        if is_new && has_existed {
            self.sum = self.sum.wrapping_add(hash);
        }
        Ok(is_new)
    }

    /// Goes on to the page after this one. A pass ends with an empty page, or with a short one that reaches the total: a page
    /// may be short for other reasons, and the total may be wrong.
    pub(crate) fn advance(&mut self, page: &ConversationPage) -> Result<(), Error> {
        let len = page.data.len();
        // New conversations may have moved the end of the previous page to a shorter last one, with nothing else on it.
        if len < std::mem::replace(&mut self.previous_len, len) {
            self.progress.restart();
        }
        let listed = page.data.iter().filter_map(|conversation| conversation.meta().ok());
        let ids: Vec<RecordId> = listed.map(RecordMeta::into_id).collect();
        self.progress.advance(ids, |id| Some(id))?;
        // The empty page after the last one may count nothing.
        if self.pages == 0 || len > 0 {
            self.total = page.total_count;
        }
        self.pages += 1;
        self.is_at_end = len == 0 || (len < PAGE_SIZE && self.missing() == Some(0));
        Ok(())
    }

    /// How many more conversations the vendor counts than this pass saw. A total that is less is wrong, and counts as none.
    pub(crate) fn missing(&self) -> Option<u64> {
        self.total?.checked_sub(self.seen.len() as u64)
    }
}

/// Adds a hash, and returns whether it is new. More than `max` are an error.
fn insert_up_to(max: usize, hashes: &mut HashSet<u64>, hash: u64) -> Result<bool, Error> {
    let is_new = hashes.insert(hash);
    if hashes.len() > max {
        let message = format!("the list has more than {max} conversations; records may be missing");
        return Err(Error::unexpected_response(message));
    }
    Ok(is_new)
}

#[cfg(test)]
mod tests {
    use delete_core::ErrorKind;

    use super::*;

    #[test]
    fn more_ids_than_the_maximum_are_an_error() {
        let mut hashes = HashSet::new();
        let inserted = [1, 2, 1, 2, 3].map(|hash| insert_up_to(2, &mut hashes, hash).map_err(|error| error.kind()));
        assert_eq!(inserted, [Ok(true), Ok(true), Ok(false), Ok(false), Err(ErrorKind::UnexpectedResponse)]);
    }
}
