//! The run: sends the requests, and reports the outcome of each id in the order of the input.

use std::collections::VecDeque;
use std::time::{Duration, SystemTime};

use delete_core::{Deleter, Deletion, Delivery, Error, ErrorKind, RecordId};
use futures_util::FutureExt;
use futures_util::stream::{FuturesUnordered, StreamExt};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::children::ChildReports;
use crate::exit::Exit;
use crate::ids::IdList;
use crate::progress::{Progress, is_failure};
use crate::report::{Item, Outcome, Output, Record, Tally, count};
use crate::signals;

/// How often a request is sent at most. The run must know it to tell a wait that did not fit from one that was kept.
pub(crate) const MAX_ATTEMPTS: u32 = 4;

/// The least number of results that may wait for one that comes before them.
const MIN_WINDOW: usize = 1024;

/// How many calls in a row may fail because the vendor is unavailable, before the rest is left for another time.
pub(crate) const HOPELESS_CALLS: u32 = 25;

/// What is to be done.
pub(crate) struct Job<'a> {
    pub(crate) deleter: &'a dyn Deleter,
    /// Where the deleter leaves what became of the children of records, if it deletes them.
    pub(crate) children: Option<&'a ChildReports>,
    pub(crate) ids: &'a IdList,
    pub(crate) concurrency: usize,
    /// How many ids travel in one request.
    pub(crate) batch: usize,
    /// A reason to send nothing at all.
    pub(crate) stop: Option<Stop>,
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Ending {
    pub(crate) tally: Tally,
    pub(crate) stop: Option<Stop>,
    /// Whether an interruption leaves a record unknown: nobody waited for its response, or for its next attempt.
    pub(crate) was_abandoned: bool,
}

/// Why a run sent no more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The vendor refused the credential.
    CredentialRefused,
    /// The credential belongs elsewhere.
    WrongTarget,
    /// Every other call would fail alike.
    Hopeless,
    /// The vendor wants no request for longer than a call lasts.
    Throttled,
    /// Somebody asked for it.
    Interrupted,
    /// Nobody reads the results any more.
    OutputClosed,
}

impl Stop {
    /// Why nothing more should be sent after this failure of one call, where that is so.
    pub(crate) fn after(error: &Error) -> Option<Self> {
        match error.kind() {
            _ if error.is_credential_refused() => Some(Self::CredentialRefused),
            ErrorKind::WrongTarget => Some(Self::WrongTarget),
            _ => error.is_fatal_for_client().then_some(Self::Hopeless),
        }
    }

    /// The exit code that it has on its own.
    pub(crate) fn exit(self) -> Exit {
        match self {
            Self::CredentialRefused => Exit::CredentialRefused,
            Self::WrongTarget => Exit::Unsafe,
            _ => Exit::Stopped,
        }
    }

    /// Its message.
    pub(crate) fn explain(self, error: &Error) -> String {
        match self {
            Self::CredentialRefused => format!("the credential was refused: {error}"),
            Self::WrongTarget => format!("the credential belongs elsewhere: {error}"),
            _ => format!("every other call would fail too: {error}"),
        }
    }
}

/// Runs `job` to its end. A first message from `signals` stops the sending, a second one the waiting.
pub(crate) async fn run(
    job: Job<'_>,
    progress: &Progress,
    output: &Output,
    signals: &mut UnboundedReceiver<()>,
) -> Ending {
    let mut run = Run::new(&job, progress);
    let mut calls = FuturesUnordered::new();
    let mut next = None;
    loop {
        if output.is_broken() {
            run.stop_for_closed_output();
        }
        while let Some(batch) = run.next_batch(calls.len()) {
            calls.push(delete(job.deleter, batch));
        }
        next = next.or_else(|| run.next_record());
        if next.is_none() && calls.is_empty() {
            run.report_unheard_signal();
            run.tell_of_broken_bodies();
            return Ending { tally: run.tally, stop: run.stop, was_abandoned: run.was_abandoned };
        }
        tokio::select! {
            biased;
            Some(()) = signals.recv() => {
                signals::stop_token().stop();
                // Calls that were only waiting end at once, so there is no need to wait for them.
                while let Some(Some(settled)) = calls.next().now_or_never() {
                    run.settle(settled);
                }
                if run.interrupt(calls.len()) {
                    calls.clear();
                    run.abandon();
                }
            }
            Some(settled) = calls.next() => run.settle(settled),
            permit = output.reserve(), if next.is_some() => match (permit, next.take()) {
                (Ok(permit), Some(record)) => permit.send(Item::Record(Box::new(record))),
                // The writing thread is gone, which only a fault of the program can do.
                _ => run.stop_for_closed_output(),
            },
        }
    }
}

/// Ids of one request, with their numbers.
type Batch = Vec<(usize, RecordId)>;

/// The results of one request.
type Settled = Vec<(usize, RecordId, Option<Result<Deletion, Error>>)>;

async fn delete(deleter: &dyn Deleter, batch: Batch) -> Settled {
    let (numbers, ids): (Vec<usize>, Vec<RecordId>) = batch.into_iter().unzip();
    let results = deleter.delete_batch(&ids).await;
    // A deleter that told too little would leave ids without a report.
    let results = results.into_iter().map(Some).chain(std::iter::repeat_with(|| None));
    numbers.into_iter().zip(ids).zip(results).map(|((number, id), result)| (number, id, result)).collect()
}

struct Run<'a> {
    job: &'a Job<'a>,
    progress: &'a Progress,
    /// Ids that were reported, and refused entries.
    told: usize,
    told_refused: usize,
    /// Ids that were handed to calls. What lies between the two is in `results`.
    started: usize,
    results: VecDeque<Option<Record>>,
    window: usize,
    /// The first call is sent on its own: a wrong credential shall cost one request.
    is_first_call_settled: bool,
    stop: Option<Stop>,
    was_interrupted: bool,
    was_abandoned: bool,
    failures: u64,
    /// How many calls in a row failed because the vendor was unavailable.
    failed_calls: u32,
    broken_bodies: u64,
    tally: Tally,
}

impl<'a> Run<'a> {
    fn new(job: &'a Job<'a>, progress: &'a Progress) -> Self {
        Self {
            job,
            progress,
            told: 0,
            told_refused: 0,
            started: 0,
            results: VecDeque::new(),
            window: MIN_WINDOW.max(job.concurrency * job.batch * 4),
            is_first_call_settled: false,
            stop: job.stop,
            was_interrupted: false,
            was_abandoned: false,
            failures: 0,
            failed_calls: 0,
            broken_bodies: 0,
            tally: Tally::default(),
        }
    }

    /// The ids to send next, if one more call may be in flight.
    fn next_batch(&mut self, calls: usize) -> Option<Batch> {
        let concurrency = if self.is_first_call_settled { self.job.concurrency } else { 1 };
        let may_start = self.stop.is_none() && calls < concurrency && self.results.len() < self.window;
        if !may_start || self.started == self.job.ids.len() {
            return None;
        }
        let mut batch = Batch::with_capacity(self.job.batch);
        while batch.len() < self.job.batch && self.started < self.job.ids.len() {
            match self.job.ids.id(self.started) {
                Ok(_) if self.job.ids.is_held(self.started) => {
                    self.results.push_back(Some(Record::unsent(self.job.ids, self.started)));
                }
                Ok(id) => {
                    batch.push((self.started, id));
                    self.results.push_back(None);
                }
                Err(error) => self.results.push_back(Some(Record::failed(String::new(), &error))),
            }
            self.started += 1;
        }
        Some(batch).filter(|batch| !batch.is_empty())
    }

    /// The next record in the order of the input, if it is known.
    fn next_record(&mut self) -> Option<Record> {
        let record = self.take_next()?;
        self.tally.add(record.outcome);
        Some(record)
    }

    fn take_next(&mut self) -> Option<Record> {
        let ids_before = self.job.ids.ids_before_refused(self.told_refused);
        if ids_before.is_some_and(|ids| ids <= self.told) {
            let refused = self.job.ids.refused(self.told_refused)?;
            self.told_refused += 1;
            return Some(Record::refused(refused));
        }
        let record = match self.results.front_mut() {
            Some(result) => {
                let record = result.take()?;
                self.results.pop_front();
                record
            }
            None if self.stop.is_some() && self.told < self.job.ids.len() => {
                self.started += 1;
                Record::unsent(self.job.ids, self.told)
            }
            None => return None,
        };
        self.told += 1;
        Some(record)
    }

    fn settle(&mut self, settled: Settled) {
        self.is_first_call_settled = true;
        self.note_broken_body(&settled);
        for (_, _, result) in &settled {
            if let Some(Err(error)) = result {
                self.stop_after(error);
            }
        }
        self.count_failed_calls(&settled);
        for (number, id, result) in settled {
            let record = match result {
                Some(Err(error)) if self.was_held_back(&error) => Record::not_attempted(id.to_string()),
                Some(Err(error)) => {
                    self.was_abandoned |= error.kind() == ErrorKind::Interrupted;
                    Record::failed(id.to_string(), &error)
                }
                Some(result) => Record::of(&id, &result),
                None => Record::interrupted(id.to_string()),
            };
            let record = self.with_children(record, &id);
            self.failures += u64::from(is_failure(record.outcome));
            self.progress.settled(&record, self.failures);
            if let Some(slot) = number.checked_sub(self.told).and_then(|slot| self.results.get_mut(slot)) {
                *slot = Some(record);
            }
        }
    }

    fn with_children(&self, record: Record, id: &RecordId) -> Record {
        match self.job.children {
            Some(children) => Record { children: children.take(id), ..record },
            None => record,
        }
    }

    /// Says it of the first answer alone: at a vendor where it happens, it happens often.
    fn note_broken_body(&mut self, settled: &Settled) {
        let broken = settled.iter().find(|(_, _, result)| {
            result.as_ref().and_then(|result| result.as_ref().ok()).is_some_and(Deletion::is_body_incomplete)
        });
        let Some((_, id, _)) = broken else { return };
        self.broken_bodies += 1;
        if self.broken_bodies == 1 {
            self.progress.note(&format!(
                "warning: the body of an answer broke off, for the first time at {id}; its status alone decided"
            ));
        }
    }

    fn tell_of_broken_bodies(&self) {
        if self.broken_bodies > 1 {
            let answers = count(self.broken_bodies, "answer");
            self.progress.note(&format!("warning: the bodies of {answers} broke off; their status alone decided"));
        }
    }

    /// Stops the run where going on would only repeat the failure.
    fn stop_after(&mut self, error: &Error) {
        if let Some(stop) = Stop::after(error) {
            self.stop_for(stop, || stop.explain(error));
        } else if let Some(wait) = unkept_wait(error) {
            self.stop_for(Stop::Throttled, || format!("the vendor wants no request {}", until(wait)));
        }
    }

    /// Stops the run if the vendor seems to be unavailable: each id would cost several requests, for nothing.
    fn count_failed_calls(&mut self, settled: &Settled) {
        let last = settled.iter().try_fold(None, |_, (_, _, result)| match result {
            Some(Err(error)) if is_unavailable(error) => Some(Some(error)),
            _ => None,
        });
        let Some(Some(error)) = last else {
            self.failed_calls = 0;
            return;
        };
        self.failed_calls += 1;
        if self.failed_calls >= HOPELESS_CALLS && self.started < self.job.ids.len() {
            self.stop_for(Stop::Hopeless, || format!("{HOPELESS_CALLS} calls in a row failed: {error}"));
        }
    }

    /// Whether the call sent nothing because of the very wait that stopped the run.
    fn was_held_back(&self, error: &Error) -> bool {
        self.stop == Some(Stop::Throttled)
            && error.kind() == ErrorKind::RateLimited
            && error.attempts().is_empty()
            && error.delivery() == Delivery::NotSent
    }

    /// Sends no more, for the reason that came first; but a refused credential is the one to be told in the end.
    fn stop_for(&mut self, stop: Stop, reason: impl FnOnce() -> String) {
        if self.stop.is_none() {
            self.progress.note(&format!("stopping: {}", reason()));
        }
        if self.stop.is_none() || stop == Stop::CredentialRefused {
            self.stop = Some(stop);
        }
    }

    fn stop_for_closed_output(&mut self) {
        self.stop_for(Stop::OutputClosed, || "nobody reads the results any more".to_owned());
    }

    /// Somebody wants the run to stop. True when they said so before and do not want to wait any longer.
    fn interrupt(&mut self, calls: usize) -> bool {
        if std::mem::replace(&mut self.was_interrupted, true) {
            self.progress.note("not waiting any longer: what is in flight may be deleted or not");
            return true;
        }
        if calls > 0 {
            let requests = count(calls as u64, "request");
            let advice = "interrupt again to stop waiting";
            self.progress.note(&format!("interrupted: waiting for {requests} in flight ({advice})"));
        } else {
            self.progress.note("interrupted: nothing more is sent");
        }
        self.stop.get_or_insert(Stop::Interrupted);
        false
    }

    /// A signal that ended the last calls can do so before the run hears of it.
    fn report_unheard_signal(&mut self) {
        if self.was_abandoned && !self.was_interrupted {
            self.interrupt(0);
        }
    }

    /// Reports what is still in flight as unknown.
    fn abandon(&mut self) {
        for slot in 0..self.results.len() {
            if self.results[slot].is_none() {
                self.was_abandoned = true;
                let number = self.told + slot;
                let record = Record::interrupted(self.id_text(number));
                // Its children that were settled before are known.
                self.results[slot] = Some(match self.job.ids.id(number) {
                    Ok(id) => self.with_children(record, &id),
                    Err(_) => record,
                });
            }
        }
    }

    fn id_text(&self, number: usize) -> String {
        self.job.ids.id_text(number)
    }
}

/// Whether the vendor had no response to the request itself: it throttled all attempts of the call, or was unavailable.
fn is_unavailable(error: &Error) -> bool {
    error.kind() == ErrorKind::RateLimited || is_out_of_order(error.kind())
}

/// Whether a call ended as if nobody, or something broken, were at the other end.
pub(crate) fn is_out_of_order(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Connect
            | ErrorKind::Timeout
            | ErrorKind::Connection
            | ErrorKind::Server
            | ErrorKind::UnexpectedResponse
    )
}

/// The wait that the vendor asked for, where the call would have been sent again but could not keep it.
fn unkept_wait(error: &Error) -> Option<Duration> {
    let gave_up_early = error.is_retryable() && error.attempts().len() < MAX_ATTEMPTS as usize;
    error.retry_after().filter(|wait| gave_up_early && !wait.is_zero())
}

fn until(wait: Duration) -> String {
    let wait = Duration::from_secs(wait.as_secs_f64().ceil() as u64);
    // A date that HTTP cannot write is as good as never.
    const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 60 * 60);
    match SystemTime::now().checked_add(wait).filter(|_| wait < LONGEST) {
        Some(time) => format!("before {} ({} s from now)", httpdate::fmt_http_date(time), wait.as_secs()),
        None => format!("for {} s", wait.as_secs()),
    }
}

/// Whether the run reached what was asked for, for every id.
pub(crate) fn is_complete(tally: &Tally, is_absent_ok: bool) -> bool {
    Outcome::ALL
        .into_iter()
        .filter(|outcome| is_failure(*outcome) && !(is_absent_ok && *outcome == Outcome::NotFound))
        .all(|outcome| tally.get(outcome) == 0)
}

#[cfg(test)]
mod tests;
