//! Which call is sent next, and when.

use std::time::{Duration, Instant};

use super::event::{Command, Operation};
use super::flights::Flight;
use super::gate::Permit;
use super::queue::Batch;
use super::{Machine, PREFETCH_HORIZON};
use crate::run::Ending;

impl Machine {
    /// Sends what may be sent now. Returns when to go on if nothing happens.
    pub(super) fn advance(&mut self, now: Instant, out: &mut Vec<Command>) -> Option<Instant> {
        self.stuck_at = None;
        loop {
            self.check_deadline(now);
            if self.ending.is_some() {
                return None;
            }
            self.prefetch(out);
            if !self.has_next() {
                return None;
            }
            let pause = self.pause(now);
            self.arm(now, pause, out);
            let operation = self.upcoming()?;
            if self.gate.permit(now, operation, self.flights.len()) == Permit::Busy {
                return self.wait_for_flights(now);
            }
            if pause.is_zero() {
                match self.take_next() {
                    Some(batch) => self.send(now, batch, out),
                    None => return self.wait_for_flights(now),
                }
            } else if self.may_wait(now, pause) {
                self.report_wait(now, pause, out);
                return Some(now + pause);
            }
        }
    }

    /// How long until the next call: what the gate wants, and what was put off.
    pub(super) fn pause(&mut self, now: Instant) -> Duration {
        self.queue.wake(now);
        let is_ready = !self.armed.is_empty() || !self.checked.is_empty() || !self.followups.is_empty();
        let due = match (self.probe, self.queue.next_delayed()) {
            (Some(probe), _) => probe.due.saturating_duration_since(now),
            (None, Some((due, _))) if !is_ready && self.queue.next().is_none() => due.saturating_duration_since(now),
            _ => Duration::ZERO,
        };
        due.max(self.gate.pause(now))
    }

    /// What the next call does.
    pub(super) fn upcoming(&self) -> Option<Operation> {
        if self.probe.is_some() {
            return Some(Operation::CheckCredential);
        }
        if !self.followups.is_empty() {
            return Some(Operation::Lookup);
        }
        if !self.armed.is_empty() || !self.checked.is_empty() {
            return Some(Operation::Delete);
        }
        self.queue.next().or_else(|| self.queue.next_delayed().map(|(_, operation)| operation))
    }

    /// The next call, unless it waits for its intent.
    pub(super) fn take_next(&mut self) -> Option<Batch> {
        if self.probe.is_some() {
            return Some(Batch::new(Operation::CheckCredential, Vec::new()));
        }
        if let Some(batch) = self.followups.pop_front() {
            return Some(batch);
        }
        if let Some(batch) = self.next_armed() {
            return Some(batch);
        }
        match self.queue.next()? {
            Operation::Delete => None,
            Operation::Check if !self.may_check() => None,
            operation if self.has_queued() => self.queue.pop(self.size(operation)),
            _ => None,
        }
    }

    /// Whether one more record may be looked up before its delete: those that were are deleted first.
    fn may_check(&self) -> bool {
        let arming = self.arming.as_ref().map_or(0, Vec::len);
        let pending = self.checked.len() + self.armed.len() + arming;
        if pending == 0 || self.config.is_bulk {
            return true;
        }
        let is_single = self.gate.is_single_flight(Operation::Delete);
        !is_single && pending + self.flights.count(Operation::Check) < self.gate.concurrency()
    }

    pub(super) fn send(&mut self, now: Instant, mut batch: Batch, out: &mut Vec<Command>) {
        let operation = batch.operation;
        batch.first_sent_at.get_or_insert(now);
        self.has_unverified |= operation == Operation::Delete;
        self.gate.on_sent(now, operation);
        let probe = self.probe.take_if(|_| operation == Operation::CheckCredential);
        let ids = batch.ids();
        let call = self.flights.insert(Flight { batch, sent_at: now, probe });
        out.push(Command::Send { call, operation, ids });
    }

    /// Whether a wait fits into the time of the run, and its longest outage.
    pub(super) fn may_wait(&mut self, now: Instant, wait: Duration) -> bool {
        let end = now.checked_add(wait);
        let is_late = self.config.deadline.is_some_and(|deadline| end.is_none_or(|end| end > deadline));
        let ending = if is_late { Some(Ending::DeadlineReached { wait }) } else { self.gate.outage_timeout(now, wait) };
        ending.into_iter().for_each(|ending| self.stop(ending));
        self.ending.is_none()
    }

    pub(super) fn report_wait(&mut self, now: Instant, wait: Duration, out: &mut Vec<Command>) {
        let until = Some(now + wait);
        if self.reported != until {
            self.reported = until;
            out.extend(self.gate.waiting(now, wait).map(Command::ReportWait));
        }
    }

    /// Intents do not wait for long: if no call ends, they are taken back.
    pub(super) fn wait_for_flights(&mut self, now: Instant) -> Option<Instant> {
        let is_armed = !self.flights.is_empty() && self.armed.iter().any(Batch::is_releasable);
        self.stuck_at = is_armed.then(|| now + PREFETCH_HORIZON);
        self.stuck_at
    }

    pub(super) fn check_deadline(&mut self, now: Instant) {
        // A lane that has nothing left to send is as good as finished.
        if self.config.deadline.is_some_and(|deadline| now >= deadline) && self.has_next() {
            self.stop(Ending::DeadlineReached { wait: Duration::ZERO });
        }
    }
}
