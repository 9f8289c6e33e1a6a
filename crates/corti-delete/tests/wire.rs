//! Requests on the wire, and the result of each response.

// A failed `unwrap` is a failed test, also in a helper.
#![allow(clippy::unwrap_used)]

use corti_delete::http::{self, Method};
use corti_delete::testing::response;
use corti_delete::{AccessToken, Client, ClientCredentials, Environment, Error, ErrorKind, Outcome, RetryPolicy, Uuid};
use delete_conformance::{FaultAction, FaultServer};
use mockito::{Matcher, Mock, Server, ServerGuard};

const ID: Uuid = Uuid::from_u128(0xf47a_c10b_58cc_4372_a567_0e02_b2c3_d479);

fn client(base_url: &str) -> Client {
    let token = AccessToken::new("t0ken").unwrap();
    let builder = Client::builder(Environment::Eu, "base", token).base_url(format!("{base_url}/v2"));
    builder.retry(RetryPolicy::none()).build().unwrap()
}

/// Responds to the expected request. Any other request gets 501.
async fn expect_delete(server: &mut ServerGuard, status: usize, body: &str) -> Mock {
    server
        .mock("DELETE", "/v2/interactions/f47ac10b-58cc-4372-a567-0e02b2c3d479")
        .match_query(Matcher::Missing)
        .match_header("authorization", "Bearer t0ken")
        .match_header("tenant-name", "base")
        .match_header("content-type", Matcher::Missing)
        .match_body("")
        .with_status(status)
        .with_header("www-authenticate", r#"Bearer error="invalid_token", error_description="Token expired""#)
        .with_body(body)
        .expect(1)
        .create_async()
        .await
}

async fn outcome_of(status: usize, body: &str) -> Result<Outcome, Error> {
    let mut server = Server::new_async().await;
    let mock = expect_delete(&mut server, status, body).await;
    let result = client(&server.url()).delete_interaction(ID).await;
    mock.assert_async().await;
    result.map(|deletion| deletion.outcome())
}

async fn failure_of(status: usize, body: &str) -> Error {
    outcome_of(status, body).await.unwrap_err()
}

fn problem(code: &str) -> String {
    format!(r#"{{"requestid":"r-1","type":"https://docs.corti.ai/about/errors#{code}","detail":"why"}}"#)
}

#[tokio::test]
async fn a_success_status_other_than_204_is_not_a_deletion() {
    assert_eq!(outcome_of(204, "").await.unwrap(), Outcome::Deleted);
    let bodies = [
        "",
        "{}",
        "null",
        "false",
        "true",
        r#"{"success":false}"#,
        r#"{"ok":false}"#,
        r#"{"error":"x"}"#,
        r#"{"detail":{"status":"x"}}"#,
        r#"{"success":true}"#,
        "<html>",
    ];
    for status in [200, 201, 202, 203, 205, 206, 207, 208, 226] {
        for body in bodies {
            let server = FaultServer::start([FaultAction::status(status, &[], body)]);
            let error = client(&server.url()).delete_interaction(ID).await.unwrap_err();
            assert_eq!((error.kind(), error.status()), (ErrorKind::UnexpectedResponse, Some(status)), "{body}");
            assert!(error.may_have_taken_effect() && !error.is_retryable(), "{status} {body}");
        }
    }
}

#[tokio::test]
async fn a_challenge_of_a_firewall_is_not_a_deletion() {
    let challenge = FaultAction::status(202, &["x-amzn-waf-action: challenge"], "");
    let server = FaultServer::start([challenge]);
    let error = client(&server.url()).delete_interaction(ID).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
    assert!(error.may_have_taken_effect());
}

#[tokio::test]
async fn both_shapes_of_the_error_object_are_read() {
    let error = failure_of(403, &problem("A0001")).await;
    assert_eq!(
        (error.kind(), error.vendor_code(), error.request_id()),
        (ErrorKind::Forbidden, Some("A0001"), Some("r-1"))
    );
    assert!(error.to_string().contains("\"why\""), "{error}");
    let older =
        r#"{"requestid":"r-2","type":"…","status":403,"title":"Access forbidden","details":"older","instance":"…"}"#;
    let error = failure_of(403, older).await;
    assert_eq!((error.kind(), error.vendor_code(), error.request_id()), (ErrorKind::Forbidden, None, Some("r-2")));
    assert!(error.to_string().contains("\"older\""), "{error}");
}

#[tokio::test]
async fn a_504_with_any_body_leaves_the_outcome_unknown() {
    for body in [&problem("A0002"), "<html>gateway</html>", ""] {
        let error = failure_of(504, body).await;
        assert_eq!((error.kind(), error.status()), (ErrorKind::Server, Some(504)));
        assert!(error.may_have_taken_effect() && error.is_retryable());
    }
}

#[tokio::test]
async fn a_401_without_a_body_is_explained_by_its_challenge() {
    let error = failure_of(401, "").await;
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    assert!(error.to_string().contains("Token expired"), "{error}");
    assert_eq!(failure_of(401, &problem("A0004")).await.kind(), ErrorKind::Unauthenticated);
}

#[tokio::test]
async fn not_found_is_the_vendors_own_error_object() {
    for body in [
        &problem("A0007"),
        r#"{"requestid":"r","status":404,"type":"about:blank","detail":"not found"}"#,
        r#"{"requestid":"r","type":"x","status":404,"title":"Not found","details":"older","instance":"/"}"#,
        "",
    ] {
        assert_eq!(failure_of(404, body).await.kind(), ErrorKind::NotFound, "{body}");
    }
    for body in GATEWAYS.into_iter().chain(["<html>", &problem("A0009"), &problem("A0001")]) {
        assert_eq!(failure_of(404, body).await.kind(), ErrorKind::UnexpectedResponse, "{body}");
    }
}

/// Bodies of gateways and frameworks, and near misses of Corti's error object.
const GATEWAYS: [&str; 15] = [
    "{}",
    "null",
    "[]",
    "\"not found\"",
    r#"{"message":"Not Found"}"#,
    r#"{"message":"no Route matched with those values","request_id":"r"}"#,
    r#"{"message":"Missing Authentication Token"}"#,
    r#"{"detail":"Not Found"}"#,
    r#"{"requestId":"r","status":404,"error":"Not Found","path":"/v2"}"#,
    r#"{"type":"about:blank","title":"Not Found","status":404,"detail":"no route"}"#,
    r#"{"requestid":"r","status":404,"type":"x#A0007"}"#,
    r#"{"requestid":"","status":404,"type":"x#A0007","detail":"no"}"#,
    r#"{"requestid":"r","status":500,"type":"x#A0007","detail":"no"}"#,
    r#"{"requestid":"r","status":"404","type":"x#A0007","detail":"no"}"#,
    r#"{"requestid":"r","status":404,"type":"x#A0007","detail":"#,
];

/// Only Corti's own words show what became of an earlier attempt.
#[tokio::test]
async fn a_gateways_404_after_an_ambiguous_attempt_leaves_the_outcome_unknown() {
    let own = problem("A0007");
    for body in GATEWAYS.into_iter().chain(["", "<html>", &own]) {
        let actions = [FaultAction::status(504, &[], ""), FaultAction::status(404, &[], body)];
        let server = FaultServer::start(actions);
        let client = Client::builder(Environment::Eu, "base", AccessToken::new("t0ken").unwrap())
            .base_url(format!("{}/v2", server.url()))
            .clock(corti_delete::testing::TestClock::new())
            .build()
            .unwrap();
        match client.delete_interaction(ID).await {
            Ok(deletion) => assert_eq!((deletion.outcome(), body), (Outcome::Gone, &*own)),
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{body}");
                assert!(error.may_have_taken_effect() && body != own, "{body}");
            }
        }
    }
}

#[tokio::test]
async fn missing_credit_is_not_a_rate_limit() {
    for body in [
        &problem("A0021"),
        r#"{"detail":"Insufficient balance, limited access mode"}"#,
        r#"{"detail":"Trial period expired"}"#,
    ] {
        assert_eq!(failure_of(429, body).await.kind(), ErrorKind::PaymentRequired, "{body}");
    }
    for body in ["", r#"{"detail":"load balancer: too many requests"}"#] {
        assert_eq!(failure_of(429, body).await.kind(), ErrorKind::RateLimited, "{body}");
    }
    for code in ["A0003", "A0006", "A0008"] {
        assert_eq!(failure_of(400, &problem(code)).await.kind(), ErrorKind::Rejected);
    }
}

#[test]
fn unusable_options_are_configuration_errors() {
    let credentials = || ClientCredentials::new("id", "secret");
    for tenant in ["", ".", "..", "a/b", "a?b", "a b", "base\n", "é"] {
        let error = Client::builder(Environment::Eu, tenant, credentials()).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{tenant:?}");
    }
    for (id, secret) in [("", "secret"), ("id", ""), ("id", "s3cret\n"), ("i d", "secret")] {
        let error = Client::builder(Environment::Eu, "base", ClientCredentials::new(id, secret)).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration);
        assert!(!error.to_string().contains("s3cret"));
    }
    let plain_http = Client::builder(Environment::Eu, "base", credentials()).auth_url("http://auth.example");
    assert_eq!(plain_http.build().unwrap_err().kind(), ErrorKind::Configuration);
    for name in ["", "EU", "beta-eu", "eu.evil.example/#", "mars"] {
        assert_eq!(name.parse::<Environment>().unwrap_err().kind(), ErrorKind::Configuration, "{name:?}");
    }
}

#[test]
fn a_builder_shows_neither_secret_nor_password() {
    let evil = "https://user:s3cret@corti.example";
    let custom = || Environment::Custom { api_url: evil.into(), auth_url: evil.into() };
    let builders = [
        Client::builder(custom(), "base", ClientCredentials::new("id", "s3cret")).base_url(evil).auth_url(evil),
        Client::builder(custom(), "base", AccessToken::new("s3cret").unwrap()),
    ];
    let shown = format!("{:?} {builders:?}", custom());
    assert!(shown.contains("[redacted]") && !shown.contains("s3cret"), "{shown}");
    let plain = Client::builder(Environment::Eu, "base", ClientCredentials::new("id", "s3cret"));
    let shown = format!("{:?}", plain.auth_url("https://auth.corti.example"));
    assert!(shown.contains("environment: Eu") && shown.contains("https://auth.corti.example"), "{shown}");
}

#[tokio::test]
async fn a_truncated_200_is_not_a_deletion() {
    let cut = FaultAction::RespondAndClose("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{\"a".into());
    let server = FaultServer::start([cut]);
    let error = client(&server.url()).delete_interaction(ID).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse);
    assert!(error.may_have_taken_effect());
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_base_url_without_a_path_gets_the_version() {
    for (base, expected) in [
        ("https://api.eu.corti.app", "https://api.eu.corti.app/v2"),
        ("https://api.eu.corti.app/", "https://api.eu.corti.app/v2"),
        ("https://api.eu.corti.app/v2/", "https://api.eu.corti.app/v2"),
        ("http://127.0.0.1:9", "http://127.0.0.1:9/v2"),
        ("https://proxy.example/corti", "https://proxy.example/corti"),
        ("https://proxy.example/corti/v2", "https://proxy.example/corti/v2"),
    ] {
        let transport = || {
            http::from_fn(move |request| async move {
                assert_eq!(request.uri(), &*format!("{expected}/interactions/{ID}"));
                Ok(response(204, ""))
            })
        };
        let token = || AccessToken::new("t0ken").unwrap();
        let custom = Environment::Custom { api_url: base.into(), auth_url: "https://auth.example".into() };
        let builders = [
            Client::builder(Environment::Eu, "base", token()).base_url(base),
            Client::builder(custom, "base", token()),
        ];
        for builder in builders {
            let client = builder.transport(transport()).build().unwrap();
            assert_eq!(client.delete_interaction(ID).await.unwrap().outcome(), Outcome::Deleted);
        }
    }
}

#[tokio::test]
async fn each_environment_has_its_hosts() {
    for (environment, name) in [(Environment::Eu, "eu"), (Environment::Us, "us")] {
        assert_eq!(name.parse::<Environment>().unwrap(), environment);
        let transport = http::from_fn(move |request| async move {
            let api = format!("https://api.{name}.corti.app/v2/interactions/{ID}");
            let auth = format!("https://auth.{name}.corti.app/realms/base/protocol/openid-connect/token");
            match *request.method() {
                Method::POST => {
                    assert_eq!(request.uri(), &*auth);
                    Ok(response(200, r#"{"access_token":"t0ken"}"#))
                }
                _ => {
                    assert_eq!(request.uri(), &*api);
                    Ok(response(204, ""))
                }
            }
        });
        let builder = Client::builder(environment, "base", ClientCredentials::new("id", "secret"));
        let client = builder.transport(transport).build().unwrap();
        assert_eq!(client.delete_interaction(ID).await.unwrap().outcome(), Outcome::Deleted);
    }
}
