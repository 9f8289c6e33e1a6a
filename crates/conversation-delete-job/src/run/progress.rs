//! What a run reports while it goes on.

use std::time::Duration;

use crate::target::TargetNumber;

/// What a run reports while it goes on. Outcomes are reported before they are on the disk; what counts is in the file.
pub trait Progress: Send + Sync {
    /// A record has its outcome.
    fn settled(&self, target: TargetNumber, outcome: &str);

    /// A record has failed permanently: the kind of its error, and the message.
    fn failed(&self, target: TargetNumber, kind: &str, message: &str) {
        let _ = (target, kind, message);
    }

    /// The lookup of a record ended, before its delete or after it.
    fn looked(&self, target: TargetNumber, is_after: bool) {
        let _ = (target, is_after);
    }

    /// A lane waits.
    fn waits(&self, target: TargetNumber, waiting: Waiting);
}

/// What a lane waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Waiting {
    /// The vendor asked for it.
    Throttled(Duration),
    /// The limits of the lane leave no room for another request.
    Paced(Duration),
    /// The vendor is unavailable. It is asked again after this wait.
    OutOfOrder {
        /// Until the next request.
        wait: Duration,
        /// What went wrong last.
        reason: String,
    },
}
