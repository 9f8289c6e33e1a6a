//! The end of a conversation, which deletes nothing.

use delete_conformance::{FaultAction, FaultServer};
use tavus_delete::{Delivery, ErrorKind, RetryPolicy};

use crate::workspace::{INVALID, builder, id};

async fn end_with(actions: &[FaultAction], retry: RetryPolicy) -> (Result<(), tavus_delete::Error>, Vec<String>) {
    let server = FaultServer::start(actions.to_vec());
    let client = builder().base_url(server.url()).retry(retry).build().unwrap();
    let result = client.end_conversation(&id("c123456")).await;
    let lines = server.requests().iter().map(|text| text.lines().next().unwrap().to_owned()).collect();
    (result, lines)
}

#[tokio::test]
async fn the_status_decides_whether_a_call_ended() {
    for (status, body, kind) in [
        (200, "", None),
        (200, r#"{"status":"ended"}"#, None),
        (400, INVALID, Some(ErrorKind::NotFound)),
        (400, r#"{"error":"no"}"#, Some(ErrorKind::Rejected)),
        (400, r#"{"error":"Conversation has already ended"}"#, None),
        (400, r#"{"message":"ALREADY ENDED"}"#, None),
        (400, r#"{"message":"Bad Request","error":"This conversation is already ended."}"#, None),
        (400, r#"{"detail":"It has already been ended"}"#, None),
        (400, "<html>already ended</html>", Some(ErrorKind::Rejected)),
        (409, r#"{"error":"Conversation has already ended"}"#, Some(ErrorKind::Rejected)),
        (404, "", Some(ErrorKind::NotFound)),
        (200, r#"{"error":"no"}"#, Some(ErrorKind::UnexpectedResponse)),
        (200, r#"{"message":"no"}"#, Some(ErrorKind::UnexpectedResponse)),
        (200, r#"{"success":false}"#, Some(ErrorKind::UnexpectedResponse)),
        (200, "false", Some(ErrorKind::UnexpectedResponse)),
        (201, "", Some(ErrorKind::UnexpectedResponse)),
        (202, "", Some(ErrorKind::UnexpectedResponse)),
        (206, "{}", Some(ErrorKind::UnexpectedResponse)),
        (204, "", None),
        (401, r#"{"message":"Invalid access token"}"#, Some(ErrorKind::Unauthenticated)),
        (200, "<html>", Some(ErrorKind::UnexpectedResponse)),
    ] {
        let (result, lines) = end_with(&[FaultAction::status(status, &[], body)], RetryPolicy::none()).await;
        assert_eq!(result.err().map(|error| error.kind()), kind, "{status} {body}");
        assert_eq!(lines, ["POST /v2/conversations/c123456/end HTTP/1.1"]);
    }
}

#[tokio::test]
async fn a_lost_response_leaves_the_end_unknown_and_it_may_be_repeated() {
    let (result, _) = end_with(&[FaultAction::Close], RetryPolicy::none()).await;
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Connection, Delivery::MaybeDelivered));
    assert!(error.to_string().contains("the conversation may have been ended"), "{error}");
    let (result, lines) =
        end_with(&[FaultAction::Close, FaultAction::status(200, &[], "")], RetryPolicy::default()).await;
    result.unwrap();
    assert_eq!(lines, ["POST /v2/conversations/c123456/end HTTP/1.1"; 2]);
}

#[tokio::test]
async fn an_unexpected_response_leaves_the_end_unknown() {
    for action in [FaultAction::status(200, &[], "<html>"), FaultAction::status(302, &["location: /login"], "")] {
        let error = end_with(&[action], RetryPolicy::none()).await.0.unwrap_err();
        assert!(error.may_have_taken_effect() && !error.to_string().contains("nothing was ended"), "{error}");
    }
}

#[tokio::test]
async fn ending_an_absent_conversation_fails_after_an_ambiguous_attempt_too() {
    let actions = [FaultAction::status(503, &[], ""), FaultAction::status(400, &[], INVALID)];
    let (result, _) = end_with(&actions, RetryPolicy::default()).await;
    assert_eq!(result.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn an_end_may_be_repeated_until_the_conversation_has_ended() {
    let actions = [FaultAction::status(200, &[], ""), FaultAction::status(400, &[], r#"{"error":"already ended"}"#)];
    let server = FaultServer::start(actions);
    let client = builder().base_url(server.url()).build().unwrap();
    client.end_conversation(&id("c123456")).await.unwrap();
    client.end_conversation(&id("c123456")).await.unwrap();
}

#[tokio::test]
async fn a_bare_404_after_a_failure_leaves_the_end_unknown() {
    let actions = [FaultAction::status(503, &[], ""), FaultAction::status(404, &[], r#"{"message":"Not Found"}"#)];
    let (result, _) = end_with(&actions, RetryPolicy::default()).await;
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::UnexpectedResponse, Delivery::MaybeDelivered));
}

#[tokio::test]
async fn a_truncated_response_to_an_end_is_retried_if_it_may_be_an_error() {
    let cut = FaultAction::RespondAndClose("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"err".into());
    let (result, lines) = end_with(&[cut, FaultAction::status(200, &[], "")], RetryPolicy::default()).await;
    result.unwrap();
    assert_eq!(lines.len(), 2);
}
