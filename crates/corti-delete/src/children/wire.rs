//! The wire format of an interaction's children.
//!
//! Sources: the vendor's API reference; its tests against the live API for the response to an unknown child; its error
//! catalogue for the codes; the serializer of its JavaScript SDK for the list of guided documents.

use std::collections::HashMap;

use delete_core::vendor_kit::{BufferedResponse, ResponseRules, VendorError, Verdict};
use delete_core::{Error, ErrorKind, Outcome, Status};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use uuid::Uuid;

use super::ChildKind;
use crate::wire::{DELETE, GET, LIST, is_not_found, override_by_code, read_json};

pub(super) const TRANSCRIPTS: &str = "transcripts";
pub(super) const RECORDINGS: &str = "recordings";
pub(super) const DOCUMENTS: &str = "documents";
/// What follows a transcript's id.
pub(super) const STATUS: &str = "status";

/// Guided documents are not below their interaction.
pub(super) fn list_query(interaction: Uuid, kind: ChildKind) -> Vec<(&'static str, String)> {
    match kind {
        ChildKind::GuidedDocument => vec![("interactionId", interaction.to_string())],
        _ => Vec::new(),
    }
}

/// An id of the same version and variant with all other bits inverted, which nobody has.
pub(super) fn interaction_of_nobody(interaction: Uuid) -> Uuid {
    Uuid::from_u128(interaction.as_u128() ^ 0xffff_ffff_ffff_0fff_3fff_ffff_ffff_ffff)
}

/// "All answer 404 when the interaction does not exist." A 404 for guided documents, which have a route of their own,
/// reports nothing about the interaction.
pub(super) fn list(kind: ChildKind) -> &'static ResponseRules {
    match kind {
        ChildKind::GuidedDocument => &LIST,
        _ => &GET,
    }
}

pub(super) fn delete(kind: ChildKind) -> &'static ResponseRules {
    match kind {
        ChildKind::Recording => &DELETE_RECORDING,
        _ => &DELETE_CHILD,
    }
}

/// Reads one child. Corti reports in its own words that it, or its interaction, does not exist.
pub(super) const GET_CHILD: ResponseRules = ResponseRules { override_by_code: child_by_code, ..GET };

const DELETE_CHILD: ResponseRules = ResponseRules { override_by_code: child_by_code, ..DELETE };

/// The vendor's tests expect a 2xx, also for a recording that does not exist.
const DELETE_RECORDING: ResponseRules = ResponseRules {
    classify_success: |response| match response.status() {
        204 => Verdict::Done(Outcome::Acknowledged),
        200 if !is_denial(response) => ResponseRules::read_success(response),
        _ => Verdict::Fail(ErrorKind::UnexpectedResponse),
    },
    ..DELETE_CHILD
};

/// The codes of the catalogue for what does not exist: interaction, document, recording, transcript.
const NOT_FOUND: &[&str] = &["A0007", "A0009", "A0011", "A0012"];

fn child_by_code(response: &BufferedResponse, error: &VendorError) -> Option<Verdict> {
    match response.status() {
        404 if is_not_found(response, NOT_FOUND) => Some(Verdict::Absent),
        _ => override_by_code(response, error),
    }
}

/// Whether a 200 has a body that is not the one of a success: an error, `false`, or anything else but an object or null.
fn is_denial(response: &BufferedResponse) -> bool {
    let body = read_json(response);
    let has_error = || ["error", "errors", "detail", "details", "requestid"].iter().any(|key| !body[key].is_null());
    let is_negative = || ["success", "ok"].iter().any(|key| body[key] == false);
    !(body.is_null() || body.is_object()) || has_error() || is_negative()
}

/// A list of children: `{"recordings": ["…"]}`, `{"transcripts": [{"id": "…"}]}`, where it may be null,
/// `{"data": [{"id": "…"}]}`; for guided documents a bare array `[{"id": "…", "interactionId": "…"}]`. Only the id of each
/// item and the interaction that it names are kept.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum ChildPage {
    Array(Vec<Item>),
    Object(HashMap<String, Member>),
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Member {
    List(Option<Vec<Item>>),
    Other(IgnoredAny),
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Item {
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

    /// Whether it belongs to this interaction, if it names one.
    fn is_of(&self, wanted: Uuid) -> bool {
        match self {
            Self::Object { interaction: Some(own), .. } => own.as_str().map(Uuid::try_parse) == Some(Ok(wanted)),
            _ => true,
        }
    }
}

impl ChildPage {
    /// Whether each item names the interaction that it belongs to. In the vendor's SDK it may be null.
    pub(super) fn names_interactions(&self, kind: ChildKind) -> bool {
        let names = |item: &Item| matches!(item, Item::Object { interaction: Some(_), .. });
        self.items(kind).into_iter().flatten().all(names)
    }

    /// The ids of this interaction's children. An unknown form is not an empty list, and a list that holds a child of
    /// another interaction was not narrowed to this one.
    pub(super) fn ids(&self, interaction: Uuid, kind: ChildKind) -> Result<Vec<&str>, Error> {
        let Some(items) = self.items(kind) else {
            return Err(Error::unexpected_response("the response does not hold a list of a known form"));
        };
        if !items.iter().all(|item| item.is_of(interaction)) {
            return Err(Error::unexpected_response("the list holds a record of another interaction"));
        }
        Ok(items.iter().map(Item::id).collect())
    }

    /// `None` unless there is one list, under its own name or `data`. Only that of transcripts is documented to be null.
    fn items(&self, kind: ChildKind) -> Option<&[Item]> {
        let members = match self {
            Self::Array(items) => return (kind == ChildKind::GuidedDocument).then_some(items),
            Self::Object(members) => members,
        };
        let mut lists =
            ["data", TRANSCRIPTS, RECORDINGS, DOCUMENTS].into_iter().filter(|name| members.contains_key(*name));
        let name = lists.next().filter(|name| lists.next().is_none() && ["data", list_name(kind)].contains(name))?;
        match members.get(name)? {
            Member::List(Some(items)) => Some(items),
            Member::List(None) if kind == ChildKind::Transcript => Some(&[]),
            Member::List(None) | Member::Other(_) => None,
        }
    }
}

fn list_name(kind: ChildKind) -> &'static str {
    match kind {
        ChildKind::Transcript => TRANSCRIPTS,
        ChildKind::Recording => RECORDINGS,
        ChildKind::Document | ChildKind::GuidedDocument => DOCUMENTS,
    }
}

/// What is kept of a transcript's status.
#[derive(Deserialize)]
pub(crate) struct Transcript {
    status: Option<Value>,
}

impl Transcript {
    /// `processing`, `completed`, `failed`. Anything but the last two, or nothing at all, may still be written.
    pub(crate) fn active_status(&self) -> Option<Status> {
        let status = self.status.as_ref().and_then(Value::as_str).unwrap_or("unknown");
        match Status::from_word(status) {
            Status::Completed | Status::Failed => None,
            status => Some(status),
        }
    }
}
