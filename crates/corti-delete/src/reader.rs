use async_trait::async_trait;
use delete_core::vendor_kit::ErrorExt;
use delete_core::{CredentialCheck, Error, ErrorKind, Listing, Presence, RecordId, RecordReader, Status};
use serde_json::Value;

use crate::children::ChildKind;
use crate::client::Client;
use crate::list::InteractionPager;
use crate::{Filter, status, wire};

impl Client {
    /// Lists interactions from the oldest to the newest, in one list for each wanted status.
    ///
    /// If another client deletes interactions in the meantime, later ones move to pages that were already read, and may be
    /// missing: list again. An interaction without a usable id is an error in the listing, which continues.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) if no interaction can match the filter, or if Corti does not have one of
    /// the statuses. All other errors come from the [`Listing`].
    pub fn list(&self, filter: &Filter) -> Result<Listing, Error> {
        status::check(filter.statuses()).for_vendor(wire::VENDOR)?;
        let filter = self.pipeline.begin_status_listing(filter)?;
        Ok(self.pipeline.listing(filter.times(), InteractionPager::new(self.clone(), filter.clone())))
    }

    pub(crate) async fn page(&self, index: u64, size: usize, status: Option<&Status>) -> Result<Vec<Value>, Error> {
        let (interactions, query) = (self.interactions.clone().with_slash(), wire::page_query(index, size, status));
        let page: wire::InteractionPage = self.pipeline.read_page(&interactions, &query, &wire::LIST).await?;
        Ok(page.interactions)
    }

    async fn interaction(&self, id: &RecordId) -> Result<Value, Error> {
        let uuid = id.try_uuid().for_vendor(wire::VENDOR)?;
        let interaction = self.pipeline.read_record(&self.interactions, id, &wire::GET).await?;
        match wire::uuid(&interaction) == Some(uuid) {
            true => Ok(interaction),
            false => Err(wire::unexpected("the response does not show this interaction")),
        }
    }
}

#[async_trait]
impl RecordReader for Client {
    delete_core::reader_methods!(wire::VENDOR, Filter);

    /// Absent is only a 404 in Corti's own words, also for an interaction of another client, tenant or environment.
    async fn lookup(&self, id: &RecordId) -> Presence {
        self.interaction(id).await.map(|interaction| wire::status(&interaction)).into()
    }

    /// Returns `processing` while Corti produces a transcript of the interaction, which goes on after the recording. The
    /// status of the encounter does not show it.
    ///
    /// [`NotFound`](ErrorKind::NotFound) requires Corti's own words from both the list of transcripts and the interaction.
    async fn active_status(&self, id: &RecordId) -> Result<Option<Status>, Error> {
        let interaction = id.try_uuid().for_vendor(wire::VENDOR)?;
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

    /// Checks that the client may read, and what the token's claims show: tenant, environment and whether it may delete.
    async fn check_credential(&self) -> Result<CredentialCheck, Error> {
        let page = self.page(1, 1, None).await?;
        let mut checked = CredentialCheck::new(self.interactions.to_string(), !page.is_empty());
        checked.may_delete = self.token_claims.may_delete();
        checked.confirmed = self.token_claims.confirmed();
        Ok(checked)
    }
}
