//! The wire format of the children.
//!
//! Sources: Corti's API reference; its tests against the live API (an unknown child); its error catalogue (codes); its
//! JavaScript SDK (the list of guided documents).

use delete_core::vendor_kit::{self, BufferedResponse, ResponseRules, VendorError, Verdict};
use delete_core::{Error, Outcome, Status};
use serde_json::Value;
use uuid::Uuid;

use super::kind::ChildKind;
use crate::status;
use crate::wire::{DELETE, GET, LIST, is_not_found, override_by_code, unexpected};

/// The name of the collection, and of the list in its response.
pub(super) fn list_name(kind: ChildKind) -> &'static str {
    match kind {
        ChildKind::Transcript => "transcripts",
        ChildKind::Recording => "recordings",
        ChildKind::Document | ChildKind::GuidedDocument => "documents",
    }
}

pub(super) fn list_query(interaction: Uuid, kind: ChildKind) -> Vec<(&'static str, String)> {
    match kind {
        ChildKind::GuidedDocument => vec![("interactionId", interaction.to_string())],
        _ => Vec::new(),
    }
}

/// An id that no interaction has: that of `interaction`, with all bits but version and variant inverted.
pub(super) fn probe_id(interaction: Uuid) -> Uuid {
    Uuid::from_u128(interaction.as_u128() ^ 0xffff_ffff_ffff_0fff_3fff_ffff_ffff_ffff)
}

/// A 404 on the route of guided documents reports nothing about the interaction.
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

pub(super) const GET_CHILD: ResponseRules = ResponseRules { override_by_code: child_by_code, ..GET };

const DELETE_CHILD: ResponseRules = ResponseRules { override_by_code: child_by_code, ..DELETE };

/// The vendor's tests expect a 2xx, also for a recording that does not exist.
const DELETE_RECORDING: ResponseRules = ResponseRules {
    classify_success: |response| match response.status() {
        204 => Verdict::Done(Outcome::Acknowledged),
        200 if !is_denial(response) => match ResponseRules::read_success(response) {
            Verdict::Ok => Verdict::Done(Outcome::Acknowledged),
            verdict => verdict,
        },
        _ => Verdict::UNEXPECTED,
    },
    ..DELETE_CHILD
};

/// The codes for an interaction, document, recording or transcript that does not exist.
const NOT_FOUND: &[&str] = &["A0007", "A0009", "A0011", "A0012"];

fn child_by_code(response: &BufferedResponse, error: &VendorError) -> Option<Verdict> {
    match response.status() {
        404 if is_not_found(response, NOT_FOUND) => Some(Verdict::Absent),
        _ => override_by_code(response, error),
    }
}

/// Whether the body of a 200 reports an error, or is neither an object nor null.
fn is_denial(response: &BufferedResponse) -> bool {
    let body: Value = response.json();
    let has_error =
        || ["error", "errors", "detail", "details", "fault", "requestid"].iter().any(|key| !body[key].is_null());
    let has_error_code =
        || ["status", "statusCode", "status_code", "code"].iter().any(|key| body[key].as_u64() >= Some(400));
    let is_negative = || ["success", "ok"].iter().any(|key| !matches!(body[key], Value::Null | Value::Bool(true)));
    !(body.is_null() || body.is_object()) || has_error() || has_error_code() || is_negative()
}

/// A list of children.
pub(crate) struct ChildList {
    pub(super) ids: Vec<String>,
    /// Whether each item names its interaction. In the vendor's SDK the field may be null.
    pub(super) names_interactions: bool,
}

impl ChildList {
    /// Reads `{"recordings": ["…"]}`, `{"transcripts": [{"id": "…"}]}` or null, `{"data": [{"id": "…"}]}`; for guided
    /// documents also `[{"id": "…", "interactionId": "…"}]`.
    ///
    /// A child of another interaction is an error: it shows that the list was not filtered.
    pub(super) fn read(page: &Value, interaction: Uuid, kind: ChildKind) -> Result<Self, Error> {
        let unknown_form = || unexpected("the response does not hold a list of a known form");
        let items = items(page, kind).ok_or_else(unknown_form)?;
        let ids = items.iter().map(item_id).collect::<Option<_>>().ok_or_else(unknown_form)?;
        let owners = || items.iter().map(|item| item.get("interactionId").filter(|owner| !owner.is_null()));
        let is_other = |owner: &Value| owner.as_str().map(Uuid::try_parse) != Some(Ok(interaction));
        if owners().flatten().any(is_other) {
            return Err(unexpected("the list holds a record of another interaction"));
        }
        Ok(Self { ids, names_interactions: owners().all(|owner| owner.is_some()) })
    }
}

/// `None` unless there is exactly one list, named as its kind or `data`. Only that of transcripts may be null.
fn items(page: &Value, kind: ChildKind) -> Option<&[Value]> {
    if let Value::Array(items) = page {
        return (kind == ChildKind::GuidedDocument).then_some(items);
    }
    let names = ["data", "transcripts", "recordings", "documents"];
    let mut lists = names.into_iter().filter_map(|name| Some((name, page.get(name)?)));
    let (name, list) = lists.next().filter(|_| lists.next().is_none())?;
    match list {
        _ if name != "data" && name != list_name(kind) => None,
        Value::Array(items) => Some(items),
        Value::Null if kind == ChildKind::Transcript => Some(&[]),
        _ => None,
    }
}

fn item_id(item: &Value) -> Option<String> {
    item.as_str().or_else(|| item["id"].as_str()).map(str::to_owned)
}

/// The status of a transcript, unless it is `completed` or `failed`: with any other, or none, Corti may still write it.
pub(super) fn active_status(transcript: &Value) -> Option<Status> {
    let status = transcript["status"].as_str().map(|status| Status::new(status.to_owned()));
    vendor_kit::active_status(status, &[status::COMPLETED, Status::from_static("failed")])
}
