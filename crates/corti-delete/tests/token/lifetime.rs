//! When a token is fetched, shared and renewed.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use corti_delete::http::{self, Method};
use corti_delete::testing::{ResponseExt, TestClock, response};
use corti_delete::{Client, ClientCredentials, Delivery, Environment, ErrorKind, Outcome};
use delete_conformance::{FaultAction, FaultServer};
use tokio::sync::Notify;

use crate::vendor::{ID, Vendor, fresh};

#[tokio::test]
async fn the_token_request_is_the_documented_one() {
    let body = r#"{"access_token":"t0ken","expires_in":300,"token_type":"bearer"}"#;
    let auth = FaultServer::start([FaultAction::status(200, &[], body)]);
    let api = FaultServer::start([FaultAction::status(204, &[], "")]);
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
async fn a_token_serves_all_clones_until_60_s_before_it_expires() {
    let vendor = Vendor::new(|number| fresh(number, 300), |_| response(204, ""));
    for (advance, tokens) in [(0, 1), (239, 1), (1, 2), (239, 2), (1, 3)] {
        vendor.clock.advance(Duration::from_secs(advance));
        assert_eq!(vendor.delete().await.unwrap(), Outcome::Deleted);
        assert_eq!(vendor.count(Method::POST), tokens);
    }
}

#[tokio::test]
async fn a_short_token_is_used_for_half_of_its_lifetime() {
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
async fn an_expiry_as_text_is_read_and_an_invalid_one_is_ignored() {
    for (expires_in, seconds) in [(r#""300""#, 240), ("-1", 30), ("null", 30), ("1e9", 30), (r#""soon""#, 30)] {
        let body = format!(r#"{{"access_token":"t0ken","expires_in":{expires_in}}}"#);
        let vendor = Vendor::new(move |_| response(200, body.clone()), |_| response(204, ""));
        for (advance, tokens) in [(0, 1), (seconds - 1, 1), (1, 2)] {
            vendor.clock.advance(Duration::from_secs(advance));
            assert_eq!(vendor.delete().await.unwrap(), Outcome::Deleted);
            assert_eq!(vendor.count(Method::POST), tokens, "{expires_in}");
        }
    }
}

#[tokio::test]
async fn a_valid_token_is_used_during_an_outage_of_the_token_endpoint() {
    let vendor =
        Vendor::new(|number| if number == 1 { fresh(1, 300) } else { response(503, "") }, |_| response(204, ""));
    for (advance, succeeds) in [(0, true), (241, true), (60, false)] {
        vendor.clock.advance(Duration::from_secs(advance));
        // The call that fetches the token, and one that waits for it.
        let (first, second) = tokio::join!(vendor.delete(), vendor.delete());
        assert_eq!((first.is_ok(), second.is_ok()), (succeeds, succeeds), "after {advance} s more");
    }
}

#[tokio::test]
async fn a_dropped_fetch_does_not_block_other_calls() {
    let response = r#"{"access_token":"t0ken"}"#;
    let auth = FaultServer::start([FaultAction::Stall(Vec::new()), FaultAction::status(200, &[], response)]);
    let api = FaultServer::start([FaultAction::status(204, &[], "")]);
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
async fn a_fetch_that_is_not_polled_blocks_other_calls_until_their_deadline() {
    let auth = FaultServer::start([FaultAction::Stall(Vec::new())]);
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
async fn no_delete_is_sent_while_the_vendor_throttles() {
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
                    // The second token arrives after the response to the first delete.
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
        // Until the first delete is in flight.
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
