//! An error on one line: what happened, what it changed, what to do.

use std::fmt;

use super::kind::ErrorKind;
use super::value::{Error, Stage};
use crate::Delivery;
use crate::operation::Operation;
use crate::text;

/// The longest message, vendor code or request id. Ours are shorter; one that was read from JSON may hold anything.
const MAX_TEXT: usize = 2_000;

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(vendor) = self.0.vendor {
            write!(f, "{vendor}: ")?;
        }
        f.write_str(&self.text())?;
        write!(f, "; {}", self.advice())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        f.debug_struct("Error")
            .field("kind", &inner.kind)
            .field("vendor", &inner.vendor)
            .field("message", &inner.message)
            .field("status", &inner.status)
            .field("vendor_code", &inner.vendor_code)
            .field("request_id", &inner.request_id)
            .field("retry_after", &inner.retry_after)
            .field("is_retryable", &inner.is_retryable)
            .field("operation", &inner.operation)
            .field("stage", &inner.stage)
            .field("is_without_token", &inner.is_without_token)
            .field("delivery", &inner.delivery)
            .field("attempts", &inner.attempts)
            .field("headers", &inner.headers)
            .field("source", &inner.source)
            .finish()
    }
}

impl Error {
    /// The message with the cause and the facts.
    pub(super) fn text(&self) -> String {
        let mut text = text::sanitize(&self.0.message, MAX_TEXT);
        if let Some(cause) = self.cause() {
            text = format!("{text}: {cause}");
        }
        let facts = self.facts();
        if facts.is_empty() { text } else { format!("{text} ({facts})") }
    }

    /// The source and its causes.
    pub(super) fn cause(&self) -> Option<String> {
        let chain = |source| text::sanitize(&text::error_chain(source), text::MAX_CAUSE);
        self.0.source.as_deref().map(|source| chain(source))
    }

    fn facts(&self) -> String {
        let inner = &self.0;
        let attempts = inner.attempts.len();
        let facts = [
            inner.status.map(|status| format!("status {status}")),
            inner.vendor_code.as_ref().map(|code| format!("code {}", text::sanitize(code, MAX_TEXT))),
            inner.request_id.as_ref().map(|id| format!("request id {}", text::sanitize(id, MAX_TEXT))),
            (attempts > 1).then(|| format!("{attempts} attempts")),
            inner.retry_after.map(|wait| format!("Retry-After {} s", wait.as_secs_f64().ceil())),
        ];
        facts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    /// The effect, then what to do.
    fn advice(&self) -> String {
        let inner = &self.0;
        match (self.may_have_taken_effect(), inner.operation, inner.kind) {
            (true, Operation::End, _) => "the conversation may have been ended: look it up, or end it again".to_owned(),
            (true, _, ErrorKind::UnexpectedResponse) if inner.delivery == Delivery::Answered => {
                "whether the record was deleted is unknown: check the base URL and any proxy in between, then look the \
                 record up"
                    .to_owned()
            }
            (true, Operation::Delete, ErrorKind::Interrupted) if !inner.attempts.is_empty() => {
                "an earlier one may have deleted the record: look it up, or delete it again, which finds nothing if \
                           it was deleted"
                    .to_owned()
            }
            (true, ..) => {
                "the record may have been deleted: look it up, or delete it again, which finds nothing if it \
                           was"
                .to_owned()
            }
            _ => format!("{}: {}", self.effect(), self.next_step()),
        }
    }

    fn effect(&self) -> &'static str {
        let is_local = matches!(
            self.0.kind,
            ErrorKind::InvalidInput
                | ErrorKind::Configuration
                | ErrorKind::Tls
                | ErrorKind::Timeout
                | ErrorKind::Connect
                | ErrorKind::Connection
        );
        match self.0.operation {
            _ if self.0.stage == Stage::Parts => "the record itself was not deleted",
            _ if is_local && self.has_sent_nothing() => "nothing was sent",
            Operation::Read => "nothing was changed",
            Operation::End => "nothing was ended",
            Operation::Delete | Operation::Token => "nothing was deleted",
        }
    }

    fn next_step(&self) -> String {
        let text = match self.0.kind {
            ErrorKind::InvalidInput => "correct the input",
            ErrorKind::Configuration => "correct the configuration",
            ErrorKind::WrongTarget => "correct the configuration, or use a credential for the right tenant or region",
            ErrorKind::ClockSkew => "correct the clock, or use an absolute time instead of an age",
            ErrorKind::StillActive => "wait until it is over, end it, or delete it without this check",
            ErrorKind::Unauthenticated => "check the credential and which account it belongs to",
            ErrorKind::MissingScope => {
                return format!("the credential is valid, give it the permission to {}", self.0.operation.verb());
            }
            ErrorKind::Forbidden => "ask the record's owner, or use a credential that may",
            ErrorKind::PaymentRequired => "settle the account, then go on",
            ErrorKind::NotFound => "check tenant, region and key, unless the record is known to be absent",
            ErrorKind::Rejected => "the request must change before it is sent again",
            ErrorKind::RateLimited => "wait, then try again",
            ErrorKind::Timeout | ErrorKind::Connect | ErrorKind::Connection => {
                "check the network and the base URL, then try again"
            }
            ErrorKind::Tls => "check the base URL's host, the clock and the root certificates",
            ErrorKind::Server => "try again later",
            ErrorKind::Interrupted => "run it again",
            ErrorKind::UnexpectedResponse => "check the base URL and any proxy in between",
        };
        text.to_owned()
    }
}
