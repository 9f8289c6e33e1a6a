//! The list of conversations, which has no documented order and whose pages move while it is read.

use std::hash::{BuildHasher, RandomState};
use std::time::SystemTime;

use async_trait::async_trait;
use delete_core::vendor_kit::{Page, Pager};
use delete_core::{ClockSkew, Error, ErrorKind, Filter, RecordMeta};

use crate::conversation::{ConversationPage, Entry};
use crate::pass::{Checksum, Distinct, FIRST_PAGE, Pass};
use crate::reader::for_tavus;
use crate::{Client, wire};

/// After so many passes that all differ the list will not come to rest.
const MAX_PASSES: u32 = 6;

/// Reads the whole list again and again, until two passes saw the same: in turns one pass yields what it finds, and one
/// only checks whether that was all.
pub(crate) struct ConversationWalk {
    client: Client,
    filter: Filter,
    /// When the listing began, by our clock or the vendor's, whichever is later.
    started: SystemTime,
    hasher: RandomState,
    passes: u32,
    pass: Pass,
    sum_before: Option<Checksum>,
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
        let page = self.client.page(number, self.filter.statuses(), &wire::LIST).await?;
        if number == FIRST_PAGE && self.passes == 0 {
            self.correct_start();
        }
        let new = self.count(&page)?;
        self.pass.advance(number, &page)?;
        Ok(new)
    }

    /// If our clock is behind the vendor's, conversations that were there at the beginning look newer than the listing.
    fn correct_start(&mut self) {
        let behind = self.client.pipeline.clock_skew().and_then(ClockSkew::behind_at_most);
        self.started = self.started.checked_add(behind.unwrap_or_default()).unwrap_or(self.started);
    }

    /// Counts the conversations of a page, each of them once in a pass, and returns those that are new in it.
    fn count(&mut self, page: &ConversationPage) -> Result<Page, Error> {
        let mut new = Page::new();
        for entry in &page.data {
            let hash = self.hasher.hash_one(&entry.identity);
            if !self.pass.distinct.insert(hash)? {
                continue;
            }
            if entry.was_there(self.started) {
                self.pass.sum.add(hash);
            }
            new.push(entry.found());
        }
        Ok(new)
    }

    /// Ends a pass. True if it saw what the one before saw, and that is all.
    async fn end_pass(&mut self) -> Result<bool, Error> {
        let pass = std::mem::replace(&mut self.pass, Pass::new());
        let is_stable = self.sum_before.replace(pass.sum) == Some(pass.sum);
        self.passes += 1;
        if !is_stable && self.passes >= MAX_PASSES {
            let message = format!("the list changed on each of {MAX_PASSES} reads; records may be missing");
            return Err(Error::unexpected_response(message));
        }
        if is_stable && pass.missing() > 0 {
            let message = format!("the vendor counts {} more than its list shows", pass.missing());
            return Err(Error::unexpected_response(message));
        }
        if is_stable && !pass.has_total() {
            self.check_first_page(&pass.distinct).await?;
        }
        Ok(is_stable)
    }

    /// Makes sure that no page comes before the first one, if no total would show it: another client counts from 0.
    async fn check_first_page(&self, seen: &Distinct) -> Result<(), Error> {
        let page = match self.client.page(FIRST_PAGE - 1, self.filter.statuses(), &wire::PAGE_BEFORE_FIRST).await {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            page => page?,
        };
        let is_seen =
            |entry: &Entry| seen.contains(self.hasher.hash_one(&entry.identity)) || !entry.was_there(self.started);
        match page.data.iter().all(is_seen) {
            true => Ok(()),
            false => Err(Error::unexpected_response("the vendor counts pages from 0; records may be missing")),
        }
    }

    fn wanted(&self, page: Page) -> Page {
        let judge = |found: Result<RecordMeta, Error>| match found {
            Ok(found) => self.filter.sift(found, RecordMeta::created_at),
            Err(error) => Some(Err(error)),
        };
        page.into_iter().filter_map(judge).map(|found| found.map_err(for_tavus)).collect()
    }
}

#[async_trait]
impl Pager for ConversationWalk {
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
