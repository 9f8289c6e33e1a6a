//! The list of conversations, which has no documented order and whose pages move while it is read.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::time::SystemTime;

use async_trait::async_trait;
use delete_core::vendor_kit::{Page, PageDedup, Pager, select_page};
use delete_core::{Error, ErrorKind};

use crate::wire::{self, Conversation, ConversationPage, FIRST_PAGE, PAGE_SIZE};
use crate::{Client, Filter};

/// A list that is different on each of so many passes does not come to rest.
const MAX_PASSES: u32 = 6;

/// The most distinct ids that one pass remembers, in a few hundred megabytes.
const MAX_IDS: usize = 10_000_000;

/// Reads the whole list in passes, until two in a row see the same. Every second pass only checks, and yields nothing.
pub(crate) struct ConversationPager {
    client: Client,
    filter: Filter,
    /// When the listing began, by our clock or the vendor's, whichever is later.
    started: SystemTime,
    hasher: RandomState,
    passes: u32,
    pass: Pass,
    previous_sum: Option<u64>,
}

impl ConversationPager {
    pub(crate) fn new(client: Client, filter: Filter) -> Self {
        let started = client.pipeline.clock().system_now();
        let hasher = RandomState::new();
        Self { client, filter, started, hasher, passes: 0, pass: Pass::default(), previous_sum: None }
    }

    /// Reads page `number`, and returns the conversations that this pass did not see before.
    async fn read_page(&mut self, number: u64) -> Result<Page, Error> {
        let page = self.client.page(number, self.filter.statuses(), &wire::LIST).await?;
        if number == FIRST_PAGE && self.passes == 0 {
            // With a clock behind the vendor's, conversations that existed at the beginning look newer than the listing.
            self.started = self.client.pipeline.by_later_clock(self.started);
        }
        let mut new = Page::new();
        for conversation in &page.data {
            let hash = self.hasher.hash_one(&conversation.identity);
            if self.pass.count(hash, conversation.existed_at(self.started), MAX_IDS)? {
                new.push(conversation.meta());
            }
        }
        self.pass.advance(&page)?;
        Ok(new)
    }

    /// Ends a pass, and returns whether the list is read: this pass saw what the previous one saw.
    async fn end_pass(&mut self) -> Result<bool, Error> {
        let pass = std::mem::take(&mut self.pass);
        let is_stable = self.previous_sum.replace(pass.sum) == Some(pass.sum);
        self.passes += 1;
        let message = match pass.missing() {
            _ if !is_stable && self.passes < MAX_PASSES => return Ok(false),
            _ if !is_stable => format!("the list changed on each of {MAX_PASSES} reads; records may be missing"),
            Some(0) => return Ok(true),
            Some(missing) => format!("the vendor counts {missing} more conversations than its list has"),
            None if self.is_first_page_first(&pass).await? => return Ok(true),
            None => "the vendor counts pages from 0; records may be missing".to_owned(),
        };
        Err(Error::unexpected_response(message))
    }

    /// Whether no page comes before the first one, if no total would show it: another client counts from 0.
    async fn is_first_page_first(&self, pass: &Pass) -> Result<bool, Error> {
        let page = match self.client.page(FIRST_PAGE - 1, self.filter.statuses(), &wire::PAGE_BEFORE_FIRST).await {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(true),
            page => page?,
        };
        let is_known = |conversation: &Conversation| {
            pass.seen.contains(&self.hasher.hash_one(&conversation.identity)) || !conversation.existed_at(self.started)
        };
        Ok(page.data.iter().all(is_known))
    }
}

#[async_trait]
impl Pager for ConversationPager {
    async fn next_page(&mut self) -> Result<Option<Page>, Error> {
        loop {
            if let Some(number) = self.pass.next_page() {
                let page = self.read_page(number).await?;
                if self.passes % 2 == 0 {
                    return Ok(Some(select_page(page, |meta| self.filter.select(meta))));
                }
            } else if self.end_pass().await? {
                return Ok(None);
            }
        }
    }
}

/// One pass over the list, and what it counts.
#[derive(Default)]
struct Pass {
    pages: u64,
    is_at_end: bool,
    previous_len: usize,
    progress: PageDedup,
    /// Hashes of the ids. A conversation may be on several pages, and hide another one.
    seen: HashSet<u64>,
    total: Option<u64>,
    /// The sum of the hashes of the conversations that existed when the listing began, whatever their order.
    sum: u64,
}

impl Pass {
    /// The number of the next page; `None` at the end.
    fn next_page(&self) -> Option<u64> {
        (!self.is_at_end).then_some(FIRST_PAGE + self.pages)
    }

    /// Counts a conversation, and returns whether this pass did not see it before. More than `max` are an error.
    fn count(&mut self, hash: u64, has_existed: bool, max: usize) -> Result<bool, Error> {
        let is_new = self.seen.insert(hash);
        if self.seen.len() > max {
            let message = format!("the list has more than {max} conversations; records may be missing");
            return Err(Error::unexpected_response(message));
        }
        if is_new && has_existed {
            self.sum = self.sum.wrapping_add(hash);
        }
        Ok(is_new)
    }

    /// Goes on to the page after this one. A pass ends with an empty page, or with a short one that reaches the total: a page
    /// may be short for other reasons, and the total may be wrong.
    fn advance(&mut self, page: &ConversationPage) -> Result<(), Error> {
        let len = page.data.len();
        // New conversations may have moved the end of the previous page to a shorter last one, with nothing else on it.
        if len < std::mem::replace(&mut self.previous_len, len) {
            self.progress.restart();
        }
        let entries: Page = page.data.iter().map(Conversation::meta).collect();
        self.progress.advance(entries, |entry| Some(entry.as_ref().ok()?.id()))?;
        // The empty page after the last one may count nothing.
        if self.pages == 0 || len > 0 {
            self.total = page.total_count;
        }
        self.pages += 1;
        self.is_at_end = len == 0 || (len < PAGE_SIZE && self.missing() == Some(0));
        Ok(())
    }

    /// How many more conversations the vendor counts than this pass saw. A total that is less is wrong, and counts as none.
    fn missing(&self) -> Option<u64> {
        self.total?.checked_sub(self.seen.len() as u64)
    }
}

#[cfg(test)]
mod tests {
    use delete_core::ErrorKind;

    use super::*;

    #[test]
    fn more_ids_than_the_maximum_are_an_error() {
        let mut pass = Pass::default();
        let inserted = [1, 2, 1, 2, 3].map(|hash| pass.count(hash, true, 2).map_err(|error| error.kind()));
        assert_eq!(inserted, [Ok(true), Ok(true), Ok(false), Ok(false), Err(ErrorKind::UnexpectedResponse)]);
    }
}
