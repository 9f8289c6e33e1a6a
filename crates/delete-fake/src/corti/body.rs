//! What Corti shows of an interaction and its children; all of it is the canary's.

use serde_json::{Value, json};

use crate::dates::rfc3339;
use crate::records::{Child, Item};
use crate::{CANARY_NAME, CANARY_TEXT};

/// Docs: the fields of an interaction.
pub(super) fn interaction(item: &Item<'_>) -> Value {
    let (id, created, updated) = (item.id, rfc3339(item.created), rfc3339(item.updated));
    json!({
        "id": id,
        "assignedUserId": item.agent,
        "encounter": {
            "identifier": format!("encounter-{}", id.get(..8).unwrap_or(id)),
            "status": item.status,
            "type": "consultation",
            "period": { "startedAt": created, "endedAt": updated },
            "title": CANARY_TEXT,
        },
        "patient": { "identifier": item.user, "name": CANARY_NAME, "gender": "unknown" },
        "endedAt": updated,
        "createdAt": created,
        "updatedAt": updated,
        "websocketUrl": format!("wss://api.eu.corti.app/audio-bridge/v2/interactions/{id}/streams"),
        "lastUpdated": updated,
    })
}

/// Docs: an item of the list of transcripts.
pub(super) fn transcript(child: &Child) -> Value {
    json!({ "id": &*child.id, "transcriptSample": CANARY_TEXT })
}

/// An item of the lists of documents; beside `id` the members are assumed.
pub(super) fn document(child: &Child) -> Value {
    json!({ "id": &*child.id, "name": format!("Letter about {CANARY_NAME}"), "sections": [{ "text": CANARY_TEXT }] })
}
