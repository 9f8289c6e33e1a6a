use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use delete_core::http::{self, Transport};
use delete_core::testing::{ResponseExt, response};
use delete_core::{ApiKey, ErasureMode, Vendor};
use futures_util::FutureExt;
use tokio::sync::{Semaphore, mpsc};

use super::*;
use crate::ids::{IdCollector, IdForm, Place};

fn ids(texts: impl IntoIterator<Item = impl AsRef<str>>) -> IdList {
    let mut collector = IdCollector::new(Vendor::new("tavus", "Tavus"), IdForm::Opaque);
    for (number, text) in (1..).zip(texts) {
        collector.add(Place::Line(number), text.as_ref().as_bytes());
    }
    collector.finish()
}

fn numbered(count: usize) -> IdList {
    ids((0..count).map(|number| format!("c{number}")))
}

fn tavus(transport: impl Transport) -> impl Deleter {
    let builder = tavus_delete::Client::builder(ApiKey::new("k").unwrap()).transport(transport);
    let clock = delete_core::testing::TestClock::new();
    builder.clock(clock).build().unwrap().with_erasure_mode(ErasureMode::Hard)
}

/// Answers each path with what `status` says.
fn answering(status: impl Fn(&str) -> u16 + Send + Sync + 'static) -> (impl Deleter, Arc<AtomicUsize>) {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let deleter = tavus(http::from_fn(move |request| {
        counter.fetch_add(1, Ordering::SeqCst);
        let status = status(&request.uri().to_string());
        async move { Ok(response(status, "")) }
    }));
    (deleter, calls)
}

/// Runs, and gives the ending with all records in the order in which they were told.
async fn run_all(
    deleter: &dyn Deleter,
    ids: &IdList,
    concurrency: usize,
    batch: usize,
    signals: &mut UnboundedReceiver<()>,
) -> (Ending, Vec<Record>) {
    let (sender, mut told) = mpsc::channel(3);
    let output = Output::new(sender);
    let reader = async {
        let mut records = Vec::new();
        while let Some(item) = told.recv().await {
            if let Item::Record(record) = item {
                records.push(*record);
            }
        }
        records
    };
    let job = Job { deleter, children: None, ids, concurrency, batch, stop: None };
    let progress = Progress::hidden();
    let running = async {
        let ending = run(job, &progress, &output, signals).await;
        drop(output);
        ending
    };
    tokio::join!(running, reader)
}

async fn run_undisturbed(deleter: &dyn Deleter, ids: &IdList, concurrency: usize) -> (Ending, Vec<Record>) {
    let (_sender, mut signals) = mpsc::unbounded_channel();
    run_all(deleter, ids, concurrency, 1, &mut signals).await
}

fn outcomes(records: &[Record]) -> Vec<(&str, &str)> {
    records.iter().map(|record| (record.id.as_str(), record.outcome.as_str())).collect()
}

#[tokio::test]
async fn tells_in_the_order_of_the_input_whatever_ends_first() {
    let started = Arc::new(AtomicUsize::new(0));
    let gate = Arc::new(Semaphore::new(0));
    let (counter, opener) = (Arc::clone(&started), Arc::clone(&gate));
    // The second call ends only after all others have.
    let deleter = tavus(http::from_fn(move |request| {
        let is_second = request.uri().to_string().contains("/c1?");
        let gate = Arc::clone(&opener);
        if counter.fetch_add(1, Ordering::SeqCst) == 49 {
            gate.add_permits(1);
        }
        async move {
            if is_second {
                drop(gate.acquire().await);
            }
            Ok(response(204, ""))
        }
    }));
    let (ending, records) = run_undisturbed(&deleter, &numbered(50), 4).await;
    assert_eq!(
        records.iter().map(|record| record.id.clone()).collect::<Vec<_>>(),
        (0..50).map(|n| format!("c{n}")).collect::<Vec<_>>()
    );
    assert_eq!(ending.tally.get(Outcome::Deleted), 50);
    assert_eq!(ending.stop, None);
}

#[tokio::test]
async fn results_that_wait_for_an_earlier_one_are_bounded() {
    let started = Arc::new(AtomicUsize::new(0));
    let stalled = Arc::new(Semaphore::new(0));
    let (counter, gate) = (Arc::clone(&started), Arc::clone(&stalled));
    let deleter = tavus(http::from_fn(move |request| {
        counter.fetch_add(1, Ordering::SeqCst);
        let is_first = request.uri().to_string().contains("/c1?");
        let gate = Arc::clone(&gate);
        async move {
            if is_first {
                drop(gate.acquire().await);
            }
            Ok(response(204, ""))
        }
    }));
    let list = numbered(10 * MIN_WINDOW);
    let (_sender, mut signals) = mpsc::unbounded_channel();
    let running = run_all(&deleter, &list, 4, 1, &mut signals);
    tokio::pin!(running);
    // On one thread the run goes on until it can do no more.
    for _ in 0..100 {
        assert!((&mut running).now_or_never().is_none());
        tokio::task::yield_now().await;
    }
    assert_eq!(started.load(Ordering::SeqCst), MIN_WINDOW + 1, "the first id, and a window behind the second");
    stalled.add_permits(1);
    let (ending, _) = running.await;
    assert_eq!(ending.tally.get(Outcome::Deleted), 10 * MIN_WINDOW as u64);
}

#[tokio::test]
async fn refused_entries_stand_in_their_place() {
    let (deleter, calls) = answering(|_| 204);
    let list = ids(["..", "c1", "a/b", "c1", "c2", "", "?"]);
    let (ending, records) = run_undisturbed(&deleter, &list, 4).await;
    assert_eq!(
        outcomes(&records),
        [
            ("..", "refused"),
            ("c1", "deleted"),
            ("a/b", "refused"),
            ("c2", "deleted"),
            ("", "refused"),
            ("?", "refused")
        ]
    );
    assert_eq!(calls.load(Ordering::SeqCst), 2);
    assert!(!is_complete(&ending.tally, true));
}

#[tokio::test]
async fn a_refused_credential_costs_one_request() {
    let (deleter, calls) = answering(|_| 401);
    let (ending, records) = run_undisturbed(&deleter, &numbered(100), 8).await;
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    assert_eq!(ending.stop, Some(Stop::CredentialRefused));
    assert_eq!((ending.tally.get(Outcome::Failed), ending.tally.get(Outcome::NotAttempted)), (1, 99));
    assert_eq!(records.len(), 100);
    assert_eq!((records[99].id.as_str(), records[99].outcome), ("c99", Outcome::NotAttempted));
}

#[tokio::test]
async fn a_credential_that_is_revoked_on_the_way_stops_the_run() {
    let (deleter, calls) = answering(|path| if path.contains("/c2?") { 401 } else { 204 });
    let (ending, records) = run_undisturbed(&deleter, &numbered(10), 1).await;
    assert_eq!(calls.load(Ordering::SeqCst), 3);
    assert_eq!(ending.stop, Some(Stop::CredentialRefused));
    assert_eq!((ending.tally.get(Outcome::Deleted), ending.tally.get(Outcome::NotAttempted)), (2, 7));
    assert_eq!(records.len(), 10);
}

#[tokio::test]
async fn no_credit_stops_the_run() {
    let (deleter, calls) = answering(|_| 402);
    let (ending, _) = run_undisturbed(&deleter, &numbered(5), 4).await;
    assert_eq!((calls.load(Ordering::SeqCst), ending.stop), (1, Some(Stop::Hopeless)));
    assert_eq!(ending.tally.get(Outcome::NotAttempted), 4);
}

#[tokio::test]
async fn a_wait_that_no_call_can_keep_stops_the_run() {
    let deleter = tavus(http::from_fn(|_| async { Ok(response(429, "").with_header("retry-after", "86400")) }));
    let (ending, records) = run_undisturbed(&deleter, &numbered(5), 4).await;
    assert_eq!(ending.stop, Some(Stop::Throttled));
    assert_eq!(records[0].error.as_ref().unwrap().kind, "rate_limited");
    assert_eq!(ending.tally.get(Outcome::NotAttempted), 4);
}

#[tokio::test]
async fn a_wait_after_another_failure_stops_the_run_too() {
    let deleter = tavus(http::from_fn(|_| async { Ok(response(503, "").with_header("retry-after", "86400")) }));
    let (ending, records) = run_undisturbed(&deleter, &numbered(5), 4).await;
    assert_eq!((ending.stop, records[0].attempts), (Some(Stop::Throttled), 1));
    assert_eq!((ending.tally.get(Outcome::Failed), ending.tally.get(Outcome::NotAttempted)), (1, 4));
}

#[tokio::test]
async fn a_wait_that_comes_with_an_answer_for_good_stops_nothing() {
    let deleter = tavus(http::from_fn(|request| {
        let status = if request.uri().to_string().contains("/c1?") { 403 } else { 204 };
        async move { Ok(response(status, "").with_header("retry-after", "5")) }
    }));
    let (ending, records) = run_undisturbed(&deleter, &numbered(3), 1).await;
    assert_eq!(ending.stop, None);
    assert_eq!(outcomes(&records), [("c0", "deleted"), ("c1", "failed"), ("c2", "deleted")]);
}

/// The second id's answer asks for a wait that no call can keep, while the calls of three others have begun.
#[tokio::test]
async fn what_the_wait_held_back_was_not_attempted() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&calls);
    let deleter = tavus(http::from_fn(move |_| {
        let is_first = counter.fetch_add(1, Ordering::SeqCst) == 0;
        let asking = || response(429, "").with_header("retry-after", "86400");
        async move { Ok(if is_first { response(204, "") } else { asking() }) }
    }));
    let (ending, records) = run_undisturbed(&deleter, &numbered(6), 4).await;
    assert_eq!((ending.stop, calls.load(Ordering::SeqCst)), (Some(Stop::Throttled), 2));
    assert_eq!(outcomes(&records[..2]), [("c0", "deleted"), ("c1", "failed")]);
    assert!(records[2..].iter().all(|record| *record == Record::not_attempted(record.id.clone())), "{records:?}");
}

#[tokio::test]
async fn many_failures_in_a_row_stop_the_run() {
    let (deleter, _) = answering(|_| 500);
    let (ending, _) = run_undisturbed(&deleter, &numbered(100), 1).await;
    assert_eq!(ending.stop, Some(Stop::Hopeless));
    assert_eq!((ending.tally.get(Outcome::Failed), ending.tally.get(Outcome::NotAttempted)), (25, 75));
    let (ending, _) = run_undisturbed(&answering(|_| 500).0, &numbered(25), 1).await;
    assert_eq!((ending.stop, ending.tally.get(Outcome::Failed)), (None, 25), "there is nothing to stop");
}

#[tokio::test]
async fn a_vendor_that_throttles_every_request_stops_the_run_like_any_outage() {
    for wait in [None, Some("0"), Some("1"), Some("15"), Some("3600")] {
        let deleter = tavus(http::from_fn(move |_| {
            let throttled = response(429, "");
            let response = if let Some(wait) = wait { throttled.with_header("retry-after", wait) } else { throttled };
            async move { Ok(response) }
        }));
        let (ending, records) = run_undisturbed(&deleter, &numbered(100), 4).await;
        assert!(matches!(ending.stop, Some(Stop::Hopeless | Stop::Throttled)), "{wait:?}: {:?}", ending.stop);
        let failed = ending.tally.get(Outcome::Failed);
        assert!(failed <= u64::from(HOPELESS_CALLS) + 4, "{wait:?}: {failed} failed");
        assert_eq!(ending.tally.get(Outcome::NotAttempted), 100 - failed, "{wait:?}");
        assert_eq!(records.len(), 100);
    }
}

#[tokio::test]
async fn any_answer_between_failures_keeps_the_run_going() {
    for other in [204, 404, 403] {
        let (deleter, _) = answering(move |path| if path.contains("/c24?") { other } else { 302 });
        let (ending, _) = run_undisturbed(&deleter, &numbered(49), 1).await;
        assert_eq!((ending.stop, ending.tally.get(Outcome::NotAttempted)), (None, 0), "{other}");
        let (deleter, _) = answering(move |path| if path.contains("/c24?") { other } else { 302 });
        let (ending, _) = run_undisturbed(&deleter, &numbered(60), 1).await;
        assert_eq!((ending.stop, ending.tally.get(Outcome::NotAttempted)), (Some(Stop::Hopeless), 10), "{other}");
    }
}

#[tokio::test]
async fn an_id_that_fails_does_not_stop_the_others() {
    let (deleter, _) = answering(|path| if path.contains("/c1?") { 403 } else { 204 });
    let (ending, records) = run_undisturbed(&deleter, &numbered(3), 4).await;
    assert_eq!(outcomes(&records), [("c0", "deleted"), ("c1", "failed"), ("c2", "deleted")]);
    assert_eq!(ending.stop, None);
}

/// A deleter whose calls tell that they began, and end when they are allowed to.
struct Gated {
    began: mpsc::UnboundedSender<()>,
    gate: Semaphore,
}

#[async_trait]
impl Deleter for Gated {
    fn vendor(&self) -> Vendor {
        Vendor::new("tavus", "Tavus")
    }

    fn parse_id(&self, id: &str) -> Result<RecordId, Error> {
        Ok(RecordId::from(delete_core::ConversationId::new(id)?))
    }

    async fn delete(&self, id: &RecordId) -> Result<Deletion, Error> {
        let _ = self.began.send(());
        drop(self.gate.acquire().await);
        Err(Error::invalid_input(format!("{id} is only for show")))
    }
}

fn gated() -> (Gated, mpsc::UnboundedReceiver<()>) {
    let (began, begun) = mpsc::unbounded_channel();
    (Gated { began, gate: Semaphore::new(1) }, begun)
}

#[tokio::test]
async fn an_interrupt_waits_for_what_is_under_way() {
    let (deleter, mut begun) = gated();
    deleter.gate.forget_permits(1);
    let list = numbered(10);
    let (sender, mut signals) = mpsc::unbounded_channel();
    let interrupting = async {
        begun.recv().await;
        sender.send(()).unwrap();
        // The run hears of it before it looks at calls that ended.
        deleter.gate.add_permits(10);
    };
    let ((ending, records), ()) = tokio::join!(run_all(&deleter, &list, 4, 1, &mut signals), interrupting);
    assert_eq!(ending.stop, Some(Stop::Interrupted));
    assert!(!ending.was_abandoned);
    assert_eq!(ending.tally.get(Outcome::NotAttempted), 9);
    assert_eq!(records.len(), 10);
}

#[tokio::test]
async fn a_second_interrupt_reports_what_is_under_way_as_unknown() {
    let (deleter, mut begun) = gated();
    deleter.gate.forget_permits(1);
    let list = numbered(10);
    let (sender, mut signals) = mpsc::unbounded_channel();
    let interrupting = async {
        begun.recv().await;
        sender.send(()).unwrap();
        sender.send(()).unwrap();
    };
    let ((ending, records), ()) = tokio::join!(run_all(&deleter, &list, 4, 1, &mut signals), interrupting);
    assert!(ending.was_abandoned);
    let error = records[0].error.as_ref().unwrap();
    assert_eq!(
        (records[0].outcome, &*error.kind, &*error.delivery),
        (Outcome::Failed, "interrupted", "maybe_delivered")
    );
    assert_eq!(ending.tally.get(Outcome::NotAttempted), 9);
}

#[tokio::test]
async fn a_broken_output_stops_the_sending_and_still_hears_every_result() {
    let (deleter, calls) = answering(|_| 204);
    let list = numbered(10_000);
    let (sender, mut told) = mpsc::channel(1);
    let output = Output::new(sender);
    let (_sender, mut signals) = mpsc::unbounded_channel();
    let job = Job { deleter: &deleter, children: None, ids: &list, concurrency: 4, batch: 1, stop: None };
    let progress = Progress::hidden();
    let reading = async {
        let mut heard = Vec::new();
        while let Some(Item::Record(record)) = told.recv().await {
            if heard.is_empty() {
                output.break_it();
            }
            heard.push(record.outcome);
            if heard.len() == 10_000 {
                break;
            }
        }
        heard
    };
    let (ending, heard) = tokio::join!(run(job, &progress, &output, &mut signals), reading);
    assert_eq!(ending.stop, Some(Stop::OutputClosed));
    let deleted = heard.iter().filter(|outcome| **outcome == Outcome::Deleted).count();
    assert_eq!(deleted, calls.load(Ordering::SeqCst), "each result of a request is reported");
    assert!(deleted <= MIN_WINDOW + 8);
    assert_eq!((ending.tally.total(), heard.len()), (10_000, 10_000));
}

#[tokio::test]
async fn ids_travel_in_batches_and_the_last_one_is_short() {
    struct Bulk(Mutex<Vec<usize>>);
    #[async_trait]
    impl Deleter for Bulk {
        fn vendor(&self) -> Vendor {
            Vendor::new("fini", "Fini")
        }
        fn parse_id(&self, id: &str) -> Result<RecordId, Error> {
            RecordId::parse_uuid(id)
        }
        async fn delete(&self, _: &RecordId) -> Result<Deletion, Error> {
            Err(Error::invalid_input("for show"))
        }
        async fn delete_batch(&self, ids: &[RecordId]) -> Vec<Result<Deletion, Error>> {
            self.0.lock().unwrap().push(ids.len());
            // One result too few.
            ids[1..].iter().map(|_| Err(Error::configuration("for show"))).collect()
        }
    }
    let deleter = Bulk(Mutex::default());
    let list = numbered(101);
    let (_sender, mut signals) = mpsc::unbounded_channel();
    let (_, records) = run_all(&deleter, &list, 1, 50, &mut signals).await;
    // The failure of the first batch is one that every call would meet.
    assert_eq!(*deleter.0.lock().unwrap(), [50]);
    assert_eq!(records.len(), 101);
    assert_eq!(records[49].error.as_ref().unwrap().kind, "interrupted", "what has no result is unknown");
}

#[test]
fn a_wait_is_told_as_a_date_where_one_can_be_written() {
    assert!(until(Duration::from_millis(1500)).ends_with("(2 s from now)"));
    assert_eq!(until(Duration::MAX), format!("for {} s", u64::MAX));
}

#[test]
fn complete_means_that_nothing_is_left_to_do() {
    let tally_of = |outcome| {
        let mut tally = Tally::default();
        tally.add(outcome);
        tally
    };
    for outcome in Outcome::ALL {
        let is_good = matches!(outcome, Outcome::Deleted | Outcome::Acknowledged | Outcome::Gone | Outcome::Held);
        assert_eq!(is_complete(&tally_of(outcome), false), is_good, "{outcome:?}");
        assert_eq!(is_complete(&tally_of(outcome), true), is_good || outcome == Outcome::NotFound, "{outcome:?}");
    }
}
