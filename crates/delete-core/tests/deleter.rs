//! Deleting many records through the trait, without knowing the vendor.

// A failed `unwrap` is a failed test, also in a helper.
#![allow(clippy::unwrap_used)]

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::task::{Context, Poll};

use async_trait::async_trait;
use delete_core::{
    AbsentOk, ConversationId, DeleteAllOptions, Deleter, DeleterExt, Deletion, Error, ErrorKind, Outcome, RecordId,
    Vendor,
};
use futures_core::Stream;
use futures_util::stream::{self, StreamExt};

/// Fails for every record, and counts its calls.
#[derive(Default)]
struct Recorder {
    batch: usize,
    calls: AtomicUsize,
    in_flight: AtomicUsize,
    most_in_flight: AtomicUsize,
    largest_batch: AtomicUsize,
    finished: Arc<AtomicUsize>,
}

#[async_trait]
impl Deleter for Recorder {
    fn vendor(&self) -> Vendor {
        Vendor::new("recorder", "Recorder")
    }

    fn parse_id(&self, id: &str) -> Result<RecordId, Error> {
        Ok(ConversationId::new(id)?.into())
    }

    async fn delete(&self, id: &RecordId) -> Result<Deletion, Error> {
        self.calls.fetch_add(1, SeqCst);
        let in_flight = self.in_flight.fetch_add(1, SeqCst) + 1;
        self.most_in_flight.fetch_max(in_flight, SeqCst);
        for _ in 0..3 {
            tokio::task::yield_now().await;
        }
        self.in_flight.fetch_sub(1, SeqCst);
        self.finished.fetch_add(1, SeqCst);
        Err(Error::invalid_input(id.to_string()))
    }

    fn max_batch(&self) -> usize {
        self.batch
    }

    async fn delete_batch(&self, ids: &[RecordId]) -> Vec<Result<Deletion, Error>> {
        self.largest_batch.fetch_max(ids.len(), SeqCst);
        let mut results = Vec::new();
        for id in ids {
            results.push(self.delete(id).await);
        }
        results
    }
}

fn at_once(concurrency: usize) -> DeleteAllOptions {
    DeleteAllOptions::new().with_concurrency(concurrency)
}

fn ids(count: usize) -> impl Iterator<Item = RecordId> {
    (0..count).map(|number| ConversationId::new(&format!("c{number}")).unwrap().into())
}

#[tokio::test]
async fn every_id_is_deleted_once_and_paired_with_its_result() {
    for (batch, concurrency) in [(0, 0), (1, 1), (1, 7), (50, 3)] {
        let recorder = Arc::new(Recorder { batch, ..Recorder::default() });
        let results: Vec<_> = recorder.delete_all(stream::iter(ids(120)), at_once(concurrency)).collect().await;
        assert!(
            results.iter().all(|(id, result)| result.as_ref().unwrap_err().to_string().starts_with(&id.to_string()))
        );
        let mut seen: Vec<_> = results.into_iter().map(|(id, _)| id).collect();
        seen.sort();
        let mut expected: Vec<_> = ids(120).collect();
        expected.sort();
        assert_eq!(seen, expected);
        assert_eq!(recorder.largest_batch.load(SeqCst), batch.max(1));
        assert!(recorder.most_in_flight.load(SeqCst) <= concurrency.max(1));
    }
}

/// A stream of ids that counts how many were taken.
struct Source {
    left: usize,
    taken: Arc<AtomicUsize>,
}

impl Stream for Source {
    type Item = RecordId;

    fn poll_next(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<RecordId>> {
        if self.left == 0 {
            return Poll::Ready(None);
        }
        self.left -= 1;
        self.taken.fetch_add(1, SeqCst);
        Poll::Ready(ids(1).next())
    }
}

#[tokio::test]
async fn ids_are_taken_as_they_are_needed() {
    let taken = Arc::new(AtomicUsize::new(0));
    let recorder = Arc::new(Recorder { batch: 10, ..Recorder::default() });
    let mut results = recorder.delete_all(Source { left: 1000, taken: taken.clone() }, at_once(4));
    let mut yielded = 0;
    while results.next().await.is_some() {
        yielded += 1;
        let held = taken.load(SeqCst) - yielded;
        assert!(held <= 10 * (4 + 1), "{held} ids are held");
    }
    assert_eq!(yielded, 1000);
}

#[tokio::test]
async fn ending_the_stream_of_ids_awaits_requests_in_flight() {
    let recorder = Arc::new(Recorder { batch: 1, ..Recorder::default() });
    let results = recorder.delete_all(stream::iter(ids(1000)).take(8), at_once(8));
    assert_eq!(results.count().await, 8);
    assert_eq!((recorder.calls.load(SeqCst), recorder.finished.load(SeqCst)), (8, 8));
}

#[tokio::test]
async fn a_program_may_hold_any_kind_of_deleter() {
    let deleters: Vec<Arc<dyn Deleter>> = vec![
        Arc::new(Recorder { batch: 5, ..Recorder::default() }),
        Arc::new(Arc::new(Recorder { batch: 5, ..Recorder::default() })),
        Arc::new(Box::new(Recorder { batch: 5, ..Recorder::default() }) as Box<dyn Deleter>),
    ];
    for deleter in &deleters {
        let id = deleter.parse_id("c1").unwrap();
        assert_eq!((deleter.max_batch(), deleter.vendor().as_str()), (5, "recorder"));
        assert!(deleter.delete(&id).await.is_err());
        assert_eq!((&deleter).delete_batch(&[id]).await.len(), 1);
        assert_eq!(deleter.delete_all(stream::iter(ids(7)), at_once(2)).count().await, 7);
    }
}

#[test]
fn only_not_found_becomes_a_value() {
    let failed: Result<Deletion, Error> = Err(Error::invalid_input("x"));
    assert_eq!(failed.absent_ok().unwrap_err().kind(), ErrorKind::InvalidInput);
}

/// Reports only the first record of a batch.
struct Forgetful;

#[async_trait]
impl Deleter for Forgetful {
    fn vendor(&self) -> Vendor {
        Vendor::new("forgetful", "Forgetful")
    }

    fn parse_id(&self, id: &str) -> Result<RecordId, Error> {
        Ok(ConversationId::new(id)?.into())
    }

    async fn delete(&self, _: &RecordId) -> Result<Deletion, Error> {
        Err(Error::invalid_input("reported"))
    }

    fn max_batch(&self) -> usize {
        3
    }

    async fn delete_batch(&self, ids: &[RecordId]) -> Vec<Result<Deletion, Error>> {
        vec![self.delete(&ids[0]).await]
    }
}

#[tokio::test]
async fn no_id_is_lost_if_the_deleter_returns_too_few_results() {
    let results: Vec<_> =
        Arc::new(Forgetful).delete_all(stream::iter(ids(3)), at_once(1)).map(|(_, result)| result).collect().await;
    let errors: Vec<_> = results.into_iter().map(Result::unwrap_err).collect();
    assert_eq!(errors.len(), 3);
    assert!(!errors[0].may_have_taken_effect());
    assert!(errors[1..].iter().all(|error| error.may_have_taken_effect()), "{errors:?}");
}

/// Deletes every record, but returns the results of a batch in reverse.
struct Reversed;

#[async_trait]
impl Deleter for Reversed {
    fn vendor(&self) -> Vendor {
        Vendor::new("reversed", "Reversed")
    }

    fn parse_id(&self, id: &str) -> Result<RecordId, Error> {
        Ok(ConversationId::new(id)?.into())
    }

    async fn delete(&self, id: &RecordId) -> Result<Deletion, Error> {
        Ok(Deletion::new(self.vendor(), id.clone(), Outcome::Deleted))
    }

    fn max_batch(&self) -> usize {
        usize::MAX
    }

    async fn delete_batch(&self, ids: &[RecordId]) -> Vec<Result<Deletion, Error>> {
        let mut results = Vec::new();
        for id in ids.iter().rev() {
            results.push(self.delete(id).await);
        }
        results
    }
}

#[tokio::test]
async fn the_result_of_another_record_is_not_passed_on() {
    let results: Vec<_> = Arc::new(Reversed).delete_all(stream::iter(ids(3)), at_once(1)).collect().await;
    for (id, result) in results {
        match result {
            Ok(deletion) => assert_eq!((deletion.id(), &id), (&id, &ids(2).last().unwrap())),
            Err(error) => assert!(error.may_have_taken_effect(), "{error}"),
        }
    }
}

#[tokio::test]
async fn no_batch_and_no_concurrency_is_too_large() {
    // An endless stream is not collected for one request.
    let mut results = Arc::new(Reversed).delete_all(stream::iter(ids(usize::MAX)), at_once(1));
    assert!(results.next().await.is_some());
    let recorder = Arc::new(Recorder { batch: 1, ..Recorder::default() });
    assert_eq!(recorder.delete_all(stream::iter(ids(10)), at_once(usize::MAX)).count().await, 10);
}

/// Deletes all that it is given, in order, and refuses the credential from the given call on.
struct Revoked {
    from: usize,
    calls: AtomicUsize,
}

#[async_trait]
impl Deleter for Revoked {
    fn vendor(&self) -> Vendor {
        Vendor::new("revoked", "Revoked")
    }

    fn parse_id(&self, id: &str) -> Result<RecordId, Error> {
        Ok(ConversationId::new(id)?.into())
    }

    async fn delete(&self, _: &RecordId) -> Result<Deletion, Error> {
        match self.calls.fetch_add(1, SeqCst) >= self.from {
            true => Err(Error::wrong_target("another workspace")),
            false => Err(Error::invalid_input("not fatal")),
        }
    }

    fn max_batch(&self) -> usize {
        2
    }
}

#[tokio::test]
async fn no_id_is_drawn_after_a_fatal_error_and_each_drawn_one_has_a_result() {
    for concurrency in [1, 4] {
        let taken = Arc::new(AtomicUsize::new(0));
        let counted = taken.clone();
        let source = stream::iter(ids(1000)).inspect(move |_| {
            counted.fetch_add(1, SeqCst);
        });
        let revoked = Arc::new(Revoked { from: 9, calls: AtomicUsize::new(0) });
        let results: Vec<_> = revoked.delete_all(source, at_once(concurrency)).collect().await;
        assert_eq!(results.len(), taken.load(SeqCst));
        assert!(results.len() <= 9 + 2 * (concurrency + 1), "{} ids were drawn", results.len());
        let fatal = results.iter().filter(|(_, result)| result.as_ref().unwrap_err().is_fatal_for_client()).count();
        assert_eq!(fatal, results.len() - 9);
    }
}

#[tokio::test]
async fn a_run_may_go_on_after_a_fatal_error() {
    let revoked = Arc::new(Revoked { from: 9, calls: AtomicUsize::new(0) });
    let options = at_once(4).with_stop_on_fatal(false);
    let results = tokio::spawn(revoked.delete_all(stream::iter(ids(100)), options).collect::<Vec<_>>()).await.unwrap();
    assert_eq!((results.len(), revoked.calls.load(SeqCst)), (100, 100));
}

#[tokio::test]
async fn a_repeated_id_is_sent_once_wherever_it_occurs_and_has_a_result_each_time() {
    let distinct: Vec<RecordId> = ids(20).collect();
    let repeated: Vec<RecordId> =
        [&distinct[..], &distinct[..7], &distinct[3..4], &distinct[15..]].into_iter().flatten().cloned().collect();
    for (batch, concurrency) in [(1, 1), (1, 4), (10, 1), (10, 4), (50, 2)] {
        let recorder = Arc::new(Recorder { batch, ..Recorder::default() });
        let results: Vec<_> = recorder.delete_all(stream::iter(repeated.clone()), at_once(concurrency)).collect().await;
        assert_eq!(recorder.calls.load(SeqCst), 20, "{batch} {concurrency}");
        let mut yielded: Vec<_> = results.into_iter().map(|(id, _)| id).collect();
        let mut expected = repeated.clone();
        yielded.sort();
        expected.sort();
        assert_eq!(yielded, expected);
    }
}
