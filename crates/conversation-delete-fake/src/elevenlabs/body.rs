//! What ElevenLabs shows of one conversation.

use serde_json::{Value, json};

use super::is_over;
use crate::records::Item;
use crate::{CANARY_NAME, CANARY_TEXT};

/// Docs: the required fields of a conversation; its transcript is the canary. What retention has emptied still has its
/// fields, and says when that was.
pub(super) fn conversation(item: &Item<'_>) -> Value {
    let has_audio = is_over(item.status) && !item.is_emptied_by_retention;
    let emptied = item.is_emptied_by_retention.then_some(item.updated / 1000);
    let turn = json!({ "role": "user", "time_in_call_secs": 3, "message": CANARY_TEXT });
    json!({
        "agent_id": item.agent,
        "conversation_id": item.id,
        "status": item.status,
        "user_id": if item.user.is_empty() { CANARY_NAME } else { item.user },
        "has_audio": has_audio,
        "has_user_audio": has_audio,
        "has_response_audio": has_audio,
        "has_auxiliary_audio": false,
        "metadata": {
            "start_time_unix_secs": item.created / 1000,
            "call_duration_secs": 61,
            "cost_fiat": null,
            "deletion_settings": {
                "deletion_time_unix_secs": null,
                "deleted_logs_at_time_unix_secs": emptied,
                "deleted_audio_at_time_unix_secs": emptied,
                "deleted_transcript_at_time_unix_secs": emptied,
                "delete_transcript_and_pii": item.is_emptied_by_retention,
                "delete_audio": item.is_emptied_by_retention,
            },
        },
        // The vendor's clients refuse an analysis without its first two members.
        "analysis": {
            "call_successful": "success",
            "transcript_summary": if item.is_emptied_by_retention { "" } else { CANARY_TEXT },
            "call_summary_title": CANARY_NAME,
        },
        "transcript": if item.is_emptied_by_retention { Vec::new() } else { vec![turn] },
    })
}
