//! Responses that resemble a success or "not found" and are neither.

// A failed `unwrap` is a failed test, also in a helper.
#![allow(clippy::unwrap_used)]

use delete_conformance::{FaultAction, FaultServer};
use elevenlabs_delete::testing::TestClock;
use elevenlabs_delete::{ApiKey, Client, Delivery, ErrorKind, Outcome};

/// A client that retries, with a clock that does not wait.
fn retrying_client(base_url: &str) -> Client {
    let key = ApiKey::new("sk_key").unwrap();
    Client::builder(key).base_url(base_url).clock(TestClock::new()).build().unwrap()
}

/// The response for an unknown id, as third parties saw it: with two names for the same thing.
const REAL_NOT_FOUND: &str = r#"{"detail":{"type":"not_found","code":"conversation_not_found",
    "status":"conversation_history_not_found","message":"No such conversation.","request_id":"r-1"}}"#;

#[tokio::test]
async fn the_challenge_of_a_firewall_is_not_a_success() {
    for body in ["", "null", "{}"] {
        let challenge = FaultAction::status(202, &["x-amzn-waf-action: challenge"], body);
        let server = FaultServer::start([challenge]);
        let error = retrying_client(&server.url()).delete_conversation(&"conv_01".parse().unwrap()).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (ErrorKind::UnexpectedResponse, Some(202)), "{body}");
        assert!(error.may_have_taken_effect(), "{error}");
    }
}

#[tokio::test]
async fn a_truncated_200_is_a_success_only_if_it_cannot_be_an_error() {
    for (body, outcome) in [("{\"det", Outcome::Gone), ("{}", Outcome::Gone), ("nu", Outcome::Deleted)] {
        let cut = FaultAction::RespondAndClose(format!("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{body}").into());
        let gone = FaultAction::status(404, &[], r#"{"detail":{"code":"conversation_not_found"}}"#);
        let server = FaultServer::start([cut, gone]);
        let deletion = retrying_client(&server.url()).delete_conversation(&"conv_01".parse().unwrap()).await.unwrap();
        assert_eq!(deletion.outcome(), outcome, "{body}");
    }
}

#[tokio::test]
async fn a_truncated_body_does_not_hide_a_success() {
    let cut = FaultAction::RespondAndClose("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nnu".into());
    let server = FaultServer::start([cut]);
    let deletion = retrying_client(&server.url()).delete_conversation(&"conv_01".parse().unwrap()).await.unwrap();
    assert_eq!((deletion.outcome(), deletion.is_body_incomplete()), (Outcome::Deleted, true));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_404_that_does_not_name_the_conversation_is_never_gone() {
    for (body, is_gone) in [
        (REAL_NOT_FOUND, true),
        (r#"{"detail":{"status":"conversation_not_found","message":"x"}}"#, true),
        (r#"{"detail":{"status":"conversation_history_not_found"}}"#, true),
        ("", false),
        ("{}", false),
        ("null", false),
        ("[]", false),
        (r#"{"detail":null}"#, false),
        (r#"{"detail":"Not Found"}"#, false),
        (r#"{"detail":"conversation_not_found"}"#, false),
        (r#"{"detail":{"type":"not_found"}}"#, false),
        (r#"{"detail":{"code":"agent_not_found"}}"#, false),
        (r#"{"message":"no Route matched with those values"}"#, false),
        (r#"{"code":"conversation_not_found"}"#, false),
        ("<html>conversation_not_found</html>", false),
    ] {
        let server = FaultServer::start([FaultAction::status(503, &[], ""), FaultAction::status(404, &[], body)]);
        let result = retrying_client(&server.url()).delete_conversation(&"conv_01".parse().unwrap()).await;
        match result {
            Ok(deletion) => assert!(is_gone && deletion.outcome() == Outcome::Gone, "{body}"),
            Err(error) => {
                assert!(!is_gone, "{body}: {error}");
                assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{body}");
                assert_eq!(error.delivery(), Delivery::MaybeDelivered, "{body}");
            }
        }
    }
}
