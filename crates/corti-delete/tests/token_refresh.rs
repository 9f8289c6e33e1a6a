//! Tokens that are replaced before their end, by one caller while the others go on, whatever the token endpoint does.

// A failed `unwrap` is a failed test, also in a helper.
#![allow(clippy::unwrap_used)]

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use corti_delete::http::{self, Body, Method, Response};
use corti_delete::testing::{ResponseExt, TestClock, response};
use corti_delete::{
    AccessToken, Client, ClientCredentials, Credentials, DeleteAllOptions, DeleterExt, Delivery, Environment, Error,
    ErrorKind, Presence, RecordId, RecordReader, TokenSource, Uuid,
};

/// What the token endpoint does with its nth request, from 1.
enum Issues {
    Token { lifetime: u64 },
    Status(Response<Body>),
    Nothing,
}

/// A tenant in the process that deletes everything, and the tokens that its requests carried.
struct Tenant {
    client: Client,
    clock: TestClock,
    asked: Arc<AtomicUsize>,
    carried: Arc<Mutex<Vec<String>>>,
}

impl Tenant {
    fn new(issue: impl Fn(usize) -> Issues + Send + Sync + 'static) -> Self {
        Self::with(ClientCredentials::new("id", "s3cret").into(), issue)
    }

    fn with(credentials: Credentials, issue: impl Fn(usize) -> Issues + Send + Sync + 'static) -> Self {
        let (asked, carried) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
        let issue = Arc::new(issue);
        let transport = {
            let (asked, carried) = (asked.clone(), carried.clone());
            http::from_fn(move |request| {
                let (asked, carried, issue) = (asked.clone(), carried.clone(), issue.clone());
                async move {
                    tokio::task::yield_now().await;
                    if request.method() != Method::POST {
                        carried.lock().unwrap().push(request.headers()["authorization"].to_str().unwrap().to_owned());
                        return Ok(response(if request.method() == Method::DELETE { 204 } else { 401 }, ""));
                    }
                    let number = asked.fetch_add(1, SeqCst) + 1;
                    match issue(number) {
                        Issues::Token { lifetime } => {
                            let body = format!(r#"{{"access_token":"token{number}","expires_in":{lifetime}}}"#);
                            Ok(response(200, body))
                        }
                        Issues::Status(response) => Ok(response),
                        Issues::Nothing => std::future::pending().await,
                    }
                }
            })
        };
        let clock = TestClock::new();
        let client = Client::builder(Environment::Eu, "base", credentials)
            .transport(transport)
            .clock(clock.clone())
            .attempt_timeout(Duration::from_millis(300))
            .build()
            .unwrap();
        Self { client, clock, asked, carried }
    }

    async fn delete_many(&self, count: u128) -> Vec<Result<(), Error>> {
        let deletes = (0..count).map(|id| self.client.delete_interaction(Uuid::from_u128(id)));
        futures_util::future::join_all(deletes).await.into_iter().map(|result| result.map(drop)).collect()
    }

    fn carried(&self, token: usize) -> usize {
        self.carried.lock().unwrap().iter().filter(|own| **own == format!("Bearer token{token}")).count()
    }
}

fn ids(count: u128) -> impl Iterator<Item = RecordId> {
    (0..count).map(|number| Uuid::from_u128(number).into())
}

#[tokio::test]
async fn while_a_token_is_valid_no_trouble_of_its_endpoint_stops_a_call() {
    let troubles: [fn() -> Issues; 9] = [
        || Issues::Nothing,
        || Issues::Status(response(302, "").with_header("location", "https://login.example/")),
        || Issues::Status(response(200, "<html>Sign in</html>")),
        || Issues::Status(response(403, "<html>firewall</html>")),
        || Issues::Status(response(404, "")),
        || Issues::Status(response(401, r#"{"error":"invalid_client"}"#)),
        || Issues::Status(response(503, "")),
        || Issues::Status(response(429, "").with_header("retry-after", "120")),
        || Issues::Status(response(503, "").with_header("retry-after", "86400")),
    ];
    for trouble in troubles {
        let tenant = Tenant::new(move |number| if number == 1 { Issues::Token { lifetime: 300 } } else { trouble() });
        assert!(tenant.delete_many(1).await.iter().all(Result::is_ok));
        tenant.clock.advance(Duration::from_secs(250));
        let results = tenant.delete_many(20).await;
        assert!(results.iter().all(Result::is_ok), "{results:?}");
        assert_eq!(tenant.carried(1), 21);
    }
}

#[tokio::test]
async fn an_absurd_wait_of_the_token_endpoint_can_be_seen_and_cleared() {
    let tenant = Tenant::new(|number| match number {
        1 => Issues::Status(response(503, "").with_header("retry-after", "31536000")),
        _ => Issues::Token { lifetime: 300 },
    });
    assert!(tenant.delete_many(2).await.iter().all(Result::is_err));
    assert!(tenant.client.throttled_for() > Duration::from_secs(30_000_000));
    tenant.client.clear_throttle();
    assert!(tenant.client.throttled_for().is_zero());
    assert!(tenant.delete_many(2).await.iter().all(Result::is_ok));
}

#[tokio::test]
async fn one_caller_replaces_a_token_and_the_others_do_not_wait_for_it() {
    let tenant = Tenant::new(|_| Issues::Token { lifetime: 300 });
    assert!(tenant.delete_many(1).await.iter().all(Result::is_ok));
    tenant.clock.advance(Duration::from_secs(250));
    assert!(tenant.delete_many(20).await.iter().all(Result::is_ok));
    assert_eq!((tenant.carried(1), tenant.carried(2)), (1 + 19, 1));
    assert!(tenant.delete_many(20).await.iter().all(Result::is_ok));
    assert_eq!((tenant.carried(2), tenant.asked.load(SeqCst)), (1 + 20, 2));
}

#[tokio::test]
async fn a_token_that_has_ended_is_never_sent() {
    let tenant = Tenant::new(|number| match number {
        1 => Issues::Token { lifetime: 300 },
        _ => Issues::Status(response(503, "")),
    });
    assert!(tenant.delete_many(1).await.iter().all(Result::is_ok));
    tenant.clock.advance(Duration::from_secs(300));
    assert!(tenant.delete_many(5).await.iter().all(Result::is_err));
    assert_eq!(tenant.carried(1), 1);
}

#[tokio::test]
async fn a_call_inside_the_loop_over_a_stream_of_deletes_does_not_stall() {
    // Each token ends at once, so that both the stream and the call need one all the time.
    let tenant = Tenant::new(|_| Issues::Token { lifetime: 0 });
    let mut results = tenant.client.delete_all(futures_util::stream::iter(ids(50)), DeleteAllOptions::new());
    let all = async {
        while let Some((id, result)) = results.next().await {
            assert!(result.unwrap().outcome().is_success());
            assert!(tenant.client.delete_interaction(id.as_uuid().unwrap()).await.unwrap().outcome().is_success());
        }
    };
    tokio::time::timeout(Duration::from_secs(10), all).await.expect("no call waits for a future that is not polled");
}

#[tokio::test]
async fn a_token_function_is_asked_as_often_as_its_tokens_end() {
    let asked = Arc::new(AtomicUsize::new(0));
    let source = TokenSource::new({
        let asked = asked.clone();
        move || {
            let number = asked.fetch_add(1, SeqCst) + 1;
            async move { Ok(AccessToken::new(format!("token{number}"))?.with_lifetime(Duration::from_secs(5))) }
        }
    });
    let tenant = Tenant::with(source.into(), |_| Issues::Nothing);
    for _ in 0..100 {
        assert!(tenant.client.delete_interaction(Uuid::from_u128(1)).await.unwrap().outcome().is_success());
        tenant.clock.advance(Duration::from_secs(1));
    }
    assert_eq!(tenant.carried.lock().unwrap().len(), 100);
    // Each is used for half of its life, which begins another second.
    assert_eq!(asked.load(SeqCst), 34);
    assert_eq!(tenant.asked.load(SeqCst), 0, "the token endpoint was asked");
}

#[tokio::test]
async fn a_token_function_that_fails_fails_the_call_with_its_reason_and_sends_nothing() {
    let source = TokenSource::new(|| async { Err("the broker is locked".into()) });
    let tenant = Tenant::with(source.into(), |_| Issues::Nothing);
    let error = tenant.client.delete_interaction(Uuid::from_u128(1)).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Unauthenticated, Delivery::NotSent));
    assert!(error.to_string().contains("the broker is locked") && error.is_fatal_for_client(), "{error}");
    assert!(tenant.carried.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_token_that_cannot_be_obtained_never_says_that_a_record_may_be_deleted() {
    let strange: [fn() -> Response<Body>; 5] = [
        || response(302, "").with_header("location", "https://login.example/"),
        || response(200, "<html>Sign in</html>"),
        || response(200, "{}"),
        || response(404, "<html>Not Found</html>"),
        || response(503, ""),
    ];
    for response in strange {
        // The first token is refused by the API (401, nothing was done), and no other is issued.
        let tenant = Tenant::new(move |number| match number {
            1 => Issues::Token { lifetime: 300 },
            _ => Issues::Status(response()),
        });
        let Presence::Unknown(lookup) = tenant.client.lookup(&Uuid::from_u128(1).into()).await else {
            panic!("nothing is known of the record");
        };
        let deletion = Tenant::new(move |_| Issues::Status(response()));
        let deletion = deletion.client.delete_interaction(Uuid::from_u128(1)).await.unwrap_err();
        for error in [lookup, deletion] {
            assert!(!error.may_have_taken_effect(), "{error:?}");
            let text = error.to_string();
            assert!(text.contains("no access token could be obtained"), "{text}");
            assert!(!text.contains("may have been") && !text.contains("unknown"), "{text}");
        }
    }
}
