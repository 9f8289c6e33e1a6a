//! An interaction with children, in the process.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;

use corti_delete::http::{Body, Bytes, Request, Response};
use corti_delete::testing::response;
use corti_delete::{CascadeDeletion, CascadeOptions, Deletion, Delivery, Error, ErrorKind, Outcome};
use delete_conformance::Script;

use crate::support::{client, uuid};

pub(crate) const INTERACTION: &str = "/v2/interactions/00000000-0000-0000-0000-000000000001";
const GUIDED: &str = "/v2/documents/?interactionId=00000000-0000-0000-0000-000000000001";
/// The list of guided documents of the probe id.
pub(crate) const PROBE: &str = "GET /v2/documents/?interactionId=ffffffff-ffff-0fff-3fff-fffffffffffe";
pub(crate) const UNKNOWN_INTERACTION: &str = r#"{"requestid":"r","status":404,"type":"x#A0007","detail":"no"}"#;
pub(crate) const UNKNOWN_CHILD: &str = r#"{"requestid":"r","status":404,"type":"x#A0012","detail":"no"}"#;

/// Selects the default response.
pub(crate) const USUAL: (u16, &str) = (0, "");

/// The four lists, in the order in which they are read.
pub(crate) fn lists() -> [String; 4] {
    [
        format!("GET {INTERACTION}/transcripts/"),
        format!("GET {INTERACTION}/recordings/"),
        format!("GET {INTERACTION}/documents/"),
        format!("GET {GUIDED}"),
    ]
}

/// The deletes of the children, and last of the interaction.
pub(crate) fn deletes() -> [String; 6] {
    [
        format!("DELETE {INTERACTION}/transcripts/t1"),
        format!("DELETE {INTERACTION}/recordings/r1"),
        format!("DELETE {INTERACTION}/recordings/r2"),
        format!("DELETE {INTERACTION}/documents/d1"),
        "DELETE /v2/documents/g1".to_owned(),
        format!("DELETE {INTERACTION}"),
    ]
}

/// The bodies of the lists, without the children for which `is_deleted` is true.
pub(crate) fn bodies(is_deleted: impl Fn(&str) -> bool) -> [String; 4] {
    let list = |items: &[(&str, &str)]| {
        let left: Vec<&str> = items.iter().filter(|(id, _)| !is_deleted(id)).map(|(_, item)| *item).collect();
        format!("[{}]", left.join(","))
    };
    [
        format!(r#"{{"transcripts":{}}}"#, list(&[("t1", r#"{"id":"t1","transcriptSample":"x"}"#)])),
        format!(r#"{{"recordings":{}}}"#, list(&[("r1", r#""r1""#), ("r2", r#""r2""#)])),
        format!(r#"{{"data":{}}}"#, list(&[("d1", r#"{"id":"d1"}"#)])),
        list(&[("g1", r#"{"id":"g1","interactionId":"00000000-0000-0000-0000-000000000001"}"#)]),
    ]
}

/// An interaction with one or two children of each kind. `others` replaces the responses to some requests. A successful
/// delete removes the child from its list.
pub(crate) fn family(others: impl IntoIterator<Item = (String, (u16, &'static str))>) -> Script {
    changing(others.into_iter().map(|(line, response)| (line, vec![response])))
}

/// As `family`, with several responses in turn; the last one is repeated.
pub(crate) fn changing(others: impl IntoIterator<Item = (String, Vec<(u16, &'static str)>)>) -> Script {
    let others: Mutex<HashMap<_, _>> = Mutex::new(others.into_iter().collect());
    let deleted = Mutex::new(HashSet::new());
    Script::new(move |request, _| {
        let line = line(request);
        let mut others = others.lock().unwrap();
        let (status, body) = match others.get_mut(&line) {
            Some(responses) if responses.len() > 1 => responses.remove(0),
            Some(responses) => responses[0],
            None => USUAL,
        };
        match status {
            0 => usual(&line, &mut deleted.lock().unwrap()),
            _ => response(status, body),
        }
    })
}

fn usual(line: &str, deleted: &mut HashSet<String>) -> Response<Body> {
    if let Some(list) = lists().iter().position(|list| list == line) {
        let body = bodies(|id| deleted.contains(id)).into_iter().nth(list).unwrap();
        return response(200, body);
    }
    assert!(deletes().contains(&line.to_owned()), "{line}");
    deleted.extend(line.rsplit('/').next().map(str::to_owned));
    response(204, "")
}

fn line(request: &Request<Bytes>) -> String {
    format!("{} {}", request.method(), request.uri().path_and_query().unwrap())
}

pub(crate) async fn delete(script: &Script) -> CascadeDeletion {
    client(script).delete_cascade(uuid(1), CascadeOptions::default()).await
}

/// The result of each child: its id, and the outcome or the kind of the error.
pub(crate) fn results(deleted: &CascadeDeletion) -> Vec<(String, Result<Outcome, ErrorKind>)> {
    deleted.children.iter().map(|(child, result)| (child.id().to_string(), brief(result))).collect()
}

pub(crate) fn brief(result: &Result<Deletion, Error>) -> Result<Outcome, ErrorKind> {
    result.as_ref().map(Deletion::outcome).map_err(Error::kind)
}

pub(crate) fn deletes_sent(script: &Script) -> Vec<String> {
    script.requests().into_iter().filter(|line| line.starts_with("DELETE")).collect()
}

/// Checks that the interaction was kept, and that its error reports it.
pub(crate) fn assert_kept(script: &Script, deleted: &CascadeDeletion, kind: ErrorKind, context: &str) {
    assert!(!script.requests().contains(&format!("DELETE {INTERACTION}")), "{context}: {:?}", script.requests());
    let error = deleted.interaction.as_ref().unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (kind, Delivery::NotSent), "{context}: {error}");
    assert!(deleted.is_kept() && error.to_string().contains("the interaction was kept"), "{context}: {error}");
}
