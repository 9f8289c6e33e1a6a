//! Does what the machine asks for.

use std::time::Duration;

use super::{Driver, Due};
use crate::journal::Entry;
use crate::machine::event::{Answer, CallId, Command, Event, Operation};
use crate::machine::simulation::journal::{Change, number, row};
use crate::machine::simulation::mutation::Mutation;
use crate::machine::simulation::report::check_presence;
use crate::machine::simulation::rule::Kept;
use crate::machine::simulation::vendor::{Reply, index, sighting};
use crate::presence::PresenceState;

impl Driver<'_> {
    pub(super) fn execute(&mut self, command: Command) -> Kept {
        match command {
            Command::Claim { work, count } => {
                self.rules.on_claim(count)?;
                let wait = Duration::from_millis(self.choices.of(&[1, 1, 5, 300]));
                self.later(wait, Due::Claim { work, count });
            }
            Command::Intend(records) => {
                let records: Vec<usize> = records.into_iter().map(row).collect();
                self.rules.on_intend(&records)?;
                if !self.is(Mutation::LoseIntent) {
                    self.journal.add(self.now, Change::Intend(records.clone()));
                }
                let wait = Duration::from_millis(self.choices.of(&[1, 1, 5, 300]));
                self.later(wait, Due::Intend(records));
            }
            Command::Release(_) if self.is(Mutation::DropRelease) => {}
            Command::Release(records) => {
                let records: Vec<usize> = records.into_iter().map(row).collect();
                records.iter().try_for_each(|record| self.rules.on_release(*record))?;
                self.journal.add(self.now, Change::Release(records));
            }
            Command::Send { call, operation, ids } => {
                let ids: Vec<usize> = ids.iter().map(index).collect();
                self.send(call, operation, &ids)?;
            }
            Command::Abandon => {
                self.rules.on_abandon();
                self.lose_calls();
            }
            Command::Write(entry) => self.write(entry)?,
            Command::EndList(result) => {
                let listed = result.ok().map(|()| std::mem::take(&mut self.listed));
                self.journal.add(self.now, Change::EndList(listed));
            }
            Command::ReportWait(_) | Command::ReportUnchecked(_) => {}
        }
        Ok(())
    }

    fn send(&mut self, call: CallId, operation: Operation, ids: &[usize]) -> Kept {
        let rows = &self.journal.rows;
        self.rules.on_send(self.now, (call, operation, ids), |id| rows[id].has_intent)?;
        let held: Vec<bool> = ids.iter().map(|id| rows[*id].is_held).collect();
        if operation == Operation::Delete && held.contains(&true) {
            self.events.push_back(Event::Held { call, held });
            return Ok(());
        }
        let mut reply = self.vendor.call(self.now, (operation, ids), (self.job, self.run), self.choices);
        if matches!(reply.results.first(), Some(Ok(Answer::HoldsUnreadable))) && self.choices.chance(128) {
            self.events.push_back(Event::HoldsUnreadable { call });
            return Ok(());
        }
        self.lie(operation, &mut reply);
        reply.holds.iter().for_each(|id| self.journal.hold(*id));
        if self.choices.chance(128) {
            reply.removes.drain(..).for_each(|id| self.vendor.remove(id));
        }
        let wait = Duration::from_millis(self.choices.of(&[20, 20, 3, 150, 2_000, 40_000]));
        if !self.is(Mutation::LoseReply) {
            self.later(wait, Due::Call { call, operation, reply });
        }
        Ok(())
    }

    /// Breaks the word of the vendor.
    fn lie(&self, operation: Operation, reply: &mut Reply) {
        match (self.mutation, operation) {
            (Some(Mutation::LieInDeletes), Operation::Delete) => reply.removes.clear(),
            (Some(Mutation::LieInReads), Operation::Check | Operation::Lookup) => {
                for result in reply.results.iter_mut().flatten() {
                    *result = Answer::Seen(sighting(PresenceState::Absent));
                }
            }
            _ => {}
        }
    }

    fn write(&mut self, entry: Entry) -> Kept {
        let record = match &entry {
            Entry::Before { record, .. } | Entry::After { record, .. } | Entry::Held { record, .. } => *record,
            Entry::Tried(result) | Entry::Outcome(result) => result.record,
            Entry::Child { .. } => number(0),
        };
        self.rules.on_write(row(record), &entry)?;
        if let Entry::Before { presence, .. } | Entry::After { presence, .. } = &entry {
            check_presence(&self.vendor.kept[row(record)], presence.state, row(record))?;
        }
        if !(self.is(Mutation::DropOutcome) && matches!(entry, Entry::Outcome(_))) {
            self.journal.add(self.now, Change::Append(entry));
        }
        Ok(())
    }
}
