use delete_core::vendor_kit::{check_filter_value, matches_status, select};
use delete_core::{Error, RecordMeta, Status};

use crate::conversation::ListedConversation;

/// Which conversations to list. What is not set does not narrow the list.
///
/// The time of a conversation is the start of its call.
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
    pub(crate) times: delete_core::Filter,
    pub(crate) statuses: Vec<Status>,
    pub(crate) agent: Option<String>,
    pub(crate) user: Option<String>,
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
        let statuses = self.statuses.iter().map(|status| ("status", status.as_str()));
        let agent = self.agent.iter().map(|agent| ("agent", agent.as_str()));
        let user = self.user.iter().map(|user| ("user", user.as_str()));
        statuses.chain(agent).chain(user).try_for_each(|(name, value)| check_filter_value(name, value))
    }

    /// Whether an entry of the list may match: it shows no other agent or user. The documented list names no users.
    pub(crate) fn may_match(&self, listed: &ListedConversation) -> bool {
        let may_be = |own: &Option<String>, wanted: &Option<String>| own.is_none() || wanted.is_none() || own == wanted;
        may_be(&listed.agent_id, &self.agent) && may_be(&listed.user_id, &self.user)
    }

    /// Selects the conversation of an entry that [may match](Self::may_match).
    pub(crate) fn select(&self, meta: RecordMeta, listed: &ListedConversation) -> Option<Result<RecordMeta, Error>> {
        let status = matches_status(&self.statuses, meta.status());
        let date = self.times.matches(meta.created_at());
        let agent = (self.agent.is_none() || listed.agent_id.is_some()).then_some(true);
        select([("status", status), ("date", date), ("agent", agent)], meta)
    }
}

impl From<delete_core::Filter> for Filter {
    fn from(times: delete_core::Filter) -> Self {
        Self { times, ..Self::default() }
    }
}
