//! The list of conversations, which has no documented order and whose pages move while it is read.

use std::hash::{BuildHasher, RandomState};
use std::time::SystemTime;

use async_trait::async_trait;
use delete_core::vendor_kit::{Page, Pager, select_page};
use delete_core::{ClockSkew, Error, ErrorKind};

use crate::conversation::{ConversationPage, Entry};
use crate::pass::{Checksum, Distinct, FIRST_PAGE, Pass};
use crate::{Client, Filter, wire};

/// A list that is different on each of so many passes does not come to rest.
const MAX_PASSES: u32 = 6;

/// Reads the whole list in passes, until two in a row see the same. Every second pass only checks, and yields nothing.
pub(crate) struct ConversationPager {
    client: Client,
    filter: Filter,
    /// When the listing began, by our clock or the vendor's, whichever is later.
    started: SystemTime,
    hasher: RandomState,
    passes: u32,
    pass: Pass,
    previous_sum: Option<Checksum>,
}

impl ConversationPager {
    pub(crate) fn new(client: Client, filter: Filter) -> Self {
        let started = client.pipeline.clock().system_now();
        let (hasher, pass) = (RandomState::new(), Pass::new());
        Self { client, filter, started, hasher, passes: 0, pass, previous_sum: None }
    }

    fn is_emitting_pass(&self) -> bool {
        self.passes % 2 == 0
    }

    /// Reads page `number`, and returns the conversations that this pass did not see before.
    async fn read_page(&mut self, number: u64) -> Result<Page, Error> {
        let page = self.client.page(number, self.filter.statuses(), &wire::LIST).await?;
        if number == FIRST_PAGE && self.passes == 0 {
            self.correct_start();
        }
        let new = self.count(&page)?;
        self.pass.advance(number, &page)?;
        Ok(new)
    }

    /// If our clock is behind the vendor's, conversations that existed at the beginning look newer than the listing.
    fn correct_start(&mut self) {
        let behind = self.client.pipeline.clock_skew().and_then(ClockSkew::behind_at_most);
        self.started = self.started.checked_add(behind.unwrap_or_default()).unwrap_or(self.started);
    }

    /// Counts the conversations of a page, each once in a pass, and returns the new ones.
    fn count(&mut self, page: &ConversationPage) -> Result<Page, Error> {
        let mut new = Page::new();
        for entry in &page.data {
            let hash = self.hasher.hash_one(&entry.identity);
            if !self.pass.distinct.insert(hash)? {
                continue;
            }
            if entry.conversation.existed_at(self.started) {
                self.pass.sum.add(hash);
            }
            new.push(entry.conversation.meta());
        }
        Ok(new)
    }

    /// Ends a pass, and returns whether the list is read: this pass saw what the previous one saw.
    async fn end_pass(&mut self) -> Result<bool, Error> {
        let pass = std::mem::replace(&mut self.pass, Pass::new());
        let is_stable = self.previous_sum.replace(pass.sum) == Some(pass.sum);
        self.passes += 1;
        match pass.missing() {
            _ if !is_stable && self.passes < MAX_PASSES => return Ok(false),
            _ if !is_stable => {
                let message = format!("the list changed on each of {MAX_PASSES} reads; records may be missing");
                return Err(Error::unexpected_response(message));
            }
            None => self.check_first_page(&pass.distinct).await?,
            Some(0) => {}
            Some(missing) => {
                let message = format!("the vendor counts {missing} more conversations than its list has");
                return Err(Error::unexpected_response(message));
            }
        }
        Ok(true)
    }

    /// Makes sure that no page comes before the first one, if no total would show it: another client counts from 0.
    async fn check_first_page(&self, seen: &Distinct) -> Result<(), Error> {
        let page = match self.client.page(FIRST_PAGE - 1, self.filter.statuses(), &wire::PAGE_BEFORE_FIRST).await {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
            page => page?,
        };
        let is_known = |entry: &Entry| {
            seen.contains(self.hasher.hash_one(&entry.identity)) || !entry.conversation.existed_at(self.started)
        };
        match page.data.iter().all(is_known) {
            true => Ok(()),
            false => Err(Error::unexpected_response("the vendor counts pages from 0; records may be missing")),
        }
    }
}

#[async_trait]
impl Pager for ConversationPager {
    async fn next_page(&mut self) -> Result<Option<Page>, Error> {
        loop {
            let Some(number) = self.pass.next_page else {
                match self.end_pass().await? {
                    true => return Ok(None),
                    false => continue,
                }
            };
            let page = self.read_page(number).await?;
            if self.is_emitting_pass() {
                return Ok(Some(select_page(page, |meta| self.filter.select(meta))));
            }
        }
    }
}
