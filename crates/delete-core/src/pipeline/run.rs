use std::time::{Duration, Instant};

use super::{Call, Failure, Pipeline};
use crate::error::{Error, ErrorBuilder, ErrorKind};
use crate::operation::Operation;
use crate::outcome::Attempt;
use crate::retry::SharedLimits;

/// The state of a call between its attempts.
pub(super) struct Run<'a> {
    pub(super) pipeline: &'a Pipeline,
    pub(super) call: &'a Call<'a>,
    pub(super) deadline: Instant,
    pub(super) attempts: Vec<Attempt>,
    /// Attempts that count against the policy. A repeat with a fresh token does not.
    pub(super) tries: u32,
    pub(super) renewed: bool,
    /// The vendor's id of the last request that is to be repeated.
    pub(super) last_request_id: Option<String>,
}

impl<'a> Run<'a> {
    pub(super) fn new(pipeline: &'a Pipeline, call: &'a Call<'a>) -> Self {
        let deadline = call.deadline.unwrap_or_else(|| pipeline.clock().now() + pipeline.0.total_timeout);
        Self {
            pipeline,
            call,
            deadline,
            attempts: Vec::with_capacity(1),
            tries: 0,
            renewed: false,
            last_request_id: None,
        }
    }

    /// The limits of the origin that this call goes to.
    pub(super) fn limits(&self) -> &'a SharedLimits {
        match self.call.operation {
            Operation::Token => &self.pipeline.0.token_limits,
            _ => &self.pipeline.0.limits,
        }
    }

    pub(super) fn throttled_for(&self) -> Duration {
        self.limits().throttled_for(self.pipeline.clock().now())
    }

    pub(super) fn is_read(&self) -> bool {
        self.call.operation == Operation::Read
    }

    /// Whether an earlier attempt may have changed something.
    pub(super) fn is_ambiguous(&self) -> bool {
        !self.is_read() && self.attempts.iter().any(Attempt::is_ambiguous)
    }

    pub(super) fn time_left(&self) -> Duration {
        self.deadline.saturating_duration_since(self.pipeline.clock().now())
    }

    /// The longest wait after which a useful attempt still fits in.
    pub(super) fn longest_wait(&self) -> Duration {
        self.time_left().saturating_sub(self.least_rest())
    }

    /// Whether a useful attempt fits in after a wait.
    pub(super) fn has_time_after(&self, wait: Duration) -> bool {
        self.time_left().checked_sub(wait).is_some_and(|rest| !rest.is_zero() && rest >= self.least_rest())
    }

    /// A token request that ends in the middle of connecting leaves nothing unknown about a record.
    fn least_rest(&self) -> Duration {
        match self.call.operation {
            Operation::Token => Duration::ZERO,
            _ => self.pipeline.0.least_rest,
        }
    }

    /// A wait that the vendor asked for, and up to a tenth more (at most 5 s), so that those who wait do not all return
    /// in the same instant.
    pub(super) fn with_jitter(&self, wait: Duration) -> Duration {
        let spread = (wait / 10).min(Duration::from_secs(5)).min(self.longest_wait().saturating_sub(wait));
        wait.saturating_add(self.pipeline.clock().jitter(spread))
    }

    pub(super) fn out_of_time(&self) -> Failure {
        let message = "the time for the whole call ended before the request could be sent";
        Failure { may_pass: true, ..Failure::new(ErrorKind::Timeout, message) }
    }

    pub(super) fn error(&self, failure: Failure) -> Error {
        Error::builder(failure.kind, failure.message)
            .operation(self.call.operation)
            .vendor(self.pipeline.vendor())
            .set_some(failure.status, ErrorBuilder::status)
            .set_some(failure.vendor_code, ErrorBuilder::vendor_code)
            .set_some(failure.request_id, ErrorBuilder::request_id)
            .set_some(failure.retry_after, ErrorBuilder::retry_after)
            .set_some(failure.source, ErrorBuilder::source)
            .retryable(failure.may_pass)
            .attempts(self.attempts.as_slice())
            .build()
    }

    /// An error from outside of the attempts, such as that of a token request: it is now about this call, whose attempts
    /// are kept.
    pub(super) fn interrupted(&self, error: Error) -> Error {
        error.with_operation(self.call.operation).with_attempts(self.attempts.as_slice().into())
    }
}
