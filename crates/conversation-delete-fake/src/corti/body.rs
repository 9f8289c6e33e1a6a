//! What Corti shows of an interaction and its children; all of it is the canary's.

use serde::Serialize;
use serde_json::{Value, json};

use crate::dates::rfc3339;
use crate::records::{Child, Item};
use crate::{CANARY_NAME, CANARY_TEXT};

/// Docs: the fields of an interaction, in their order. Typed, because a long list is made of them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Interaction<'a> {
    id: &'a str,
    assigned_user_id: &'a str,
    encounter: Encounter<'a>,
    patient: Patient<'a>,
    ended_at: String,
    created_at: String,
    updated_at: String,
    websocket_url: String,
    last_updated: String,
}

#[derive(Serialize)]
struct Encounter<'a> {
    identifier: String,
    status: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    period: Period,
    title: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Period {
    started_at: String,
    ended_at: String,
}

#[derive(Serialize)]
struct Patient<'a> {
    identifier: &'a str,
    name: &'static str,
    gender: &'static str,
}

pub(super) fn interaction<'a>(item: &Item<'a>) -> Interaction<'a> {
    let (id, created, updated) = (item.id, rfc3339(item.created), rfc3339(item.updated));
    Interaction {
        id,
        assigned_user_id: item.agent,
        encounter: Encounter {
            identifier: format!("encounter-{}", id.get(..8).unwrap_or(id)),
            status: item.status,
            kind: "consultation",
            period: Period { started_at: created.clone(), ended_at: updated.clone() },
            title: CANARY_TEXT,
        },
        patient: Patient { identifier: item.user, name: CANARY_NAME, gender: "unknown" },
        ended_at: updated.clone(),
        created_at: created,
        updated_at: updated.clone(),
        websocket_url: format!("wss://api.eu.corti.app/audio-bridge/v2/interactions/{id}/streams"),
        last_updated: updated,
    }
}

/// Docs: an item of the list of transcripts.
pub(super) fn transcript(child: &Child) -> Value {
    json!({ "id": &*child.id, "transcriptSample": CANARY_TEXT })
}

/// An item of the list of documents; beside `id` the members are assumed.
pub(super) fn document(child: &Child) -> Value {
    json!({ "id": &*child.id, "name": letter(), "sections": [{ "text": CANARY_TEXT }] })
}

/// An item of the list of guided documents. Docs and SDK: `id` and `interactionId`; the other members are assumed.
pub(super) fn guided_document(child: &Child, interaction: Option<&str>) -> Value {
    json!({
        "id": &*child.id,
        "interactionId": interaction,
        "name": letter(),
        "sections": [{ "text": CANARY_TEXT }],
    })
}

fn letter() -> String {
    format!("Letter about {CANARY_NAME}")
}
