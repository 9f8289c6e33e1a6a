//! The delete of one child.

use corti_delete::testing::response;
use corti_delete::{Child, ErrorKind, Outcome};
use delete_conformance::{FaultAction, FaultServer, Script};

use crate::family::{UNKNOWN_CHILD, UNKNOWN_INTERACTION, brief, family};
use crate::support::{at, client, uuid};

/// A transcript, a recording, a document and a guided document.
async fn one_of_each_kind() -> Vec<Child> {
    let mut children = client(&family([])).children(uuid(1)).await.unwrap();
    children.remove(2);
    children
}

async fn delete(child: &Child, status: u16, body: &'static str) -> Result<Outcome, ErrorKind> {
    let script = Script::new(move |_, _| response(status, body));
    let result = client(&script).delete_child(child).await;
    if let Err(error) = &result {
        assert!(error.may_have_taken_effect() || error.kind() == ErrorKind::NotFound, "{status} {body}");
    }
    brief(&result)
}

const BODIES: [&str; 15] = [
    "",
    "{}",
    "null",
    "false",
    r#"{"success":false}"#,
    r#"{"ok":false}"#,
    r#"{"success":"false"}"#,
    r#"{"ok":0}"#,
    r#"{"statusCode":500}"#,
    r#"{"status_code":404}"#,
    r#"{"fault":{}}"#,
    r#"{"error":"x"}"#,
    r#"{"detail":{"status":"x"}}"#,
    UNKNOWN_CHILD,
    "<html>",
];

#[tokio::test]
async fn a_success_status_that_is_not_the_documented_one_is_not_a_deletion() {
    let children = one_of_each_kind().await;
    for child in &children {
        let is_recording = child.kind() == corti_delete::ChildKind::Recording;
        let done = if is_recording { Outcome::Acknowledged } else { Outcome::Deleted };
        assert_eq!(delete(child, 204, "").await, Ok(done));
        for status in [200, 201, 202, 203, 205, 206, 207, 208, 226] {
            for (index, body) in BODIES.into_iter().enumerate() {
                // The vendor's tests accept any 2xx for a recording. A 200 counts only without an error in its body.
                let is_believed = is_recording && status == 200 && index < 3;
                let expected = if is_believed { Ok(done) } else { Err(ErrorKind::UnexpectedResponse) };
                assert_eq!(delete(child, status, body).await, expected, "{} {status} {body}", child.kind());
            }
        }
    }
}

/// The child may belong to another client or tenant.
#[tokio::test]
async fn a_child_that_is_not_found_on_the_first_attempt_is_not_gone() {
    for child in one_of_each_kind().await {
        for body in [UNKNOWN_CHILD, UNKNOWN_INTERACTION] {
            assert_eq!(delete(&child, 404, body).await, Err(ErrorKind::NotFound), "{}", child.kind());
        }
        for body in ["", "{}", "null", "<html>", r#"{"message":"Not Found"}"#] {
            assert_eq!(delete(&child, 404, body).await, Err(ErrorKind::UnexpectedResponse), "{body}");
        }
    }
}

#[tokio::test]
async fn only_the_vendors_own_not_found_after_an_ambiguous_attempt_is_gone() {
    let child = one_of_each_kind().await.remove(0);
    for (body, expected) in [
        (UNKNOWN_CHILD, Ok(Outcome::Gone)),
        ("", Err(ErrorKind::UnexpectedResponse)),
        (r#"{"message":"no Route matched with those values"}"#, Err(ErrorKind::UnexpectedResponse)),
    ] {
        let server = FaultServer::start([FaultAction::Close, FaultAction::status(404, &[], body)]);
        assert_eq!(brief(&at(server.url()).delete_child(&child).await), expected, "{body}");
    }
}
