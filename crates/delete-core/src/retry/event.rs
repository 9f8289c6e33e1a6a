use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::error::ErrorKind;
use crate::record::Vendor;

/// A failed attempt that is about to be repeated; see `on_retry` of the client builders.
#[derive(Clone, Debug)]
pub struct RetryEvent {
    pub(crate) vendor: Vendor,
    pub(crate) attempt: usize,
    pub(crate) delay: Duration,
    pub(crate) kind: ErrorKind,
    pub(crate) reason: String,
    pub(crate) status: Option<u16>,
}

impl RetryEvent {
    /// The vendor that was called.
    pub fn vendor(&self) -> Vendor {
        self.vendor
    }

    /// The number of the failed attempt, from 1.
    pub fn attempt(&self) -> usize {
        self.attempt
    }

    /// The wait before the next attempt.
    pub fn delay(&self) -> Duration {
        self.delay
    }

    /// The kind that the call's error would have without a retry.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// What happened, without secrets.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The status of the response, if one came.
    pub fn status(&self) -> Option<u16> {
        self.status
    }
}

/// The function that `on_retry` of a client builder sets.
#[derive(Clone)]
pub struct RetryHook(Arc<dyn Fn(&RetryEvent) + Send + Sync>);

impl RetryHook {
    /// Calls `hook` before each wait for another attempt.
    pub fn new(hook: impl Fn(&RetryEvent) + Send + Sync + 'static) -> Self {
        Self(Arc::new(hook))
    }

    pub(crate) fn call(&self, event: &RetryEvent) {
        (self.0)(event);
    }
}

impl fmt::Debug for RetryHook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RetryHook")
    }
}
