//! Deletes of many records: batches, concurrency, repeated ids, and when to stop.

use std::collections::{HashMap, VecDeque};
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};

use crate::deleter::missing_result;
use crate::error::{Error, ErrorKind};
use crate::{Deleter, Deletion, RecordId};

type Settled = (RecordId, Result<Deletion, Error>);

/// Among so many of the latest distinct ids a repeated one is found, and not sent again.
pub(crate) const MAX_KNOWN: usize = 65_536;

/// The stream behind [`DeleterExt::delete_all`](crate::DeleterExt::delete_all).
pub(crate) struct DeleteAll<'a, D: ?Sized, S> {
    deleter: &'a D,
    /// `None` once it has ended, or no more is drawn.
    ids: Option<Pin<Box<S>>>,
    concurrency: usize,
    /// The ids of the next request, each as often as it was drawn.
    batch: Vec<RecordId>,
    /// Ids that were drawn and have no result yet, each as often as it was drawn.
    unsettled: usize,
    /// Batches that were not sent, because the client's rate limit had no room for so many at once.
    again: VecDeque<Vec<RecordId>>,
    in_flight: FuturesUnordered<BoxFuture<'a, Vec<Settled>>>,
    known: KnownIds,
    ready: VecDeque<Settled>,
}

impl<'a, D: Deleter + ?Sized, S: Stream<Item = RecordId>> DeleteAll<'a, D, S> {
    pub(crate) fn new(deleter: &'a D, ids: S, concurrency: usize) -> Self {
        Self {
            deleter,
            ids: Some(Box::pin(ids)),
            concurrency: concurrency.max(1),
            batch: Vec::new(),
            unsettled: 0,
            again: VecDeque::new(),
            in_flight: FuturesUnordered::new(),
            known: KnownIds::default(),
            ready: VecDeque::new(),
        }
    }

    /// Draws ids as long as there is room for another batch.
    fn draw(&mut self, context: &mut Context<'_>) {
        while self.in_flight.len() < self.concurrency {
            let Some(batch) = self.again.pop_front() else { break };
            self.send(batch);
        }
        while self.in_flight.len() < self.concurrency && self.ready.is_empty() {
            if self.unsettled >= self.max_batch() * (self.concurrency + 1) {
                // Most of them are repeated ids, so the batch does not fill.
                return self.send_batch();
            }
            let Some(ids) = &mut self.ids else { return };
            match ids.as_mut().poll_next(context) {
                Poll::Ready(Some(id)) => self.take(id),
                Poll::Ready(None) => {
                    self.ids = None;
                    self.send_batch();
                }
                Poll::Pending => return,
            }
        }
    }

    fn take(&mut self, id: RecordId) {
        self.unsettled += 1;
        match self.known.observe(&id) {
            Observed::New => self.batch.push(id),
            Observed::InFlight if self.batch.contains(&id) => self.batch.push(id),
            Observed::InFlight => self.known.await_result(&id),
            Observed::Settled(result) => self.report(id, result),
        }
        if self.batch.len() >= self.max_batch() {
            self.send_batch();
        }
    }

    fn max_batch(&self) -> usize {
        self.deleter.max_batch().max(1)
    }

    fn send_batch(&mut self) {
        if !self.batch.is_empty() {
            let batch = std::mem::take(&mut self.batch);
            self.send(batch);
        }
    }

    fn send(&mut self, batch: Vec<RecordId>) {
        self.in_flight.push(Box::pin(delete_batch(self.deleter, batch)));
    }

    fn settle(&mut self, results: Vec<Settled>) {
        if !self.in_flight.is_empty() && results.iter().all(|(_, result)| is_unsent_for_rate(result)) {
            // Those in flight have their turns: no more than these at once, and this batch when one of them is done.
            self.concurrency = self.in_flight.len();
            return self.again.push_back(results.into_iter().map(|(id, _)| id).collect());
        }
        let fatal = results.iter().find_map(|(_, result)| result.as_ref().err().filter(|e| e.is_fatal_for_client()));
        if let Some(fatal) = fatal.cloned() {
            self.stop(&fatal);
        }
        for (id, result) in results {
            self.settle_one(id, result);
        }
    }

    /// Draws no more ids. Those that were drawn and not sent fail like the rest.
    fn stop(&mut self, fatal: &Error) {
        self.ids = None;
        let unsent = std::mem::take(&mut self.again).into_iter().flatten().chain(std::mem::take(&mut self.batch));
        for id in unsent.collect::<Vec<_>>() {
            self.settle_one(id, Err(fatal.clone().without_attempts()));
        }
    }

    /// One result for each time that the id was drawn.
    fn settle_one(&mut self, id: RecordId, result: Result<Deletion, Error>) {
        for _ in 0..self.known.settle(&id, &result) {
            self.report(id.clone(), result.clone());
        }
    }

    fn report(&mut self, id: RecordId, result: Result<Deletion, Error>) {
        self.unsettled -= 1;
        self.ready.push_back((id, result));
    }
}

impl<D: Deleter + ?Sized, S: Stream<Item = RecordId>> Stream for DeleteAll<'_, D, S> {
    type Item = Settled;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Settled>> {
        let this = self.get_mut();
        loop {
            if let Some(settled) = this.ready.pop_front() {
                return Poll::Ready(Some(settled));
            }
            this.draw(context);
            match this.in_flight.poll_next_unpin(context) {
                Poll::Ready(Some(results)) => this.settle(results),
                _ if !this.ready.is_empty() => {}
                Poll::Ready(None) if this.ids.is_none() && this.again.is_empty() => return Poll::Ready(None),
                Poll::Ready(None) | Poll::Pending => return Poll::Pending,
            }
        }
    }
}

fn is_unsent_for_rate(result: &Result<Deletion, Error>) -> bool {
    result.as_ref().is_err_and(|error| error.kind() == ErrorKind::RateLimited && error.attempts().is_empty())
}

/// Sends each id of a batch once, and pairs all of them with their results.
async fn delete_batch<D: Deleter + ?Sized>(deleter: &D, ids: Vec<RecordId>) -> Vec<Settled> {
    let mut distinct: Vec<RecordId> = Vec::with_capacity(ids.len());
    let mut index_of = HashMap::with_capacity(ids.len());
    for id in &ids {
        index_of.entry(id.clone()).or_insert_with(|| {
            distinct.push(id.clone());
            distinct.len() - 1
        });
    }
    let results = deleter.delete_batch(&distinct).await;
    let result_of = |id: &RecordId| index_of.get(id).and_then(|index| results.get(*index)).cloned();
    let settled = |id: RecordId| {
        let result = result_of(&id).unwrap_or_else(|| Err(missing_result(deleter.vendor())));
        (id, result)
    };
    ids.into_iter().map(settled).collect()
}

/// The latest ids, and what became of them.
#[derive(Default)]
struct KnownIds {
    ids: HashMap<RecordId, Known>,
    /// The settled ones, oldest first.
    settled: VecDeque<RecordId>,
}

enum Known {
    InFlight { times: usize },
    Settled(Result<Deletion, Error>),
}

enum Observed {
    New,
    InFlight,
    Settled(Result<Deletion, Error>),
}

impl KnownIds {
    fn observe(&mut self, id: &RecordId) -> Observed {
        match self.ids.get(id) {
            Some(Known::Settled(result)) => Observed::Settled(result.clone()),
            Some(Known::InFlight { .. }) => Observed::InFlight,
            None => {
                self.ids.insert(id.clone(), Known::InFlight { times: 1 });
                Observed::New
            }
        }
    }

    /// The id was drawn again while another batch holds it.
    fn await_result(&mut self, id: &RecordId) {
        if let Some(Known::InFlight { times }) = self.ids.get_mut(id) {
            *times += 1;
        }
    }

    /// Keeps the result, and returns how many wait for it.
    fn settle(&mut self, id: &RecordId, result: &Result<Deletion, Error>) -> usize {
        match self.ids.insert(id.clone(), Known::Settled(result.clone())) {
            Some(Known::Settled(_)) => 1,
            before => {
                self.settled.push_back(id.clone());
                self.forget_oldest();
                if let Some(Known::InFlight { times }) = before { times } else { 1 }
            }
        }
    }

    fn forget_oldest(&mut self) {
        if self.settled.len() > MAX_KNOWN {
            if let Some(oldest) = self.settled.pop_front() {
                self.ids.remove(&oldest);
            }
        }
    }
}
