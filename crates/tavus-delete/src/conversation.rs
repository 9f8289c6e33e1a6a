//! The pages of the list.

use std::time::SystemTime;

use delete_core::vendor_kit::{lenient, listed_conversation};
use delete_core::{Error, RecordMeta, Status};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

#[derive(Deserialize)]
pub(crate) struct ConversationPage {
    #[serde(deserialize_with = "read_entries")]
    pub(crate) data: Vec<Conversation>,
    /// "The full count under the applied filters".
    #[serde(default, deserialize_with = "lenient::value")]
    pub(crate) total_count: Option<u64>,
}

fn read_entries<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Conversation>, D::Error> {
    let entries = Vec::<Value>::deserialize(deserializer)?;
    Ok(entries.into_iter().enumerate().map(|(number, entry)| Conversation::read(number, entry)).collect())
}

/// What is kept of a conversation. No field is documented as required, and `created_at` may be an empty text.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Conversation {
    /// Its id, usable or not; without one, its content and its number on the page.
    #[serde(skip)]
    pub(crate) identity: String,
    #[serde(deserialize_with = "lenient::id")]
    pub(crate) conversation_id: Option<String>,
    #[serde(deserialize_with = "lenient::status")]
    status: Option<Status>,
    #[serde(deserialize_with = "lenient::rfc3339")]
    created_at: Option<SystemTime>,
    #[serde(deserialize_with = "lenient::rfc3339")]
    updated_at: Option<SystemTime>,
}

impl Conversation {
    fn read(number: usize, entry: Value) -> Self {
        let identity = match entry.get("conversation_id") {
            Some(id) if !id.is_null() => id.to_string(),
            _ => format!("{number} {entry}"),
        };
        Self { identity, ..lenient::object(entry).unwrap_or_default() }
    }

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
