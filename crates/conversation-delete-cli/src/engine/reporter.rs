//! Reports the entries of a job in the order of the input, each as soon as what is known of it is on the disk.

use std::time::Duration;

use conversation_delete_job::{EntryReport, Follower, JobError, Milestone, StopHandle};
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::error::CommandError;
use crate::exit::Exit;
use crate::log_line::Level;
use crate::notice::{MAX_NAMED, notice_as};
use crate::report::{CHUNK, Item, LookupOutcome, LookupRecord, LookupTally, Output, Record, visible};

/// How often the file is read while the job runs.
const RECORDS_EVERY: Duration = Duration::from_millis(200);

/// How many entries are handed to the writing thread at once. As many groups as it lets wait are a bounded amount of memory.
const GROUP: usize = 64;

pub(crate) struct Reporter<'a> {
    follower: Follower,
    output: &'a Output,
    /// What is known of an id when its line is printed. Without a verification, the check before a delete is not a proof of
    /// anything, and is not reported.
    milestone: Milestone,
    reported: Reported,
}

/// What was reported, beside the lines.
#[derive(Debug, Default)]
pub(crate) struct Reported {
    /// The first records that are present, in a report on deletions after their delete.
    pub(crate) present: Vec<String>,
    /// Of a record that did not get a clear outcome it is not known whether it was deleted.
    pub(crate) is_in_doubt: bool,
    /// The counts of a report on lookups.
    pub(crate) lookups: LookupTally,
}

impl<'a> Reporter<'a> {
    pub(crate) fn new(follower: Follower, output: &'a Output, milestone: Milestone) -> Self {
        Self { follower, output, milestone, reported: Reported::default() }
    }

    /// Goes on with the file as a run had it open that lost it.
    pub(crate) fn follow_lost(&mut self, error: &JobError) {
        self.follower.follow_lost(error);
    }

    /// Reports while the job runs, until `is_over` is notified. Stops the run if nobody reads the report any more.
    pub(crate) async fn follow(&mut self, stop: &StopHandle, is_over: &Notify) {
        while timeout(RECORDS_EVERY, is_over.notified()).await.is_err() {
            // A file that cannot be read is found out at the end.
            let reported = self.report_known().await;
            if self.output.is_broken() {
                notice_as(Level::Warn, "stopping: nobody reads the results any more");
                stop.drain();
                return;
            }
            if reported.is_err() {
                return;
            }
        }
    }

    /// Reports all up to the first of which not enough is known.
    async fn report_known(&mut self) -> Result<(), CommandError> {
        loop {
            let entries = self.follower.next(CHUNK, self.milestone).map_err(unread)?;
            if entries.is_empty() {
                return Ok(());
            }
            self.report_all(entries).await;
        }
    }

    /// Reports all that is left after the run.
    pub(crate) async fn report_rest(mut self) -> Result<Reported, CommandError> {
        loop {
            let entries = self.follower.rest(CHUNK).map_err(unread)?;
            if entries.is_empty() {
                return Ok(self.reported);
            }
            self.report_all(entries).await;
        }
    }

    async fn report_all(&mut self, entries: Vec<EntryReport>) {
        let mut entries = entries.into_iter();
        while !entries.as_slice().is_empty() {
            let items = entries.by_ref().take(GROUP).map(|entry| self.item(entry)).collect();
            self.output.send_all(items).await;
        }
    }

    fn item(&mut self, entry: EntryReport) -> Item {
        match self.milestone {
            Milestone::Lookup => self.lookup(LookupRecord::of_entry(entry)),
            Milestone::Verification => self.record(Record::of_entry(entry)),
            Milestone::Outcome => self.record(Record { presence: None, ..Record::of_entry(entry) }),
        }
    }

    fn record(&mut self, record: Record) -> Item {
        self.reported.is_in_doubt |= record.is_in_doubt();
        if record.is_still_present() {
            self.keep_present(&record.id);
        }
        Item::Record(Box::new(record))
    }

    fn lookup(&mut self, record: LookupRecord) -> Item {
        self.reported.lookups.add(record.outcome);
        if record.outcome == LookupOutcome::Present {
            self.keep_present(&record.id);
        }
        Item::Lookup(Box::new(record))
    }

    fn keep_present(&mut self, id: &str) {
        if self.reported.present.len() < MAX_NAMED {
            self.reported.present.push(id.to_owned());
        }
    }
}

/// The run has begun, whatever it is that cannot be read.
fn unread(error: JobError) -> CommandError {
    CommandError::new(Exit::Stopped, format!("{}; `export` shows the outcome of each id", visible(&error.to_string())))
}
