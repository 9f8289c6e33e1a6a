//! The forms of the lists, and the ids in them.

use corti_delete::http::Method;
use corti_delete::testing::response;
use corti_delete::{ErrorKind, Outcome, RecordId};
use delete_conformance::Script;
use delete_conformance::script;

use crate::family::{PROBE, USUAL, assert_kept, changing, delete, deletes, deletes_sent, family, lists, results};
use crate::support::{client, uuid};

const FILTERED: (u16, &str) = (200, "[]");

#[tokio::test]
async fn children_are_listed_without_deleting() {
    let script = family([]);
    let children = client(&script).children(uuid(1)).await.unwrap();
    let ids: Vec<String> = children.iter().map(|child| child.id().to_string()).collect();
    assert_eq!(ids, ["t1", "r1", "r2", "d1", "g1"]);
    assert_eq!(script.requests(), lists());
    let gone = family([(lists()[0].clone(), (404, crate::family::UNKNOWN_INTERACTION))]);
    assert_eq!(client(&gone).children(uuid(1)).await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_list_of_unknown_form_is_an_error_and_not_empty() {
    let two = r#"{"data":[],"recordings":["r1"]}"#;
    for body in
        ["{}", "null", "[null]", "[1]", r#"{"items":[]}"#, r#"{"data":{}}"#, r#"{"data":[{}]}"#, two, "<html>", ""]
    {
        for line in lists() {
            let script = family([(line.clone(), (200, body))]);
            let deleted = delete(&script).await;
            assert_kept(&script, &deleted, ErrorKind::UnexpectedResponse, &format!("{line} {body}"));
            assert!(deletes_sent(&script).is_empty(), "{line} {body}");
        }
    }
    for line in &lists()[..3] {
        let script = family([(line.clone(), (200, "[]"))]);
        assert_kept(&script, &delete(&script).await, ErrorKind::UnexpectedResponse, line);
    }
}

/// The vendor's SDK reads a bare array; other forms of the list are accepted too.
#[tokio::test]
async fn guided_documents_are_listed_in_each_known_form() {
    let item = r#"{"id":"g1","interactionId":"00000000-0000-0000-0000-000000000001","title":"x"}"#;
    for (list, empty) in [("[_]", "[]"), (r#"{"data":[_]}"#, r#"{"data":[]}"#), (r#"{"documents":[_]}"#, "[]")] {
        let body: &'static str = list.replace('_', item).leak();
        let script = changing([(lists()[3].clone(), vec![(200, body), (200, empty)])]);
        let deleted = delete(&script).await;
        assert_eq!(results(&deleted)[4], ("g1".to_owned(), Ok(Outcome::Deleted)), "{list}");
        assert!(deleted.interaction.is_ok() && !script.requests().contains(&PROBE.to_owned()), "{list}");
    }
    let none = family([(lists()[3].clone(), (200, "[]"))]);
    assert!(delete(&none).await.interaction.is_ok());
}

#[tokio::test]
async fn the_list_of_transcripts_may_be_null() {
    let bodies = [r#"{"transcripts":null}"#, r#"{"recordings":[]}"#, r#"{"data":[]}"#, "[]"];
    let script = family(lists().into_iter().zip(bodies.map(|body| (200, body))));
    let deleted = delete(&script).await;
    assert!(deleted.children.is_empty() && deleted.interaction.is_ok());
}

#[tokio::test]
async fn a_200_that_is_not_this_list_is_an_error_and_keeps_the_interaction() {
    for (kind, body) in [
        (0, r#"{"data":null,"error":"index unavailable"}"#),
        (0, r#"{"transcripts":[],"error":"shard down"}"#),
        (1, r#"{"recordings":[],"success":false}"#),
        (1, r#"{"recordings":null}"#),
        (1, r#"{"transcripts":[]}"#),
        (2, r#"{"data":[],"requestid":"r","status":500,"detail":"x"}"#),
        (2, r#"{"data":null}"#),
        (3, r#"{"data":[],"error":"x"}"#),
        (3, "null"),
        (3, "false"),
    ] {
        let script = family([(lists()[kind].clone(), (200, body))]);
        let deleted = delete(&script).await;
        assert!(deleted.is_kept() && deleted.children.is_empty(), "{body}: {deleted:?}");
        assert!(!script.requests().iter().any(|line| line.starts_with("DELETE")), "{body}");
    }
}

#[tokio::test]
async fn guided_documents_of_another_interaction_are_not_touched() {
    let foreign = r#"[{"id":"g1","interactionId":"00000000-0000-0000-0000-000000000001"},
        {"id":"g2","interactionId":"00000000-0000-0000-0000-000000000002"}]"#;
    let script = family([(lists()[3].clone(), (200, foreign))]);
    let deleted = delete(&script).await;
    assert_kept(&script, &deleted, ErrorKind::UnexpectedResponse, "guided documents");
    assert!(deletes_sent(&script).is_empty());
}

#[tokio::test]
async fn guided_documents_that_do_not_name_their_interaction_are_deleted_if_the_list_is_filtered() {
    for unnamed in [r#"[{"id":"g1"}]"#, r#"[{"id":"g1","interactionId":null}]"#, r#"{"data":[{"id":"g1"}]}"#] {
        let list = (lists()[3].clone(), vec![(200, unnamed), (200, "[]")]);
        let script = changing([list, (PROBE.to_owned(), vec![FILTERED])]);
        assert!(delete(&script).await.interaction.is_ok());
        assert_eq!(deletes_sent(&script), deletes());
        assert!(script.requests().contains(&PROBE.to_owned()));
    }
}

#[tokio::test]
async fn guided_documents_of_a_list_that_is_not_filtered_are_not_touched() {
    for body in [r#"[{"id":"g1"},{"id":"g9"}]"#, r#"[{"id":"g1","interactionId":null}]"#] {
        let ignores_filter = Script::new(move |request, _| match request.uri().path() {
            _ if request.method() == Method::DELETE => response(204, ""),
            "/v2/documents/" => script::json(body),
            _ => script::json(r#"{"data":[]}"#),
        });
        assert_kept(&ignores_filter, &delete(&ignores_filter).await, ErrorKind::UnexpectedResponse, body);
        assert!(deletes_sent(&ignores_filter).is_empty());
    }
}

/// A 403 or 404 to the probe does not mean that the route is not available.
#[tokio::test]
async fn guided_documents_are_not_touched_if_the_probe_fails() {
    for status in [400, 403, 404, 500] {
        let unnamed = (lists()[3].clone(), (200, r#"[{"id":"g1"}]"#));
        let script = family([unnamed, (PROBE.to_owned(), (status, ""))]);
        let options = corti_delete::CascadeOptions::default().with_available_kinds(true);
        let deleted = client(&script).delete_cascade(uuid(1), options).await;
        assert!(deleted.interaction.is_err() && deleted.unlisted.is_empty(), "{status}");
        assert!(deletes_sent(&script).is_empty(), "{status}");
    }
}

#[tokio::test]
async fn an_id_that_cannot_be_sent_keeps_the_interaction_and_its_other_children() {
    for id in ["..", "", "a/b", "a?b", "%2e%2e", "Jane Doe", "{00000000-0000-0000-0000-000000000001}"] {
        let body: &'static str = format!(r#"{{"recordings":["r1","{id}"]}}"#).leak();
        let script = family([(lists()[1].clone(), (200, body))]);
        let deleted = delete(&script).await;
        assert_kept(&script, &deleted, ErrorKind::UnexpectedResponse, id);
        assert!(deletes_sent(&script).is_empty());
        let text = deleted.interaction.unwrap_err().to_string();
        assert!(text.contains("one of the recordings in the list has an id that cannot be sent"), "{text}");
        assert!(!text.contains("Jane"), "{text}");
    }
}

/// A UUID in another spelling may be an opaque id.
#[tokio::test]
async fn an_id_is_sent_byte_for_byte() {
    for id in [
        "f47ac10b58cc4372a5670e02b2c3d479",
        "F47AC10B-58CC-4372-A567-0E02B2C3D479",
        "f47ac10b-58cc-4372-a567-0e02b2c3d479",
    ] {
        let body: &'static str = format!(r#"{{"recordings":["{id}"]}}"#).leak();
        let line = format!("DELETE {}/recordings/{id}", crate::family::INTERACTION);
        let list = vec![(200, body), (200, r#"{"recordings":[]}"#)];
        let script = changing([(lists()[1].clone(), list), (line.clone(), vec![(204, "")])]);
        let deleted = delete(&script).await;
        assert!(deletes_sent(&script).contains(&line), "{script:?}");
        assert_eq!(results(&deleted)[1], (id.to_owned(), Ok(Outcome::Acknowledged)));
        let is_uuid = matches!(deleted.children[1].0.id(), RecordId::Uuid(_));
        assert_eq!(is_uuid, id == "f47ac10b-58cc-4372-a567-0e02b2c3d479");
        assert!(deleted.interaction.is_ok());
    }
}

#[tokio::test]
async fn a_child_that_is_listed_twice_is_deleted_once() {
    let twice = (lists()[1].clone(), vec![(200, r#"{"recordings":["r1","r1"]}"#), USUAL]);
    let script = changing([twice]);
    let deleted = delete(&script).await;
    assert_eq!(deletes_sent(&script).iter().filter(|line| line.ends_with("/r1")).count(), 1);
    assert!(deleted.interaction.is_ok());
}
