use crate::error::Error;
use crate::lookup::filter::{check_filter_value, matches_status, select};
use crate::{Filter, RecordMeta, Status};

/// The records to list, by time and by status. What is not set does not narrow the list.
///
/// Crates of vendors whose lists have statuses re-export it as their `Filter`. A [`Filter`] that every vendor takes has none:
///
/// ```compile_fail,E0599
/// delete_core::Filter::new().with_status(delete_core::Status::new("ended"));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatusFilter {
    times: Filter,
    statuses: Vec<Status>,
}

impl StatusFilter {
    /// A filter that every record matches.
    pub fn new() -> Self {
        Self::default()
    }

    crate::filter_times!(times);

    /// Lists only records of this status, or of another one that is set.
    #[must_use]
    pub fn with_status(mut self, status: Status) -> Self {
        if !self.statuses.contains(&status) {
            self.statuses.push(status);
        }
        self
    }

    /// The times to list; all if none is set.
    pub fn times(&self) -> &Filter {
        &self.times
    }

    /// The statuses to list, each once; all if none is set.
    pub fn statuses(&self) -> &[Status] {
        &self.statuses
    }

    /// The same filter with these times.
    pub(crate) fn with_times(&self, times: Filter) -> Self {
        Self { times, statuses: self.statuses.clone() }
    }

    /// Refuses a status that a vendor could take for all of them.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput).
    pub(crate) fn check_statuses(&self) -> Result<(), Error> {
        self.statuses.iter().try_for_each(|status| check_filter_value("status", status.as_str()))
    }

    /// Whether a record matches by its status and its time of creation, for [`select`](crate::vendor_kit::select).
    pub fn criteria(&self, meta: &RecordMeta) -> [(&'static str, Option<bool>); 2] {
        let status = matches_status(&self.statuses, meta.status());
        [("status", status), ("date", self.times.matches(meta.created_at()))]
    }

    /// Selects a record of a list by its [`criteria`](Self::criteria).
    pub fn select(&self, meta: RecordMeta) -> Option<Result<RecordMeta, Error>> {
        select(self.criteria(&meta), meta)
    }
}

impl From<Filter> for StatusFilter {
    fn from(times: Filter) -> Self {
        Self { times, ..Self::default() }
    }
}
