//! Tells what became of the ids of a job in the order of the input, each as soon as it is on the disk.

use std::iter::Peekable;

use conversation_delete_job::{Follower, JobError, Milestone, RecordReport};

use crate::error::CommandError;
use crate::exit::Exit;
use crate::ids::{Entries, Entry, IdList};
use crate::notice::MAX_NAMED;
use crate::report::{Item, Output, Record, visible};

/// How many records are read from the file at once.
const CHUNK: usize = 1024;

pub(super) struct Reporter<'a> {
    ids: &'a IdList,
    entries: Peekable<Entries<'a>>,
    follower: Follower,
    output: &'a Output,
    /// What is known of an id when its line is printed. Without --verify, the check before a delete is not a proof of
    /// anything, and is not reported.
    milestone: Milestone,
    /// The first records that are still present after their delete.
    still_present: Vec<String>,
}

impl<'a> Reporter<'a> {
    pub(super) fn new(ids: &'a IdList, follower: Follower, output: &'a Output, verifies: bool) -> Self {
        let entries = ids.entries().peekable();
        let milestone = if verifies { Milestone::Verification } else { Milestone::Outcome };
        Self { ids, entries, follower, output, milestone, still_present: Vec::new() }
    }

    /// Goes on with the file as a run had it open that lost it.
    pub(super) fn follow_lost(&mut self, error: &JobError) {
        self.follower.follow_lost(error);
    }

    /// Reports all up to the first that has no outcome yet, or with --verify is not verified yet.
    pub(super) async fn report_settled(&mut self) -> Result<(), CommandError> {
        loop {
            let reports = self.follower.next(CHUNK, self.milestone).map_err(unread)?;
            if reports.is_empty() {
                return Ok(());
            }
            self.report_all(reports).await;
        }
    }

    /// Reports all that is left after the run, and returns the first records that are still present.
    pub(super) async fn report_rest(mut self) -> Result<Vec<String>, CommandError> {
        loop {
            let reports = self.follower.rest(CHUNK).map_err(unread)?;
            if reports.is_empty() {
                self.report_refused().await;
                return Ok(self.still_present);
            }
            self.report_all(reports).await;
        }
    }

    async fn report_all(&mut self, reports: Vec<RecordReport>) {
        for report in reports {
            self.report_refused().await;
            // The file holds the ids in the order of the input.
            self.entries.next();
            let record = Record::stored(report);
            let presence = record.presence.filter(|_| self.milestone == Milestone::Verification);
            self.send(Record { presence, ..record }).await;
        }
    }

    async fn report_refused(&mut self) {
        while let Some(Entry::Refused(refused)) = self.entries.next_if(|entry| matches!(entry, Entry::Refused(_))) {
            self.send(Record::refused(self.ids, refused)).await;
        }
    }

    async fn send(&mut self, record: Record) {
        let is_present = record.is_still_present();
        if is_present && self.still_present.len() < MAX_NAMED {
            self.still_present.push(record.id.clone());
        }
        self.output.send(Item::Record(Box::new(record))).await;
    }
}

/// The run has begun, whatever it is that cannot be read.
fn unread(error: JobError) -> CommandError {
    CommandError::new(Exit::Stopped, format!("{}; `export` shows the outcome of each id", visible(&error.to_string())))
}
