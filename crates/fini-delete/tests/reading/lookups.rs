use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use delete_conformance::Script;
use delete_conformance::script::{self, list_ids, lookup_words};
use fini_delete::http::Method;
use fini_delete::testing::{TestClock, response};
use fini_delete::{
    Delivery, ErrorKind, Filter, Presence, RecordId, RecordReader, RecordReaderExt, RetryPolicy, Status, VerifyPolicy,
};
use serde_json::json;

use crate::workspace::{DAY, NOW, Workspace, builder, client, conversation, page, record, windows};

#[tokio::test]
async fn a_response_without_has_more_does_not_prove_absence() {
    for body in [
        json!({ "interactions": [] }),
        json!({ "interactions": [], "hasMore": null }),
        json!({ "interactions": [], "hasMore": true }),
        json!({ "interactions": [], "hasMore": true, "nextCursor": null }),
        json!({ "interactions": [], "hasMore": true, "nextCursor": "" }),
        json!({ "interactions": [], "hasMore": true, "nextCursor": 7 }),
        json!({ "interactions": [], "hasMore": true, "nextCursor": "same" }),
        json!({ "interactions": [], "conversations": [], "hasMore": false }),
        json!({ "hasMore": false }),
    ] {
        let client = client(&Script::from_bodies([body.to_string()]));
        client.mark_seen(&[record(1)]);
        assert_eq!(lookup_words(&client, &[record(1)]).await, ["unknown"], "{body}");
    }
}

#[tokio::test]
async fn more_pages_without_a_cursor_are_an_error() {
    for cursor in [json!(null), json!("")] {
        let first = json!({ "interactions": [], "hasMore": true, "nextCursor": cursor }).to_string();
        let script = Script::from_bodies([first, page(&[], None)]);
        let client = client(&script);
        client.mark_seen(&[record(1)]);
        assert_eq!(lookup_words(&client, &[record(1)]).await, ["unknown"], "{cursor}");
        assert_eq!(script.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_lookup_ends_once_all_were_found() {
    let mut workspace = Workspace::with_pages_of(2);
    for number in 0..6 {
        workspace.put(number, NOW - DAY - number as i64);
    }
    let script = workspace.script();
    assert_eq!(lookup_words(&client(&script), &[1, 3, 1, 3].map(record)).await, ["present"; 4]);
    assert_eq!(script.requests().len(), 2);
    assert_eq!(lookup_words(&client(&script), &[]).await, [""; 0]);
    let foreign: RecordId = "c123456".parse::<fini_delete::delete_core::ConversationId>().unwrap().into();
    assert_eq!(lookup_words(&client(&script), &[foreign]).await, ["unknown"]);
    assert_eq!(script.requests().len(), 2);
}

#[tokio::test]
async fn a_scan_that_fails_half_way_keeps_what_it_found() {
    let script = Script::new(|_, number| match number {
        0 => script::json(page(&[conversation(1, NOW - 1000)], Some("older"))),
        _ => response(401, ""),
    });
    let lookup_many = client(&script).lookup_many(&[record(1), record(2), record(1)]).await;
    let words: Vec<_> = lookup_many.iter().map(Presence::as_str).collect();
    assert_eq!(words, ["present", "unknown", "present"]);
    assert!(matches!(&lookup_many[1], Presence::Unknown(error) if error.kind() == ErrorKind::Unauthenticated));
    assert!(
        matches!(&lookup_many[0], Presence::Present { status: Some(status), .. } if *status == Status::new("open"))
    );
}

/// The lower bounds of all requests of a `confirm_absence`, after the first lookup.
async fn later_bounds(workspace: &Workspace, ids: &[RecordId]) -> (Vec<&'static str>, Vec<i64>) {
    let script = workspace.script();
    let clock = TestClock::new();
    let client =
        builder().clock(clock.clone()).transport(script.transport()).retry(RetryPolicy::none()).build().unwrap();
    let lookup_many = client.confirm_absence_with_clock(ids, VerifyPolicy::default(), &clock).await;
    let words = lookup_many.iter().map(Presence::as_str).collect();
    (words, windows(&script).into_iter().map(|(since, _)| since).collect())
}

#[tokio::test]
async fn later_lookups_read_back_to_the_oldest_present_record() {
    let mut workspace = Workspace::default();
    for (number, age) in [(1, 10), (2, 400), (3, 20)] {
        workspace.put(number, NOW - age * DAY);
    }
    // Both are removed before the second lookup; the whole history was 26 requests.
    let oldest_goes = workspace.clone().when(26, |workspace| workspace.remove(2));
    let (words, since) = later_bounds(&oldest_goes, &[1, 2, 4].map(record)).await;
    assert_eq!(words, ["present", "absent", "unknown"]);
    assert!(since[24] < NOW - 2000 * DAY && since[26..].iter().all(|since| *since > NOW - 402 * DAY), "{since:?}");
    // After it, only the one of ten days ago is looked up.
    assert!(since.last().is_some_and(|since| *since > NOW - 12 * DAY), "{since:?}");
}

#[tokio::test]
async fn a_record_without_an_earlier_lookup_is_looked_up_in_the_whole_history() {
    let mut workspace = Workspace::default();
    for (number, age) in [(1, 10), (2, 400)] {
        workspace.put(number, NOW - age * DAY);
    }
    let client = client(&workspace.script());
    let ids = [1, 2].map(record);
    let earlier = client.lookup_many(&ids[..1]).await;
    let presences = client.lookup_again(&ids, &earlier).await;
    assert_eq!(presences.iter().map(Presence::as_str).collect::<Vec<_>>(), ["present", "present"]);
}

#[tokio::test]
async fn an_event_after_the_latest_message_does_not_hide_a_conversation() {
    for event in [NOW - DAY, NOW + 400 * DAY] {
        let mut workspace = Workspace::default();
        workspace.put_with_event(1, NOW - 10 * DAY, event);
        let (words, _) = later_bounds(&workspace, &[record(1)]).await;
        assert_eq!(words, ["present"], "{event}");
    }
}

#[tokio::test]
async fn a_throttled_scan_waits_and_requests_the_same_page_again() {
    let script = Script::new(|_, number| match number {
        0..6 => response(429, ""),
        _ => script::json(page(&[], None)),
    });
    let client_of_record = client(&script);
    client_of_record.mark_seen(&[record(1)]);
    assert_eq!(lookup_words(&client_of_record, &[record(1)]).await, ["absent"]);
    let requests = script.requests();
    assert!(requests[1..=6].iter().all(|line| *line == requests[0]), "{requests:?}");
    let closed = Script::new(|_, _| response(429, ""));
    assert_eq!(lookup_words(&client(&closed), &[record(1)]).await, ["unknown"]);
    assert!(closed.requests().len() <= 12, "{}", closed.requests().len());
}

#[tokio::test]
async fn a_conversation_that_was_never_seen_is_unknown_at_once() {
    let mut workspace = Workspace::default();
    workspace.put(2, NOW - DAY);
    let script = workspace.script();
    let lookup_many =
        client(&script).confirm_absence_with_clock(&[record(1)], VerifyPolicy::default(), &TestClock::new()).await;
    let [Presence::Unknown(error)] = &lookup_many[..] else { panic!("{lookup_many:?}") };
    assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::NotFound, false));
    assert_eq!(error.delivery(), Delivery::Answered);
    let shown = error.to_string();
    for part in ["Fini", "never seen", "never touched", "older than the history"] {
        assert!(shown.contains(part), "{shown}");
    }
    // The list was read once.
    assert_eq!(script.requests().len(), 26);
}

/// A workspace that has conversation 1 at first, and then responds to deletes with this.
fn emptied(status: u16, body: &'static str) -> Script {
    let is_gone = AtomicBool::new(false);
    Script::new(move |request, _| {
        if request.method() == Method::DELETE {
            is_gone.store(true, Ordering::Relaxed);
            return response(status, body);
        }
        let items = [conversation(1, NOW - DAY)];
        script::json(page(if is_gone.load(Ordering::Relaxed) { &[] } else { &items }, None))
    })
}

#[tokio::test]
async fn absence_is_proven_if_a_clone_listed_looked_up_or_marked_the_record() {
    let uuid = record(1).as_uuid().unwrap();
    let client = || client(&emptied(200, r#"{"success":true}"#));
    let (listed, found, marked, never_seen) = (client(), client(), client(), client());
    list_ids(listed.clone().list(&Filter::new())).await;
    assert_eq!(lookup_words(&found.clone(), &[record(1)]).await, ["present"]);
    (Box::new(Arc::new(marked.clone())) as Box<dyn RecordReader>).mark_seen(&[record(1)]);
    for (client, word) in [(listed, "absent"), (found, "absent"), (marked, "absent"), (never_seen, "unknown")] {
        // The single route returns 200 for any id, so it proves nothing.
        assert!(client.delete_conversation(uuid).await.unwrap().outcome().is_success());
        assert_eq!(lookup_words(&client, &[record(1), record(2)]).await, [word, "unknown"]);
    }
}

#[tokio::test]
async fn a_bulk_200_proves_that_the_conversations_were_there_and_a_406_does_not() {
    let inaccessible = r#"{"statusCode":406,"message":"One or more interactions not accessible to the user"}"#;
    for (status, body, word) in [(200, r#"{"success":true}"#, "absent"), (406, inaccessible, "unknown")] {
        let client = client(&emptied(status, body));
        let ids = [1, 2].map(|number| record(number).as_uuid().unwrap());
        let deletions = client.clone().delete_conversations(&ids).await.unwrap();
        assert_eq!(deletions.is_success(), status == 200);
        assert_eq!(lookup_words(&client, &[1, 2, 3].map(record)).await, [word, word, "unknown"]);
    }
}

#[tokio::test]
async fn an_unreadable_conversation_leaves_unlisted_ones_unknown() {
    for id in [json!(7), json!(null), json!("conv_1"), json!({})] {
        let mut unreadable = conversation(1, NOW - DAY);
        unreadable["id"] = id.clone();
        let client = client(&Script::from_bodies([page(&[unreadable, conversation(2, NOW - 2 * DAY)], None)]));
        let ids = [1, 2, 3].map(record);
        client.mark_seen(&ids);
        assert_eq!(lookup_words(&client, &ids).await, ["unknown", "present", "unknown"], "{id}");
    }
}
