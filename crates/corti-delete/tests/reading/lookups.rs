//! Lookups: what counts as present, absent and active.

use corti_delete::http::Method;
use corti_delete::testing::response;
use corti_delete::{Deleter, Delivery, ErrorKind, RecordReader, RejectActive};
use delete_conformance::{FaultAction, FaultServer, Script, script};
use serde_json::{Value, json};

use crate::record;
use crate::support::{at, client, uuid};

const OWN: &str = r#"{"requestid":"r","status":404,"type":"x#A0007","detail":"no"}"#;

/// Responses of a gateway or a framework for a route that is down.
const GATEWAYS: [&str; 10] = [
    "",
    "{}",
    "null",
    "[]",
    r#"{"detail":"Not Found"}"#,
    r#"{"message":"Not Found"}"#,
    r#"{"message":"no Route matched with those values","request_id":"r"}"#,
    r#"{"message":"Missing Authentication Token"}"#,
    r#"{"requestid":"r","status":404,"type":"x#A0012","detail":"no"}"#,
    "<html>",
];

#[tokio::test]
async fn a_gateways_404_is_never_absence() {
    let responses = GATEWAYS.map(|body| (404, body)).into_iter().chain(GATEWAYS.map(|body| (400, body)));
    let other = json!({ "id": uuid(2).to_string() }).to_string();
    for (status, body) in responses.chain([(400, OWN), (403, ""), (200, &*other), (204, "")]) {
        let server = FaultServer::start([FaultAction::status(status, &[], body)]);
        assert_eq!(at(server.url()).lookup(&record(1)).await.as_str(), "unknown", "{status} {body}");
    }
    let server = FaultServer::start([FaultAction::status(404, &[], OWN)]);
    assert!(at(server.url()).lookup(&record(1)).await.is_absent());
}

/// "Seen before" is half of a proof, so that no other service's JSON may count as the interaction.
#[tokio::test]
async fn a_response_that_does_not_show_the_interaction_is_not_presence() {
    let own = json!({ "id": uuid(1).to_string() }).to_string();
    let other = json!({ "id": uuid(2).to_string() }).to_string();
    for body in ["{}", r#"{"status":"ok"}"#, r#"{"id":null}"#, r#"{"id":"x"}"#, r#"{"error":"x"}"#, &other] {
        assert_eq!(client(&Script::from_bodies([body])).lookup(&record(1)).await.as_str(), "unknown", "{body}");
    }
    assert!(client(&Script::from_bodies([own])).lookup(&record(1)).await.is_present());
}

/// Each request is a 404 with this body, but for the deletes.
fn absent(body: &'static str) -> Script {
    Script::new(move |request, _| match *request.method() {
        Method::DELETE => response(204, ""),
        _ => response(404, body),
    })
}

#[tokio::test]
async fn a_gateways_404_does_not_show_that_nothing_is_active() {
    for body in GATEWAYS {
        let script = absent(body);
        let error = client(&script).active_status(&record(1)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnexpectedResponse, "{body}");
        // The list in Corti's words, and the interaction in a gateway's.
        let mixed = Script::new(move |request, _| match request.uri().path().ends_with("/transcripts/") {
            true => response(404, OWN),
            false => response(404, body),
        });
        assert_eq!(client(&mixed).active_status(&record(1)).await.unwrap_err().kind(), ErrorKind::UnexpectedResponse);
    }
}

async fn active_status(transcripts: &str, status: Value) -> Result<Option<String>, ErrorKind> {
    let script = Script::from_bodies([transcripts.to_owned(), json!({ "status": status }).to_string()]);
    let status = client(&script).active_status(&record(1)).await.map_err(|error| error.kind())?;
    Ok(status.map(|status| status.to_string()))
}

#[tokio::test]
async fn an_interaction_is_active_while_a_transcript_is_processing() {
    let one = r#"{"transcripts":[{"id":"t1","transcriptSample":"x"}]}"#;
    for over in ["completed", "failed"] {
        assert_eq!(active_status(one, json!(over)).await, Ok(None));
    }
    for (status, reported) in
        [(json!("processing"), "processing"), (json!("x"), "x"), (Value::Null, "unknown"), (json!(1), "unknown")]
    {
        assert_eq!(active_status(one, status).await, Ok(Some(reported.to_owned())));
    }
    for none in [r#"{"transcripts":null}"#, r#"{"transcripts":[]}"#] {
        assert_eq!(active_status(none, json!("processing")).await, Ok(None));
    }
    for unknown in ["{}", "[]", r#"{"transcripts":{}}"#, r#"{"transcripts":[{"name":"t1"}]}"#, r#"{"items":[]}"#] {
        assert_eq!(active_status(unknown, json!("completed")).await, Err(ErrorKind::UnexpectedResponse), "{unknown}");
    }
}

#[tokio::test]
async fn a_gateways_404_does_not_let_a_delete_through() {
    for body in GATEWAYS {
        let script = absent(body);
        let deleter = RejectActive::new(client(&script), client(&script));
        assert!(deleter.delete(&record(1)).await.is_err(), "{body}");
        assert!(script.requests().iter().all(|line| line.starts_with("GET")), "{body}: {script:?}");
    }
}

#[tokio::test]
async fn a_list_alone_does_not_show_that_nothing_is_active() {
    assert_eq!(client(&absent(OWN)).active_status(&record(1)).await.unwrap_err().kind(), ErrorKind::NotFound);
    let denied = Script::new(|request, _| match request.uri().path().ends_with("/transcripts/") {
        true => response(404, OWN),
        false => script::json(json!({ "id": uuid(1).to_string() })),
    });
    let error = client(&denied).active_status(&record(1)).await.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::UnexpectedResponse, Delivery::Answered));
}

#[tokio::test]
async fn a_transcript_that_vanishes_meanwhile_is_not_active() {
    let unknown = r#"{"requestid":"r","status":404,"type":"x#A0012","detail":"no"}"#;
    for (body, expected) in [(unknown, Ok(None)), ("", Err(ErrorKind::UnexpectedResponse))] {
        let script = Script::new(move |request, _| match request.uri().path().ends_with("/transcripts/") {
            true => script::json(r#"{"transcripts":[{"id":"t1"}]}"#),
            false => response(404, body),
        });
        assert_eq!(client(&script).active_status(&record(1)).await.map_err(|error| error.kind()), expected, "{body}");
    }
}
