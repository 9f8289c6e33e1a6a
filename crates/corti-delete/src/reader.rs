use async_trait::async_trait;
use delete_core::vendor_kit::ErrorExt;
use delete_core::{
    ClockSkew, CredentialCheck, Error, ErrorKind, Listing, Presence, RecordId, RecordReader, Status, Vendor,
};
use uuid::Uuid;

use crate::children::ChildKind;
use crate::client::Client;
use crate::filter::Filter;
use crate::list::InteractionPager;
use crate::wire;

#[async_trait]
impl RecordReader for Client {
    fn vendor(&self) -> Vendor {
        wire::VENDOR
    }

    /// See [`Client::list`], which can also list by status.
    fn list(&self, filter: &delete_core::Filter) -> Result<Listing, Error> {
        self.list(&filter.clone().into())
    }

    /// An interaction is absent if Corti reports in its own words that it does not exist: it is missing, deleted, or
    /// belongs to another client, tenant or environment. Any other 404, such as an empty one, comes from a gateway or a
    /// wrong base URL: then the presence is unknown.
    async fn lookup(&self, id: &RecordId) -> Presence {
        self.interaction(id).await.map(|interaction| interaction.status()).into()
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

    fn clock_skew(&self) -> Option<ClockSkew> {
        self.pipeline.clock_skew()
    }
}

impl Client {
    /// Lists the oldest interactions first, so that new ones come at the end. Each wanted status is a list of its own;
    /// without a status, one list has all. If somebody else deletes interactions at the same time, later ones move to
    /// pages that were already read, and can be left out: list again.
    ///
    /// An interaction whose id is not a UUID is reported as an error, and the listing goes on.
    ///
    /// The status is that of the encounter, including "deleted", a label that anybody can set and that deletes nothing.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] for a filter that cannot match, or a status that Corti does not have; then nothing is
    /// sent. All other errors come from the [`Listing`].
    pub fn list(&self, filter: &Filter) -> Result<Listing, Error> {
        let times = self.pipeline.begin_listing(&filter.times)?;
        filter.check().for_vendor(wire::VENDOR)?;
        let filter = Filter { times: times.clone(), ..filter.clone() };
        Ok(self.pipeline.listing(&times, InteractionPager::new(self.clone(), filter)))
    }

    async fn interaction(&self, id: &RecordId) -> Result<wire::Interaction, Error> {
        let uuid = interaction_id(id)?;
        let interaction: wire::Interaction = self.pipeline.read_record(&self.interactions, id, &wire::GET).await?;
        match interaction.is(uuid) {
            true => Ok(interaction),
            false => Err(wire::unexpected("the response does not show this interaction")),
        }
    }

    pub(crate) async fn page(
        &self,
        index: u64,
        size: usize,
        status: Option<&Status>,
    ) -> Result<wire::InteractionPage, Error> {
        let query = wire::page_query(index, size, status);
        self.pipeline.read_page(&self.interactions.clone().with_slash(), &query, &wire::LIST).await
    }
}

fn interaction_id(id: &RecordId) -> Result<Uuid, Error> {
    id.try_uuid().for_vendor(wire::VENDOR)
}
