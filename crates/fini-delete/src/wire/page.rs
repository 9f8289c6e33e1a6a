use std::time::SystemTime;

use delete_core::vendor_kit::{Page, lenient};
use delete_core::{Error, RecordMeta, Status, timestamp};
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use uuid::Uuid;

/// A page of the list. The array has had two names. A response that does not report whether there is more is an error,
/// because absence depends on the end of the list.
#[derive(Deserialize)]
pub(crate) struct ConversationPage {
    #[serde(alias = "conversations", deserialize_with = "lenient::entries")]
    interactions: Vec<Conversation>,
    #[serde(rename = "hasMore")]
    pub(crate) has_more: bool,
    #[serde(rename = "nextCursor")]
    pub(crate) next_cursor: Option<String>,
}

/// What is kept of a conversation: not who spoke, nor what was said.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Conversation {
    #[serde(deserialize_with = "lenient::id")]
    id: Option<String>,
    #[serde(deserialize_with = "time")]
    created_at: Option<SystemTime>,
    #[serde(deserialize_with = "lenient::status")]
    status: Option<Status>,
    #[serde(deserialize_with = "lenient::value")]
    events: Option<Vec<Event>>,
}

#[derive(Deserialize)]
struct Event {
    #[serde(default, rename = "createdAt", deserialize_with = "time")]
    created_at: Option<SystemTime>,
}

impl ConversationPage {
    pub(crate) fn is_empty(&self) -> bool {
        self.interactions.is_empty()
    }

    pub(crate) fn into_entries(self) -> Page {
        self.interactions.into_iter().map(Conversation::into_meta).collect()
    }
}

impl Conversation {
    fn into_meta(self) -> Result<RecordMeta, Error> {
        let id = self.id.as_deref().and_then(|id| Uuid::try_parse(id).ok());
        let id = id.ok_or_else(|| {
            Error::unexpected_response("the list has a conversation whose id is missing or not a UUID")
        })?;
        Ok(RecordMeta::new(id)
            .with_created_at(self.created_at)
            .with_updated_at(self.latest_event())
            .with_status(self.status))
    }

    /// Fini sends no time of the latest message, so it is that of the latest event. It is unknown if one event has none.
    fn latest_event(&self) -> Option<SystemTime> {
        let times = self.events.as_ref()?.iter().map(|event| event.created_at);
        times.collect::<Option<Vec<_>>>()?.into_iter().max()
    }
}

/// Unix milliseconds, or a text.
fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<SystemTime>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) => timestamp::parse(&text),
        value => value.as_i64().and_then(timestamp::from_unix_millis),
    })
}
