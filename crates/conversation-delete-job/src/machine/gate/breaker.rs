//! What the responses to deletes, or to reads, show about the vendor as a whole: whether it is available, and whether every
//! other call would fail alike.

use std::time::{Duration, Instant};

use delete_core::{Error, ErrorKind};

use crate::machine::decide::is_rejection;
use crate::run::Ending;

/// Calls in a row that failed for want of a valid response before the vendor counts as unavailable.
const MAX_FAILURES_IN_A_ROW: u32 = 5;
const MIN_PROBE_WAIT: Duration = Duration::from_secs(1);
const MAX_PROBE_WAIT: Duration = Duration::from_secs(300);

/// After failures for so long, something else must show whether the vendor is available.
const DOUBT: Duration = Duration::from_secs(15);

/// Responses in a row that no vendor sends. Something else responds, and each one leaves its records in doubt.
const MAX_UNEXPECTED_IN_A_ROW: u32 = 25;
/// The same in records, once a second response confirms the first one.
const MAX_UNEXPECTED_RECORDS: usize = 50;

/// Calls in a row that were forbidden, with nothing valid before: it is the credential, and not these records.
const MAX_FORBIDDEN_AT_FIRST: u32 = 5;
/// The same after valid responses, when a few records of another owner may follow each other.
const MAX_FORBIDDEN_IN_A_ROW: u32 = 10;

/// Calls in a row that were rejected for their form or state, with nothing valid in between: it is the API, and not these
/// records.
const MAX_REJECTED_IN_A_ROW: u32 = 50;
/// From here on, one call at a time is sent.
const SOME_REJECTED: u32 = 5;

/// What to do after a call that failed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Advice {
    Continue,
    /// The vendor is unavailable: no request for this long.
    Pause(Duration),
    Stop(Ending),
}

/// The circuit breaker of one kind of call: deletes or reads.
#[derive(Debug)]
pub(crate) struct CircuitBreaker {
    max_outage: Option<Duration>,
    /// A few records are retried and then fail, instead of waiting for the vendor.
    is_interactive: bool,
    /// When the current run of failures began.
    failing_since: Option<Instant>,
    last_error: Option<String>,
    failed: u32,
    unexpected: u32,
    unexpected_records: usize,
    probe_wait: Duration,
    paused_at: Option<Instant>,
    /// A valid response came, so that the credential may do what it is for.
    has_responded: bool,
    forbidden: u32,
    rejected: u32,
}

impl CircuitBreaker {
    pub(crate) fn new(max_outage: Option<Duration>, is_interactive: bool) -> Self {
        Self {
            max_outage,
            is_interactive,
            failing_since: None,
            last_error: None,
            failed: 0,
            unexpected: 0,
            unexpected_records: 0,
            probe_wait: MIN_PROBE_WAIT,
            paused_at: None,
            has_responded: false,
            forbidden: 0,
            rejected: 0,
        }
    }

    /// No valid response came for a while.
    pub(crate) fn is_open(&self) -> bool {
        !self.is_interactive && self.failed >= MAX_FAILURES_IN_A_ROW
    }

    /// No valid response came for so long, or so often, that somebody should ask.
    pub(crate) fn needs_probe(&self, now: Instant) -> bool {
        let is_long = self.failing_since.is_some_and(|since| now.saturating_duration_since(since) >= DOUBT);
        !self.is_interactive && (self.is_open() || is_long)
    }

    /// The vendor rejects whatever it gets, from the beginning or for a while.
    pub(crate) fn is_rejecting(&self) -> bool {
        self.rejected >= SOME_REJECTED
            || self.forbidden >= MAX_FORBIDDEN_AT_FIRST
            || (self.rejected > 0 && !self.has_responded)
    }

    /// The last response was not the vendor's: another one would leave all records of its call in doubt.
    pub(crate) fn is_unexpected(&self) -> bool {
        self.unexpected > 0
    }

    /// The last responses were all 403, so many that the credential may lack the permission.
    pub(crate) fn doubts_permission(&self) -> bool {
        self.forbidden >= MAX_FORBIDDEN_AT_FIRST
    }

    /// When the current run of failures began.
    pub(crate) fn failing_since(&self) -> Option<Instant> {
        self.failing_since
    }

    /// A call succeeded.
    pub(crate) fn on_success(&mut self) {
        self.on_response();
        self.rejected = 0;
    }

    /// A valid response came.
    pub(crate) fn on_response(&mut self) {
        self.has_responded = true;
        self.forbidden = 0;
        self.recover();
    }

    /// The vendor is available.
    fn recover(&mut self) {
        self.failing_since = None;
        self.failed = 0;
        self.unexpected = 0;
        self.unexpected_records = 0;
        self.probe_wait = MIN_PROBE_WAIT;
    }

    /// A call for so many records that was sent at this time failed. `may_be_record`: in a verification, records that may not
    /// be read do not stop the run.
    pub(crate) fn on_failure(
        &mut self,
        error: &Error,
        records: usize,
        (sent_at, now): (Instant, Instant),
        is_verification: bool,
    ) -> Advice {
        if let Some(ending) = end_of_all(error) {
            return Advice::Stop(ending);
        }
        match error.kind() {
            ErrorKind::UnexpectedResponse => self.on_unexpected_response(error, records),
            ErrorKind::Forbidden => self.on_forbidden(error, is_verification),
            _ if is_rejection(error) => self.on_rejection(error),
            ErrorKind::RateLimited => {
                self.note_failure(error, now);
                Advice::Continue
            }
            kind if is_about_the_vendor(kind) => self.on_outage(error, sent_at, now),
            _ => {
                // The vendor is available, and it is this record alone: it is not there, or still active.
                self.on_success();
                Advice::Continue
            }
        }
    }

    fn on_outage(&mut self, error: &Error, sent_at: Instant, now: Instant) -> Advice {
        self.note_failure(error, now);
        self.failed += 1;
        // What was in flight when the pause began does not count as a probe.
        if !self.is_open() || self.paused_at.is_some_and(|at| sent_at <= at) {
            return Advice::Continue;
        }
        self.paused_at = Some(now);
        let wait = self.probe_wait.min(self.outage_left(now)).max(error.retry_after().unwrap_or_default());
        self.probe_wait = (self.probe_wait * 2).min(MAX_PROBE_WAIT);
        Advice::Pause(wait)
    }

    /// The last probe comes when the longest outage ends, and not after it.
    fn outage_left(&self, now: Instant) -> Duration {
        let so_far = self.failing_for(now);
        self.max_outage.map_or(MAX_PROBE_WAIT, |longest| longest.saturating_sub(so_far).max(MIN_PROBE_WAIT))
    }

    fn failing_for(&self, now: Instant) -> Duration {
        self.failing_since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since))
    }

    fn note_failure(&mut self, error: &Error, now: Instant) {
        self.failing_since.get_or_insert(now);
        self.last_error = Some(error.to_string());
    }

    /// A 403 may be about this record alone, unless many come in a row. A permission can also be lost during a run.
    fn on_forbidden(&mut self, error: &Error, is_verification: bool) -> Advice {
        self.recover();
        self.forbidden += 1;
        let most = if self.has_responded { MAX_FORBIDDEN_IN_A_ROW } else { MAX_FORBIDDEN_AT_FIRST };
        if self.forbidden < most || is_verification {
            return Advice::Continue;
        }
        Advice::Stop(Ending::CredentialRefused(self.all_forbidden(error)))
    }

    pub(crate) fn all_forbidden(&self, error: &Error) -> String {
        format!("all of the {} {} requests were forbidden: {error}", self.first_or_last(), self.forbidden)
    }

    fn first_or_last(&self) -> &'static str {
        if self.has_responded { "last" } else { "first" }
    }

    fn on_rejection(&mut self, error: &Error) -> Advice {
        self.recover();
        self.rejected += 1;
        if self.rejected < MAX_REJECTED_IN_A_ROW {
            return Advice::Continue;
        }
        let which = self.first_or_last();
        let status = error.status().map_or_else(String::new, |status| format!(" ({status})"));
        let count = self.rejected;
        let message = format!(
            "all of the {which} {count} requests were rejected{status}: has the API changed? What was not sent stays open: {error}"
        );
        Advice::Stop(Ending::Unrecoverable(message))
    }

    fn on_unexpected_response(&mut self, error: &Error, records: usize) -> Advice {
        let (unexpected, unexpected_records) = (self.unexpected + 1, self.unexpected_records + records);
        self.recover();
        (self.unexpected, self.unexpected_records) = (unexpected, unexpected_records);
        let is_confirmed = unexpected >= 2 && unexpected_records >= MAX_UNEXPECTED_RECORDS;
        if unexpected < MAX_UNEXPECTED_IN_A_ROW && !is_confirmed {
            return Advice::Continue;
        }
        Advice::Stop(Ending::Unrecoverable(format!(
            "{unexpected} responses in a row were none of the vendor's: {error}"
        )))
    }

    /// Why a wait is longer than the longest outage that the run waits for. `is_throttled` if the vendor asked for it; else it
    /// is the lane's own pace, which counts only while the vendor fails.
    pub(crate) fn outage_timeout(&self, now: Instant, wait: Duration, is_throttled: bool) -> Option<Ending> {
        let longest = self.max_outage.filter(|_| is_throttled || self.failing_since.is_some())?;
        let reason = self.last_error.clone().unwrap_or_default();
        (self.failing_for(now).saturating_add(wait) > longest).then_some(Ending::OutageTimedOut { wait, reason })
    }
}

/// Whether an error of this kind is a sign that the vendor is unavailable.
fn is_about_the_vendor(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Connect | ErrorKind::Timeout | ErrorKind::Connection | ErrorKind::Server)
}

/// How a run ends if every other call would fail alike.
fn end_of_all(error: &Error) -> Option<Ending> {
    if error.is_credential_refused() {
        Some(Ending::CredentialRefused(error.to_string()))
    } else if error.kind() == ErrorKind::WrongTarget {
        Some(Ending::WrongTarget(error.to_string()))
    } else if error.is_fatal_for_client() {
        Some(Ending::Unrecoverable(error.to_string()))
    } else {
        None
    }
}
