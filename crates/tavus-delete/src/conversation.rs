//! A conversation as a lookup returns it, and as an entry of the list.

use std::time::SystemTime;

use delete_core::{ConversationId, Error, RecordMeta, Status, timestamp};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A page of the list. `total_count` is "the full count under the applied filters".
#[derive(Deserialize)]
pub(crate) struct ConversationPage {
    #[serde(deserialize_with = "read_entries")]
    pub(crate) data: Vec<Entry>,
    total_count: Option<Value>,
}

impl ConversationPage {
    pub(crate) fn total(&self) -> Option<u64> {
        self.total_count.as_ref()?.as_u64()
    }
}

/// Reads each entry on its own, so that one of another form than documented hides none of the others.
fn read_entries<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Entry>, D::Error> {
    let values = Vec::<Value>::deserialize(deserializer)?;
    Ok(values.into_iter().enumerate().map(|(place, value)| Entry::read(place, value)).collect())
}

/// One entry of a page.
pub(crate) struct Entry {
    /// What distinguishes it from the others in the list, whether it can be used as an id or not. An entry without any id
    /// is distinguished by what it holds and by its place on the page.
    pub(crate) identity: String,
    conversation: Conversation,
}

impl Entry {
    fn read(place: usize, value: Value) -> Self {
        let identity = match value.get("conversation_id") {
            Some(id) if !id.is_null() => id.to_string(),
            _ => format!("{place} {value}"),
        };
        // An array would be read as the fields in their order.
        let fields = Some(value).filter(Value::is_object);
        let conversation = fields.and_then(|fields| serde_json::from_value(fields).ok()).unwrap_or_default();
        Self { identity, conversation }
    }

    /// Whether it is the conversation with this id.
    pub(crate) fn has_id(&self, id: &ConversationId) -> bool {
        self.conversation.own_id() == Some(id.as_str())
    }

    /// Whether it was created by then, as far as it says.
    pub(crate) fn was_there(&self, time: SystemTime) -> bool {
        self.conversation.created_at().is_none_or(|created| created <= time)
    }

    pub(crate) fn found(&self) -> Result<RecordMeta, Error> {
        let conversation = &self.conversation;
        let id = conversation.own_id().and_then(|id| ConversationId::new(id).ok());
        let id = id.ok_or_else(|| Error::unexpected_response("the list holds a conversation without a usable id"))?;
        Ok(RecordMeta::new(id)
            .with_created_at(conversation.created_at())
            .with_updated_at(read_time(conversation.updated_at.as_ref()))
            .with_status(conversation.status()))
    }
}

/// What is kept of a conversation: not its name, nor the addresses, nor who spoke. No field is documented as required,
/// and `created_at` may be an empty text.
#[derive(Default, Deserialize)]
pub(crate) struct Conversation {
    conversation_id: Option<Value>,
    status: Option<Value>,
    created_at: Option<Value>,
    updated_at: Option<Value>,
}

impl Conversation {
    pub(crate) fn status(&self) -> Option<Status> {
        self.status.as_ref()?.as_str().map(Status::from_word)
    }

    /// Whether it is the one that was asked for. No field is documented as required, but JSON with neither the id nor a
    /// status may be an error.
    pub(crate) fn is(&self, id: &ConversationId) -> bool {
        match &self.conversation_id {
            Some(own) => own.as_str() == Some(id.as_str()),
            None => self.status().is_some(),
        }
    }

    fn own_id(&self) -> Option<&str> {
        self.conversation_id.as_ref()?.as_str()
    }

    fn created_at(&self) -> Option<SystemTime> {
        read_time(self.created_at.as_ref())
    }
}

fn read_time(value: Option<&Value>) -> Option<SystemTime> {
    timestamp::parse(value?.as_str()?)
}

/// A conversation that runs is `active`, and `ended` when it is over. The vendor's example code also knows `error`, which
/// is taken for over. Anything else, and no word at all, may be a call that goes on.
pub(crate) fn is_over(status: Option<&Status>) -> bool {
    matches!(status, Some(Status::Ended | Status::Error))
}
