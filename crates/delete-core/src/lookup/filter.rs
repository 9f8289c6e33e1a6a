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

/// The methods of [`Filter`](crate::Filter) that narrow by time, for a vendor's filter with such a filter in the field `$times`.
#[doc(hidden)]
#[macro_export]
macro_rules! filter_times {
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
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{ConversationId, ErrorKind};

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn a_value_that_could_mean_everything_is_refused() {
        for value in ["", " ", "a\n", " a", "\u{200b}x", &"x".repeat(257)] {
            assert_eq!(check_filter_value("user", value).unwrap_err().kind(), ErrorKind::InvalidInput, "{value:?}");
        }
        for value in ["agent_1", "Zoë", &"x".repeat(256)] {
            check_filter_value("user", value).unwrap();
        }
    }

    #[test]
    fn an_empty_range_is_refused() {
        for (since, until) in [(2, 2), (3, 2)] {
            let filter = Filter::new().with_since(at(since)).with_until(at(until));
            assert_eq!(filter.check().unwrap_err().kind(), ErrorKind::InvalidInput);
        }
        Filter::new().with_since(at(1)).with_until(at(2)).check().unwrap();
    }

    #[test]
    fn ages_are_times_before_now_and_the_narrower_bound_counts() {
        let seconds = Duration::from_secs;
        let filter = Filter::new().older_than(seconds(10)).newer_than(seconds(50)).at(at(100));
        assert_eq!((filter.since(), filter.until()), (Some(at(50)), Some(at(90))));
        let narrower = Filter::new().with_since(at(60)).with_until(at(80));
        let narrower = narrower.older_than(seconds(10)).newer_than(seconds(50)).at(at(100));
        assert_eq!((narrower.since(), narrower.until()), (Some(at(60)), Some(at(80))));
        assert_eq!(Filter::new().older_than(Duration::MAX).at(at(100)).until(), Some(SystemTime::UNIX_EPOCH));
        assert_eq!(Filter::new().at(at(100)), Filter::new());
        assert_eq!(filter.at(at(200)), filter, "its times stay");
        assert!(filter.depends_on_clock() && !filter.trust_clock().depends_on_clock());
        assert!(!Filter::new().with_until(at(1)).depends_on_clock());
    }

    #[test]
    fn a_range_holds_its_beginning_and_not_its_end() {
        let filter = Filter::new().with_since(at(1)).with_until(at(3));
        let matches = [0, 1, 2, 3].map(|seconds| filter.matches(Some(at(seconds))));
        assert_eq!(matches, [Some(false), Some(true), Some(true), Some(false)]);
        assert_eq!(filter.matches(None), None);
        assert_eq!(Filter::new().matches(None), Some(true));
    }

    #[test]
    fn an_age_that_is_not_a_time_yet_selects_no_record() {
        let age = Duration::from_secs(10);
        for filter in [Filter::new().older_than(age), Filter::new().newer_than(age).with_since(at(1))] {
            assert_eq!(filter.matches(Some(at(95))), None);
        }
        assert_eq!(Filter::new().older_than(age).at(at(100)).matches(Some(at(95))), Some(false));
    }

    #[test]
    fn one_of_several_statuses_is_enough() {
        let [done, failed, active] = ["done", "failed", "active"].map(Status::new);
        let wanted = [done, failed.clone()];
        assert_eq!(matches_status(&wanted, Some(&failed)), Some(true));
        assert_eq!(matches_status(&wanted, Some(&active)), Some(false));
        assert_eq!(matches_status(&wanted, None), None);
        assert_eq!(matches_status(&[], None), Some(true));
    }

    #[test]
    fn what_certainly_does_not_match_is_left_out_even_if_something_else_is_unknown() {
        let selected = |criteria: [(&'static str, Option<bool>); 2]| {
            let meta = RecordMeta::new(ConversationId::new("c1").unwrap());
            select(criteria, meta).map(|selected| selected.map_err(|error| error.to_string()))
        };
        assert!(selected([("status", None), ("date", Some(false))]).is_none());
        assert!(selected([("status", Some(true)), ("date", Some(true))]).unwrap().is_ok());
        let error = selected([("status", None), ("date", None)]).unwrap().unwrap_err();
        assert!(error.contains("c1 has no status"), "{error}");
    }
}
