//! The records that belong to an interaction. They are deleted before it, one by one: none of them can be looked up once
//! the interaction is gone, and no source documents whether they are deleted with it.

mod wire;

use std::fmt;

use delete_core::vendor_kit::Collection;
use delete_core::{ConversationId, Deletion, Error, ErrorKind, Presence, RecordId, RecordReader};
use uuid::Uuid;

use crate::Client;
use crate::reader::for_corti;
pub(crate) use wire::ChildPage;

/// A kind of record that belongs to an interaction and has a delete call of its own. Facts and codes have none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChildKind {
    /// A transcript.
    Transcript,
    /// A recording.
    Recording,
    /// A document of the classic kind, which is below its interaction.
    Document,
    /// A guided document (2026, beta), which is not below its interaction, but names it.
    GuidedDocument,
}

impl ChildKind {
    /// All kinds, in the order in which they are deleted.
    pub const ALL: &'static [Self] = &[Self::Transcript, Self::Recording, Self::Document, Self::GuidedDocument];

    /// Returns the name for machines: `transcript`, `recording`, `document`, `guided_document`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Transcript => "transcript",
            Self::Recording => "recording",
            Self::Document => "document",
            Self::GuidedDocument => "guided_document",
        }
    }

    /// Returns the name for people, of several.
    pub(crate) const fn plural(self) -> &'static str {
        match self {
            Self::Transcript => "transcripts",
            Self::Recording => "recordings",
            Self::Document => "documents",
            Self::GuidedDocument => "guided documents",
        }
    }
}

impl fmt::Display for ChildKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A record that belongs to an interaction.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Child {
    interaction: Uuid,
    kind: ChildKind,
    id: RecordId,
}

impl Child {
    /// Returns the interaction that it belongs to.
    pub fn interaction(&self) -> Uuid {
        self.interaction
    }

    /// Returns its kind.
    pub fn kind(&self) -> ChildKind {
        self.kind
    }

    /// Returns its own id, which is sent byte for byte as it was listed.
    pub fn id(&self) -> &RecordId {
        &self.id
    }
}

impl Client {
    /// Lists the children of an interaction, in the order of [`ChildKind::ALL`].
    ///
    /// # Errors
    /// [`NotFound`](crate::ErrorKind::NotFound) if Corti reports that the interaction does not exist; otherwise the reason why
    /// one of the lists could not be read.
    pub async fn children(&self, interaction: Uuid) -> Result<Vec<Child>, Error> {
        let mut children = Vec::new();
        for kind in ChildKind::ALL {
            children.extend(self.children_of_kind(interaction, *kind).await?);
        }
        Ok(children)
    }

    /// Deletes a child that [`children`](Self::children) listed.
    ///
    /// The outcome is [`Deleted`](crate::Outcome::Deleted) for 204. For a recording it is
    /// [`Acknowledged`](crate::Outcome::Acknowledged), because Corti responds in the same way if the recording does not
    /// exist. It is [`Gone`](crate::Outcome::Gone) if the child does not exist after an ambiguous attempt.
    ///
    /// # Errors
    /// As for [`delete_interaction`](Self::delete_interaction), except that an empty 404 is an
    /// [`UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse).
    pub async fn delete_child(&self, child: &Child) -> Result<Deletion, Error> {
        let collection = self.child_collection(child.interaction, child.kind)?;
        self.pipeline.delete_record(&collection, child.id.clone(), None, wire::delete(child.kind)).await
    }

    pub(crate) async fn children_of_kind(&self, interaction: Uuid, kind: ChildKind) -> Result<Vec<Child>, Error> {
        let page = self.child_page(interaction, kind).await?;
        self.children_on(&page, interaction, kind).await
    }

    pub(crate) async fn child_page(&self, interaction: Uuid, kind: ChildKind) -> Result<ChildPage, Error> {
        let collection = self.child_collection(interaction, kind)?.with_slash();
        self.pipeline.read_page(&collection, &wire::list_query(interaction, kind), wire::list(kind)).await
    }

    /// Returns the children on a page, once it is certain that all of them belong to this interaction.
    pub(crate) async fn children_on(
        &self,
        page: &ChildPage,
        interaction: Uuid,
        kind: ChildKind,
    ) -> Result<Vec<Child>, Error> {
        let ids = page.ids(interaction, kind).map_err(for_corti)?;
        if kind == ChildKind::GuidedDocument && !page.names_interactions(kind) {
            self.confirm_narrowed(interaction).await?;
        }
        let child = |id: &str| Ok(Child { interaction, kind, id: child_id(id, kind)? });
        ids.into_iter().map(child).collect()
    }

    /// Makes sure that the list of guided documents is narrowed to an interaction, if its items do not name theirs: for an
    /// interaction that nobody has, it must be empty. Otherwise the documents of all interactions would be deleted.
    async fn confirm_narrowed(&self, interaction: Uuid) -> Result<(), Error> {
        let kind = ChildKind::GuidedDocument;
        let nobodys = wire::interaction_of_nobody(interaction);
        let page = self.child_page(nobodys, kind).await?;
        match page.ids(nobodys, kind).map_err(for_corti)?.is_empty() {
            true => Ok(()),
            false => Err(for_corti(Error::unexpected_response("the list is the same for every interaction"))),
        }
    }

    /// Makes sure that the interaction does not exist, after a list of its children reported so: if the list is wrong,
    /// children would be overlooked.
    pub(crate) async fn confirm_gone(&self, interaction: Uuid) -> Result<(), Error> {
        match self.lookup(&interaction.into()).await {
            Presence::Absent => Ok(()),
            Presence::Present { .. } => {
                let message = "a list reports that the interaction does not exist, but a lookup shows it";
                Err(for_corti(Error::builder(ErrorKind::UnexpectedResponse, message).for_reading().status(404).build()))
            }
            Presence::Unknown(error) => Err(error),
        }
    }

    pub(crate) async fn transcript(&self, transcript: &Child) -> Result<wire::Transcript, Error> {
        let collection = self.child_collection(transcript.interaction, ChildKind::Transcript)?;
        self.pipeline.read_record(&collection.with_suffix(wire::STATUS), &transcript.id, &wire::GET_CHILD).await
    }

    fn child_collection(&self, interaction: Uuid, kind: ChildKind) -> Result<Collection, Error> {
        let below = |name| self.interactions.below(&interaction.into(), name).map_err(for_corti);
        match kind {
            ChildKind::Transcript => below(wire::TRANSCRIPTS),
            ChildKind::Recording => below(wire::RECORDINGS),
            ChildKind::Document => below(wire::DOCUMENTS),
            ChildKind::GuidedDocument => Ok(self.documents.clone()),
        }
    }
}

/// Ids of children are UUIDs as far as they have been seen, but no source says that all are. Another spelling than the
/// canonical one is sent as it is: it may be an opaque id.
fn child_id(id: &str, kind: ChildKind) -> Result<RecordId, Error> {
    match Uuid::try_parse(id) {
        Ok(uuid) if uuid.to_string() == id => Ok(uuid.into()),
        _ => ConversationId::new(id).map(RecordId::from).map_err(|_| {
            let message = format!("one of the {} in the list has an id that cannot be sent", kind.plural());
            for_corti(Error::unexpected_response(message))
        }),
    }
}
