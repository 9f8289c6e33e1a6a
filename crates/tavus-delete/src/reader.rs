use std::sync::Arc;

use async_trait::async_trait;
use delete_core::vendor_kit::{ErrorExt, KnownFilters, ResponseRules};
use delete_core::{
    Clock, ClockSkew, ConversationId, CredentialCheck, Error, ErrorKind, Filter, Listing, Presence, RecordId,
    RecordReader, Status,
};

use crate::conversation::{Conversation, ConversationPage, is_over};
use crate::list::ConversationWalk;
use crate::pass::FIRST_PAGE;
use crate::{Client, wire};

#[async_trait]
impl RecordReader for Client {
    /// The list has no order and no filter by time, so it is read whole, and again until two passes agree: a conversation
    /// that comes or goes meanwhile moves others to pages that were read before. Conversations that began after the
    /// listing did may be left out.
    fn list(&self, filter: &Filter) -> Result<Listing, Error> {
        let filter = filter.at(self.pipeline.clock().system_now());
        filter.check(KnownFilters { status: true, ..KnownFilters::default() }).map_err(for_tavus)?;
        Ok(self.pipeline.listing(&filter, ConversationWalk::new(self.clone(), filter.clone())))
    }

    /// Absent is 400 "Invalid conversation_id"; or 404, for which the vendor has no words of its own, if the list route
    /// responds right after it and does not have the conversation on its first page. After a soft delete the vendor may
    /// still show the conversation.
    async fn lookup(&self, id: &RecordId) -> Presence {
        match self.conversation(id).await {
            Ok(conversation) => Presence::Present { status: conversation.status() },
            Err(error) if error.kind() == ErrorKind::NotFound => Presence::Absent,
            Err(error) => Presence::Unknown(error),
        }
    }

    async fn active_status(&self, id: &RecordId) -> Result<Option<Status>, Error> {
        let status = self.conversation(id).await?.status();
        Ok((!is_over(status.as_ref())).then(|| status.unwrap_or_else(|| Status::from_word("unknown"))))
    }

    /// The key works and may read. Tavus documents no scopes, so what it may read it may delete, as far as is known.
    async fn check_credential(&self) -> Result<CredentialCheck, Error> {
        let page = self.page(FIRST_PAGE, &[], &wire::LIST).await?;
        Ok(CredentialCheck::new(self.conversations.to_string(), !page.data.is_empty()))
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(self.pipeline.clock())
    }

    fn clock_skew(&self) -> Option<ClockSkew> {
        self.pipeline.clock_skew()
    }
}

impl Client {
    async fn conversation(&self, id: &RecordId) -> Result<Conversation, Error> {
        let conversation_id = conversation_id(id)?;
        let conversation: Conversation = match self.pipeline.read_record(&self.conversations, id, &wire::GET).await {
            Err(error) if error.kind() == ErrorKind::NotFound && error.status() == Some(404) => {
                self.confirm_absence(conversation_id).await?;
                return Err(error);
            }
            conversation => conversation?,
        };
        match conversation.is(conversation_id) {
            true => Ok(conversation),
            false => Err(for_tavus(Error::unexpected_response("the response is about another conversation"))),
        }
    }

    /// Makes sure that a 404 comes from the vendor: gateways say the same of a route that is down, and then the list, which
    /// is behind the same gateway, fails too. A list that has the conversation contradicts the 404.
    async fn confirm_absence(&self, id: &ConversationId) -> Result<(), Error> {
        let page = self.page(FIRST_PAGE, &[], &wire::CONTROL).await;
        let page = page.map_err(|error| error.context("a 404 for the conversation is not confirmed by the list"))?;
        match page.data.iter().any(|entry| entry.has_id(id)) {
            true => Err(for_tavus(Error::unexpected_response("404 for the conversation, but the list has it"))),
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

fn conversation_id(id: &RecordId) -> Result<&ConversationId, Error> {
    id.as_conversation().ok_or_else(|| for_tavus(Error::invalid_input("a UUID is not a Tavus conversation id")))
}

pub(crate) fn for_tavus(error: Error) -> Error {
    error.for_vendor(wire::VENDOR)
}
