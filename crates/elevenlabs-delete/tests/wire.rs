//! What goes over the wire, and what each documented answer means.

// A failed `unwrap` is a failed test, also in a helper.
#![allow(clippy::unwrap_used)]

use delete_conformance::{Behaviour, FaultServer};
use elevenlabs_delete::transport::{self, Response};
use elevenlabs_delete::{ApiKey, Client, Error, ErrorKind, Outcome, Residency, RetryPolicy};
use mockito::{Matcher, Mock, Server, ServerGuard};

const PATH: &str = "/v1/convai/conversations/21m00Tcm4TlvDq8ikWAM";

fn client(base_url: &str) -> Client {
    let key = ApiKey::new("sk_key").unwrap();
    Client::builder(key).base_url(base_url).retry(RetryPolicy::none()).build().unwrap()
}

/// Answers the one right request; anything else gets 501.
async fn answering(server: &mut ServerGuard, status: usize, body: &str, times: usize) -> Mock {
    server
        .mock("DELETE", PATH)
        .match_query(Matcher::Missing)
        .match_header("xi-api-key", "sk_key")
        .match_header("authorization", Matcher::Missing)
        .match_header("content-type", Matcher::Missing)
        .match_body("")
        .with_status(status)
        .with_header("request-id", "from-header")
        .with_body(body)
        .expect(times)
        .create_async()
        .await
}

async fn outcome_of(status: usize, body: &str) -> Result<Outcome, Error> {
    let mut server = Server::new_async().await;
    let mock = answering(&mut server, status, body, 1).await;
    let result = client(&server.url()).delete_conversation(&"21m00Tcm4TlvDq8ikWAM".parse()?).await;
    mock.assert_async().await;
    result.map(|deletion| deletion.outcome())
}

async fn failure_of(status: usize, body: &str) -> Error {
    outcome_of(status, body).await.unwrap_err()
}

#[tokio::test]
async fn a_success_is_any_json_or_nothing() {
    for (status, body) in [(200, "null"), (200, "{}"), (200, "\"\""), (200, "[1]"), (200, ""), (204, "")] {
        assert_eq!(outcome_of(status, body).await.unwrap(), Outcome::Deleted, "{status} {body}");
    }
    for status in [201, 202, 206] {
        assert_eq!(outcome_of(status, "null").await.unwrap(), Outcome::Acknowledged, "{status}");
    }
    assert_eq!(failure_of(200, "<html>").await.kind(), ErrorKind::UnexpectedResponse);
}

#[tokio::test]
async fn a_missing_permission_is_told_from_a_bad_key() {
    let message = "The API key you used is missing the permission convai_write to execute this operation.";
    for body in [
        format!(
            r#"{{"detail":{{"type":"authentication_error","code":"unauthorized","status":"missing_permissions","message":"{message}"}}}}"#
        ),
        format!(r#"{{"detail":{{"status":"missing_permissions","message":"{message}"}}}}"#),
    ] {
        let error = failure_of(401, &body).await;
        assert_eq!(error.kind(), ErrorKind::MissingScope);
        assert_eq!(error.vendor_code(), Some("missing_permissions"));
        assert!(error.to_string().contains("convai_write"), "{error}");
        assert!(error.is_credential_refused());
    }
    for body in [
        r#"{"detail":{"status":"invalid_api_key","message":"Invalid API key"}}"#,
        r#"{"detail":{"type":"authentication_error","code":"missing_api_key"}}"#,
        r#"{"detail":"Unauthorized"}"#,
        "",
    ] {
        assert_eq!(failure_of(401, body).await.kind(), ErrorKind::Unauthenticated, "{body}");
    }
}

#[tokio::test]
async fn only_the_vendors_own_not_found_is_not_found() {
    let own = r#"{"detail":{"type":"not_found","code":"conversation_not_found","message":"…","request_id":"r-1"}}"#;
    let error = failure_of(404, own).await;
    assert_eq!((error.kind(), error.request_id()), (ErrorKind::NotFound, Some("r-1")));
    let older = r#"{"detail":{"status":"conversation_not_found"}}"#;
    assert_eq!(failure_of(404, older).await.kind(), ErrorKind::NotFound);
    for other in [r#"{"detail":"Not Found"}"#, r#"{"detail":{"code":"agent_not_found"}}"#, "<html>", ""] {
        let error = failure_of(404, other).await;
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{other}");
        assert_eq!(error.request_id(), Some("from-header"));
    }
}

#[tokio::test]
async fn the_three_shapes_of_detail_are_read() {
    let array = r#"{"detail":[{"loc":["path","conversation_id",0],"msg":"not valid","type":"value_error"}]}"#;
    let error = failure_of(422, array).await;
    assert_eq!((error.kind(), error.vendor_code()), (ErrorKind::Rejected, Some("value_error")));
    assert!(error.to_string().contains("path.conversation_id.0: not valid"), "{error}");

    let object = r#"{"detail":{"type":"validation_error","code":"invalid_parameters","message":"why","param":"x"}}"#;
    let error = failure_of(400, object).await;
    assert_eq!((error.kind(), error.vendor_code()), (ErrorKind::Rejected, Some("invalid_parameters")));
    assert!(error.to_string().contains("why"), "{error}");

    assert!(failure_of(405, r#"{"detail":"Method Not Allowed"}"#).await.to_string().contains("Method Not Allowed"));
}

#[tokio::test]
async fn the_registry_decides_what_a_status_means() {
    for (status, code, kind) in [
        (401, "quota_exceeded", ErrorKind::PaymentRequired),
        (402, "insufficient_credits", ErrorKind::PaymentRequired),
        (403, "insufficient_permissions", ErrorKind::MissingScope),
        (403, "subscription_required", ErrorKind::PaymentRequired),
        (403, "workspace_access_denied", ErrorKind::Forbidden),
        (409, "conflict", ErrorKind::Rejected),
        (429, "concurrent_limit_exceeded", ErrorKind::RateLimited),
        (429, "system_busy", ErrorKind::RateLimited),
        (503, "maintenance", ErrorKind::Server),
    ] {
        let error = failure_of(status, &format!(r#"{{"detail":{{"code":"{code}"}}}}"#)).await;
        assert_eq!((error.kind(), error.vendor_code()), (kind, Some(code)));
    }
}

#[tokio::test]
async fn two_conflicts_pass_and_the_others_stand() {
    for (code, requests) in [("concurrent_modification", 3), ("already_processing", 3), ("conflict", 1), ("x", 1)] {
        let mut server = Server::new_async().await;
        let mock = answering(&mut server, 409, &format!(r#"{{"detail":{{"code":"{code}"}}}}"#), requests).await;
        let client = Client::builder(ApiKey::new("sk_key").unwrap())
            .base_url(server.url())
            .clock(elevenlabs_delete::testing::TestClock::new())
            .retry(RetryPolicy::default().max_attempts(3))
            .build()
            .unwrap();
        let error = client.delete_conversation(&"21m00Tcm4TlvDq8ikWAM".parse().unwrap()).await.unwrap_err();
        assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Rejected, requests > 1));
        mock.assert_async().await;
    }
}

#[test]
fn an_unknown_residency_is_never_the_global_host() {
    for &residency in Residency::ALL {
        assert_eq!(residency.as_str().parse::<Residency>().unwrap(), residency);
    }
    assert_eq!("eu-residency".parse::<Residency>().unwrap(), Residency::Eu);
    for name in ["mars", "", "EU", "eu ", "default", "global-"] {
        assert_eq!(name.parse::<Residency>().unwrap_err().kind(), ErrorKind::Configuration, "{name:?}");
    }
}

#[tokio::test]
async fn a_broken_body_hides_no_success() {
    let cut = Behaviour::AnswerAndClose("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nnu".into());
    let server = FaultServer::start([cut]).await;
    let deletion = client(&server.url()).delete_conversation(&"conv_01".parse().unwrap()).await.unwrap();
    assert_eq!((deletion.outcome(), deletion.is_body_incomplete()), (Outcome::Deleted, true));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn each_residency_has_its_host() {
    for (residency, host) in [
        (Residency::Global, "api.elevenlabs.io"),
        (Residency::Us, "api.us.elevenlabs.io"),
        (Residency::Eu, "api.eu.residency.elevenlabs.io"),
        (Residency::In, "api.in.residency.elevenlabs.io"),
        (Residency::Sg, "api.sg.residency.elevenlabs.io"),
    ] {
        let transport = transport::from_fn(move |request| async move {
            assert_eq!(request.url(), format!("https://{host}/v1/convai/conversations/conv_01"));
            Ok(Response::new(200).with_body("null"))
        });
        let builder = Client::builder(ApiKey::new("sk_key").unwrap()).residency(residency);
        let client = builder.transport(transport).build().unwrap();
        let deletion = client.delete_conversation(&"conv_01".parse().unwrap()).await.unwrap();
        assert_eq!(deletion.outcome(), Outcome::Deleted);
    }
}
