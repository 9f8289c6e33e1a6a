//! What is sent when, and what each answer means for its records.

mod settle;

use std::sync::Arc;
use std::time::{Duration, Instant};

use delete_core::{Clock, Error, RecordId};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, OptionFuture};
use futures_util::stream::{FuturesUnordered, StreamExt};

use super::health::Health;
use super::queue::{Batch, Queue, Record};
use super::{Children, Lane};
use crate::error::JobError;
use crate::journal::{Claimed, Journal, Note};
use crate::pace::Pacer;
use crate::pass::{self, Answer, Pass, Worker};
use crate::run::{Ending, Halt, Options, Progress, Waiting};
use crate::target::TargetNumber;

/// Records are claimed so far ahead of their requests: enough that no request waits for the disk, and few enough that a
/// crash leaves little in doubt.
const AHEAD: Duration = Duration::from_millis(250);
const MOST_AHEAD: usize = 1024;

/// Shorter waits for the next request are the pace itself, and not worth a word.
const LONG_PACE: Duration = Duration::from_secs(10);

/// A record whose requests failed so often has failed, where the vendor is well otherwise. The waits between them grow to
/// half a minute, so that this takes a minute.
const MAX_TRIES: u32 = 8;

/// What the tries of a batch count for each of its records, once they are tried one by one.
const TRIES_TOGETHER: u32 = MAX_TRIES - 3;

/// A call that came to its end.
enum Done {
    Called {
        batch: Batch,
        sent_at: Instant,
        results: Vec<Result<Answer, Error>>,
    },
    /// Whether the vendor is well otherwise.
    Asked {
        sent_at: Instant,
        answer: Result<(), Error>,
    },
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
    queue: Queue,
    calls: FuturesUnordered<BoxFuture<'static, Done>>,
    /// Records that were asked for, and how many.
    claiming: Option<BoxFuture<'static, Result<Vec<Claimed>, JobError>>>,
    asked: usize,
    has_more: bool,
    /// Nothing sound was heard in this pass. Until then one call goes alone: a wrong credential, or one that may not do
    /// this, shall cost one request.
    is_first: bool,
    /// The next request is to find out whether the vendor is well, although nothing that is left succeeds.
    asks_next: bool,
    /// That request is under way.
    is_asking: bool,
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
            pacer: Pacer::held(lane.limits, now, lane.not_before),
            health: Health::new(setting.options, has_deleted),
            queue: Queue::default(),
            calls: FuturesUnordered::new(),
            claiming: None,
            asked: 0,
            has_more: true,
            is_first: true,
            asks_next: false,
            is_asking: false,
            ending: None,
            setting,
        }
    }

    /// Goes through these passes, one after the other, until nothing is left to do or there is a reason to stop.
    pub(crate) async fn run(mut self, passes: &[Pass]) -> Result<Ending, JobError> {
        for pass in passes {
            self.pass = *pass;
            self.has_more = true;
            self.is_first = true;
            self.health.begin_pass();
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
            // What has failed before waits for records that are being claimed: they go before it.
            let has_next = self.queue.begins_fresh() || self.claiming.is_none() && !self.queue.is_empty();
            let may_send = self.ending.is_none() && has_next;
            if self.calls.is_empty() && self.claiming.is_none() && !may_send {
                break;
            }
            let mut wait = None;
            if may_send && self.calls.len() < self.open_calls() {
                let now = self.setting.clock.now();
                let pause = self.pause(now);
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
        let (halt, journal) = (self.setting.halt, self.setting.journal.clone());
        tokio::select! {
            biased;
            () = journal.broken() => {}
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

    /// How long until the next call: what the pace wants, and what was put off.
    fn pause(&mut self, now: Instant) -> Duration {
        let due = self.queue.wait(now).unwrap_or_default();
        due.max(self.pacer.wait(now, self.worker.requests(self.pass)))
    }

    fn tell_of_wait(&mut self, wait: Duration) {
        let (target, progress) = (self.target, self.setting.progress);
        let now = self.setting.clock.now();
        if self.health.is_out_of_order() {
            // That was told when the pause began.
        } else if self.pacer.held_until(now).is_some() {
            progress.waits(target, Waiting::Throttled(wait));
        } else if self.pacer.wait(now, self.worker.requests(self.pass)) >= LONG_PACE {
            progress.waits(target, Waiting::Paced(wait));
        }
    }

    /// While the vendor is out of order, one request at a time finds out whether it is back. So it goes while it is not
    /// known whether this is the right place, and whether the credential is good.
    fn open_calls(&self) -> usize {
        if self.goes_alone() { 1 } else { self.pacer.concurrency() }
    }

    fn goes_alone(&self) -> bool {
        let is_careful = self.is_first || self.health.is_suspicious();
        // A question may be more than one request: nothing that is said meanwhile must come between them.
        let is_question = self.asks_next || self.is_asking;
        is_careful || is_question || self.health.is_out_of_order() || self.worker.sweeps(self.pass)
    }

    /// Asks for more records in time, so that no request waits for the disk.
    fn claim_ahead(&mut self) {
        let calls = self.calls_ahead();
        // What a call alone says may be a reason to send no more: until then, no other intent is written.
        let is_alone = calls == 1 && !self.calls.is_empty();
        if is_alone || self.queue.has(calls / 2) || !self.has_more || self.claiming.is_some() || self.ending.is_some() {
            return;
        }
        let (journal, target, pass) = (self.setting.journal.clone(), self.target, self.pass);
        let count = calls * self.worker.size(self.pass);
        self.asked = count;
        self.claiming = Some(async move { journal.claim(target, pass, count).await }.boxed());
    }

    fn calls_ahead(&self) -> usize {
        if self.is_first || self.health.is_suspicious() || self.worker.sweeps(self.pass) {
            return 1;
        }
        let most = (MOST_AHEAD / self.worker.size(self.pass)).max(4);
        self.pacer.within(AHEAD).max(2 * self.pacer.concurrency()).min(most)
    }

    fn accept(&mut self, claimed: Vec<Claimed>) {
        self.has_more = claimed.len() == self.asked;
        self.note_seen(&claimed);
        // One that a look did not find could spoil the answer to the others, so it goes alone. What became of those in
        // doubt may be told of all of them at once, but not of others with them.
        let (alone, others): (Vec<_>, Vec<_>) = claimed.into_iter().partition(|claimed| claimed.is_unseen);
        let (in_doubt, fresh): (Vec<_>, Vec<_>) = others.into_iter().partition(|claimed| claimed.is_ambiguous);
        let size = self.worker.size(self.pass);
        self.enqueue_all(alone, 1);
        self.enqueue_all(in_doubt, size);
        self.enqueue_all(fresh, size);
    }

    /// Tells the reader what this credential saw in an earlier pass or run, by which it judges an absence.
    fn note_seen(&self, claimed: &[Claimed]) {
        let seen = claimed.iter().filter(|claimed| claimed.was_seen && self.worker.sweeps(self.pass));
        let ids: Vec<RecordId> = seen.filter_map(|claimed| self.worker.deleter.parse_id(&claimed.id).ok()).collect();
        if !ids.is_empty() {
            self.worker.reader.note_seen(&ids);
        }
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
                Err(error) => {
                    self.write_down(pass::note(self.pass, claimed.record, Err(error), claimed.is_ambiguous, 0));
                }
            }
        }
        if !records.is_empty() {
            self.queue.push(Batch { records, tries: 0, looks: 0, attempts: 0, is_ambiguous });
        }
    }

    fn send(&mut self, now: Instant) {
        let (worker, pass) = (self.worker.clone(), self.pass);
        if std::mem::take(&mut self.asks_next) {
            self.is_asking = true;
            self.pacer.sent(now, 1);
            let asked = async move { Done::Asked { sent_at: now, answer: worker.ask_whether_well().await } };
            return self.calls.push(asked.boxed());
        }
        let Some(batch) = self.queue.pop() else { return };
        self.pacer.sent(now, self.worker.requests(self.pass));
        self.calls.push(
            async move {
                let ids: Vec<RecordId> = batch.records.iter().map(|record| record.id.clone()).collect();
                let results = worker.call(pass, &ids).await;
                Done::Called { batch, sent_at: now, results }
            }
            .boxed(),
        );
    }

    /// Whether a wait fits into the time of the run, and its patience.
    fn may_wait(&mut self, now: Instant, wait: Duration) -> bool {
        let end = now.checked_add(wait);
        let is_late = self.setting.options.deadline.is_some_and(|deadline| end.is_none_or(|end| end > deadline));
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

    /// Takes back the intents of what was not sent, and keeps what became of children all the same.
    fn leave(&mut self) {
        if self.pass != Pass::Delete {
            return drop(self.queue.drain());
        }
        for batch in self.queue.drain() {
            for Record { record, id } in batch.records {
                if let Some(children) = self.children_of(&id) {
                    self.setting.journal.note(self.target, Note::Children { record, children });
                }
                if !batch.is_ambiguous {
                    self.setting.journal.release(record);
                }
            }
        }
    }
}
