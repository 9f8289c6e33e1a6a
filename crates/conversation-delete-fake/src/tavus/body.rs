//! What Tavus shows of a conversation.

use serde_json::{Value, json};

use crate::dates::rfc3339;
use crate::records::Item;
use crate::{CANARY_NAME, CANARY_TEXT};

/// Docs: the fields of a conversation, in the list and alone; its name is the canary. `created_at` may be "".
pub(super) fn conversation(item: &Item<'_>) -> Value {
    let date = |time: u64| if item.is_undated { String::new() } else { rfc3339(time) };
    json!({
        "conversation_id": item.id,
        "conversation_name": format!("A Meeting with {} ({})", CANARY_NAME, CANARY_TEXT),
        "status": item.status,
        "conversation_url": format!("https://tavus.daily.co/{}", item.id),
        "callback_url": "https://yourwebsite.example/webhook",
        "replica_id": "r90bbd427f71",
        "persona_id": item.agent,
        "created_at": date(item.created),
        "updated_at": date(item.updated),
    })
}

/// Docs: the events of `verbose=true`. What follows the end of a call is there once it has ended; all texts are the
/// canary.
pub(super) fn events(item: &Item<'_>) -> Value {
    let event = |name: &str, time: u64, properties: Value| json!({ "event_type": name, "timestamp": rfc3339(time), "properties": properties });
    let mut events = vec![event("system.replica_joined", item.created, json!({ "replica_id": "r90bbd427f71" }))];
    if item.status != "active" {
        let transcript = json!({ "transcript": [{ "role": "user", "content": CANARY_TEXT }] });
        events.push(event("system.shutdown", item.updated, json!({ "reason": "participant_left_timeout" })));
        events.push(event("application.transcription_ready", item.updated, transcript));
        events.push(event("application.perception_analysis", item.updated, json!({ "analysis": CANARY_NAME })));
    }
    events.into()
}
