//! What Fini shows of a conversation.

use serde::Serialize;

use crate::records::Item;
use crate::world::World;
use crate::{CANARY_NAME, CANARY_TEXT};

/// The sources that all records can have (docs), and their channel.
pub(super) const SOURCES: &[&str] = &["zendesk", "api"];
pub(super) const CHANNEL: &str = "email";

/// Docs: the same object in the list and alone, its members in their order; its texts are the canary. No member says
/// when the latest message came: that is the latest event. Typed, because a long list is made of them.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Conversation<'a> {
    id: &'a str,
    created_at: u64,
    source: &'a str,
    channel: &'static str,
    status: &'static str,
    external_id: &'static str,
    url: &'static str,
    subject_preview: &'static str,
    has_feedback: bool,
    resolved: bool,
    user_attributes: UserAttributes<'a>,
    used_articles: [&'static str; 0],
    used_subfolders: [&'static str; 0],
    events: Vec<Event>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UserAttributes<'a> {
    name: &'static str,
    user_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    id: &'static str,
    created_at: u64,
    role: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    message: &'static str,
}

pub(super) fn conversation<'a>(item: &Item<'a>, world: &'a World) -> Conversation<'a> {
    Conversation {
        id: item.id,
        created_at: item.created,
        source: world.options.get("source"),
        channel: CHANNEL,
        status: "closed",
        external_id: "ticket-1",
        url: "https://helpdesk.example/tickets/1",
        subject_preview: CANARY_TEXT,
        has_feedback: false,
        resolved: true,
        user_attributes: UserAttributes { name: CANARY_NAME, user_id: item.user },
        used_articles: [],
        used_subfolders: [],
        events: events(item),
    }
}

fn events(item: &Item<'_>) -> Vec<Event> {
    let event = |id, role, created_at| Event { id, created_at, role, kind: "message", message: CANARY_TEXT };
    let mut events = vec![event("b9bd2f1c-7a3c-4f0b-8a53-0c3b8a7d5e11", "user", item.created)];
    if item.updated > item.created {
        events.push(event("5d0c2b0e-54a1-4c5e-9c0e-3d3f0f3f6a22", "assistant", item.updated));
    }
    events
}
