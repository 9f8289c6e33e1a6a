//! A failure in words: ours, and the server's as far as they are fit to be shown.

use std::time::Duration;

use http::header;
use url::Url;

use crate::error::ErrorKind;
use crate::http::{TransportError, TransportErrorKind};
use crate::operation::Operation;
use crate::outcome::Attempt;
use crate::response::BufferedResponse;
use crate::response::VendorError;
use crate::text;

const PROXY_REFUSED: &str = "the proxy refused its user name or password (407)";

/// Why a call failed, before it is known whether it will be tried again.
pub(super) struct Failure {
    pub(super) kind: ErrorKind,
    pub(super) message: String,
    pub(super) status: Option<u16>,
    pub(super) vendor_code: Option<String>,
    pub(super) request_id: Option<String>,
    pub(super) retry_after: Option<Duration>,
    /// Whether the same call may succeed later.
    pub(super) may_pass: bool,
    pub(super) source: Option<TransportError>,
}

impl Failure {
    pub(super) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            status: None,
            vendor_code: None,
            request_id: None,
            retry_after: None,
            may_pass: false,
            source: None,
        }
    }

    /// Nothing may be sent for `wait`, which is longer than the call may last.
    pub(super) fn throttled(message: &str, wait: Duration) -> Self {
        Self { retry_after: Some(wait), may_pass: true, ..Self::new(ErrorKind::RateLimited, message) }
    }

    /// The program was stopped while the call waited for its first attempt or, after `last`, for another one. Keeps the
    /// status and the request id of the last response.
    pub(super) fn stopped(last: Option<&Attempt>, request_id: Option<String>) -> Self {
        let message = match last {
            None => "the program was stopped before the request was sent",
            Some(_) => "the program was stopped before the next attempt",
        };
        let status = last.and_then(Attempt::status);
        Self { may_pass: true, status, request_id, ..Self::new(ErrorKind::Interrupted, message) }
    }

    /// No response came because of `error`.
    pub(super) fn lost(error: TransportError) -> Self {
        let (kind, message) = match error.kind() {
            TransportErrorKind::NotSent => (ErrorKind::Connect, "no connection could be made"),
            TransportErrorKind::Tls => (ErrorKind::Tls, "the server could not prove its identity"),
            TransportErrorKind::ProxyRefused => (ErrorKind::Configuration, PROXY_REFUSED),
            TransportErrorKind::InvalidRequest => (ErrorKind::Configuration, "the request could not be put together"),
            TransportErrorKind::NotProcessed => (ErrorKind::Connect, "the server did not process the request"),
            TransportErrorKind::ResponseTooLarge => (ErrorKind::UnexpectedResponse, "the response is too large"),
            TransportErrorKind::Interrupted => (ErrorKind::Connection, "the connection broke before a response came"),
        };
        Self { source: Some(error), ..Self::new(kind, message) }
    }
}

/// The server's words, fit to be shown: without the secret it may have echoed, bounded, escaped.
pub(super) struct Said {
    operation: Operation,
    message: Option<String>,
    hint: Option<&'static str>,
    /// The origin that a redirect points to. The rest of the place may hold a secret of somebody's.
    redirect: Option<String>,
    code: Option<String>,
    pub(super) request_id: Option<String>,
}

impl Said {
    /// Of the body of an answer to a read, nothing: it may quote the record.
    pub(super) fn new(
        operation: Operation,
        response: &BufferedResponse,
        said: VendorError,
        redact: impl Fn(String) -> String,
    ) -> Self {
        let clean = |words: String, limit| text::sanitize(redact(words).trim(), limit);
        let said = if operation == Operation::Read { VendorError::default() } else { said };
        let in_header = || ["request-id", "x-request-id"].iter().find_map(|name| response.header(name));
        Self {
            operation,
            hint: said.hint,
            redirect: redirect_origin(response).map(|origin| clean(origin, 100)),
            message: said.message.filter(|message| !message.trim().is_empty()).map(|message| clean(message, 200)),
            code: said.codes.into_iter().next().map(|code| clean(code, 64)),
            request_id: said.request_id.or_else(|| in_header().map(str::to_owned)).map(|id| clean(id, 128)),
        }
    }

    pub(super) fn failure(
        &self,
        kind: ErrorKind,
        response: &BufferedResponse,
        retry_after: Option<Duration>,
    ) -> Failure {
        let mut message = match response.is_over_limit() && response.status() < 300 {
            true => "the response is too large: its body exceeds 64 MiB".to_owned(),
            false => self.describe(kind, response.status()),
        };
        if let Some(own) = &self.message {
            message = format!("{message}: \"{own}\"");
        }
        if let Some(hint) = self.hint {
            message = format!("{message}; {hint}");
        }
        Failure {
            status: Some(response.status()),
            vendor_code: self.code.clone(),
            request_id: self.request_id.clone(),
            retry_after,
            ..Failure::new(kind, message)
        }
    }

    fn describe(&self, kind: ErrorKind, status: u16) -> String {
        let text = match (kind, status, &self.redirect) {
            (ErrorKind::Configuration, 407, _) => PROXY_REFUSED,
            (ErrorKind::Unauthenticated, ..) => "the vendor refused the credential",
            (ErrorKind::MissingScope, ..) => {
                return format!("the credential lacks the permission to {}", self.operation.verb());
            }
            (ErrorKind::Forbidden, ..) => {
                return format!("the vendor forbids this credential to {} this", self.operation.verb());
            }
            (ErrorKind::PaymentRequired, ..) => "the account has no credit or plan for this call",
            (ErrorKind::NotFound, ..) => "this credential sees no such record",
            (ErrorKind::Rejected, ..) => "the vendor refused the request",
            (ErrorKind::RateLimited, ..) => "the vendor asks for fewer requests",
            (ErrorKind::Timeout, ..) => "the vendor gave up waiting for the request",
            (ErrorKind::Connection, ..) => "the response ended before it was complete",
            (ErrorKind::Server, ..) => "the vendor failed",
            (_, 300..=399, Some(origin)) => return format!("a redirect to {origin} was not followed"),
            (_, 300..=399, None) => "a redirect was not followed",
            (_, 404, _) => "this 404 does not come from the vendor's API: the base URL or the region may be wrong",
            (_, 200..=299, _) => "the response has a success status but not the expected body",
            _ => "the vendor does not document this response",
        };
        text.to_owned()
    }
}

fn redirect_origin(response: &BufferedResponse) -> Option<String> {
    if !(300..400).contains(&response.status()) {
        return None;
    }
    let place = Url::parse(response.header(header::LOCATION.as_str())?).ok()?;
    Some(format!("{}://{}", place.scheme(), place.host_str()?))
}
