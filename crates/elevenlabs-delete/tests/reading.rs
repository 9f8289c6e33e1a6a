//! The requests that list and look up conversations, and what the responses mean.

// A failed `unwrap` is a failed test, also in a helper.
#![allow(clippy::unwrap_used)]

use std::time::{Duration, SystemTime};

use delete_conformance::script::{self, list_ids, list_results, parameter, requests_of};
use delete_conformance::{FaultAction, FaultServer, Script};
use elevenlabs_delete::testing::{TestClock, response};
use elevenlabs_delete::{
    ApiKey, Client, ClientBuilder, Clock, ConversationId, ErrorKind, Filter, RecordId, RecordReader, status,
};
use serde_json::{Value, json};

/// The test clock's first moment, 2026-01-01.
const NOW: i64 = 1_767_225_600;

fn builder() -> ClientBuilder {
    Client::builder(ApiKey::new("sk_key").unwrap()).clock(TestClock::new())
}

fn client(script: &Script) -> Client {
    builder().transport(script.transport()).build().unwrap()
}

fn at(url: String) -> Client {
    builder().base_url(url).build().unwrap()
}

fn record(id: &str) -> RecordId {
    id.parse::<ConversationId>().unwrap().into()
}

fn time(seconds: i64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds as u64)
}

fn item(id: &str, start: i64) -> Value {
    json!({
        "conversation_id": id, "agent_id": "agent_1", "start_time_unix_secs": start, "status": "done",
        "call_duration_secs": 61, "message_count": 9, "call_successful": "success"
    })
}

fn items(ids: &[&str]) -> Vec<Value> {
    ids.iter().map(|id| item(id, NOW - 1000)).collect()
}

/// A page with a cursor to the next, or the last one.
fn page(items: &[Value], next: Option<&str>) -> String {
    json!({ "conversations": items, "has_more": next.is_some(), "next_cursor": next }).to_string()
}

/// The request, byte for byte, without the host.
fn request(target: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "GET {target} HTTP/1.1\r\naccept: application/json\r\nuser-agent: elevenlabs-delete/{version}\r\naccept-encoding: identity\r\n\
         xi-api-key: sk_key\r\n\r\n"
    )
}

const LIST: &str = "/v1/convai/conversations?page_size=100&summary_mode=exclude";

#[tokio::test]
async fn a_list_follows_the_cursor_with_the_same_filters() {
    let until_now = format!("call_start_before_unix={}", NOW + 2);
    for (filter, query) in [
        (Filter::new(), until_now.clone()),
        (
            Filter::new().with_since(time(NOW - 2000)).with_until(time(NOW - 5)),
            format!("call_start_after_unix={}&call_start_before_unix={}", NOW - 2001, NOW - 3),
        ),
        (Filter::new().with_agent("Zoë & co/ü"), format!("agent_id=Zo%C3%AB+%26+co%2F%C3%BC&{until_now}")),
        (
            Filter::new().with_status(status::DONE).with_status(status::FAILED),
            format!("{until_now}&exclude_statuses=initiated&exclude_statuses=in-progress&exclude_statuses=processing"),
        ),
    ] {
        let items = |id: &str| {
            let mut item = item(id, NOW - 1000);
            item["agent_id"] = json!("Zoë & co/ü");
            [item]
        };
        let bodies = [page(&items("c1"), Some("x&limit=1?#/+ =%é")), page(&items("c2"), None)];
        let sent =
            requests_of(bodies, async |url| assert_eq!(list_ids(at(url).list(&filter)).await, ["c1", "c2"])).await;
        let cursor = "cursor=x%26limit%3D1%3F%23%2F%2B+%3D%25%C3%A9";
        assert_eq!(sent, [request(&format!("{LIST}&{query}")), request(&format!("{LIST}&{cursor}&{query}"))]);
    }
}

#[tokio::test]
async fn a_lookup_and_a_check_send_the_documented_requests() {
    let one = [json!({ "conversation_id": "conv_1", "status": "done" }).to_string()];
    let look = requests_of(&one, async |url| assert!(at(url).lookup(&record("conv_1")).await.is_present())).await;
    assert_eq!(look, [request("/v1/convai/conversations/conv_1")]);
    let lookup =
        requests_of(&one, async |url| assert_eq!(at(url).active_status(&record("conv_1")).await.unwrap(), None)).await;
    assert_eq!(lookup, [request("/v1/convai/conversations/conv_1")]);
    let one = [page(&items(&["c1"]), Some("more"))];
    let check =
        requests_of(one, async |url| assert_eq!(at(url).check_credential().await.unwrap().sees_records, Some(true)))
            .await;
    assert_eq!(check, [request("/v1/convai/conversations?page_size=1&summary_mode=exclude")]);
}

#[tokio::test]
async fn only_the_vendors_code_is_absence() {
    for (status, body, word) in [
        (404, r#"{"detail":{"status":"conversation_not_found"}}"#, "absent"),
        (404, r#"{"detail":"Not Found"}"#, "unknown"),
        (404, "<html>", "unknown"),
        (401, r#"{"detail":{"status":"missing_permissions"}}"#, "unknown"),
        (200, r#"{"conversation_id":"conv_2","status":"done"}"#, "unknown"),
        (200, r#"{"detail":{"status":"x","message":"m"}}"#, "unknown"),
        (206, r#"{"conversation_id":"conv_1","status":"done"}"#, "unknown"),
        (200, r#"{"conversation_id":"conv_1","status":"done","transcript":[]}"#, "present"),
    ] {
        let server = FaultServer::start([FaultAction::status(status, &[], body)]);
        assert_eq!(at(server.url()).lookup(&record("conv_1")).await.as_str(), word, "{status} {body}");
    }
}

#[tokio::test]
async fn a_conversation_is_active_unless_its_status_is_final() {
    let active_status = async |status: Value| {
        let body = json!({ "conversation_id": "c1", "status": status }).to_string();
        let status = client(&Script::from_bodies([body])).active_status(&record("c1")).await.unwrap();
        status.map(|status| status.to_string())
    };
    for over in ["done", "failed"] {
        assert_eq!(active_status(json!(over)).await, None);
    }
    for status in ["initiated", "in-progress", "processing", "x"] {
        assert_eq!(active_status(json!(status)).await.as_deref(), Some(status));
    }
    assert_eq!(active_status(Value::Null).await.as_deref(), Some("unknown"));
}

#[tokio::test]
async fn the_end_of_the_range_is_fixed_when_the_listing_is_made() {
    let clock = TestClock::new();
    let script = Script::from_bodies([page(&items(&["c1"]), Some("1")), page(&items(&["c2"]), None)]);
    let client = builder().clock(clock.clone()).transport(script.transport()).build().unwrap();
    let mut listing = client.list(&Filter::new()).unwrap();
    while listing.next().await.is_some() {
        clock.advance(Duration::from_secs(3600));
    }
    assert_eq!(script.query_values("call_start_before_unix"), vec![Some((NOW + 2).to_string()); 2]);
    assert!(clock.system_now() > time(NOW));
}

#[tokio::test]
async fn calls_that_begin_after_the_listing_are_left_out() {
    let mixed = [item("new", NOW), item("newer", NOW + 1), item("old", NOW - 1)];
    for filter in [Filter::new(), Filter::new().with_until(time(NOW + 3600))] {
        let script = Script::from_bodies([page(&mixed, None)]);
        assert_eq!(list_ids(client(&script).list(&filter)).await, ["old"], "{filter:?}");
        assert_eq!(script.query_values("call_start_before_unix"), [Some((NOW + 2).to_string())]);
    }
}

#[tokio::test]
async fn a_call_without_a_start_is_one_error() {
    let mut calls = items(&["c1", "c2", "c3"]);
    calls[1]["start_time_unix_secs"] = Value::Null;
    let listed = list_results(client(&Script::from_bodies([page(&calls, None)])).list(&Filter::new())).await;
    assert_eq!(listed, [Ok("c1".into()), Err(ErrorKind::UnexpectedResponse), Ok("c3".into())]);
}

const EXPIRED: &str = r#"{"detail":{"code":"invalid_cursor","message":"expired"}}"#;

/// Three pages; the cursor has expired in the first `expiries` requests that have one.
fn expiring(expiries: usize) -> Script {
    let expired = std::sync::atomic::AtomicUsize::new(0);
    Script::new(move |request, _| {
        let cursor = parameter(request.uri(), "cursor");
        let is_lost =
            cursor.as_deref() == Some("2") && expired.fetch_add(1, std::sync::atomic::Ordering::SeqCst) < expiries;
        match cursor.as_deref() {
            _ if is_lost => response(400, EXPIRED),
            None => script::json(page(&items(&["c1", "c2"]), Some("1"))),
            Some("1") => script::json(page(&items(&["c3"]), Some("2"))),
            _ => script::json(page(&items(&["c4"]), None)),
        }
    })
}

#[tokio::test]
async fn an_expired_cursor_restarts_the_list_at_most_three_times() {
    for expiries in 0..=3 {
        let script = expiring(expiries);
        let listed = list_ids(client(&script).list(&Filter::new())).await;
        assert_eq!(listed, [["c1", "c2", "c3"].repeat(expiries + 1), vec!["c4"]].concat());
        let cursors = script.query_values("cursor");
        let cursors: Vec<_> = cursors.iter().map(Option::as_deref).collect();
        assert_eq!(cursors, [None, Some("1"), Some("2")].repeat(expiries + 1));
    }
    let script = expiring(4);
    let listed = list_results(client(&script).list(&Filter::new())).await;
    assert_eq!(listed.last(), Some(&Err(ErrorKind::UnexpectedResponse)));
    assert_eq!(script.requests().len(), 3 * 4);
}

#[tokio::test]
async fn a_first_page_with_invalid_cursor_is_not_requested_again() {
    let script = Script::new(|_, _| response(400, EXPIRED));
    assert_eq!(list_results(client(&script).list(&Filter::new())).await.len(), 1);
    assert_eq!(script.requests().len(), 1);
}

#[tokio::test]
async fn a_missing_cursor_is_an_error() {
    let no_end = |body: Value| async move {
        let bodies = [page(&items(&["c1"]), Some("1")), body.to_string()];
        list_results(client(&Script::from_bodies(bodies)).list(&Filter::new())).await
    };
    let lost = Err(ErrorKind::UnexpectedResponse);
    let more = items(&["c2"]);
    for body in [
        json!({ "conversations": more, "has_more": true, "next_cursor": "1" }),
        json!({ "conversations": more, "has_more": true, "next_cursor": null }),
        json!({ "conversations": more, "has_more": true }),
        json!({ "conversations": more, "next_cursor": "2" }),
        json!({ "conversations": more }),
    ] {
        assert_eq!(no_end(body.clone()).await, [Ok("c1".into()), lost.clone()], "{body}");
    }
    let end = json!({ "conversations": more, "has_more": false, "next_cursor": "2" });
    assert_eq!(no_end(end).await, [Ok("c1".into()), Ok("c2".into())]);
}

#[tokio::test]
async fn a_cycle_of_cursors_ends_with_an_error() {
    let script = Script::new(|_, number| {
        let next = ["1", "2", "3"][number % 3];
        script::json(page(&items(&[&format!("c{number}")]), Some(next)))
    });
    let listed = list_results(client(&script).list(&Filter::new())).await;
    assert_eq!(listed.last(), Some(&Err(ErrorKind::UnexpectedResponse)));
    assert!(listed.len() < 12, "{listed:?}");
}
