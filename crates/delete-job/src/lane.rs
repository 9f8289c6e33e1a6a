//! One vendor's part of a run: what is sent when, and what each answer means for its records.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use delete_core::{Clock, Deleter, Delivery, Error, ErrorKind, Reader, RecordId};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, OptionFuture};
use futures_util::stream::{FuturesUnordered, StreamExt};

use crate::error::JobError;
use crate::journal::{Claimed, Journal, Note};
use crate::pace::{Limits, Pacer};
use crate::pass::{self, Answer, Pass, Worker};
use crate::run::{Ending, Halt, Progress, Waiting};
use crate::target::TargetNumber;

/// Who deletes the records of one target.
///
/// Its client should try each call once (`RetryPolicy::none()`): the job repeats what may pass, keeps the pace, and
/// remembers what was ambiguous.
#[derive(Clone)]
#[expect(missing_debug_implementations, reason = "a `dyn Deleter` has none")]
pub struct Lane {
    /// Whose records.
    pub target: TargetNumber,
    /// Deletes them.
    pub deleter: Arc<dyn Deleter>,
    /// Looks at them, where a run verifies.
    pub reader: Arc<dyn Reader>,
    /// What it may do at most.
    pub limits: Limits,
}

/// Records are claimed this far ahead of their requests: enough that no request waits for the disk, and few enough that a
/// crash leaves little in doubt.
const AHEAD: usize = 1024;

/// Calls in a row that failed for want of a sound answer before the vendor counts as out of order.
const OUTAGE: u32 = 5;
const FIRST_PROBE: Duration = Duration::from_secs(1);
const LAST_PROBE: Duration = Duration::from_secs(300);

/// Shorter waits for the next request are the pace itself, and not worth a word.
const LONG_PACE: Duration = Duration::from_secs(1);

/// A record whose own requests failed so often, while others did not, has failed.
const MAX_TRIES: u32 = 6;

/// A first look around: if none of so many is there, it is the wrong place.
const FIRST_LOOK: u64 = 20;

/// What belongs together in one request.
struct Batch {
    records: Vec<Record>,
    tries: u32,
    attempts: u64,
    /// A request for it may have taken effect.
    is_ambiguous: bool,
}

struct Record {
    record: i64,
    id: RecordId,
}

/// A call that came to its end.
struct Done {
    batch: Batch,
    results: Vec<Result<Answer, Error>>,
}

pub(crate) struct LaneRun<'a> {
    target: TargetNumber,
    worker: Worker,
    pass: Pass,
    journal: Journal,
    clock: Arc<dyn Clock>,
    options: &'a crate::run::Options,
    halt: &'a Halt,
    progress: &'a dyn Progress,
    pacer: Pacer,
    queue: VecDeque<Batch>,
    calls: FuturesUnordered<BoxFuture<'static, Done>>,
    /// Records that were asked for, and how many.
    claiming: Option<BoxFuture<'static, Result<Vec<Claimed>, JobError>>>,
    asked: usize,
    has_more: bool,
    failed_in_row: u32,
    probe: Duration,
    settled: u64,
    not_found: u64,
    ending: Option<Ending>,
}

impl<'a> LaneRun<'a> {
    pub(crate) fn new(
        lane: Lane,
        journal: Journal,
        clock: Arc<dyn Clock>,
        options: &'a crate::run::Options,
        halt: &'a Halt,
        progress: &'a dyn Progress,
    ) -> Self {
        let pacer = Pacer::new(lane.limits, clock.now());
        Self {
            target: lane.target,
            worker: Worker { deleter: lane.deleter, reader: lane.reader, looks: options.looks },
            pass: Pass::Delete,
            journal,
            clock,
            options,
            halt,
            progress,
            pacer,
            queue: VecDeque::new(),
            calls: FuturesUnordered::new(),
            claiming: None,
            asked: 0,
            has_more: true,
            failed_in_row: 0,
            probe: FIRST_PROBE,
            settled: 0,
            not_found: 0,
            ending: None,
        }
    }

    /// Goes through these passes, one after the other, until nothing is left to do or there is a reason to stop.
    pub(crate) async fn run(mut self, passes: &[Pass]) -> Result<Ending, JobError> {
        for pass in passes {
            self.pass = *pass;
            self.has_more = true;
            self.go_through().await?;
            if self.ending.is_some() {
                break;
            }
        }
        Ok(self.ending.unwrap_or(Ending::Finished))
    }

    /// Does one pass. What is under way is awaited, also where there is a reason to stop.
    async fn go_through(&mut self) -> Result<(), JobError> {
        loop {
            if self.ending.is_none() && self.halt.is_wanted() {
                self.ending = Some(Ending::Interrupted);
            }
            self.claim_ahead();
            let may_send = self.ending.is_none() && !self.queue.is_empty();
            if self.calls.is_empty() && self.claiming.is_none() && !may_send {
                break;
            }
            let mut wait = None;
            if may_send && self.calls.len() < self.open_calls() {
                let now = self.clock.now();
                let pause = self.pacer.wait(now);
                if pause.is_zero() {
                    self.send(now);
                    continue;
                }
                if !self.may_wait(now, pause) {
                    continue;
                }
                wait = Some(pause);
            }
            self.await_something(wait).await?;
        }
        self.leave();
        self.journal.flush().await
    }

    /// Goes on when a call has ended, records were claimed, the wait is over, or somebody wants it to stop.
    async fn await_something(&mut self, wait: Option<Duration>) -> Result<(), JobError> {
        if let Some(wait) = wait {
            self.tell_of_wait(wait);
        }
        let clock = Arc::clone(&self.clock);
        tokio::select! {
            biased;
            Some(done) = self.calls.next(), if !self.calls.is_empty() => self.settle(done),
            Some(claimed) = OptionFuture::from(self.claiming.as_mut()), if self.claiming.is_some() => {
                self.claiming = None;
                self.accept(claimed?);
            }
            () = self.halt.wanted(), if wait.is_some() => {}
            () = clock.sleep(wait.unwrap_or_default()), if wait.is_some() => {}
        }
        Ok(())
    }

    fn tell_of_wait(&self, wait: Duration) {
        if self.pacer.held_until(self.clock.now()).is_some() {
            self.progress.waits(self.target, Waiting::Throttled(wait));
        } else if wait >= LONG_PACE {
            self.progress.waits(self.target, Waiting::Paced(wait));
        }
    }

    /// While the vendor is out of order, one request at a time finds out whether it is back. So does the very first.
    fn open_calls(&self) -> usize {
        if self.failed_in_row >= OUTAGE || self.settled == 0 { 1 } else { self.pacer.concurrency() }
    }

    /// Asks for more records in time, so that no request waits for the disk.
    fn claim_ahead(&mut self) {
        let size = self.worker.size(self.pass);
        let ahead = AHEAD.max(size * 2 * self.pacer.concurrency());
        let has_enough = self.queue.len() * size > ahead / 2;
        if has_enough || !self.has_more || self.claiming.is_some() || self.ending.is_some() {
            return;
        }
        let (journal, target, pass) = (self.journal.clone(), self.target, self.pass);
        self.asked = ahead;
        self.claiming = Some(async move { journal.claim(target, pass, ahead).await }.boxed());
    }

    fn accept(&mut self, claimed: Vec<Claimed>) {
        self.has_more = claimed.len() == self.asked;
        let size = self.worker.size(self.pass);
        // Which of them travelled together in an earlier run is not known any more, and one that was not seen could spoil
        // the answer to the others: these go alone.
        let (alone, together): (Vec<_>, Vec<_>) = claimed.into_iter().partition(Claimed::goes_alone);
        for claimed in alone {
            let is_ambiguous = claimed.is_ambiguous;
            self.enqueue(vec![claimed], is_ambiguous);
        }
        let mut together = together.into_iter().peekable();
        while together.peek().is_some() {
            self.enqueue(together.by_ref().take(size).collect(), false);
        }
    }

    fn enqueue(&mut self, claimed: Vec<Claimed>, is_ambiguous: bool) {
        let mut records = Vec::with_capacity(claimed.len());
        for claimed in claimed {
            match self.worker.deleter.parse_id(&claimed.id) {
                Ok(id) => records.push(Record { record: claimed.record, id }),
                Err(error) => self.write_down(pass::note(self.pass, claimed.record, Err(error), false, 0)),
            }
        }
        if !records.is_empty() {
            self.queue.push_back(Batch { records, tries: 0, attempts: 0, is_ambiguous });
        }
    }

    fn send(&mut self, now: Instant) {
        let Some(batch) = self.queue.pop_front() else { return };
        self.pacer.sent(now);
        let (worker, pass) = (self.worker.clone(), self.pass);
        self.calls.push(
            async move {
                let ids: Vec<RecordId> = batch.records.iter().map(|record| record.id.clone()).collect();
                let results = worker.call(pass, &ids).await;
                Done { batch, results }
            }
            .boxed(),
        );
    }

    /// Whether a wait fits into the time of the run.
    fn may_wait(&mut self, now: Instant, wait: Duration) -> bool {
        let fits = self.options.deadline.is_none_or(|deadline| now + wait <= deadline);
        if !fits {
            self.ending = Some(Ending::Deadline { wait });
        }
        fits
    }

    fn settle(&mut self, done: Done) {
        let Done { mut batch, results } = done;
        batch.tries += 1;
        batch.attempts += results.first().map_or(0, pass::attempts);
        match results.iter().find_map(|result| result.as_ref().err()).cloned() {
            Some(error) => self.note_failure(&error, self.clock.now()),
            None => self.note_success(),
        }
        let (mut again, was_ambiguous) = (Vec::new(), batch.is_ambiguous);
        for (record, result) in std::mem::take(&mut batch.records).into_iter().zip(results) {
            match result {
                Err(error) if self.is_to_be_repeated(&batch, &error) => {
                    batch.is_ambiguous |= error.delivery() == Delivery::MaybeDelivered;
                    again.push(record);
                }
                result => {
                    let note = pass::note(self.pass, record.record, result, was_ambiguous, batch.attempts);
                    self.count(&note);
                    self.write_down(note);
                }
            }
        }
        if !again.is_empty() {
            self.queue.push_front(Batch { records: again, ..batch });
        }
    }

    fn note_success(&mut self) {
        self.pacer.answered();
        self.failed_in_row = 0;
        self.probe = FIRST_PROBE;
    }

    fn write_down(&self, note: Note) {
        match &note {
            Note::Settled(settled) | Note::Unseen(settled) => {
                self.progress.settled(self.target, settled.outcome);
                if let Some(kind) = settled.error_kind {
                    self.progress.failed(self.target, kind, settled.message.as_deref().unwrap_or_default());
                }
            }
            Note::Before { .. } => self.progress.looked(self.target, false),
            Note::After { .. } => self.progress.looked(self.target, true),
        }
        self.journal.note(self.target, note);
    }

    /// What a failure means for the run.
    fn note_failure(&mut self, error: &Error, now: Instant) {
        if error.kind() == ErrorKind::RateLimited {
            let is_about_concurrency = error.vendor_code().is_some_and(|code| code.contains("concurrent"));
            self.pacer.throttled(now, error.retry_after(), is_about_concurrency);
            return;
        }
        self.pacer.answered();
        if error.is_credential_refused() {
            self.ending = Some(Ending::CredentialRefused(error.to_string()));
        } else if error.kind() == ErrorKind::WrongTarget {
            self.ending = Some(Ending::WrongTarget(error.to_string()));
        } else if error.affects_every_call() {
            self.ending = self.ending.take().or(Some(Ending::Hopeless(error.to_string())));
        } else if error.is_retryable() {
            self.failed_in_row += 1;
            if self.failed_in_row >= OUTAGE {
                self.pause_for_outage(error, now);
            }
        } else {
            self.failed_in_row = 0;
        }
    }

    /// The vendor is out of order: probes come in growing distances.
    fn pause_for_outage(&mut self, error: &Error, now: Instant) {
        let wait = self.probe.max(error.retry_after().unwrap_or_default());
        self.probe = (self.probe * 2).min(LAST_PROBE);
        self.pacer.hold(now, wait);
        self.progress.waits(self.target, Waiting::OutOfOrder { wait, reason: error.to_string() });
    }

    /// An outage is no failure of a record, and neither is a refused credential. One that fails again and again while
    /// others do not has failed by itself.
    fn is_to_be_repeated(&self, batch: &Batch, error: &Error) -> bool {
        if error.affects_every_call() {
            return true;
        }
        let is_its_own = batch.tries >= MAX_TRIES
            && self.failed_in_row < OUTAGE
            && !matches!(error.kind(), ErrorKind::RateLimited | ErrorKind::Connect);
        error.is_retryable() && !is_its_own
    }

    /// A run whose first records are all not there may have come to the wrong place.
    fn count(&mut self, note: &Note) {
        let is_missing = match note {
            Note::Before { presence, .. } => *presence == "absent",
            Note::Unseen(_) => false,
            Note::Settled(settled) => settled.outcome == "not_found",
            Note::After { .. } => return,
        };
        self.settled += 1;
        self.not_found += u64::from(is_missing);
        let is_wrong_place = self.not_found == self.settled && self.settled >= FIRST_LOOK;
        if is_wrong_place && !self.options.is_absent_ok && self.ending.is_none() {
            self.ending = Some(Ending::WrongPlace { looked: self.settled });
        }
    }

    /// Takes back the intents of what was not sent.
    fn leave(&mut self) {
        for batch in self.queue.drain(..).filter(|batch| self.pass == Pass::Delete && !batch.is_ambiguous) {
            for record in batch.records {
                self.journal.release(record.record);
            }
        }
    }
}
