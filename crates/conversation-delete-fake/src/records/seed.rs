//! What a test asks for when it seeds.

use std::time::SystemTime;

use serde::Deserialize;

use crate::dates::unix_ms;
use crate::keys::Owner;

/// Which records to make: a number of new ones or given ids, of whom, in which life-cycle state, since when.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use conversation_delete_fake::{Fake, Seed, Vendor};
///
/// let fake = Fake::in_process(Vendor::Fini);
/// let old = SystemTime::now() - Duration::from_secs(200 * 86_400);
/// fake.seed_with(Seed::count(3).created_at(old).agent("bot_1").user("user_7"));
/// ```
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Seed {
    pub(crate) count: Option<usize>,
    pub(crate) ids: Option<Vec<String>>,
    #[serde(rename = "workspace")]
    pub(crate) owner: Owner,
    pub(crate) status: Option<String>,
    pub(crate) created_at_ms: Option<u64>,
    pub(crate) updated_at_ms: Option<u64>,
    pub(crate) agent: Option<String>,
    pub(crate) user: Option<String>,
    #[serde(alias = "shell")]
    pub(crate) emptied_by_retention: bool,
    pub(crate) without_dates: bool,
    pub(crate) recordings: usize,
    pub(crate) transcripts: usize,
    pub(crate) documents: usize,
    pub(crate) guided_documents: usize,
    #[serde(rename = "transcript")]
    pub(crate) transcript_status: Option<String>,
}

impl Seed {
    /// How many records it makes.
    pub(crate) fn len(&self) -> usize {
        self.ids.as_ref().map_or(0, Vec::len).saturating_add(self.count.unwrap_or(0))
    }

    /// This many records with new ids.
    pub fn count(count: usize) -> Self {
        Self { count: Some(count), ..Self::default() }
    }

    /// Records with these ids. One that was deleted is present again.
    pub fn ids<I: Into<String>>(ids: impl IntoIterator<Item = I>) -> Self {
        Self { ids: Some(ids.into_iter().map(Into::into).collect()), ..Self::default() }
    }

    /// Puts them into the other workspace, which only [`Role::Foreign`](crate::Role::Foreign) sees.
    #[must_use]
    pub fn foreign(mut self) -> Self {
        self.owner = Owner::Foreign;
        self
    }

    /// Gives them this life-cycle state instead of the usual one, such as `active` at Tavus.
    #[must_use]
    pub fn status(mut self, status: &str) -> Self {
        self.status = Some(status.to_owned());
        self
    }

    /// When the first of them began; each later one began a millisecond after the one before. If this is not called,
    /// the last of them begins at the fake's present time, so that none lies in the future; with a
    /// [random seed](crate::Fake::set_random_seed), the first of the fake's records begins at 2026-01-01T00:00:00Z.
    #[must_use]
    pub fn created_at(mut self, time: SystemTime) -> Self {
        self.created_at_ms = Some(unix_ms(time));
        self
    }

    /// When the first of them had its latest message, and each later one a millisecond after the one before; usually
    /// when it began.
    #[must_use]
    pub fn updated_at(mut self, time: SystemTime) -> Self {
        self.updated_at_ms = Some(unix_ms(time));
        self
    }

    /// The agent that led the conversation: Fini's `agentId`, ElevenLabs' `agent_id`, Tavus' `persona_id`, Corti's
    /// `assignedUserId`.
    #[must_use]
    pub fn agent(mut self, agent: &str) -> Self {
        self.agent = Some(agent.to_owned());
        self
    }

    /// The person it is about: ElevenLabs' `user_id`, Corti's `patient.identifier`, a user attribute at Fini.
    #[must_use]
    pub fn user(mut self, user: &str) -> Self {
        self.user = Some(user.to_owned());
        self
    }

    /// ElevenLabs: retention has emptied them, and reads still return what remains.
    #[must_use]
    pub fn emptied_by_retention(mut self) -> Self {
        self.emptied_by_retention = true;
        self
    }

    /// Tavus: `created_at` and `updated_at` are empty strings.
    #[must_use]
    pub fn without_dates(mut self) -> Self {
        self.without_dates = true;
        self
    }

    /// Corti: each has this many recordings.
    #[must_use]
    pub fn recordings(mut self, count: usize) -> Self {
        self.recordings = count;
        self
    }

    /// Corti: each has this many transcripts.
    #[must_use]
    pub fn transcripts(mut self, count: usize) -> Self {
        self.transcripts = count;
        self
    }

    /// Corti: the state of the transcripts (`processing`, `completed` or `failed`); each record has at least one.
    #[must_use]
    pub fn transcript(mut self, status: &str) -> Self {
        self.transcript_status = Some(status.to_owned());
        self
    }

    /// Corti: each has this many (classic) documents.
    #[must_use]
    pub fn documents(mut self, count: usize) -> Self {
        self.documents = count;
        self
    }

    /// Corti: each has this many guided documents, which live outside of the interaction's paths.
    #[must_use]
    pub fn guided_documents(mut self, count: usize) -> Self {
        self.guided_documents = count;
        self
    }
}
