use std::collections::VecDeque;

use async_trait::async_trait;
use delete_core::vendor_kit::{Page, PageDedup, Pager, select_page};
use delete_core::{Error, Status};

use crate::client::Client;
use crate::{Filter, wire};

/// Reads the list of all interactions, or one list for each wanted status.
pub(crate) struct InteractionPager {
    client: Client,
    filter: Filter,
    /// The status of each list that is not read to its end. The first one is being read; `None` is the list of all.
    lists: VecDeque<Option<Status>>,
    /// The number of the next page, counted from 1.
    index: u64,
    pages: PageDedup,
}

impl InteractionPager {
    pub(crate) fn new(client: Client, filter: Filter) -> Self {
        let mut lists: VecDeque<_> = filter.statuses().iter().cloned().map(Some).collect();
        if lists.is_empty() {
            lists.push_back(None);
        }
        Self { client, filter, lists, index: 1, pages: PageDedup::default() }
    }
}

#[async_trait]
impl Pager for InteractionPager {
    async fn next_page(&mut self) -> Result<Option<Page>, Error> {
        let Some(status) = self.lists.front() else { return Ok(None) };
        let page = self.client.page(self.index, wire::PAGE_SIZE, status.as_ref()).await?;
        self.index += 1;
        // The list has neither a total nor a mark of its end: the last page is the empty one.
        if page.is_empty() {
            self.lists.pop_front();
            self.index = 1;
            self.pages.restart();
        }
        let entries = page.iter().map(wire::meta).collect();
        let new = self.pages.advance(entries, |entry| Some(entry.as_ref().ok()?.id()))?;
        Ok(Some(select_page(new, |meta| self.filter.select(meta))))
    }
}
