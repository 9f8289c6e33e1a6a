use delete_core::vendor_kit::{matches_status, select};
use delete_core::{Error, RecordMeta, Status};

use crate::status;

/// Which interactions to list. What is not set does not narrow the list.
///
/// The time of an interaction is its creation.
///
/// ```
/// use std::time::Duration;
/// use corti_delete::{Filter, status};
///
/// let month = Duration::from_secs(30 * 24 * 60 * 60);
/// let filter = Filter::new().older_than(month).with_status(status::COMPLETED);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub(crate) times: delete_core::Filter,
    pub(crate) statuses: Vec<Status>,
}

impl Filter {
    /// A filter that every interaction matches.
    pub fn new() -> Self {
        Self::default()
    }

    delete_core::filter_times!(times);

    /// Lists only interactions whose encounter has this status, or another one that is set.
    #[must_use]
    pub fn with_status(mut self, status: Status) -> Self {
        if !self.statuses.contains(&status) {
            self.statuses.push(status);
        }
        self
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        match self.statuses.iter().find(|status| !status::ALL.contains(status)) {
            None => Ok(()),
            Some(unknown) => {
                let known: Vec<&str> = status::ALL.iter().map(Status::as_str).collect();
                let message = format!("Corti has no encounter status \"{unknown}\"; there are {}", known.join(", "));
                Err(Error::invalid_input(message))
            }
        }
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
