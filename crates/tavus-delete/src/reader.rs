use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::SystemTime;

use async_trait::async_trait;
use delete_core::vendor_kit::{KnownFilters, Page, PageGuard, Walk};
use delete_core::{
    Clock, ClockSkew, ConversationId, Error, ErrorKind, Filter, Found, Listing, Preflight, Presence, Reader, RecordId,
    Status,
};

use crate::{Client, wire};

#[async_trait]
impl Reader for Client {
    /// The list knows no order and no time, so it is read whole, and again until two walks saw the same: a conversation
    /// that comes or goes meanwhile moves others to pages that were read before. Conversations that began after the
    /// listing did may be left out.
    fn list(&self, filter: &Filter) -> Result<Listing, Error> {
        let filter = filter.at(self.pipeline.clock().system_now());
        filter.check(KnownFilters { status: true, ..KnownFilters::default() }).map_err(for_tavus)?;
        Ok(self.pipeline.listing(&filter, ConversationWalk::new(self.clone(), filter.clone())))
    }

    /// Absent is 400 "Invalid conversation_id", or 404, for a read. After a soft delete the vendor may still show the
    /// conversation.
    async fn presence(&self, id: &RecordId) -> Presence {
        match self.conversation(id).await {
            Ok(conversation) => Presence::Present { status: conversation.status() },
            Err(error) if error.kind() == ErrorKind::NotFound => Presence::Absent,
            Err(error) => Presence::Unknown(error),
        }
    }

    async fn live_status(&self, id: &RecordId) -> Result<Option<Status>, Error> {
        let status = self.conversation(id).await?.status();
        let is_over = wire::is_over(status.as_ref());
        Ok((!is_over).then(|| status.unwrap_or_else(|| Status::from_word("unknown"))))
    }

    /// The key works and may read. Tavus documents no scopes, so what it may read it may delete, as far as is known.
    async fn check(&self) -> Result<Preflight, Error> {
        let page = self.page(1, &[]).await?;
        Ok(Preflight::new(self.conversations.to_string(), !page.data.is_empty()))
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(self.pipeline.clock())
    }

    fn clock_skew(&self) -> Option<ClockSkew> {
        self.pipeline.clock_skew()
    }
}

impl Client {
    async fn conversation(&self, id: &RecordId) -> Result<wire::Conversation, Error> {
        let conversation_id = conversation_id(id)?;
        let conversation: wire::Conversation = self.pipeline.read_record(&self.conversations, id, &wire::GET).await?;
        match conversation.is(conversation_id) {
            true => Ok(conversation),
            false => Err(for_tavus(Error::unexpected_answer("the answer is about another conversation"))),
        }
    }

    async fn page(&self, number: u64, statuses: &[Status]) -> Result<wire::ConversationPage, Error> {
        let query = wire::page_query(number, statuses);
        self.pipeline.read_page(&self.conversations, &query, &wire::LIST).await
    }
}

fn conversation_id(id: &RecordId) -> Result<&ConversationId, Error> {
    id.as_conversation().ok_or_else(|| for_tavus(Error::invalid_input("a UUID is no Tavus conversation id")))
}

fn for_tavus(error: Error) -> Error {
    error.for_vendor(wire::VENDOR)
}

/// After so many walks that all differ the list will not come to rest.
const MAX_WALKS: u32 = 6;

/// Walks over the whole list, in turns one that tells what it finds and one that only looks whether that was all.
struct ConversationWalk {
    client: Client,
    filter: Filter,
    started: SystemTime,
    walks: u32,
    /// `None` at the end of a walk.
    next_page: Option<u64>,
    seen: u64,
    /// How many more than it showed the vendor counts.
    missing: u64,
    guard: PageGuard,
    page_before: usize,
    hasher: RandomState,
    sum: Checksum,
    sum_before: Option<Checksum>,
}

/// What a walk saw of the conversations that were there when the listing began, whatever their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Checksum {
    count: u64,
    sum: u64,
}

impl ConversationWalk {
    fn new(client: Client, filter: Filter) -> Self {
        let started = client.pipeline.clock().system_now();
        Self {
            client,
            filter,
            started,
            walks: 0,
            next_page: Some(1),
            seen: 0,
            missing: 0,
            guard: PageGuard::default(),
            page_before: 0,
            hasher: RandomState::new(),
            sum: Checksum::default(),
            sum_before: None,
        }
    }

    fn is_telling(&self) -> bool {
        self.walks % 2 == 0
    }

    /// Reads page `number`; nothing when the walk is at its end.
    async fn read_page(&mut self, number: u64) -> Result<Vec<Found>, Error> {
        let page = self.client.page(number, self.filter.statuses()).await?;
        let found = page.data.iter().map(wire::Conversation::found).collect::<Result<Vec<Found>, _>>()?;
        let is_empty = found.is_empty();
        // New conversations may have moved the end of the page before to a shorter last one, with nothing else on it.
        if found.len() < std::mem::replace(&mut self.page_before, found.len()) {
            self.guard.restart();
        }
        let new = self.guard.advance(found)?;
        self.seen += new.len() as u64;
        self.sum_up(&new);
        // A short page is none of the ends: the vendor may give less than was asked for.
        let total = page.total_count.and_then(|count| count.as_u64());
        let is_counted = total.is_some_and(|total| self.seen >= total);
        self.missing = total.map_or(0, |total| total.saturating_sub(self.seen));
        self.next_page = if is_empty || is_counted { None } else { Some(number + 1) };
        Ok(new)
    }

    fn sum_up(&mut self, found: &[Found]) {
        for found in found.iter().filter(|found| found.created_at().is_none_or(|created| created <= self.started)) {
            self.sum.count += 1;
            self.sum.sum = self.sum.sum.wrapping_add(self.hasher.hash_one(found.id()));
        }
    }

    /// Ends a walk. True when it saw what the one before saw.
    fn end_walk(&mut self) -> Result<bool, Error> {
        let sum = std::mem::take(&mut self.sum);
        let is_stable = self.sum_before.replace(sum) == Some(sum);
        self.walks += 1;
        self.next_page = Some(1);
        self.seen = 0;
        self.guard = PageGuard::default();
        self.page_before = 0;
        if !is_stable && self.walks >= MAX_WALKS {
            let message = format!("the list was another each of {MAX_WALKS} times it was read: some may be missing");
            return Err(Error::unexpected_answer(message));
        }
        if is_stable && self.missing > 0 {
            let message = format!("the vendor counts {} more than its list shows", self.missing);
            return Err(Error::unexpected_answer(message));
        }
        Ok(is_stable)
    }

    fn wanted(&self, found: Vec<Found>) -> Page {
        let sift = |found| self.filter.sift(found, Found::created_at);
        found.into_iter().filter_map(sift).map(|found| found.map_err(for_tavus)).collect()
    }
}

#[async_trait]
impl Walk for ConversationWalk {
    async fn next_page(&mut self) -> Result<Option<Page>, Error> {
        loop {
            let Some(number) = self.next_page else {
                match self.end_walk().map_err(for_tavus)? {
                    true => return Ok(None),
                    false => continue,
                }
            };
            let found = self.read_page(number).await.map_err(for_tavus)?;
            if self.is_telling() {
                return Ok(Some(self.wanted(found)));
            }
        }
    }
}
