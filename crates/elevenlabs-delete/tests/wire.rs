//! The requests, and what each documented response means.

// A failed `unwrap` is a failed test, also in a helper.
#![allow(clippy::unwrap_used)]

use elevenlabs_delete::testing::TestClock;
use elevenlabs_delete::{ApiKey, Client, Error, ErrorKind, Outcome, RetryPolicy};
use mockito::{Matcher, Mock, Server, ServerGuard};

const PATH: &str = "/v1/convai/conversations/21m00Tcm4TlvDq8ikWAM";

fn client(base_url: &str) -> Client {
    let key = ApiKey::new("sk_key").unwrap();
    Client::builder(key).base_url(base_url).retry(RetryPolicy::none()).build().unwrap()
}

/// Mocks the response to the expected request; any other request gets 501.
async fn mock_delete(server: &mut ServerGuard, status: usize, body: &str, times: usize) -> Mock {
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
    let mock = mock_delete(&mut server, status, body, 1).await;
    let result = client(&server.url()).delete_conversation(&"21m00Tcm4TlvDq8ikWAM".parse()?).await;
    mock.assert_async().await;
    result.map(|deletion| deletion.outcome())
}

async fn failure_of(status: usize, body: &str) -> Error {
    outcome_of(status, body).await.unwrap_err()
}

#[tokio::test]
async fn a_success_is_200_or_204_with_any_json_that_is_not_an_error() {
    for (status, body) in [(200, "null"), (200, "{}"), (200, "\"\""), (200, "[1]"), (200, "true"), (200, ""), (204, "")]
    {
        assert_eq!(outcome_of(status, body).await.unwrap(), Outcome::Deleted, "{status} {body}");
    }
    for (status, body) in [
        (200, r#"{"detail":{"status":"invalid_api_key","message":"Invalid API key"}}"#),
        (200, r#"{"detail":"Not Found"}"#),
        (200, r#"{"detail":null}"#),
        (200, "false"),
        (200, r#"{"success":false}"#),
        (200, r#"{"ok":false}"#),
        (200, r#"{"error":"x"}"#),
        (200, "<html>"),
        (201, "null"),
        (200, r#"{"success":"false"}"#),
        (200, r#"{"ok":"false"}"#),
        (200, r#"{"errors":["x"]}"#),
        (202, ""),
        (203, "null"),
        (206, "null"),
        (208, "{}"),
        (207, r#"{"results":[{"status":500}]}"#),
        (226, ""),
    ] {
        let error = failure_of(status, body).await;
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{status} {body}");
        assert!(error.may_have_taken_effect(), "{error}");
    }
}

#[tokio::test]
async fn codes_mean_the_same_in_code_and_in_status() {
    for (status, code, kind) in [
        (401, "invalid_api_key", ErrorKind::Unauthenticated),
        (401, "missing_permissions", ErrorKind::MissingScope),
        (401, "quota_exceeded", ErrorKind::PaymentRequired),
        (404, "conversation_not_found", ErrorKind::NotFound),
        (404, "conversation_history_not_found", ErrorKind::NotFound),
        (404, "agent_not_found", ErrorKind::UnexpectedResponse),
        (409, "conflict", ErrorKind::Rejected),
        (409, "already_processing", ErrorKind::Rejected),
        (409, "concurrent_modification", ErrorKind::Rejected),
    ] {
        for body in [
            format!(r#"{{"detail":{{"status":"{code}","message":"x"}}}}"#),
            format!(r#"{{"detail":{{"code":"{code}","message":"x"}}}}"#),
            format!(r#"{{"detail":{{"type":"x","code":"something","status":"{code}"}}}}"#),
            format!(r#"{{"detail":{{"type":"x","code":"{code}","status":"something"}}}}"#),
        ] {
            let error = failure_of(status, &body).await;
            assert_eq!(error.kind(), kind, "{body}");
            let is_transient = matches!(code, "already_processing" | "concurrent_modification");
            assert_eq!(error.is_retryable(), is_transient, "{body}");
        }
    }
}

#[tokio::test]
async fn a_key_without_the_admin_role_lacks_a_scope() {
    for body in [
        r#"{"detail":{"type":"authorization_error","code":"forbidden","message":"The workspace admin role is required."}}"#,
        r#"{"detail":{"status":"forbidden","message":"ADMIN ROLE IS REQUIRED"}}"#,
        r#"{"detail":"An admin role is required to delete conversations"}"#,
    ] {
        let error = failure_of(403, body).await;
        assert_eq!(error.kind(), ErrorKind::MissingScope, "{body}");
        assert!(error.is_fatal_for_client() && error.to_string().contains("key of a workspace admin"), "{error}");
    }
    let old = r#"{"detail":{"code":"unauthorized","message":"This endpoint requires the Admin role"}}"#;
    assert_eq!(failure_of(401, old).await.kind(), ErrorKind::MissingScope);
}

#[tokio::test]
async fn advice_to_ask_an_admin_does_not_change_the_error() {
    for (status, body, kind) in [
        (
            401,
            r#"{"detail":{"status":"invalid_api_key","message":"A new key is required: ask an admin"}}"#,
            ErrorKind::Unauthenticated,
        ),
        (
            401,
            r#"{"detail":{"status":"quota_exceeded","message":"Ask your admin; credits are required"}}"#,
            ErrorKind::PaymentRequired,
        ),
        (
            403,
            r#"{"detail":{"code":"subscription_required","message":"A plan is required. Ask your admin."}}"#,
            ErrorKind::PaymentRequired,
        ),
        (402, r#"{"detail":{"message":"Payment is required. Ask your admin."}}"#, ErrorKind::PaymentRequired),
        (403, r#"{"detail":{"message":"forbidden"}}"#, ErrorKind::Forbidden),
        (403, r#"{"detail":{"message":"Ask your admin."}}"#, ErrorKind::Forbidden),
    ] {
        let error = failure_of(status, body).await;
        assert_eq!(error.kind(), kind, "{body}");
        assert!(!error.to_string().contains("key of a workspace admin"), "{error}");
    }
}

#[tokio::test]
async fn a_missing_permission_is_distinguished_from_a_bad_key() {
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
async fn only_two_conflicts_are_retried() {
    for (code, requests) in [("concurrent_modification", 3), ("already_processing", 3), ("conflict", 1), ("x", 1)] {
        let mut server = Server::new_async().await;
        let mock = mock_delete(&mut server, 409, &format!(r#"{{"detail":{{"code":"{code}"}}}}"#), requests).await;
        let client = Client::builder(ApiKey::new("sk_key").unwrap())
            .base_url(server.url())
            .clock(TestClock::new())
            .retry(RetryPolicy::default().with_max_attempts(3))
            .build()
            .unwrap();
        let error = client.delete_conversation(&"21m00Tcm4TlvDq8ikWAM".parse().unwrap()).await.unwrap_err();
        assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Rejected, requests > 1));
        mock.assert_async().await;
    }
}
