//! Whether this is the right target: a wrong tenant, region or key makes every record look absent.

use crate::run::Ending;

/// If none of so many first records is found, it is the wrong target.
const MISSES_BEFORE_STOP: u64 = 20;

/// What a batch counts for among these if nobody knows whether its records existed.
const UNRESOLVED_WEIGHT: u64 = 4;

/// Counts records that were not found until one was.
#[derive(Debug)]
pub(crate) struct TargetGuard {
    /// It does not matter whether records are found.
    absent_ok: bool,
    /// All records are looked up before the first delete, so that whether one is there is known, however many are not.
    is_scanned: bool,
    is_confirmed: bool,
    misses: u64,
    looked: u64,
}

impl TargetGuard {
    /// `is_confirmed` if an earlier run deleted records of the target, or saw one.
    pub(crate) fn new(absent_ok: bool, is_scanned: bool, is_confirmed: bool) -> Self {
        Self { absent_ok, is_scanned, is_confirmed, misses: 0, looked: 0 }
    }

    /// A record was seen or deleted here.
    pub(crate) fn confirm(&mut self) {
        self.is_confirmed = true;
    }

    /// Records were not found, whether or not that matters.
    pub(crate) fn has_missed(&self) -> bool {
        self.misses > 0
    }

    /// Records were not found, and none was so far.
    pub(crate) fn is_suspicious(&self) -> bool {
        !self.absent_ok && !self.is_confirmed && self.misses > 0
    }

    /// It is known that this is the right target, or that it does not matter.
    pub(crate) fn is_settled(&self) -> bool {
        self.is_confirmed || (self.absent_ok && !self.is_scanned && self.misses >= MISSES_BEFORE_STOP)
    }

    /// A record was not found. A run whose first records are all absent may have come to the wrong target.
    pub(crate) fn record_miss(&mut self) -> Option<Ending> {
        self.miss(1, 1)
    }

    /// Of no record of a batch is it known whether it existed. A batch of another workspace looks like this.
    pub(crate) fn record_unresolved(&mut self, records: usize) -> Option<Ending> {
        self.miss(UNRESOLVED_WEIGHT, records as u64)
    }

    fn miss(&mut self, weight: u64, records: u64) -> Option<Ending> {
        self.misses += weight;
        self.looked += records;
        let is_wrong = !self.absent_ok && !self.is_confirmed && self.misses >= MISSES_BEFORE_STOP;
        is_wrong.then(|| self.nothing_found())
    }

    pub(crate) fn nothing_found(&self) -> Ending {
        Ending::NothingFound { looked: self.looked }
    }
}
