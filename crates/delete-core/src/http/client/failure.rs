//! What is known of a request without a response.

use std::error::Error as StdError;

use crate::http::{TransportError, TransportErrorKind};
use crate::text;

/// Only a failed connect, or the server's report that it did not process the request, means that nothing happened. A
/// connect time-out is both `is_timeout` and `is_connect`, so the latter is checked first.
pub(super) fn read_error(error: reqwest::Error) -> TransportError {
    let error = error.without_url();
    let text = chain(&error);
    let kind = if error.is_connect() {
        connect_failure(&text)
    } else if error.is_redirect() {
        TransportErrorKind::RedirectFollowed
    } else if error.is_builder() {
        TransportErrorKind::InvalidRequest
    } else if was_not_processed(&error) {
        TransportErrorKind::NotProcessed
    } else if text.contains("message head is too large") {
        TransportErrorKind::ResponseTooLarge
    } else {
        TransportErrorKind::Interrupted
    };
    // The names in a certificate come from the server.
    TransportError::new(kind, text::sanitize(&with_hint(text), 500)).with_source(error)
}

fn connect_failure(text: &str) -> TransportErrorKind {
    if text.contains("proxy authorization required") {
        TransportErrorKind::ProxyRefused
    } else if is_certificate_refused(text) {
        TransportErrorKind::Tls
    } else {
        TransportErrorKind::NotSent
    }
}

/// The error types of the TLS libraries cannot be named here, but their texts are clear. An alert comes from the server,
/// and a server that restarts may send one.
fn is_certificate_refused(text: &str) -> bool {
    let by_system_library = cfg!(feature = "native-tls") && text.contains("certificate") && !text.contains("alert");
    text.contains("invalid peer certificate") || by_system_library
}

/// True for a stream that the server refused, or that is above the last one of its `GOAWAY` (RFC 9113, section 8.7). h2
/// reports a server's `GOAWAY` only for such streams.
fn was_not_processed(error: &(dyn StdError + 'static)) -> bool {
    causes(error).filter_map(|cause| cause.downcast_ref::<h2::Error>()).any(|error| {
        let was_refused = error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM);
        error.is_remote() && (was_refused || error.is_go_away())
    })
}

fn with_hint(text: String) -> String {
    let is_plain_text = ["InvalidContentType", "wrong version number"].iter().any(|sign| text.contains(sign));
    if is_plain_text {
        return format!("{text} (the server does not speak TLS on this port: is it plain HTTP?)");
    }
    text
}

/// The error and its causes on one line, each named once.
pub(super) fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = String::new();
    for cause in causes(error) {
        let cause = cause.to_string();
        if text.contains(&cause) {
            continue;
        }
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&cause);
    }
    text
}

fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}
