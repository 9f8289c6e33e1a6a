//! Deletes of many records: batches, concurrency, repeated ids, and when to stop.

mod known_ids;

use std::collections::VecDeque;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use futures_core::Stream;
use futures_util::future::BoxFuture;
use futures_util::stream::{FuturesUnordered, StreamExt};

use known_ids::{KnownIds, Observed};

use crate::deleter::{check_result, missing_result};
use crate::error::{Error, ErrorKind};
use crate::{Deleter, Deletion, Delivery, RecordId};

/// The most ids of one batch, however many the deleter takes: an endless stream must not be collected for one request.
const MAX_BATCH: usize = 1_000;

/// Conveniences over any [`Deleter`].
pub trait DeleterExt: Deleter {
    /// Deletes all records that `ids` yields, in batches of [`max_batch`](Deleter::max_batch) but at most 1,000, and yields
    /// each result as it comes: not in the order of the input.
    ///
    /// A batch is sent when it is full or `ids` has ended. An id that occurs again among the latest 65,536 distinct ids is
    /// not sent again; it yields the same result once more.
    ///
    /// To stop early, end `ids`: what is in flight is still awaited. After dropping the stream instead, the outcome of the
    /// requests in flight is unknown.
    ///
    /// The stream owns a clone of the deleter, so it can be spawned. Put a deleter that cannot be cloned into an [`Arc`].
    fn delete_all<S>(&self, ids: S, options: DeleteAllOptions) -> DeleteAll
    where
        Self: Clone + Sized + 'static,
        S: Stream<Item = RecordId> + Send + 'static,
    {
        DeleteAll::new(Arc::new(self.clone()), Box::pin(ids), options)
    }
}

impl<T: Deleter + ?Sized> DeleterExt for T {}

/// How [`DeleterExt::delete_all`] proceeds. The default is 8 requests in flight, and to stop on a fatal error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeleteAllOptions {
    concurrency: usize,
    stops_on_fatal: bool,
}

impl DeleteAllOptions {
    /// The default options.
    pub const fn new() -> Self {
        Self { concurrency: 8, stops_on_fatal: true }
    }

    /// Sets the most requests in flight (0 counts as 1).
    #[must_use]
    pub const fn with_concurrency(mut self, concurrency: usize) -> Self {
        self.concurrency = if concurrency == 0 { 1 } else { concurrency };
        self
    }

    /// Sets whether to draw no more ids after an error that [is fatal for the client](Error::is_fatal_for_client). Requests
    /// in flight are still awaited, and ids that were drawn but not sent yield that error.
    #[must_use]
    pub const fn with_stop_on_fatal(mut self, stops: bool) -> Self {
        self.stops_on_fatal = stops;
        self
    }
}

impl Default for DeleteAllOptions {
    fn default() -> Self {
        Self::new()
    }
}

type Settled = (RecordId, Result<Deletion, Error>);

/// The results of [`DeleterExt::delete_all`], as a stream.
#[must_use = "nothing is deleted unless it is read"]
pub struct DeleteAll {
    deleter: Arc<dyn Deleter>,
    /// `None` once it has ended, or no more is drawn.
    ids: Option<Pin<Box<dyn Stream<Item = RecordId> + Send>>>,
    options: DeleteAllOptions,
    /// The ids of the next request.
    batch: Vec<RecordId>,
    /// Ids that were drawn and have no result yet, each as often as it was drawn.
    unsettled: usize,
    /// Batches that were not sent, because the client's rate limit had no room for so many at once.
    again: VecDeque<Vec<RecordId>>,
    in_flight: FuturesUnordered<BoxFuture<'static, Vec<Settled>>>,
    known: KnownIds,
    ready: VecDeque<Settled>,
}

impl DeleteAll {
    fn new(
        deleter: Arc<dyn Deleter>,
        ids: Pin<Box<dyn Stream<Item = RecordId> + Send>>,
        options: DeleteAllOptions,
    ) -> Self {
        Self {
            deleter,
            ids: Some(ids),
            options,
            batch: Vec::new(),
            unsettled: 0,
            again: VecDeque::new(),
            in_flight: FuturesUnordered::new(),
            known: KnownIds::default(),
            ready: VecDeque::new(),
        }
    }

    /// Returns the next result, with its id; `None` once all ids have theirs.
    pub async fn next(&mut self) -> Option<(RecordId, Result<Deletion, Error>)> {
        StreamExt::next(self).await
    }

    /// Draws ids as long as there is room for another batch.
    fn draw(&mut self, context: &mut Context<'_>) {
        while self.in_flight.len() < self.options.concurrency {
            let Some(batch) = self.again.pop_front() else { break };
            self.send(batch);
        }
        while self.in_flight.len() < self.options.concurrency && self.ready.is_empty() {
            if self.unsettled >= self.max_batch().saturating_mul(self.options.concurrency.saturating_add(1)) {
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
            Observed::InFlight => {}
            Observed::Settled(result) => self.report(id, result),
        }
        if self.batch.len() >= self.max_batch() {
            self.send_batch();
        }
    }

    fn max_batch(&self) -> usize {
        self.deleter.max_batch().clamp(1, MAX_BATCH)
    }

    fn send_batch(&mut self) {
        if !self.batch.is_empty() {
            let batch = std::mem::take(&mut self.batch);
            self.send(batch);
        }
    }

    fn send(&mut self, batch: Vec<RecordId>) {
        self.in_flight.push(Box::pin(delete_batch(Arc::clone(&self.deleter), batch)));
    }

    fn settle(&mut self, results: Vec<Settled>) {
        if !self.in_flight.is_empty() && results.iter().all(|(_, result)| is_unsent_for_rate(result)) {
            // Those in flight have their turns: no more than these at once, and this batch when one of them is done.
            self.options.concurrency = self.in_flight.len();
            return self.again.push_back(results.into_iter().map(|(id, _)| id).collect());
        }
        let fatal = results.iter().find_map(|(_, result)| result.as_ref().err().filter(|e| e.is_fatal_for_client()));
        if let Some(fatal) = fatal.filter(|_| self.options.stops_on_fatal).cloned() {
            self.stop(&fatal);
        }
        self.settle_all(results);
    }

    /// Draws no more ids. Those that were drawn and not sent fail like the rest.
    fn stop(&mut self, fatal: &Error) {
        self.ids = None;
        let unsent = std::mem::take(&mut self.again).into_iter().flatten().chain(std::mem::take(&mut self.batch));
        self.settle_all(unsent.map(|id| (id, Err(fatal.clone().without_attempts()))).collect());
    }

    /// One result for each time that an id was drawn: first one for each id, then those for the repeated ones.
    fn settle_all(&mut self, results: Vec<Settled>) {
        let mut repeated = Vec::new();
        for (id, result) in results {
            let more = self.known.settle(&id, &result) - 1;
            repeated.extend(std::iter::repeat_n((id.clone(), result.clone()), more));
            self.report(id, result);
        }
        for (id, result) in repeated {
            self.report(id, result);
        }
    }

    fn report(&mut self, id: RecordId, result: Result<Deletion, Error>) {
        self.unsettled -= 1;
        self.ready.push_back((id, result));
    }
}

impl Stream for DeleteAll {
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

impl fmt::Debug for DeleteAll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeleteAll").field("unsettled", &self.unsettled).finish_non_exhaustive()
    }
}

/// Whether the rate limit kept a request back. The errors of a user's own deleter may name no attempts, although a request
/// was sent: only what is known as not sent is sent again.
fn is_unsent_for_rate(result: &Result<Deletion, Error>) -> bool {
    let is_unsent = |error: &Error| error.delivery() == Delivery::NotSent && error.attempts().is_empty();
    result.as_ref().is_err_and(|error| error.kind() == ErrorKind::RateLimited && is_unsent(error))
}

/// Sends the distinct ids of a batch, and pairs them with their results.
async fn delete_batch(deleter: Arc<dyn Deleter>, ids: Vec<RecordId>) -> Vec<Settled> {
    let mut results = (*deleter).delete_batch(&ids).await.into_iter();
    let settled = |id: RecordId| {
        let result = results.next().unwrap_or_else(|| Err(missing_result(deleter.vendor())));
        let result = check_result(&id, result);
        (id, result)
    };
    ids.into_iter().map(settled).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_known_as_not_sent_is_sent_again() {
        let limited = || Error::builder(ErrorKind::RateLimited, "x");
        for (error, expected) in [
            (limited().build(), true),
            (limited().delivery(Delivery::MaybeDelivered).build(), false),
            (limited().status(429).build(), false),
            (Error::builder(ErrorKind::Connect, "x").build(), false),
        ] {
            assert_eq!(is_unsent_for_rate(&Err(error.clone())), expected, "{error:?}");
        }
    }
}
