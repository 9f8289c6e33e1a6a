//! Lookups of one conversation, and the check of the key.

use delete_conformance::script::{json as json_response, list_ids, requests_of};
use delete_conformance::{FaultAction, FaultServer, Script};
use serde_json::{Value, json};
use tavus_delete::testing::response;
use tavus_delete::{Delivery, ErasureMode, ErrorKind, Presence, RecordReader, RetryPolicy, VENDOR};

use crate::workspace::{INVALID, at, builder, client, ended, id, page, record, request};

#[tokio::test]
async fn a_lookup_a_check_and_an_end_send_the_documented_requests() {
    let one = [ended("c123456").to_string()];
    let look = requests_of(&one, async |url| assert!(at(url).lookup(&record("c123456")).await.is_present())).await;
    assert_eq!(look, [request("GET /v2/conversations/c123456")]);
    let lookup =
        requests_of(&one, async |url| assert_eq!(at(url).active_status(&record("c123456")).await.unwrap(), None)).await;
    assert_eq!(lookup, [request("GET /v2/conversations/c123456")]);
    let none = [page(&[], Some(0))];
    let check =
        requests_of(none, async |url| assert_eq!(at(url).check_credential().await.unwrap().sees_records, Some(false)))
            .await;
    assert_eq!(check, [request("GET /v2/conversations?limit=100&page=1")]);
    let end = requests_of([""], async |url| at(url).end_conversation(&id("c123456")).await.unwrap()).await;
    // Some servers require it on a POST without a body.
    let with_length =
        request("POST /v2/conversations/c123456/end").replace("\r\n\r\n", "\r\ncontent-length: 0\r\n\r\n");
    assert_eq!(end, [with_length]);
}

#[tokio::test]
async fn a_client_bound_to_an_erasure_mode_reads_as_well() {
    let script = Script::from_bodies([page(&[ended("c123456")], Some(1))]);
    let bound = client(&script).with_erasure_mode(ErasureMode::Hard);
    assert_eq!(list_ids(bound.list(&Default::default())).await, ["c123456"]);
    assert_eq!(bound.check_credential().await.unwrap().sees_records, Some(true));
    let reader: &dyn RecordReader = &bound;
    assert_eq!((reader.vendor(), reader.prefers_bulk_lookup(), reader.clock_skew()), (VENDOR, false, None));
    let one = Script::from_bodies([ended("c123456").to_string()]);
    let bound = client(&one).with_erasure_mode(ErasureMode::Soft);
    assert!(bound.lookup(&record("c123456")).await.is_present());
    assert_eq!(one.requests(), ["GET /v2/conversations/c123456"]);
}

#[tokio::test]
async fn only_the_vendors_text_is_absence() {
    for (status, body, word) in [
        (400, INVALID, "absent"),
        (400, "<html>invalid conversation_id</html>", "unknown"),
        (404, "", "unknown"),
        (404, r#"{"message":"Not Found"}"#, "unknown"),
        (404, r#"{"error":"Conversation not found"}"#, "unknown"),
        (400, r#"{"error":"no"}"#, "unknown"),
        (200, r#"{"conversation_id":"c7"}"#, "unknown"),
        (200, r#"{"error":"no"}"#, "unknown"),
        (206, r#"{"conversation_id":"c123456"}"#, "unknown"),
        (200, r#"{"conversation_id":"c123456"}"#, "present"),
    ] {
        let server = FaultServer::start([FaultAction::status(status, &[], body)]);
        assert_eq!(at(server.url()).lookup(&record("c123456")).await.as_str(), word, "{status} {body}");
    }
}

#[tokio::test]
async fn a_404_is_absence_only_if_the_list_confirms_it() {
    let holding = page(&[ended("c1"), ended("c123456")], Some(2));
    let page = || FaultAction::status(200, &[], &page(&[ended("c1")], Some(1)));
    for (body, control, word) in [
        ("", page(), "absent"),
        (r#"{"message":"Not Found"}"#, page(), "absent"),
        ("", FaultAction::status(404, &[], ""), "unknown"),
        ("", FaultAction::status(503, &[], ""), "unknown"),
        ("", FaultAction::status(401, &[], ""), "unknown"),
        ("", FaultAction::status(200, &[], "<html>"), "unknown"),
        ("", FaultAction::status(200, &[], "{}"), "unknown"),
        ("<html>Not Found</html>", page(), "unknown"),
        ("", FaultAction::status(200, &[], &holding), "unknown"),
    ] {
        let server = FaultServer::start([FaultAction::status(404, &[], body), control.clone()]);
        let client = builder().base_url(server.url()).retry(RetryPolicy::none()).build().unwrap();
        let presence = client.lookup(&record("c123456")).await;
        assert_eq!(presence.as_str(), word, "{body} {control:?}");

        let server = FaultServer::start([FaultAction::status(404, &[], body), control.clone()]);
        let client = builder().base_url(server.url()).retry(RetryPolicy::none()).build().unwrap();
        let kind = client.active_status(&record("c123456")).await.unwrap_err().kind();
        assert_eq!(kind == ErrorKind::NotFound, word == "absent", "{body} {control:?}");
    }
}

#[tokio::test]
async fn a_conversation_is_active_unless_its_status_is_final() {
    let active_status = async |status: Value| {
        let mut conversation = json!({ "conversation_id": "c1", "status": status });
        if status.is_null() {
            conversation.as_object_mut().unwrap().remove("status");
        }
        let status =
            client(&Script::from_bodies([conversation.to_string()])).active_status(&record("c1")).await.unwrap();
        status.map(|status| status.to_string())
    };
    for over in ["ended", "error"] {
        assert_eq!(active_status(json!(over)).await, None);
    }
    for (status, reported) in
        [(json!("active"), "active"), (json!("paused"), "paused"), (json!(7), "unknown"), (Value::Null, "unknown")]
    {
        assert_eq!(active_status(status).await.as_deref(), Some(reported));
    }
}

#[tokio::test]
async fn only_a_404_is_followed_by_a_control_read() {
    let confirm = "GET /v2/conversations?limit=100&page=1";
    for (status, body, control) in [
        (400, INVALID, false),
        (404, "", true),
        (404, r#"{"error":"Conversation not found"}"#, true),
        (404, "<html>", false),
        (400, r#"{"error":"no"}"#, false),
        (401, "", false),
    ] {
        let script = Script::new(move |_, number| match number {
            0 => response(status, body),
            _ => json_response(page(&[], Some(0))),
        });
        let presence = client(&script).lookup(&record("c123456")).await;
        assert_eq!(presence.is_absent(), control || body == INVALID, "{status} {body}");
        let lookup = "GET /v2/conversations/c123456";
        assert_eq!(script.requests(), if control { vec![lookup, confirm] } else { vec![lookup] }, "{status} {body}");
    }
}

#[tokio::test]
async fn an_unconfirmed_404_is_reported_as_answered() {
    for (status, kind) in [
        (403, ErrorKind::UnexpectedResponse),
        (404, ErrorKind::UnexpectedResponse),
        (202, ErrorKind::UnexpectedResponse),
        (401, ErrorKind::Unauthenticated),
        (503, ErrorKind::Server),
    ] {
        let server = FaultServer::start([FaultAction::status(404, &[], ""), FaultAction::status(status, &[], "")]);
        let client = builder().base_url(server.url()).retry(RetryPolicy::none()).build().unwrap();
        let Presence::Unknown(error) = client.lookup(&record("c123456")).await else { panic!("{status}") };
        assert_eq!((error.kind(), error.delivery()), (kind, Delivery::Answered), "{error}");
        assert!(error.to_string().contains("404 for the conversation is not confirmed"), "{error}");
        assert!(error.to_string().contains("nothing was changed"), "{error}");
    }
}
