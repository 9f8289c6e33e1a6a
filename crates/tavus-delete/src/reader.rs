use std::sync::Arc;

use async_trait::async_trait;
use delete_core::vendor_kit::KnownFilters;
use delete_core::{
    Clock, ClockSkew, ConversationId, Error, ErrorKind, Filter, Listing, Preflight, Presence, Reader, RecordId, Status,
};

use crate::list::ConversationWalk;
use crate::{Client, wire};

#[async_trait]
impl Reader for Client {
    /// The list has no order and no filter by time, so it is read whole, and again until two passes agree: a conversation
    /// that comes or goes meanwhile moves others to pages that were read before. Conversations that began after the
    /// listing did may be left out.
    fn list(&self, filter: &Filter) -> Result<Listing, Error> {
        let filter = filter.at(self.pipeline.clock().system_now());
        filter.check(KnownFilters { status: true, ..KnownFilters::default() }).map_err(for_tavus)?;
        Ok(self.pipeline.listing(&filter, ConversationWalk::new(self.clone(), filter.clone())))
    }

    /// Absent is 400 "Invalid conversation_id"; or 404, for which the vendor has no words of its own, if the list route
    /// responds right after it. After a soft delete the vendor may still show the conversation.
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
        let conversation: wire::Conversation =
            match self.pipeline.read_record(&self.conversations, id, &wire::GET).await {
                Err(error) if error.kind() == ErrorKind::NotFound && error.status() == Some(404) => {
                    self.confirm_route().await?;
                    return Err(error);
                }
                conversation => conversation?,
            };
        match conversation.is(conversation_id) {
            true => Ok(conversation),
            false => Err(for_tavus(Error::unexpected_answer("the response is about another conversation"))),
        }
    }

    /// Makes sure that a 404 comes from the vendor: gateways say the same of a route that is down, and then the list, which
    /// is behind the same gateway, fails too.
    async fn confirm_route(&self) -> Result<(), Error> {
        let query = wire::page_query(1, 1, &[]);
        let page = self.pipeline.read_page::<wire::ConversationPage>(&self.conversations, &query, &wire::CONTROL).await;
        page.map(drop).map_err(|error| error.about("a 404 for the conversation is not confirmed by the list"))
    }

    pub(crate) async fn page(&self, number: u64, statuses: &[Status]) -> Result<wire::ConversationPage, Error> {
        let query = wire::page_query(number, wire::PAGE_SIZE, statuses);
        self.pipeline.read_page(&self.conversations, &query, &wire::LIST).await
    }
}

fn conversation_id(id: &RecordId) -> Result<&ConversationId, Error> {
    id.as_conversation().ok_or_else(|| for_tavus(Error::invalid_input("a UUID is not a Tavus conversation id")))
}

pub(crate) fn for_tavus(error: Error) -> Error {
    error.for_vendor(wire::VENDOR)
}
