//! What a run reports while it goes on.

use std::time::Duration;

use crate::target::TargetNumber;

/// What a run tells while it goes on. Outcomes are told before they are on the disk; what counts is in the file.
pub trait Progress: Send + Sync {
    /// A record has its outcome.
    fn settled(&self, target: TargetNumber, outcome: &str);

    /// A record has failed for good: the kind of its error, and the message.
    fn failed(&self, target: TargetNumber, kind: &str, message: &str) {
        let _ = (target, kind, message);
    }

    /// A look at a record came to its end, before its delete or after it.
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
    /// The vendor gives no sound answers. The next one is asked for after this wait.
    OutOfOrder {
        /// Until the next request.
        wait: Duration,
        /// What went wrong last.
        reason: String,
    },
}
