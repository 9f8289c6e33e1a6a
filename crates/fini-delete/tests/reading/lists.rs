use std::time::Duration;

use delete_conformance::Script;
use delete_conformance::script::{self, list_ids, list_results, lookup_words, requests_of};
use fini_delete::testing::{ResponseExt, TestClock, response};
use fini_delete::{Error, ErrorKind, Filter, Presence, RecordReader};
use serde_json::{Value, json};

use crate::workspace::{DAY, NOW, at, builder, client, conversation, page, record, time};

/// The request, byte for byte, without the host.
fn request(query: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "GET /v2/hc-interactions/public?{query} HTTP/1.1\r\naccept: application/json\r\n\
         user-agent: fini-delete/{version}\r\naccept-encoding: identity\r\nauthorization: Bearer fini_key\r\n\r\n"
    )
}

#[tokio::test]
async fn a_list_follows_the_cursor_to_older_conversations() {
    let filter = Filter::new().with_since(time(NOW - DAY)).with_until(time(NOW - 1000));
    let bounds = format!("since={}&until={}&limit=100", NOW - DAY - 1, NOW - 998);
    let bodies = [page(&[conversation(1, NOW - 2000)], Some("a&b")), page(&[conversation(2, NOW - 3000)], None)];
    let expected = [record(1).to_string(), record(2).to_string()];
    let sent = requests_of(bodies, async |url| assert_eq!(list_ids(at(url).list(&filter)).await, expected)).await;
    let cursor = "&cursor=a%26b&direction=next";
    assert_eq!(sent, [request(&format!("{bounds}&direction=next")), request(&format!("{bounds}{cursor}"))]);
}

#[tokio::test]
async fn a_check_requests_one_conversation_and_active_status_nothing() {
    let query = format!("since={}&until={NOW}&limit=1&direction=next", NOW - 90 * DAY);
    let one = [page(&[conversation(1, NOW - 1)], Some("more"))];
    let sent = requests_of(one, async |url| {
        let client = at(url);
        assert_eq!(client.check_credential().await.unwrap().sees_records, Some(true));
        assert_eq!(client.active_status(&record(1)).await.unwrap(), None);
    });
    assert_eq!(sent.await, [request(&query)]);
}

#[tokio::test]
async fn a_check_that_finds_nothing_says_nothing_of_conversations_older_than_its_window() {
    requests_of([page(&[], None)], async |url| {
        assert_eq!(at(url).check_credential().await.unwrap().sees_records, None);
    })
    .await;
}

#[tokio::test]
async fn a_key_without_the_read_scope_fails_the_check() {
    let body = r#"{"statusCode":403,"message":"API key does not have the required scope","error":"Forbidden"}"#;
    let script = Script::new(move |_, _| response(403, body));
    let error = client(&script).check_credential().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::MissingScope);
    assert!(error.to_string().contains("read"), "{error}");
    let presence = client(&script).lookup(&record(1)).await;
    assert!(matches!(presence, Presence::Unknown(error) if error.kind() == ErrorKind::MissingScope));
}

#[tokio::test]
async fn both_names_of_the_array_are_read() {
    for name in ["interactions", "conversations"] {
        let mut item = conversation(1, NOW - 1000);
        item["source"] = json!("api");
        let body = json!({ name: [item], "hasMore": false, "nextCursor": null, "prevCursor": null });
        let script = Script::from_bodies([body.to_string()]);
        assert_eq!(lookup_words(&client(&script), &[record(1)]).await, ["present"]);
    }
}

#[tokio::test]
async fn after_a_429_the_same_page_is_requested_again() {
    let clock = TestClock::new();
    let script = Script::new(|_, number| match number {
        0 => script::json(page(&[conversation(1, NOW - 1000)], Some("older"))),
        1 => response(429, "").with_header("retry-after", "17"),
        _ => script::json(page(&[conversation(2, NOW - 2000)], None)),
    });
    let client = builder().clock(clock.clone()).transport(script.transport()).build().unwrap();
    let filter = Filter::new().with_since(time(NOW - DAY)).with_until(time(NOW - 500));
    assert_eq!(list_ids(client.list(&filter)).await.len(), 2);
    let requests = script.requests();
    assert_eq!((requests.len(), &requests[1]), (3, &requests[2]));
    assert_eq!(clock.slept(), [Duration::from_millis(18_700)]);
}

#[tokio::test]
async fn no_content_of_a_conversation_is_kept() {
    let mut item = conversation(1, NOW - 1000);
    item["subjectPreview"] = json!("Canary");
    item["userAttributes"] = json!({ "name": "Canary" });
    item["events"][0]["message"] = json!("Canary");
    let mut listing = client(&Script::from_bodies([page(&[item], None)])).list(&Filter::new()).unwrap();
    let found = listing.next().await.unwrap().unwrap();
    assert!(!format!("{found:?} {listing:?}").contains("Canary"));
    assert_eq!(found.updated_at(), Some(time(NOW - 1000)));
}

#[tokio::test]
async fn a_server_that_ignores_the_bounds_does_not_widen_the_list() {
    let mut silent = conversation(4, 0);
    silent["events"] = Value::Null;
    silent["createdAt"] = json!(NOW - 10);
    let items = [conversation(1, NOW - 10), conversation(2, NOW - 3 * DAY), conversation(3, NOW - 9 * DAY), silent];
    let filter = Filter::new().with_since(time(NOW - 5 * DAY)).with_until(time(NOW - DAY));
    assert_eq!(
        list_ids(client(&Script::from_bodies([page(&items, None)])).list(&filter)).await,
        [record(2).to_string()]
    );
}

#[tokio::test]
async fn an_unreadable_conversation_is_one_error_and_the_rest_is_listed() {
    let mut without_id = conversation(2, NOW - 2000);
    without_id.as_object_mut().unwrap().remove("id");
    let mut number = conversation(2, NOW - 2000);
    number["id"] = json!(2);
    let mut no_uuid = conversation(2, NOW - 2000);
    no_uuid["id"] = json!("conv_2");
    let filter = Filter::new().with_since(time(NOW - DAY)).with_until(time(NOW - 500));
    for unreadable in [without_id, number, no_uuid, json!(null), json!([])] {
        let first = page(&[conversation(1, NOW - 1000), unreadable.clone(), conversation(3, NOW - 3000)], Some("next"));
        let script = Script::from_bodies([first, page(&[conversation(4, NOW - 4000)], None)]);
        let mut listing = client(&script).list(&filter).unwrap();
        let (mut ids, mut errors) = (Vec::new(), Vec::new());
        while let Some(found) = listing.next().await {
            match found {
                Ok(found) => ids.push(found.id().clone()),
                Err(error) => errors.push(error),
            }
        }
        assert_eq!(ids, [1, 3, 4].map(record), "{unreadable}");
        assert_eq!(errors.iter().map(Error::kind).collect::<Vec<_>>(), [ErrorKind::UnexpectedResponse], "{unreadable}");
        assert!(errors[0].vendor().is_some() && listing.has_reached_end() && !listing.is_complete());
    }
}

#[tokio::test]
async fn a_list_with_another_status_than_200_is_an_error() {
    for status in [201, 202, 203, 206, 207, 226] {
        let script = Script::new(move |_, _| response(status, page(&[], None)));
        assert_eq!(
            list_results(client(&script).list(&Filter::new())).await,
            [Err(ErrorKind::UnexpectedResponse)],
            "{status}"
        );
    }
}
