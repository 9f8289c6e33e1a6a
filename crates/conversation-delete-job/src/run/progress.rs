//! What a run reports while it goes on.

use std::time::Duration;

use delete_core::{Error, ErrorKind};

use crate::outcome::RecordOutcome;
use crate::target::TargetNumber;

/// Receives what a run reports while it goes on.
pub trait Progress: Send + Sync {
    /// Something happened. It may not be on the disk yet; what counts is in the file.
    fn on_event(&self, event: ProgressEvent<'_>);
}

/// What happened in a run.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ProgressEvent<'a> {
    /// A record has its outcome.
    Outcome {
        /// Its target.
        target: TargetNumber,
        /// The outcome.
        outcome: RecordOutcome,
    },
    /// A record has failed permanently. Its outcome is reported on its own.
    Failed {
        /// Its target.
        target: TargetNumber,
        /// The kind of the error.
        kind: ErrorKind,
        /// The message of the error.
        message: &'a str,
    },
    /// A lookup has ended.
    LookedUp {
        /// The target of the record.
        target: TargetNumber,
        /// Whether it came after the delete of the record.
        is_after: bool,
    },
    /// A record is deleted although this credential may not look it up, which is reported once for each lane.
    Unchecked {
        /// The target of the record.
        target: TargetNumber,
        /// Why it could not be looked up.
        error: &'a Error,
    },
    /// A lane waits.
    Waiting {
        /// The target of the lane.
        target: TargetNumber,
        /// For what.
        waiting: Waiting,
    },
}

/// What a lane waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Waiting {
    /// The end of a throttle, as the vendor asked.
    Throttled(Duration),
    /// The limits of the lane leave no room for another request.
    Paced(Duration),
    /// The vendor is unavailable. The next request is sent after this wait.
    Unavailable {
        /// Until the next request.
        wait: Duration,
        /// The last error.
        reason: String,
    },
}
