mod display;
mod kind;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::http::{TransportError, TransportErrorKind};
use crate::operation::Operation;
use crate::{Attempt, Delivery, Vendor};

pub use kind::ErrorKind;

/// Why a call failed, whether it may have taken effect, and what to do next.
///
/// It is one pointer wide. `Display` fits on a line, holds no secret, names the cause (a refused connection, an expired
/// certificate, a host name that cannot be resolved) and ends with advice. [`source`](std::error::Error::source) returns
/// the same cause as an error of its own.
///
/// # Troubleshooting
/// [`delivery`](Self::delivery) says what is known of the request: after [`Delivery::NotSent`] nothing has changed at
/// the vendor; after [`Delivery::MaybeDelivered`] the record may be deleted, and deleting it again is the way to find
/// out. [`is_retryable`](Self::is_retryable) says whether the same call may succeed later.
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    vendor: Option<Vendor>,
    message: String,
    status: Option<u16>,
    vendor_code: Option<String>,
    request_id: Option<String>,
    retry_after: Option<Duration>,
    attempts: Arc<[Attempt]>,
    delivery: Delivery,
    is_retryable: bool,
    is_without_token: bool,
    /// Requests were sent, but none for the record itself: a lookup, or the request for a token.
    has_sent_others: bool,
    /// Other records may have been deleted before this one, which was kept because of them.
    is_record_kept: bool,
    operation: Operation,
    source: Option<Arc<TransportError>>,
}

impl Error {
    /// An id or a batch that is refused before sending. `message` says what is wrong with it.
    pub fn invalid_input(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::InvalidInput, message)
    }

    /// A credential that belongs to another tenant, workspace or region than the one that was meant. `message` says
    /// which, and names the variable to look at.
    pub fn wrong_target(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::WrongTarget, message)
    }

    /// A credential that is valid and lacks the permission that deleting needs. `message` says how that is known.
    pub fn missing_scope(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::MissingScope, message)
    }

    /// An answer to a read that does not hold what it should. `message` says what; it must not quote the answer.
    pub fn unexpected_response(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::UnexpectedResponse, message).for_reading()
    }

    /// A record that a list, read to its end, does not hold, although that is not proof that the record is absent.
    /// `message` says why not.
    pub fn not_listed(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::NotFound, message).for_reading()
    }

    /// A client that cannot be built. `message` says which part is wrong, and names the variable or method to look at.
    pub fn configuration(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Configuration, message)
    }

    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            vendor: None,
            message: message.into(),
            status: None,
            vendor_code: None,
            request_id: None,
            retry_after: None,
            attempts: Arc::default(),
            delivery: Delivery::NotSent,
            is_retryable: false,
            is_without_token: false,
            has_sent_others: false,
            is_record_kept: false,
            operation: Operation::default(),
            source: None,
        }))
    }

    /// Says which vendor the error is about.
    #[must_use]
    pub fn for_vendor(mut self, vendor: Vendor) -> Self {
        self.0.vendor = Some(vendor);
        self
    }

    /// Puts what the message is about before it, such as the variable that a value came from.
    #[must_use]
    pub fn context(mut self, context: &str) -> Self {
        self.0.message = format!("{context}: {}", self.0.message);
        self
    }

    /// Says that nothing would have been changed.
    pub(crate) fn for_reading(self) -> Self {
        self.with_operation(Operation::Read)
    }

    pub(crate) fn with_operation(mut self, operation: Operation) -> Self {
        self.0.operation = operation;
        self
    }

    /// Says with which status the vendor answered.
    #[must_use]
    pub fn with_status(mut self, status: Option<u16>) -> Self {
        self.0.status = status;
        self
    }

    pub(crate) fn with_vendor_code(mut self, code: Option<String>) -> Self {
        self.0.vendor_code = code;
        self
    }

    pub(crate) fn with_request_id(mut self, request_id: Option<String>) -> Self {
        self.0.request_id = request_id;
        self
    }

    pub(crate) fn with_retry_after(mut self, retry_after: Option<Duration>) -> Self {
        self.0.retry_after = retry_after;
        self
    }

    pub(crate) fn with_retryable(mut self, is_retryable: bool) -> Self {
        self.0.is_retryable = is_retryable;
        self
    }

    /// Attaches the requests of the call, from which the delivery follows: one ambiguous attempt makes all of it so.
    pub(crate) fn with_attempts(mut self, attempts: &[Attempt]) -> Self {
        self.0.delivery = match attempts.last() {
            _ if attempts.iter().any(Attempt::is_ambiguous) => Delivery::MaybeDelivered,
            Some(last) => last.delivery(),
            None => Delivery::NotSent,
        };
        self.0.attempts = attempts.into();
        self
    }

    /// Leaves open whether anything was sent, where nobody can tell.
    pub(crate) fn open(mut self) -> Self {
        self.0.delivery = Delivery::MaybeDelivered;
        self
    }

    /// Forgets the requests, because they were not about the record: its own was not sent.
    #[must_use]
    pub fn without_attempts(self) -> Self {
        self.with_attempts(&[])
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
        self.0.has_sent_others = true;
        self.with_operation(Operation::Delete).without_attempts()
    }

    /// Marks this as the reason why a record was kept whose parts may have been deleted: no delete was sent for the record
    /// itself.
    #[must_use]
    pub fn with_record_kept(mut self) -> Self {
        self.0.is_record_kept = true;
        self.0.has_sent_others = true;
        self.with_operation(Operation::Delete).without_attempts()
    }

    /// Marks this as the failure to obtain a token. The attempts were about the token, so they are dropped.
    pub(crate) fn without_token(mut self) -> Self {
        self.0.is_without_token = true;
        self.0.has_sent_others = !self.0.attempts.is_empty();
        self.without_attempts()
    }

    /// The message with the cause and the facts.
    fn text(&self) -> String {
        let mut text = self.0.message.clone();
        if let Some(source) = &self.0.source {
            text = format!("{text}: {source}");
        }
        let facts = self.facts();
        if facts.is_empty() { text } else { format!("{text} ({facts})") }
    }

    /// Whether no request left at all.
    fn has_sent_nothing(&self) -> bool {
        let is_unsent = |attempt: &Attempt| attempt.delivery() == Delivery::NotSent;
        let was_turned_away =
            self.0.source.as_ref().is_some_and(|source| source.kind() == TransportErrorKind::NotProcessed);
        !self.0.has_sent_others && !was_turned_away && self.0.attempts.iter().all(is_unsent)
    }

    pub(crate) fn with_source(mut self, source: TransportError) -> Self {
        self.0.source = Some(Arc::new(source));
        self
    }

    /// What sort of failure it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The vendor that was asked; `None` for an id or a key that was refused before any vendor came into it.
    pub fn vendor(&self) -> Option<Vendor> {
        self.0.vendor
    }

    /// The HTTP status of the last answer, where one came.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The vendor's own code for the failure, such as `A0007`, cut to a sensible length.
    pub fn vendor_code(&self) -> Option<&str> {
        self.0.vendor_code.as_deref()
    }

    /// The id that the vendor gave to the last request, for questions to its support.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// How long the vendor asked to wait before the next request, counted from when the call returned.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// All requests of the call, in order; empty when nothing was sent.
    pub fn attempts(&self) -> &[Attempt] {
        &self.0.attempts
    }

    /// What is known of the call's requests: [`Delivery::MaybeDelivered`] as soon as one of them was ambiguous. A lost
    /// lookup is [`Delivery::MaybeDelivered`] too, but it changes nothing:
    /// [`may_have_taken_effect`](Self::may_have_taken_effect) is false for it.
    pub fn delivery(&self) -> Delivery {
        self.0.delivery
    }

    /// Whether the same call may succeed later without anything being changed.
    pub fn is_retryable(&self) -> bool {
        self.0.is_retryable
    }

    /// Whether the record may have been deleted (or the conversation ended) although the call failed. Never after a
    /// lookup, and never because no token could be obtained.
    pub fn may_have_taken_effect(&self) -> bool {
        if matches!(self.0.operation, Operation::Read | Operation::Token) {
            return false;
        }
        match self.0.delivery {
            Delivery::MaybeDelivered => true,
            Delivery::Answered => self.0.kind == ErrorKind::UnexpectedResponse && !self.0.is_without_token,
            Delivery::NotSent => false,
        }
    }

    /// Whether the vendor refused the credential, or the credential lacks a permission: every other call with it would
    /// fail alike, so a run should stop.
    pub fn is_credential_refused(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Unauthenticated | ErrorKind::MissingScope)
    }

    /// Whether every other call of this client would fail alike until somebody changes something: a refused
    /// credential, no credit, a refused certificate, a wrong configuration, a token endpoint that gives no token.
    pub fn is_fatal_for_client(&self) -> bool {
        self.is_credential_refused()
            || matches!(
                self.0.kind,
                ErrorKind::PaymentRequired | ErrorKind::Tls | ErrorKind::Configuration | ErrorKind::WrongTarget
            )
            || (self.0.is_without_token && !self.0.is_retryable)
    }

    fn facts(&self) -> String {
        let inner = &self.0;
        let mut facts = Vec::new();
        if let Some(status) = inner.status {
            facts.push(format!("status {status}"));
        }
        if let Some(code) = &inner.vendor_code {
            facts.push(format!("code {code}"));
        }
        if let Some(id) = &inner.request_id {
            facts.push(format!("request id {id}"));
        }
        if inner.attempts.len() > 1 {
            facts.push(format!("{} attempts", inner.attempts.len()));
        }
        if let Some(wait) = inner.retry_after {
            facts.push(format!("Retry-After {} s", wait.as_secs_f64().ceil()));
        }
        facts.join(", ")
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &self.0;
        f.debug_struct("Error")
            .field("kind", &inner.kind)
            .field("vendor", &inner.vendor)
            .field("message", &inner.message)
            .field("status", &inner.status)
            .field("vendor_code", &inner.vendor_code)
            .field("request_id", &inner.request_id)
            .field("retry_after", &inner.retry_after)
            .field("attempts", &inner.attempts)
            .field("delivery", &inner.delivery)
            .field("source", &inner.source)
            .finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(status: Option<u16>, delivery: Delivery) -> Attempt {
        Attempt::new(status, delivery, Duration::ZERO)
    }

    #[test]
    fn is_one_pointer_wide_and_travels() {
        fn travels<T: Send + Sync + 'static>() {}
        travels::<Error>();
        assert_eq!(size_of::<Error>(), size_of::<usize>());
        assert_eq!(size_of::<Option<Error>>(), size_of::<usize>());
    }

    #[test]
    fn one_ambiguous_attempt_makes_the_whole_call_so() {
        let lost = attempt(None, Delivery::MaybeDelivered);
        let refused = attempt(Some(401), Delivery::Answered);
        let unsent = attempt(None, Delivery::NotSent);
        let delivery = |attempts: &[Attempt]| Error::new(ErrorKind::Server, "x").with_attempts(attempts).delivery();
        assert_eq!(delivery(&[]), Delivery::NotSent);
        assert_eq!(delivery(std::slice::from_ref(&refused)), Delivery::Answered);
        assert_eq!(delivery(&[refused.clone(), unsent.clone()]), Delivery::NotSent);
        assert_eq!(delivery(&[lost.clone(), refused]), Delivery::MaybeDelivered);
        assert_eq!(delivery(&[lost, unsent]), Delivery::MaybeDelivered);
    }

    #[test]
    fn display_is_one_line_with_the_cause_facts_and_advice() {
        let error = Error::new(ErrorKind::Server, "the vendor failed")
            .for_vendor(Vendor::new("corti", "Corti"))
            .with_status(Some(504))
            .with_vendor_code(Some("A0002".into()))
            .with_request_id(Some("r-1".into()))
            .with_attempts(&[attempt(Some(504), Delivery::MaybeDelivered)])
            .with_source(TransportError::new(TransportErrorKind::Interrupted, "reset by peer"));
        assert_eq!(
            error.to_string(),
            "Corti: the vendor failed: reset by peer (status 504, code A0002, request id r-1); the record may have been \
             deleted: look it up, or delete it again, which finds nothing if it was"
        );
        assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "reset by peer");
    }

    #[test]
    fn only_the_deletes_own_requests_leave_its_effect_unknown() {
        let lost = attempt(None, Delivery::MaybeDelivered);
        let refused = attempt(Some(401), Delivery::Answered);
        let error = |operation: Operation, kind, attempts: &[Attempt]| {
            Error::new(kind, "x").with_operation(operation).with_attempts(attempts)
        };
        let lookup = error(Operation::Read, ErrorKind::Timeout, std::slice::from_ref(&lost));
        assert_eq!(lookup.delivery(), Delivery::MaybeDelivered);
        let token = error(Operation::Token, ErrorKind::UnexpectedResponse, std::slice::from_ref(&lost)).without_token();
        let token_for_a_refused_delete = token.clone().with_operation(Operation::Delete).with_attempts(&[refused]);
        for error in [lookup, token, token_for_a_refused_delete] {
            assert!(!error.may_have_taken_effect() && !error.to_string().contains("may have been"), "{error}");
            assert!(!error.to_string().contains("nothing was sent"), "{error}");
        }
        assert!(error(Operation::Delete, ErrorKind::Timeout, &[lost]).may_have_taken_effect());
    }

    #[test]
    fn nothing_was_sent_is_said_only_if_it_is_so() {
        let throttled = attempt(Some(429), Delivery::Answered);
        let unsent = attempt(None, Delivery::NotSent);
        for (attempts, says) in [(vec![], true), (vec![unsent.clone()], true), (vec![throttled, unsent], false)] {
            let text = Error::new(ErrorKind::Timeout, "x").with_attempts(&attempts).to_string();
            assert_eq!(text.contains("nothing was sent"), says, "{text}");
            assert!(says || text.contains("nothing was deleted"), "{text}");
        }
    }

    #[test]
    fn a_failed_lookup_before_a_delete_keeps_its_cause_and_says_what_it_means() {
        let bare = Error::new(ErrorKind::Timeout, "x").before_delete().to_string();
        assert!(bare.starts_with("the lookup before the delete failed: x; nothing was deleted"), "{bare}");
        let refused = TransportError::new(TransportErrorKind::NotSent, "connection refused");
        let full = Error::new(ErrorKind::Connect, "x").with_source(refused).before_delete().to_string();
        assert!(full.contains("connection refused") && !full.contains("()"), "{full}");
    }

    #[test]
    fn a_record_that_was_kept_says_nothing_of_its_parts() {
        let lost = attempt(None, Delivery::MaybeDelivered);
        let error = Error::new(ErrorKind::Timeout, "a child is left").with_attempts(&[lost]).with_record_kept();
        assert!(!error.may_have_taken_effect());
        assert!(error.to_string().starts_with("a child is left; the record itself was not deleted: "), "{error}");
    }
}
