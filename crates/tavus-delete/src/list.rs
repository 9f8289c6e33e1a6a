//! The list of conversations, which has no documented order and whose pages move while it is read.

use std::hash::{BuildHasher, RandomState};
use std::time::SystemTime;

use async_trait::async_trait;
use delete_core::vendor_kit::{Page, Pager, select_page};
use delete_core::{ClockSkew, Error, ErrorKind};

use crate::conversation::{Conversation, ConversationPage};
use crate::pass::Pass;
use crate::wire::{self, FIRST_PAGE};
use crate::{Client, Filter};

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
    previous_sum: Option<u64>,
}

impl ConversationPager {
    pub(crate) fn new(client: Client, filter: Filter) -> Self {
        let started = client.pipeline.clock().system_now();
        let (hasher, pass) = (RandomState::new(), Pass::default());
        Self { client, filter, started, hasher, passes: 0, pass, previous_sum: None }
    }

    /// Reads page `number`, and returns the conversations that this pass did not see before.
    async fn read_page(&mut self, number: u64) -> Result<Page, Error> {
        let page = self.client.page(number, self.filter.statuses(), &wire::LIST).await?;
        if number == FIRST_PAGE && self.passes == 0 {
            self.correct_start();
        }
        let new = self.count(&page)?;
        self.pass.advance(&page)?;
        Ok(new)
    }

    /// If our clock is behind the vendor's, conversations that existed at the beginning look newer than the listing.
    fn correct_start(&mut self) {
        let behind = self.client.pipeline.clock_skew().and_then(ClockSkew::behind_at_most);
        self.started = self.started.checked_add(behind.unwrap_or_default()).unwrap_or(self.started);
    }

    fn count(&mut self, page: &ConversationPage) -> Result<Page, Error> {
        let mut new = Page::new();
        for conversation in &page.data {
            let hash = self.hasher.hash_one(&conversation.identity);
            if self.pass.count(hash, conversation.existed_at(self.started))? {
                new.push(conversation.meta());
            }
        }
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
