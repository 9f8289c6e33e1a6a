//! Tells what became of the ids of a job in the order of the input, each as soon as it is on the disk.

use std::iter::Peekable;

use conversation_delete_job::{Follower, JobError, RecordReport};

use crate::exit::Exit;
use crate::ids::{Entries, Entry, IdList};
use crate::job::Trouble;
use crate::report::{Item, Output, Record, Tally, visible};

/// How many records are read from the file at once.
const CHUNK: usize = 1024;

pub(super) struct Teller<'a> {
    entries: Peekable<Entries<'a>>,
    follower: Follower,
    output: &'a Output,
    with_proof: bool,
    tally: Tally,
}

impl<'a> Teller<'a> {
    pub(super) fn new(ids: &'a IdList, follower: Follower, output: &'a Output, with_proof: bool) -> Self {
        let entries = ids.entries().peekable();
        Self { entries, follower, output, with_proof, tally: Tally::default() }
    }

    /// Goes on with the file as a run had it open that lost it.
    pub(super) fn follow_lost(&mut self, error: &JobError) {
        self.follower.follow_lost(error);
    }

    /// Reports all up to the first that has no outcome yet.
    pub(super) async fn tell_settled(&mut self) -> Result<(), Trouble> {
        loop {
            let reports = self.follower.next(CHUNK).map_err(unread)?;
            if reports.is_empty() {
                return Ok(());
            }
            self.tell_all(reports).await;
        }
    }

    /// Reports all that is left after the run, and returns the counts by outcome.
    pub(super) async fn tell_rest(mut self) -> Result<Tally, Trouble> {
        loop {
            let reports = self.follower.rest(CHUNK).map_err(unread)?;
            if reports.is_empty() {
                self.tell_refused().await;
                return Ok(self.tally);
            }
            self.tell_all(reports).await;
        }
    }

    async fn tell_all(&mut self, reports: Vec<RecordReport>) {
        for report in reports {
            self.tell_refused().await;
            // The file holds the ids in the order of the input.
            self.entries.next();
            self.tell(Record::stored(report, self.with_proof)).await;
        }
    }

    async fn tell_refused(&mut self) {
        while let Some(Entry::Refused(refused)) = self.entries.next_if(|entry| matches!(entry, Entry::Refused(_))) {
            let proof = self.with_proof.then(Box::default);
            self.tell(Record { proof, ..Record::refused(refused) }).await;
        }
    }

    async fn tell(&mut self, record: Record) {
        self.tally.add(record.outcome);
        self.output.send(Item::Record(Box::new(record))).await;
    }
}

/// The run has begun, whatever it is that cannot be read.
fn unread(error: JobError) -> Trouble {
    Trouble::new(Exit::Stopped, format!("{}; `export` shows the outcome of each id", visible(&error.to_string())))
}
