use std::time::{Duration, SystemTime};

use crate::error::Error;
use crate::{RecordMeta, Status, text};

/// Which records to list. What is not set does not narrow the list.
///
/// Vendors know different filters: [`RecordReader::list`](crate::RecordReader::list) of each refuses what its vendor cannot do,
/// before anything is sent. A value that is empty is refused too, because a vendor could take it for "everything".
///
/// ```
/// use std::time::Duration;
/// use delete_core::{Filter, Status};
///
/// let month = Duration::from_secs(30 * 24 * 60 * 60);
/// let filter = Filter::new().older_than(month).status(Status::Ended);
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    since: Option<SystemTime>,
    until: Option<SystemTime>,
    statuses: Vec<Status>,
    agent: Option<String>,
    user: Option<String>,
    min_age: Option<Duration>,
    max_age: Option<Duration>,
    is_by_age: bool,
    trusts_clock: bool,
}

impl Filter {
    /// A filter that lets everything through.
    pub fn new() -> Self {
        Self::default()
    }

    /// Only records of this time or later.
    ///
    /// The time of a record is its creation (Corti, Tavus), the start of the call (ElevenLabs) or the latest message
    /// (Fini, whose list knows no other).
    #[must_use]
    pub fn since(mut self, time: SystemTime) -> Self {
        self.since = Some(time);
        self
    }

    /// Only records before this time.
    #[must_use]
    pub fn until(mut self, time: SystemTime) -> Self {
        self.until = Some(time);
        self
    }

    /// Only records older than this when the list begins, by our clock.
    ///
    /// If our clock differs from the vendor's by more than five minutes, the list ends with
    /// [`ErrorKind::ClockSkew`](crate::ErrorKind::ClockSkew) as soon as a response shows that, usually the first; see [`trust_clock`](Self::trust_clock).
    #[must_use]
    pub fn older_than(mut self, age: Duration) -> Self {
        self.min_age = Some(age);
        self.is_by_age = true;
        self
    }

    /// Only records at most this old when the list begins, by our clock, with the same check as
    /// [`older_than`](Self::older_than).
    #[must_use]
    pub fn newer_than(mut self, age: Duration) -> Self {
        self.max_age = Some(age);
        self.is_by_age = true;
        self
    }

    /// Lists by age also if our clock differs from the vendor's.
    #[must_use]
    pub fn trust_clock(mut self) -> Self {
        self.trusts_clock = true;
        self
    }

    /// Only records of this status, or of one of those that are set. Not at Fini.
    #[must_use]
    pub fn status(mut self, status: Status) -> Self {
        self.statuses.push(status);
        self
    }

    /// Only conversations of this agent: ElevenLabs alone.
    #[must_use]
    pub fn agent(mut self, agent: impl Into<String>) -> Self {
        self.agent = Some(agent.into());
        self
    }

    /// Only conversations of this user: ElevenLabs alone. It finds those for which the user was set, and misses
    /// anonymous ones.
    #[must_use]
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.user = Some(user.into());
        self
    }

    /// The same filter with its ages as times, counted from `now`. They stay as they are, also if it is applied again, and
    /// still depend on the clock.
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

    /// Whether a wrong clock would select other records: there is an age, and the clock is not trusted.
    pub fn depends_on_clock(&self) -> bool {
        self.is_by_age && !self.trusts_clock
    }

    /// The earliest time.
    pub fn earliest(&self) -> Option<SystemTime> {
        self.since
    }

    /// The time before which records are wanted.
    pub fn latest(&self) -> Option<SystemTime> {
        self.until
    }

    /// The wanted statuses; empty where all are.
    pub fn statuses(&self) -> &[Status] {
        &self.statuses
    }

    /// The wanted agent.
    pub fn wanted_agent(&self) -> Option<&str> {
        self.agent.as_deref()
    }

    /// The wanted user.
    pub fn wanted_user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// Refuses an empty value, an empty range of time, and what the vendor cannot filter by.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), which says what is wrong.
    pub fn check(&self, known: KnownFilters) -> Result<(), Error> {
        let values = [
            ("agent", self.agent.as_deref(), known.agent),
            ("user", self.user.as_deref(), known.user),
            ("status", self.statuses.first().map(Status::as_str), known.status),
        ];
        for (name, value, is_known) in values {
            if value.is_some() && !is_known {
                return refuse(format!("this vendor's list cannot be narrowed by {name}"));
            }
        }
        let texts = [("agent", &self.agent), ("user", &self.user)];
        for (name, value) in texts.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?))) {
            check_value(name, value)?;
        }
        self.statuses.iter().try_for_each(|status| check_value("status", status.as_str()))?;
        match (self.since, self.until) {
            (Some(since), Some(until)) if since >= until => {
                refuse("the range of time is empty: it must begin before it ends".to_owned())
            }
            _ => Ok(()),
        }
    }

    /// What to tell of a record that the vendor's list holds, by its `time`: nothing where the filter does not want it,
    /// since no vendor's list is trusted to have filtered; an error where that is open.
    pub fn sift(
        &self,
        found: RecordMeta,
        time: fn(&RecordMeta) -> Option<SystemTime>,
    ) -> Option<Result<RecordMeta, Error>> {
        let unknown = |what: &str| {
            let message =
                format!("{} has no {what} that can be read, so it is unknown whether it is wanted", found.id());
            Some(Err(Error::unexpected_response(message)))
        };
        match (self.wants_status(found.status()), self.wants_time(time(&found))) {
            (Some(false), _) | (_, Some(false)) => None,
            (None, _) => unknown("status"),
            (_, None) => unknown("date"),
            (Some(true), Some(true)) => Some(Ok(found)),
        }
    }

    /// Whether a record of this time is wanted; `None` where the filter asks for a time and the record has none.
    fn wants_time(&self, time: Option<SystemTime>) -> Option<bool> {
        match (self.since, self.until, time) {
            (None, None, _) => Some(true),
            (_, _, None) => None,
            (since, until, Some(time)) => {
                Some(since.is_none_or(|since| time >= since) && until.is_none_or(|until| time < until))
            }
        }
    }

    /// Whether a record of this status is wanted; `None` if the filter asks for a status and the record has none.
    fn wants_status(&self, status: Option<&Status>) -> Option<bool> {
        if self.statuses.is_empty() {
            return Some(true);
        }
        status.map(|status| self.statuses.contains(status))
    }
}

/// What a vendor's list can be narrowed by, besides time.
#[derive(Clone, Copy, Debug, Default)]
pub struct KnownFilters {
    /// By status.
    pub status: bool,
    /// By agent.
    pub agent: bool,
    /// By user.
    pub user: bool,
}

fn check_value(name: &str, value: &str) -> Result<(), Error> {
    if value.trim().is_empty() {
        return refuse(format!("the filter `{name}` is empty, which a vendor could take for everything"));
    }
    if value.len() > 256 || value != value.trim() || value.chars().any(text::is_unsafe_to_print) {
        let value = text::quoted(value);
        return refuse(format!("the filter `{name}` cannot be {value}: it is too long or holds what cannot be seen"));
    }
    Ok(())
}

fn refuse(message: String) -> Result<(), Error> {
    Err(Error::invalid_input(message))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const ALL: KnownFilters = KnownFilters { status: true, agent: true, user: true };

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn a_value_that_could_mean_everything_is_refused() {
        for filter in [
            Filter::new().agent(""),
            Filter::new().user(" "),
            Filter::new().status(Status::from_word("")),
            Filter::new().agent("a\n"),
            Filter::new().user("\u{200b}x"),
            Filter::new().user("x".repeat(257)),
            Filter::new().since(at(2)).until(at(2)),
            Filter::new().since(at(3)).until(at(2)),
        ] {
            assert_eq!(filter.check(ALL).unwrap_err().kind(), crate::ErrorKind::InvalidInput, "{filter:?}");
        }
        let full = Filter::new().agent("agent_1").user("Zoë").status(Status::Done).since(at(1)).until(at(2));
        full.check(ALL).unwrap();
        assert!(full.check(KnownFilters { user: false, ..ALL }).unwrap_err().to_string().contains("by user"));
    }

    #[test]
    fn ages_are_times_before_now_and_the_narrower_bound_counts() {
        let seconds = Duration::from_secs;
        let filter = Filter::new().older_than(seconds(10)).newer_than(seconds(50)).at(at(100));
        assert_eq!((filter.earliest(), filter.latest()), (Some(at(50)), Some(at(90))));
        let narrower = Filter::new().since(at(60)).until(at(80)).older_than(seconds(10)).newer_than(seconds(50));
        assert_eq!((narrower.at(at(100)).earliest(), narrower.at(at(100)).latest()), (Some(at(60)), Some(at(80))));
        assert_eq!(Filter::new().older_than(Duration::MAX).at(at(100)).latest(), Some(SystemTime::UNIX_EPOCH));
        assert_eq!(Filter::new().at(at(100)), Filter::new());
        assert_eq!(filter.at(at(200)), filter, "its times stay");
        assert!(filter.depends_on_clock() && !filter.trust_clock().depends_on_clock());
        assert!(!Filter::new().until(at(1)).depends_on_clock());
    }

    #[test]
    fn a_range_holds_its_beginning_and_not_its_end() {
        let filter = Filter::new().since(at(1)).until(at(3));
        let wanted = [0, 1, 2, 3].map(|seconds| filter.wants_time(Some(at(seconds))));
        assert_eq!(wanted, [Some(false), Some(true), Some(true), Some(false)]);
        assert_eq!(filter.wants_time(None), None);
        assert_eq!(Filter::new().wants_time(None), Some(true));
    }

    #[test]
    fn one_of_several_statuses_is_enough() {
        let filter = Filter::new().status(Status::Done).status(Status::Failed);
        assert_eq!(filter.wants_status(Some(&Status::Failed)), Some(true));
        assert_eq!(filter.wants_status(Some(&Status::Active)), Some(false));
        assert_eq!(filter.wants_status(None), None);
        assert_eq!(Filter::new().wants_status(None), Some(true));
    }
}
