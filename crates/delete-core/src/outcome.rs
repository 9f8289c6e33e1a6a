//! Outcomes, erasure modes and attempts.

use std::time::{Duration, SystemTime};

use smallvec::SmallVec;

use crate::words::words;

words! {
    /// The result of a delete that did not fail, for one record. There will be no others: a program can decide on each.
    pub enum Outcome {
        /// The vendor confirmed that it removed this record.
        Deleted = "deleted",
        /// The vendor accepted the request, but its response proves nothing more: it is the same for a record that does
        /// not exist, or not the one that the vendor documents.
        Acknowledged = "acknowledged",
        /// The vendor reports that the record does not exist, and an earlier ambiguous attempt of this delete may have
        /// removed it.
        Gone = "gone",
        /// A request for several records was carried out in part: what was accessible is removed, something was not,
        /// and the vendor does not say which. A batch of ids of another workspace looks the same, so this is not a
        /// success.
        Unresolved = "unresolved",
    }
}

impl Outcome {
    /// Whether it is a success: true for all but [`Unresolved`](Self::Unresolved).
    pub const fn is_success(self) -> bool {
        !matches!(self, Self::Unresolved)
    }
}

words! {
    /// How much of a record a delete removes, at vendors that have two ways. There is no default, and no third.
    pub enum ErasureMode {
        /// The record and its assets, irrevocably.
        Hard = "hard",
        /// The record is no longer offered. What the vendor keeps of it, and for how long, is up to the vendor.
        Soft = "soft",
    }
}

words! {
    /// What is known of a request. There are no other cases.
    pub enum Delivery {
        /// The request did not reach the vendor: nothing was changed.
        NotSent = "not_sent",
        /// The request is ambiguous: it may have taken effect although no clear response came. It timed out, or the
        /// connection broke after sending, or the response was 408 or 5xx.
        MaybeDelivered = "maybe_delivered",
        /// The vendor responded.
        Answered = "answered",
    }
}

/// The requests of a call. Most calls need one, which is kept in place.
pub(crate) type AttemptList = SmallVec<[Attempt; 1]>;

/// One request of a call, and how it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    started_at: SystemTime,
    duration: Duration,
    delivery: Delivery,
    status: Option<u16>,
}

impl Attempt {
    /// A request that began at `started_at`, ended after `duration`, and got no response unless
    /// [`with_status`](Self::with_status) follows.
    pub const fn new(started_at: SystemTime, duration: Duration, delivery: Delivery) -> Self {
        Self { started_at, duration, delivery, status: None }
    }

    /// Sets the status of the response.
    #[must_use]
    pub const fn with_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// When sending began, by the client's clock.
    pub fn started_at(&self) -> SystemTime {
        self.started_at
    }

    /// The time from there to the end of the response, or to the failure.
    pub fn duration(&self) -> Duration {
        self.duration
    }

    /// What is known of the request.
    pub fn delivery(&self) -> Delivery {
        self.delivery
    }

    /// The status of the response, if one came.
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    pub(crate) fn is_ambiguous(&self) -> bool {
        self.delivery == Delivery::MaybeDelivered
    }
}
