//! The model of the job file. What is written is kept for a moment, in order, before it is on the disk: a kill loses the end
//! of it.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use delete_core::{Delivery, ErrorKind};

use super::vendor::id;
use crate::journal::{Entry, Intent, RecordResult, Work};
use crate::machine::event::Record;
use crate::outcome::{Failure, RecordOutcome};
use crate::presence::PresenceState;

/// Entries are on the disk after so long.
const GROUP_TIME: Duration = Duration::from_millis(200);

#[derive(Clone, Debug, Default)]
pub(super) struct Row {
    pub(super) outcome: Option<RecordOutcome>,
    pub(super) error: Option<Failure>,
    pub(super) before: Option<PresenceState>,
    pub(super) is_over: bool,
    pub(super) has_intent: bool,
    pub(super) after: Option<PresenceState>,
    /// It was looked up after its delete in this run.
    pub(super) was_looked_up: bool,
    pub(super) is_held: bool,
}

impl Row {
    /// A delete was sent for it.
    pub(super) fn was_sent(&self) -> bool {
        match self.outcome {
            None | Some(RecordOutcome::Held | RecordOutcome::Refused | RecordOutcome::NotAttempted) => false,
            Some(RecordOutcome::Failed) => self.error.as_ref().is_some_and(|error| error.delivery != Delivery::NotSent),
            Some(_) => true,
        }
    }

    /// Whether the report leaves open that the record was removed, or says so.
    pub(super) fn may_be_removed(&self) -> bool {
        match self.outcome {
            None | Some(RecordOutcome::NotAttempted) => self.has_intent,
            Some(RecordOutcome::Failed) => self.error.as_ref().is_some_and(Failure::may_have_taken_effect),
            Some(outcome) => outcome.is_done() || outcome == RecordOutcome::Unresolved,
        }
    }

    fn is_ambiguous(&self) -> bool {
        self.has_intent && self.outcome.is_none() && self.before != Some(PresenceState::Absent)
    }

    fn is_open(&self, work: Work) -> bool {
        match work {
            Work::Precheck => self.outcome.is_none() && self.before.is_none() && !self.has_intent && !self.is_held,
            Work::Delete => self.outcome.is_none() && !self.is_held,
            Work::Verify => self.is_unverified() && !self.was_looked_up,
            Work::Reverify => self.was_sent(),
            Work::Lookup => true,
        }
    }

    /// A delete was sent for it, and it is not known whether it is absent.
    fn is_unverified(&self) -> bool {
        matches!(self.after, None | Some(PresenceState::Unknown)) && self.was_sent()
    }

    fn hold(&mut self, is_in_doubt: bool) {
        let message = String::new();
        let failure = Failure { kind: ErrorKind::Interrupted, delivery: Delivery::MaybeDelivered, message };
        self.outcome = Some(if is_in_doubt { RecordOutcome::Failed } else { RecordOutcome::Held });
        self.error = is_in_doubt.then_some(failure);
    }

    fn settle(&mut self, result: &RecordResult) {
        if self.outcome.is_none() {
            self.outcome = Some(result.outcome);
            self.error.clone_from(&result.error);
        }
    }

    fn see_after(&mut self, state: PresenceState) {
        (self.after, self.was_looked_up) = (Some(state), true);
        if (self.before, state) != (Some(PresenceState::Present), PresenceState::Absent) {
            return;
        }
        let is_in_doubt = self.error.as_ref().is_some_and(Failure::may_have_taken_effect);
        match self.outcome {
            Some(RecordOutcome::Acknowledged | RecordOutcome::Unresolved) => {
                self.outcome = Some(RecordOutcome::Deleted)
            }
            Some(RecordOutcome::NotFound) => self.outcome = Some(RecordOutcome::Gone),
            Some(RecordOutcome::Failed) if is_in_doubt => self.outcome = Some(RecordOutcome::Gone),
            _ => {}
        }
    }
}

#[derive(Clone, Debug)]
pub(super) enum Change {
    Intend(Vec<usize>),
    Release(Vec<usize>),
    Append(Entry),
    /// What a list shows, if it is complete.
    EndList(Option<Vec<usize>>),
}

#[derive(Debug)]
pub(super) struct Journal {
    pub(super) rows: Vec<Row>,
    waiting: VecDeque<(Instant, Change)>,
    /// The last record that was claimed for each kind of work in this run.
    claimed: [usize; 5],
    has_failed: bool,
}

pub(super) fn number(index: usize) -> i64 {
    index as i64 + 1
}

pub(super) fn row(record: i64) -> usize {
    usize::try_from(record - 1).unwrap_or(usize::MAX)
}

impl Journal {
    pub(super) fn new(rows: Vec<Row>) -> Self {
        Self { rows, waiting: VecDeque::new(), claimed: [0; 5], has_failed: false }
    }

    pub(super) fn begin_run(&mut self) {
        (self.claimed, self.has_failed) = ([0; 5], false);
        self.rows.iter_mut().for_each(|row| row.was_looked_up = false);
        for row in self.rows.iter_mut().filter(|row| row.is_held && row.outcome.is_none()) {
            row.hold(row.has_intent);
        }
    }

    /// Nothing more is written in this run.
    pub(super) fn fail(&mut self) {
        self.waiting.clear();
        self.has_failed = true;
    }

    pub(super) fn has_failed(&self) -> bool {
        self.has_failed
    }

    /// An earlier run deleted or saw records.
    pub(super) fn is_confirmed(&self, looks_up: bool) -> bool {
        let is_seen = |row: &Row| looks_up && row.before == Some(PresenceState::Present);
        self.rows.iter().any(|row| row.outcome == Some(RecordOutcome::Deleted) || is_seen(row))
    }

    pub(super) fn has_unverified(&self) -> bool {
        self.rows.iter().any(Row::is_unverified)
    }

    pub(super) fn add(&mut self, now: Instant, change: Change) {
        if !self.has_failed {
            self.waiting.push_back((now, change));
        }
    }

    /// Writes what waited for long enough.
    pub(super) fn pass(&mut self, now: Instant) {
        while self.waiting.front().is_some_and(|(at, _)| *at + GROUP_TIME <= now) {
            self.commit(1);
        }
    }

    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Writes so many of the changes that wait.
    pub(super) fn commit(&mut self, changes: usize) {
        for (_, change) in self.waiting.drain(..changes.min(self.waiting.len())) {
            match change {
                Change::Intend(records) => {
                    for record in records {
                        let row = &mut self.rows[record];
                        if row.outcome.is_none() && row.is_held {
                            row.hold(false);
                        }
                        row.has_intent |= row.outcome.is_none();
                    }
                }
                Change::Release(records) => records.into_iter().for_each(|record| {
                    self.rows[record].has_intent &= self.rows[record].outcome.is_some();
                }),
                Change::Append(entry) => append(&mut self.rows, &entry),
                Change::EndList(listed) => {
                    let state = if listed.is_some() { PresenceState::Absent } else { PresenceState::Unknown };
                    let listed = listed.unwrap_or_default();
                    let unlisted = self.rows.iter_mut().enumerate().filter(|(index, _)| !listed.contains(index));
                    let is_open = |row: &Row| {
                        row.was_sent() && (row.after.is_none() || state == PresenceState::Absent && row.is_unverified())
                    };
                    for (_, row) in unlisted.filter(|(_, row)| is_open(row)) {
                        row.see_after(state);
                    }
                }
            }
        }
    }

    /// What is lost with a kill.
    pub(super) fn lose_waiting(&mut self) {
        self.waiting.clear();
    }

    pub(super) fn intents(&self, records: &[usize]) -> Vec<Intent> {
        let intent = |record: &usize| match self.rows[*record].outcome {
            None => Intent::Written,
            Some(RecordOutcome::Held) => Intent::Held,
            Some(_) => Intent::Settled,
        };
        records.iter().map(intent).collect()
    }

    pub(super) fn claim(&mut self, work: Work, count: usize) -> Vec<Record> {
        let from = self.claimed[work as usize];
        let open = |(_, row): &(usize, &Row)| row.is_open(work);
        let rows = self.rows.iter().enumerate().skip(from).filter(open).take(count);
        let records: Vec<Record> = rows
            .map(|(index, row)| Record {
                record: number(index),
                id: id(index),
                before: row.before,
                is_over: row.is_over,
                is_ambiguous: row.is_ambiguous(),
            })
            .collect();
        if let Some(last) = records.last() {
            self.claimed[work as usize] = row(last.record) + 1;
        }
        records
    }

    /// Another process holds a record. One whose intent is not in the file is settled at once.
    pub(super) fn hold(&mut self, record: usize) {
        let row = &mut self.rows[record];
        row.is_held = true;
        if row.outcome.is_none() && !row.has_intent {
            row.hold(false);
        }
    }
}

fn append(rows: &mut [Row], entry: &Entry) {
    match entry {
        Entry::Before { record, presence } => rows[row(*record)].before = Some(presence.state),
        Entry::After { record, presence } => rows[row(*record)].see_after(presence.state),
        Entry::Outcome(result) => rows[row(result.record)].settle(result),
        Entry::Held { record, is_in_doubt } => {
            let row = &mut rows[row(*record)];
            if row.outcome.is_none() {
                row.hold(*is_in_doubt);
            }
        }
        Entry::Tried(_) | Entry::Child { .. } => {}
    }
}
