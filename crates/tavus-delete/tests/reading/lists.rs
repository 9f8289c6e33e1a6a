//! The requests of a list, and what it yields.

use std::time::{Duration, SystemTime};

use delete_conformance::Script;
use delete_conformance::script::{list_ids, list_results, requests_of};
use serde_json::{Value, json};
use tavus_delete::{Delivery, ErrorKind, Filter, Presence, RecordReader, Status, VENDOR, status};

use crate::workspace::{at, client, ended, in_pages, item, listed, page, record, request};

#[tokio::test]
async fn a_list_is_read_page_by_page_in_two_passes() {
    let pages = [page(&[ended("c1")], Some(2)), page(&[ended("c2")], Some(2))];
    for (filter, query) in [
        (Filter::new(), ""),
        (Filter::new().with_status(status::ENDED), "&status=ended"),
        (Filter::new().with_status(status::ENDED).with_until(SystemTime::now()), "&status=ended"),
        (Filter::new().with_status(status::ENDED).with_status(status::ACTIVE), ""),
        (Filter::new().with_status(status::ENDED).with_status(status::ERROR), ""),
    ] {
        let bodies = pages.iter().chain(&pages);
        let sent =
            requests_of(bodies, async |url| assert_eq!(list_ids(at(url).list(&filter)).await, ["c1", "c2"])).await;
        let walk = [1, 2].map(|page| request(&format!("GET /v2/conversations?limit=100&page={page}{query}")));
        assert_eq!(sent, [walk.clone(), walk].concat());
    }
}

#[tokio::test]
async fn an_unknown_status_is_kept() {
    let script = in_pages(vec![[item("c1", "paused", ""), ended("c2")].to_vec()], Some(2));
    let mut listing = client(&script).list(&Filter::new()).unwrap();
    let found = listing.next().await.unwrap().unwrap();
    assert_eq!(found.status(), Some(&Status::new("paused")));
    assert_eq!(found.created_at(), None);
    assert_eq!(list_ids(client(&script).list(&Filter::new().with_status(Status::new("paused")))).await, ["c1"]);
    let presence = client(&Script::from_bodies([item("c1", "paused", "").to_string()])).lookup(&record("c1")).await;
    assert!(matches!(presence, Presence::Present { status: Some(status), .. } if status.as_str() == "paused"));
}

#[tokio::test]
async fn a_conversation_without_a_date_is_listed_unless_the_filter_needs_a_date() {
    let items = [ended("c1"), item("c2", "ended", ""), ended("c3"), item("c4", "ended", "2027-01-01T00:00:00Z")];
    let client = client(&in_pages(vec![items.to_vec()], Some(4)));
    assert_eq!(list_ids(client.list(&Filter::new())).await, ["c1", "c2", "c3", "c4"]);
    let until = Filter::new().with_until(SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600));
    let undated = Err(ErrorKind::UnexpectedResponse);
    assert_eq!(list_results(client.list(&until)).await, [Ok("c1".into()), undated, Ok("c3".into())]);
}

#[tokio::test]
async fn an_empty_status_is_rejected_before_anything_is_sent() {
    let script = Script::from_bodies([page(&[], Some(0))]);
    let error = client(&script).list(&Filter::new().with_status(Status::new(""))).unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::InvalidInput, Delivery::NotSent));
    assert_eq!((error.vendor(), script.requests().len()), (Some(VENDOR), 0));
}

#[tokio::test]
async fn a_list_yields_nothing_after_its_end() {
    let mut listing = client(&Script::from_bodies([page(&[], Some(0))])).list(&Filter::new()).unwrap();
    for _ in 0..3 {
        assert!(listing.next().await.is_none());
    }
}

#[tokio::test]
async fn one_record_with_an_unusable_id_does_not_end_a_list() {
    for odd in [json!(""), json!("a/b"), json!("x".repeat(300)), json!(7), Value::Null, json!("..")] {
        let mut items = [ended("c1"), ended("odd"), ended("c3")];
        items[1]["conversation_id"] = odd.clone();
        let (mut listed, is_complete) = listed(&in_pages(vec![items.to_vec()], Some(3))).await;
        listed.sort_by_key(Result::is_err);
        let expected = [Ok("c1".to_owned()), Ok("c3".to_owned()), Err(ErrorKind::UnexpectedResponse)];
        assert_eq!((&listed[..], is_complete), (&expected[..], false), "{odd}");
    }
}
