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
    /// The reports on the children of this interaction, in the order in which they were first tried.
    pub(crate) fn take(&self, interaction: &RecordId) -> Vec<ChildRecord> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(interaction).unwrap_or_default()
    }

    /// Adds reports. Where there is one on the same child already, it is replaced: it was tried again.
    pub(crate) fn put(&self, interaction: RecordId, children: Vec<ChildRecord>) {
        if children.is_empty() {
            return;
        }
        let mut reports = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = reports.entry(interaction).or_default();
        for child in children {
            match known.iter_mut().find(|known| known.is_same(&child)) {
                Some(known) => *known = child,
                None => known.push(child),
            }
        }
    }
}

/// A client for which deleting an interaction begins with its children.
pub(crate) struct WithChildren {
    client: corti_delete::Client,
    /// How to look whether the children are gone, where their interaction must stay until they are.
    looks: Option<Looks>,
    reports: Arc<ChildReports>,
}

impl WithChildren {
    pub(crate) fn new(client: corti_delete::Client, looks: Option<Looks>, reports: Arc<ChildReports>) -> Self {
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
        let children = done.children.iter().map(|(child, result)| ChildRecord {
            kind: child.kind().as_str().into(),
            record: Record::of(child.id(), result),
        });
        self.reports.put(id.clone(), children.collect());
        done.interaction
    }
}
