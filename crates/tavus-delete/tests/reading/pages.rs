//! Lists whose pages move, repeat, or are numbered from 0.

use std::sync::Mutex;

use delete_conformance::Script;
use delete_conformance::script::{self, list_ids, list_results};
use serde_json::{Value, json};
use tavus_delete::testing::{ResponseExt, response};
use tavus_delete::{ErrorKind, Filter, RetryPolicy};

use crate::workspace::{builder, client, ended, in_pages, item, listed, page};

fn names(range: impl IntoIterator<Item = u32>) -> Vec<String> {
    range.into_iter().map(|number| format!("c{number:03}")).collect()
}

/// A list with at most `cap` conversations a page and a total if it `counts`, which changes before each response.
fn paged(
    ids: Vec<String>,
    cap: usize,
    counts: bool,
    happens: impl Fn(usize, &mut Vec<String>) + Send + Sync + 'static,
) -> Script {
    let ids = Mutex::new(ids);
    Script::new(move |request, number| {
        let mut ids = ids.lock().unwrap();
        happens(number, &mut ids);
        let value = |name| script::parameter(request.uri(), name).unwrap().parse::<usize>().unwrap();
        let size = value("limit").min(cap);
        if value("page") == 0 {
            return response(400, "");
        }
        let items: Vec<Value> = ids.iter().skip((value("page") - 1) * size).take(size).map(|id| ended(id)).collect();
        script::json(page(&items, counts.then_some(ids.len())))
    })
}

/// The distinct ids that a listing yields while the list changes.
async fn ids_of_moving_list(script: &Script) -> Vec<String> {
    let mut listed = list_ids(client(script).list(&Filter::new())).await;
    listed.sort();
    listed.dedup();
    listed
}

#[tokio::test]
async fn a_server_with_smaller_pages_is_read_to_its_end() {
    for counts in [true, false] {
        let script = paged(names(0..120), 50, counts, |_, _| {});
        assert_eq!(list_ids(client(&script).list(&Filter::new())).await, names(0..120));
        // Without a total, the page after the last one is requested, and is empty.
        let pages_a_walk = if counts { 3 } else { 4 };
        // Without a total, a page before the first one must have nothing else either.
        assert_eq!(script.requests().len(), 2 * pages_a_walk + usize::from(!counts));
    }
}

#[tokio::test]
async fn a_conversation_that_moves_between_pages_is_found() {
    // With a total, the third response is the first of the second pass.
    for number in 1..4 {
        let removed = paged(names(0..120), 50, true, move |now, ids| {
            if now == number {
                ids.remove(0);
            }
        });
        assert!(ids_of_moving_list(&removed).await.ends_with(&names(1..120)), "removed before response {number}");
        let inserted = paged(names(1..121), 50, true, move |now, ids| {
            if now == number {
                ids.insert(0, "c000".into());
            }
        });
        assert!(ids_of_moving_list(&inserted).await.ends_with(&names(1..121)), "inserted before response {number}");
    }
}

#[tokio::test]
async fn a_last_page_repeated_because_of_a_new_conversation_is_not_an_error() {
    for counts in [true, false] {
        let script = paged(names(1..100), 50, counts, |now, ids| {
            if now == 1 || now == 2 {
                ids.insert(0, format!("new{now}"));
            }
        });
        assert!(ids_of_moving_list(&script).await.starts_with(&names(1..100)), "counts: {counts}");
    }
}

#[tokio::test]
async fn a_server_that_ignores_the_page_number_is_an_error() {
    let script = Script::from_bodies([page(&[ended("c1"), ended("c2")], None)]);
    let no_progress = Err(ErrorKind::UnexpectedResponse);
    assert_eq!(
        list_results(client(&script).list(&Filter::new())).await,
        [Ok("c1".into()), Ok("c2".into()), no_progress]
    );
}

#[tokio::test]
async fn passes_that_never_agree_end_with_an_error() {
    let script = Script::new(|_, number| script::json(page(&[ended(&format!("c{number}"))], Some(1))));
    let listed = list_results(client(&script).list(&Filter::new())).await;
    let disagreed = Err(ErrorKind::UnexpectedResponse);
    assert_eq!(listed, [Ok("c0".into()), Ok("c2".into()), Ok("c4".into()), disagreed]);
    assert_eq!(script.requests().len(), 6);
}

#[tokio::test]
async fn a_conversation_that_began_later_does_not_disturb_a_pass() {
    let script = Script::new(|_, number| {
        let new = item(&format!("new{number}"), "active", "2026-01-01T00:00:01Z");
        script::json(page(&[new, ended("c1")], Some(2)))
    });
    assert_eq!(list_ids(client(&script).list(&Filter::new())).await, ["new0", "c1"]);
    assert_eq!(script.requests().len(), 2);
}

#[tokio::test]
async fn a_record_listed_twice_does_not_hide_another() {
    // c1 is on the first and on the third page, and a fifth conversation on none.
    let pages = [["c1", "c2"], ["c3", "c4"], ["c1", "c4"]];
    let script = Script::new(move |request, _| {
        let number = script::parameter(request.uri(), "page").unwrap().parse::<usize>().unwrap();
        let items = pages.get(number - 1).map_or(Vec::new(), |ids| ids.iter().map(|id| ended(id)).collect());
        script::json(page(&items, Some(5)))
    });
    let (listed, is_complete) = listed(&script).await;
    assert_eq!(listed.last(), Some(&Err(ErrorKind::UnexpectedResponse)));
    assert!(!is_complete);
}

#[tokio::test]
async fn a_list_whose_pages_begin_at_0_is_never_complete() {
    for counts in [true, false] {
        let script = Script::new(move |request, _| {
            let number = script::parameter(request.uri(), "page").unwrap().parse::<u32>().unwrap();
            let items: Vec<Value> = names(number * 2..number * 2 + 2).iter().map(|id| ended(id)).collect();
            script::json(page(if number < 3 { &items } else { &[] }, counts.then_some(6)))
        });
        let (listed, is_complete) = listed(&script).await;
        assert_eq!(listed.last(), Some(&Err(ErrorKind::UnexpectedResponse)), "counts: {counts}");
        assert!(!is_complete, "counts: {counts}");
    }
    // A server that takes 0 for 1 has nothing else there.
    let lenient = Script::new(|request, _| {
        let number = script::parameter(request.uri(), "page").unwrap().parse::<u32>().unwrap();
        let items = if number < 2 { vec![ended("c1")] } else { Vec::new() };
        script::json(page(&items, None))
    });
    assert_eq!(listed(&lenient).await, (vec![Ok("c1".to_owned())], true));
}

#[tokio::test]
async fn a_record_on_two_pages_is_yielded_once_and_counted_once() {
    let odd = |id: Value| {
        let mut odd = ended("");
        odd["conversation_id"] = id;
        odd
    };
    let pages = vec![
        vec![ended("c1"), odd(json!(7))],
        vec![ended("c2"), odd(json!("a/b"))],
        vec![ended("c1"), odd(json!(7))],
        vec![ended("c3"), ended("c1")],
    ];
    let unusable = || Err(ErrorKind::UnexpectedResponse);
    let expected = [Ok("c1".to_owned()), unusable(), Ok("c2".to_owned()), unusable(), Ok("c3".to_owned())];
    for total_count in [Some(5), None] {
        let (listed, is_complete) = listed(&in_pages(pages.clone(), total_count)).await;
        assert_eq!((&listed[..], is_complete), (&expected[..], false), "{total_count:?}");
    }
    // If the total is one more, that one is missing.
    let (listed, _) = listed(&in_pages(pages, Some(6))).await;
    assert_eq!(listed.len(), expected.len() + 1);
}

#[tokio::test]
async fn a_page_with_only_unusable_ids_is_not_the_end() {
    let mut odd = [ended(""), ended("a/b")];
    odd[0]["conversation_id"] = Value::Null;
    for total_count in [Some(3), None] {
        let (listed, is_complete) = listed(&in_pages(vec![odd.to_vec(), vec![ended("c1")]], total_count)).await;
        assert_eq!((listed.last(), is_complete), (Some(&Ok("c1".to_owned())), false), "{total_count:?}");
    }
}

#[tokio::test]
async fn a_page_0_matters_only_if_it_may_have_an_unseen_record() {
    let new = item("new", "active", "2026-01-01T00:00:01Z");
    for (page_0, is_complete) in [
        (response(400, ""), true),
        (response(404, ""), true),
        (response(422, ""), true),
        (response(416, "{}"), true),
        (script::json(page(&[], None)), true),
        (script::json(page(&[ended("c1")], None)), true),
        (script::json(page(&[new], None)), true),
        (script::json(page(&[ended("c0")], None)), false),
        (script::json(page(&[item("c0", "ended", "")], None)), false),
        (response(400, "<html>"), false),
        (response(302, ""), false),
        (response(401, ""), false),
        (response(403, ""), false),
        (response(500, ""), false),
        (response(429, ""), false),
        (response(503, ""), false),
        (response(200, "<html>"), false),
    ] {
        let page_0 = Mutex::new(Some(page_0));
        let script = Script::new(move |request, _| match script::parameter(request.uri(), "page").as_deref() {
            Some("0") => page_0.lock().unwrap().take().unwrap_or_else(|| response(500, "")),
            Some("1") => script::json(page(&[ended("c1")], None)),
            _ => script::json(page(&[], None)),
        });
        let client = builder().transport(script.transport()).retry(RetryPolicy::none()).build().unwrap();
        let mut listing = client.list(&Filter::new()).unwrap();
        assert!(listing.next().await.unwrap().is_ok());
        let last = listing.next().await;
        assert_eq!((last.is_none(), listing.is_complete()), (is_complete, is_complete), "{last:?}");
    }
}

#[tokio::test]
async fn a_total_that_is_too_low_does_not_hide_a_record() {
    for total_count in [0, 5, 100] {
        let items: Vec<Value> = names(0..250).iter().map(|id| ended(id)).collect();
        let script = in_pages(items.chunks(100).map(<[Value]>::to_vec).collect(), Some(total_count));
        let (listed, is_complete) = listed(&script).await;
        assert_eq!((listed.len(), is_complete), (250, true), "{total_count}");
        assert_eq!(script.requests().last().unwrap(), "GET /v2/conversations?limit=100&page=0");
    }
}

#[tokio::test]
async fn an_entry_that_is_not_a_conversation_is_one_error() {
    let odd = [Value::Null, json!(1), json!("x"), json!([]), json!({}), Value::Null];
    let pages = vec![[&odd[..], &[ended("c1")]].concat(), vec![ended("c2")]];
    let (listed, is_complete) = listed(&in_pages(pages, Some(8))).await;
    assert_eq!(listed.iter().flatten().collect::<Vec<_>>(), ["c1", "c2"]);
    assert_eq!((listed.len(), is_complete), (8, false));
}

#[tokio::test]
async fn the_vendors_clock_decides_if_ours_is_slow() {
    // Before the second pass one record is removed and one added, both half an hour old by the vendor's clock.
    let script = Script::new(|_, number| {
        let one = item(if number == 0 { "c1" } else { "c2" }, "ended", "2026-01-01T00:30:00Z");
        script::json(page(&[one], Some(1))).with_header("date", "Thu, 01 Jan 2026 01:00:00 GMT")
    });
    assert_eq!(list_ids(client(&script).list(&Filter::new())).await, ["c1", "c2"]);
}
