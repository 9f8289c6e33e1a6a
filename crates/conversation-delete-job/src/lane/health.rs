//! What the responses show about the vendor as a whole: whether it is available, and whether this is the right target.

use std::time::{Duration, Instant};

use delete_core::{Error, ErrorKind};

use super::Known;
use crate::pass::{Pass, is_rejection};
use crate::run::{Ending, RunOptions};

/// Calls in a row that failed for want of a valid response before the vendor counts as unavailable.
const OUTAGE: u32 = 5;
const FIRST_PROBE: Duration = Duration::from_secs(1);
const LAST_PROBE: Duration = Duration::from_secs(300);

const DOUBT: Duration = Duration::from_secs(15);

/// Responses in a row that no vendor sends. Something else responds, and each one leaves its records in doubt.
const STRANGE: u32 = 25;
/// The same in records, once a second response confirms the first one.
const STRANGE_RECORDS: usize = 50;

/// If none of so many first records is there, it is the wrong target.
const FIRST_LOOK: u64 = 20;

/// What a batch of which nobody knows whether it was there counts for among these.
const UNRESOLVED: u64 = 4;

/// Calls in a row that were forbidden, with nothing valid before: it is the credential, and not these records.
const FORBIDDEN: u32 = 5;
/// The same after valid responses, when a few records of another owner may follow each other.
const LATER_FORBIDDEN: u32 = 10;

/// Calls in a row that were rejected for their form or state, with nothing valid in between: it is the API, and not these
/// records. Until then, one call at a time is sent.
const REJECTED: u32 = 50;
const SOME_REJECTED: u32 = 5;

/// What to do after a call that failed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Advice {
    GoOn,
    /// The vendor is unavailable: no request for this long.
    Pause(Duration),
    Stop(Ending),
}

#[derive(Debug)]
pub(super) struct Health {
    patience: Option<Duration>,
    /// An outage pauses nothing: the records fail.
    is_interactive: bool,
    /// When the last valid response was followed by another kind.
    ill_since: Option<Instant>,
    /// What it said last that was not sound.
    trouble: Option<String>,
    failed: u32,
    strange: u32,
    strange_records: usize,
    probe: Duration,
    paused_at: Option<Instant>,
    /// It does not matter whether records are there.
    absent_ok: bool,
    all_absent_ok: bool,
    /// It is not known of every record that was looked up whether it is there.
    has_unknown: bool,
    /// A record was seen or deleted here.
    is_confirmed: bool,
    suspicion: u64,
    looked: u64,
    pass: Pass,
    /// A valid response came in this pass, so that the credential may do what it is for.
    has_responded: bool,
    forbidden: u32,
    rejected: u32,
}

impl Health {
    pub(super) fn new(options: &RunOptions, known: Known) -> Self {
        Self {
            patience: options.max_outage,
            is_interactive: known.is_interactive,
            ill_since: None,
            trouble: None,
            failed: 0,
            strange: 0,
            strange_records: 0,
            probe: FIRST_PROBE,
            paused_at: None,
            absent_ok: options.absent_ok,
            all_absent_ok: options.all_absent_ok,
            has_unknown: false,
            is_confirmed: known.has_deleted,
            suspicion: 0,
            looked: 0,
            pass: Pass::Delete,
            has_responded: false,
            forbidden: 0,
            rejected: 0,
        }
    }

    /// What the credential may do shows anew.
    pub(super) fn begin_pass(&mut self, pass: Pass) {
        self.pass = pass;
        self.has_responded = false;
        self.forbidden = 0;
        self.rejected = 0;
    }

    /// Nothing sound was heard for a while.
    pub(super) fn is_out_of_order(&self) -> bool {
        self.failed >= OUTAGE
    }

    /// Nothing sound was heard for so long, or so often, that somebody should ask.
    pub(super) fn is_doubtful(&self, now: Instant) -> bool {
        !self.is_interactive
            && (self.is_out_of_order()
                || self.ill_since.is_some_and(|since| now.saturating_duration_since(since) >= DOUBT))
    }

    /// Records were not there, and none was so far.
    pub(super) fn is_suspicious(&self) -> bool {
        !self.absent_ok && !self.is_confirmed && self.suspicion > 0
    }

    /// It is known that this is the right target, or that it does not matter.
    pub(super) fn is_target_settled(&self) -> bool {
        self.is_confirmed || (self.absent_ok && self.suspicion >= FIRST_LOOK)
    }

    /// The vendor rejects whatever it gets, in this pass from its beginning or for a while.
    pub(super) fn is_rejecting(&self) -> bool {
        self.rejected >= SOME_REJECTED || self.forbidden >= FORBIDDEN || (self.rejected > 0 && !self.has_responded)
    }

    /// The last response was not the vendor's: another one would leave all records of its call in doubt.
    pub(super) fn is_strange(&self) -> bool {
        self.strange > 0
    }

    /// In a verification the last responses were all 403: whether the credential may read anything must be asked.
    pub(super) fn doubts_permission(&self) -> bool {
        matches!(self.pass, Pass::Verify | Pass::Reverify) && self.forbidden >= FORBIDDEN
    }

    /// A call succeeded.
    pub(super) fn succeeded(&mut self) {
        self.responded();
        self.rejected = 0;
    }

    /// A valid response came.
    pub(super) fn responded(&mut self) {
        self.has_responded = true;
        self.forbidden = 0;
        self.recovered();
    }

    /// The vendor is available.
    fn recovered(&mut self) {
        self.ill_since = None;
        self.failed = 0;
        self.strange = 0;
        self.strange_records = 0;
        self.probe = FIRST_PROBE;
    }

    /// A call for so many records that was sent at this time failed.
    pub(super) fn failed(&mut self, error: &Error, records: usize, sent_at: Instant, now: Instant) -> Advice {
        if let Some(ending) = end_of_all(error) {
            return Advice::Stop(ending);
        }
        if error.kind() == ErrorKind::UnexpectedResponse {
            return self.wonder(error, records);
        }
        if error.kind() == ErrorKind::Forbidden {
            return self.forbid(error);
        }
        if is_rejection(error) {
            return self.reject(error);
        }
        if error.kind() == ErrorKind::RateLimited {
            self.note_trouble(error, now);
            return Advice::GoOn;
        }
        if !is_about_the_vendor(error.kind()) {
            // The vendor is available, and it is this record alone: it is not there, or still active.
            self.succeeded();
            return Advice::GoOn;
        }
        self.note_trouble(error, now);
        if self.is_interactive {
            return Advice::GoOn;
        }
        self.failed += 1;
        // What was in flight when the pause began does not count as a probe.
        if !self.is_out_of_order() || self.paused_at.is_some_and(|at| sent_at <= at) {
            return Advice::GoOn;
        }
        self.paused_at = Some(now);
        let wait = self.probe.min(self.patience_left(now)).max(error.retry_after().unwrap_or_default());
        self.probe = (self.probe * 2).min(LAST_PROBE);
        Advice::Pause(wait)
    }

    /// The last probe comes when the patience ends, and not after it.
    fn patience_left(&self, now: Instant) -> Duration {
        let so_far = self.ill_since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since));
        self.patience.map_or(LAST_PROBE, |patience| patience.saturating_sub(so_far).max(FIRST_PROBE))
    }

    fn note_trouble(&mut self, error: &Error, now: Instant) {
        self.ill_since.get_or_insert(now);
        self.trouble = Some(error.to_string());
    }

    /// A 403 may be about this record alone, unless many come in a row. A permission can also be lost during a run.
    fn forbid(&mut self, error: &Error) -> Advice {
        self.recovered();
        self.forbidden += 1;
        let limit = if self.has_responded { LATER_FORBIDDEN } else { FORBIDDEN };
        if self.forbidden < limit || self.doubts_permission() {
            return Advice::GoOn;
        }
        Advice::Stop(Ending::CredentialRefused(self.all_forbidden(error)))
    }

    pub(super) fn all_forbidden(&self, error: &Error) -> String {
        format!("all of the {} {} requests were forbidden: {error}", self.first_or_last(), self.forbidden)
    }

    fn first_or_last(&self) -> &'static str {
        if self.has_responded { "last" } else { "first" }
    }

    fn reject(&mut self, error: &Error) -> Advice {
        self.recovered();
        self.rejected += 1;
        if self.rejected < REJECTED {
            return Advice::GoOn;
        }
        let which = self.first_or_last();
        let status = error.status().map_or_else(String::new, |status| format!(" ({status})"));
        let count = self.rejected;
        let message = format!(
            "all of the {which} {count} requests were rejected{status}: has the API changed? What was not sent stays open: {error}"
        );
        Advice::Stop(Ending::Unrecoverable(message))
    }

    fn wonder(&mut self, error: &Error, records: usize) -> Advice {
        let (strange, strange_records) = (self.strange + 1, self.strange_records + records);
        self.recovered();
        (self.strange, self.strange_records) = (strange, strange_records);
        if strange < STRANGE && (strange < 2 || strange_records < STRANGE_RECORDS) {
            return Advice::GoOn;
        }
        Advice::Stop(Ending::Unrecoverable(format!("{strange} responses in a row were none of the vendor's: {error}")))
    }

    /// Why a wait is longer than this run has patience for. `is_held` says that the vendor wants it; else it is its own
    /// pace, which counts for nothing while the vendor is well.
    pub(super) fn out_of_patience(&self, now: Instant, wait: Duration, is_held: bool) -> Option<Ending> {
        let patience = self.patience.filter(|_| is_held || self.ill_since.is_some())?;
        let so_far = self.ill_since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since));
        let reason = self.trouble.clone().unwrap_or_default();
        (so_far.saturating_add(wait) > patience).then_some(Ending::OutageTimedOut { wait, reason })
    }

    /// A record was there.
    pub(super) fn found(&mut self) {
        self.is_confirmed = true;
    }

    /// A lookup could not find out whether a record is there.
    pub(super) fn found_nothing_out(&mut self) {
        self.has_unknown = true;
    }

    /// How the run ends if its lookups found none of several records. It may be the wrong target.
    pub(super) fn none_found(&self) -> Option<Ending> {
        let is_none = self.looked > 1 && !self.is_confirmed && !self.has_unknown;
        (is_none && !self.all_absent_ok).then_some(Ending::NothingFound { looked: self.looked })
    }

    /// A record was not there. A run whose first records are all not there may have come to the wrong target.
    pub(super) fn missed(&mut self) -> Option<Ending> {
        self.suspect(1, 1)
    }

    /// Of no record of a batch is it known whether it was there. A batch of another workspace looks like this.
    pub(super) fn missed_some(&mut self, records: usize) -> Option<Ending> {
        self.suspect(UNRESOLVED, records as u64)
    }

    fn suspect(&mut self, weight: u64, records: u64) -> Option<Ending> {
        self.suspicion += weight;
        self.looked += records;
        let is_wrong = !self.absent_ok && !self.is_confirmed && self.suspicion >= FIRST_LOOK;
        is_wrong.then_some(Ending::NothingFound { looked: self.looked })
    }
}

/// Whether an error of this kind is a sign that the vendor is unavailable.
fn is_about_the_vendor(kind: ErrorKind) -> bool {
    matches!(kind, ErrorKind::Connect | ErrorKind::Timeout | ErrorKind::Connection | ErrorKind::Server)
}

/// How a run ends where every other call would fail alike.
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
