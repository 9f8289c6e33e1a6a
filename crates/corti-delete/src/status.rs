//! The statuses of an encounter, which is what the status of an interaction is.

use delete_core::{Error, Status};

/// The encounter is planned.
pub const PLANNED: Status = Status::from_static("planned");
/// The encounter has begun. Its recording may be long over.
pub const IN_PROGRESS: Status = Status::from_static("in-progress");
/// The encounter is interrupted.
pub const ON_HOLD: Status = Status::from_static("on-hold");
/// The encounter is over.
pub const COMPLETED: Status = Status::from_static("completed");
/// The encounter did not take place.
pub const CANCELLED: Status = Status::from_static("cancelled");
/// A label that anybody can set. It deletes nothing.
pub const DELETED: Status = Status::from_static("deleted");

/// All statuses above.
pub const ALL: &[Status] = &[PLANNED, IN_PROGRESS, ON_HOLD, COMPLETED, CANCELLED, DELETED];

/// Refuses a status that Corti does not have.
pub(crate) fn check(statuses: &[Status]) -> Result<(), Error> {
    let Some(unknown) = statuses.iter().find(|status| !ALL.contains(status)) else { return Ok(()) };
    let known: Vec<&str> = ALL.iter().map(Status::as_str).collect();
    Err(Error::invalid_input(format!("Corti has no encounter status \"{unknown}\"; there are {}", known.join(", "))))
}
