//! The order of the cascade, its results, and what keeps the interaction.

use corti_delete::{CascadeOptions, ChildKind, Delivery, Error, ErrorKind, Outcome, VerifyPolicy};
use delete_conformance::{FaultAction, FaultServer};

use crate::family::{
    INTERACTION, UNKNOWN_CHILD, USUAL, assert_kept, bodies, brief, changing, delete, deletes, deletes_sent, family,
    lists, results,
};
use crate::support::{at, client, request, uuid};

#[tokio::test]
async fn every_list_is_read_before_the_first_delete_and_the_interaction_is_the_last() {
    let ok = |body: &String| FaultAction::status(200, &[], body);
    let before = bodies(|_| false).iter().map(ok).collect::<Vec<_>>();
    let after = bodies(|_| true).iter().map(ok).collect::<Vec<_>>();
    let done = || FaultAction::status(204, &[], "");
    let deleted = (0..5).map(|_| done());
    let server = FaultServer::start(before.into_iter().chain(deleted).chain(after).chain([done()]));
    let deleted = at(server.url()).delete_cascade(uuid(1), CascadeOptions::default()).await;
    assert!(deleted.children.iter().all(|(_, result)| result.is_ok()) && deleted.interaction.is_ok());
    let [children @ .., interaction] = deletes();
    let expected = lists().into_iter().chain(children).chain(lists()).chain([interaction]);
    assert_eq!(server.requests_without_host(), expected.map(|line| request(&line)).collect::<Vec<_>>());
}

#[tokio::test]
async fn each_child_has_its_own_result() {
    let deleted = delete(&family([])).await;
    let outcomes = [Outcome::Deleted, Outcome::Acknowledged, Outcome::Acknowledged, Outcome::Deleted, Outcome::Deleted];
    let ids = ["t1", "r1", "r2", "d1", "g1"].map(str::to_owned);
    assert_eq!(results(&deleted), ids.into_iter().zip(outcomes.map(Ok)).collect::<Vec<_>>());
    let kinds: Vec<ChildKind> = deleted.children.iter().map(|(child, _)| child.kind()).collect();
    let of = ChildKind::ALL;
    assert_eq!(kinds, [of[0], of[1], of[1], of[2], of[3]]);
    assert!(deleted.children.iter().all(|(child, _)| child.interaction() == uuid(1)));
    assert!(deleted.unlisted.is_empty());
    assert_eq!(deleted.interaction.unwrap().outcome(), Outcome::Deleted);
}

/// A program that is stopped has all results so far.
#[tokio::test]
async fn each_child_is_reported_before_the_next_request() {
    let script = family([(deletes()[2].clone(), (403, ""))]);
    let mut reported = Vec::new();
    let on_child = |child: &corti_delete::Child, result: &Result<_, _>| {
        let last = script.requests().pop().unwrap_or_default();
        assert!(last.ends_with(&child.id().to_string()), "{last}");
        reported.push((child.id().to_string(), brief(result)));
    };
    let deleted = client(&script).delete_cascade_with(uuid(1), CascadeOptions::default(), || Ok(()), on_child).await;
    assert_eq!(reported, results(&deleted));
    assert_eq!(reported.last(), Some(&("r2".to_owned(), Err(ErrorKind::Forbidden))));
}

#[tokio::test]
async fn an_interaction_without_children_costs_one_read_of_each_list() {
    let script = family(
        lists()
            .into_iter()
            .zip([r#"{"transcripts":[]}"#, r#"{"recordings":[]}"#, r#"{"data":[]}"#, "[]"].map(|body| (200, body))),
    );
    assert!(delete(&script).await.interaction.is_ok());
    assert_eq!(script.requests(), lists().into_iter().chain([format!("DELETE {INTERACTION}")]).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_list_that_cannot_be_read_fails_before_anything_is_deleted() {
    for (status, kind) in [
        (400, ErrorKind::Rejected),
        (401, ErrorKind::Unauthenticated),
        (403, ErrorKind::Forbidden),
        (404, ErrorKind::UnexpectedResponse),
        (302, ErrorKind::UnexpectedResponse),
        (500, ErrorKind::Server),
    ] {
        for line in lists() {
            let script = family([(line.clone(), (status, ""))]);
            let deleted = delete(&script).await;
            assert_kept(&script, &deleted, kind, &format!("{status} {line}"));
            assert!(deletes_sent(&script).is_empty() && deleted.children.is_empty(), "{status} {line}");
        }
    }
}

#[tokio::test]
async fn a_child_that_cannot_be_deleted_keeps_the_interaction() {
    for (status, body, kind) in [
        (403, "", ErrorKind::Forbidden),
        (404, "", ErrorKind::UnexpectedResponse),
        (404, "<html>", ErrorKind::UnexpectedResponse),
        (202, "", ErrorKind::UnexpectedResponse),
        (302, "", ErrorKind::UnexpectedResponse),
        (504, "", ErrorKind::Server),
    ] {
        for place in 0..5 {
            let script = family([(deletes()[place].clone(), (status, body))]);
            let deleted = delete(&script).await;
            assert_kept(&script, &deleted, kind, &format!("{status} {place}"));
            assert_eq!(results(&deleted)[place].1, Err(kind));
        }
    }
    // The second recording is deleted although the first failed; documents are not.
    let script = family([(deletes()[1].clone(), (403, ""))]);
    assert!(delete(&script).await.interaction.is_err());
    assert_eq!(deletes_sent(&script), deletes()[..3]);
    // 402 would fail every other call too.
    let script = family([(deletes()[1].clone(), (402, ""))]);
    assert!(delete(&script).await.interaction.is_err());
    assert_eq!(deletes_sent(&script), deletes()[..2]);
}

#[tokio::test]
async fn a_child_that_was_listed_and_is_not_found_does_not_keep_the_interaction() {
    let gone = (deletes()[0].clone(), vec![(404, UNKNOWN_CHILD)]);
    let not_listed = (lists()[0].clone(), vec![USUAL, (200, r#"{"transcripts":[]}"#)]);
    let deleted = delete(&changing([gone, not_listed])).await;
    assert_eq!(results(&deleted)[0], ("t1".to_owned(), Err(ErrorKind::NotFound)));
    assert_eq!(deleted.interaction.unwrap().outcome(), Outcome::Deleted);
}

#[tokio::test]
async fn a_lost_response_and_then_not_found_is_gone_for_a_child_too() {
    let empty = || FaultAction::status(200, &[], r#"{"data":[]}"#);
    let actions = [
        FaultAction::status(200, &[], r#"{"transcripts":[{"id":"t1"}]}"#),
        empty(),
        empty(),
        empty(),
        FaultAction::Close,
        FaultAction::status(404, &[], UNKNOWN_CHILD),
        empty(),
    ];
    let server = FaultServer::start(actions);
    let deleted = at(server.url()).delete_cascade(uuid(1), CascadeOptions::default()).await;
    assert_eq!(results(&deleted), [("t1".to_owned(), Ok(Outcome::Gone))]);
}

#[tokio::test]
async fn a_child_that_appears_later_is_deleted_too() {
    let again = r#"{"transcripts":[{"id":"t2"}]}"#;
    let new = format!("DELETE {INTERACTION}/transcripts/t2");
    let list = (lists()[0].clone(), vec![USUAL, (200, again), (200, r#"{"transcripts":[]}"#)]);
    let script = changing([list, (new.clone(), vec![(204, "")])]);
    let deleted = delete(&script).await;
    assert_eq!(results(&deleted)[5], ("t2".to_owned(), Ok(Outcome::Deleted)));
    assert!(deleted.interaction.is_ok() && deletes_sent(&script).contains(&new));
}

#[tokio::test]
async fn a_list_that_shows_deletions_late_is_read_again() {
    let late = lists().into_iter().zip(bodies(|_| false)).map(|(line, body)| {
        let body: &'static str = body.leak();
        (line, vec![(200, body), (200, body), (200, body), USUAL])
    });
    let script = changing(late);
    let deleted = delete(&script).await;
    assert!(deleted.interaction.is_ok() && deleted.children.len() == 5, "{:?}", deleted.interaction);
    assert_eq!(script.requests().iter().filter(|line| **line == lists()[0]).count(), 4);
    let options = CascadeOptions::default().with_verify(VerifyPolicy::once());
    let once = changing([(lists()[0].clone(), vec![(200, r#"{"transcripts":[{"id":"t1"}]}"#)])]);
    let deleted = client(&once).delete_cascade(uuid(1), options).await;
    assert_kept(&once, &deleted, ErrorKind::UnexpectedResponse, "still listed");
    assert_eq!(once.requests().iter().filter(|line| **line == lists()[0]).count(), 2);
}

#[tokio::test]
async fn no_more_deletes_are_sent_once_may_delete_refuses_one() {
    for allowed in 0..6 {
        let script = family([]);
        let may_delete = || match deletes_sent(&script).len() < allowed {
            true => Ok(()),
            false => Err(Error::invalid_input("it is held")),
        };
        let options = CascadeOptions::default();
        let deleted = client(&script).delete_cascade_with(uuid(1), options, may_delete, |_, _| ()).await;
        assert_eq!(deletes_sent(&script), deletes()[..allowed]);
        let error = deleted.interaction.as_ref().unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::InvalidInput, Delivery::NotSent));
        assert!(deleted.is_kept() && deleted.children.len() == allowed);
    }
}
