//! What must hold when a call is sent.

use std::time::{Duration, Instant};

use super::Rules;
use crate::journal::Purpose;
use crate::machine::event::{CallId, Operation};
use crate::machine::simulation::rule::{Kept, Rule, require};
use crate::machine::simulation::setup::Job;
use crate::machine::simulation::track::{Checked, Track};

/// As many records may be missed as this.
const MAX_MISSES: usize = 20;
/// Intents are written for what is due in a quarter of a second. The pace can fall meanwhile.
const MAX_INTENT_AGE: Duration = Duration::from_secs(5);

impl Rules {
    /// A call is sent. `has_intents`: the intents of its records are on the disk.
    pub(in crate::machine::simulation) fn on_send(
        &mut self,
        now: Instant,
        (call, operation, ids): (CallId, Operation, &[usize]),
        has_intents: impl Fn(usize) -> bool,
    ) -> Kept {
        self.check_gate(now, operation, ids)?;
        for (place, id) in ids.iter().enumerate() {
            let track = &self.tracks[*id];
            require(track.is_claimed, Rule::Claimed, *id)?;
            require(track.in_flight.is_none() && !ids[..place].contains(id), Rule::OneCall, *id)?;
            match operation {
                Operation::Delete => {
                    require(has_intents(*id) && track.has_intent, Rule::DurableIntent, *id)?;
                    require(!track.is_held, Rule::Held, *id)?;
                    require(!track.has_outcome && self.purpose == Purpose::Delete, Rule::OneOutcome, *id)?;
                    let age = track.intended_at.max(self.ended_at).map_or(Duration::ZERO, |at| now.duration_since(at));
                    require(track.is_in_doubt || age <= MAX_INTENT_AGE, Rule::IntentAge, *id)?;
                    self.check_lookup(*id)?;
                }
                Operation::Check => {
                    require(!track.has_outcome, Rule::OneOutcome, *id)?;
                    let is_open = matches!(track.checked, None | Some(Checked::Failed));
                    require(self.job.is_bulk || self.needs_check(track) && is_open, Rule::Requests, *id)?;
                }
                _ => {}
            }
        }
        ids.iter().for_each(|id| self.tracks[*id].in_flight = Some(call));
        self.is_alone = !self.has_responded[operation.side()];
        self.calls.push((call, operation, ids.to_vec()));
        self.sent.push(now);
        Ok(())
    }

    /// What concerns a call as a whole.
    fn check_gate(&self, now: Instant, operation: Operation, ids: &[usize]) -> Kept {
        let Job { limits, max_batch, absent_ok, .. } = &self.job;
        let in_flight = self.calls.len();
        require(!self.is_stopped, Rule::SentAfterStop, None)?;
        require(!self.is_fatal, Rule::SentAfterFatal, None)?;
        require(self.deadline.is_none_or(|deadline| now < deadline), Rule::SentAfterDeadline, None)?;
        require(self.throttled_until.is_none_or(|until| until <= now), Rule::Throttled, None)?;
        let is_first = !self.has_responded[operation.side()];
        require(in_flight == 0 || !(self.is_alone || is_first), Rule::FirstAlone, None)?;
        let most = if operation == Operation::Delete { *max_batch } else { usize::MAX };
        require(in_flight < limits.concurrency && ids.len() <= most, Rule::Limits, None)?;
        if let Some((most, window)) = limits.window {
            let recent = self.sent.iter().rev().take_while(|sent| **sent + window > now).count();
            require(recent < most, Rule::Limits, None)?;
        }
        let is_suspicious = !self.is_confirmed && !absent_ok;
        require(!is_suspicious || self.misses < MAX_MISSES, Rule::Misses, None)?;
        require(!is_suspicious || self.misses == 0 || in_flight == 0, Rule::Misses, None)?;
        require(operation != Operation::Delete || ids.len() == 1 || self.is_settled(), Rule::BatchBeforeSeen, None)
    }

    /// The lookup before a delete.
    fn check_lookup(&self, record: usize) -> Kept {
        let track = &self.tracks[record];
        let Job { is_bulk, all_absent_ok, records, .. } = &self.job;
        require(track.checked != Some(Checked::Active), Rule::ActiveKept, record)?;
        let is_checked = match track.checked {
            Some(Checked::Present | Checked::Absent | Checked::Active) => true,
            Some(Checked::Unreadable) => !self.job.needs_proof(),
            Some(Checked::Failed) | None => false,
        };
        require(*is_bulk || !self.needs_check(track) || is_checked, Rule::CheckedFirst, record)?;
        let may_all_be_absent = *all_absent_ok || *records == 1 || self.is_settled() || track.is_in_doubt;
        require(track.checked != Some(Checked::Absent) || may_all_be_absent, Rule::AllAbsent, record)
    }

    /// Whether it is known that this is the right target, or does not matter.
    fn is_settled(&self) -> bool {
        let may_be_assumed = self.job.absent_ok && !self.job.is_scanned();
        self.is_confirmed || may_be_assumed && self.misses >= MAX_MISSES
    }

    fn needs_check(&self, track: &Track) -> bool {
        let is_proven = track.was_seen_before || track.was_ambiguous;
        !track.was_over && (self.job.reject_active || self.job.needs_proof() && !is_proven)
    }
}
