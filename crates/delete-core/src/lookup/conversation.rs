//! What vendors have in common in their reads.

use serde::Deserialize;
use uuid::Uuid;

use super::{RecordMeta, lenient};
use crate::error::Error;
use crate::{ConversationId, Status};

/// What is kept of a single conversation: not its transcript, recordings or names.
#[derive(Deserialize)]
pub(crate) struct SingleConversation {
    #[serde(default, deserialize_with = "lenient::id")]
    conversation_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::status")]
    status: Option<Status>,
}

impl SingleConversation {
    /// Returns the status if this is the conversation with that id: it has that id, or no id but a status. JSON with neither
    /// may be an error of a gateway.
    ///
    /// # Errors
    /// [`ErrorKind::UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse).
    pub(crate) fn into_status_of(self, id: &ConversationId) -> Result<Option<Status>, Error> {
        match self.conversation_id {
            Some(own_id) if own_id == id.as_str() => Ok(self.status),
            None if self.status.is_some() => Ok(self.status),
            _ => Err(Error::unexpected_response("the response is about another conversation")),
        }
    }
}

/// The conversation of a list entry with this id.
///
/// # Errors
/// [`ErrorKind::UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse) if the id is missing or cannot be used.
pub fn listed_conversation(own_id: Option<&str>) -> Result<RecordMeta, Error> {
    let id = own_id.and_then(|id| ConversationId::new(id).ok());
    let id = id.ok_or_else(|| Error::unexpected_response("the list has a conversation without a usable id"))?;
    Ok(RecordMeta::new(id))
}

/// The record of a list entry with this id, for a vendor whose ids are UUIDs.
///
/// # Errors
/// [`ErrorKind::UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse) if the id is missing or not a UUID.
pub fn listed_uuid(own_id: Option<&str>) -> Result<RecordMeta, Error> {
    let id = own_id.and_then(|id| Uuid::try_parse(id).ok());
    let id = id.ok_or_else(|| Error::unexpected_response("the list has a record whose id is missing or not a UUID"))?;
    Ok(RecordMeta::new(id))
}

/// The status of a record that is not over: any but the `final_statuses`. A record without a status counts as active, with
/// the status `unknown`.
pub fn active_status(status: Option<Status>, final_statuses: &[Status]) -> Option<Status> {
    let status = status.unwrap_or(Status::from_static("unknown"));
    (!final_statuses.contains(&status)).then_some(status)
}
