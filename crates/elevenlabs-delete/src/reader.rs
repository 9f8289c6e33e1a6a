use async_trait::async_trait;
use delete_core::vendor_kit::{ErrorExt, active_status};
use delete_core::{CredentialCheck, Error, Listing, Presence, RecordId, RecordReader, Status};

use crate::list::ConversationPager;
use crate::wire::ConversationPage;
use crate::{Client, Filter, status, wire};

#[async_trait]
impl RecordReader for Client {
    delete_core::reader_methods!(wire::VENDOR, Filter, status::FINAL);

    /// Absent is what [`delete_conversation`](Client::delete_conversation) reports as not found. A conversation that retention
    /// has emptied is still present.
    async fn lookup(&self, id: &RecordId) -> Presence {
        self.pipeline.read_status(&self.conversations, id, &wire::GET).await.into()
    }

    async fn active_status(&self, id: &RecordId) -> Result<Option<Status>, Error> {
        Ok(active_status(self.pipeline.read_status(&self.conversations, id, &wire::GET).await?, status::FINAL))
    }

    /// Checks that the key works at this residency and has `convai_read`. Only a delete shows whether it has `convai_write`.
    async fn check_credential(&self) -> Result<CredentialCheck, Error> {
        let page = self.page(&Filter::new().page_query(1, None)).await?;
        Ok(CredentialCheck::new(self.conversations.to_string(), !page.conversations.is_empty()))
    }
}

impl Client {
    /// Lists conversations, newest call first. Calls that begin after the listing are left out. If the vendor's cursor expires,
    /// the list is read from its beginning again, and conversations are yielded again. If the vendor ignores the filter by
    /// user, the listing fails.
    ///
    /// # Errors
    /// As for [`RecordReader::list`]; an empty value is refused like a filter that cannot match.
    pub fn list(&self, filter: &Filter) -> Result<Listing, Error> {
        let common = self.pipeline.begin_status_listing(&filter.common)?;
        filter.check().for_vendor(wire::VENDOR)?;
        let pager = ConversationPager::new(self.clone(), Filter { common: common.clone(), ..filter.clone() });
        Ok(self.pipeline.listing(common.times(), pager))
    }

    pub(crate) async fn page(&self, query: &[(&str, String)]) -> Result<ConversationPage, Error> {
        self.pipeline.read_page(&self.conversations, query, &wire::LIST).await
    }
}
