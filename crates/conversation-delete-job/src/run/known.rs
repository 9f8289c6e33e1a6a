//! What the file holds about a target when a run begins.

use delete_core::{ErasureMode, VerifyPolicy};

use crate::error::JobError;
use crate::journal::sql;
use crate::store::Store;
use crate::target::TargetNumber;
use crate::verify::Verify;

/// A job of at most so many records is interactive: somebody waits for it, so that calls are retried for a minute and then
/// fail, instead of waiting for the vendor.
const MAX_INTERACTIVE: u64 = 10;

const PLANNED: &str = "SELECT TOTAL(planned), TOTAL(CASE WHEN target = ? THEN planned END) FROM target";
const SEEN: &str = "SELECT EXISTS (SELECT 1 FROM record WHERE +target = ? AND presence_before = 'present')";

/// What the file holds about a target when a run begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Known {
    /// An earlier run deleted or saw records of it.
    pub(crate) is_confirmed: bool,
    pub(crate) is_interactive: bool,
    /// It has more than one record.
    pub(crate) is_several: bool,
    /// An earlier run sent deletes whose records are not known to be absent, and this run reads a list.
    pub(crate) has_unverified: bool,
    mode: Option<ErasureMode>,
}

impl Known {
    /// What was seen earlier counts if the run looks records up before their deletes.
    pub(crate) fn of(
        store: &Store,
        number: TargetNumber,
        verify: Verify,
        reject_active: bool,
    ) -> Result<Self, JobError> {
        let looks_up = verify != Verify::Off || reject_active;
        let target = store.targets()?.into_iter().find(|(known, _)| *known == number);
        let planned = |row: &rusqlite::Row<'_>| Ok((row.get::<_, f64>(0)? as u64, row.get::<_, f64>(1)? as u64));
        let (all, planned) = store.connection.query_row(PLANNED, [number.0], planned)?;
        let exists = |query| store.connection.query_row(query, [number.0], |row| row.get::<_, bool>(0));
        let (was_seen, has_unverified) = (|| exists(SEEN), || exists(sql::HAS_UNVERIFIED));
        Ok(Self {
            is_confirmed: store.has_deleted(number)? || looks_up && was_seen()?,
            is_interactive: all <= MAX_INTERACTIVE,
            is_several: planned > 1,
            has_unverified: verify == Verify::List && has_unverified()?,
            mode: target.and_then(|(_, target)| target.mode),
        })
    }

    /// After a soft delete the vendor may show the record for ever, so that another lookup reports nothing new.
    pub(crate) fn verify_policy(self, policy: VerifyPolicy) -> VerifyPolicy {
        if self.mode == Some(ErasureMode::Soft) { VerifyPolicy::once() } else { policy }
    }
}
