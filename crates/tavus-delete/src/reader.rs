use async_trait::async_trait;
use delete_core::vendor_kit::{ErrorExt, ResponseRules, active_status};
use delete_core::{CredentialCheck, Error, ErrorKind, Listing, Presence, RecordId, RecordReader, Status};

use crate::list::ConversationPager;
use crate::wire::ConversationPage;
use crate::{BoundClient, Client, Filter, status, wire};

#[async_trait]
impl RecordReader for Client {
    delete_core::reader_methods!(wire::VENDOR, Filter, status::FINAL);

    /// Absent is 400 "Invalid conversation_id", or 404 if the list responds right after it and does not have the conversation
    /// on its first page. After a soft delete the vendor may still show the conversation.
    async fn lookup(&self, id: &RecordId) -> Presence {
        self.status(id).await.into()
    }

    async fn active_status(&self, id: &RecordId) -> Result<Option<Status>, Error> {
        Ok(active_status(self.status(id).await?, status::FINAL))
    }

    /// Checks that the key may read. Tavus documents no scopes: as far as is known, a key may delete what it may read.
    async fn check_credential(&self) -> Result<CredentialCheck, Error> {
        let page = self.page(wire::FIRST_PAGE, &[], &wire::LIST).await?;
        Ok(CredentialCheck::new(self.conversations.to_string(), !page.data.is_empty()))
    }
}

delete_core::forward_record_reader!([] BoundClient, BoundClient::client);

impl Client {
    /// Lists conversations. The list has no documented order, and changes move its pages, so it is read whole until two passes
    /// agree. Conversations that began after the listing may be left out.
    ///
    /// # Errors
    /// As for [`RecordReader::list`].
    pub fn list(&self, filter: &Filter) -> Result<Listing, Error> {
        let filter = self.pipeline.begin_status_listing(filter)?;
        Ok(self.pipeline.listing(filter.times(), ConversationPager::new(self.clone(), filter.clone())))
    }

    async fn status(&self, id: &RecordId) -> Result<Option<Status>, Error> {
        let status = self.pipeline.read_status(&self.conversations, id, &wire::GET).await;
        match &status {
            Err(error) if error.kind() == ErrorKind::NotFound && error.status() == Some(404) => {
                self.confirm_404(&id.to_string()).await.for_vendor(wire::VENDOR).and(status)
            }
            _ => status,
        }
    }

    /// Makes sure that a 404 is not a gateway's for a route that is down: then the list fails too, or has the conversation.
    async fn confirm_404(&self, id: &str) -> Result<(), Error> {
        let page = self.page(wire::FIRST_PAGE, &[], &wire::CONTROL).await;
        let page = page.context("a 404 for the conversation is not confirmed by the list")?;
        match page.data.iter().any(|listed| listed.conversation_id.as_deref() == Some(id)) {
            true => Err(Error::unexpected_response("404 for the conversation, but the list has it")),
            false => Ok(()),
        }
    }

    pub(crate) async fn page(
        &self,
        number: u64,
        statuses: &[Status],
        rules: &ResponseRules,
    ) -> Result<ConversationPage, Error> {
        self.pipeline.read_page(&self.conversations, &wire::page_query(number, statuses), rules).await
    }
}
