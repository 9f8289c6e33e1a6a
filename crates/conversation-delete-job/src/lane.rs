//! One vendor's part of a run.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use delete_core::{Deleter, RateLimiter, RecordReader};

use crate::child::ChildJournal;
use crate::hold_check::HoldCheck;
use crate::pace::Limits;
use crate::target::{Target, TargetNumber};

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
    pub(crate) reject_active: bool,
    pub(crate) checker: Option<Arc<dyn RecordReader>>,
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
            reject_active: false,
            checker: None,
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

    /// Whether only records that are over are deleted: each one that a list did not show as over when the job was planned is
    /// looked up right before its delete. An active one fails with [`StillActive`](delete_core::ErrorKind::StillActive). No
    /// vendor documents what becomes of such a record after a delete.
    ///
    /// A record that the credential may not read is deleted all the same, and reported by
    /// [`ProgressEvent::Unchecked`](crate::ProgressEvent::Unchecked), unless the run verifies.
    #[must_use]
    pub fn with_reject_active(mut self, reject_active: bool) -> Self {
        self.reject_active = reject_active;
        self
    }

    /// Checks the credential by `checker` before anything else is sent, for a credential that could not be checked earlier.
    #[must_use]
    pub fn with_checker(mut self, checker: Arc<dyn RecordReader>) -> Self {
        self.checker = Some(checker);
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
