//! Deletes interactions of Corti with all that belongs to them, and keeps what came of that for the report.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use delete_core::{Deleter, Deletion, Error, Looks, RecordId, Vendor};

use crate::report::{ChildRecord, Record};

/// What became of the children of interactions, until the report takes it.
#[derive(Default)]
pub(crate) struct ChildReports(Mutex<HashMap<RecordId, Vec<ChildRecord>>>);

impl ChildReports {
    /// The reports on the children of this interaction, in the order in which they were deleted.
    pub(crate) fn take(&self, interaction: &RecordId) -> Vec<ChildRecord> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(interaction).unwrap_or_default()
    }

    pub(crate) fn put(&self, interaction: RecordId, children: Vec<ChildRecord>) {
        if !children.is_empty() {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(interaction, children);
        }
    }
}

/// A client for which deleting an interaction begins with its children.
pub(crate) struct WithChildren {
    client: corti_delete::Client,
    /// How to look whether the children are gone, where their interaction must stay until they are.
    looks: Option<Looks>,
    /// `None` where nobody takes the reports, which would pile up.
    reports: Option<Arc<ChildReports>>,
}

impl WithChildren {
    pub(crate) fn new(client: corti_delete::Client, looks: Option<Looks>, reports: Option<Arc<ChildReports>>) -> Self {
        Self { client, looks, reports }
    }
}

#[async_trait]
impl Deleter for WithChildren {
    fn vendor(&self) -> Vendor {
        self.client.vendor()
    }

    fn parse_id(&self, id: &str) -> Result<RecordId, Error> {
        self.client.parse_id(id)
    }

    async fn delete(&self, id: &RecordId) -> Result<Deletion, Error> {
        let Some(interaction) = id.as_uuid() else { return self.client.delete(id).await };
        let done = match self.looks {
            Some(looks) => self.client.delete_with_proven_children(interaction, looks).await,
            None => self.client.delete_with_children(interaction).await,
        };
        let children = done
            .children
            .iter()
            .map(|(child, result)| ChildRecord { kind: child.kind().as_str(), record: Record::of(child.id(), result) });
        if let Some(reports) = &self.reports {
            reports.put(id.clone(), children.collect());
        }
        done.interaction
    }
}
