//! The end of a conversation, which deletes nothing.

use delete_conformance::{FaultAction, FaultServer};
use tavus_delete::{Delivery, ErrorKind, RetryPolicy};

use crate::workspace::{INVALID, builder, id};

async fn ended_by(actions: &[FaultAction], retry: RetryPolicy) -> (Result<(), tavus_delete::Error>, Vec<String>) {
    let server = FaultServer::start(actions.to_vec()).await;
    let client = builder().base_url(server.url()).retry(retry).build().unwrap();
    let result = client.end_conversation(&id("c123456")).await;
    let lines = server.requests().iter().map(|text| text.lines().next().unwrap().to_owned()).collect();
    (result, lines)
}

#[tokio::test]
async fn an_end_is_told_by_its_status() {
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
        let (result, lines) = ended_by(&[FaultAction::status(status, &[], body)], RetryPolicy::none()).await;
        assert_eq!(result.err().map(|error| error.kind()), kind, "{status} {body}");
        assert_eq!(lines, ["POST /v2/conversations/c123456/end HTTP/1.1"]);
    }
}

#[tokio::test]
async fn an_end_whose_answer_is_lost_stays_open_and_may_be_repeated() {
    let (result, _) = ended_by(&[FaultAction::Close], RetryPolicy::none()).await;
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Connection, Delivery::MaybeDelivered));
    assert!(error.to_string().contains("the conversation may have been ended"), "{error}");
    let (result, lines) =
        ended_by(&[FaultAction::Close, FaultAction::status(200, &[], "")], RetryPolicy::default()).await;
    result.unwrap();
    assert_eq!(lines, ["POST /v2/conversations/c123456/end HTTP/1.1"; 2]);
}

#[tokio::test]
async fn an_end_that_is_answered_by_something_else_stays_open() {
    for action in [FaultAction::status(200, &[], "<html>"), FaultAction::status(302, &["location: /login"], "")] {
        let error = ended_by(&[action], RetryPolicy::none()).await.0.unwrap_err();
        assert!(error.may_have_taken_effect() && !error.to_string().contains("nothing was ended"), "{error}");
    }
}

#[tokio::test]
async fn an_end_of_what_is_not_there_is_no_success_after_a_failure_either() {
    let actions = [FaultAction::status(503, &[], ""), FaultAction::status(400, &[], INVALID)];
    let (result, _) = ended_by(&actions, RetryPolicy::default()).await;
    assert_eq!(result.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn an_end_may_be_repeated_until_the_conversation_has_ended() {
    let actions = [FaultAction::status(200, &[], ""), FaultAction::status(400, &[], r#"{"error":"already ended"}"#)];
    let server = FaultServer::start(actions).await;
    let client = builder().base_url(server.url()).build().unwrap();
    client.end_conversation(&id("c123456")).await.unwrap();
    client.end_conversation(&id("c123456")).await.unwrap();
}

#[tokio::test]
async fn a_bare_404_after_a_failure_leaves_open_whether_the_end_took_effect() {
    let actions = [FaultAction::status(503, &[], ""), FaultAction::status(404, &[], r#"{"message":"Not Found"}"#)];
    let (result, _) = ended_by(&actions, RetryPolicy::default()).await;
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::UnexpectedResponse, Delivery::MaybeDelivered));
}

#[tokio::test]
async fn an_end_whose_body_is_cut_off_is_sent_again_if_it_may_be_an_error() {
    let cut = FaultAction::RespondAndClose("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{\"err".into());
    let (result, lines) = ended_by(&[cut, FaultAction::status(200, &[], "")], RetryPolicy::default()).await;
    result.unwrap();
    assert_eq!(lines.len(), 2);
}
