mod kind;
mod wire;

use delete_core::vendor_kit::{Collection, ErrorExt};
use delete_core::{ConversationId, Deletion, Error, ErrorKind, Presence, RecordId, RecordReader, RecordUuid, Status};
use uuid::Uuid;

use crate::client::Client;
use crate::wire::{VENDOR, contradiction, unexpected};
pub use kind::ChildKind;
pub(crate) use wire::ChildList;

/// A record that belongs to an interaction.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Child {
    interaction: Uuid,
    kind: ChildKind,
    id: RecordId,
}

impl Child {
    /// Returns the id of its interaction.
    pub fn interaction(&self) -> Uuid {
        self.interaction
    }

    /// Returns its kind.
    pub fn kind(&self) -> ChildKind {
        self.kind
    }

    /// Returns its own id, as Corti spells it.
    pub fn id(&self) -> &RecordId {
        &self.id
    }
}

impl Client {
    /// Lists the children of an interaction, in the order of [`ChildKind::ALL`].
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) if Corti reports that the interaction does not exist; otherwise the first
    /// failure to read a list.
    pub async fn children(&self, interaction: impl Into<RecordUuid>) -> Result<Vec<Child>, Error> {
        let interaction = interaction.into().into();
        let mut children = Vec::new();
        for &kind in ChildKind::ALL {
            children.extend(self.children_of_kind(interaction, kind).await?);
        }
        Ok(children)
    }

    /// Deletes a child that [`children`](Self::children) listed.
    ///
    /// 204 is [`Deleted`](crate::Outcome::Deleted), but for a recording [`Acknowledged`](crate::Outcome::Acknowledged):
    /// Corti responds alike if it does not exist. Not found after an ambiguous attempt is [`Gone`](crate::Outcome::Gone).
    ///
    /// # Errors
    /// As for [`delete_interaction`](Self::delete_interaction), except that a 404 without a body is an
    /// [`UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse).
    pub async fn delete_child(&self, child: &Child) -> Result<Deletion, Error> {
        let collection = self.child_collection(child.interaction, child.kind)?;
        self.pipeline.delete_record(&collection, child.id.clone(), None, wire::delete(child.kind)).await
    }

    pub(crate) async fn children_of_kind(&self, interaction: Uuid, kind: ChildKind) -> Result<Vec<Child>, Error> {
        let list = self.child_list(interaction, kind).await?;
        self.children_on(list, interaction, kind).await
    }

    pub(crate) async fn child_list(&self, interaction: Uuid, kind: ChildKind) -> Result<ChildList, Error> {
        let collection = self.child_collection(interaction, kind)?.with_slash();
        let query = wire::list_query(interaction, kind);
        let page = self.pipeline.read_page(&collection, &query, wire::list(kind)).await?;
        ChildList::read(&page, interaction, kind)
    }

    /// Returns the children in a list, after making sure that all of them belong to this interaction.
    pub(crate) async fn children_on(
        &self,
        list: ChildList,
        interaction: Uuid,
        kind: ChildKind,
    ) -> Result<Vec<Child>, Error> {
        if kind == ChildKind::GuidedDocument && !list.names_interactions {
            self.confirm_filtered(interaction).await?;
        }
        let child = |id: &String| Ok(Child { interaction, kind, id: child_id(id, kind)? });
        list.ids.iter().map(child).collect()
    }

    /// Fails if the server ignores the filter: it must list no guided documents for an interaction that does not exist.
    async fn confirm_filtered(&self, interaction: Uuid) -> Result<(), Error> {
        let list = self.child_list(wire::probe_id(interaction), ChildKind::GuidedDocument).await?;
        match list.ids.is_empty() {
            true => Ok(()),
            false => Err(unexpected("the list is the same for every interaction")),
        }
    }

    /// Fails unless a lookup confirms what a list reports: that the interaction does not exist.
    pub(crate) async fn confirm_gone(&self, interaction: Uuid) -> Result<(), Error> {
        match self.lookup(&interaction.into()).await {
            Presence::Absent => Ok(()),
            Presence::Present { .. } => {
                let message = "a list reports that the interaction does not exist, but a lookup shows it";
                Err(contradiction(404, message))
            }
            Presence::Unknown(error) => Err(error),
        }
    }

    /// Returns the status of a transcript that may still be written; `None` if it is complete or does not exist.
    pub(crate) async fn active_transcript_status(&self, transcript: &Child) -> Result<Option<Status>, Error> {
        let statuses = self.child_collection(transcript.interaction, ChildKind::Transcript)?.with_suffix("status");
        match self.pipeline.read_record(&statuses, &transcript.id, &wire::GET_CHILD).await {
            Ok(transcript) => Ok(wire::active_status(&transcript)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn child_collection(&self, interaction: Uuid, kind: ChildKind) -> Result<Collection, Error> {
        match kind {
            ChildKind::GuidedDocument => Ok(self.documents.clone()),
            _ => self.interactions.child_collection(&interaction.into(), wire::list_name(kind)).for_vendor(VENDOR),
        }
    }
}

/// The ids that were seen are UUIDs, but nothing documents it: any other spelling is sent byte for byte.
fn child_id(id: &str, kind: ChildKind) -> Result<RecordId, Error> {
    match Uuid::try_parse(id) {
        Ok(uuid) if uuid.to_string() == id => Ok(uuid.into()),
        _ => ConversationId::new(id)
            .map(RecordId::from)
            .map_err(|_| unexpected(format!("one of the {} in the list has an id that cannot be sent", kind.plural()))),
    }
}
