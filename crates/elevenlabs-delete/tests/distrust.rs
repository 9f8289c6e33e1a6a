//! Lists of a server that ignores filters, or whose records are not as documented.

// A failed `unwrap` is a failed test, also in a helper.
#![allow(clippy::unwrap_used)]

use std::time::{Duration, SystemTime};

use delete_conformance::Script;
use delete_conformance::script::{json, list_ids, parameter};
use elevenlabs_delete::testing::{ResponseExt, TestClock, response};
use elevenlabs_delete::{ApiKey, Client, Delivery, ErrorKind, Filter, Status, VENDOR, status};
use serde_json::{Value, json};

/// The test clock's first moment, 2026-01-01.
const NOW: i64 = 1_767_225_600;

fn client(script: &Script) -> Client {
    let builder = Client::builder(ApiKey::new("sk_key").unwrap()).clock(TestClock::new());
    builder.transport(script.transport()).build().unwrap()
}

fn time(seconds: i64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds as u64)
}

fn items(ids: &[&str]) -> Vec<Value> {
    let item = |id: &&str| json!({ "conversation_id": id, "agent_id": "agent_1", "start_time_unix_secs": NOW - 1000, "status": "done" });
    ids.iter().map(item).collect()
}

/// A page with a cursor to the next, or the last one.
fn page(items: &[Value], next: Option<&str>) -> String {
    json!({ "conversations": items, "has_more": next.is_some(), "next_cursor": next }).to_string()
}

/// What a list yields, its errors last, and whether it is complete.
async fn listed(script: &Script, filter: &Filter) -> (Vec<Result<String, ErrorKind>>, bool) {
    let mut listing = client(script).list(filter).unwrap();
    let mut listed = Vec::new();
    while let Some(found) = listing.next().await {
        listed.push(found.map(|found| found.id().to_string()).map_err(|error| error.kind()));
    }
    listed.sort_by_key(Result::is_err);
    (listed, listing.is_complete())
}

#[tokio::test]
async fn a_filter_that_could_match_everything_is_rejected() {
    let script = Script::from_bodies([page(&[], None)]);
    let filters = [
        Filter::new().with_agent(""),
        Filter::new().with_agent(" "),
        Filter::new().with_user(""),
        Filter::new().with_user("a\n"),
        Filter::new().with_status(Status::new("")),
        Filter::new().with_status(status::DONE).with_status(Status::new("")),
    ];
    for filter in filters {
        let error = client(&script).list(&filter).unwrap_err();
        assert_eq!((error.kind(), error.delivery()), (ErrorKind::InvalidInput, Delivery::NotSent), "{filter:?}");
        assert_eq!(error.vendor(), Some(VENDOR));
    }
    assert!(script.requests().is_empty());
}

#[tokio::test]
async fn a_server_that_ignores_the_filters_does_not_widen_the_list() {
    let mut foreign = items(&["another_agent", "no_agent", "another_user", "ours", "in_progress", "too_old"]);
    foreign[0]["agent_id"] = json!("agent_2");
    foreign[1].as_object_mut().unwrap().remove("agent_id");
    foreign[2]["user_id"] = json!("user_2");
    foreign[4]["status"] = json!("in-progress");
    foreign[5]["start_time_unix_secs"] = json!(1);
    let filter =
        Filter::new().with_agent("agent_1").with_user("user_1").with_status(status::DONE).with_since(time(NOW - 1000));
    // The probe by user lists nothing, as it should.
    let script = Script::from_bodies([page(&[], None), page(&foreign, None)]);
    // Whether a conversation without an agent matches is unknown.
    let expected = vec![Ok("ours".to_owned()), Err(ErrorKind::UnexpectedResponse)];
    assert_eq!(listed(&script, &filter).await, (expected, false));
}

#[tokio::test]
async fn a_filter_by_user_is_probed_once_before_the_list() {
    let filter = Filter::new().with_user("user_1").with_agent("agent_1");
    let pages = || [page(&[], None), page(&items(&["c1"]), Some("x")), page(&items(&["c2"]), None)];
    let script = Script::from_bodies(pages());
    assert_eq!(list_ids(client(&script).list(&filter)).await, ["c1", "c2"]);
    let users: Vec<_> = script.query_values("user_id").into_iter().map(Option::unwrap).collect();
    assert!(users[0] != "user_1" && users[1..] == ["user_1", "user_1"], "{users:?}");
    assert_eq!(script.query_values("agent_id")[0].as_deref(), Some("agent_1"));
    assert_eq!(script.query_values("page_size")[0].as_deref(), Some("1"));

    for ignoring in [page(&items(&["c1"]), None), page(&items(&["c1"]), Some("x")), page(&[], Some("x"))] {
        let script = Script::from_bodies([ignoring]);
        let mut listing = client(&script).list(&filter).unwrap();
        let error = listing.next().await.unwrap().unwrap_err();
        assert!(error.to_string().contains("ignores the filter by user"), "{error}");
        assert!(listing.next().await.is_none() && !listing.is_complete());
        assert_eq!(script.requests().len(), 1);
    }
}

#[tokio::test]
async fn one_record_with_an_unusable_id_does_not_end_a_list() {
    for odd in [json!(""), json!("a/b"), json!("x".repeat(300)), json!(7), Value::Null, json!("..")] {
        let mut calls = items(&["c1", "odd", "c3"]);
        calls[1]["conversation_id"] = odd.clone();
        let script = Script::from_bodies([page(&calls, Some("x")), page(&items(&["c4"]), None)]);
        let mut listing = client(&script).list(&Filter::new()).unwrap();
        let mut seen = Vec::new();
        while let Some(found) = listing.next().await {
            seen.push(found.map(|found| found.id().to_string()).map_err(|error| error.kind()));
        }
        seen.sort_by_key(Result::is_err);
        let ids = ["c1", "c3", "c4"].map(|id| Ok(id.to_owned()));
        assert_eq!(seen[..3], ids, "{odd}");
        assert_eq!(seen[3..], [Err(ErrorKind::UnexpectedResponse)], "{odd}");
        assert!(!listing.is_complete() && listing.has_reached_end());
    }
}

#[tokio::test]
async fn a_page_without_matches_is_not_the_end() {
    let mut foreign = items(&["foreign"]);
    foreign[0]["agent_id"] = json!("agent_2");
    let script =
        Script::from_bodies([page(&foreign, Some("1")), page(&foreign, Some("2")), page(&items(&["ours"]), None)]);
    assert_eq!(list_ids(client(&script).list(&Filter::new().with_agent("agent_1"))).await, ["ours"]);
}

#[tokio::test]
async fn an_entry_with_unexpected_fields_does_not_hide_others() {
    let unusable = Err(ErrorKind::UnexpectedResponse);
    for (name, odd, expected) in [
        ("conversation_id", None, vec![Ok("c1".to_owned()), Ok("c3".to_owned()), unusable.clone()]),
        ("user_id", Some(json!(7)), ["c1", "c2", "c3"].map(|id| Ok(id.to_owned())).to_vec()),
        ("agent_id", Some(json!(7)), vec![Ok("c1".to_owned()), Ok("c3".to_owned()), unusable.clone()]),
        ("agent_id", None, vec![Ok("c1".to_owned()), Ok("c3".to_owned()), unusable.clone()]),
    ] {
        let mut calls = items(&["c1", "c2", "c3"]);
        calls[1].as_object_mut().unwrap().remove(name);
        if let Some(odd) = &odd {
            calls[1][name] = odd.clone();
        }
        let script = Script::from_bodies([page(&[], None), page(&calls, None)]);
        let (listed, is_complete) = listed(&script, &Filter::new().with_agent("agent_1").with_user("user_1")).await;
        assert_eq!(listed, expected, "{name} {odd:?}");
        assert_eq!(is_complete, name == "user_id", "{name} {odd:?}");
    }
}

#[tokio::test]
async fn a_page_with_only_unusable_ids_is_not_the_end() {
    let mut odd = items(&["", "a/b"]);
    odd[0]["conversation_id"] = json!(7);
    let script = Script::from_bodies([page(&odd, Some("1")), page(&items(&["c1"]), None)]);
    let unusable = || Err(ErrorKind::UnexpectedResponse);
    assert_eq!(listed(&script, &Filter::new()).await, (vec![Ok("c1".to_owned()), unusable(), unusable()], false));
}

#[tokio::test]
async fn a_restarted_list_is_not_probed_again() {
    let script = Script::new(|request, number| match (number, parameter(request.uri(), "cursor")) {
        (0, _) => json(page(&[], None)),
        (2, _) => response(400, r#"{"detail":{"code":"invalid_cursor"}}"#),
        (_, None) => json(page(&items(&["c1"]), Some("1"))),
        _ => json(page(&items(&["c2"]), None)),
    });
    assert_eq!(list_ids(client(&script).list(&Filter::new().with_user("user_1"))).await, ["c1", "c2"]);
    let users = script.query_values("user_id");
    assert_eq!(users.iter().filter(|user| user.as_deref() == Some("user_1")).count(), users.len() - 1);
}

#[tokio::test]
async fn a_probe_that_fails_ends_the_list_before_any_record() {
    for status in [401, 403, 404, 500] {
        let script = Script::new(move |_, number| match number {
            0 => response(status, ""),
            _ => json(page(&items(&["c1"]), None)),
        });
        let builder = Client::builder(ApiKey::new("sk_key").unwrap()).transport(script.transport());
        let client = builder.retry(elevenlabs_delete::RetryPolicy::none()).build().unwrap();
        let mut listing = client.list(&Filter::new().with_user("user_1")).unwrap();
        assert!(listing.next().await.unwrap().is_err(), "{status}");
        assert!(listing.next().await.is_none() && !listing.is_complete(), "{status}");
        assert_eq!(script.requests().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn an_entry_that_is_not_a_conversation_is_one_error() {
    let odd = [Value::Null, json!("conv_9"), json!(1), json!([]), json!({})];
    let script =
        Script::from_bodies([page(&[&odd[..], &items(&["c1"])].concat(), Some("1")), page(&items(&["c2"]), None)]);
    let (listed, is_complete) = listed(&script, &Filter::new()).await;
    assert_eq!(listed[..2], ["c1", "c2"].map(|id| Ok(id.to_owned())));
    assert_eq!((listed.len(), is_complete), (7, false));
}

#[tokio::test]
async fn a_slow_clock_does_not_leave_out_newer_calls() {
    let mut call = items(&["new"]);
    call[0]["start_time_unix_secs"] = json!(NOW + 3500);
    let call = page(&call, None);
    let script = |date: Option<&'static str>| {
        let call = call.clone();
        Script::new(move |_, _| match date {
            Some(date) => json(call.clone()).with_header("date", date),
            None => json(call.clone()),
        })
    };
    let hour_later = Some("Thu, 01 Jan 2026 01:00:00 GMT");
    for (date, filter, is_listed, requests) in [
        (hour_later, Filter::new(), true, 2),
        (hour_later, Filter::new().with_until(time(NOW + 9000)), true, 2),
        (hour_later, Filter::new().with_until(time(NOW + 60)), false, 2),
        (hour_later, Filter::new().with_until(time(NOW - 60)), false, 1),
        (Some("Thu, 01 Jan 2026 00:00:03 GMT"), Filter::new(), false, 1),
        (None, Filter::new(), false, 1),
    ] {
        let script = script(date);
        let (listed, is_complete) = listed(&script, &filter).await;
        assert_eq!((listed.len(), is_complete), (usize::from(is_listed), true), "{date:?} {filter:?}");
        assert_eq!(script.requests().len(), requests, "{date:?} {filter:?}");
    }
}
