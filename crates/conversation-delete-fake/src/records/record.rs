//! One record: what is kept of it, and what tests and vendors see of that.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Order;
use crate::keys::Owner;

/// What has become of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RecordState {
    /// It is there.
    Present,
    /// Tavus: deleted without `hard=true`.
    SoftDeleted,
    /// It is gone.
    Deleted,
}

/// One record as a test sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RecordView {
    /// Its id.
    pub id: String,
    /// What has become of it.
    pub state: RecordState,
    /// Its life-cycle state; empty for adjacent resources and at Fini.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub status: String,
    /// When it began, in unix milliseconds.
    #[serde(skip_serializing_if = "is_zero")]
    pub created_at_ms: u64,
    /// When its latest message came, in unix milliseconds.
    #[serde(skip_serializing_if = "is_zero")]
    pub updated_at_ms: u64,
    /// Its agent; empty if there is none.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub agent: String,
    /// The person it is about; empty if nobody is known.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub user: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// One record as a vendor sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Item<'a> {
    pub(crate) slot: u32,
    pub(crate) id: &'a str,
    pub(crate) status: &'a str,
    /// Empty if there is none, as `user`.
    pub(crate) agent: &'a str,
    pub(crate) user: &'a str,
    pub(crate) created: u64,
    pub(crate) updated: u64,
    pub(crate) is_emptied_by_retention: bool,
    pub(crate) is_undated: bool,
}

/// What a credential finds under an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found<'a> {
    Live(Item<'a>),
    Soft(Item<'a>),
    /// In the other workspace.
    Foreign,
    Absent,
}

/// How long a deletion stays unseen, and what it takes with it.
#[derive(Clone, Copy, Default)]
pub(crate) struct DeletionVisibility {
    pub(crate) read_lag: u64,
    pub(crate) list_lag: u64,
    pub(crate) cascades: bool,
}

/// The read that never shows a record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Hidden {
    #[default]
    None,
    Get,
    List,
}

#[derive(Clone)]
pub(super) struct Record {
    pub(super) created: u64,
    pub(super) updated: u64,
    /// After its deletion: the number of lists up to which it shows in them.
    pub(super) listed_until: u64,
    // Records that are seeded together share these texts.
    pub(super) status: Arc<str>,
    pub(super) agent: Arc<str>,
    pub(super) user: Arc<str>,
    /// Reads that still show it after its deletion, or as active after its end.
    pub(super) lag: u32,
    pub(super) ending: u32,
    pub(super) owner: Owner,
    pub(super) state: RecordState,
    pub(super) hidden: Hidden,
    pub(super) comes_back: bool,
    pub(super) is_emptied_by_retention: bool,
    pub(super) is_undated: bool,
}

impl Record {
    pub(super) fn view(&self, item: &Item<'_>) -> RecordView {
        RecordView {
            id: item.id.to_owned(),
            state: self.state,
            status: item.status.to_owned(),
            created_at_ms: item.created,
            updated_at_ms: item.updated,
            agent: item.agent.to_owned(),
            user: item.user.to_owned(),
        }
    }

    pub(super) fn time(&self, order: Order) -> u64 {
        if order == Order::Updated { self.updated } else { self.created }
    }

    pub(super) fn shows_in_lists(&self, lists: u64, soft: bool) -> bool {
        let is_there = match self.state {
            RecordState::Present => true,
            RecordState::SoftDeleted => soft || lists < self.listed_until,
            RecordState::Deleted => lists < self.listed_until,
        };
        is_there && self.hidden != Hidden::List
    }

    pub(super) fn is_waiting_for_reads(&self) -> bool {
        self.lag > 0 || self.comes_back || self.ending > 0
    }

    pub(super) fn was_read(&mut self) {
        if self.lag > 0 {
            self.lag -= 1;
        } else if std::mem::take(&mut self.comes_back) {
            self.state = RecordState::Present;
            self.status = "done".into();
        } else if self.ending > 0 {
            self.ending -= 1;
            if self.ending == 0 {
                self.status = "ended".into();
            }
        }
    }
}

impl RecordView {
    pub(super) fn of_adjacent_resource(name: &str, state: RecordState) -> Self {
        let nothing = String::new;
        let (id, status, agent, user) = (name.to_owned(), nothing(), nothing(), nothing());
        Self { id, state, status, created_at_ms: 0, updated_at_ms: 0, agent, user }
    }
}
