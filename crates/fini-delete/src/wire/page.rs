use std::time::SystemTime;

use delete_core::{Error, RecordMeta, Status, timestamp};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use uuid::Uuid;

/// A page of the list. The array has had two names. A response that does not say whether there is more is an error:
/// absence depends on the end of the list.
#[derive(Deserialize)]
pub(crate) struct ConversationPage {
    #[serde(alias = "conversations")]
    interactions: Vec<Lenient<Conversation>>,
    #[serde(rename = "hasMore")]
    pub(crate) has_more: bool,
    #[serde(rename = "nextCursor")]
    pub(crate) next_cursor: Option<String>,
}

/// A value that does not spoil the page if it has another form.
#[derive(Deserialize)]
#[serde(untagged)]
enum Lenient<T> {
    Expected(T),
    Other(IgnoredAny),
}

/// What is kept of a conversation: not who spoke, nor what was said.
#[derive(Deserialize)]
struct Conversation {
    id: String,
    #[serde(rename = "createdAt")]
    created_at: Option<Value>,
    status: Option<Value>,
    events: Option<Lenient<Vec<Event>>>,
}

#[derive(Deserialize)]
struct Event {
    #[serde(rename = "createdAt")]
    created_at: Option<Value>,
}

impl ConversationPage {
    pub(crate) fn is_empty(&self) -> bool {
        self.interactions.is_empty()
    }

    /// The conversations that could be read, and an error for each of the others.
    pub(crate) fn into_records(self) -> (Vec<RecordMeta>, Vec<Error>) {
        let (mut found, mut unreadable) = (Vec::new(), Vec::new());
        for entry in self.interactions {
            match entry {
                Lenient::Expected(conversation) => match conversation.found() {
                    Some(record) => found.push(record),
                    None => unreadable.push(without_uuid()),
                },
                Lenient::Other(_) => unreadable.push(without_uuid()),
            }
        }
        (found, unreadable)
    }
}

fn without_uuid() -> Error {
    Error::unexpected_response("the list holds a conversation whose id is missing or not a UUID")
}

impl Conversation {
    fn found(&self) -> Option<RecordMeta> {
        let id = Uuid::try_parse(&self.id).ok()?;
        let status = self.status.as_ref().and_then(Value::as_str).map(Status::from_word);
        Some(
            RecordMeta::new(id)
                .with_created_at(time(self.created_at.as_ref()))
                .with_updated_at(self.latest_event())
                .with_status(status),
        )
    }

    /// There is no time of the latest message, so it is that of the latest event. It is unknown if that of one event is.
    fn latest_event(&self) -> Option<SystemTime> {
        let Some(Lenient::Expected(events)) = &self.events else { return None };
        let times = events.iter().map(|event| time(event.created_at.as_ref()));
        times.collect::<Option<Vec<_>>>()?.into_iter().max()
    }
}

/// Unix milliseconds, or a text.
fn time(value: Option<&Value>) -> Option<SystemTime> {
    match value? {
        Value::String(text) => timestamp::parse(text),
        number => timestamp::from_unix_millis(number.as_i64()?),
    }
}
