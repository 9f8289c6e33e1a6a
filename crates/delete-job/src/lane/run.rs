//! What is sent when, and what each answer means for its records.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use delete_core::{Clock, Delivery, Error, ErrorKind, RecordId};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, OptionFuture};
use futures_util::stream::{FuturesUnordered, StreamExt};

use super::health::{Advice, Health};
use super::{Children, Lane};
use crate::error::JobError;
use crate::journal::{Claimed, Journal, Note, Settled};
use crate::pace::Pacer;
use crate::pass::{self, Answer, Pass, Worker};
use crate::run::{Ending, Halt, Options, Progress, Waiting};
use crate::target::TargetNumber;

/// Records are claimed this far ahead of their requests: enough that no request waits for the disk, and few enough that a
/// crash leaves little in doubt.
const AHEAD: usize = 1024;

/// Shorter waits for the next request are the pace itself, and not worth a word.
const LONG_PACE: Duration = Duration::from_secs(1);

/// A record whose own requests failed so often, while others did not, has failed.
const MAX_TRIES: u32 = 6;

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

/// What all lanes of a run have in common.
#[derive(Clone)]
pub(crate) struct Setting<'a> {
    pub(crate) journal: Journal,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) options: &'a Options,
    pub(crate) halt: &'a Halt,
    pub(crate) progress: &'a dyn Progress,
}

pub(crate) struct LaneRun<'a> {
    setting: Setting<'a>,
    target: TargetNumber,
    worker: Worker,
    children: Option<Arc<Children>>,
    pass: Pass,
    pacer: Pacer,
    health: Health,
    queue: VecDeque<Batch>,
    calls: FuturesUnordered<BoxFuture<'static, Done>>,
    /// Records that were asked for, and how many.
    claiming: Option<BoxFuture<'static, Result<Vec<Claimed>, JobError>>>,
    asked: usize,
    has_more: bool,
    /// The very first call goes alone: a wrong credential shall cost one request.
    is_first: bool,
    ending: Option<Ending>,
}

impl<'a> LaneRun<'a> {
    /// `has_deleted` says whether an earlier run deleted records of this target.
    pub(crate) fn new(setting: Setting<'a>, lane: Lane, has_deleted: bool) -> Self {
        let now = setting.clock.now();
        Self {
            target: lane.target,
            worker: Worker {
                deleter: lane.deleter,
                reader: lane.reader,
                looks: setting.options.looks,
                requests: lane.requests,
                max_batch: lane.max_batch,
            },
            children: lane.children,
            pass: Pass::Delete,
            pacer: Pacer::new(lane.limits, now),
            health: Health::new(setting.options, has_deleted, now),
            queue: VecDeque::new(),
            calls: FuturesUnordered::new(),
            claiming: None,
            asked: 0,
            has_more: true,
            is_first: true,
            ending: None,
            setting,
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
            self.setting.journal.check()?;
            self.heed_halt();
            self.claim_ahead();
            let may_send = self.ending.is_none() && !self.queue.is_empty();
            if self.calls.is_empty() && self.claiming.is_none() && !may_send {
                break;
            }
            let mut wait = None;
            if may_send && self.calls.len() < self.open_calls() {
                let now = self.setting.clock.now();
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
        self.setting.journal.flush().await
    }

    /// Where somebody does not even want to wait for what is under way, its records stay in doubt, for the next run.
    fn heed_halt(&mut self) {
        if self.setting.halt.is_wanted() {
            self.ending.get_or_insert(Ending::Interrupted);
        }
        if self.setting.halt.is_insisted_on() {
            self.calls.clear();
        }
    }

    /// Goes on when a call has ended, records were claimed, the wait is over, or somebody wants it to stop.
    async fn await_something(&mut self, wait: Option<Duration>) -> Result<(), JobError> {
        if let Some(wait) = wait {
            self.tell_of_wait(wait);
        }
        let clock = Arc::clone(&self.setting.clock);
        let halt = self.setting.halt;
        tokio::select! {
            biased;
            Some(done) = self.calls.next(), if !self.calls.is_empty() => self.settle(done),
            Some(claimed) = OptionFuture::from(self.claiming.as_mut()), if self.claiming.is_some() => {
                self.claiming = None;
                self.accept(claimed?);
            }
            () = halt.wanted(), if wait.is_some() => {}
            () = halt.insisted_on(), if !self.calls.is_empty() => {}
            () = clock.sleep(wait.unwrap_or_default()), if wait.is_some() => {}
        }
        Ok(())
    }

    fn tell_of_wait(&self, wait: Duration) {
        let (target, progress) = (self.target, self.setting.progress);
        if self.health.is_out_of_order() {
            // That was told when the pause began.
        } else if self.pacer.held_until(self.setting.clock.now()).is_some() {
            progress.waits(target, Waiting::Throttled(wait));
        } else if wait >= LONG_PACE {
            progress.waits(target, Waiting::Paced(wait));
        }
    }

    /// While the vendor is out of order, one request at a time finds out whether it is back. So does the very first.
    fn open_calls(&self) -> usize {
        if self.health.is_out_of_order() || self.is_first { 1 } else { self.pacer.concurrency() }
    }

    /// Asks for more records in time, so that no request waits for the disk.
    fn claim_ahead(&mut self) {
        let size = self.worker.size(self.pass);
        let ahead = AHEAD.max(size * 2 * self.pacer.concurrency());
        let has_enough = self.queue.len() * size > ahead / 2;
        if has_enough || !self.has_more || self.claiming.is_some() || self.ending.is_some() {
            return;
        }
        let (journal, target, pass) = (self.setting.journal.clone(), self.target, self.pass);
        self.asked = ahead;
        self.claiming = Some(async move { journal.claim(target, pass, ahead).await }.boxed());
    }

    fn accept(&mut self, claimed: Vec<Claimed>) {
        self.has_more = claimed.len() == self.asked;
        // One that a look did not find could spoil the answer to the others, so it goes alone. What became of those in
        // doubt may be told of all of them at once, but not of others with them.
        let (alone, others): (Vec<_>, Vec<_>) = claimed.into_iter().partition(|claimed| claimed.is_unseen);
        let (in_doubt, fresh): (Vec<_>, Vec<_>) = others.into_iter().partition(|claimed| claimed.is_ambiguous);
        let size = self.worker.size(self.pass);
        self.enqueue_all(alone, 1);
        self.enqueue_all(in_doubt, size);
        self.enqueue_all(fresh, size);
    }

    fn enqueue_all(&mut self, claimed: Vec<Claimed>, size: usize) {
        let mut claimed = claimed.into_iter().peekable();
        while claimed.peek().is_some() {
            self.enqueue(claimed.by_ref().take(size).collect());
        }
    }

    fn enqueue(&mut self, claimed: Vec<Claimed>) {
        let is_ambiguous = claimed.iter().any(|claimed| claimed.is_ambiguous);
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
        self.pacer.sent(now, self.worker.requests(self.pass));
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

    /// Whether a wait fits into the time of the run, and its patience.
    fn may_wait(&mut self, now: Instant, wait: Duration) -> bool {
        let is_late = self.setting.options.deadline.is_some_and(|deadline| now + wait > deadline);
        let is_held = self.pacer.held_until(now).is_some();
        let ending =
            if is_late { Some(Ending::Deadline { wait }) } else { self.health.out_of_patience(now, wait, is_held) };
        self.stop(ending);
        self.ending.is_none()
    }

    /// Sends no more, for the reason that came first.
    fn stop(&mut self, ending: Option<Ending>) {
        self.ending = self.ending.take().or(ending);
    }

    fn settle(&mut self, done: Done) {
        let Done { mut batch, results } = done;
        self.is_first = false;
        batch.tries += 1;
        batch.attempts += results.first().map_or(0, pass::attempts);
        self.learn(results.iter().find_map(|result| result.as_ref().err()));
        let (mut again, was_ambiguous) = (Vec::new(), batch.is_ambiguous);
        for (record, result) in std::mem::take(&mut batch.records).into_iter().zip(results) {
            match result {
                Err(error) if self.is_to_be_repeated(&batch, &error) => {
                    batch.is_ambiguous |= error.delivery() == Delivery::MaybeDelivered;
                    again.push(record);
                }
                result => self.conclude(&record, result, was_ambiguous, batch.attempts),
            }
        }
        if !again.is_empty() {
            self.queue.push_front(Batch { records: again, ..batch });
        }
    }

    /// What a call says of the vendor.
    fn learn(&mut self, error: Option<&Error>) {
        let now = self.setting.clock.now();
        let requests = self.worker.requests(self.pass);
        let Some(error) = error else {
            self.pacer.answered(requests);
            return self.health.succeeded(now);
        };
        if error.kind() == ErrorKind::RateLimited {
            let is_about_concurrency = error.vendor_code().is_some_and(|code| code.contains("concurrent"));
            self.pacer.throttled(now, error.retry_after(), is_about_concurrency);
        } else {
            self.pacer.answered(requests);
        }
        match self.health.failed(error, now) {
            Advice::GoOn => {}
            Advice::Stop(ending) => self.end(ending),
            Advice::Pause(wait) => {
                self.pacer.hold(now, wait);
                self.setting.progress.waits(self.target, Waiting::OutOfOrder { wait, reason: error.to_string() });
            }
        }
    }

    /// A refused credential is the reason that counts, whatever came before.
    fn end(&mut self, ending: Ending) {
        if matches!(ending, Ending::CredentialRefused(_) | Ending::WrongTarget(_)) {
            self.ending = Some(ending);
        } else {
            self.stop(Some(ending));
        }
    }

    fn conclude(&mut self, record: &Record, result: Result<Answer, Error>, was_ambiguous: bool, attempts: u64) {
        let note = pass::note(self.pass, record.record, result, was_ambiguous, attempts);
        self.look_around(&note);
        self.write_down(match note {
            Note::Settled(settled) => {
                let children = self.children.as_ref().and_then(|children| children(&record.id));
                Note::Settled(Settled { children, ..settled })
            }
            note => note,
        });
    }

    /// What became of a record may say something of the place.
    fn look_around(&mut self, note: &Note) {
        let word = match note {
            Note::Before { presence, .. } => *presence,
            Note::Settled(settled) => settled.outcome,
            Note::Unseen(_) | Note::After { .. } => return,
        };
        match word {
            "absent" | "not_found" => {
                let ending = self.health.missed();
                self.stop(ending);
            }
            "present" | "deleted" => self.health.found(),
            _ => {}
        }
    }

    fn write_down(&self, note: Note) {
        let (target, progress) = (self.target, self.setting.progress);
        match &note {
            Note::Settled(settled) | Note::Unseen(settled) => {
                progress.settled(target, settled.outcome);
                if let Some(kind) = settled.error_kind {
                    progress.failed(target, kind, settled.message.as_deref().unwrap_or_default());
                }
            }
            Note::Before { .. } => progress.looked(target, false),
            Note::After { .. } => progress.looked(target, true),
        }
        self.setting.journal.note(target, note);
    }

    /// An outage is no failure of a record, and neither is a refused credential. One that fails again and again while
    /// others do not has failed by itself.
    fn is_to_be_repeated(&self, batch: &Batch, error: &Error) -> bool {
        if error.affects_every_call() {
            return true;
        }
        let is_its_own = batch.tries >= MAX_TRIES
            && !self.health.is_out_of_order()
            && !matches!(error.kind(), ErrorKind::RateLimited | ErrorKind::Connect);
        error.is_retryable() && !is_its_own
    }

    /// Takes back the intents of what was not sent.
    fn leave(&mut self) {
        for batch in self.queue.drain(..).filter(|batch| self.pass == Pass::Delete && !batch.is_ambiguous) {
            for record in batch.records {
                self.setting.journal.release(record.record);
            }
        }
    }
}
