//! What must hold at each command of a machine, whatever happens. The rules are kept without any knowledge of how the machine
//! works.

mod send;

use std::time::Instant;

use delete_core::{Delivery, Error, ErrorKind, Outcome};

use super::rule::{Kept, Rule, require};
use super::setup::{Job, Run};
use super::track::{Checked, Track, checked, is_final, is_found, outcome};
use crate::journal::{Entry, Intent, Purpose, RecordResult, Work};
use crate::machine::event::{Answer, CallId, Operation, Record};
use crate::outcome::RecordOutcome;
use crate::presence::PresenceState;

/// Keeps the rules of one run.
#[derive(Debug)]
pub(super) struct Rules {
    job: Job,
    purpose: Purpose,
    deadline: Option<Instant>,
    tracks: Vec<Track>,
    calls: Vec<(CallId, Operation, Vec<usize>)>,
    is_claiming: bool,
    is_intending: bool,
    throttled_until: Option<Instant>,
    has_responded: [bool; 2],
    is_alone: bool,
    is_confirmed: bool,
    misses: usize,
    is_stopped: bool,
    is_fatal: bool,
    sent: Vec<Instant>,
    /// When the last call ended.
    ended_at: Option<Instant>,
}

/// A batch of which nothing is known counts as so many.
const UNRESOLVED: usize = 4;

impl Rules {
    pub(super) fn new(job: &Job, run: &Run, is_confirmed: bool) -> Self {
        Self {
            job: job.clone(),
            purpose: run.purpose,
            deadline: run.deadline,
            tracks: vec![Track::default(); job.records],
            calls: Vec::new(),
            is_claiming: false,
            is_intending: false,
            throttled_until: run.not_before,
            has_responded: [false; 2],
            is_alone: false,
            is_confirmed,
            misses: 0,
            is_stopped: false,
            is_fatal: false,
            sent: Vec::new(),
            ended_at: None,
        }
    }

    pub(super) fn is_confirmed(&self) -> bool {
        self.is_confirmed
    }

    pub(super) fn on_stop(&mut self) {
        self.is_stopped = true;
    }

    pub(super) fn on_claim(&mut self, count: usize) -> Kept {
        require(!self.is_claiming && count > 0, Rule::OneRequestToJournal, None)?;
        self.is_claiming = true;
        Ok(())
    }

    pub(super) fn on_claimed(&mut self, work: Work, records: &[(usize, &Record)]) {
        self.is_claiming = false;
        for (index, record) in records {
            let track = &mut self.tracks[*index];
            track.is_claimed = true;
            track.was_over = record.is_over;
            track.was_ambiguous = record.is_ambiguous;
            track.was_seen_before = record.before == Some(PresenceState::Present);
            if !track.has_outcome {
                track.is_in_doubt |= record.is_ambiguous;
                track.has_intent |= record.is_ambiguous;
            }
            self.is_confirmed |= track.was_seen_before;
            let is_missing = record.before.is_some_and(|before| before != PresenceState::Present);
            let is_scanned = work == Work::Delete && self.job.is_bulk && self.job.needs_proof();
            if is_missing && is_scanned && !record.is_ambiguous {
                track.checked = Some(Checked::Absent);
                self.misses += usize::from(!std::mem::replace(&mut track.is_missed, true));
            }
        }
    }

    pub(super) fn on_intend(&mut self, records: &[usize]) -> Kept {
        require(!self.is_intending, Rule::OneRequestToJournal, None)?;
        self.is_intending = true;
        for (place, record) in records.iter().enumerate() {
            let track = &self.tracks[*record];
            let is_free = track.in_flight.is_none() && !records[..place].contains(record);
            require(track.is_claimed && self.purpose == Purpose::Delete, Rule::Claimed, *record)?;
            require(is_free, Rule::OneCall, *record)?;
            require(!track.has_outcome && !track.has_intent, Rule::OneOutcome, *record)?;
        }
        Ok(())
    }

    pub(super) fn on_intended(&mut self, now: Instant, intents: &[(usize, Intent)]) {
        self.is_intending = false;
        for (record, intent) in intents {
            let track = &mut self.tracks[*record];
            track.has_intent = *intent == Intent::Written;
            track.intended_at = Some(now);
            track.has_outcome |= *intent != Intent::Written;
            track.is_held |= *intent == Intent::Held;
        }
    }

    pub(super) fn on_release(&mut self, record: usize) -> Kept {
        let track = &mut self.tracks[record];
        let is_unsent = track.has_intent && !track.is_in_doubt && track.in_flight.is_none();
        require(is_unsent && !track.has_outcome, Rule::ReleaseUnsent, record)?;
        track.has_intent = false;
        Ok(())
    }

    /// A call ends: takes it from those in flight.
    fn end(&mut self, call: CallId) -> Option<(Operation, Vec<usize>)> {
        let place = self.calls.iter().position(|(other, ..)| *other == call)?;
        let (_, operation, ids) = self.calls.swap_remove(place);
        ids.iter().for_each(|id| self.tracks[*id].in_flight = None);
        self.is_alone = false;
        Some((operation, ids))
    }

    /// Records of a call are held, or nobody knows; it was not sent.
    pub(super) fn on_unsent(&mut self, call: CallId, held: &[bool]) {
        let Some((_, ids)) = self.end(call) else { return };
        ids.iter().zip(held).filter(|(_, is_held)| **is_held).for_each(|(id, _)| self.tracks[*id].is_held = true);
        self.is_stopped |= held.is_empty();
    }

    pub(super) fn on_returned(&mut self, now: Instant, call: CallId, results: &[Result<Answer, Error>]) {
        let Some((operation, ids)) = self.end(call) else { return };
        self.ended_at = Some(now);
        results
            .iter()
            .filter_map(|result| result.as_ref().err())
            .for_each(|error| self.on_error(now, operation, error));
        let is_unsent = |result: &_| matches!(result, Ok(Answer::Held | Answer::HoldsUnreadable));
        let is_valid =
            |result: &Result<Answer, Error>| !is_unsent(result) && result.as_ref().err().is_none_or(is_final);
        let is_list = operation == Operation::List && results.is_empty();
        self.has_responded[operation.side()] |= is_list || results.iter().any(is_valid);
        let is_unresolved = |result: &Result<Answer, Error>| outcome(result) == Some(Outcome::Unresolved);
        if ids.len() > 1 && results.iter().all(is_unresolved) {
            self.misses += UNRESOLVED;
        }
        for (place, id) in ids.iter().enumerate() {
            self.learn((operation, ids.len() > 1), *id, results.get(place));
        }
    }

    fn on_error(&mut self, now: Instant, operation: Operation, error: &Error) {
        if let Some(wait) = error.retry_after() {
            self.throttled_until = self.throttled_until.max(Some(now + wait));
        }
        // A credential may be meant for deleting alone, and that it may not read is known only once it has tried.
        let is_about_reading = error.kind() == ErrorKind::MissingScope && !self.job.needs_proof();
        let is_bearable = operation == Operation::Check && is_about_reading;
        self.is_fatal |= error.is_fatal_for_client() && !is_bearable && operation != Operation::CheckCredential;
    }

    /// What the result of a call means for its record.
    fn learn(&mut self, (operation, is_batch): (Operation, bool), id: usize, result: Option<&Result<Answer, Error>>) {
        let track = &mut self.tracks[id];
        let is_miss = match (operation, result) {
            (Operation::Check, Some(result)) => {
                let checked = checked(result);
                track.checked = Some(checked);
                checked == Checked::Absent && !track.was_ambiguous
            }
            (Operation::Delete, Some(Err(error))) => {
                // A batch that is rejected has no effect, whatever the status.
                let is_rejected = is_batch && error.status() == Some(501);
                track.is_in_doubt |= error.may_have_taken_effect() && !is_rejected;
                error.kind() == ErrorKind::NotFound
            }
            (Operation::Delete, None) => {
                track.is_in_doubt = true;
                false
            }
            (Operation::Delete, Some(Ok(Answer::Held))) => {
                track.is_held = true;
                false
            }
            (Operation::Delete, Some(Ok(Answer::HoldsUnreadable))) => {
                self.is_stopped = true;
                false
            }
            _ => false,
        };
        self.misses += usize::from(is_miss && !std::mem::replace(&mut track.is_missed, true));
        self.is_confirmed |= result.is_some_and(is_found);
    }

    pub(super) fn on_abandon(&mut self) {
        for (_, operation, ids) in std::mem::take(&mut self.calls) {
            for id in ids {
                self.tracks[id].in_flight = None;
                self.tracks[id].is_in_doubt |= operation == Operation::Delete;
            }
        }
    }

    /// Something is written of a record.
    pub(super) fn on_write(&mut self, record: usize, entry: &Entry) -> Kept {
        let track = &mut self.tracks[record];
        require(track.is_claimed, Rule::Claimed, record)?;
        match entry {
            Entry::Outcome(_) | Entry::Held { .. } => {
                require(!track.has_outcome && track.in_flight.is_none(), Rule::OneOutcome, record)?;
                require(self.purpose == Purpose::Delete, Rule::OneOutcome, record)?;
                track.has_outcome = true;
            }
            Entry::Before { .. } | Entry::Tried(_) => require(!track.has_outcome, Rule::OneOutcome, record)?,
            Entry::After { .. } | Entry::Child { .. } => {}
        }
        match entry {
            Entry::Outcome(RecordResult { outcome: RecordOutcome::Failed, error: Some(error), .. }) => {
                let is_known = error.delivery != Delivery::NotSent || !track.is_in_doubt;
                require(is_known, Rule::ReportedKept, record)?;
                let is_outage = match error.kind {
                    ErrorKind::RateLimited => true,
                    ErrorKind::Connect => !self.job.is_interactive,
                    _ => false,
                };
                require(!is_outage, Rule::OutageFailsNothing, record)
            }
            Entry::Held { is_in_doubt, .. } => require(*is_in_doubt == track.is_in_doubt, Rule::ReportedKept, record),
            _ => Ok(()),
        }
    }

    /// The machine is done.
    pub(super) fn on_done(&self) -> Kept {
        require(self.calls.is_empty(), Rule::Ended, None)?;
        require(self.is_stopped || !self.is_claiming && !self.is_intending, Rule::Ended, None)?;
        let is_open = |track: &Track| !track.has_outcome && track.has_intent != track.is_in_doubt;
        match self.tracks.iter().position(is_open) {
            Some(record) => require(false, Rule::Ended, record),
            None => Ok(()),
        }
    }
}
