//! Renewal while the old token is still valid: one call renews, the others go on.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use corti_delete::http::{self, Body, Method, Response};
use corti_delete::testing::{ResponseExt, TestClock, response};
use corti_delete::{
    AccessToken, Client, ClientCredentials, Credentials, DeleteAllOptions, DeleterExt, Delivery, Environment, Error,
    ErrorKind, Presence, RecordId, RecordReader, TokenSource, Uuid,
};

/// The response of the token endpoint to a request.
enum Issue {
    Token { lifetime: u64 },
    Status(Response<Body>),
    Stall,
}

/// A scripted tenant. It counts the requests for tokens, and records the tokens of all other requests.
struct Tenant {
    client: Client,
    clock: TestClock,
    token_requests: Arc<AtomicUsize>,
    tokens: Arc<Mutex<Vec<String>>>,
}

impl Tenant {
    fn new(issue: impl Fn(usize) -> Issue + Send + Sync + 'static) -> Self {
        Self::with(ClientCredentials::new("id", "s3cret").into(), issue)
    }

    fn with(credentials: Credentials, issue: impl Fn(usize) -> Issue + Send + Sync + 'static) -> Self {
        let (token_requests, tokens) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
        let issue = Arc::new(issue);
        let transport = {
            let (token_requests, tokens) = (token_requests.clone(), tokens.clone());
            http::from_fn(move |request| {
                let (token_requests, tokens, issue) = (token_requests.clone(), tokens.clone(), issue.clone());
                async move {
                    tokio::task::yield_now().await;
                    if request.method() != Method::POST {
                        tokens.lock().unwrap().push(request.headers()["authorization"].to_str().unwrap().to_owned());
                        return Ok(response(if request.method() == Method::DELETE { 204 } else { 401 }, ""));
                    }
                    let number = token_requests.fetch_add(1, SeqCst) + 1;
                    match issue(number) {
                        Issue::Token { lifetime } => {
                            let body = format!(r#"{{"access_token":"token{number}","expires_in":{lifetime}}}"#);
                            Ok(response(200, body))
                        }
                        Issue::Status(response) => Ok(response),
                        Issue::Stall => std::future::pending().await,
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
        Self { client, clock, token_requests, tokens }
    }

    async fn delete_many(&self, count: u128) -> Vec<Result<(), Error>> {
        let deletes = (0..count).map(|id| self.client.delete_interaction(Uuid::from_u128(id)));
        futures_util::future::join_all(deletes).await.into_iter().map(|result| result.map(drop)).collect()
    }

    fn uses_of(&self, token: usize) -> usize {
        self.tokens.lock().unwrap().iter().filter(|own| **own == format!("Bearer token{token}")).count()
    }
}

fn ids(count: u128) -> impl Iterator<Item = RecordId> {
    (0..count).map(|number| Uuid::from_u128(number).into())
}

#[tokio::test]
async fn no_failure_of_the_token_endpoint_stops_a_call_while_a_token_is_valid() {
    let failures: [fn() -> Issue; 9] = [
        || Issue::Stall,
        || Issue::Status(response(302, "").with_header("location", "https://login.example/")),
        || Issue::Status(response(200, "<html>Sign in</html>")),
        || Issue::Status(response(403, "<html>firewall</html>")),
        || Issue::Status(response(404, "")),
        || Issue::Status(response(401, r#"{"error":"invalid_client"}"#)),
        || Issue::Status(response(503, "")),
        || Issue::Status(response(429, "").with_header("retry-after", "120")),
        || Issue::Status(response(503, "").with_header("retry-after", "86400")),
    ];
    for failure in failures {
        let tenant = Tenant::new(move |number| if number == 1 { Issue::Token { lifetime: 300 } } else { failure() });
        assert!(tenant.delete_many(1).await.iter().all(Result::is_ok));
        tenant.clock.advance(Duration::from_secs(250));
        let results = tenant.delete_many(20).await;
        assert!(results.iter().all(Result::is_ok), "{results:?}");
        assert_eq!(tenant.uses_of(1), 21);
    }
}

#[tokio::test]
async fn a_throttle_of_the_token_endpoint_is_visible_and_can_be_cleared() {
    let tenant = Tenant::new(|number| match number {
        1 => Issue::Status(response(503, "").with_header("retry-after", "31536000")),
        _ => Issue::Token { lifetime: 300 },
    });
    assert!(tenant.delete_many(2).await.iter().all(Result::is_err));
    assert!(tenant.client.throttled_for() > Duration::from_secs(30_000_000));
    tenant.client.clear_throttle();
    assert!(tenant.client.throttled_for().is_zero());
    assert!(tenant.delete_many(2).await.iter().all(Result::is_ok));
}

#[tokio::test]
async fn one_call_renews_a_token_and_the_others_do_not_wait() {
    let tenant = Tenant::new(|_| Issue::Token { lifetime: 300 });
    assert!(tenant.delete_many(1).await.iter().all(Result::is_ok));
    tenant.clock.advance(Duration::from_secs(250));
    assert!(tenant.delete_many(20).await.iter().all(Result::is_ok));
    assert_eq!((tenant.uses_of(1), tenant.uses_of(2)), (1 + 19, 1));
    assert!(tenant.delete_many(20).await.iter().all(Result::is_ok));
    assert_eq!((tenant.uses_of(2), tenant.token_requests.load(SeqCst)), (1 + 20, 2));
}

#[tokio::test]
async fn an_expired_token_is_never_sent() {
    let tenant = Tenant::new(|number| match number {
        1 => Issue::Token { lifetime: 300 },
        _ => Issue::Status(response(503, "")),
    });
    assert!(tenant.delete_many(1).await.iter().all(Result::is_ok));
    tenant.clock.advance(Duration::from_secs(300));
    assert!(tenant.delete_many(5).await.iter().all(Result::is_err));
    assert_eq!(tenant.uses_of(1), 1);
}

#[tokio::test]
async fn a_call_inside_the_loop_over_a_stream_of_deletes_does_not_stall() {
    // Each token expires at once, so that the stream and the call need new ones all the time.
    let tenant = Tenant::new(|_| Issue::Token { lifetime: 0 });
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
async fn a_token_source_is_called_once_for_each_renewal() {
    let token_requests = Arc::new(AtomicUsize::new(0));
    let source = TokenSource::new({
        let token_requests = token_requests.clone();
        move || {
            let number = token_requests.fetch_add(1, SeqCst) + 1;
            async move { Ok(AccessToken::new(format!("token{number}"))?.with_lifetime(Duration::from_secs(5))) }
        }
    });
    let tenant = Tenant::with(source.into(), |_| Issue::Stall);
    for _ in 0..100 {
        assert!(tenant.client.delete_interaction(Uuid::from_u128(1)).await.unwrap().outcome().is_success());
        tenant.clock.advance(Duration::from_secs(1));
    }
    assert_eq!(tenant.tokens.lock().unwrap().len(), 100);
    // Half of the lifetime of 5 s, in steps of 1 s, is 3 deletes for each token.
    assert_eq!(token_requests.load(SeqCst), 34);
    assert_eq!(tenant.token_requests.load(SeqCst), 0, "the token endpoint got a request");
}

#[tokio::test]
async fn a_failing_token_source_fails_the_call_with_its_message_and_sends_nothing() {
    let source = TokenSource::new(|| async { Err("the broker is locked".into()) });
    let tenant = Tenant::with(source.into(), |_| Issue::Stall);
    let error = tenant.client.delete_interaction(Uuid::from_u128(1)).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Unauthenticated, Delivery::NotSent));
    assert!(error.to_string().contains("the broker is locked") && error.is_fatal_for_client(), "{error}");
    assert!(tenant.tokens.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_failure_to_obtain_a_token_never_reports_a_possible_deletion() {
    let responses: [fn() -> Response<Body>; 5] = [
        || response(302, "").with_header("location", "https://login.example/"),
        || response(200, "<html>Sign in</html>"),
        || response(200, "{}"),
        || response(404, "<html>Not Found</html>"),
        || response(503, ""),
    ];
    for response in responses {
        // The first token is refused by the API (401, nothing was done), and no other is issued.
        let tenant = Tenant::new(move |number| match number {
            1 => Issue::Token { lifetime: 300 },
            _ => Issue::Status(response()),
        });
        let Presence::Unknown(lookup) = tenant.client.lookup(&Uuid::from_u128(1).into()).await else {
            panic!("nothing is known of the record");
        };
        let deletion = Tenant::new(move |_| Issue::Status(response()));
        let deletion = deletion.client.delete_interaction(Uuid::from_u128(1)).await.unwrap_err();
        for error in [lookup, deletion] {
            assert!(!error.may_have_taken_effect(), "{error:?}");
            let text = error.to_string();
            assert!(text.contains("no access token could be obtained"), "{text}");
            assert!(!text.contains("may have been") && !text.contains("unknown"), "{text}");
        }
    }
}
