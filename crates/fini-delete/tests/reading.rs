//! What goes over the wire to find conversations and to look at them, and what comes of the answers.

// A failed `unwrap` is a failed test, also in a helper.
#![allow(clippy::unwrap_used)]

mod workspace;

use std::time::Duration;

use delete_conformance::Script;
use delete_conformance::script::{self, looked, parameter, sent, told, told_ids};
use fini_delete::testing::TestClock;
use fini_delete::transport::Response;
use fini_delete::{ErrorKind, Filter, Looks, Presence, Reader, RecordId, RetryPolicy, Status};
use proptest::prelude::*;
use serde_json::{Value, json};
use workspace::{DAY, NOW, Workspace, at, builder, client, conversation, page, record, time};

/// The request, byte for byte, but for the host.
fn request(query: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "GET /v2/hc-interactions/public?{query} HTTP/1.1\r\naccept: application/json\r\n\
         user-agent: fini-delete/{version}\r\naccept-encoding: identity\r\nauthorization: Bearer fini_key\r\n\r\n"
    )
}

#[tokio::test]
async fn a_list_follows_the_cursor_to_older_ones() {
    let filter = Filter::new().since(time(NOW - DAY)).until(time(NOW - 1000));
    let bounds = format!("since={}&until={}&limit=100", NOW - DAY - 1, NOW - 998);
    let bodies = [page(&[conversation(1, NOW - 2000)], Some("a&b")), page(&[conversation(2, NOW - 3000)], None)];
    let expected = [record(1).to_string(), record(2).to_string()];
    let sent = sent(bodies, async |url| assert_eq!(told_ids(&at(url), &filter).await, expected)).await;
    let cursor = "&cursor=a%26b&direction=next";
    assert_eq!(sent, [request(&format!("{bounds}&direction=next")), request(&format!("{bounds}{cursor}"))]);
}

#[tokio::test]
async fn a_check_asks_for_one_and_a_look_for_life_for_nothing() {
    let query = format!("since={}&until={NOW}&limit=1&direction=next", NOW - 90 * DAY);
    let one = [page(&[conversation(1, NOW - 1)], Some("more"))];
    let sent = sent(one, async |url| {
        let client = at(url);
        assert!(client.check().await.unwrap().sees_records());
        assert_eq!(client.live_status(&record(1)).await.unwrap(), None);
    });
    assert_eq!(sent.await, [request(&query)]);
}

#[tokio::test]
async fn a_key_without_read_fails_the_check_by_name() {
    let body = r#"{"statusCode":403,"message":"API key does not have the required scope","error":"Forbidden"}"#;
    let script = Script::new(move |_, _| Response::new(403).with_body(body));
    let error = client(&script).check().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MissingScope);
    assert!(error.to_string().contains("read"), "{error}");
    let presence = client(&script).presence(&record(1)).await;
    assert!(matches!(presence, Presence::Unknown(error) if error.kind() == ErrorKind::MissingScope));
}

/// The windows that were asked for, in order.
fn windows(script: &Script) -> Vec<(i64, i64)> {
    let bounds = |name| script.asked_for(name).into_iter().map(|value| value.unwrap().parse().unwrap());
    bounds("since").zip(bounds("until")).collect()
}

/// They are as long as the vendor takes, and cover `since..=until` by overlapping in a millisecond.
fn assert_cover(windows: &[(i64, i64)], since: i64, until: i64) {
    assert!(windows.iter().all(|(since, until)| since < until && until - since <= 90 * DAY), "{windows:?}");
    assert!(windows.windows(2).all(|pair| pair[1].1 == pair[0].0 + 1), "{windows:?}");
    assert!(windows[0].1 > until && windows.last().unwrap().0 < since, "{windows:?}");
}

#[tokio::test]
async fn the_whole_history_is_read_in_windows_and_then_its_top() {
    let script = Script::of([page(&[], None)]);
    assert_eq!(looked(&client(&script), &[record(1)]).await, ["absent"]);
    let mut windows = windows(&script);
    // Nothing was seen, so what is new may be anywhere in the last window.
    let top = windows.pop().unwrap();
    assert!(top.1 >= windows[0].1 && top.0 <= windows[0].1);
    let start_of_2020 = 1_577_836_800_000;
    assert_cover(&windows, start_of_2020, NOW);
    assert!(script.asked_for("cursor").iter().all(Option::is_none));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_range_is_covered_without_a_gap(since in 0..NOW, length in 1..3000 * DAY, nanos in 0..1_000_000_u32) {
        let until = (since + length).min(NOW - DAY);
        prop_assume!(since < until);
        let nanos = Duration::from_nanos(nanos.into());
        let script = Script::of([page(&[], None)]);
        let filter = Filter::new().since(time(since) + nanos).until(time(until) + nanos);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        prop_assert!(runtime.block_on(told(&client(&script), &filter)).is_empty());
        assert_cover(&windows(&script), since, until);
    }
}

#[tokio::test]
async fn both_names_of_the_array_are_read() {
    for name in ["interactions", "conversations"] {
        let body = json!({ name: [conversation(1, NOW - 1000)], "hasMore": false, "nextCursor": null });
        let script = Script::of([body.to_string()]);
        assert_eq!(looked(&client(&script), &[record(1)]).await, ["present"]);
    }
}

#[tokio::test]
async fn an_answer_that_does_not_say_it_is_the_end_proves_no_absence() {
    for body in [
        json!({ "interactions": [] }),
        json!({ "interactions": [], "hasMore": null }),
        json!({ "interactions": [], "hasMore": true }),
        json!({ "interactions": [], "hasMore": true, "nextCursor": "same" }),
        json!({ "hasMore": false }),
    ] {
        let presences = looked(&client(&Script::of([body.to_string()])), &[record(1)]).await;
        assert_eq!(presences, ["unknown"], "{body}");
    }
}

#[tokio::test]
async fn the_bounds_count_whether_or_not_they_belong_to_a_window() {
    for inclusive in [true, false] {
        let mut workspace = Workspace::with_bounds(inclusive);
        // The bounds of the windows of a look, the first of which ends five minutes after now.
        let first = NOW + 5 * 60 * 1000;
        let on_bounds = [first - 90 * DAY, first - 180 * DAY + 1, first - 180 * DAY, NOW - 200 * DAY];
        for (number, time) in on_bounds.into_iter().enumerate() {
            workspace.put(number as u128, time);
        }
        let client = client(&workspace.script());
        let found = told_ids(&client, &Filter::new()).await;
        assert!((0..4).all(|number| found.contains(&record(number).to_string())), "inclusive: {inclusive}");
    }
}

#[tokio::test]
async fn a_conversation_that_moves_up_between_pages_is_found() {
    for answer in 1..8 {
        let mut workspace = Workspace::with_pages_of(2);
        for number in 0..8 {
            workspace.put(number, NOW - DAY - number as i64 * 40 * DAY);
        }
        let workspace = workspace.when(answer, |workspace| workspace.put(7, NOW + 1));
        let found = told_ids(&client(&workspace.script()), &Filter::new()).await;
        let all: Vec<String> = (0..8).map(|number| record(number).to_string()).collect();
        assert!(all.iter().all(|id| found.contains(id)), "answer {answer}: {found:?}");
        let ids: Vec<RecordId> = (0..9).map(record).collect();
        let words = looked(&client(&workspace.script()), &ids).await;
        assert_eq!(words, [vec!["present"; 8], vec!["absent"]].concat(), "answer {answer}");
    }
}

#[tokio::test]
async fn a_range_that_ends_in_the_future_is_looked_at_twice_too() {
    let mut workspace = Workspace::with_pages_of(2);
    for number in 0..4 {
        workspace.put(number, NOW - DAY - number as i64);
    }
    let workspace = workspace.when(1, |workspace| workspace.put(3, NOW + 1));
    let filter = Filter::new().since(time(NOW - 10 * DAY)).until(time(NOW + DAY));
    let found = told_ids(&client(&workspace.script()), &filter).await;
    assert!(found.contains(&record(3).to_string()), "{found:?}");
}

#[tokio::test]
async fn a_list_that_moves_faster_than_it_is_read_is_an_error() {
    let script = Script::new(|request, number| {
        let cursor = parameter(request.path_and_query(), "cursor");
        let item = [conversation(number as u128, NOW + number as i64)];
        script::json(page(&item, cursor.is_none().then_some("older")))
    });
    let filter = Filter::new().since(time(NOW - DAY));
    assert_eq!(told(&client(&script), &filter).await.last(), Some(&Err(ErrorKind::UnexpectedResponse)));
    assert!(script.asked().len() <= 22, "{}", script.asked().len());
}

#[tokio::test]
async fn a_message_dated_in_the_future_does_not_keep_the_top_from_being_read_again() {
    let mut workspace = Workspace::with_pages_of(2);
    for number in 0..4 {
        workspace.put(number, NOW - DAY - number as i64);
    }
    workspace.put_with_event(0, NOW - 1000, NOW + 400 * DAY);
    let workspace = workspace.when(1, |workspace| workspace.put(3, NOW + 1));
    let ids: Vec<RecordId> = (0..4).map(record).collect();
    assert_eq!(looked(&client(&workspace.script()), &ids).await, ["present"; 4]);
}

#[tokio::test]
async fn a_look_ends_when_all_were_seen() {
    let mut workspace = Workspace::with_pages_of(2);
    for number in 0..6 {
        workspace.put(number, NOW - DAY - number as i64);
    }
    let script = workspace.script();
    assert_eq!(looked(&client(&script), &[1, 3, 1, 3].map(record)).await, ["present"; 4]);
    assert_eq!(script.asked().len(), 2);
    assert_eq!(looked(&client(&script), &[]).await, [""; 0]);
    let foreign: RecordId = "c123456".parse::<fini_delete::delete_core::ConversationId>().unwrap().into();
    assert_eq!(looked(&client(&script), &[foreign]).await, ["unknown"]);
    assert_eq!(script.asked().len(), 2);
}

#[tokio::test]
async fn a_sweep_that_fails_half_way_knows_what_it_saw() {
    let script = Script::new(|_, number| match number {
        0 => script::json(page(&[conversation(1, NOW - 1000)], Some("older"))),
        _ => Response::new(401),
    });
    let presences = client(&script).presences(&[record(1), record(2), record(1)]).await;
    let words: Vec<_> = presences.iter().map(Presence::as_str).collect();
    assert_eq!(words, ["present", "unknown", "present"]);
    assert!(matches!(&presences[1], Presence::Unknown(error) if error.kind() == ErrorKind::Unauthenticated));
    assert!(
        matches!(&presences[0], Presence::Present { status: Some(status) } if *status == Status::from_word("open"))
    );
}

#[tokio::test]
async fn after_a_429_the_same_page_is_asked_for_again() {
    let clock = TestClock::new();
    let script = Script::new(|_, number| match number {
        0 => script::json(page(&[conversation(1, NOW - 1000)], Some("older"))),
        1 => Response::new(429).with_header("retry-after", "17"),
        _ => script::json(page(&[conversation(2, NOW - 2000)], None)),
    });
    let client = builder().clock(clock.clone()).transport(script.transport()).build().unwrap();
    let filter = Filter::new().since(time(NOW - DAY)).until(time(NOW - 500));
    assert_eq!(told_ids(&client, &filter).await.len(), 2);
    let asked = script.asked();
    assert_eq!((asked.len(), &asked[1]), (3, &asked[2]));
    assert_eq!(clock.slept(), [Duration::from_millis(18_700)]);
}

/// The lower bounds of all requests of a `confirm_absence`, after the first look.
async fn later_bounds(workspace: &Workspace, ids: &[RecordId]) -> (Vec<&'static str>, Vec<i64>) {
    let script = workspace.script();
    let clock = TestClock::new();
    let client = builder().clock(clock).transport(script.transport()).retry(RetryPolicy::none()).build().unwrap();
    let presences = client.confirm_absence(ids, Looks::default()).await;
    let words = presences.iter().map(Presence::as_str).collect();
    (words, windows(&script).into_iter().map(|(since, _)| since).collect())
}

#[tokio::test]
async fn later_looks_read_from_the_oldest_that_was_still_there() {
    let mut workspace = Workspace::default();
    for (number, age) in [(1, 10), (2, 400), (3, 20)] {
        workspace.put(number, NOW - age * DAY);
    }
    // Both go before the second look; the whole history was 26 requests.
    let oldest_goes = workspace.clone().when(26, |workspace| workspace.remove(2));
    let (words, since) = later_bounds(&oldest_goes, &[1, 2, 4].map(record)).await;
    assert_eq!(words, ["present", "absent", "absent"]);
    assert!(since[24] < NOW - 2000 * DAY && since[26..].iter().all(|since| *since > NOW - 402 * DAY), "{since:?}");
    // After it, only the one of ten days ago is looked for.
    assert!(since.last().is_some_and(|since| *since > NOW - 12 * DAY), "{since:?}");
}

#[tokio::test]
async fn an_event_after_the_latest_message_hides_no_conversation() {
    for event in [NOW - DAY, NOW + 400 * DAY] {
        let mut workspace = Workspace::default();
        workspace.put_with_event(1, NOW - 10 * DAY, event);
        let (words, _) = later_bounds(&workspace, &[record(1)]).await;
        assert_eq!(words, ["present"], "{event}");
    }
}

#[tokio::test]
async fn a_history_does_not_begin_in_the_future() {
    let error = builder().history_start(time(NOW + 1)).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    let script = Script::of([page(&[], None)]);
    let client = builder().transport(script.transport()).history_start(time(NOW)).build().unwrap();
    assert_eq!(looked(&client, &[record(1)]).await, ["absent"]);
    assert!(windows(&script)[0].0 < NOW && windows(&script)[0].1 > NOW);
}

#[tokio::test]
async fn a_clock_that_is_an_hour_slow_proves_no_absence() {
    let mut workspace = Workspace::default();
    workspace.put(1, NOW + DAY / 24);
    assert_eq!(looked(&client(&workspace.script()), &[record(1)]).await, ["present"]);
}

#[tokio::test]
async fn what_was_said_is_in_nothing_that_is_found() {
    let mut item = conversation(1, NOW - 1000);
    item["subjectPreview"] = json!("Canary");
    item["userAttributes"] = json!({ "name": "Canary" });
    item["events"][0]["message"] = json!("Canary");
    let mut listing = client(&Script::of([page(&[item], None)])).list(&Filter::new()).unwrap();
    let found = listing.next().await.unwrap().unwrap();
    assert!(!format!("{found:?} {listing:?}").contains("Canary"));
    assert_eq!(found.updated_at(), Some(time(NOW - 1000)));
}

#[tokio::test]
async fn a_server_that_ignores_the_bounds_yields_nothing_foreign() {
    let mut silent = conversation(4, 0);
    silent["events"] = Value::Null;
    silent["createdAt"] = json!(NOW - 10);
    let items = [conversation(1, NOW - 10), conversation(2, NOW - 3 * DAY), conversation(3, NOW - 9 * DAY), silent];
    let filter = Filter::new().since(time(NOW - 5 * DAY)).until(time(NOW - DAY));
    assert_eq!(told_ids(&client(&Script::of([page(&items, None)])), &filter).await, [record(2).to_string()]);
}

#[tokio::test]
async fn a_throttled_sweep_waits_and_asks_for_the_same_page_again() {
    let script = Script::new(|_, number| match number {
        0..6 => Response::new(429),
        _ => script::json(page(&[], None)),
    });
    assert_eq!(looked(&client(&script), &[record(1)]).await, ["absent"]);
    let asked = script.asked();
    assert!(asked[1..=6].iter().all(|line| *line == asked[0]), "{asked:?}");
    let closed = Script::new(|_, _| Response::new(429));
    assert_eq!(looked(&client(&closed), &[record(1)]).await, ["unknown"]);
    assert!(closed.asked().len() <= 12, "{}", closed.asked().len());
}
