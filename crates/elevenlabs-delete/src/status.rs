//! The statuses of a conversation.

use delete_core::Status;

/// The call is being set up.
pub const INITIATED: Status = Status::from_static("initiated");
/// The call is running.
pub const IN_PROGRESS: Status = Status::from_static("in-progress");
/// The call is over and being processed.
pub const PROCESSING: Status = Status::from_static("processing");
/// The call is over and processed.
pub const DONE: Status = Status::from_static("done");
/// The call failed.
pub const FAILED: Status = Status::from_static("failed");

/// All statuses above.
pub const ALL: &[Status] = &[INITIATED, IN_PROGRESS, PROCESSING, DONE, FAILED];

/// Any other status, or none, may be a call that is running or still being processed.
pub(crate) const FINAL: &[Status] = &[DONE, FAILED];
