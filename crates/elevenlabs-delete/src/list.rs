//! The list of conversations, newest call first, whose cursors expire.

use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use delete_core::vendor_kit::{Page, PageCursor, PageDedup, Pager};
use delete_core::{Error, ErrorKind};

use crate::wire::ConversationPage;
use crate::{Client, Filter, wire};

/// The first page is not read again if our clock is only this much behind.
const NEGLIGIBLE_SKEW: Duration = Duration::from_secs(4);

/// A list whose cursor expires more often cannot be read.
const MAX_RESTARTS: u32 = 3;

pub(crate) struct ConversationPager {
    client: Client,
    /// Its end is fixed, so that new calls do not move the pages.
    filter: Filter,
    /// The end of the caller's filter.
    requested_end: Option<SystemTime>,
    /// When the listing began, by our clock.
    started: SystemTime,
    cursor: PageCursor,
    restarts: u32,
    pages: PageDedup,
}

impl ConversationPager {
    /// `filter` has no ages.
    pub(crate) fn new(client: Client, filter: Filter) -> Self {
        let started = client.pipeline.clock().system_now();
        let requested_end = filter.common.times().until();
        Self {
            client,
            filter: filter.with_until(requested_end.map_or(started, |requested| requested.min(started))),
            requested_end,
            started,
            cursor: PageCursor::default(),
            restarts: 0,
            pages: PageDedup::default(),
        }
    }

    /// Reads the first page, and again if its response shows that the range does not end in the present by the vendor's clock.
    async fn read_first_page(&mut self) -> Result<ConversationPage, Error> {
        if self.filter.user.is_some() {
            self.check_user_filter().await?;
        }
        self.correct_end();
        let page = self.read_page().await?;
        if self.correct_end() { self.read_page().await } else { Ok(page) }
    }

    /// Makes sure that the vendor applies the filter by user, because the list names no users: one that nobody has must have
    /// no conversations.
    async fn check_user_filter(&self) -> Result<(), Error> {
        let nobody = format!("nobody-{:016x}", RandomState::new().hash_one(0_u8));
        let page = self.client.page(&self.filter.clone().with_user(nobody).page_query(1, None)).await?;
        if page.conversations.is_empty() && !page.has_more {
            return Ok(());
        }
        let message = "the vendor ignores the filter by user: it lists conversations of a user that nobody has";
        Err(Error::unexpected_response(message))
    }

    /// If our clock is behind the vendor's, moves the end of the range to the vendor's present or the requested end, and
    /// returns whether it has moved.
    fn correct_end(&mut self) -> bool {
        let present = self.client.pipeline.by_later_clock(self.started);
        let end = self.requested_end.map_or(present, |requested| requested.min(present));
        let is_later = self.filter.common.times().until().is_none_or(|previous| previous < end);
        let has_moved = is_later && present > self.started + NEGLIGIBLE_SKEW;
        if has_moved {
            self.filter = self.filter.clone().with_until(end);
        }
        has_moved
    }

    /// Reads the next page. If its cursor has expired, the list is read from its beginning again.
    async fn read_page(&mut self) -> Result<ConversationPage, Error> {
        loop {
            match self.client.page(&self.filter.page_query(wire::PAGE_SIZE, self.cursor.current())).await {
                Err(error) if self.cursor.current().is_some() && error.kind() == ErrorKind::NotFound => {
                    self.restart()?
                }
                page => return page,
            }
        }
    }

    fn restart(&mut self) -> Result<(), Error> {
        self.restarts += 1;
        if self.restarts > MAX_RESTARTS {
            let message = format!("the list's cursor expired {} times before its end was reached", self.restarts);
            return Err(Error::unexpected_response(message));
        }
        self.cursor = PageCursor::default();
        self.pages.restart();
        Ok(())
    }

    /// Returns the conversations of a page that the previous page did not have and that match the filter.
    fn select(&mut self, page: ConversationPage) -> Result<Page, Error> {
        let ours = page.conversations.into_iter().filter(|listed| self.filter.may_match(listed));
        let entries = ours.map(|listed| (listed.meta(), listed)).collect();
        let new = self.pages.advance(entries, |(meta, _)| Some(meta.as_ref().ok()?.id()))?;
        let selected = new.into_iter().filter_map(|(meta, listed)| {
            meta.map_or_else(|error| Some(Err(error)), |meta| self.filter.select(meta, &listed))
        });
        Ok(selected.collect())
    }
}

#[async_trait]
impl Pager for ConversationPager {
    async fn next_page(&mut self) -> Result<Option<Page>, Error> {
        let page = match self.cursor.current() {
            _ if self.cursor.is_at_end() => return Ok(None),
            None => self.read_first_page().await?,
            Some(_) => self.read_page().await?,
        };
        self.cursor.advance(page.has_more, page.next_cursor.as_deref())?;
        self.select(page).map(Some)
    }
}
