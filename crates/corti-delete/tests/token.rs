//! Tokens: fetched when needed, once for all, renewed before their end and after a refusal.

// A failed `unwrap` is a failed test, also in a helper.
#![allow(clippy::unwrap_used)]

use std::sync::{Arc, Mutex};
use std::time::Duration;

use corti_delete::http::{self, Body, Bytes, Method, Request, Response};
use corti_delete::testing::{ResponseExt, TestClock, response};
use corti_delete::{Client, ClientCredentials, Delivery, Environment, Error, ErrorKind, Outcome, Uuid};
use delete_conformance::{CapturedLog, FaultAction, FaultServer};
use tokio::sync::Notify;

const ID: Uuid = Uuid::from_u128(0xf47a_c10b_58cc_4372_a567_0e02_b2c3_d479);

/// A vendor in the process: `token` answers the nth token request, `delete` the delete that carries the nth token.
struct Vendor {
    requests: Arc<Mutex<Vec<Request<Bytes>>>>,
    clock: TestClock,
    client: Client,
}

impl Vendor {
    fn new(
        token: impl Fn(usize) -> Response<Body> + Send + Sync + 'static,
        delete: impl Fn(&str) -> Response<Body> + Send + Sync + 'static,
    ) -> Self {
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = requests.clone();
        let (token, delete) = (Arc::new(token), Arc::new(delete));
        let transport = http::from_fn(move |request| {
            let (seen, token, delete) = (seen.clone(), token.clone(), delete.clone());
            async move {
                // Lets all who wait for the same token come to the door.
                tokio::task::yield_now().await;
                let mut seen = seen.lock().unwrap();
                seen.push(request.clone());
                let count = seen.iter().filter(|request| request.method() == Method::POST).count();
                Ok(match *request.method() {
                    Method::POST => token(count),
                    _ => delete(request.headers().get("authorization").map_or("", |value| value.to_str().unwrap())),
                })
            }
        });
        let clock = TestClock::new();
        let client = Client::builder(Environment::Eu, "base", ClientCredentials::new("id", "s3cret"))
            .transport(transport)
            .clock(clock.clone())
            .build()
            .unwrap();
        Self { requests, clock, client }
    }

    async fn delete(&self) -> Result<Outcome, Error> {
        self.client.clone().delete_interaction(ID).await.map(|deletion| deletion.outcome())
    }

    fn count(&self, method: Method) -> usize {
        self.requests.lock().unwrap().iter().filter(|request| request.method() == method).count()
    }
}

fn fresh(number: usize, expires_in: u64) -> Response<Body> {
    let body = format!(
        r#"{{"access_token":"token{number}","expires_in":{expires_in},"refresh_expires_in":0,"token_type":"Bearer","id_token":"e","not-before-policy":0,"scope":"openid email profile"}}"#
    );
    response(200, body)
}

#[tokio::test]
async fn the_token_request_is_the_documented_one() {
    let body = r#"{"access_token":"t0ken","expires_in":300,"token_type":"bearer"}"#;
    let auth = FaultServer::start([FaultAction::status(200, &[], body)]).await;
    let api = FaultServer::start([FaultAction::status(204, &[], "")]).await;
    let client = Client::builder(Environment::Eu, "base", ClientCredentials::new("my-id", "s3cret&="))
        .base_url(format!("{}/v2", api.url()))
        .auth_url(auth.url())
        .build()
        .unwrap();
    assert_eq!(client.delete_interaction(ID).await.unwrap().outcome(), Outcome::Deleted);

    let sent = auth.requests().pop().unwrap();
    let (head, form) = sent.split_once("\r\n\r\n").unwrap();
    assert_eq!(head.lines().next(), Some("POST /realms/base/protocol/openid-connect/token HTTP/1.1"));
    assert!(head.contains("content-type: application/x-www-form-urlencoded\r\n"), "{head}");
    assert!(!head.contains("tenant-name") && !head.contains("authorization"), "{head}");
    assert_eq!(form, "client_id=my-id&client_secret=s3cret%26%3D&grant_type=client_credentials&scope=openid");
    assert!(api.requests()[0].contains("authorization: Bearer t0ken\r\n"));
    assert_eq!((auth.requests().len(), api.requests().len()), (1, 1));
}

#[tokio::test]
async fn a_token_serves_all_clones_until_shortly_before_its_end() {
    let vendor = Vendor::new(|number| fresh(number, 300), |_| response(204, ""));
    for (advance, tokens) in [(0, 1), (239, 1), (1, 2), (239, 2), (1, 3)] {
        vendor.clock.advance(Duration::from_secs(advance));
        assert_eq!(vendor.delete().await.unwrap(), Outcome::Deleted);
        assert_eq!(vendor.count(Method::POST), tokens);
    }
}

#[tokio::test]
async fn a_short_token_is_used_for_half_of_its_life() {
    let vendor = Vendor::new(|number| fresh(number, 60), |_| response(204, ""));
    for (advance, tokens) in [(0, 1), (29, 1), (1, 2)] {
        vendor.clock.advance(Duration::from_secs(advance));
        assert_eq!(vendor.delete().await.unwrap(), Outcome::Deleted);
        assert_eq!(vendor.count(Method::POST), tokens);
    }
}

#[tokio::test]
async fn many_at_once_fetch_one_token() {
    let vendor = Vendor::new(|number| fresh(number, 60), |_| response(204, ""));
    let outcomes = futures_util::future::join_all((0..20).map(|_| vendor.delete())).await;
    assert!(outcomes.into_iter().all(|outcome| outcome.unwrap() == Outcome::Deleted));
    assert_eq!((vendor.count(Method::POST), vendor.count(Method::DELETE)), (1, 20));
}

#[tokio::test]
async fn many_at_once_share_one_refusal() {
    let refusal = r#"{"error":"unauthorized_client","error_description":"Invalid client secret s3cret"}"#;
    let vendor = Vendor::new(move |_| response(401, refusal), |_| response(204, ""));
    for result in futures_util::future::join_all((0..20).map(|_| vendor.delete())).await {
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Unauthenticated, Delivery::NotSent));
        assert_eq!((error.status(), error.vendor_code()), (Some(401), Some("unauthorized_client")));
        assert!(error.is_credential_refused());
        assert!(!format!("{error}{error:?}").contains("s3cret"), "{error}");
    }
    assert_eq!((vendor.count(Method::POST), vendor.count(Method::DELETE)), (1, 0));
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_and_the_call_repeated_once() {
    for (status, body) in [(401, ""), (403, r#"{"type":"x#A0004"}"#), (403, r#"{"type":"x#A0005"}"#)] {
        let refuse = move || response(status, body);
        let vendor = Vendor::new(
            |number| fresh(number, 300),
            move |token| if token == "Bearer token1" { refuse() } else { response(204, "") },
        );
        assert_eq!(vendor.delete().await.unwrap(), Outcome::Deleted);
        assert_eq!((vendor.count(Method::POST), vendor.count(Method::DELETE)), (2, 2));

        let vendor = Vendor::new(|number| fresh(number, 300), move |_| refuse());
        let error = vendor.delete().await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::Unauthenticated, Delivery::Answered));
        assert_eq!((vendor.count(Method::POST), vendor.count(Method::DELETE)), (2, 2));
    }
}

#[tokio::test]
async fn many_refused_at_once_renew_one_token() {
    let vendor = Vendor::new(
        |number| fresh(number, 300),
        |token| response(if token == "Bearer token1" { 401 } else { 204 }, ""),
    );
    let outcomes = futures_util::future::join_all((0..20).map(|_| vendor.delete())).await;
    assert!(outcomes.into_iter().all(|outcome| outcome.unwrap() == Outcome::Deleted));
    assert_eq!(vendor.count(Method::POST), 2);
}

#[tokio::test]
async fn a_forbidden_record_renews_nothing() {
    let vendor = Vendor::new(|n| fresh(n, 300), |_| response(403, r#"{"type":"x#A0001"}"#));
    assert_eq!(vendor.delete().await.unwrap_err().kind(), ErrorKind::Forbidden);
    assert_eq!((vendor.count(Method::POST), vendor.count(Method::DELETE)), (1, 1));
}

#[tokio::test]
async fn a_token_that_cannot_be_renewed_after_a_lost_answer_leaves_the_outcome_open() {
    let answers = Mutex::new(vec![401, 504]);
    let vendor = Vendor::new(
        |number| {
            if number == 1 { fresh(1, 300) } else { response(401, r#"{"error":"invalid_client"}"#) }
        },
        move |_| response(answers.lock().unwrap().pop().unwrap(), ""),
    );
    let error = vendor.delete().await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Unauthenticated, Delivery::MaybeDelivered));
    assert_eq!(error.attempts().len(), 2);
}

#[tokio::test]
async fn the_token_endpoint_is_asked_again_when_it_fails_and_believed_only_when_it_answers_a_token() {
    let vendor =
        Vendor::new(|number| if number < 3 { response(503, "") } else { fresh(number, 300) }, |_| response(204, ""));
    assert_eq!(vendor.delete().await.unwrap(), Outcome::Deleted);
    assert_eq!(vendor.count(Method::POST), 3);

    for body in [
        "",
        "{}",
        "<html>",
        r#"{"access_token":""}"#,
        r#"{"access_token":"a b"}"#,
        r#"{"access_token":"x","token_type":"mac"}"#,
    ] {
        let vendor = Vendor::new(move |_| response(200, body), |_| response(204, ""));
        let error = vendor.delete().await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::UnexpectedResponse, Delivery::NotSent), "{body}");
        assert!(!error.may_have_taken_effect());
        assert_eq!(vendor.count(Method::DELETE), 0);
    }
}

#[tokio::test]
async fn no_secret_that_the_client_holds_is_shown() {
    let echo = r#"{"requestid":"token1","detail":"Bearer token1, token2, s3cret","type":"s3cret"}"#;
    let vendor = Vendor::new(
        |number| fresh(number, 300),
        move |token| response(if token == "Bearer token1" { 401 } else { 422 }, echo),
    );
    let error = vendor.delete().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Rejected);
    let shown = format!("{error} {error:?} {:?}", vendor.client);
    assert!(!["token1", "token2", "s3cret"].iter().any(|secret| shown.contains(secret)), "{shown}");
}

#[tokio::test]
async fn a_token_endpoint_that_gives_none_stops_everything() {
    for (status, body, kind) in [
        (400, r#"{"error":"invalid_client"}"#, ErrorKind::Unauthenticated),
        (401, "", ErrorKind::Unauthenticated),
        (403, "", ErrorKind::Unauthenticated),
        (404, r#"{"error":"Realm does not exist"}"#, ErrorKind::Unauthenticated),
        (404, "<html>", ErrorKind::UnexpectedResponse),
        (400, r#"{"error":"bad_request"}"#, ErrorKind::Rejected),
        (200, "<html>", ErrorKind::UnexpectedResponse),
    ] {
        let vendor = Vendor::new(move |_| response(status, body), |_| response(204, ""));
        let error = vendor.delete().await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (kind, Delivery::NotSent), "{status} {body}");
        assert!(error.is_fatal_for_client() && !error.may_have_taken_effect());
        assert_eq!((vendor.count(Method::POST), vendor.count(Method::DELETE)), (1, 0));
    }
    let vendor = Vendor::new(|_| response(503, ""), |_| response(204, ""));
    assert!(!vendor.delete().await.unwrap_err().is_fatal_for_client());
}

#[tokio::test]
async fn a_life_in_words_is_read_and_nonsense_is_not_believed() {
    for (told, seconds) in [(r#""300""#, 240), ("-1", 30), ("null", 30), ("1e9", 30), (r#""soon""#, 30)] {
        let body = format!(r#"{{"access_token":"t0ken","expires_in":{told}}}"#);
        let vendor = Vendor::new(move |_| response(200, body.clone()), |_| response(204, ""));
        for (advance, tokens) in [(0, 1), (seconds - 1, 1), (1, 2)] {
            vendor.clock.advance(Duration::from_secs(advance));
            assert_eq!(vendor.delete().await.unwrap(), Outcome::Deleted);
            assert_eq!(vendor.count(Method::POST), tokens, "{told}");
        }
    }
}

#[tokio::test]
async fn a_redirect_of_the_token_request_hears_no_secret() {
    let other = FaultServer::start([FaultAction::status(200, &[], r#"{"access_token":"x"}"#)]).await;
    for status in [301, 302, 303, 307, 308] {
        let location = format!("location: {}/", other.url());
        let auth = FaultServer::start([FaultAction::status(status, &[&location], "")]).await;
        let client = Client::builder(Environment::Eu, "base", ClientCredentials::new("id", "s3cret"))
            .base_url(other.url())
            .auth_url(auth.url())
            .build()
            .unwrap();
        let error = client.delete_interaction(ID).await.unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::UnexpectedResponse, Delivery::NotSent));
        assert_eq!(auth.requests().len(), 1);
    }
    assert!(other.requests().is_empty());
}

#[tokio::test]
async fn a_dropped_fetch_blocks_nobody() {
    let response = r#"{"access_token":"t0ken"}"#;
    let auth = FaultServer::start([FaultAction::Stall(String::new()), FaultAction::status(200, &[], response)]).await;
    let api = FaultServer::start([FaultAction::status(204, &[], "")]).await;
    let client = Client::builder(Environment::Eu, "base", ClientCredentials::new("id", "s3cret"))
        .base_url(api.url())
        .auth_url(auth.url())
        .build()
        .unwrap();
    tokio::select! {
        result = client.delete_interaction(ID) => panic!("{result:?}"),
        () = auth.arrival() => {}
    }
    assert_eq!(client.delete_interaction(ID).await.unwrap().outcome(), Outcome::Deleted);
    assert_eq!(auth.requests().len(), 2);
}

#[tokio::test]
async fn a_fetch_that_nobody_drives_blocks_nobody_for_long() {
    let auth = FaultServer::start([FaultAction::Stall(String::new())]).await;
    let client = Client::builder(Environment::Eu, "base", ClientCredentials::new("id", "s3cret"))
        .auth_url(auth.url())
        .total_timeout(Duration::from_secs(1))
        .build()
        .unwrap();
    let mut left_alone = std::pin::pin!(client.delete_interaction(ID));
    tokio::select! {
        result = &mut left_alone => panic!("{result:?}"),
        () = auth.arrival() => {}
    }
    let error = client.delete_interaction(ID).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Timeout, Delivery::NotSent));
    assert!(error.is_retryable());
    assert_eq!(auth.requests().len(), 1);
}

#[tokio::test]
async fn a_token_within_its_margin_outlives_an_outage_of_its_endpoint() {
    let vendor =
        Vendor::new(|number| if number == 1 { fresh(1, 300) } else { response(503, "") }, |_| response(204, ""));
    for (advance, succeeds) in [(0, true), (241, true), (60, false)] {
        vendor.clock.advance(Duration::from_secs(advance));
        // Both the one who fetches and the one who waits for it.
        let (first, second) = tokio::join!(vendor.delete(), vendor.delete());
        assert_eq!((first.is_ok(), second.is_ok()), (succeeds, succeeds), "after {advance} s more");
    }
}

#[tokio::test]
async fn no_delete_leaves_while_the_vendor_wants_none() {
    let clock = TestClock::new();
    let (release, fetching) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let sent = Arc::new(Mutex::new(Vec::new()));
    let transport = {
        let (release, fetching, sent) = (release.clone(), fetching.clone(), sent.clone());
        http::from_fn(move |request| {
            let (release, fetching, sent) = (release.clone(), fetching.clone(), sent.clone());
            async move {
                sent.lock().unwrap().push(request.method().clone());
                let count = sent.lock().unwrap().len();
                match (request.method().clone(), count) {
                    (Method::POST, 1) => Ok(fresh(1, 300)),
                    // The second token is on its way for as long as the first delete.
                    (Method::POST, _) => {
                        fetching.notify_one();
                        release.notified().await;
                        Ok(fresh(2, 300))
                    }
                    _ => {
                        fetching.notified().await;
                        Ok(response(429, "").with_header("retry-after", "1000"))
                    }
                }
            }
        })
    };
    let builder = Client::builder(Environment::Eu, "base", ClientCredentials::new("id", "s3cret"));
    let client = builder.transport(transport).clock(clock.clone()).build().unwrap();
    let throttled = async {
        let error = client.delete_interaction(ID).await.unwrap_err();
        release.notify_one();
        error
    };
    let waiting = async {
        // Until the first delete is under way.
        while sent.lock().unwrap().len() < 2 {
            tokio::task::yield_now().await;
        }
        clock.advance(Duration::from_secs(400));
        client.clone().delete_interaction(ID).await.unwrap_err()
    };
    let (throttled, waiting) = tokio::join!(throttled, waiting);
    assert_eq!((throttled.kind(), throttled.delivery()), (ErrorKind::RateLimited, Delivery::Answered));
    assert_eq!((waiting.kind(), waiting.delivery()), (ErrorKind::RateLimited, Delivery::NotSent));
    assert_eq!(*sent.lock().unwrap(), [Method::POST, Method::DELETE, Method::POST]);
}

#[tokio::test]
async fn neither_secret_nor_token_is_logged() {
    let log = CapturedLog::start();
    let token = r#"{"access_token":"fetched-t0ken","expires_in":300}"#;
    let auth = FaultServer::start([
        FaultAction::status(503, &[], "client_secret=s3cret%2B%2F"),
        FaultAction::status(400, &[], r#"{"error":"x","error_description":"client_secret=s3cret%2B%2F s3cret+/"}"#),
        FaultAction::status(200, &[], token),
    ])
    .await;
    let api =
        FaultServer::start([FaultAction::status(401, &[], "fetched-t0ken"), FaultAction::status(204, &[], "")]).await;
    let client = Client::builder(Environment::Eu, "base", ClientCredentials::new("id", "s3cret+/"))
        .base_url(api.url())
        .auth_url(auth.url())
        .clock(TestClock::new())
        .build()
        .unwrap();
    let error = client.delete_interaction(ID).await.unwrap_err();
    let deletion = client.delete_interaction(ID).await.unwrap();
    let shown = format!("{error} {error:?} {deletion:?} {client:?} {}", log.text());
    assert!(shown.contains("request ended") && shown.contains("[redacted]"), "{shown}");
    assert!(!["s3cret", "fetched-t0ken"].iter().any(|secret| shown.contains(secret)), "{shown}");
}
