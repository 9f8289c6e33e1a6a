//! One vendor's part of a run.

mod health;
mod known;
mod queue;
mod run;

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use delete_core::{Deleter, RateLimiter, RecordReader};

use crate::child::ChildJournal;
use crate::hold_check::HoldCheck;
use crate::pace::Limits;
use crate::target::{Target, TargetNumber};

pub(crate) use known::Known;
pub(crate) use run::{LaneRun, Setting};

/// Who deletes the records of one target.
///
/// Its client should try each call once (`RetryPolicy::none()`): the job repeats what may pass, keeps the pace, and
/// remembers what was ambiguous.
#[derive(Clone)]
pub struct Lane {
    pub(crate) target: TargetNumber,
    pub(crate) now: Target,
    pub(crate) deleter: Arc<dyn Deleter>,
    pub(crate) reader: Arc<dyn RecordReader>,
    pub(crate) limits: Limits,
    pub(crate) limiter: Option<RateLimiter>,
    pub(crate) requests: u32,
    pub(crate) max_batch: usize,
    pub(crate) children: Option<ChildJournal>,
    pub(crate) hold_check: Option<HoldCheck>,
    pub(crate) not_before: Option<Instant>,
}

impl Lane {
    /// A lane in which `deleter` deletes the records of `target`, and `reader` looks them up if a run verifies. `now` is the
    /// target that these clients reach now: [`Job::run`](crate::Job::run) compares it with the planned one.
    pub fn new(target: TargetNumber, now: Target, deleter: Arc<dyn Deleter>, reader: Arc<dyn RecordReader>) -> Self {
        let limits = Limits::default();
        Self {
            target,
            now,
            deleter,
            reader,
            limits,
            limiter: None,
            requests: 1,
            max_batch: usize::MAX,
            children: None,
            hold_check: None,
            not_before: None,
        }
    }

    /// Whose records they are.
    pub fn target(&self) -> TargetNumber {
        self.target
    }

    /// What it may do at most.
    #[must_use]
    pub fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// The rate limit that all clients of this credential keep together: those of `deleter` and `reader` should have been
    /// built with it. The lane sends nothing while the requests of a scan, a check or children leave no room under it.
    #[must_use]
    pub fn with_rate_limiter(mut self, limiter: RateLimiter) -> Self {
        self.limiter = Some(limiter);
        self
    }

    /// How many requests one delete makes, for the pace: 1, unless the deleter looks the record up before. Requests for
    /// children are counted by the [rate limiter](Self::with_rate_limiter) alone.
    #[must_use]
    pub fn with_requests_per_delete(mut self, requests: u32) -> Self {
        self.requests = requests.max(1);
        self
    }

    /// Sends nothing before: the vendor wants to be left alone until then.
    #[must_use]
    pub fn not_before(mut self, time: Instant) -> Self {
        self.not_before = Some(time);
        self
    }

    /// Sends at most so many records in a request, where the deleter takes more.
    #[must_use]
    pub fn with_max_batch(mut self, records: usize) -> Self {
        self.max_batch = records.max(1);
        self
    }

    /// Writes what `children` is given while the lane runs: what became of that which is deleted with a record.
    #[must_use]
    pub fn with_children(mut self, children: ChildJournal) -> Self {
        self.children = Some(children);
        self
    }

    /// Lets the deleter check the holds of the job while the lane runs. See [`HoldCheck`].
    #[must_use]
    pub fn with_hold_check(mut self, check: HoldCheck) -> Self {
        self.hold_check = Some(check);
        self
    }
}

impl fmt::Debug for Lane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lane").field("target", &self.target).field("limits", &self.limits).finish_non_exhaustive()
    }
}
