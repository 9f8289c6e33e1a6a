//! What is sent when, and what each answer means for its records.

use std::sync::Arc;
use std::time::{Duration, Instant};

use delete_core::{Clock, Delivery, Error, ErrorKind, RecordId};
use futures_util::FutureExt;
use futures_util::future::{BoxFuture, OptionFuture};
use futures_util::stream::{FuturesUnordered, StreamExt};

use super::health::{Advice, Health};
use super::queue::{Batch, Queue, Record};
use super::{Children, Lane};
use crate::error::JobError;
use crate::journal::{Claimed, Journal, Note, Settled};
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

/// A call that came to its end.
enum Done {
    Called {
        batch: Batch,
        sent_at: Instant,
        results: Vec<Result<Answer, Error>>,
    },
    /// Whether the vendor is well, although this batch fails.
    Asked {
        batch: Batch,
        is_well: bool,
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
    /// The first call of a pass goes alone: a wrong credential, or one that may not do this, shall cost one request.
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
            pacer: Pacer::held(lane.limits, now, lane.not_before),
            health: Health::new(setting.options, has_deleted),
            queue: Queue::default(),
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
            let may_send = self.ending.is_none() && !self.queue.is_empty();
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

    /// While the vendor is out of order, one request at a time finds out whether it is back. So does the very first.
    fn open_calls(&self) -> usize {
        let goes_alone = self.health.is_out_of_order() || self.is_first || self.worker.sweeps(self.pass);
        if goes_alone { 1 } else { self.pacer.concurrency() }
    }

    /// Asks for more records in time, so that no request waits for the disk.
    fn claim_ahead(&mut self) {
        let calls = self.calls_ahead();
        if self.queue.has(calls / 2) || !self.has_more || self.claiming.is_some() || self.ending.is_some() {
            return;
        }
        let (journal, target, pass) = (self.setting.journal.clone(), self.target, self.pass);
        let count = calls * self.worker.size(self.pass);
        self.asked = count;
        self.claiming = Some(async move { journal.claim(target, pass, count).await }.boxed());
    }

    fn calls_ahead(&self) -> usize {
        if self.is_first || self.worker.sweeps(self.pass) {
            return 1;
        }
        let most = (MOST_AHEAD / self.worker.size(self.pass)).max(4);
        self.pacer.within(AHEAD).max(2 * self.pacer.concurrency()).min(most)
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
                Err(error) => {
                    self.write_down(pass::note(self.pass, claimed.record, Err(error), claimed.is_ambiguous, 0));
                }
            }
        }
        if !records.is_empty() {
            self.queue.push(Batch { records, tries: 0, looks: 0, attempts: 0, is_ambiguous, failure: None });
        }
    }

    fn send(&mut self, now: Instant) {
        let Some(batch) = self.queue.pop() else { return };
        self.pacer.sent(now, self.worker.requests(self.pass));
        let (worker, pass) = (self.worker.clone(), self.pass);
        self.calls.push(
            async move {
                if batch.failure.is_some() {
                    let is_well = worker.finds_vendor_well().await;
                    return Done::Asked { batch, is_well };
                }
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

    fn settle(&mut self, done: Done) {
        match done {
            Done::Called { batch, sent_at, results } => self.settle_call(batch, sent_at, results),
            Done::Asked { batch, is_well } => self.settle_question(batch, is_well),
        }
    }

    fn settle_call(&mut self, mut batch: Batch, sent_at: Instant, results: Vec<Result<Answer, Error>>) {
        self.is_first = false;
        batch.attempts += results.first().map_or(0, pass::attempts);
        batch.tries += u32::from(results.iter().any(may_pass));
        self.learn(&results, sent_at);
        match results.iter().find_map(|result| result.as_ref().err()) {
            Some(error) if self.worker.sweeps(self.pass) => self.sweep_again(batch, error),
            _ => self.share_out(batch, results),
        }
    }

    /// Where the vendor is well, these records have failed by themselves. Else nobody knows, and they are tried again.
    fn settle_question(&mut self, mut batch: Batch, is_well: bool) {
        match batch.failure.take().filter(|_| is_well) {
            Some(error) => {
                for record in std::mem::take(&mut batch.records) {
                    self.conclude(&record, Err(error.clone()), batch.is_ambiguous, batch.attempts);
                }
            }
            None => self.queue.repeat_later(Batch { tries: MAX_TRIES - 1, ..batch }, self.setting.clock.now()),
        }
    }

    /// Whether a batch has failed by itself, as far as that is known without a question.
    fn is_given_up(&self, batch: &Batch) -> bool {
        batch.tries >= MAX_TRIES && !self.health.is_out_of_order()
    }

    /// A list that could not be read to its end says nothing of any record.
    fn sweep_again(&mut self, batch: Batch, error: &Error) {
        if is_to_be_repeated(error, self.is_given_up(&batch)) {
            return self.queue.repeat_later(batch, self.setting.clock.now());
        }
        self.stop(Some(Ending::Hopeless(format!("the records could not be looked at: {error}"))));
    }

    /// Gives each record its result.
    fn share_out(&mut self, mut batch: Batch, results: Vec<Result<Answer, Error>>) {
        let is_given_up = self.is_given_up(&batch);
        let records = std::mem::take(&mut batch.records);
        let silence = || Err(Error::unexpected_answer("nothing was said of this record"));
        let results: Vec<_> = results.into_iter().chain(std::iter::repeat_with(silence)).take(records.len()).collect();
        self.look_around(&results, batch.is_ambiguous);
        let look_again = self.worker.wait_before_look(self.pass, batch.looks);
        let (mut present, mut known, mut in_doubt) = (Vec::new(), Vec::new(), Vec::new());
        for (record, result) in records.into_iter().zip(results) {
            match result {
                Err(error) if is_to_be_repeated(&error, is_given_up) => {
                    let is_ambiguous = batch.is_ambiguous || error.delivery() == Delivery::MaybeDelivered;
                    let again = if is_ambiguous { &mut in_doubt } else { &mut known };
                    again.push((record, error));
                }
                result if look_again.is_some() && pass::is_present(&result) => present.push(record),
                result => self.conclude(&record, result, batch.is_ambiguous, batch.attempts),
            }
        }
        if let Some(wait) = look_again.filter(|_| !present.is_empty()) {
            let due = self.setting.clock.now() + wait;
            self.queue.push_at(due, Batch { records: present, looks: batch.looks + 1, ..batch.empty() });
        }
        self.repeat(known, false, &batch);
        self.repeat(in_doubt, true, &batch);
    }

    /// What became of the records of a call may say something of the place. One that is there says that this is the right
    /// one, wherever in the answer it stands.
    fn look_around(&mut self, results: &[Result<Answer, Error>], was_ambiguous: bool) {
        if results.iter().any(pass::is_found) {
            self.health.found();
        }
        if results.len() > 1 && !was_ambiguous && results.iter().all(pass::is_unresolved) {
            let ending = self.health.missed_some(results.len());
            self.stop(ending);
        }
    }

    fn repeat(&mut self, records: Vec<(Record, Error)>, is_ambiguous: bool, batch: &Batch) {
        let failure = records.iter().map(|(_, error)| error).find(|error| is_its_own(error)).cloned();
        let has_failed = failure.is_some();
        let records: Vec<Record> = records.into_iter().map(|(record, _)| record).collect();
        if records.is_empty() {
            return;
        }
        let failure = failure.filter(|_| batch.tries >= MAX_TRIES);
        let again = Batch { records, is_ambiguous, failure, ..batch.empty() };
        if has_failed {
            self.queue.repeat_later(again, self.setting.clock.now());
        } else {
            self.queue.repeat(again);
        }
    }

    /// What a call says of the vendor.
    fn learn(&mut self, results: &[Result<Answer, Error>], sent_at: Instant) {
        let now = self.setting.clock.now();
        let requests = self.worker.requests(self.pass);
        let errors = || results.iter().filter_map(|result| result.as_ref().err());
        let Some(error) = errors().next() else {
            self.pacer.answered(requests);
            return self.health.succeeded();
        };
        let asked = errors().filter(|error| error.is_retryable()).filter_map(Error::retry_after).max();
        if error.kind() == ErrorKind::RateLimited {
            let is_about_concurrency = error.vendor_code().is_some_and(|code| code.contains("concurrent"));
            self.pacer.throttled(now, sent_at, asked, is_about_concurrency);
        } else {
            self.pacer.answered(requests);
            self.pacer.hold(now, asked.unwrap_or_default());
        }
        match self.health.failed(error, sent_at, now) {
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
        if note.is_missing() {
            let ending = self.health.missed();
            self.stop(ending);
        }
        self.write_down(match note {
            Note::Settled(settled) => Note::Settled(Settled { children: self.children_of(&record.id), ..settled }),
            note => note,
        });
    }

    fn children_of(&self, id: &RecordId) -> Option<String> {
        self.children.as_ref().and_then(|children| children(id))
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
            Note::Children { .. } => {}
        }
        self.setting.journal.note(target, note);
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

fn is_to_be_repeated(error: &Error, is_given_up: bool) -> bool {
    error.affects_every_call() || error.is_retryable() && !(is_given_up && is_its_own(error))
}

fn may_pass(result: &Result<Answer, Error>) -> bool {
    result.as_ref().is_err_and(is_its_own)
}

/// Whether a failure that may pass can be one of the record. A throttle is none, and neither is a line that is down.
fn is_its_own(error: &Error) -> bool {
    error.is_retryable() && !matches!(error.kind(), ErrorKind::RateLimited | ErrorKind::Connect)
}
