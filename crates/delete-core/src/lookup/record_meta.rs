use std::time::SystemTime;

use crate::{RecordId, Status};

/// What a list reports of a record: its id, times and status, and nothing of its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordMeta {
    id: RecordId,
    created_at: Option<SystemTime>,
    updated_at: Option<SystemTime>,
    status: Option<Status>,
}

impl RecordMeta {
    /// A record with this id, of which nothing else is known.
    pub fn new(id: impl Into<RecordId>) -> Self {
        Self { id: id.into(), created_at: None, updated_at: None, status: None }
    }

    /// Sets the time of creation, if it is known.
    #[must_use]
    pub fn with_created_at(mut self, time: Option<SystemTime>) -> Self {
        self.created_at = time;
        self
    }

    /// Sets the time of the latest change, if it is known.
    #[must_use]
    pub fn with_updated_at(mut self, time: Option<SystemTime>) -> Self {
        self.updated_at = time;
        self
    }

    /// Sets the status, if the vendor sent one.
    #[must_use]
    pub fn with_status(mut self, status: Option<Status>) -> Self {
        self.status = status;
        self
    }

    /// The id.
    pub fn id(&self) -> &RecordId {
        &self.id
    }

    /// When it was created, or when its call began (ElevenLabs).
    pub fn created_at(&self) -> Option<SystemTime> {
        self.created_at
    }

    /// When it last changed, or when its latest message came (Fini).
    pub fn updated_at(&self) -> Option<SystemTime> {
        self.updated_at
    }

    /// The status, if the vendor sent one.
    pub fn status(&self) -> Option<&Status> {
        self.status.as_ref()
    }
}
