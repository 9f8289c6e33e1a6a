//! What a lane knows of its target as a run begins.

use delete_core::{ErasureMode, VerifyPolicy};

use crate::error::JobError;
use crate::store::Store;
use crate::target::TargetNumber;

/// What the file holds about a target when a run begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    /// An earlier run deleted records of it.
    pub(super) has_deleted: bool,
    /// The job is small enough that somebody waits for it.
    pub(super) is_interactive: bool,
    mode: Option<ErasureMode>,
}

/// A job of at most so many records is interactive: a record whose vendor is unavailable fails soon, and nothing waits for
/// the vendor.
const MAX_INTERACTIVE: i64 = 10;

impl Known {
    pub(crate) fn of(store: &Store, number: TargetNumber) -> Result<Self, JobError> {
        let target = store.targets()?.into_iter().find(|(known, _)| *known == number);
        let mode = target.and_then(|(_, target)| target.mode);
        let is_interactive = !store.has_more_records_than(MAX_INTERACTIVE)?;
        Ok(Self { has_deleted: store.has_deleted(number)?, is_interactive, mode })
    }

    /// After a soft delete the vendor may show the record for ever, so that another lookup reports nothing new.
    pub(super) fn looks(self, looks: VerifyPolicy) -> VerifyPolicy {
        if self.mode == Some(ErasureMode::Soft) { VerifyPolicy::once() } else { looks }
    }
}
