//! What goes over the wire for an interaction's children.
//!
//! Sources: the vendor's API reference; its tests against the live API for what an unknown child answers; its error
//! catalogue for the codes. The form of the list of guided documents is not documented.

use delete_core::vendor_kit::{Answer, Content, Dialect, VendorError, Verdict};
use delete_core::{Error, Outcome, Status};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use uuid::Uuid;

use super::ChildKind;
use crate::wire::{DELETE, GET};

pub(super) const TRANSCRIPTS: &str = "transcripts";
pub(super) const RECORDINGS: &str = "recordings";
pub(super) const DOCUMENTS: &str = "documents";
/// What follows a transcript's id.
pub(super) const STATUS: &str = "status";

/// Guided documents do not lie below their interaction.
pub(super) fn list_query(interaction: Uuid, kind: ChildKind) -> Vec<(&'static str, String)> {
    match kind {
        ChildKind::GuidedDocument => vec![("interactionId", interaction.to_string())],
        _ => Vec::new(),
    }
}

/// "All answer 404 when the interaction does not exist." A 404 for the guided documents, which have a place of their own,
/// says nothing of the interaction.
pub(super) fn list(kind: ChildKind) -> &'static Dialect {
    match kind {
        ChildKind::GuidedDocument => &crate::wire::LIST,
        _ => &GET,
    }
}

pub(super) fn delete(kind: ChildKind) -> &'static Dialect {
    match kind {
        ChildKind::Recording => &DELETE_RECORDING,
        _ => &DELETE_CHILD,
    }
}

const DELETE_CHILD: Dialect = Dialect { by_code, ..DELETE };

/// 2xx, also for a recording that is not there.
const DELETE_RECORDING: Dialect = Dialect { success: |_| Verdict::Done(Outcome::Acknowledged), ..DELETE_CHILD };

/// A child was seen a moment before, so one that is not found was removed by somebody.
fn by_code(answer: &Answer, error: &VendorError) -> Option<Verdict> {
    let has_own_code = ["A0007", "A0009", "A0011", "A0012"].iter().any(|code| error.has_code(code));
    let is_own_object = error.request_id.is_some() && error.message.is_some() && error.codes.is_empty();
    let is_own = answer.content() == Content::Json && (has_own_code || is_own_object);
    match answer.status() {
        404 if is_own => Some(Verdict::Done(Outcome::Gone)),
        404 => None,
        _ => (DELETE.by_code)(answer, error),
    }
}

/// A list of children: `{"recordings": ["…"]}`, `{"transcripts": [{"id": "…"}]}`, where it may be null,
/// `{"data": [{"id": "…"}]}`. Of each, the id alone is kept, and what it says of where it belongs.
#[derive(Deserialize)]
pub(super) struct ChildPage {
    #[serde(
        default,
        alias = "recordings",
        alias = "transcripts",
        alias = "documents",
        deserialize_with = "null_is_empty"
    )]
    data: Option<Vec<Item>>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Item {
    Id(String),
    Object {
        id: String,
        #[serde(rename = "interactionId")]
        interaction: Option<Value>,
    },
}

impl Item {
    fn id(&self) -> &str {
        match self {
            Self::Id(id) | Self::Object { id, .. } => id,
        }
    }

    /// Whether it belongs to this interaction, as far as it says.
    fn is_of(&self, wanted: Uuid) -> bool {
        match self {
            Self::Object { interaction: Some(own), .. } => own.as_str().map(Uuid::try_parse) == Some(Ok(wanted)),
            _ => true,
        }
    }
}

impl ChildPage {
    /// Whether each item says to which interaction it belongs.
    pub(super) fn tells_interactions(&self) -> bool {
        let tells = |item: &Item| matches!(item, Item::Object { interaction: Some(_), .. });
        self.data.iter().flatten().all(tells)
    }

    /// The ids of this interaction's children. A list of no known form is not an empty one, and one that holds what
    /// belongs to another interaction was not narrowed to this one.
    pub(super) fn ids(&self, interaction: Uuid) -> Result<impl Iterator<Item = &str>, Error> {
        let Some(items) = &self.data else {
            return Err(Error::unexpected_answer("the answer holds no list that is known"));
        };
        if !items.iter().all(|item| item.is_of(interaction)) {
            return Err(Error::unexpected_answer("the list holds what belongs to another interaction"));
        }
        Ok(items.iter().map(Item::id))
    }
}

fn null_is_empty<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<Item>>, D::Error> {
    Ok(Some(Option::deserialize(deserializer)?.unwrap_or_default()))
}

/// What is kept of a transcript's status.
#[derive(Deserialize)]
pub(crate) struct Transcript {
    status: Option<Value>,
}

impl Transcript {
    /// `processing`, `completed`, `failed`. Anything else than the last two, and no word at all, may still be written.
    pub(crate) fn live_status(&self) -> Option<Status> {
        let status = self.status.as_ref().and_then(Value::as_str).unwrap_or("unknown");
        match Status::from_word(status) {
            Status::Completed | Status::Failed => None,
            status => Some(status),
        }
    }
}
