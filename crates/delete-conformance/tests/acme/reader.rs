use async_trait::async_trait;
use delete_core::vendor_kit::{Page, PageCursor, PageDedup, Pager, active_status, select, select_page};
use delete_core::{CredentialCheck, Error, Filter, Listing, Presence, RecordId, RecordMeta, RecordReader, Status};

use crate::client::Client;
use crate::wire::{self, Conversation, ConversationPage};

#[async_trait]
impl RecordReader for Client {
    delete_core::reader_methods!(wire::VENDOR);

    fn list(&self, filter: &Filter) -> Result<Listing, Error> {
        let filter = self.pipeline.begin_listing(filter)?;
        Ok(self.pipeline.listing(&filter, ConversationPager::new(self.clone(), filter.clone())))
    }

    async fn lookup(&self, id: &RecordId) -> Presence {
        self.status(id).await.into()
    }

    async fn active_status(&self, id: &RecordId) -> Result<Option<Status>, Error> {
        Ok(active_status(self.status(id).await?, wire::FINAL_STATUSES))
    }

    async fn check_credential(&self) -> Result<CredentialCheck, Error> {
        let page = self.page("1", None).await?;
        Ok(CredentialCheck::new(self.conversations.to_string(), !page.conversations.is_empty()))
    }
}

impl Client {
    async fn status(&self, id: &RecordId) -> Result<Option<Status>, Error> {
        self.pipeline.read_status(&self.conversations, id, &wire::READ).await
    }

    async fn page(&self, limit: &str, cursor: Option<&str>) -> Result<ConversationPage, Error> {
        let mut query = vec![("limit", limit.to_owned())];
        query.extend(cursor.map(|cursor| ("cursor", cursor.to_owned())));
        self.pipeline.read_page(&self.conversations, &query, &wire::READ).await
    }
}

struct ConversationPager {
    client: Client,
    filter: Filter,
    cursor: PageCursor,
    pages: PageDedup,
}

impl ConversationPager {
    fn new(client: Client, filter: Filter) -> Self {
        Self { client, filter, cursor: PageCursor::default(), pages: PageDedup::default() }
    }
}

#[async_trait]
impl Pager for ConversationPager {
    async fn next_page(&mut self) -> Result<Option<Page>, Error> {
        if self.cursor.is_at_end() {
            return Ok(None);
        }
        let page = self.client.page("100", self.cursor.current()).await?;
        self.cursor.advance(page.next.is_some(), page.next.as_deref())?;
        let entries = page.conversations.iter().map(Conversation::meta).collect();
        let new = self.pages.advance(entries, |entry: &Result<_, Error>| entry.as_ref().ok().map(RecordMeta::id))?;
        // The vendor may ignore a filter, so every record is checked here.
        Ok(Some(select_page(new, |meta| select([("date", self.filter.matches(meta.created_at()))], meta))))
    }
}
