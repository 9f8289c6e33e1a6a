use std::sync::Arc;

use async_trait::async_trait;
use delete_core::vendor_kit::{KnownFilters, Page, PageGuard, Walk};
use delete_core::{
    Clock, ClockSkew, Error, ErrorKind, Filter, Found, Listing, Preflight, Presence, Reader, RecordId, Status,
};
use uuid::Uuid;

use crate::{Child, ChildKind, Client, wire};

#[async_trait]
impl Reader for Client {
    /// Oldest first, so that new interactions come at the end. One list for each wanted status; without one, a single
    /// list of all. Where somebody else deletes interactions meanwhile, later ones move to pages that were read before,
    /// and can be left out: list again.
    ///
    /// The status is that of the encounter, also "deleted", a label that anybody can set and that deletes nothing.
    fn list(&self, filter: &Filter) -> Result<Listing, Error> {
        let filter = filter.at(self.pipeline.clock().system_now());
        filter.check(KnownFilters { status: true, ..KnownFilters::default() }).map_err(for_corti)?;
        if let Some(status) = filter.statuses().iter().find(|status| !wire::STATUSES.contains(status)) {
            let known = wire::STATUSES.each_ref().map(Status::as_str).join(", ");
            let message = format!("Corti has no encounter status \"{status}\"; there are {known}");
            return Err(for_corti(Error::invalid_input(message)));
        }
        Ok(self.pipeline.listing(&filter, InteractionWalk::new(self.clone(), filter.clone())))
    }

    /// Absent is 404 for a read, in Corti's own form or without a body: missing, deleted, or of another client, tenant or
    /// environment.
    async fn presence(&self, id: &RecordId) -> Presence {
        match self.interaction(id).await {
            Ok(interaction) => Presence::Present { status: interaction.status() },
            Err(error) if error.kind() == ErrorKind::NotFound => Presence::Absent,
            Err(error) => Presence::Unknown(error),
        }
    }

    /// `processing` while one of the interaction's transcripts is being made, which goes on after the recording ended
    /// and could write again. The status of the encounter says nothing of that.
    async fn live_status(&self, id: &RecordId) -> Result<Option<Status>, Error> {
        let interaction = interaction_id(id)?;
        let transcripts = match self.children_of_kind(interaction, ChildKind::Transcript).await {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                self.confirm_gone(interaction).await?;
                return Err(error);
            }
            transcripts => transcripts?,
        };
        for transcript in transcripts {
            let status = self.transcript_status(&transcript).await?;
            if status.is_some() {
                return Ok(status);
            }
        }
        Ok(None)
    }

    /// The client works, may read, and its token says of itself that it is of this tenant and environment, where it says
    /// anything. Whether it may delete is told where the token's scope tells.
    async fn check(&self) -> Result<Preflight, Error> {
        let page = self.page(1, 1, None).await?;
        let preflight = Preflight::new(self.interactions.to_string(), !page.interactions.is_empty())
            .with_may_delete(self.expectation.may_delete());
        Ok(self.expectation.confirmed().into_iter().fold(preflight, Preflight::confirm))
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
            false => Err(for_corti(Error::unexpected_answer("the answer is about another interaction"))),
        }
    }

    async fn page(&self, index: u64, size: usize, status: Option<&Status>) -> Result<wire::InteractionPage, Error> {
        let query = wire::page_query(index, size, status);
        self.pipeline.read_page(&self.interactions.clone().with_slash(), &query, &wire::LIST).await
    }

    /// The status of a transcript that is not done yet; `None` for one that is done, or gone meanwhile.
    async fn transcript_status(&self, transcript: &Child) -> Result<Option<Status>, Error> {
        match self.transcript(transcript).await {
            Ok(transcript) => Ok(transcript.live_status()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn interaction_id(id: &RecordId) -> Result<Uuid, Error> {
    id.as_uuid().ok_or_else(|| for_corti(Error::invalid_input("Corti's interaction ids are UUIDs")))
}

pub(crate) fn for_corti(error: Error) -> Error {
    error.for_vendor(wire::VENDOR)
}

/// Walks over one list after the other.
struct InteractionWalk {
    client: Client,
    filter: Filter,
    /// The status of the list that is being read, and those of the lists to come, the next one last.
    status: Option<Status>,
    to_come: Vec<Status>,
    /// `None` at the end of a list.
    next_index: Option<u64>,
    pages: PageGuard,
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
        Self { client, filter, status, to_come, next_index: Some(1), pages: PageGuard::default() }
    }

    async fn read_page(&mut self, index: u64) -> Result<Page, Error> {
        let page = self.client.page(index, wire::PAGE_SIZE, self.status.as_ref()).await?;
        let found = page.interactions.iter().map(wire::Interaction::found).collect::<Result<Vec<_>, _>>()?;
        self.next_index = if found.is_empty() { None } else { Some(index + 1) };
        let new = self.pages.advance(found)?;
        let sift = |found| self.filter.sift(found, Found::created_at);
        Ok(new.into_iter().filter_map(sift).map(|found| found.map_err(for_corti)).collect())
    }

    /// Goes on to the list of the next status; false where there is none.
    fn next_list(&mut self) -> bool {
        self.status = self.to_come.pop();
        self.next_index = Some(1);
        self.pages.restart();
        self.status.is_some()
    }
}

#[async_trait]
impl Walk for InteractionWalk {
    async fn next_page(&mut self) -> Result<Option<Page>, Error> {
        loop {
            if let Some(index) = self.next_index {
                return self.read_page(index).await.map(Some).map_err(for_corti);
            }
            if !self.next_list() {
                return Ok(None);
            }
        }
    }
}
