//! The list of conversations, which has no documented order and whose pages move while it is read.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};
use std::time::SystemTime;

use async_trait::async_trait;
use delete_core::vendor_kit::{Page, PageGuard, Walk};
use delete_core::{Error, Filter, Found};

use crate::reader::for_tavus;
use crate::{Client, wire};

/// After so many passes that all differ the list will not come to rest.
const MAX_PASSES: u32 = 6;

/// The documentation and a client that was tried against the vendor count pages from 1.
const FIRST_PAGE: u64 = 1;

/// Reads the whole list again and again, until two passes saw the same: in turns one pass yields what it finds, and one
/// only checks whether that was all.
pub(crate) struct ConversationWalk {
    client: Client,
    filter: Filter,
    started: SystemTime,
    hasher: RandomState,
    passes: u32,
    pass: Pass,
    sum_before: Option<Checksum>,
}

/// One pass over the list.
struct Pass {
    /// `None` at its end.
    next_page: Option<u64>,
    page_before: usize,
    guard: PageGuard,
    /// The hashes of the ids that it saw. The same conversation may be on several pages, and hide another one.
    distinct: HashSet<u64>,
    total: Option<u64>,
    sum: Checksum,
}

/// What a pass saw of the conversations that were there when the listing began, whatever their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Checksum {
    count: u64,
    sum: u64,
}

impl Pass {
    fn new() -> Self {
        Self {
            next_page: Some(FIRST_PAGE),
            page_before: 0,
            guard: PageGuard::default(),
            distinct: HashSet::new(),
            total: None,
            sum: Checksum::default(),
        }
    }

    /// How many more than it showed the vendor counts.
    fn missing(&self) -> u64 {
        self.total.map_or(0, |total| total.saturating_sub(self.distinct.len() as u64))
    }
}

impl ConversationWalk {
    pub(crate) fn new(client: Client, filter: Filter) -> Self {
        let started = client.pipeline.clock().system_now();
        let (hasher, pass) = (RandomState::new(), Pass::new());
        Self { client, filter, started, hasher, passes: 0, pass, sum_before: None }
    }

    fn yields(&self) -> bool {
        self.passes % 2 == 0
    }

    /// Reads page `number`, and returns what of it this pass did not see before.
    async fn read_page(&mut self, number: u64) -> Result<Page, Error> {
        let page = self.client.page(number, self.filter.statuses()).await?;
        let new = self.count(&page);
        let pass = &mut self.pass;
        // New conversations may have moved the end of the page before to a shorter last one, with nothing else on it.
        if page.data.len() < std::mem::replace(&mut pass.page_before, page.data.len()) {
            pass.guard.restart();
        }
        pass.guard.advance(page.data.iter().filter_map(|conversation| conversation.found().ok()).collect())?;
        // A short page is not the end: the vendor may return less than was asked for.
        let is_counted = pass.total.is_some() && pass.missing() == 0;
        pass.next_page = if page.data.is_empty() || is_counted { None } else { Some(number + 1) };
        Ok(new)
    }

    /// Counts the conversations of a page, each of them once in a pass, and returns those that are new in it.
    fn count(&mut self, page: &wire::ConversationPage) -> Page {
        let pass = &mut self.pass;
        pass.total = page.total_count.as_ref().and_then(|count| count.as_u64());
        let mut new = Page::new();
        for conversation in &page.data {
            let hash = self.hasher.hash_one(conversation.raw_id());
            if !pass.distinct.insert(hash) {
                continue;
            }
            if conversation.was_there(self.started) {
                pass.sum.count += 1;
                pass.sum.sum = pass.sum.sum.wrapping_add(hash);
            }
            new.push(conversation.found());
        }
        new
    }

    /// Ends a pass. True if it saw what the one before saw, and that is all.
    async fn end_pass(&mut self) -> Result<bool, Error> {
        let pass = std::mem::replace(&mut self.pass, Pass::new());
        let is_stable = self.sum_before.replace(pass.sum) == Some(pass.sum);
        self.passes += 1;
        if !is_stable && self.passes >= MAX_PASSES {
            let message = format!("the list changed on each of {MAX_PASSES} reads; records may be missing");
            return Err(Error::unexpected_answer(message));
        }
        if is_stable && pass.missing() > 0 {
            let message = format!("the vendor counts {} more than its list shows", pass.missing());
            return Err(Error::unexpected_answer(message));
        }
        if is_stable && pass.total.is_none() {
            self.check_first_page(&pass.distinct).await?;
        }
        Ok(is_stable)
    }

    /// Makes sure that no page comes before the first one, if no total would show it: another client counts from 0.
    async fn check_first_page(&self, seen: &HashSet<u64>) -> Result<(), Error> {
        let page = match self.client.page(FIRST_PAGE - 1, self.filter.statuses()).await {
            Err(error) if denies_page(&error) => return Ok(()),
            page => page?,
        };
        let is_seen = |conversation: &wire::Conversation| {
            seen.contains(&self.hasher.hash_one(conversation.raw_id())) || !conversation.was_there(self.started)
        };
        match page.data.iter().all(is_seen) {
            true => Ok(()),
            false => Err(Error::unexpected_answer("the vendor counts pages from 0; records may be missing")),
        }
    }

    fn wanted(&self, page: Page) -> Page {
        let judge = |found: Result<Found, Error>| match found {
            Ok(found) => self.filter.sift(found, Found::created_at),
            Err(error) => Some(Err(error)),
        };
        page.into_iter().filter_map(judge).map(|found| found.map_err(for_tavus)).collect()
    }
}

/// Whether the server says that it has no such page: by refusing the number, or by failing on it, as on a negative offset.
/// Any other failure says nothing about the page.
fn denies_page(error: &Error) -> bool {
    matches!(error.status(), Some(400 | 404 | 416 | 422 | 500))
}

#[async_trait]
impl Walk for ConversationWalk {
    async fn next_page(&mut self) -> Result<Option<Page>, Error> {
        loop {
            let Some(number) = self.pass.next_page else {
                match self.end_pass().await.map_err(for_tavus)? {
                    true => return Ok(None),
                    false => continue,
                }
            };
            let page = self.read_page(number).await.map_err(for_tavus)?;
            if self.yields() {
                return Ok(Some(self.wanted(page)));
            }
        }
    }
}
