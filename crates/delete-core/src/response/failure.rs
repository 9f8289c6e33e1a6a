//! Why a call failed, in our words and, as far as they are safe to display, the server's.

use std::time::Duration;

use http::{HeaderName, header};
use url::Url;

use super::buffered::BufferedResponse;
use super::classify::VendorError;
use super::receive::SendError;
use crate::error::{Error, ErrorBuilder, ErrorKind};
use crate::http::TransportErrorKind;
use crate::operation::Operation;
use crate::outcome::Attempt;
use crate::text;

const PROXY_REFUSED: &str = "the proxy refused its user name or password (407)";

/// Why an attempt, or the wait for one, failed.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) class: FailureClass,
    /// The error of the call if no attempt follows, without its operation and attempts.
    pub(crate) error: Error,
}

/// What can be done about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FailureClass {
    Permanent,
    /// The same call may succeed later.
    Transient,
    /// The same call may succeed with a fresh credential.
    CredentialRejected,
}

impl Failure {
    pub(crate) fn new(kind: ErrorKind, class: FailureClass, message: impl Into<String>) -> Self {
        Self::from_builder(class, Error::builder(kind, message))
    }

    fn from_builder(class: FailureClass, error: ErrorBuilder) -> Self {
        Self { class, error: error.retryable(class == FailureClass::Transient).build() }
    }

    /// Nothing may be sent for `wait`, which is longer than the call may last.
    pub(crate) fn throttled(message: &str, wait: Duration) -> Self {
        let error = Error::builder(ErrorKind::RateLimited, message).retry_after(wait);
        Self::from_builder(FailureClass::Transient, error)
    }

    pub(crate) fn out_of_time() -> Self {
        let message = "the time for the whole call ended before the request could be sent";
        Self::new(ErrorKind::Timeout, FailureClass::Transient, message)
    }

    /// The program was stopped while the call waited for its first attempt or, after `last`, for another one. Keeps the
    /// status and the request id of the last response.
    pub(crate) fn stopped(last: Option<&Attempt>, request_id: Option<&str>) -> Self {
        let message = match last {
            None => "the program was stopped before the request was sent",
            Some(_) => "the program was stopped before the next attempt",
        };
        let error = Error::builder(ErrorKind::Interrupted, message)
            .set_some(last.and_then(Attempt::status), ErrorBuilder::status)
            .set_some(request_id, ErrorBuilder::request_id);
        Self::from_builder(FailureClass::Transient, error)
    }

    /// No response came to an attempt that was allowed to take `limit`.
    pub(crate) fn no_response(error: SendError, limit: Duration, attempt_timeout: Duration) -> Self {
        use FailureClass::{Permanent, Transient};
        let SendError::Transport(error) = error else { return Self::timed_out(limit, attempt_timeout) };
        let (kind, class, message) = match error.kind() {
            TransportErrorKind::NotSent => (ErrorKind::Connect, Transient, "no connection could be made"),
            TransportErrorKind::NotProcessed => {
                (ErrorKind::Connect, Transient, "the server did not process the request")
            }
            TransportErrorKind::Interrupted => {
                (ErrorKind::Connection, Transient, "the connection broke before a response came")
            }
            TransportErrorKind::Tls => (ErrorKind::Tls, Permanent, "the server could not prove its identity"),
            TransportErrorKind::ProxyRefused => (ErrorKind::Configuration, Permanent, PROXY_REFUSED),
            TransportErrorKind::InvalidRequest => {
                (ErrorKind::Configuration, Permanent, "the request could not be put together")
            }
            TransportErrorKind::ResponseTooLarge => {
                (ErrorKind::UnexpectedResponse, Permanent, "the response is too large")
            }
            TransportErrorKind::RedirectFollowed => {
                (ErrorKind::UnexpectedResponse, Permanent, "a redirect was followed")
            }
        };
        Self::from_builder(class, Error::builder(kind, message).source(error))
    }

    /// Names the limit that was reached: the attempt's, or what was left of the call's.
    fn timed_out(limit: Duration, attempt_timeout: Duration) -> Self {
        let seconds = limit.as_millis() as f64 / 1000.0;
        let message = if limit < attempt_timeout {
            format!("no response within {seconds} s, what was left of the time for the whole call")
        } else {
            format!("no response within {seconds} s, the time for an attempt")
        };
        Self::new(ErrorKind::Timeout, FailureClass::Transient, message)
    }

    /// The failure that a response means. Nothing of the body of a response to a read is kept: it may quote the record.
    pub(crate) fn from_response(
        kind: ErrorKind,
        class: FailureClass,
        operation: Operation,
        response: &BufferedResponse,
        details: VendorError,
        retry_after: Option<Duration>,
        redact: &dyn Fn(String) -> String,
    ) -> Self {
        let details = if operation == Operation::Read { VendorError::default() } else { details };
        let clean = |text: String, limit| text::sanitize(redact(text).trim(), limit);
        let mut message = match response.is_over_limit() && response.status() < 300 {
            true => format!("the response is too large: its body exceeds {}", body_limit(operation)),
            false => describe(kind, operation, response, |text| clean(text, 100)),
        };
        if let Some(own) = details.message.as_ref().filter(|own| !own.trim().is_empty()) {
            message = format!("{message}: \"{}\"", clean(own.clone(), 200));
        }
        if let Some(hint) = details.hint {
            message = format!("{message}; {hint}");
        }
        let code = details.codes.into_iter().next().map(|code| clean(code, 64));
        let error = Error::builder(kind, message)
            .status(response.status())
            .set_some(code, ErrorBuilder::vendor_code)
            .set_some(request_id(response, details.request_id, redact), ErrorBuilder::request_id)
            .set_some(response.kept_headers(redact), ErrorBuilder::headers)
            .set_some(retry_after, ErrorBuilder::retry_after);
        Self::from_builder(class, error)
    }

    /// The error of a call that made these attempts.
    pub(crate) fn into_error(self, operation: Operation, attempts: Vec<Attempt>) -> Error {
        self.error.with_operation(operation).with_attempts(attempts.into())
    }
}

fn body_limit(operation: Operation) -> &'static str {
    if operation == Operation::Read { "64 MiB" } else { "64 KiB" }
}

/// The id that the server gave to the request, from the body or else a header.
pub(crate) fn request_id(
    response: &BufferedResponse,
    in_body: Option<String>,
    redact: &dyn Fn(String) -> String,
) -> Option<String> {
    static NAMES: [HeaderName; 2] = [HeaderName::from_static("request-id"), HeaderName::from_static("x-request-id")];
    let in_header = || NAMES.iter().find_map(|name| response.known_header(name)).map(str::to_owned);
    let id = in_body.or_else(in_header)?;
    Some(text::sanitize(redact(id).trim(), 128))
}

fn describe(
    kind: ErrorKind,
    operation: Operation,
    response: &BufferedResponse,
    clean: impl Fn(String) -> String,
) -> String {
    let text = match (kind, response.status()) {
        (ErrorKind::Configuration, 407) => PROXY_REFUSED,
        (ErrorKind::Unauthenticated, _) => "the vendor refused the credential",
        (ErrorKind::MissingScope, _) => return format!("the credential lacks the permission to {}", operation.verb()),
        (ErrorKind::Forbidden, _) => return format!("the vendor forbids this credential to {} this", operation.verb()),
        (ErrorKind::PaymentRequired, _) => "the account has no credit or plan for this call",
        (ErrorKind::NotFound, _) => "this credential sees no such record",
        (ErrorKind::Rejected, _) => "the vendor refused the request",
        (ErrorKind::RateLimited, _) => "the vendor limits the rate of requests",
        (ErrorKind::Timeout, _) => "the vendor gave up waiting for the request",
        (ErrorKind::Connection, _) => "the response ended before it was complete",
        (ErrorKind::Server, _) => "the vendor failed",
        (_, 300..=399) => match redirect_origin(response) {
            Some(origin) => return format!("a redirect to {} was not followed", clean(origin)),
            None => "a redirect was not followed",
        },
        (_, 404) => "this 404 does not come from the vendor's API: the base URL or the region may be wrong",
        (_, 200..=299) => "the response has a success status but not the expected body",
        _ => "the vendor does not document this response",
    };
    text.to_owned()
}

/// Where a redirect points to. The rest of the URL may hold somebody's secret.
fn redirect_origin(response: &BufferedResponse) -> Option<String> {
    let target = Url::parse(response.known_header(header::LOCATION)?).ok()?;
    Some(format!("{}://{}", target.scheme(), target.host_str()?))
}
