//! What goes over the wire to delete an interaction with all that belongs to it, and what comes of the answers.

// A failed `unwrap` is a failed test, also in a helper.
#![allow(clippy::unwrap_used)]

mod support;

use std::collections::HashMap;
use std::sync::Mutex;

use corti_delete::transport::{Request, Response};
use corti_delete::{ChildKind, Delivery, ErrorKind, Looks, Outcome, WithChildren};
use delete_conformance::script::{self, sent};
use delete_conformance::{Behaviour, FaultServer, Script};
use support::{at, client, request, uuid};

const INTERACTION: &str = "/v2/interactions/00000000-0000-0000-0000-000000000001";
const GUIDED: &str = "/v2/documents/?interactionId=00000000-0000-0000-0000-000000000001";
/// The same list for an interaction that nobody has.
const NOBODYS: &str = "GET /v2/documents/?interactionId=ffffffff-ffff-ffff-ffff-fffffffffffe";
/// The list under its other name.
const GUIDED_ELSEWHERE: &str = r#"{"documents":[{"id":"g1","interactionId":"00000000-0000-0000-0000-000000000001"}]}"#;
const UNKNOWN_INTERACTION: &str = r#"{"requestid":"r","status":404,"type":"x#A0007","detail":"no"}"#;
const UNKNOWN_CHILD: &str = r#"{"requestid":"r","status":404,"type":"x#A0012","detail":"no"}"#;

/// The four lists, in the order in which they are read.
fn lists() -> [(String, &'static str); 4] {
    [
        (format!("GET {INTERACTION}/transcripts/"), r#"{"transcripts":[{"id":"t1","transcriptSample":"x"}]}"#),
        (format!("GET {INTERACTION}/recordings/"), r#"{"recordings":["r1","r2"]}"#),
        (format!("GET {INTERACTION}/documents/"), r#"{"data":[{"id":"d1"}]}"#),
        (format!("GET {GUIDED}"), r#"{"data":[{"id":"g1","interactionId":"00000000-0000-0000-0000-000000000001"}]}"#),
    ]
}

/// The deletes of what the lists hold, and at last of the interaction.
fn deletes() -> [String; 6] {
    ["transcripts/t1", "recordings/r1", "recordings/r2", "documents/d1"]
        .map(|child| format!("DELETE {INTERACTION}/{child}"))
        .into_iter()
        .chain(["DELETE /v2/documents/g1".to_owned(), format!("DELETE {INTERACTION}")])
        .collect::<Vec<_>>()
        .try_into()
        .unwrap()
}

/// An interaction with one child or two of each sort, where some requests are answered in other ways.
fn interaction(others: impl IntoIterator<Item = (String, (u16, &'static str))>) -> Script {
    changing(others.into_iter().map(|(line, answer)| (line, vec![answer])))
}

/// The same, with several answers in turn; the last one stays.
fn changing(others: impl IntoIterator<Item = (String, Vec<(u16, &'static str)>)>) -> Script {
    let mut answers: HashMap<String, Vec<(u16, &'static str)>> = HashMap::new();
    answers.extend(lists().map(|(line, body)| (line, vec![(200, body)])));
    answers.extend(deletes().map(|line| (line, vec![(204, "")])));
    answers.extend(others);
    let answers = Mutex::new(answers);
    Script::new(move |request, _| {
        let mut answers = answers.lock().unwrap();
        let answers = answers.get_mut(&line(request)).unwrap_or_else(|| panic!("{}", line(request)));
        let (status, body) = if answers.len() > 1 { answers.remove(0) } else { answers[0] };
        Response::new(status).with_body(body)
    })
}

fn line(request: &Request) -> String {
    format!("{} {}", request.method().as_str(), request.path_and_query())
}

async fn delete(script: &Script) -> WithChildren {
    client(script).delete_with_children(uuid(1)).await
}

/// What came of each child: its id, and the outcome or the kind of the error.
fn told(deleted: &WithChildren) -> Vec<(String, Result<Outcome, ErrorKind>)> {
    let result = |result: &Result<corti_delete::Deletion, corti_delete::Error>| match result {
        Ok(deletion) => Ok(deletion.outcome()),
        Err(error) => Err(error.kind()),
    };
    deleted.children.iter().map(|(child, of)| (child.id().to_string(), result(of))).collect()
}

fn deletes_sent(script: &Script) -> Vec<String> {
    script.asked().into_iter().filter(|line| line.starts_with("DELETE")).collect()
}

/// The interaction was not touched, and its error says so.
fn assert_left_alone(script: &Script, deleted: &WithChildren, kind: ErrorKind, context: &str) {
    assert!(!script.asked().contains(&format!("DELETE {INTERACTION}")), "{context}: {:?}", script.asked());
    let error = deleted.interaction.as_ref().unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (kind, Delivery::NotSent), "{context}");
    assert!(error.to_string().contains("it was left as it is"), "{context}: {error}");
}

#[tokio::test]
async fn everything_goes_in_order_with_the_interaction_last() {
    let [transcripts, recordings, documents, guided] = lists().map(|(_, body)| body);
    let bodies = [transcripts, "", transcripts, recordings, "", "", recordings, documents, "", documents, guided, ""];
    let sent = sent(bodies.into_iter().chain([guided, ""]), async |url| {
        let deleted = at(url).delete_with_children(uuid(1)).await;
        assert!(deleted.children.iter().all(|(_, result)| result.is_ok()) && deleted.interaction.is_ok());
    });
    let ([t, r, d, g], [t1, r1, r2, d1, g1, all]) = (lists().map(|(line, _)| line), deletes());
    let (ts, rs, ds, gs) = (t.clone(), r.clone(), d.clone(), g.clone());
    let expected = [t, t1, ts, r, r1, r2, rs, d, d1, ds, g, g1, gs, all].map(|line| request(&line));
    assert_eq!(sent.await, expected);
}

#[tokio::test]
async fn each_child_has_a_line_and_a_recording_is_acknowledged() {
    let deleted = delete(&interaction([])).await;
    let outcomes = [Outcome::Deleted, Outcome::Acknowledged, Outcome::Acknowledged, Outcome::Deleted, Outcome::Deleted];
    let ids = ["t1", "r1", "r2", "d1", "g1"].map(str::to_owned);
    assert_eq!(told(&deleted), ids.into_iter().zip(outcomes.map(Ok)).collect::<Vec<_>>());
    let kinds: Vec<ChildKind> = deleted.children.iter().map(|(child, _)| child.kind()).collect();
    let of = ChildKind::ALL;
    assert_eq!(kinds, [of[0], of[1], of[1], of[2], of[3]]);
    assert!(deleted.children.iter().all(|(child, _)| child.interaction() == uuid(1)));
    assert_eq!(deleted.interaction.unwrap().outcome(), Outcome::Deleted);
}

#[tokio::test]
async fn children_are_found_without_deleting() {
    let script = interaction([]);
    let children = client(&script).children(uuid(1)).await.unwrap();
    let ids: Vec<String> = children.iter().map(|child| child.id().to_string()).collect();
    assert_eq!(ids, ["t1", "r1", "r2", "d1", "g1"]);
    assert_eq!(script.asked(), lists().map(|(line, _)| line));
    let gone = interaction([(lists()[0].0.clone(), (404, UNKNOWN_INTERACTION))]);
    assert_eq!(client(&gone).children(uuid(1)).await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_child_that_is_gone_is_no_obstacle() {
    let script = interaction([(deletes()[0].clone(), (404, UNKNOWN_CHILD))]);
    let deleted = delete(&script).await;
    assert_eq!(told(&deleted)[0], ("t1".to_owned(), Ok(Outcome::Gone)));
    assert_eq!(deleted.interaction.unwrap().outcome(), Outcome::Deleted);
}

#[tokio::test]
async fn a_child_that_cannot_be_deleted_keeps_the_interaction() {
    for (status, body, kind) in [
        (403, "", ErrorKind::Forbidden),
        (404, "", ErrorKind::UnexpectedResponse),
        (404, "<html>", ErrorKind::UnexpectedResponse),
        (302, "", ErrorKind::UnexpectedResponse),
        (504, "", ErrorKind::Server),
    ] {
        for place in 0..5 {
            let script = interaction([(deletes()[place].clone(), (status, body))]);
            let deleted = delete(&script).await;
            assert_left_alone(&script, &deleted, kind, &format!("{status} {place}"));
            assert_eq!(told(&deleted)[place].1, Err(kind));
        }
    }
    // The second recording is tried although the first failed; documents are not.
    let script = interaction([(deletes()[1].clone(), (403, ""))]);
    delete(&script).await;
    assert_eq!(deletes_sent(&script), deletes()[..3]);
}

#[tokio::test]
async fn a_list_of_unknown_form_is_an_error_and_not_empty() {
    for body in ["{}", "[]", "null", r#"{"items":[]}"#, r#"{"data":{}}"#, r#"{"data":[{"name":"x"}]}"#, "<html>", ""] {
        for (line, _) in lists() {
            let script = interaction([(line.clone(), (200, body))]);
            let deleted = delete(&script).await;
            assert_left_alone(&script, &deleted, ErrorKind::UnexpectedResponse, &format!("{line} {body}"));
        }
    }
    for (status, kind) in [(403, ErrorKind::Forbidden), (500, ErrorKind::Server)] {
        let script = interaction([(lists()[2].0.clone(), (status, ""))]);
        assert_left_alone(&script, &delete(&script).await, kind, "documents");
    }
}

#[tokio::test]
async fn a_list_may_be_null_and_have_other_names() {
    let lists = lists().map(|(line, _)| line);
    let bodies = [r#"{"transcripts":null}"#, r#"{"recordings":null}"#, r#"{"data":[]}"#, GUIDED_ELSEWHERE];
    let script = interaction(lists.into_iter().zip(bodies.map(|body| (200, body))));
    let deleted = delete(&script).await;
    assert_eq!(told(&deleted), [("g1".to_owned(), Ok(Outcome::Deleted))]);
    assert!(deleted.interaction.is_ok());
}

#[tokio::test]
async fn a_child_that_comes_meanwhile_is_deleted_too() {
    let (line, first) = lists()[0].clone();
    let again = r#"{"transcripts":[{"id":"t1"},{"id":"t2"}]}"#;
    let new = format!("DELETE {INTERACTION}/transcripts/t2");
    let script = changing([(line.clone(), vec![(200, first), (200, again)]), (new.clone(), vec![(204, "")])]);
    let deleted = delete(&script).await;
    assert_eq!(told(&deleted)[1], ("t2".to_owned(), Ok(Outcome::Deleted)));
    assert_eq!(script.asked()[..5], [line.clone(), deletes()[0].clone(), line.clone(), new, line]);
}

/// The interaction is gone, as all below it says.
fn gone(body: &'static str) -> Script {
    let lists = lists().into_iter().take(3).map(|(line, _)| line);
    let below = lists.chain([format!("GET {INTERACTION}"), format!("DELETE {INTERACTION}")]);
    interaction(below.map(|line| (line, (404, body))))
}

#[tokio::test]
async fn guided_documents_of_an_interaction_that_is_gone_are_deleted() {
    for body in [UNKNOWN_INTERACTION, ""] {
        let script = gone(body);
        let deleted = delete(&script).await;
        assert_eq!(told(&deleted), [("g1".to_owned(), Ok(Outcome::Deleted))]);
        assert_eq!(deleted.interaction.unwrap_err().kind(), ErrorKind::NotFound);
    }
}

#[tokio::test]
async fn a_list_that_denies_an_interaction_which_is_there_keeps_it() {
    for body in [UNKNOWN_INTERACTION, ""] {
        let there = (format!("GET {INTERACTION}"), (200, "{}"));
        let script = interaction([(lists()[0].0.clone(), (404, body)), there]);
        let deleted = delete(&script).await;
        assert_left_alone(&script, &deleted, ErrorKind::UnexpectedResponse, body);
    }
}

#[tokio::test]
async fn guided_documents_of_another_interaction_are_not_touched() {
    let foreign = r#"{"data":[{"id":"g1","interactionId":"00000000-0000-0000-0000-000000000001"},
        {"id":"g2","interactionId":"00000000-0000-0000-0000-000000000002"}]}"#;
    let script = interaction([(lists()[3].0.clone(), (200, foreign))]);
    let deleted = delete(&script).await;
    assert_left_alone(&script, &deleted, ErrorKind::UnexpectedResponse, "guided documents");
    assert_eq!(deletes_sent(&script), deletes()[..4]);
}

#[tokio::test]
async fn guided_documents_that_do_not_name_their_interaction_are_deleted_where_the_list_is_narrowed() {
    let unnamed = (lists()[3].0.clone(), vec![(200, r#"{"data":[{"id":"g1"}]}"#), (200, r#"{"data":[]}"#)]);
    let script = changing([unnamed, (NOBODYS.to_owned(), vec![(200, r#"{"data":[]}"#)])]);
    assert!(delete(&script).await.interaction.is_ok());
    assert_eq!(deletes_sent(&script), deletes());
    assert!(script.asked().contains(&NOBODYS.to_owned()));
}

#[tokio::test]
async fn guided_documents_that_nothing_ties_to_the_interaction_are_not_touched() {
    let lists_all = Script::new(|request, _| match request.path_and_query().split('?').next() {
        _ if request.method().as_str() == "DELETE" => Response::new(204),
        Some("/v2/documents/") => script::json(r#"{"data":[{"id":"g1"},{"id":"of_another_interaction"}]}"#),
        _ => script::json(r#"{"data":[]}"#),
    });
    delete(&lists_all).await;
    assert!(!lists_all.asked().contains(&"DELETE /v2/documents/of_another_interaction".to_owned()));
}

#[tokio::test]
async fn an_id_that_would_lead_elsewhere_is_not_sent() {
    for id in ["..", "", "a/b", "a?b", "%2e%2e"] {
        let body = format!(r#"{{"recordings":["{id}"]}}"#);
        let script = interaction([(lists()[1].0.clone(), (200, &*body.leak()))]);
        assert_left_alone(&script, &delete(&script).await, ErrorKind::UnexpectedResponse, id);
        assert_eq!(deletes_sent(&script), deletes()[..1]);
    }
}

#[tokio::test]
async fn a_lost_answer_to_a_childs_delete_is_settled_by_the_next() {
    let behaviours = [
        Behaviour::status(200, &[], r#"{"transcripts":[{"id":"t1"}]}"#),
        Behaviour::Drop,
        Behaviour::status(404, &[], UNKNOWN_CHILD),
        Behaviour::status(200, &[], r#"{"transcripts":[]}"#),
        Behaviour::status(200, &[], r#"{"data":[]}"#),
    ];
    let server = FaultServer::start(behaviours).await;
    let deleted = at(server.url()).delete_with_children(uuid(1)).await;
    assert_eq!(told(&deleted), [("t1".to_owned(), Ok(Outcome::Gone))]);
}

#[tokio::test]
async fn a_child_that_stays_listed_keeps_its_interaction_where_proof_is_wanted() {
    let script = interaction([]);
    let deleted = client(&script).delete_with_proven_children(uuid(1), Looks::default()).await;
    assert_left_alone(&script, &deleted, ErrorKind::UnexpectedResponse, "transcripts");
    let list = lists()[0].0.clone();
    assert_eq!(script.asked().iter().filter(|line| **line == list).count(), 5, "at first, and four looks");

    let late = lists().map(|(line, body)| (line, vec![(200, body), (200, body), (200, body), (200, r#"{"data":[]}"#)]));
    let script = changing(late);
    let deleted = client(&script).delete_with_proven_children(uuid(1), Looks::default()).await;
    assert!(deleted.interaction.is_ok() && deleted.children.len() == 5);
}
