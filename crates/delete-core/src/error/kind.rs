use std::fmt;

/// The kind of failure, and what to do about it.
///
/// The advice applies unless [`Error::delivery`](crate::Error::delivery) is
/// [`MaybeDelivered`](crate::Delivery::MaybeDelivered): then the record may be deleted. Look it up, or delete it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum ErrorKind {
    /// An id or a batch was refused and nothing was sent. Correct the input.
    InvalidInput,
    /// The client cannot be built, or its proxy refuses it: a credential, a URL or an option is missing or wrong. Nothing
    /// was sent to the vendor. Correct what the message names.
    Configuration,
    /// The credential belongs to another tenant, workspace or region than the intended one. Nothing was deleted. Stop the
    /// run and correct what the message names.
    WrongTarget,
    /// Our clock and the vendor's differ by more than five minutes, so a filter by age could select records that are too
    /// young. Nothing was listed. Correct the clock, use an absolute time, or trust the clock.
    ClockSkew,
    /// The record is active: its call is running, or it is still being processed. No delete was sent, because no vendor
    /// documents its effect. Wait, end the call (Tavus), or delete it without this check.
    StillActive,
    /// The vendor refused the credential: a wrong, expired or revoked key, secret or token (401). Stop the run; check the
    /// credential and its tenant, region or workspace.
    Unauthenticated,
    /// The credential is valid but lacks the permission to delete. Stop the run and grant it.
    MissingScope,
    /// The vendor forbids this credential to delete this record (403). Ask the record's owner, or use another credential.
    Forbidden,
    /// The account has no credit or plan for the call (402, or the vendor's code for it). Stop the run; settle the account.
    PaymentRequired,
    /// The vendor reports on the first attempt that this credential sees no such record. A wrong tenant, region or key makes
    /// every id look like this: check them, unless the record is known to be absent.
    NotFound,
    /// The vendor refused the request before acting (400, 409, 422 and other 4xx). Change it before sending it again.
    Rejected,
    /// The vendor throttles (429), or the wait for its `Retry-After` or the client's rate limit exceeds the call's time.
    /// Wait for [`retry_after`](crate::Error::retry_after), then call again.
    RateLimited,
    /// No response in time (the limit of an attempt, or 408). Delete again to find out.
    Timeout,
    /// No connection could be made, or the server said that it did not process the request. Nothing was changed. Check the
    /// network, the base URL and the proxy.
    Connect,
    /// The server's certificate was refused. Nothing was sent. Check the host, the clock and the root certificates.
    Tls,
    /// The connection broke after the request was sent, or before a decisive body was complete. Delete again to find out.
    Connection,
    /// The vendor failed (5xx). Delete again to find out.
    Server,
    /// A [`StopToken`](crate::StopToken) stopped the call before its next request. Run it again.
    Interrupted,
    /// A response that the vendor does not document for this call: a redirect, an HTML page, a success status with the
    /// wrong body, a 404 from a gateway. Whether the record was deleted is unknown. Check the base URL and any proxy in
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
