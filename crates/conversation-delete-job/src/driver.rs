//! Runs the machine of a lane: does what it asks for, and tells it what happened.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;

use delete_core::{Clock, RecordId};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, OptionFuture};
use futures_util::stream::{FuturesUnordered, StreamExt};

use crate::child::ChildJournal;
use crate::endpoint::Endpoint;
use crate::error::JobError;
use crate::hold_check::HoldCheck;
use crate::journal::{Claimed, Entry, Intent, Journal};
use crate::machine::event::{self as machine, Command, Event, Operation, Record};
use crate::machine::{Machine, decide};
use crate::outcome::RecordOutcome;
use crate::run::{Ending, Progress, ProgressEvent, RunOptions, StopHandle};
use crate::target::TargetNumber;

/// What all lanes of a run share.
#[derive(Clone)]
pub(crate) struct RunContext<'a> {
    pub(crate) journal: Journal,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) options: &'a RunOptions,
    pub(crate) stop: &'a StopHandle,
    pub(crate) progress: &'a dyn Progress,
}

/// What is open as long as the lane runs, and counted in the handle that stops it.
pub(crate) struct Session<'a> {
    context: RunContext<'a>,
    target: TargetNumber,
    children: Option<ChildJournal>,
    hold_check: Option<HoldCheck>,
    in_flight: usize,
    unreadable: Option<JobError>,
    is_draining: bool,
    is_aborted: bool,
    has_failed: bool,
}

type Pending<T> = BoxFuture<'static, Result<T, JobError>>;

/// Runs a lane to its end.
pub(crate) async fn drive(
    mut lane: Machine,
    endpoint: &Endpoint,
    mut session: Session<'_>,
) -> Result<Ending, JobError> {
    let (clock, journal) = (Arc::clone(&session.context.clock), session.context.journal.clone());
    let (stop, target) = (session.context.stop, session.target);
    let mut calls = FuturesUnordered::new();
    // What the journal was asked for; of a claim, also how many records.
    let mut claim: Option<(Pending<Vec<Claimed>>, usize)> = None;
    let mut intents: Option<Pending<Vec<Intent>>> = None;
    let (mut events, mut commands) = (VecDeque::from([Event::Start]), Vec::new());
    let ending = loop {
        let mut until = None;
        let mut ending = None;
        session.add_controls(&mut events);
        while let (None, Some(event)) = (&ending, events.pop_front()) {
            match lane.handle(clock.now(), event, &mut commands) {
                machine::Poll::Wait { until: next } => until = next,
                machine::Poll::Done(end) => ending = Some(end),
            }
            for command in commands.drain(..) {
                match command {
                    Command::Send { call, operation, ids } => match session.held(operation, &ids) {
                        Ok(held) if held.is_empty() => {
                            let mut performed = Box::pin(endpoint.perform(call, operation, ids));
                            session.begin_call();
                            // It leaves now, and not after a response that is handled first and asks for a wait.
                            match poll_once(performed.as_mut()).await {
                                Poll::Ready(event) => {
                                    session.end_calls(1);
                                    events.push_back(event);
                                }
                                Poll::Pending => calls.push(performed),
                            }
                        }
                        Ok(held) => events.push_back(Event::Held { call, held }),
                        Err(()) => events.push_back(Event::HoldsUnreadable { call }),
                    },
                    Command::Claim { work, count } => {
                        let journal = journal.clone();
                        claim = Some((async move { journal.claim(target, work, count).await }.boxed(), count));
                    }
                    Command::Intend(records) => {
                        let journal = journal.clone();
                        intents = Some(async move { journal.intend(target, records).await }.boxed());
                    }
                    Command::Abandon => {
                        session.end_calls(session.in_flight);
                        calls.clear();
                    }
                    command => session.execute(command),
                }
            }
        }
        if let Some(ending) = ending {
            break ending;
        }
        let now = clock.now();
        let wait = until.map(|until| until.saturating_duration_since(now));
        let controls = (session.is_draining, session.is_aborted);
        tokio::select! {
            biased;
            () = journal.broken(), if !session.has_failed => {}
            Some(event) = calls.next(), if !calls.is_empty() => {
                session.end_calls(1);
                events.push_back(event);
            }
            Some(claimed) = OptionFuture::from(claim.as_mut().map(|(claimed, _)| claimed)), if claim.is_some() => {
                let count = claim.take().map_or(0, |(_, count)| count);
                // If there is none, the file cannot be written, which is found out next.
                events.push_back(session.on_claimed(endpoint, claimed.unwrap_or_default(), count));
            }
            Some(written) = OptionFuture::from(intents.as_mut()), if intents.is_some() => {
                intents = None;
                events.push_back(session.on_intended(written.unwrap_or_default()));
            }
            () = stop.changes(controls) => {}
            () = clock.sleep(wait.unwrap_or_default()), if wait.is_some() => events.push_back(Event::Wake),
        }
        // What has ended by now is handled in one go.
        while let Some(Some(event)) = calls.next().now_or_never() {
            session.end_calls(1);
            events.push_back(event);
        }
    };
    let flushed = journal.flush().await;
    session.take_failure().map_or(flushed, Err).map(|()| ending)
}

async fn poll_once<F: Future>(mut future: Pin<&mut F>) -> Poll<F::Output> {
    poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await
}

impl<'a> Session<'a> {
    pub(crate) fn begin(
        context: RunContext<'a>,
        target: TargetNumber,
        children: Option<ChildJournal>,
        hold_check: Option<HoldCheck>,
    ) -> Self {
        children.iter().for_each(|children| children.open(context.journal.clone(), target));
        hold_check.iter().for_each(|check| check.open(context.journal.clone()));
        let (is_draining, is_aborted, has_failed) = (false, false, false);
        Self {
            context,
            target,
            children,
            hold_check,
            in_flight: 0,
            unreadable: None,
            is_draining,
            is_aborted,
            has_failed,
        }
    }

    /// What comes before anything else: nothing more is sent then.
    fn add_controls(&mut self, events: &mut VecDeque<Event>) {
        let stop = self.context.stop;
        if stop.is_aborted() && !std::mem::replace(&mut self.is_aborted, true) {
            events.push_front(Event::Abort);
        }
        if stop.is_draining() && !std::mem::replace(&mut self.is_draining, true) {
            events.push_front(Event::Drain);
        }
        if self.context.journal.check().is_err() && !std::mem::replace(&mut self.has_failed, true) {
            events.push_front(Event::JournalFailed);
        }
    }

    fn begin_call(&mut self) {
        self.in_flight += 1;
        self.context.stop.call_begins();
    }

    fn end_calls(&mut self, calls: usize) {
        self.in_flight -= calls;
        self.context.stop.calls_end(calls);
    }

    /// Which records of a delete are held by now; empty if none is.
    fn held(&mut self, operation: Operation, ids: &[RecordId]) -> Result<Vec<bool>, ()> {
        let held = match operation {
            Operation::Delete => self.find_held(ids),
            _ => Ok(Vec::new()),
        };
        held.map_err(|error| {
            self.unreadable.get_or_insert(error);
        })
    }

    /// Checks the ids one by one only if one of them is held.
    fn find_held(&self, ids: &[RecordId]) -> Result<Vec<bool>, JobError> {
        let journal = &self.context.journal;
        if !journal.is_any_held(ids)? {
            return Ok(Vec::new());
        }
        ids.iter().map(|id| journal.is_any_held([id])).collect()
    }

    fn execute(&self, command: Command) {
        let (target, journal, progress) = (self.target, &self.context.journal, self.context.progress);
        match command {
            Command::Write(entry) => {
                self.report(&entry);
                journal.append(target, entry);
            }
            Command::Release(records) => journal.release(records),
            Command::EndList(result) => journal.end_list(target, result),
            Command::ReportWait(waiting) => progress.on_event(ProgressEvent::Waiting { target, waiting }),
            Command::ReportUnchecked(error) => progress.on_event(ProgressEvent::Unchecked { target, error: &error }),
            Command::Send { .. } | Command::Claim { .. } | Command::Intend(_) | Command::Abandon => {}
        }
    }

    fn report(&self, entry: &Entry) {
        let (target, progress) = (self.target, self.context.progress);
        match entry {
            Entry::Outcome(result) => {
                progress.on_event(ProgressEvent::Outcome { target, outcome: result.outcome });
                if let Some(error) = &result.error {
                    progress.on_event(ProgressEvent::Failed { target, kind: error.kind, message: &error.message });
                }
            }
            Entry::Held { is_in_doubt, .. } => {
                let outcome = if *is_in_doubt { RecordOutcome::Failed } else { RecordOutcome::Held };
                progress.on_event(ProgressEvent::Outcome { target, outcome });
            }
            Entry::Before { .. } => progress.on_event(ProgressEvent::LookedUp { target, is_after: false }),
            Entry::After { .. } => progress.on_event(ProgressEvent::LookedUp { target, is_after: true }),
            Entry::Tried(_) | Entry::Child { .. } => {}
        }
    }

    /// Parses the ids that were claimed, once. One that the client does not accept is refused.
    fn on_claimed(&self, endpoint: &Endpoint, claimed: Vec<Claimed>, count: usize) -> Event {
        let is_last = claimed.len() < count;
        let mut records = Vec::with_capacity(claimed.len());
        let mut seen = Vec::new();
        for claimed in claimed {
            match endpoint.deleter.parse_id(&claimed.id) {
                Ok(id) => {
                    if claimed.was_seen && endpoint.reader.prefers_bulk_lookup() {
                        seen.push(id.clone());
                    }
                    let Claimed { record, before, is_over, is_ambiguous, .. } = claimed;
                    records.push(Record { record, id, before, is_over, is_ambiguous });
                }
                Err(error) => {
                    let refused = decide::failed(claimed.record, &error, claimed.is_ambiguous, 0);
                    self.execute(Command::Write(Entry::Outcome(refused)));
                }
            }
        }
        // By what this credential saw in an earlier step or run, the reader judges an absence.
        if !seen.is_empty() {
            endpoint.reader.mark_seen(&seen);
        }
        Event::Claimed { records, is_last }
    }

    fn on_intended(&self, intents: Vec<Intent>) -> Event {
        let target = self.target;
        let held = intents.iter().filter(|intent| **intent == Intent::Held).count();
        let event = ProgressEvent::Outcome { target, outcome: RecordOutcome::Held };
        (0..held).for_each(|_| self.context.progress.on_event(event.clone()));
        Event::Intended(intents)
    }

    /// Why the holds could not be checked before a request.
    fn take_failure(&mut self) -> Option<JobError> {
        let by_deleter = self.hold_check.as_ref().and_then(HoldCheck::take_failure);
        self.unreadable.take().or(by_deleter)
    }
}

impl Drop for Session<'_> {
    fn drop(&mut self) {
        self.context.stop.calls_end(self.in_flight);
        self.children.iter().for_each(ChildJournal::close);
        self.hold_check.iter().for_each(HoldCheck::close);
    }
}
