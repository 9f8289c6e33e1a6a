//! The statuses of a conversation.

use delete_core::Status;

/// A call that is running.
pub const ACTIVE: Status = Status::from_static("active");
/// A call that is over.
pub const ENDED: Status = Status::from_static("ended");
/// A call that failed, and is taken for over. Only the vendor's example code has this status.
pub const ERROR: Status = Status::from_static("error");

/// All statuses above.
pub const ALL: &[Status] = &[ACTIVE, ENDED, ERROR];

/// Any other status, or none, may be a running call.
pub(crate) const FINAL: &[Status] = &[ENDED, ERROR];
