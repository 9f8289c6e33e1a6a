use std::sync::Arc;
use std::time::Duration;

use http::HeaderMap;

use super::kind::ErrorKind;
use super::value::{Error, Inner, Stage};
use crate::cause::Cause;
use crate::http::{TransportError, TransportErrorKind};
use crate::operation::Operation;
use crate::{Attempt, Delivery, Vendor};

impl Error {
    /// Begins an error of this kind; `message` says what happened, without a full stop and without secrets.
    ///
    /// An error of a delete with neither a status nor [`attempts`](ErrorBuilder::attempts) nor a
    /// [`delivery`](ErrorBuilder::delivery) says that nothing was sent.
    ///
    /// ```
    /// use std::time::Duration;
    /// use delete_core::{Error, ErrorKind};
    ///
    /// let error = Error::builder(ErrorKind::RateLimited, "the vendor limits the rate of requests")
    ///     .status(429)
    ///     .retry_after(Duration::from_secs(30))
    ///     .retryable(true)
    ///     .build();
    /// assert_eq!(error.retry_after(), Some(Duration::from_secs(30)));
    /// ```
    pub fn builder(kind: ErrorKind, message: impl Into<String>) -> ErrorBuilder {
        let error = Self(Box::new(Inner {
            kind,
            message: message.into(),
            vendor: None,
            status: None,
            vendor_code: None,
            request_id: None,
            retry_after: None,
            attempts: Arc::default(),
            delivery: Delivery::NotSent,
            headers: Arc::default(),
            is_retryable: false,
            operation: Operation::default(),
            stage: Stage::default(),
            is_without_token: false,
            source: None,
        }));
        ErrorBuilder { error, delivery: None }
    }

    /// An id or a batch that is refused before sending. `message` says what is wrong with it.
    pub fn invalid_input(message: impl Into<String>) -> Self {
        Self::builder(ErrorKind::InvalidInput, message).build()
    }

    /// A credential of another tenant, workspace or region than the intended one. `message` says which, and names the
    /// variable to check.
    pub fn wrong_target(message: impl Into<String>) -> Self {
        Self::builder(ErrorKind::WrongTarget, message).build()
    }

    /// A response to a read that does not hold what it should. `message` says what; it must not quote the response.
    pub fn unexpected_response(message: impl Into<String>) -> Self {
        Self::builder(ErrorKind::UnexpectedResponse, message).for_reading().delivery(Delivery::Answered).build()
    }

    /// A client that cannot be built. `message` says which part is wrong, and names the variable or method to check.
    pub fn configuration(message: impl Into<String>) -> Self {
        Self::builder(ErrorKind::Configuration, message).build()
    }
}

/// Makes an [`Error`]; see [`Error::builder`]. What is not set is empty, and the error is not retryable.
#[derive(Debug)]
#[must_use]
pub struct ErrorBuilder {
    error: Error,
    delivery: Option<Delivery>,
}

impl ErrorBuilder {
    /// The vendor that was called.
    pub fn vendor(mut self, vendor: Vendor) -> Self {
        self.error.0.vendor = Some(vendor);
        self
    }

    /// The HTTP status of the last response.
    pub fn status(mut self, status: u16) -> Self {
        self.error.0.status = Some(status);
        self
    }

    /// The vendor's own code for the failure.
    pub fn vendor_code(mut self, code: impl Into<String>) -> Self {
        self.error.0.vendor_code = Some(code.into());
        self
    }

    /// The id that the vendor gave to the last request.
    pub fn request_id(mut self, id: impl Into<String>) -> Self {
        self.error.0.request_id = Some(id.into());
        self
    }

    /// How long to wait before the next request.
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.error.0.retry_after = Some(wait);
        self
    }

    /// Whether the same call may succeed later although nobody changes anything.
    pub fn retryable(mut self, is_retryable: bool) -> Self {
        self.error.0.is_retryable = is_retryable;
        self
    }

    /// The requests of the call, in order. Unless [`delivery`](Self::delivery) is set, it follows from them: one
    /// ambiguous attempt makes the call ambiguous, else the last attempt decides. Without attempts it follows from the
    /// status: 408 and 5xx are ambiguous, unless the call only reads.
    pub fn attempts(mut self, attempts: impl Into<Arc<[Attempt]>>) -> Self {
        self.error = self.error.with_attempts(attempts.into());
        self
    }

    /// What is known of the call's requests, if that does not follow from the attempts.
    pub fn delivery(mut self, delivery: Delivery) -> Self {
        self.delivery = Some(delivery);
        self
    }

    /// The headers of the last response. Keep none that may hold a secret.
    pub fn headers(mut self, headers: impl Into<Arc<HeaderMap>>) -> Self {
        self.error.0.headers = headers.into();
        self
    }

    /// The cause, which [`source`](std::error::Error::source) returns and `Display` names after the message. Its text
    /// must hold no secret.
    pub fn source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        let source = source.into();
        let transport_error = source.downcast_ref::<TransportError>();
        if transport_error.is_some_and(|error| error.kind() == TransportErrorKind::NotProcessed) {
            self.error.0.stage = Stage::Unprocessed;
        }
        self.error.0.source = Some(Cause::new(source));
        self
    }

    /// Makes it the failure of a call that changes nothing, such as a lookup, however it ended.
    pub fn for_reading(self) -> Self {
        self.operation(Operation::Read)
    }

    pub(crate) fn operation(mut self, operation: Operation) -> Self {
        self.error.0.operation = operation;
        self
    }

    /// Calls a setter with a value, if there is one.
    pub(crate) fn set_some<T>(self, value: Option<T>, set: impl FnOnce(Self, T) -> Self) -> Self {
        match value {
            Some(value) => set(self, value),
            None => self,
        }
    }

    /// The finished error.
    #[must_use]
    pub fn build(mut self) -> Error {
        let inner = &mut self.error.0;
        if let Some(delivery) = self.delivery.or_else(|| delivery_of_status(inner)) {
            inner.delivery = delivery;
        }
        self.error
    }
}

/// What the status alone shows of a call whose attempts are not given.
fn delivery_of_status(error: &Inner) -> Option<Delivery> {
    let status = error.status.filter(|_| error.attempts.is_empty())?;
    let is_ambiguous = status == 408 || status >= 500;
    Some(if is_ambiguous && error.operation != Operation::Read { Delivery::MaybeDelivered } else { Delivery::Answered })
}
