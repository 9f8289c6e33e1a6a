//! The model of a vendor: which records it holds, and what it returns.

use std::time::{Duration, Instant, SystemTime};

use delete_core::{Attempt, Deletion, Delivery, Error, ErrorKind, Outcome, RecordId, Status, Vendor as Name};
use uuid::Uuid;

use super::choices::Choices;
use super::faults::{FAULTS, Fault};
use super::setup::{Job, Run};
use crate::journal::Sighting;
use crate::machine::event::{Answer, Operation};
use crate::presence::{PresenceSource, PresenceState};

const NAME: Name = Name::new("model", "Model");

/// What the vendor does with deletes of a record that it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nature {
    Plain,
    Active,
    Forbidden,
    Rejected,
}

/// One record at the vendor.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) is_present: bool,
    pub(super) nature: Nature,
    /// A delete of the job removed it.
    pub(super) is_removed: bool,
    /// The vendor has lied about it.
    pub(super) was_lied_about: bool,
    /// So many lookups still show it after it was removed.
    stale: usize,
}

/// The model of a vendor.
#[derive(Debug)]
pub(super) struct Vendor {
    pub(super) kept: Vec<Kept>,
    /// Its deletes report the same for every record.
    acknowledges: bool,
}

/// What a call returns, and which records it removes.
#[derive(Debug, Default)]
pub(super) struct Reply {
    pub(super) results: Vec<Result<Answer, Error>>,
    pub(super) removes: Vec<usize>,
    /// What a list shows.
    pub(super) listed: Vec<usize>,
    /// The deleter finds these held by now.
    pub(super) holds: Vec<usize>,
}

pub(super) fn id(index: usize) -> RecordId {
    RecordId::Uuid(Uuid::from_u128(index as u128))
}

pub(super) fn index(id: &RecordId) -> usize {
    id.as_uuid().map_or(usize::MAX, |id| id.as_u128() as usize)
}

impl Vendor {
    pub(super) fn choose(choices: &mut Choices, job: &Job) -> Self {
        let absent = choices.of(&[0_u16, 0, 64, 256]);
        let odd = choices.of(&[0_u16, 0, 64, 250]);
        let kept = |choices: &mut Choices| Kept {
            is_present: !choices.chance(absent),
            nature: match odd {
                0 => Nature::Plain,
                _ if choices.chance(odd) => choices.of(&[Nature::Active, Nature::Forbidden, Nature::Rejected]),
                _ => Nature::Plain,
            },
            is_removed: false,
            was_lied_about: false,
            stale: if odd > 0 { choices.below(3) } else { 0 },
        };
        let kept = (0..job.records).map(|_| kept(choices)).collect();
        Self { kept, acknowledges: choices.chance(32) }
    }

    /// What becomes of a call. Nothing is removed yet.
    pub(super) fn call(
        &mut self,
        now: Instant,
        (operation, ids): (Operation, &[usize]),
        (job, run): (&Job, &Run),
        choices: &mut Choices,
    ) -> Reply {
        let is_out = run.outage.is_some_and(|(from, until)| from <= now && now < until);
        let fault = if is_out {
            Some(choices.of(&[Fault::Unavailable { has_effect: false }, Fault::Connect]))
        } else if run.faults > 0 && choices.chance(run.faults) {
            if choices.chance(run.lies) { Some(Fault::Lie) } else { Some(choices.of(&FAULTS)) }
        } else {
            None
        };
        match operation {
            Operation::Delete => self.delete(ids, fault, job, choices),
            Operation::Check | Operation::Lookup => self.read(operation, ids, fault, job, choices),
            Operation::List | Operation::CheckCredential => self.read_all(fault, choices),
        }
    }

    pub(super) fn remove(&mut self, index: usize) {
        let kept = &mut self.kept[index];
        if kept.is_present {
            (kept.is_present, kept.is_removed) = (false, true);
        }
    }

    fn delete(&mut self, ids: &[usize], fault: Option<Fault>, job: &Job, choices: &mut Choices) -> Reply {
        let accessible = || ids.iter().copied().filter(|id| self.kept[*id].is_present && self.is_deletable(*id, job));
        let all = |result: &dyn Fn(usize) -> Result<Answer, Error>| ids.iter().map(|id| result(*id)).collect();
        match fault {
            None => self.delete_well(ids, job),
            Some(Fault::Lie) => {
                let is_denial = choices.chance(128);
                ids.iter().for_each(|id| self.kept[*id].was_lied_about = true);
                let lie = |id: &usize| if is_denial { Err(not_found()) } else { deleted(*id, Outcome::Deleted) };
                Reply { results: ids.iter().map(lie).collect(), ..Reply::default() }
            }
            Some(Fault::Held) => {
                let held = ids[choices.below(ids.len())];
                let sent: Vec<usize> = ids.iter().copied().filter(|id| *id != held).collect();
                let mut reply = if sent.is_empty() { Reply::default() } else { self.delete_well(&sent, job) };
                let place = ids.iter().position(|id| *id == held).unwrap_or_default();
                reply.results.insert(place, Ok(Answer::Held));
                Reply { holds: vec![held], ..reply }
            }
            Some(Fault::HoldsUnreadable) => {
                Reply { results: all(&|_| Ok(Answer::HoldsUnreadable)), ..Reply::default() }
            }
            Some(Fault::ShortReply) => {
                let mut reply = self.delete_well(ids, job);
                reply.results.truncate(ids.len() - 1);
                reply
            }
            Some(Fault::Mixed) => {
                let mut reply = self.delete_well(ids, job);
                let error =
                    choices.of(&[Fault::Timeout { has_effect: true }, Fault::Throttle(Some(5)), Fault::Connect]);
                let keeps = !error.has_effect();
                for (place, id) in ids.iter().enumerate().skip(choices.below(2)).step_by(2) {
                    reply.results[place] = Err(error.error(Operation::Delete));
                    reply.removes.retain(|removed| !keeps || removed != id);
                }
                reply
            }
            Some(fault) => {
                let removes = if fault.has_effect() { accessible().collect() } else { Vec::new() };
                Reply { results: all(&|_| Err(fault.error(Operation::Delete))), removes, ..Reply::default() }
            }
        }
    }

    /// What the vendor would do with the delete of a record that it holds.
    fn is_deletable(&self, id: usize, job: &Job) -> bool {
        match self.kept[id].nature {
            Nature::Plain => true,
            // A reader that scans has no lookup right before the delete: its deleter refuses active records.
            Nature::Active => !(job.is_bulk && job.reject_active),
            Nature::Forbidden | Nature::Rejected => false,
        }
    }

    fn delete_well(&self, ids: &[usize], job: &Job) -> Reply {
        let is = |nature| move |id: &usize| self.kept[*id].is_present && self.kept[*id].nature == nature;
        for (nature, fault) in [(Nature::Forbidden, Fault::Forbidden), (Nature::Rejected, Fault::Rejected)] {
            if ids.iter().any(is(nature)) {
                let results = ids.iter().map(|_| Err(fault.error(Operation::Delete))).collect();
                return Reply { results, ..Reply::default() };
            }
        }
        let is_refused = |id: &usize| is(Nature::Active)(id) && !self.is_deletable(*id, job);
        let sent = ids.iter().filter(|id| !is_refused(id)).count();
        let is_all_there = ids.iter().all(|id| self.kept[*id].is_present);
        let result = |id: &usize| {
            if is_refused(id) {
                return Err(Error::builder(ErrorKind::StillActive, "active").build());
            }
            match (sent > 1, self.kept[*id].is_present) {
                _ if self.acknowledges => deleted(*id, Outcome::Acknowledged),
                (true, _) if !is_all_there => deleted(*id, Outcome::Unresolved),
                (_, true) => deleted(*id, Outcome::Deleted),
                (_, false) => Err(not_found()),
            }
        };
        let results = ids.iter().map(result).collect();
        let removes = ids.iter().copied().filter(|id| self.kept[*id].is_present && !is_refused(id)).collect();
        Reply { results, removes, ..Reply::default() }
    }

    fn read(
        &mut self,
        operation: Operation,
        ids: &[usize],
        fault: Option<Fault>,
        job: &Job,
        choices: &mut Choices,
    ) -> Reply {
        let is_scan = job.is_bulk;
        let results = match fault {
            None | Some(Fault::Held | Fault::HoldsUnreadable) => {
                ids.iter().map(|id| self.look(operation, *id, job)).collect()
            }
            Some(Fault::Lie) => {
                let is_denial = choices.chance(128);
                let lie = |id: &usize| {
                    self.kept[*id].was_lied_about = true;
                    Ok(seen(if is_denial { PresenceState::Absent } else { PresenceState::Present }))
                };
                ids.iter().map(lie).collect()
            }
            Some(Fault::ShortReply | Fault::Mixed) if is_scan => {
                ids.iter().map(|_| Ok(seen(PresenceState::Unknown))).collect()
            }
            Some(fault) => ids.iter().map(|_| Err(fault.error(operation))).collect(),
        };
        Reply { results, ..Reply::default() }
    }

    fn look(&mut self, operation: Operation, id: usize, job: &Job) -> Result<Answer, Error> {
        let kept = &mut self.kept[id];
        let is_stale = kept.is_removed && kept.stale > 0;
        kept.stale -= usize::from(is_stale);
        match (kept.is_present, kept.nature) {
            (true, Nature::Forbidden) => Err(Fault::Forbidden.error(operation)),
            (true, Nature::Active) if operation == Operation::Check && job.reject_active && !job.is_bulk => {
                Ok(Answer::Active(sighting(PresenceState::Present), Status::from_static("active")))
            }
            (true, _) => Ok(seen(PresenceState::Present)),
            (false, _) if is_stale => Ok(seen(PresenceState::Present)),
            (false, _) => Ok(seen(PresenceState::Absent)),
        }
    }

    fn read_all(&self, fault: Option<Fault>, choices: &mut Choices) -> Reply {
        let has_error = fault.is_some_and(|fault| fault.is_error()) && choices.chance(128);
        let listed = (0..self.kept.len()).filter(|id| self.kept[*id].is_present).collect();
        let results = match fault.filter(|_| has_error) {
            Some(fault) => vec![Err(fault.error(Operation::List))],
            None => Vec::new(),
        };
        Reply { results, listed, ..Reply::default() }
    }
}

fn deleted(id_index: usize, outcome: Outcome) -> Result<Answer, Error> {
    let attempt = Attempt::new(SystemTime::UNIX_EPOCH, Duration::ZERO, Delivery::Answered);
    Ok(Answer::Deletion(Deletion::new(NAME, id(id_index), outcome).with_attempts([attempt])))
}

fn not_found() -> Error {
    Error::builder(ErrorKind::NotFound, "not found").status(404).delivery(Delivery::Answered).build()
}

fn seen(state: PresenceState) -> Answer {
    Answer::Seen(sighting(state))
}

pub(super) fn sighting(state: PresenceState) -> Sighting {
    Sighting {
        state,
        status: None,
        source: PresenceSource::Lookup,
        failure: None,
        at: SystemTime::UNIX_EPOCH,
        is_over: false,
    }
}
