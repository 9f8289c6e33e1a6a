//! Contradicting responses, and endless lists.

use std::sync::atomic::{AtomicUsize, Ordering};

use corti_delete::http::Method;
use corti_delete::testing::response;
use corti_delete::{ErrorKind, Outcome};
use delete_conformance::{Script, script};

use crate::family::{
    INTERACTION, UNKNOWN_CHILD, UNKNOWN_INTERACTION, USUAL, assert_kept, changing, delete, deletes, deletes_sent,
    family, lists, results,
};

#[tokio::test]
async fn a_child_that_is_still_listed_keeps_the_interaction() {
    for (status, body) in [(204, ""), (404, UNKNOWN_CHILD)] {
        for place in 0..5 {
            let script = family([(deletes()[place].clone(), (status, body))]);
            let deleted = delete(&script).await;
            assert_kept(&script, &deleted, ErrorKind::UnexpectedResponse, &format!("{status} {place}"));
            assert!(deleted.interaction.unwrap_err().to_string().contains("still listed"));
            assert_eq!(
                script.requests().iter().filter(|line| **line == lists()[0]).count(),
                5,
                "at first, and four more"
            );
        }
    }
}

/// The lists, the lookup and the delete of the interaction respond with 404.
fn gone(body: &'static str) -> Script {
    let lists = lists().into_iter().take(3);
    let below = lists.chain([format!("GET {INTERACTION}"), format!("DELETE {INTERACTION}")]);
    family(below.map(|line| (line, (404, body))))
}

#[tokio::test]
async fn guided_documents_of_an_interaction_that_is_gone_are_deleted() {
    let script = gone(UNKNOWN_INTERACTION);
    let deleted = delete(&script).await;
    assert_eq!(results(&deleted), [("g1".to_owned(), Ok(Outcome::Deleted))]);
    assert!(!deleted.is_kept(), "its delete was sent");
    assert_eq!(deleted.interaction.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_gateways_404_does_not_make_an_interaction_gone() {
    for body in ["", "{}", "null", "[]", r#"{"message":"no Route matched with those values"}"#] {
        let script = gone(body);
        assert_kept(&script, &delete(&script).await, ErrorKind::UnexpectedResponse, body);
        assert!(deletes_sent(&script).is_empty(), "{body}");
    }
}

/// Two failed requests must not hide the transcripts.
#[tokio::test]
async fn a_list_that_can_be_read_after_not_found_keeps_the_interaction() {
    let absent = (404, UNKNOWN_INTERACTION);
    for place in 0..3 {
        let script = family([(lists()[place].clone(), absent), (format!("GET {INTERACTION}"), absent)]);
        let deleted = delete(&script).await;
        assert_kept(&script, &deleted, ErrorKind::UnexpectedResponse, &lists()[place]);
        assert!(deletes_sent(&script).is_empty(), "{script:?}");
    }
    // A contradiction in a later round ends the cascade.
    let script = changing([(lists()[0].clone(), vec![USUAL, absent]), (format!("GET {INTERACTION}"), vec![absent])]);
    let deleted = delete(&script).await;
    assert_kept(&script, &deleted, ErrorKind::UnexpectedResponse, "later");
    assert_eq!(deletes_sent(&script), deletes()[..5]);
}

#[tokio::test]
async fn an_interaction_that_a_lookup_shows_is_kept_although_its_lists_are_not_found() {
    let there = [(format!("GET {INTERACTION}"), (200, r#"{"id":"00000000-0000-0000-0000-000000000001"}"#))];
    let denied = lists().into_iter().take(3).map(|line| (line, (404, UNKNOWN_INTERACTION)));
    let script = family(denied.chain(there));
    assert_kept(&script, &delete(&script).await, ErrorKind::UnexpectedResponse, "there");
    assert!(deletes_sent(&script).is_empty());
}

/// Another client deletes the interaction after the lists were read.
#[tokio::test]
async fn an_interaction_that_another_client_deletes_is_not_a_contradiction() {
    let absent = (404, UNKNOWN_INTERACTION);
    let lists = lists().into_iter().take(3).map(|line| (line, vec![USUAL, absent]));
    let below = deletes().into_iter().take(4).map(|line| (line, vec![absent]));
    let rest = [format!("GET {INTERACTION}"), format!("DELETE {INTERACTION}")].map(|line| (line, vec![absent]));
    let deleted = delete(&changing(lists.chain(below).chain(rest))).await;
    assert_eq!(deleted.interaction.as_ref().unwrap_err().kind(), ErrorKind::NotFound);
    let kinds: Vec<_> = results(&deleted).into_iter().map(|(_, result)| result).collect();
    assert_eq!(kinds[..4], [Err(ErrorKind::NotFound); 4]);
    assert_eq!(kinds[4], Ok(Outcome::Deleted));
}

/// Each read of the list returns a new child.
#[tokio::test]
async fn an_endless_list_keeps_the_interaction() {
    for (count, most_deletes) in [(1, 10), (6_000, 6_000)] {
        let number = AtomicUsize::new(0);
        let endless = Script::new(move |request, _| match request.uri().path() {
            _ if request.method() == Method::DELETE => response(204, ""),
            path if path.ends_with("/recordings/") => {
                let first = number.fetch_add(count, Ordering::Relaxed);
                let ids: Vec<String> = (first..first + count).map(|number| format!("r{number}")).collect();
                script::json(serde_json::json!({ "recordings": ids }))
            }
            _ => script::json(r#"{"data":[]}"#),
        });
        let deleted = delete(&endless).await;
        assert_kept(&endless, &deleted, ErrorKind::UnexpectedResponse, "endless");
        assert_eq!(deletes_sent(&endless).len(), most_deletes);
    }
}
