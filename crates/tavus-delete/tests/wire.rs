//! The requests, and what each documented response means.

// A failed `unwrap` is a failed test, also in a helper.
#![allow(clippy::unwrap_used)]

use std::time::Duration;

use delete_conformance::{FaultAction, FaultServer};
use mockito::{Matcher, Mock, Server, ServerGuard};
use tavus_delete::http::{self, Proxy};
use tavus_delete::testing::response;
use tavus_delete::{
    ApiKey, Client, ConversationId, Deleter, Delivery, ErasureMode, Error, ErrorKind, Outcome, RecordId, RejectActive,
    RetryPolicy,
};

fn client(base_url: &str) -> Client {
    let key = ApiKey::new("tavus-key").unwrap();
    Client::builder(key).base_url(base_url).retry(RetryPolicy::none()).build().unwrap()
}

fn id(text: &str) -> ConversationId {
    text.parse().unwrap()
}

/// Mocks the response to the expected request; any other request gets 501.
async fn mock_delete(server: &mut ServerGuard, query: &str, status: usize, body: &str) -> Mock {
    server
        .mock("DELETE", format!("/v2/conversations/c123456{query}").as_str())
        .match_header("x-api-key", "tavus-key")
        .match_header("authorization", Matcher::Missing)
        .match_header("content-type", Matcher::Missing)
        .match_body("")
        .with_status(status)
        .with_body(body)
        .expect(1)
        .create_async()
        .await
}

async fn outcome_of(status: usize, body: &str) -> Result<Outcome, Error> {
    let mut server = Server::new_async().await;
    let mock = mock_delete(&mut server, "?hard=true", status, body).await;
    let result = client(&server.url()).delete_conversation(&id("c123456"), ErasureMode::Hard).await;
    mock.assert_async().await;
    result.map(|deletion| deletion.outcome())
}

async fn failure_of(status: usize, body: &str) -> (ErrorKind, String) {
    let error = outcome_of(status, body).await.unwrap_err();
    (error.kind(), error.to_string())
}

#[tokio::test]
async fn the_mode_is_always_sent_and_always_reported() {
    for (mode, query) in [(ErasureMode::Hard, "?hard=true"), (ErasureMode::Soft, "?hard=false")] {
        let mut server = Server::new_async().await;
        let mock = mock_delete(&mut server, query, 204, "").await;
        let deletion = client(&server.url()).delete_conversation(&id("c123456"), mode).await.unwrap();
        mock.assert_async().await;
        assert_eq!((deletion.outcome(), deletion.erasure_mode()), (Outcome::Deleted, Some(mode)));
        assert_eq!((deletion.status(), deletion.attempts().len()), (Some(204), 1));
    }
}

#[tokio::test]
async fn a_base_url_may_end_in_the_version() {
    for suffix in ["", "/", "/v2", "/v2/"] {
        let mut server = Server::new_async().await;
        let mock = mock_delete(&mut server, "?hard=true", 204, "").await;
        let client = client(&format!("{}{suffix}", server.url()));
        assert!(client.delete_conversation(&id("c123456"), ErasureMode::Hard).await.is_ok());
        mock.assert_async().await;
    }
}

#[tokio::test]
async fn a_200_without_an_error_is_acknowledged() {
    for body in ["", "{}", "null", r#"{"conversation_id":"c123456"}"#, r#"{"message":"deleted","status":"ended"}"#] {
        assert_eq!(outcome_of(200, body).await.unwrap(), Outcome::Acknowledged, "{body}");
    }
    for (status, body) in [
        (200, "<html></html>"),
        (200, r#"{"error":"Invalid conversation_id"}"#),
        (200, r#"{"message":"Invalid access token"}"#),
        (200, r#"{"message":"Conversation deleted"}"#),
        (200, r#"{"error":"x","message":"y"}"#),
        (200, r#"{"message":"x","error":null}"#),
        (200, r#"{"error":""}"#),
        (200, r#"{"success":false}"#),
        (200, "false"),
        (201, ""),
        (202, ""),
        (203, ""),
        (206, "null"),
        (207, "{}"),
        (208, ""),
        (226, ""),
    ] {
        assert_eq!(failure_of(status, body).await.0, ErrorKind::UnexpectedResponse, "{status} {body}");
    }
}

#[tokio::test]
async fn after_an_ambiguous_attempt_only_the_vendors_text_is_gone() {
    for (status, body, expected) in [
        (400, r#"{"error":"Invalid conversation_id"}"#, Ok(Outcome::Gone)),
        (404, r#"{"error":"Conversation not found"}"#, Ok(Outcome::Gone)),
        (404, r#"{"message":"Conversation c123456 not found"}"#, Ok(Outcome::Gone)),
        (404, r#"{"error":"The conversation could not be found."}"#, Ok(Outcome::Gone)),
        (404, r#"{"message":"Not Found","error":"CONVERSATION not found"}"#, Ok(Outcome::Gone)),
        (404, r#"{"message":"Invalid conversation_id"}"#, Ok(Outcome::Gone)),
        (404, r#"{"message":"Cluster 'conversation' not found"}"#, Err(())),
        (404, "null", Err(())),
        (404, "[]", Err(())),
        (404, r#"{"message":"No static resource v2/conversations/c123456."}"#, Err(())),
        (404, r#"{"message":"Route DELETE:/v2/conversations/c123456 not found"}"#, Err(())),
        (404, r#"{"message":"no route for conversation"}"#, Err(())),
        (404, r#"{"id":"conversation not found"}"#, Err(())),
        (404, "Conversation not found", Err(())),
        (404, "", Err(())),
        (404, "{}", Err(())),
        (404, r#"{"message":"Not Found"}"#, Err(())),
        (404, r#"{"message":"no Route matched with those values"}"#, Err(())),
        (404, r#"{"statusCode":404,"message":"Cannot DELETE /v2/conversations/c123456","error":"Not Found"}"#, Err(())),
        (404, r#"{"status":404,"error":"Not Found","path":"/v2/conversations/c123456"}"#, Err(())),
        (404, "<html>conversation not found</html>", Err(())),
        (404, r#"{"message":"conversation endpoint not found"}"#, Err(())),
        (404, r#"{"message":"Unknown service: conversation"}"#, Err(())),
        (404, r#"{"message":"no healthy upstream for conversation-api"}"#, Err(())),
    ] {
        let server = FaultServer::start([FaultAction::status(503, &[], ""), FaultAction::status(status, &[], body)]);
        let builder = Client::builder(ApiKey::new("tavus-key").unwrap()).base_url(server.url());
        let client = builder.clock(tavus_delete::testing::TestClock::new()).build().unwrap();
        let result = client.delete_conversation(&id("c123456"), ErasureMode::Hard).await;
        if let Err(error) = &result {
            assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{body}");
            assert_eq!(error.delivery(), Delivery::MaybeDelivered, "{body}");
        }
        assert_eq!(result.map(|deletion| deletion.outcome()).map_err(drop), expected, "{status} {body}");
    }
}

#[tokio::test]
async fn not_found_is_distinguished_from_other_errors() {
    for (status, body) in [
        (400, r#"{"error":"Invalid conversation_id"}"#),
        (400, r#"{"message":"INVALID CONVERSATION_ID: c123456"}"#),
        (400, r#"{"message":"Bad Request","error":"Invalid conversation_id"}"#),
        (400, r#"{"message":"","error":"Invalid conversation_id"}"#),
        (400, "Invalid conversation_id"),
        (404, r#"{"error":"Not found"}"#),
        (404, ""),
    ] {
        assert_eq!(failure_of(status, body).await.0, ErrorKind::NotFound, "{status} {body}");
    }
    let (kind, text) = failure_of(400, r#"{"message":"User has reached maximum concurrent conversations"}"#).await;
    assert_eq!(kind, ErrorKind::Rejected);
    assert!(text.contains("maximum concurrent conversations"), "{text}");
    assert_eq!(failure_of(404, "<html>").await.0, ErrorKind::UnexpectedResponse);
}

#[tokio::test]
async fn a_message_is_found_under_any_key() {
    for body in
        [r#"{"message":"why"}"#, r#"{"error":"why"}"#, r#"{"detail":"why"}"#, r#"{"error":"x","message":"why"}"#]
    {
        for (status, expected) in [
            (400, ErrorKind::Rejected),
            (401, ErrorKind::Unauthenticated),
            (402, ErrorKind::PaymentRequired),
            (403, ErrorKind::Forbidden),
            (409, ErrorKind::Rejected),
            (500, ErrorKind::Server),
        ] {
            let (kind, text) = failure_of(status, body).await;
            assert_eq!(kind, expected);
            assert!(text.contains("\"why\""), "{text}");
        }
    }
    assert_eq!(failure_of(401, "").await.0, ErrorKind::Unauthenticated);
}

#[tokio::test]
async fn the_deleter_keeps_its_mode() {
    let mut server = Server::new_async().await;
    let mock = mock_delete(&mut server, "?hard=false", 204, "").await;
    let deleter: Box<dyn Deleter> = Box::new(client(&server.url()).with_erasure_mode(ErasureMode::Soft));
    let record: RecordId = deleter.parse_id("c123456").unwrap();
    let deletion = deleter.delete(&record).await.unwrap();
    mock.assert_async().await;
    assert_eq!(deletion.erasure_mode(), Some(ErasureMode::Soft));
}

#[tokio::test]
async fn a_truncated_body_does_not_hide_a_success() {
    let cut = FaultAction::RespondAndClose("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nnu".into());
    let server = FaultServer::start([cut]);
    let deletion = client(&server.url()).delete_conversation(&id("c123456"), ErasureMode::Hard).await.unwrap();
    assert_eq!((deletion.outcome(), deletion.is_body_incomplete()), (Outcome::Acknowledged, true));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_truncated_body_that_may_be_an_error_is_not_a_success() {
    let cut = FaultAction::RespondAndClose("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"err".into());
    let server = FaultServer::start([cut]);
    let error = client(&server.url()).delete_conversation(&id("c123456"), ErasureMode::Hard).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Connection, Delivery::MaybeDelivered));
}

#[tokio::test]
async fn the_default_base_url_is_the_vendors() {
    let transport = http::from_fn(|request| async move {
        assert_eq!(request.uri(), "https://tavusapi.com/v2/conversations/c123456?hard=true");
        assert!(request.headers()["user-agent"].to_str().unwrap().ends_with(" my-app/1.2 (test)"));
        Ok(response(204, ""))
    });
    let builder = Client::builder(ApiKey::new("tavus-key").unwrap()).transport(transport);
    let client = builder.user_agent_suffix("my-app/1.2 (test)").build().unwrap();
    let deletion = client.delete_conversation(&id("c123456"), ErasureMode::Hard).await.unwrap();
    assert_eq!((deletion.outcome(), deletion.is_body_incomplete()), (Outcome::Deleted, false));
}

#[test]
fn invalid_options_are_rejected() {
    let builder = || Client::builder(ApiKey::new("tavus-key").unwrap());
    for builder in [
        builder().base_url("http://tavusapi.com"),
        builder().attempt_timeout(Duration::ZERO),
        builder().total_timeout(Duration::ZERO),
        builder().connect_timeout(Duration::MAX),
        builder().user_agent_suffix("a\nb"),
        builder().root_certificate_pem("nonsense"),
        builder().proxy(Proxy::Url("ftp://proxy.example".into())),
    ] {
        assert_eq!(builder.build().unwrap_err().kind(), ErrorKind::Configuration);
    }
}

#[tokio::test]
async fn a_404_that_the_list_does_not_confirm_prevents_the_delete() {
    for list in [401, 403, 404, 503] {
        let lookup = [FaultAction::status(404, &[], ""), FaultAction::status(list, &[], "")];
        let server = FaultServer::start(lookup);
        let client = client(&server.url());
        let deleter = RejectActive::new(client.with_erasure_mode(ErasureMode::Hard), client);
        let error = deleter.delete(&id("c123456").into()).await.unwrap_err();
        assert_ne!(error.kind(), ErrorKind::NotFound, "{list}");
        assert!(server.requests().iter().all(|request| request.starts_with("GET")), "{list}");
    }
}

#[tokio::test]
async fn a_404_that_the_list_contradicts_prevents_the_delete() {
    let list =
        FaultAction::status(200, &[], r#"{"data":[{"conversation_id":"c123456","status":"active"}],"total_count":1}"#);
    let server = FaultServer::start([FaultAction::status(404, &[], ""), list, FaultAction::status(204, &[], "")]);
    let client = client(&server.url());
    let deleter = RejectActive::new(client.with_erasure_mode(ErasureMode::Hard), client);
    let error = deleter.delete(&id("c123456").into()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{error}");
    assert_eq!(server.requests().len(), 2);
}
