use crate::words::words;

words! {
    /// The kind of failure, and what to do about it.
    ///
    /// The advice applies unless [`Error::delivery`](crate::Error::delivery) is
    /// [`MaybeDelivered`](crate::Delivery::MaybeDelivered): then the record may be deleted. Look it up, or delete it
    /// again.
    #[non_exhaustive]
    pub enum ErrorKind {
        /// An id or a batch was refused and nothing was sent. Correct the input.
        InvalidInput = "invalid_input",
        /// The client cannot be built, or its proxy refuses it: a credential, a URL or an option is missing or wrong.
        /// Nothing was sent to the vendor. Correct what the message names.
        Configuration = "configuration",
        /// The credential belongs to another tenant, workspace or region than the intended one. Nothing was deleted.
        /// Stop the run and correct what the message names.
        WrongTarget = "wrong_target",
        /// Our clock and the vendor's differ by more than five minutes, so a filter by age could select records that
        /// are too young. Nothing was listed. Correct the clock, use an absolute time, or trust the clock.
        ClockSkew = "clock_skew",
        /// The record is active: its call is running, or it is still being processed. No delete was sent, because no
        /// vendor documents its effect. Wait, end the call, or delete it without this check.
        StillActive = "still_active",
        /// The vendor refused the credential: a wrong, expired or revoked key, secret or token (401). Stop the run;
        /// check the credential and its tenant, region or workspace.
        Unauthenticated = "unauthenticated",
        /// The credential is valid but lacks the permission to delete. Stop the run and grant it.
        MissingScope = "missing_scope",
        /// The vendor forbids this credential to delete this record (403). Ask its owner, or use another credential.
        Forbidden = "forbidden",
        /// The account has no credit or plan for the call (402, or the vendor's code for it). Stop the run; settle it.
        PaymentRequired = "payment_required",
        /// The vendor reports on the first attempt that this credential sees no such record. A wrong tenant, region or
        /// key makes every id look like this: check them, unless the record is known to be absent.
        NotFound = "not_found",
        /// The vendor refused the request before acting (400, 409, 422 and other 4xx). Change it before sending again.
        Rejected = "rejected",
        /// The vendor throttles (429), or the wait for its `Retry-After` or the client's rate limit exceeds the call's
        /// time. Wait for [`retry_after`](crate::Error::retry_after), then call again.
        RateLimited = "rate_limited",
        /// No response in time (the limit of an attempt, or 408). Delete again to find out.
        Timeout = "timeout",
        /// No connection could be made, or the server said that it did not process the request. Nothing was changed.
        /// Check the network, the base URL and the proxy.
        Connect = "connect",
        /// The server's certificate was refused. Nothing was sent. Check the host, the clock and the root certificates.
        Tls = "tls",
        /// The connection broke after the request was sent, or before a decisive body was complete. Delete again to
        /// find out.
        Connection = "connection",
        /// The vendor failed (5xx). Delete again to find out.
        Server = "server",
        /// A [`StopToken`](crate::StopToken) stopped the call before its next request. Run it again.
        Interrupted = "interrupted",
        /// A response that the vendor does not document for this call: a redirect, an HTML page, a success status with
        /// the wrong body, a 404 from a gateway. Whether the record was deleted is unknown. Check the base URL and any
        /// proxy in between, then look the record up.
        UnexpectedResponse = "unexpected_response",
    }
}
