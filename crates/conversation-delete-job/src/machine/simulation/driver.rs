//! The model of the driver: does in virtual time what the machine asks for, and tells the rules of everything.

mod commands;

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant, SystemTime};

use super::choices::Choices;
use super::journal::{Journal, row};
use super::mutation::Mutation;
use super::rule::{Broken, Rule, most_steps, require};
use super::rules::Rules;
use super::setup::{Job, Run};
use super::trace::Trace;
use super::vendor::{Reply, Vendor};
use crate::journal::{Intent, Purpose, Work};
use crate::machine::Machine;
use crate::machine::event::{CallId, Event, Operation, Poll};
use crate::run::Ending;

/// How late a wake comes that breaks the word of the model.
const LATE: Duration = Duration::from_secs(30);

/// What will happen at a time.
#[derive(Debug)]
enum Due {
    Claim { work: Work, count: usize },
    Intend(Vec<usize>),
    Call { call: CallId, operation: Operation, reply: Reply },
}

/// One run of a job.
pub(super) struct Driver<'a> {
    pub(super) job: &'a Job,
    pub(super) run: &'a Run,
    pub(super) vendor: &'a mut Vendor,
    pub(super) journal: &'a mut Journal,
    pub(super) choices: &'a mut Choices,
    pub(super) mutation: Option<Mutation>,
    pub(super) trace: &'a mut Trace,
    pub(super) now: Instant,
    rules: Rules,
    events: VecDeque<Event>,
    due: BTreeMap<(Instant, u64), Due>,
    count: u64,
    until: Option<Instant>,
    listed: Vec<usize>,
}

/// What all runs of a schedule share.
pub(super) struct World<'a> {
    pub(super) job: &'a Job,
    pub(super) vendor: &'a mut Vendor,
    pub(super) journal: &'a mut Journal,
    pub(super) choices: &'a mut Choices,
    pub(super) mutation: Option<Mutation>,
    pub(super) trace: &'a mut Trace,
}

impl<'a> Driver<'a> {
    pub(super) fn new(world: World<'a>, run: &'a Run, now: Instant) -> Self {
        let World { job, vendor, journal, choices, mutation, trace } = world;
        journal.begin_run();
        let looks_up = job.needs_proof() || job.reject_active;
        let rules = Rules::new(job, run, journal.is_confirmed(looks_up));
        Self {
            job,
            run,
            vendor,
            journal,
            choices,
            mutation,
            trace,
            now,
            rules,
            events: VecDeque::from([Event::Start]),
            due: BTreeMap::new(),
            count: 0,
            until: None,
            listed: Vec::new(),
        }
    }

    /// Runs the job to the end of this run: its ending, unless it is killed.
    pub(super) fn drive(&mut self) -> Result<Option<Ending>, Broken> {
        let mut config = self.job.machine(self.run, self.rules.is_confirmed(), self.journal.has_unverified());
        self.mutation.iter().for_each(|mutation| mutation.change_config(&mut config));
        let mut machine = Machine::new(config, self.now);
        let mut commands = Vec::new();
        for step in 0..most_steps(self.job.records) {
            if self.run.kill_at == Some(step) {
                self.kill();
                return Ok(None);
            }
            self.disturb(step);
            let event = self.next_event()?;
            self.journal.pass(self.now);
            self.trace.event(self.now, &event);
            let poll = machine.handle(self.now, event, &mut commands);
            for command in commands.drain(..) {
                self.trace.command(&command);
                self.execute(command)?;
            }
            self.trace.poll(&poll);
            match poll {
                Poll::Wait { until } => self.until = until,
                Poll::Done(ending) => return self.finish(ending).map(Some),
            }
        }
        require(false, Rule::Ends, None).map(|()| None)
    }

    fn is(&self, mutation: Mutation) -> bool {
        self.mutation == Some(mutation)
    }

    /// The process is killed: what is in flight may still have its effect, and what was not on the disk yet is lost.
    fn kill(&mut self) {
        self.trace.note(self.now, || "killed".to_owned());
        self.lose_calls();
        let kept = self.choices.below(self.journal.waiting() % 255 + 1);
        self.journal.commit(kept);
        self.journal.lose_waiting();
    }

    fn lose_calls(&mut self) {
        for due in std::mem::take(&mut self.due).into_iter() {
            match due {
                (_, Due::Call { reply, .. }) => {
                    if self.choices.chance(128) {
                        reply.removes.into_iter().for_each(|id| self.vendor.remove(id));
                    }
                }
                (at, due) => drop(self.due.insert(at, due)),
            }
        }
    }

    /// What happens to the run from outside.
    fn disturb(&mut self, step: usize) {
        for (_, record) in self.run.holds.iter().filter(|(at, _)| *at == step) {
            self.journal.hold(*record);
            self.trace.note(self.now, || format!("{record} is held"));
        }
        let is_now = |at: Option<usize>| at == Some(step);
        if is_now(self.run.abort_at) {
            self.events.push_front(Event::Abort);
        }
        if is_now(self.run.drain_at) {
            self.events.push_front(Event::Drain);
        }
        if is_now(self.run.journal_fails_at) {
            self.journal.fail();
            self.events.push_front(Event::JournalFailed);
        }
        if self.events.iter().any(|event| matches!(event, Event::Abort | Event::Drain | Event::JournalFailed)) {
            self.rules.on_stop();
            if self.is(Mutation::HideStop) {
                self.events.retain(|event| !matches!(event, Event::Abort | Event::Drain));
            }
        }
    }

    fn next_event(&mut self) -> Result<Event, Broken> {
        if let Some(event) = self.events.pop_front() {
            match &event {
                Event::Held { call, held } => self.rules.on_unsent(*call, held),
                Event::HoldsUnreadable { call } => self.rules.on_unsent(*call, &[]),
                _ => {}
            }
            return Ok(self.hide_hold(event));
        }
        let next = self.due.first_key_value().map(|((at, _), _)| *at);
        let is_wake = self.until.is_some_and(|until| next.is_none_or(|next| until < next));
        if is_wake || next.is_none() {
            let Some(until) = self.until.take() else { return Err(Broken { rule: Rule::Stuck, record: None }) };
            if !self.is(Mutation::StopClock) {
                let late = if self.is(Mutation::LateWake) { LATE } else { Duration::ZERO };
                self.now = self.now.max(until + late);
            }
            return Ok(Event::Wake);
        }
        match self.due.pop_first() {
            Some(((at, _), due)) => {
                self.now = self.now.max(at);
                Ok(self.deliver(due))
            }
            None => Err(Broken { rule: Rule::Stuck, record: None }),
        }
    }

    fn hide_hold(&self, event: Event) -> Event {
        match event {
            Event::Held { call, held } if self.is(Mutation::HideHold) => {
                Event::Held { call, held: vec![false; held.len()] }
            }
            event => event,
        }
    }

    fn deliver(&mut self, due: Due) -> Event {
        match due {
            Due::Claim { work, count } => self.claim(work, count),
            Due::Intend(records) => {
                self.journal.commit(usize::MAX);
                let is_lost = self.journal.has_failed();
                let intents = if is_lost { Vec::new() } else { self.journal.intents(&records) };
                let pairs: Vec<(usize, Intent)> = records.into_iter().zip(intents.iter().copied()).collect();
                self.rules.on_intended(self.now, &pairs);
                Event::Intended(intents)
            }
            Due::Call { call, operation, mut reply } => {
                reply.removes.iter().for_each(|id| self.vendor.remove(*id));
                self.rules.on_returned(self.now, call, &reply.results);
                self.mutation.iter().for_each(|mutation| mutation.change_results(operation, &mut reply.results));
                match operation {
                    Operation::CheckCredential => Event::Checked {
                        call,
                        result: reply.results.pop().map_or(Ok(None), |result| result.map(|_| None)),
                    },
                    Operation::List => {
                        self.listed = reply.listed;
                        Event::Listed { call, result: reply.results.pop().map_or(Ok(()), |result| result.map(|_| ())) }
                    }
                    _ => Event::Returned { call, at: SystemTime::UNIX_EPOCH, results: reply.results },
                }
            }
        }
    }

    fn claim(&mut self, work: Work, count: usize) -> Event {
        self.journal.commit(usize::MAX);
        let mut records = if self.journal.has_failed() { Vec::new() } else { self.journal.claim(work, count) };
        let is_last = records.len() < count;
        let hidden = usize::from(self.is(Mutation::ClaimInSecret));
        let known: Vec<_> = records.iter().skip(hidden).map(|record| (row(record.record), record)).collect();
        self.rules.on_claimed(work, &known);
        match self.mutation {
            Some(Mutation::ClaimTwice) => records.extend(records.first().cloned()),
            Some(Mutation::HideList) => records.iter_mut().for_each(|record| {
                (record.before, record.is_over) = (None, false);
            }),
            Some(Mutation::ForgetIntents) => records.iter_mut().for_each(|record| record.is_ambiguous = false),
            Some(Mutation::AnswerClaimTwice) => {
                self.events.push_back(Event::Claimed { records: Vec::new(), is_last: false });
            }
            _ => {}
        }
        Event::Claimed { records, is_last }
    }

    fn later(&mut self, wait: Duration, due: Due) {
        self.count += 1;
        self.due.insert((self.now + wait, self.count), due);
    }

    fn finish(&mut self, ending: Ending) -> Result<Ending, Broken> {
        self.rules.on_done()?;
        self.journal.commit(usize::MAX);
        let is_proven = self.run.purpose == Purpose::Delete && self.job.needs_proof();
        if ending == Ending::Finished {
            super::report::check_finished(&self.journal.rows, self.run.purpose, is_proven)?;
        }
        Ok(ending)
    }
}
