//! What vendors with opaque conversation ids have in common in their reads.

use super::RecordMeta;
use crate::error::Error;
use crate::{ConversationId, Status};

/// Checks that a response is about the conversation that was asked for: it has that id, or no id but a status. JSON with
/// neither may be an error of a gateway.
///
/// # Errors
/// [`ErrorKind::UnexpectedResponse`](crate::ErrorKind::UnexpectedResponse).
pub fn check_identity(id: &ConversationId, own_id: Option<&str>, status: Option<&Status>) -> Result<(), Error> {
    match own_id {
        Some(own_id) if own_id == id.as_str() => Ok(()),
        None if status.is_some() => Ok(()),
        _ => Err(Error::unexpected_response("the response is about another conversation")),
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

/// The status of a record that is not over: any but the `final_statuses`. A record without a status counts as active, with
/// the status `unknown`.
pub fn active_status(status: Option<Status>, final_statuses: &[Status]) -> Option<Status> {
    let status = status.unwrap_or(Status::from_static("unknown"));
    (!final_statuses.contains(&status)).then_some(status)
}
