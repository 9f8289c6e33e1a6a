use std::time::Duration;

use crate::error::ErrorKind;
use crate::record::Vendor;

/// A failed attempt that is about to be repeated; see `on_retry` of the client builders.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RetryEvent {
    /// The vendor that was called.
    pub vendor: Vendor,
    /// The number of the failed attempt, from 1.
    pub attempt: usize,
    /// The wait before the next attempt.
    pub delay: Duration,
    /// The kind that the call's error would have without a retry.
    pub kind: ErrorKind,
    /// What happened, without secrets.
    pub reason: String,
    /// The status of the response, if one came.
    pub status: Option<u16>,
}

/// A function that is called before each retry.
pub type RetryHook = dyn Fn(&RetryEvent) + Send + Sync;
