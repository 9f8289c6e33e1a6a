//! The documented limit of 100 requests in 60 s, which lists, lookups and deletes share.

// A failed `unwrap` is a failed test, also in a helper.
#![allow(clippy::unwrap_used)]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use delete_conformance::Script;
use delete_conformance::script::json;
use fini_delete::http::Method;
use fini_delete::testing::TestClock;
use fini_delete::{
    ApiKey, Client, ClientBuilder, Clock, DeleteAllOptions, Deleter, DeleterExt, Delivery, ErrorKind, Outcome,
    RateLimit, RateLimiter, RecordId, RecordReader, Uuid,
};
use futures_util::StreamExt;

/// A workspace in which every delete succeeds and the list is empty, and the times of its requests.
struct Workspace {
    script: Script,
    clock: TestClock,
    times: Arc<Mutex<Vec<Duration>>>,
}

impl Workspace {
    fn new() -> Self {
        let (clock, times) = (TestClock::new(), Arc::new(Mutex::new(Vec::new())));
        let script = Script::new({
            let (clock, times) = (clock.clone(), times.clone());
            move |request, _| {
                times.lock().unwrap().push(clock.elapsed());
                match request.method() == Method::GET {
                    true => json(r#"{"interactions":[],"hasMore":false}"#),
                    false => json(r#"{"success":true}"#),
                }
            }
        });
        Self { script, clock, times }
    }

    fn builder(&self) -> ClientBuilder {
        let key = ApiKey::new("fini_key").unwrap();
        Client::builder(key).clock(self.clock.clone()).transport(self.script.transport())
    }

    fn assert_limit(&self, requests: usize) {
        let times = self.times.lock().unwrap();
        assert_eq!(times.len(), requests);
        let too_fast = times.windows(101).find(|window| window[100] - window[0] <= Duration::from_secs(60));
        assert!(too_fast.is_none(), "{too_fast:?}");
    }
}

fn at_once(concurrency: usize) -> DeleteAllOptions {
    DeleteAllOptions::new().with_concurrency(concurrency)
}

fn ids(count: u128) -> impl Iterator<Item = RecordId> {
    (0..count).map(|number| Uuid::from_u128(number).into())
}

#[tokio::test]
async fn thousands_of_ids_all_succeed_within_the_limit() {
    for concurrency in [1, 8, 40, 60, 500] {
        let workspace = Workspace::new();
        let client = workspace.builder().build().unwrap();
        let results: Vec<_> =
            client.delete_all(futures_util::stream::iter(ids(10_000)), at_once(concurrency)).collect().await;
        assert_eq!(results.len(), 10_000);
        for (id, result) in results {
            assert_eq!(result.unwrap().outcome(), Outcome::Deleted, "{id}");
        }
        workspace.assert_limit(200);
    }
}

#[tokio::test]
async fn lists_and_deletes_share_the_limit() {
    let workspace = Workspace::new();
    let client = workspace.builder().build().unwrap();
    let deletes = async {
        for id in 0..150 {
            assert!(client.delete_conversations(&[Uuid::from_u128(id)]).await.unwrap().is_success());
        }
    };
    let checks = async {
        for _ in 0..100 {
            client.check_credential().await.unwrap();
        }
    };
    futures_util::future::join(deletes, checks).await;
    workspace.assert_limit(250);
}

#[tokio::test]
async fn a_call_that_would_wait_too_long_fails_at_once_with_retry_after() {
    let workspace = Workspace::new();
    let limit = RateLimit::new(1, Duration::from_secs(120));
    let client = workspace.builder().rate_limit(limit).build().unwrap();
    assert!(client.delete_conversation(Uuid::from_u128(1)).await.unwrap().outcome().is_success());
    let error = client.delete_conversation(Uuid::from_u128(2)).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::RateLimited, Delivery::NotSent));
    assert_eq!((error.retry_after(), error.is_retryable()), (Some(Duration::from_secs(120)), true));
    assert_eq!(workspace.clock.slept(), []);
    workspace.clock.advance(Duration::from_secs(120));
    assert!(client.delete_conversation(Uuid::from_u128(2)).await.unwrap().outcome().is_success());
}

#[tokio::test]
async fn a_slow_consumer_does_not_break_the_limit() {
    let workspace = Workspace::new();
    let client = workspace.builder().build().unwrap();
    let mut results = client.delete_all(futures_util::stream::iter(ids(20_000)), at_once(40));
    let mut count = 0;
    while let Some((_, result)) = results.next().await {
        assert!(result.unwrap().outcome().is_success());
        count += 1;
        if count % 3000 == 0 {
            workspace.clock.advance(Duration::from_secs(20));
        }
    }
    workspace.assert_limit(400);
}

#[tokio::test]
async fn calls_dropped_while_waiting_do_not_use_the_limit() {
    let workspace = Workspace::new();
    let client = workspace.builder().build().unwrap();
    let delete = |id: u128| client.delete_conversation(Uuid::from_u128(id));
    for id in 0..40 {
        assert!(delete(id).await.unwrap().outcome().is_success());
    }
    for id in 0..500 {
        // Waits for its turn, and is dropped.
        assert!(futures_util::FutureExt::now_or_never(delete(id)).is_none());
    }
    assert!(delete(1000).await.unwrap().outcome().is_success());
    assert!(workspace.clock.elapsed() < Duration::from_secs(2), "{:?}", workspace.clock.elapsed());
}

#[tokio::test]
async fn clients_can_share_a_limiter() {
    let workspace = Workspace::new();
    let limiter = RateLimiter::new(RateLimit::new(100, Duration::from_secs(60)));
    let build = || workspace.builder().rate_limiter(limiter.clone()).build().unwrap();
    let (deleter, checker) = (build(), build());
    for id in ids(150) {
        assert!(deleter.delete(&id).await.unwrap().outcome().is_success());
        checker.check_credential().await.unwrap();
    }
    workspace.assert_limit(300);
    assert!(limiter.wait(workspace.clock.now()) > Duration::ZERO);
}
