//! What belongs to an interaction. It is deleted first, one by one, because nothing of it can be looked at once the
//! interaction is gone, and whether it goes with it is documented nowhere.

mod wire;

use std::collections::HashSet;
use std::fmt;

use delete_core::vendor_kit::Collection;
use delete_core::{ConversationId, Deletion, Error, ErrorKind, Looks, Presence, Reader, RecordId};
use uuid::Uuid;

use crate::Client;
use crate::reader::for_corti;

/// A sort of record that belongs to an interaction and can be deleted by itself. Facts and codes cannot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChildKind {
    /// A transcript.
    Transcript,
    /// A recording.
    Recording,
    /// A document of the classic kind, which lies below its interaction.
    Document,
    /// A guided document (2026, beta), which does not, and names its interaction instead.
    GuidedDocument,
}

impl ChildKind {
    /// All of them, in the order in which they are deleted.
    pub const ALL: &'static [Self] = &[Self::Transcript, Self::Recording, Self::Document, Self::GuidedDocument];

    /// The name for machines: `transcript`, `recording`, `document`, `guided_document`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Transcript => "transcript",
            Self::Recording => "recording",
            Self::Document => "document",
            Self::GuidedDocument => "guided_document",
        }
    }

    /// For people, of several.
    const fn plural(self) -> &'static str {
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
    /// What it belongs to.
    pub fn interaction(&self) -> Uuid {
        self.interaction
    }

    /// What sort of record it is.
    pub fn kind(&self) -> ChildKind {
        self.kind
    }

    /// Its own id.
    pub fn id(&self) -> &RecordId {
        &self.id
    }
}

/// What became of an interaction and all that belongs to it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WithChildren {
    /// Each child that was found, in the order in which they were deleted, with what came of it.
    pub children: Vec<(Child, Result<Deletion, Error>)>,
    /// What came of the interaction. Where a child could not be found out or deleted, nothing was sent for it.
    pub interaction: Result<Deletion, Error>,
}

impl Client {
    /// What belongs to an interaction, in the order of [`ChildKind::ALL`].
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) when there is no such interaction; else why one of the lists could not be read.
    pub async fn children(&self, interaction: Uuid) -> Result<Vec<Child>, Error> {
        let mut children = Vec::new();
        for kind in ChildKind::ALL {
            children.extend(self.children_of_kind(interaction, *kind).await?);
        }
        Ok(children)
    }

    /// Deletes what was found by [`children`](Self::children).
    ///
    /// The outcome is [`Deleted`](crate::Outcome::Deleted) for 204; for a recording
    /// [`Acknowledged`](crate::Outcome::Acknowledged), because Corti answers the same for one that is not there; and
    /// [`Gone`](crate::Outcome::Gone) for one that is not there any more.
    ///
    /// # Errors
    /// As [`delete_interaction`](Self::delete_interaction), but for [`NotFound`](ErrorKind::NotFound).
    pub async fn delete_child(&self, child: &Child) -> Result<Deletion, Error> {
        let collection = self.children_place(child.interaction, child.kind)?;
        self.pipeline.delete_record(&collection, child.id.clone(), None, wire::delete(child.kind)).await
    }

    /// Deletes transcripts, recordings, documents and guided documents, and then the interaction itself. Each list is
    /// read again until it holds nothing new.
    ///
    /// Where a list cannot be read, or a child not be deleted, the rest of that sort is still tried, and the interaction
    /// is left as it is: its children could not be looked at any more. Call again to go on.
    ///
    /// # Cancellation
    /// Dropping the future leaves open what was deleted.
    pub async fn delete_with_children(&self, interaction: Uuid) -> WithChildren {
        self.delete_tree(interaction, None).await
    }

    /// As [`delete_with_children`](Self::delete_with_children), but the vendor's word for a child is not enough: its list
    /// is read again, as `looks` says, until it holds nothing. Where a child is still listed in the end, the interaction is
    /// left as it is.
    ///
    /// # Cancellation
    /// Dropping the future leaves open what was deleted.
    pub async fn delete_with_proven_children(&self, interaction: Uuid, looks: Looks) -> WithChildren {
        self.delete_tree(interaction, Some(looks)).await
    }

    async fn delete_tree(&self, interaction: Uuid, looks: Option<Looks>) -> WithChildren {
        let mut children = Vec::new();
        let mut is_gone = false;
        for kind in ChildKind::ALL {
            let deleted = match self.delete_kind(interaction, *kind, looks, &mut children).await {
                // There is no such interaction. Guided documents may be left of it all the same.
                Err(error) if error.kind() == ErrorKind::NotFound && !is_gone => {
                    is_gone = true;
                    self.confirm_gone(interaction).await.map_err(|error| left_alone(error, *kind))
                }
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
                deleted => deleted,
            };
            if let Err(error) = deleted {
                return WithChildren { children, interaction: Err(error.without_attempts()) };
            }
        }
        let interaction = self.delete_interaction(interaction).await;
        WithChildren { children, interaction }
    }

    /// Deletes all children of one sort. The error, if there is one, says why the interaction must stay.
    async fn delete_kind(
        &self,
        interaction: Uuid,
        kind: ChildKind,
        looks: Option<Looks>,
        told: &mut Vec<(Child, Result<Deletion, Error>)>,
    ) -> Result<(), Error> {
        let mut known = HashSet::new();
        let mut waits = looks.map(Looks::waits);
        loop {
            let listed = self.children_of_kind(interaction, kind).await.map_err(|error| left_alone(error, kind))?;
            if listed.is_empty() {
                return Ok(());
            }
            let new: Vec<Child> = listed.into_iter().filter(|child| known.insert(child.clone())).collect();
            if !new.is_empty() {
                self.delete_all_of(new, told).await.map_err(|error| left_alone(error, kind))?;
                continue;
            }
            let Some(waits) = &mut waits else { return Ok(()) };
            match waits.next() {
                Some(wait) => self.pipeline.clock().sleep(wait).await,
                None => return Err(left_alone(still_listed(), kind)),
            }
        }
    }

    /// Deletes these children, all of them, also where one fails. The error is that of the first that did.
    async fn delete_all_of(
        &self,
        children: Vec<Child>,
        told: &mut Vec<(Child, Result<Deletion, Error>)>,
    ) -> Result<(), Error> {
        let mut failure = None;
        for child in children {
            let result = self.delete_child(&child).await;
            failure = failure.or(result.as_ref().err().cloned());
            told.push((child, result));
        }
        failure.map_or(Ok(()), Err)
    }

    /// Makes sure that there is no such interaction where a list of its children says so: something on the way may have
    /// said it, and then children would be overlooked.
    pub(crate) async fn confirm_gone(&self, interaction: Uuid) -> Result<(), Error> {
        match self.presence(&interaction.into()).await {
            Presence::Absent => Ok(()),
            Presence::Present { .. } => {
                let message = "a list says that there is no such interaction, and a look at it shows it";
                Err(for_corti(Error::unexpected_answer(message).with_status(Some(404))))
            }
            Presence::Unknown(error) => Err(error),
        }
    }

    pub(crate) async fn children_of_kind(&self, interaction: Uuid, kind: ChildKind) -> Result<Vec<Child>, Error> {
        let place = self.children_place(interaction, kind)?.with_slash();
        let query = wire::list_query(interaction, kind);
        let page: wire::ChildPage = self.pipeline.read_page(&place, &query, wire::list(kind)).await?;
        if kind == ChildKind::GuidedDocument && !page.tells_interactions() {
            self.confirm_narrowed(interaction).await?;
        }
        let ids = page.ids(interaction).map_err(for_corti)?;
        let child = |id: &str| Ok(Child { interaction, kind, id: child_id(id)? });
        ids.map(child).collect::<Result<_, Error>>().map_err(for_corti)
    }

    /// Makes sure that the list of guided documents is narrowed to an interaction, where its items do not say of which they
    /// are: for one that nobody has, it must be empty. Else the documents of all would be deleted.
    async fn confirm_narrowed(&self, interaction: Uuid) -> Result<(), Error> {
        let kind = ChildKind::GuidedDocument;
        let nobodys = Uuid::from_u128(!interaction.as_u128());
        let place = self.children_place(nobodys, kind)?.with_slash();
        let page: wire::ChildPage =
            self.pipeline.read_page(&place, &wire::list_query(nobodys, kind), wire::list(kind)).await?;
        match page.ids(nobodys).map_err(for_corti)?.next() {
            None => Ok(()),
            Some(_) => Err(for_corti(Error::unexpected_answer("the list is the same for every interaction"))),
        }
    }

    pub(crate) async fn transcript(&self, transcript: &Child) -> Result<wire::Transcript, Error> {
        let place = self.children_place(transcript.interaction, ChildKind::Transcript)?;
        self.pipeline.read_record(&place.with_suffix(wire::STATUS), &transcript.id, wire::list(transcript.kind)).await
    }

    fn children_place(&self, interaction: Uuid, kind: ChildKind) -> Result<Collection, Error> {
        let below = |name| self.interactions.below(&interaction.into(), name).map_err(for_corti);
        match kind {
            ChildKind::Transcript => below(wire::TRANSCRIPTS),
            ChildKind::Recording => below(wire::RECORDINGS),
            ChildKind::Document => below(wire::DOCUMENTS),
            ChildKind::GuidedDocument => Ok(self.documents.clone()),
        }
    }
}

/// Ids of children are UUIDs as far as is seen; nothing says that all are.
fn child_id(id: &str) -> Result<RecordId, Error> {
    match Uuid::try_parse(id) {
        Ok(uuid) => Ok(uuid.into()),
        Err(_) => ConversationId::new(id)
            .map(RecordId::from)
            .map_err(|_| Error::unexpected_answer("the list holds something without a usable id")),
    }
}

fn still_listed() -> Error {
    for_corti(Error::unexpected_answer("what Corti says it deleted is still listed"))
}

fn left_alone(error: Error, kind: ChildKind) -> Error {
    error.about(&format!("its {} are not all deleted, so it was left as it is", kind.plural()))
}
