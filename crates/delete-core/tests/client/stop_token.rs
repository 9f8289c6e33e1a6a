//! A client that is stopped sends nothing more, and reports what is known of what it sent.

use std::future::{pending, ready};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use crate::example_client::Client;
use delete_core::http::{self, Body, Response, TransportError, TransportErrorKind};
use delete_core::testing::{ResponseExt, response};
use delete_core::vendor_kit::{Auth, RateLimiting};
use delete_core::{ApiKey, Delivery, Error, ErrorKind, Outcome, RateLimit, StopToken, SystemClock, TokenSource};

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
    let client = client(transport, token);
    let error = client.delete("c1").await.unwrap_err();
    (error, sent.load(Ordering::SeqCst))
}

fn key() -> Auth {
    Auth::api_key("x-api-key", &ApiKey::new("k").unwrap()).unwrap()
}

fn client(transport: impl http::Transport, token: StopToken) -> Client {
    Client::new(key(), transport, |options| options.stop = token)
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
    let client = client(transport, token);
    assert_eq!(client.delete("c1").await.unwrap().outcome(), Outcome::Deleted);
    let error = client.delete("c2").await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Interrupted, Delivery::NotSent), "{error}");
}

#[tokio::test]
async fn a_wait_for_an_access_token_ends_at_once() {
    let token = StopToken::default();
    let at_source = token.clone();
    let source = TokenSource::new(move || {
        at_source.stop();
        pending()
    });
    let transport = http::from_fn(|_| ready(Ok(response(204, ""))));
    let client = Client::new(Auth::token_source(source), transport, |options| options.stop = token);
    let error = client.delete("c1").await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Interrupted, Delivery::NotSent), "{error}");
}

#[tokio::test]
async fn no_access_token_is_obtained_after_a_stop() {
    let (token, obtained) = (StopToken::default(), Arc::new(AtomicUsize::new(0)));
    let counter = Arc::clone(&obtained);
    let source = TokenSource::new(move || {
        counter.fetch_add(1, Ordering::SeqCst);
        ready(Err("no token".into()))
    });
    token.stop();
    let transport = http::from_fn(|_| ready(Ok(response(204, ""))));
    let client = Client::new(Auth::token_source(source), transport, |options| options.stop = token);
    let error = client.delete("c1").await.unwrap_err();
    assert_eq!((error.kind(), obtained.load(Ordering::SeqCst)), (ErrorKind::Interrupted, 0), "{error}");
}

/// The clock of this test is the real one: the wait would take an hour.
#[tokio::test]
async fn a_wait_for_the_rate_limit_ends_at_once() {
    let token = StopToken::default();
    let transport = http::from_fn(|_| ready(Ok(response(204, ""))));
    let stop = token.clone();
    let client = Client::new(key(), transport, |options| {
        options.clock = Arc::new(SystemClock);
        options.rate_limit = RateLimiting::Own(RateLimit::new(1, Duration::from_secs(3600)));
        options.total_timeout = Duration::from_secs(7200);
        options.stop = stop;
    });
    assert!(client.delete("c1").await.unwrap().outcome().is_success());
    let waiting = client.delete("c2");
    let stop = async {
        tokio::task::yield_now().await;
        token.stop();
    };
    let (result, ()) = tokio::join!(waiting, stop);
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Interrupted, Delivery::NotSent), "{error}");
}
