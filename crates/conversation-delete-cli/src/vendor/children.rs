//! Deletes interactions of Corti with all that belongs to them, and keeps what came of that for the report.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use async_trait::async_trait;
use conversation_delete_job::{ChildJournal, HoldCheck};
use corti_delete::{CascadeOptions, Child, ChildKind};
use delete_core::{Deleter, Deletion, Error, RecordId, Vendor, VerifyPolicy};

use crate::args::ChildrenChoice;
use crate::notice::notice;
use crate::report::{ChildRecord, Outcome, Record};

/// What became of the children of interactions. It is kept until the report takes it; in a job it is written into the file
/// as well, as soon as it is known.
#[derive(Default)]
pub(crate) struct ChildReports {
    known: Mutex<HashMap<RecordId, Vec<ChildRecord>>>,
    journal: OnceLock<ChildJournal>,
    hold_check: HoldCheck,
}

impl ChildReports {
    /// From now on each report is written to this journal, of a job, as well.
    pub(crate) fn journal(&self) -> ChildJournal {
        self.journal.get_or_init(ChildJournal::default).clone()
    }

    /// Returns the check for holds that is made before each delete. A job's lane opens it.
    pub(crate) fn hold_check(&self) -> HoldCheck {
        self.hold_check.clone()
    }

    /// The reports on the children of this interaction, in the order in which they were first tried.
    pub(crate) fn take(&self, interaction: &RecordId) -> Vec<ChildRecord> {
        self.lock().remove(interaction).unwrap_or_default()
    }

    /// Adds a report. If there is one on the same child already, it is replaced: the child was deleted again.
    pub(crate) fn put(&self, interaction: &RecordId, child: ChildRecord) {
        self.write(interaction, &child);
        let mut reports = self.lock();
        let known = reports.entry(interaction.clone()).or_default();
        match known.iter_mut().find(|known| known.is_same(&child)) {
            Some(known) => *known = child,
            None => known.push(child),
        }
    }

    /// Reports each child that was not deleted as gone. It was listed, and now the lists, except those of the kinds in
    /// `unlisted`, are empty: its delete was not found, or had an effect although it failed.
    fn settle(&self, interaction: &RecordId, unlisted: &[(ChildKind, Error)]) {
        let mut reports = self.lock();
        let is_left = |child: &&mut ChildRecord| {
            !child.record.outcome.is_done() && unlisted.iter().all(|(kind, _)| kind.as_str() != child.kind)
        };
        for child in reports.get_mut(interaction).into_iter().flatten().filter(is_left) {
            child.record.outcome = Outcome::Gone;
            child.record.error = None;
            self.write(interaction, child);
        }
    }

    /// Nothing more is tried for the children of this interaction. A job has them in its file.
    fn finish(&self, interaction: &RecordId) {
        if self.journal.get().is_some() {
            self.take(interaction);
        }
    }

    fn write(&self, interaction: &RecordId, child: &ChildRecord) {
        if let Some(journal) = self.journal.get() {
            journal.write(interaction, child.to_report());
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<RecordId, Vec<ChildRecord>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `looks` is how often the lists are read again while they still hold what was deleted.
pub(crate) fn cascade_options(choice: ChildrenChoice, looks: Option<VerifyPolicy>) -> CascadeOptions {
    CascadeOptions::default()
        .with_verify(looks.unwrap_or_default())
        .with_available_kinds(choice == ChildrenChoice::Available)
}

/// A client that deletes the children of an interaction before the interaction.
pub(crate) struct WithChildren {
    client: corti_delete::Client,
    options: CascadeOptions,
    reports: Arc<ChildReports>,
    /// The kinds that could not be listed, and of which a warning was printed.
    unlisted: Mutex<HashSet<ChildKind>>,
}

impl WithChildren {
    pub(crate) fn new(client: corti_delete::Client, options: CascadeOptions, reports: Arc<ChildReports>) -> Self {
        Self { client, options, reports, unlisted: Mutex::default() }
    }

    /// Warns once in a run of each kind that could not be listed.
    fn warn_of_unlisted(&self, interaction: &RecordId, unlisted: &[(ChildKind, Error)]) {
        let mut known = self.unlisted.lock().unwrap_or_else(PoisonError::into_inner);
        for (kind, error) in unlisted.iter().filter(|(kind, _)| known.insert(*kind)) {
            notice(&format!(
                "warning: records of the kind {kind} could not be listed and were not deleted, first for {interaction}; \
                 this is not repeated for other interactions: {error}"
            ));
        }
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

    /// Each child is reported as soon as its result is known, so that the reports survive if this future is dropped.
    async fn delete(&self, id: &RecordId) -> Result<Deletion, Error> {
        let Some(interaction) = id.as_uuid() else { return self.client.delete(id).await };
        let on_child = |child: &Child, result: &Result<Deletion, Error>| {
            let record = Record::of(child.id(), result);
            self.reports.put(id, ChildRecord { kind: child.kind().as_str().into(), record });
        };
        let may_delete = || self.reports.hold_check.check(id);
        let done = self.client.delete_cascade_with(interaction, self.options, may_delete, on_child).await;
        if !done.is_kept() {
            self.reports.settle(id, &done.unlisted);
        }
        if done.interaction.is_ok() {
            self.reports.finish(id);
        }
        self.warn_of_unlisted(id, &done.unlisted);
        done.interaction
    }
}
