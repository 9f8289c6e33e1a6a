//! What a vendor crate adds to an error on its way to the user.

use std::sync::Arc;

use super::kind::ErrorKind;
use super::value::{Error, Stage};
use crate::operation::Operation;
use crate::{Attempt, Delivery, Vendor};

/// Changes to an [`Error`], or to that of a `Result`, by the author of a vendor crate.
pub trait ErrorExt: Sized {
    /// Sets the vendor.
    #[must_use]
    fn for_vendor(self, vendor: Vendor) -> Self;

    /// Puts `context` and a colon before the message, such as the variable that a value came from.
    #[must_use]
    fn context(self, context: &str) -> Self;

    /// Marks the error as the reason why a record was kept whose parts may have been deleted. No delete was sent for the
    /// record itself, so the attempts are dropped.
    #[must_use]
    fn with_record_kept(self) -> Self;
}

impl ErrorExt for Error {
    fn for_vendor(mut self, vendor: Vendor) -> Self {
        self.0.vendor = Some(vendor);
        self
    }

    fn context(mut self, context: &str) -> Self {
        self.0.message = format!("{context}: {}", self.0.message);
        self
    }

    fn with_record_kept(self) -> Self {
        self.at_stage(Stage::Parts).with_operation(Operation::Delete).without_attempts()
    }
}

impl<T> ErrorExt for Result<T, Error> {
    fn for_vendor(self, vendor: Vendor) -> Self {
        self.map_err(|error| error.for_vendor(vendor))
    }

    fn context(self, context: &str) -> Self {
        self.map_err(|error| error.context(context))
    }

    fn with_record_kept(self) -> Self {
        self.map_err(ErrorExt::with_record_kept)
    }
}

impl Error {
    pub(crate) fn with_operation(mut self, operation: Operation) -> Self {
        self.0.operation = operation;
        self
    }

    pub(crate) fn with_attempts(mut self, attempts: Arc<[Attempt]>) -> Self {
        self.0.delivery = match attempts.last() {
            _ if attempts.iter().any(Attempt::is_ambiguous) => Delivery::MaybeDelivered,
            Some(last) => last.delivery(),
            None => Delivery::NotSent,
        };
        self.0.attempts = attempts;
        self
    }

    /// Drops the requests, because none of them was about the record.
    pub(crate) fn without_attempts(self) -> Self {
        self.with_attempts(Arc::default())
    }

    /// Marks this as the failure of the lookup before a delete; the delete was not sent. Authentication and rate-limit
    /// errors keep their kind and text, because the delete would have met the same.
    pub(crate) fn before_delete(mut self) -> Self {
        if self.is_credential_refused() || self.0.kind == ErrorKind::RateLimited {
            return self;
        }
        self.0.message = format!("the lookup before the delete failed: {}", self.text());
        self.0.status = None;
        self.0.request_id = None;
        self.0.source = None;
        self.at_stage(Stage::Lookup).with_operation(Operation::Delete).without_attempts()
    }

    /// Marks this as the failure to obtain a token. The attempts were about the token, so they are dropped.
    pub(crate) fn without_token(mut self) -> Self {
        self.0.is_without_token = true;
        self.without_attempts()
    }

    fn at_stage(mut self, stage: Stage) -> Self {
        self.0.stage = stage;
        self
    }
}
