//! The check for holds right before a request leaves.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use delete_core::RecordId;

use crate::error::JobError;
use crate::memory::JobLocation;
use crate::store::Store;

const IS_ANY: &str = "SELECT 1 FROM late_hold LIMIT 1";

const IS_HELD: &str = "SELECT 1 FROM late_hold WHERE id = ?";

#[cfg(test)]
pub(crate) const ALL: [&str; 2] = [IS_ANY, IS_HELD];

/// Reads the holds of a job while another connection writes it. Each check sees what was committed before it, by
/// whomever; for one id it is one lookup in an index.
pub(super) struct HoldCheck(Mutex<Store>);

impl HoldCheck {
    /// Opens the file once more, to read.
    pub(super) fn open(location: &JobLocation) -> Result<Self, JobError> {
        let store = Store::open_to_read(location)?;
        store.connection.execute_batch("PRAGMA query_only = 1;")?;
        Ok(Self(Mutex::new(store)))
    }

    pub(super) fn is_any_held<'a>(&self, ids: impl IntoIterator<Item = &'a RecordId>) -> Result<bool, JobError> {
        let store = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let reader = &store.connection;
        // Both statements are prepared once. Without a single hold, which is the common case, the first one is enough.
        if !reader.prepare_cached(IS_ANY)?.exists([])? {
            return Ok(false);
        }
        let mut query = reader.prepare_cached(IS_HELD)?;
        for id in ids {
            if query.exists([id.to_string()])? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl fmt::Debug for HoldCheck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HoldCheck").finish_non_exhaustive()
    }
}
