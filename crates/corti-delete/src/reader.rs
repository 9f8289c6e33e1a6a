use std::sync::Arc;

use async_trait::async_trait;
use delete_core::vendor_kit::{ErrorExt, KnownFilters, Page, PageDedup, Pager};
use delete_core::{
    Clock, ClockSkew, CredentialCheck, Error, ErrorKind, Filter, Listing, Presence, RecordId, RecordMeta, RecordReader,
    Status,
};
use uuid::Uuid;

use crate::children::ChildKind;
use crate::client::Client;
use crate::wire;

#[async_trait]
impl RecordReader for Client {
    /// Lists the oldest interactions first, so that new ones come at the end. Each wanted status is a list of its own;
    /// without a status, one list holds all. If somebody else deletes interactions at the same time, later ones move to
    /// pages that were already read, and can be left out: list again.
    ///
    /// An interaction whose id is not a UUID is reported as an error, and the listing goes on.
    ///
    /// The status is that of the encounter, including "deleted", a label that anybody can set and that deletes nothing.
    fn list(&self, filter: &Filter) -> Result<Listing, Error> {
        let filter = filter.at(self.pipeline.clock().system_now());
        filter.check(KnownFilters { status: true, ..KnownFilters::default() }).for_vendor(wire::VENDOR)?;
        if let Some(status) = filter.statuses().iter().find(|status| !wire::STATUSES.contains(status)) {
            let known = wire::STATUSES.each_ref().map(Status::as_str).join(", ");
            let message = format!("Corti has no encounter status \"{status}\"; there are {known}");
            return Err(Error::invalid_input(message).for_vendor(wire::VENDOR));
        }
        Ok(self.pipeline.listing(&filter, InteractionWalk::new(self.clone(), filter.clone())))
    }

    /// An interaction is absent if Corti reports in its own words that it does not exist: it is missing, deleted, or
    /// belongs to another client, tenant or environment. Any other 404, such as an empty one, comes from a gateway or a
    /// wrong base URL: then the presence is unknown.
    async fn lookup(&self, id: &RecordId) -> Presence {
        match self.interaction(id).await {
            Ok(interaction) => Presence::Present { status: interaction.status() },
            Err(error) if error.kind() == ErrorKind::NotFound => Presence::Absent,
            Err(error) => Presence::Unknown(error),
        }
    }

    /// Returns `processing` while Corti is producing a transcript of the interaction. That goes on after the end of the
    /// recording and could write again. The status of the encounter does not show it.
    ///
    /// [`NotFound`](ErrorKind::NotFound) needs Corti's own words from both the list of transcripts and the interaction.
    async fn active_status(&self, id: &RecordId) -> Result<Option<Status>, Error> {
        let interaction = interaction_id(id)?;
        let transcripts = match self.children_of_kind(interaction, ChildKind::Transcript).await {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                self.confirm_gone(interaction).await?;
                return Err(error);
            }
            transcripts => transcripts?,
        };
        for transcript in transcripts {
            let status = self.active_transcript_status(&transcript).await?;
            if status.is_some() {
                return Ok(status);
            }
        }
        Ok(None)
    }

    /// Checks that the client can read, and that its token belongs to this tenant and environment as far as the token
    /// names them. Whether it may delete is known only if the scope of the latest token shows it.
    async fn check_credential(&self) -> Result<CredentialCheck, Error> {
        let page = self.page(1, 1, None).await?;
        let checked = CredentialCheck::new(self.interactions.to_string(), !page.is_empty())
            .with_may_delete(self.token_claims.may_delete());
        Ok(self.token_claims.confirmed().into_iter().fold(checked, CredentialCheck::confirm))
    }

    fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(self.pipeline.clock())
    }

    fn clock_skew(&self) -> Option<ClockSkew> {
        self.pipeline.clock_skew()
    }
}

impl Client {
    async fn interaction(&self, id: &RecordId) -> Result<wire::Interaction, Error> {
        let uuid = interaction_id(id)?;
        let interaction: wire::Interaction = self.pipeline.read_record(&self.interactions, id, &wire::GET).await?;
        match interaction.is(uuid) {
            true => Ok(interaction),
            false => Err(wire::unexpected("the response does not show this interaction")),
        }
    }

    async fn page(&self, index: u64, size: usize, status: Option<&Status>) -> Result<wire::InteractionPage, Error> {
        let query = wire::page_query(index, size, status);
        self.pipeline.read_page(&self.interactions.clone().with_slash(), &query, &wire::LIST).await
    }
}

fn interaction_id(id: &RecordId) -> Result<Uuid, Error> {
    id.try_uuid().for_vendor(wire::VENDOR)
}

/// Reads one list after the other.
struct InteractionWalk {
    client: Client,
    filter: Filter,
    /// The status of the list that is being read, and those of the lists to come, the next one last.
    status: Option<Status>,
    to_come: Vec<Status>,
    /// `None` at the end of a list.
    next_index: Option<u64>,
    pages: PageDedup,
}

impl InteractionWalk {
    fn new(client: Client, filter: Filter) -> Self {
        let mut to_come = Vec::new();
        for status in filter.statuses() {
            if !to_come.contains(status) {
                to_come.push(status.clone());
            }
        }
        to_come.reverse();
        let status = to_come.pop();
        Self { client, filter, status, to_come, next_index: Some(1), pages: PageDedup::default() }
    }

    /// An interaction that cannot be read is an error in the page, and the listing goes on.
    async fn read_page(&mut self, index: u64) -> Result<Page, Error> {
        let page = self.client.page(index, wire::PAGE_SIZE, self.status.as_ref()).await?;
        self.next_index = if page.is_empty() { None } else { Some(index + 1) };
        let (readable, unreadable): (Vec<_>, Vec<_>) = page.found().partition(Result::is_ok);
        let new = self.pages.advance(readable.into_iter().flatten().collect())?;
        let sifted = new.into_iter().filter_map(|found| self.filter.sift(found, RecordMeta::created_at));
        Ok(unreadable.into_iter().chain(sifted).map(|found| found.for_vendor(wire::VENDOR)).collect())
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
impl Pager for InteractionWalk {
    async fn next_page(&mut self) -> Result<Option<Page>, Error> {
        loop {
            if let Some(index) = self.next_index {
                return self.read_page(index).await.map(Some).for_vendor(wire::VENDOR);
            }
            if !self.next_list() {
                return Ok(None);
            }
        }
    }
}
