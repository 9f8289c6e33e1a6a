//! A conversation as a lookup returns it, and as an entry of the list.

use std::time::SystemTime;

use delete_core::vendor_kit::{lenient, listed_conversation};
use delete_core::{Error, RecordMeta, Status};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

#[derive(Deserialize)]
pub(crate) struct ConversationPage {
    #[serde(deserialize_with = "read_entries")]
    pub(crate) data: Vec<Entry>,
    /// "The full count under the applied filters".
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) total_count: Option<u64>,
}

fn read_entries<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Entry>, D::Error> {
    let values = Vec::<Value>::deserialize(deserializer)?;
    Ok(values.into_iter().enumerate().map(|(number, value)| Entry::read(number, value)).collect())
}

/// An entry of a page, read on its own.
pub(crate) struct Entry {
    /// Its id, usable or not; without one, its content and its number on the page.
    pub(crate) identity: String,
    pub(crate) conversation: Conversation,
}

impl Entry {
    fn read(number: usize, value: Value) -> Self {
        let identity = match value.get("conversation_id") {
            Some(id) if !id.is_null() => id.to_string(),
            _ => format!("{number} {value}"),
        };
        Self { identity, conversation: lenient::object(value).unwrap_or_default() }
    }
}

/// What is kept of a conversation. No field is documented as required, and `created_at` may be an empty text.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Conversation {
    #[serde(deserialize_with = "lenient::id")]
    pub(crate) conversation_id: Option<String>,
    #[serde(deserialize_with = "lenient::status")]
    pub(crate) status: Option<Status>,
    #[serde(deserialize_with = "lenient::rfc3339")]
    created_at: Option<SystemTime>,
    #[serde(deserialize_with = "lenient::rfc3339")]
    updated_at: Option<SystemTime>,
}

impl Conversation {
    /// Whether it existed at `time`, as far as it shows.
    pub(crate) fn existed_at(&self, time: SystemTime) -> bool {
        self.created_at.is_none_or(|created| created <= time)
    }

    pub(crate) fn meta(&self) -> Result<RecordMeta, Error> {
        Ok(listed_conversation(self.conversation_id.as_deref())?
            .with_created_at(self.created_at)
            .with_updated_at(self.updated_at)
            .with_status(self.status.clone()))
    }
}
