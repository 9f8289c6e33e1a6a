use std::time::Duration;

use delete_conformance::Script;
use delete_conformance::script::{self, list_ids, list_results, lookup_words, parameter};
use fini_delete::testing::{TestClock, response};
use fini_delete::{Client, ErrorKind, Filter, RecordId, RecordReader};
use proptest::prelude::*;

use crate::workspace::{DAY, NOW, Workspace, builder, client, conversation, page, record, time, windows};

/// Asserts that the windows have the vendor's maximal length and cover `since..=until`, overlapping by a millisecond.
fn assert_cover(windows: &[(i64, i64)], since: i64, until: i64) {
    assert!(windows.iter().all(|(since, until)| since < until && until - since <= 90 * DAY), "{windows:?}");
    assert!(windows.windows(2).all(|pair| pair[1].1 == pair[0].0 + 1), "{windows:?}");
    assert!(windows[0].1 > until && windows.last().unwrap().0 < since, "{windows:?}");
}

#[tokio::test]
async fn the_whole_history_is_read_in_windows_and_then_its_head() {
    let script = Script::from_bodies([page(&[], None)]);
    assert_eq!(lookup_words(&client(&script), &[record(1)]).await, ["unknown"]);
    let mut windows = windows(&script);
    // Nothing was seen, so a new conversation may be anywhere in the last window.
    let top = windows.pop().unwrap();
    assert!(top.1 >= windows[0].1 && top.0 <= windows[0].1);
    let start_of_2020 = 1_577_836_800_000;
    assert_cover(&windows, start_of_2020, NOW);
    assert!(script.query_values("cursor").iter().all(Option::is_none));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn any_range_is_covered_without_a_gap(since in 0..NOW, length in 1..3000 * DAY, nanos in 0..1_000_000_u32) {
        let until = (since + length).min(NOW - DAY);
        prop_assume!(since < until);
        let nanos = Duration::from_nanos(nanos.into());
        let script = Script::from_bodies([page(&[], None)]);
        let filter = Filter::new().with_since(time(since) + nanos).with_until(time(until) + nanos);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        prop_assert!(runtime.block_on(list_results(client(&script).list(&filter))).is_empty());
        assert_cover(&windows(&script), since, until);
    }
}

#[tokio::test]
async fn windows_may_include_or_exclude_their_bounds() {
    for inclusive in [true, false] {
        let mut workspace = Workspace::with_bounds(inclusive);
        // The bounds of the windows of a lookup, the first of which ends five minutes after now.
        let first = NOW + 5 * 60 * 1000;
        let on_bounds = [first - 90 * DAY, first - 180 * DAY + 1, first - 180 * DAY, NOW - 200 * DAY];
        for (number, time) in on_bounds.into_iter().enumerate() {
            workspace.put(number as u128, time);
        }
        let client = client(&workspace.script());
        let found = list_ids(client.list(&Filter::new())).await;
        assert!((0..4).all(|number| found.contains(&record(number).to_string())), "inclusive: {inclusive}");
    }
}

#[tokio::test]
async fn a_conversation_that_moves_up_between_pages_is_found() {
    for response in 1..8 {
        let mut workspace = Workspace::with_pages_of(2);
        for number in 0..8 {
            workspace.put(number, NOW - DAY - number as i64 * 40 * DAY);
        }
        let workspace = workspace.when(response, |workspace| workspace.put(7, NOW + 1));
        let found = list_ids(client(&workspace.script()).list(&Filter::new())).await;
        let all: Vec<String> = (0..8).map(|number| record(number).to_string()).collect();
        assert!(all.iter().all(|id| found.contains(id)), "response {response}: {found:?}");
        let ids: Vec<RecordId> = (0..9).map(record).collect();
        let client = client(&workspace.script());
        client.mark_seen(&ids);
        let words = lookup_words(&client, &ids).await;
        assert_eq!(words, [vec!["present"; 8], vec!["absent"]].concat(), "response {response}");
    }
}

#[tokio::test]
async fn a_range_that_ends_in_the_future_is_rescanned_too() {
    let mut workspace = Workspace::with_pages_of(2);
    for number in 0..4 {
        workspace.put(number, NOW - DAY - number as i64);
    }
    let workspace = workspace.when(1, |workspace| workspace.put(3, NOW + 1));
    let filter = Filter::new().with_since(time(NOW - 10 * DAY)).with_until(time(NOW + DAY));
    let found = list_ids(client(&workspace.script()).list(&filter)).await;
    assert!(found.contains(&record(3).to_string()), "{found:?}");
}

#[tokio::test]
async fn a_list_that_moves_faster_than_it_is_read_is_an_error() {
    let script = Script::new(|request, number| {
        let cursor = parameter(request.uri(), "cursor");
        let item = [conversation(number as u128, NOW + number as i64)];
        script::json(page(&item, cursor.is_none().then_some("older")))
    });
    let filter = Filter::new().with_since(time(NOW - DAY));
    assert_eq!(list_results(client(&script).list(&filter)).await.last(), Some(&Err(ErrorKind::UnexpectedResponse)));
    assert!(script.requests().len() <= 22, "{}", script.requests().len());
}

#[tokio::test]
async fn a_message_dated_in_the_future_does_not_prevent_the_rescan() {
    let mut workspace = Workspace::with_pages_of(2);
    for number in 0..4 {
        workspace.put(number, NOW - DAY - number as i64);
    }
    workspace.put_with_event(0, NOW - 1000, NOW + 400 * DAY);
    let workspace = workspace.when(1, |workspace| workspace.put(3, NOW + 1));
    let ids: Vec<RecordId> = (0..4).map(record).collect();
    assert_eq!(lookup_words(&client(&workspace.script()), &ids).await, ["present"; 4]);
}

#[tokio::test]
async fn a_history_start_in_the_future_is_rejected() {
    let error = builder().history_start(time(NOW + 1)).build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
    let script = Script::from_bodies([page(&[], None)]);
    let client = builder().transport(script.transport()).history_start(time(NOW)).build().unwrap();
    client.mark_seen(&[record(1)]);
    assert_eq!(lookup_words(&client, &[record(1)]).await, ["absent"]);
    assert!(windows(&script)[0].0 < NOW && windows(&script)[0].1 > NOW);
}

#[tokio::test]
async fn a_clock_an_hour_slow_does_not_prove_absence() {
    let mut workspace = Workspace::default();
    workspace.put(1, NOW + DAY / 24);
    assert_eq!(lookup_words(&client(&workspace.script()), &[record(1)]).await, ["present"]);
}

/// A client by this clock, which saw these records earlier.
fn client_by(clock: &TestClock, script: &Script, seen: &[RecordId]) -> Client {
    let client = builder().clock(clock.clone()).transport(script.transport()).build().unwrap();
    client.mark_seen(seen);
    client
}

#[tokio::test]
async fn a_window_ends_in_the_present_if_it_must_not_end_in_the_future() {
    let clock = TestClock::new();
    let mut workspace = Workspace::default().refusing_the_future(&clock, 0, false);
    workspace.put(1, NOW - 2000);
    workspace.put(2, NOW - 100 * DAY);
    let script = workspace.script();
    let ids = [1, 2, 3].map(record);
    let client = client_by(&clock, &script, &ids);
    assert_eq!(lookup_words(&client, &ids).await, ["present", "present", "absent"]);
    let windows = windows(&script);
    assert_eq!((windows[0].1, windows[1].1), (NOW + DAY, NOW - 1000));
    let refused = windows.iter().filter(|(_, until)| *until > NOW + DAY / 2).count();
    assert_eq!(refused, 1, "{windows:?}");
    assert_eq!(list_ids(client.list(&Filter::new())).await.len(), 2);
}

#[tokio::test]
async fn a_list_until_now_is_complete_if_windows_must_not_end_in_the_future() {
    let clock = TestClock::new();
    let mut workspace = Workspace::default().refusing_the_future(&clock, 0, false);
    for (number, age) in [(1, DAY), (2, 500), (3, -500)] {
        workspace.put(number, NOW - age);
    }
    let client = client_by(&clock, &workspace.script(), &[]);
    let expected = [1, 2].map(|number| record(number).to_string());
    assert_eq!(list_ids(client.list(&Filter::new().with_until(time(NOW)))).await, expected);
}

#[tokio::test]
async fn a_400_for_a_window_that_ends_in_the_present_is_the_error() {
    let script = Script::new(|_, _| response(400, "{}"));
    assert_eq!(list_results(client(&script).list(&Filter::new())).await, [Err(ErrorKind::Rejected)]);
    assert_eq!(script.requests().len(), 2);
    let in_the_past = Filter::new().with_until(time(NOW - DAY));
    assert_eq!(list_results(client(&script).list(&in_the_past)).await, [Err(ErrorKind::Rejected)]);
    assert_eq!(script.requests().len(), 3);
}

#[tokio::test]
async fn a_conversation_that_moves_up_is_found_if_windows_end_in_the_present() {
    for response in 1..8 {
        let clock = TestClock::new();
        let mut workspace = Workspace::with_pages_of(2).refusing_the_future(&clock, 0, false);
        for number in 0..8 {
            workspace.put(number, NOW - DAY - number as i64 * 40 * DAY);
        }
        let workspace = workspace.when(response, |workspace| workspace.put(7, NOW));
        let ids: Vec<RecordId> = (0..8).map(record).collect();
        let client = client_by(&clock, &workspace.script(), &ids);
        assert_eq!(lookup_words(&client, &ids).await, ["present"; 8], "response {response}");
    }
}

const HOUR: i64 = DAY / 24;

#[tokio::test]
async fn a_wrong_clock_neither_proves_absence_nor_breaks_a_lookup() {
    for ahead in [-60 * DAY, -HOUR, -60_000, -10_000, -3000, 3000, HOUR, 3 * DAY, 60 * DAY] {
        for refuses in [true, false] {
            let clock = TestClock::new();
            let workspace = Workspace::default();
            let mut workspace = match refuses {
                true => workspace.refusing_the_future(&clock, ahead, true),
                false => workspace.with_clock(&clock, ahead),
            };
            // By the vendor's clock: an hour ago, and a month ago.
            workspace.put(1, NOW + ahead - HOUR);
            workspace.put(2, NOW + ahead - 30 * DAY);
            let ids = [1, 2, 3].map(record);
            let client = client_by(&clock, &workspace.script(), &ids);
            let words = lookup_words(&client, &ids).await;
            assert_eq!(words, ["present", "present", "absent"], "{ahead} ms ahead, refuses the future: {refuses}");
            let listed = list_ids(client.list(&Filter::new())).await;
            assert!(listed.contains(&ids[0].to_string()) && listed.contains(&ids[1].to_string()), "{ahead} {refuses}");
        }
    }
}

#[tokio::test]
async fn a_clock_years_wrong_proves_nothing() {
    for ahead in [-400 * DAY, 400 * DAY] {
        let clock = TestClock::new();
        let workspace = Workspace::default().refusing_the_future(&clock, ahead, true);
        let client = client_by(&clock, &workspace.script(), &[record(1)]);
        assert_eq!(lookup_words(&client, &[record(1)]).await, ["unknown"], "{ahead}");
    }
}

#[tokio::test]
async fn a_slow_clock_does_not_prove_absence_if_windows_end_in_the_present() {
    let clock = TestClock::new();
    let mut workspace = Workspace::default().refusing_the_future(&clock, HOUR, true);
    workspace.put(1, NOW + HOUR);
    workspace.put(2, NOW + HOUR / 2);
    let ids = [1, 2].map(record);
    let client = client_by(&clock, &workspace.script(), &ids);
    assert_eq!(lookup_words(&client, &ids).await, ["present"; 2]);
}

#[tokio::test]
async fn a_future_event_does_not_hide_a_moved_conversation_from_a_fast_clock() {
    let mut workspace = Workspace::with_pages_of(2);
    for number in 0..6 {
        workspace.put(number, NOW - 2 * DAY - number as i64);
    }
    workspace.put_with_event(0, NOW - DAY, NOW + 400 * DAY);
    // It moves up just now by the vendor's clock, which is an hour behind ours.
    let workspace = workspace.when(1, |workspace| workspace.put(5, NOW - DAY / 24));
    let ids: Vec<RecordId> = (0..6).map(record).collect();
    let client = client(&workspace.script());
    client.mark_seen(&ids);
    assert_eq!(lookup_words(&client, &ids).await, ["present"; 6]);
}

#[tokio::test]
async fn a_conversation_without_readable_times_is_found_when_it_moves_up() {
    let script = Script::new(|_, number| {
        let mut moved = conversation(2, NOW - 400 * DAY);
        moved["events"][0]["createdAt"] = "yesterday".into();
        // The history is 25 windows, and then the head.
        script::json(match number {
            0 => page(&[conversation(1, NOW - DAY)], None),
            1..25 => page(&[], None),
            _ => page(&[moved], None),
        })
    });
    let ids = [1, 2].map(record);
    let client = client(&script);
    client.mark_seen(&ids);
    assert_eq!(lookup_words(&client, &ids).await, ["present"; 2]);
}

#[tokio::test]
async fn conversations_of_the_last_moment_are_listed_once() {
    let mut workspace = Workspace::with_pages_of(20);
    for number in 0..50 {
        workspace.put(number, NOW - number as i64);
    }
    assert_eq!(list_ids(client(&workspace.script()).list(&Filter::new())).await.len(), 50);
}
