//! Whether the plan in a job file is the one that was made.

use crate::error::JobError;
use crate::memory::JobLocation;
use crate::store::{Store, check_plan as check};

/// Checks that the plan of a job was finished and not changed since, as every run does before it sends. It reads the
/// whole plan, and writes nothing.
///
/// # Errors
/// [`JobErrorKind::Changed`](crate::JobErrorKind::Changed) if the plan was changed. Otherwise as
/// [`Status::read`](crate::Status::read).
pub fn check_plan(location: impl Into<JobLocation>) -> Result<(), JobError> {
    let store = Store::open_to_read(&location.into())?;
    let checked = check(&store.connection);
    store.leave_wal();
    checked
}
