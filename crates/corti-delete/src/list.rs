//! The list of interactions, which is read once for each wanted status.

use async_trait::async_trait;
use delete_core::vendor_kit::{Page, PageDedup, Pager};
use delete_core::{Error, Status};

use crate::{Client, Filter, wire};

pub(crate) struct InteractionPager {
    client: Client,
    filter: Filter,
    /// The status of the list that is being read; `None` is the list of all.
    status: Option<Status>,
    /// The statuses of the lists to come, the next one last.
    to_come: Vec<Status>,
    /// `None` at the end of a list.
    next_index: Option<u64>,
    pages: PageDedup,
}

impl InteractionPager {
    pub(crate) fn new(client: Client, filter: Filter) -> Self {
        let mut to_come: Vec<Status> = filter.statuses.iter().rev().cloned().collect();
        let status = to_come.pop();
        Self { client, filter, status, to_come, next_index: Some(1), pages: PageDedup::default() }
    }

    async fn read_page(&mut self, index: u64) -> Result<Page, Error> {
        let page = self.client.page(index, wire::PAGE_SIZE, self.status.as_ref()).await?;
        self.next_index = if page.is_empty() { None } else { Some(index + 1) };
        let new = self.pages.advance(page.found().collect(), |entry| Some(entry.as_ref().ok()?.id()))?;
        let selected = new.into_iter().filter_map(|entry| match entry {
            Ok(meta) => self.filter.select(meta),
            error => Some(error),
        });
        Ok(selected.collect())
    }

    /// Goes on to the list of the next status; false after the last one.
    fn next_list(&mut self) -> bool {
        self.status = self.to_come.pop();
        self.next_index = Some(1);
        self.pages.restart();
        self.status.is_some()
    }
}

#[async_trait]
impl Pager for InteractionPager {
    async fn next_page(&mut self) -> Result<Option<Page>, Error> {
        loop {
            if let Some(index) = self.next_index {
                return self.read_page(index).await.map(Some);
            }
            if !self.next_list() {
                return Ok(None);
            }
        }
    }
}
