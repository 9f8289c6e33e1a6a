//! A client that is stopped sends nothing more, and reports what is known of what it sent.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use std::future::ready;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use delete_core::http::{self, Body, Response, TransportError, TransportErrorKind};
use delete_core::testing::{ResponseExt, TestClock, response};
use delete_core::{ConversationId, Deleter, Delivery, Error, ErrorKind, RateLimit, RecordId, StopToken};

type Respond = fn() -> Result<Response<Body>, TransportError>;

/// The error of a delete that is stopped as its first response comes, and how many requests were sent.
async fn stopped_after(response: Respond) -> (Error, usize) {
    let (token, sent) = (StopToken::default(), Arc::new(AtomicUsize::new(0)));
    let (at_response, counter) = (token.clone(), Arc::clone(&sent));
    let transport = http::from_fn(move |_| {
        counter.fetch_add(1, Ordering::SeqCst);
        at_response.stop();
        ready(response())
    });
    let client = client()
        .transport(transport)
        .stop_token(token)
        .build()
        .unwrap()
        .with_erasure_mode(tavus_delete::ErasureMode::Hard);
    let error = client.delete(&id("c1")).await.unwrap_err();
    (error, sent.load(Ordering::SeqCst))
}

fn id(text: &str) -> RecordId {
    ConversationId::new(text).unwrap().into()
}

fn client() -> tavus_delete::ClientBuilder {
    tavus_delete::Client::builder(tavus_delete::ApiKey::new("k").unwrap()).clock(TestClock::new())
}

#[tokio::test]
async fn a_retry_that_waits_is_not_sent_and_earlier_requests_are_not_forgotten() {
    let throttled = || Ok(response(429, "").with_header("retry-after", "5"));
    let failed = || Ok(response(503, ""));
    let unsent = || Err(TransportError::new(TransportErrorKind::NotSent, "no route"));
    let lost = || Err(TransportError::new(TransportErrorKind::Interrupted, "reset"));
    let cases: [(Respond, Delivery); 4] = [
        (throttled, Delivery::Answered),
        (failed, Delivery::MaybeDelivered),
        (unsent, Delivery::NotSent),
        (lost, Delivery::MaybeDelivered),
    ];
    for (response, delivery) in cases {
        let (error, sent) = stopped_after(response).await;
        assert_eq!((error.kind(), sent), (ErrorKind::Interrupted, 1), "{error}");
        assert_eq!((error.delivery(), error.attempts().len()), (delivery, 1), "{error}");
        assert_eq!(error.may_have_taken_effect(), delivery == Delivery::MaybeDelivered, "{error}");
        assert!(error.is_retryable() && !error.is_fatal_for_client(), "{error}");
    }
}

#[tokio::test]
async fn a_response_in_flight_is_still_awaited() {
    let token = StopToken::default();
    let at_response = token.clone();
    let transport = http::from_fn(move |_| {
        at_response.stop();
        ready(Ok(response(204, "")))
    });
    let client = client()
        .transport(transport)
        .stop_token(token)
        .build()
        .unwrap()
        .with_erasure_mode(tavus_delete::ErasureMode::Hard);
    assert_eq!(client.delete(&id("c1")).await.unwrap().outcome(), delete_core::Outcome::Deleted);
    let error = client.delete(&id("c2")).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Interrupted, Delivery::NotSent), "{error}");
}

/// The clock of this test is the real one: the wait would take an hour.
#[tokio::test]
async fn a_wait_for_the_rate_limit_ends_at_once() {
    let token = StopToken::default();
    let transport = http::from_fn(|_| ready(Ok(response(204, ""))));
    let builder = tavus_delete::Client::builder(tavus_delete::ApiKey::new("k").unwrap());
    let builder = builder.rate_limit(RateLimit::new(1, Duration::from_secs(3600)));
    let builder = builder.total_timeout(Duration::from_secs(7200)).transport(transport).stop_token(token.clone());
    let client = builder.build().unwrap().with_erasure_mode(tavus_delete::ErasureMode::Hard);
    assert!(client.delete(&id("c1")).await.unwrap().outcome().is_success());
    let id = id("c2");
    let waiting = client.delete(&id);
    let stop = async {
        tokio::task::yield_now().await;
        token.stop();
    };
    let (result, ()) = tokio::join!(waiting, stop);
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Interrupted, Delivery::NotSent), "{error}");
}
