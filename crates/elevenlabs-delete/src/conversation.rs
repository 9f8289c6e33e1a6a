//! The pages of the list.

use delete_core::vendor_kit::{lenient, listed_conversation};
use delete_core::{Error, RecordMeta, Status, timestamp};
use serde::Deserialize;

/// A page of the list. It must report whether there is more.
#[derive(Deserialize)]
pub(crate) struct ConversationPage {
    #[serde(deserialize_with = "lenient::entries")]
    pub(crate) conversations: Vec<ListedConversation>,
    pub(crate) has_more: bool,
    pub(crate) next_cursor: Option<String>,
}

/// What is kept of a conversation in the list.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct ListedConversation {
    #[serde(deserialize_with = "lenient::id")]
    conversation_id: Option<String>,
    #[serde(deserialize_with = "lenient::value")]
    pub(crate) agent_id: Option<String>,
    #[serde(deserialize_with = "lenient::value")]
    pub(crate) user_id: Option<String>,
    #[serde(deserialize_with = "lenient::value")]
    start_time_unix_secs: Option<i64>,
    #[serde(deserialize_with = "lenient::status")]
    status: Option<Status>,
}

impl ListedConversation {
    pub(crate) fn meta(&self) -> Result<RecordMeta, Error> {
        Ok(listed_conversation(self.conversation_id.as_deref())?
            .with_created_at(self.start_time_unix_secs.and_then(timestamp::from_unix_seconds))
            .with_status(self.status.clone()))
    }
}
