//! Reports what became of the entries of a job in the order of the input, each as soon as it is on the disk.

use conversation_delete_job::{EntryReport, Follower, JobError, Milestone};

use crate::error::CommandError;
use crate::exit::Exit;
use crate::notice::MAX_NAMED;
use crate::report::{CHUNK, Item, Output, Record, visible};

pub(super) struct Reporter<'a> {
    follower: Follower,
    output: &'a Output,
    /// What is known of an id when its line is printed.
    milestone: Milestone,
    /// The first records that are still present after their delete.
    still_present: Vec<String>,
}

impl<'a> Reporter<'a> {
    pub(super) fn new(follower: Follower, output: &'a Output, verifies: bool) -> Self {
        let milestone = if verifies { Milestone::Verification } else { Milestone::Outcome };
        Self { follower, output, milestone, still_present: Vec::new() }
    }

    /// Goes on with the file as a run had it open that lost it.
    pub(super) fn follow_lost(&mut self, error: &JobError) {
        self.follower.follow_lost(error);
    }

    /// Reports all up to the first that has no outcome yet, or with --verify is not verified yet.
    pub(super) async fn report_settled(&mut self) -> Result<(), CommandError> {
        loop {
            let entries = self.follower.next(CHUNK, self.milestone).map_err(unread)?;
            if entries.is_empty() {
                return Ok(());
            }
            self.report_all(entries).await;
        }
    }

    /// Reports all that is left after the run, and returns the first records that are still present.
    pub(super) async fn report_rest(mut self) -> Result<Vec<String>, CommandError> {
        loop {
            let entries = self.follower.rest(CHUNK).map_err(unread)?;
            if entries.is_empty() {
                return Ok(self.still_present);
            }
            self.report_all(entries).await;
        }
    }

    async fn report_all(&mut self, entries: Vec<EntryReport>) {
        for entry in entries {
            let record = Record::of_entry(entry);
            if record.is_still_present() && self.still_present.len() < MAX_NAMED {
                self.still_present.push(record.id.clone());
            }
            self.output.send(Item::Record(Box::new(record))).await;
        }
    }
}

/// The run has begun, whatever it is that cannot be read.
fn unread(error: JobError) -> CommandError {
    CommandError::new(Exit::Stopped, format!("{}; `export` shows the outcome of each id", visible(&error.to_string())))
}
