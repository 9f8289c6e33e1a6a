use std::time::Duration;

use conversation_delete::{ErasureMode, Error, ErrorKind, Outcome, tavus};

/// What to do after a delete.
#[derive(Debug, PartialEq)]
pub enum Next {
    /// The record is gone.
    Nothing,
    /// Look the record up: the response does not prove that it is gone.
    LookUp,
    /// Check tenant, region and key, unless the record is known to be absent.
    CheckTarget,
    /// The record may be deleted. Keep the error, and delete the record again to find out.
    DeleteAgain,
    /// The record is untouched. Try again after this time.
    TryLater(Duration),
}

pub async fn erase(client: &tavus::Client, id: &str) -> Result<Next, Error> {
    let id = id.parse()?; // a malformed id is an error here, before anything is sent
    match client.delete_conversation(&id, ErasureMode::Hard).await {
        Ok(deletion) => Ok(match deletion.outcome() {
            Outcome::Deleted | Outcome::Gone => Next::Nothing,
            _ => Next::LookUp, // Acknowledged, Unresolved
        }),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Next::CheckTarget),
        Err(error) if error.may_have_taken_effect() => Ok(Next::DeleteAgain),
        Err(error) if error.is_retryable() => Ok(Next::TryLater(error.retry_after().unwrap_or_default())),
        Err(error) => Err(error), // a refused credential, a wrong target, a bad configuration
    }
}
