use std::fmt;

#[cfg(doc)]
use crate::{Delivery, Error};

/// What sort of failure an [`Error`] is, and what to do about it.
///
/// The advice holds where [`delivery`](Error::delivery) is not [`Delivery::MaybeDelivered`]; after that the record may
/// be deleted: look it up, or delete it again to find out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// An id or a batch was refused before anything was sent. Correct the input.
    InvalidInput,
    /// The client cannot be built, or its proxy refuses it: a credential, a URL or an option is missing or wrong. Nothing
    /// was sent to the vendor. Correct what the message names.
    Configuration,
    /// The credential belongs to another tenant, workspace or region than the one that was meant: nothing was deleted.
    /// Correct what the message names; stop the run.
    WrongTarget,
    /// Our clock and the vendor's differ by more than five minutes, and the filter is an age: records younger than meant
    /// could be selected. Nothing was listed. Correct the clock, use an absolute time, or trust the clock.
    ClockSkew,
    /// The record is active: its call is running, or it is still being processed. The delete was not sent. Wait until it
    /// is over, end the call (Tavus), or delete it without the check, whose effect no vendor documents.
    StillActive,
    /// The vendor refused the credential: a wrong, expired or revoked key, secret or token (401).
    /// Check it, and which tenant, region or workspace it is of; stop the run.
    Unauthenticated,
    /// The credential is good, but it lacks the permission that deleting needs. Give it the permission; stop
    /// the run.
    MissingScope,
    /// The vendor forbids this credential to delete this record (403). Ask the record's owner, or use a credential
    /// that may.
    Forbidden,
    /// The account has no credit or plan for the call (402, or the vendor's code for it). Settle the account; stop the
    /// run.
    PaymentRequired,
    /// The vendor says at first contact that this credential sees no such record. A wrong tenant, region or key makes
    /// every id look like this: check them, unless the record is known to be absent.
    NotFound,
    /// The vendor refused the request before acting (400, 409, 422 and other 4xx). Change it before it is sent again.
    Rejected,
    /// The vendor asks for fewer requests (429), or an earlier answer asked to wait longer than the call may last.
    /// Wait for [`retry_after`](Error::retry_after), then call again.
    RateLimited,
    /// No answer in time (the attempt's limit, or 408). Delete again to find out.
    Timeout,
    /// No connection could be made, or the server said that it did not process the request: nothing was changed. Check
    /// the network, the base URL and the proxy.
    Connect,
    /// The server's certificate was refused. Nothing was sent. Check the host, the clock and the root
    /// certificates.
    Tls,
    /// The connection broke after the request was sent, or before a body that decides was complete. Delete again to
    /// find out.
    Connection,
    /// The vendor failed (5xx). Delete again to find out.
    Server,
    /// The program stopped the call with a [`StopToken`](crate::StopToken) before its next request. What is known of
    /// earlier requests is in [`Error::delivery`](crate::Error::delivery). Run it again.
    Interrupted,
    /// A response that the vendor does not document for this call: a redirect, an HTML page, a success status with the
    /// wrong body, a 404 from a gateway. Whether the record was deleted is unknown: check the base URL and any proxy in
    /// between, then look the record up.
    UnexpectedResponse,
}

impl ErrorKind {
    /// The name for machines, such as `not_found`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidInput => "invalid_input",
            Self::Configuration => "configuration",
            Self::WrongTarget => "wrong_target",
            Self::ClockSkew => "clock_skew",
            Self::StillActive => "still_active",
            Self::Unauthenticated => "unauthenticated",
            Self::MissingScope => "missing_scope",
            Self::Forbidden => "forbidden",
            Self::PaymentRequired => "payment_required",
            Self::NotFound => "not_found",
            Self::Rejected => "rejected",
            Self::RateLimited => "rate_limited",
            Self::Timeout => "timeout",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Connection => "connection",
            Self::Server => "server",
            Self::Interrupted => "interrupted",
            Self::UnexpectedResponse => "unexpected_response",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
