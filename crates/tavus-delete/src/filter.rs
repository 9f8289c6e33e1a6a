use delete_core::vendor_kit::{check_filter_value, matches_status, select};
use delete_core::{Error, RecordMeta, Status};

/// Which conversations to list. What is not set does not narrow the list.
///
/// The time of a conversation is its creation.
///
/// ```
/// use std::time::Duration;
/// use tavus_delete::{Filter, status};
///
/// let month = Duration::from_secs(30 * 24 * 60 * 60);
/// let filter = Filter::new().older_than(month).with_status(status::ENDED);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub(crate) times: delete_core::Filter,
    pub(crate) statuses: Vec<Status>,
}

impl Filter {
    /// A filter that every conversation matches.
    pub fn new() -> Self {
        Self::default()
    }

    delete_core::filter_times!(times);

    /// Lists only conversations of this status, or of another one that is set.
    #[must_use]
    pub fn with_status(mut self, status: Status) -> Self {
        self.statuses.push(status);
        self
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        self.statuses.iter().try_for_each(|status| check_filter_value("status", status.as_str()))
    }

    pub(crate) fn select(&self, meta: RecordMeta) -> Option<Result<RecordMeta, Error>> {
        let status = matches_status(&self.statuses, meta.status());
        select([("status", status), ("date", self.times.matches(meta.created_at()))], meta)
    }
}

impl From<delete_core::Filter> for Filter {
    fn from(times: delete_core::Filter) -> Self {
        Self { times, ..Self::default() }
    }
}
