//! A tenant without guided documents.

use corti_delete::{CascadeDeletion, CascadeOptions, ChildKind, ErrorKind};
use delete_conformance::Script;

use crate::family::{USUAL, assert_kept, changing, deletes, deletes_sent, family, lists};
use crate::support::{client, uuid};

async fn delete_available(script: &Script) -> CascadeDeletion {
    let options = CascadeOptions::default().with_available_kinds(true);
    client(script).delete_cascade(uuid(1), options).await
}

#[tokio::test]
async fn guided_documents_that_are_not_available_are_skipped_only_on_request() {
    let forbidden = r#"{"requestid":"r","status":403,"type":"x#A0001","detail":"no"}"#;
    for (status, body) in [(403, ""), (403, forbidden), (404, ""), (404, "<html>")] {
        let script = family([(lists()[3].clone(), (status, body))]);
        let deleted = delete_available(&script).await;
        assert!(deleted.interaction.is_ok(), "{status} {body}: {:?}", deleted.interaction);
        let all = deletes();
        assert_eq!(deletes_sent(&script), [&all[..4], &all[5..]].concat());
        assert_eq!(script.requests().iter().filter(|line| **line == lists()[3]).count(), 1);
        let [(kind, reason)] = &deleted.unlisted[..] else { panic!("{:?}", deleted.unlisted) };
        assert_eq!((*kind, reason.status()), (ChildKind::GuidedDocument, Some(status)));

        let script = family([(lists()[3].clone(), (status, body))]);
        let deleted = client(&script).delete_cascade(uuid(1), CascadeOptions::default()).await;
        assert!(deletes_sent(&script).is_empty() && deleted.unlisted.is_empty() && deleted.interaction.is_err());
    }
}

#[tokio::test]
async fn any_other_failure_to_list_guided_documents_keeps_the_interaction() {
    for (status, body, kind) in [
        (400, "", ErrorKind::Rejected),
        (401, "", ErrorKind::Unauthenticated),
        (403, r#"{"type":"x#A0004"}"#, ErrorKind::Unauthenticated),
        (302, "", ErrorKind::UnexpectedResponse),
        (500, "", ErrorKind::Server),
        (200, "<html>", ErrorKind::UnexpectedResponse),
        (200, r#"{"items":[]}"#, ErrorKind::UnexpectedResponse),
    ] {
        let script = family([(lists()[3].clone(), (status, body))]);
        let deleted = delete_available(&script).await;
        assert_kept(&script, &deleted, kind, body);
        assert!(deletes_sent(&script).is_empty() && deleted.unlisted.is_empty(), "{status} {body}");
    }
}

#[tokio::test]
async fn a_list_below_the_interaction_is_never_skipped() {
    for line in &lists()[..3] {
        for status in [403, 404] {
            let script = family([(line.clone(), (status, ""))]);
            assert!(delete_available(&script).await.interaction.is_err());
            assert!(deletes_sent(&script).is_empty(), "{status} {line}");
        }
    }
}

/// The tenant has the route, because it worked before.
#[tokio::test]
async fn guided_documents_that_were_available_are_not_skipped_later() {
    let script = changing([(lists()[3].clone(), vec![USUAL, (404, "")])]);
    let deleted = delete_available(&script).await;
    assert_kept(&script, &deleted, ErrorKind::UnexpectedResponse, "guided documents");
    assert!(deleted.unlisted.is_empty());
}
