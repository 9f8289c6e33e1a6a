use std::time::{Duration, SystemTime};

use crate::error::Error;
use crate::{RecordMeta, Status, text};

/// The records to list, by time. What is not set does not narrow the list.
///
/// Every vendor can list by time, so every [`RecordReader`](crate::RecordReader) takes this filter. A vendor crate whose vendor
/// can list by more, such as a status, has its own `Filter`, which its own `Client::list` takes.
///
/// ```
/// use std::time::Duration;
/// use delete_core::Filter;
///
/// let month = Duration::from_secs(30 * 24 * 60 * 60);
/// let filter = Filter::new().older_than(month);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    since: Option<SystemTime>,
    until: Option<SystemTime>,
    min_age: Option<Duration>,
    max_age: Option<Duration>,
    is_by_age: bool,
    trusts_clock: bool,
}

/// The methods of [`Filter`](crate::Filter) that narrow by time, for a vendor's filter with such a filter in the field `$times`;
/// also that of [`StatusFilter`](crate::StatusFilter) that narrows by status, if the field holds one.
#[doc(hidden)]
#[macro_export]
macro_rules! filter_times {
    ($times:ident, with_status) => {
        $crate::filter_times!($times);

        /// Lists only records of this status, or of another one that is set.
        #[must_use]
        pub fn with_status(mut self, status: $crate::Status) -> Self {
            self.$times = self.$times.with_status(status);
            self
        }
    };
    ($times:ident) => {
        /// Lists only records of this time or later.
        #[must_use]
        pub fn with_since(mut self, time: ::std::time::SystemTime) -> Self {
            self.$times = self.$times.with_since(time);
            self
        }

        /// Lists only records before this time.
        #[must_use]
        pub fn with_until(mut self, time: ::std::time::SystemTime) -> Self {
            self.$times = self.$times.with_until(time);
            self
        }

        /// Lists only records older than this; see [`Filter::older_than`]($crate::Filter::older_than).
        #[must_use]
        pub fn older_than(mut self, age: ::std::time::Duration) -> Self {
            self.$times = self.$times.older_than(age);
            self
        }

        /// Lists only records at most this old; see [`Filter::newer_than`]($crate::Filter::newer_than).
        #[must_use]
        pub fn newer_than(mut self, age: ::std::time::Duration) -> Self {
            self.$times = self.$times.newer_than(age);
            self
        }

        /// Lists by age even if our clock differs from the vendor's.
        #[must_use]
        pub fn trust_clock(mut self) -> Self {
            self.$times = self.$times.trust_clock();
            self
        }
    };
}

impl Filter {
    /// A filter that every record matches.
    pub fn new() -> Self {
        Self::default()
    }

    /// Lists only records of this time or later.
    ///
    /// The time of a record is its creation (Corti, Tavus), the start of the call (ElevenLabs) or the latest message
    /// (Fini, whose list has no other time).
    #[must_use]
    pub fn with_since(mut self, time: SystemTime) -> Self {
        self.since = Some(time);
        self
    }

    /// Lists only records before this time.
    #[must_use]
    pub fn with_until(mut self, time: SystemTime) -> Self {
        self.until = Some(time);
        self
    }

    /// Lists only records older than this when the listing begins, by our clock.
    ///
    /// If our clock differs from the vendor's by more than five minutes, the listing ends with
    /// [`ErrorKind::ClockSkew`](crate::ErrorKind::ClockSkew) as soon as a response shows it, usually the first; see
    /// [`trust_clock`](Self::trust_clock).
    #[must_use]
    pub fn older_than(mut self, age: Duration) -> Self {
        self.min_age = Some(age);
        self.is_by_age = true;
        self
    }

    /// Lists only records at most this old when the listing begins, by our clock, which is checked as for
    /// [`older_than`](Self::older_than).
    #[must_use]
    pub fn newer_than(mut self, age: Duration) -> Self {
        self.max_age = Some(age);
        self.is_by_age = true;
        self
    }

    /// Lists by age even if our clock differs from the vendor's.
    #[must_use]
    pub fn trust_clock(mut self) -> Self {
        self.trusts_clock = true;
        self
    }

    /// The same filter with its ages turned into times, counted from `now`. It still
    /// [depends on the clock](Self::depends_on_clock).
    #[must_use]
    pub fn at(&self, now: SystemTime) -> Self {
        let before = |age: Duration| now.checked_sub(age).unwrap_or(SystemTime::UNIX_EPOCH);
        let (since, until) = (self.max_age.map(before), self.min_age.map(before));
        Self {
            since: self.since.max(since),
            until: self.until.into_iter().chain(until).min(),
            min_age: None,
            max_age: None,
            ..self.clone()
        }
    }

    /// Whether a wrong clock would select other records: the filter has an age and does not trust the clock.
    pub fn depends_on_clock(&self) -> bool {
        self.is_by_age && !self.trusts_clock
    }

    /// The earliest time that matches. An age counts once [`at`](Self::at) has turned it into a time.
    pub fn since(&self) -> Option<SystemTime> {
        self.since
    }

    /// The time before which records match. An age counts once [`at`](Self::at) has turned it into a time.
    pub fn until(&self) -> Option<SystemTime> {
        self.until
    }

    /// Refuses a range of time that no record can be in.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput).
    pub fn check(&self) -> Result<(), Error> {
        match (self.since, self.until) {
            (Some(since), Some(until)) if since >= until => {
                Err(Error::invalid_input("the range of time is empty: it must begin before it ends"))
            }
            _ => Ok(()),
        }
    }

    /// Whether a record of this time matches; `None` if that depends on its time and the time is unknown, or on an age that
    /// [`at`](Self::at) has not turned into a time yet.
    pub fn matches(&self, time: Option<SystemTime>) -> Option<bool> {
        if self.min_age.is_some() || self.max_age.is_some() {
            return None;
        }
        match (self.since, self.until, time) {
            (None, None, _) => Some(true),
            (_, _, None) => None,
            (since, until, Some(time)) => {
                Some(since.is_none_or(|since| time >= since) && until.is_none_or(|until| time < until))
            }
        }
    }
}

/// Refuses a text that a vendor could take for "everything" or that cannot be seen, before it is sent as the filter `name`.
///
/// # Errors
/// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput).
pub fn check_filter_value(name: &str, value: &str) -> Result<(), Error> {
    if value.trim().is_empty() {
        return Err(Error::invalid_input(format!(
            "the filter `{name}` is empty, which a vendor could take for everything"
        )));
    }
    if value.len() > 256 || value != value.trim() || value.chars().any(text::is_unsafe_to_print) {
        let value = text::quoted(value);
        return Err(Error::invalid_input(format!(
            "the filter `{name}` cannot be {value}: it is too long, or has spaces or invisible characters around or in it"
        )));
    }
    Ok(())
}

/// Whether a status is one of the `wanted`; `None` if that depends on the status and it is unknown.
pub(super) fn matches_status(wanted: &[Status], status: Option<&Status>) -> Option<bool> {
    if wanted.is_empty() { Some(true) } else { status.map(|status| wanted.contains(status)) }
}

/// Selects a listed record by criteria such as `("date", filter.matches(meta.created_at()))`. No vendor is trusted to have
/// applied a filter.
///
/// Returns `None` if the record does not match, and an error if that is unknown.
pub fn select<'a>(
    criteria: impl IntoIterator<Item = (&'a str, Option<bool>)>,
    meta: RecordMeta,
) -> Option<Result<RecordMeta, Error>> {
    let mut unknown = None;
    for (name, matches) in criteria {
        match matches {
            Some(true) => {}
            Some(false) => return None,
            None => unknown = unknown.or(Some(name)),
        }
    }
    Some(match unknown {
        None => Ok(meta),
        Some(name) => Err(Error::unexpected_response(format!(
            "{} has no {name} that can be read, so it is unknown whether it matches the filter",
            meta.id()
        ))),
    })
}

#[cfg(test)]
mod tests;
