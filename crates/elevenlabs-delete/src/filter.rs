use std::time::SystemTime;

use delete_core::vendor_kit::{check_filter_value, select};
use delete_core::{Error, RecordMeta, StatusFilter, timestamp};

use crate::status;
use crate::wire::ListedConversation;

/// The conversations to list. Their time is the start of their call. What is not set does not narrow the list.
///
/// ```
/// use std::time::Duration;
/// use elevenlabs_delete::{Filter, status};
///
/// let month = Duration::from_secs(30 * 24 * 60 * 60);
/// let filter = Filter::new().older_than(month).with_status(status::DONE).with_agent("agent_01");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    pub(crate) common: StatusFilter,
    pub(crate) agent: Option<String>,
    pub(crate) user: Option<String>,
}

impl Filter {
    /// A filter that every conversation matches.
    pub fn new() -> Self {
        Self::default()
    }

    delete_core::filter_times!(common, with_status);

    /// Lists only conversations of this agent.
    #[must_use]
    pub fn with_agent(mut self, agent: impl Into<String>) -> Self {
        self.agent = Some(agent.into());
        self
    }

    /// Lists only conversations of this user, as far as the user was set: it misses anonymous ones.
    #[must_use]
    pub fn with_user(mut self, user: impl Into<String>) -> Self {
        self.user = Some(user.into());
        self
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        let check = |name, value: &Option<String>| value.iter().try_for_each(|value| check_filter_value(name, value));
        check("agent", &self.agent).and_then(|()| check("user", &self.user))
    }

    /// The query of a page. Whether the bounds of time belong to the range is not documented, so it is a second longer on both
    /// sides. The vendor ignores unknown names silently; these are all documented. The statuses that are not wanted are
    /// excluded.
    pub(crate) fn page_query(&self, page_size: usize, cursor: Option<&str>) -> Vec<(&'static str, String)> {
        let mut query = vec![("page_size", page_size.to_string()), ("summary_mode", "exclude".to_owned())];
        let mut add = |name, value: Option<String>| query.extend(value.map(|value| (name, value)));
        add("cursor", cursor.map(str::to_owned));
        add("agent_id", self.agent.clone());
        add("user_id", self.user.clone());
        let seconds = |time: Option<SystemTime>, more: i64| Some((timestamp::unix_seconds(time?) + more).to_string());
        add("call_start_after_unix", seconds(self.common.times().since(), -1));
        add("call_start_before_unix", seconds(self.common.times().until(), 2));
        let wanted = self.common.statuses();
        let excluded = status::ALL.iter().filter(|status| !wanted.is_empty() && !wanted.contains(status));
        query.extend(excluded.map(|status| ("exclude_statuses", status.to_string())));
        query
    }

    /// Whether an entry of the list may match: it shows no other agent or user. The documented list names no users.
    pub(crate) fn may_match(&self, listed: &ListedConversation) -> bool {
        let may_be = |own: &Option<String>, wanted: &Option<String>| own.is_none() || wanted.is_none() || own == wanted;
        may_be(&listed.agent_id, &self.agent) && may_be(&listed.user_id, &self.user)
    }

    /// Selects the conversation of an entry that [may match](Self::may_match).
    pub(crate) fn select(&self, meta: RecordMeta, listed: &ListedConversation) -> Option<Result<RecordMeta, Error>> {
        let agent = (self.agent.is_none() || listed.agent_id.is_some()).then_some(true);
        select(self.common.criteria(&meta).into_iter().chain([("agent", agent)]), meta)
    }
}

impl From<delete_core::Filter> for Filter {
    fn from(times: delete_core::Filter) -> Self {
        Self { common: times.into(), ..Self::default() }
    }
}
