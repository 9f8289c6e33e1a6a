//! What goes over the wire to find conversations, to look at them and to end them, and what comes of the answers.

// A failed `unwrap` is a failed test, also in a helper.
#![allow(clippy::unwrap_used)]

use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use delete_conformance::script::{self, sent, told, told_ids};
use delete_conformance::{Behaviour, FaultServer, Script};
use serde_json::{Value, json};
use tavus_delete::testing::TestClock;
use tavus_delete::transport::Response;
use tavus_delete::{
    ApiKey, Client, ClientBuilder, ConversationId, Delivery, ErrorKind, Filter, Presence, Reader, RecordId,
    RetryPolicy, Status,
};

fn builder() -> ClientBuilder {
    Client::builder(ApiKey::new("tavus-key").unwrap()).clock(TestClock::new())
}

fn client(script: &Script) -> Client {
    builder().transport(script.transport()).build().unwrap()
}

fn at(url: String) -> Client {
    builder().base_url(url).build().unwrap()
}

fn id(text: &str) -> ConversationId {
    text.parse().unwrap()
}

fn record(text: &str) -> RecordId {
    id(text).into()
}

fn item(id: &str, status: &str, created_at: &str) -> Value {
    json!({ "conversation_id": id, "status": status, "created_at": created_at, "conversation_name": "n" })
}

fn ended(id: &str) -> Value {
    item(id, "ended", "2025-06-01T00:00:00Z")
}

fn page(items: &[Value], total_count: Option<usize>) -> String {
    match total_count {
        Some(count) => json!({ "data": items, "total_count": count }).to_string(),
        None => json!({ "data": items }).to_string(),
    }
}

fn names(range: impl IntoIterator<Item = u32>) -> Vec<String> {
    range.into_iter().map(|number| format!("c{number:03}")).collect()
}

/// A list that gives at most `cap` conversations a page, says how many there are if it `counts`, and to which something
/// happens before each answer.
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
        let asked = |name| script::parameter(request.path_and_query(), name).unwrap().parse::<usize>().unwrap();
        let size = asked("limit").min(cap);
        if asked("page") == 0 {
            return Response::new(400);
        }
        let items: Vec<Value> = ids.iter().skip((asked("page") - 1) * size).take(size).map(|id| ended(id)).collect();
        script::json(page(&items, counts.then_some(ids.len())))
    })
}

/// The request, byte for byte, but for the host.
fn request(line: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!(
        "{line} HTTP/1.1\r\naccept: application/json\r\nuser-agent: tavus-delete/{version}\r\naccept-encoding: identity\r\n\
         x-api-key: tavus-key\r\n\r\n"
    )
}

#[tokio::test]
async fn a_list_asks_for_page_after_page_and_walks_twice() {
    let pages = [page(&[ended("c1")], Some(2)), page(&[ended("c2")], Some(2))];
    for (filter, query) in [
        (Filter::new(), ""),
        (Filter::new().status(Status::Ended), "&status=ended"),
        (Filter::new().status(Status::Ended).until(SystemTime::now()), "&status=ended"),
        (Filter::new().status(Status::Ended).status(Status::Active), ""),
        (Filter::new().status(Status::Ended).status(Status::Error), ""),
    ] {
        let bodies = pages.iter().chain(&pages);
        let sent = sent(bodies, async |url| assert_eq!(told_ids(&at(url), &filter).await, ["c1", "c2"])).await;
        let walk = [1, 2].map(|page| request(&format!("GET /v2/conversations?limit=100&page={page}{query}")));
        assert_eq!(sent, [walk.clone(), walk].concat());
    }
}

#[tokio::test]
async fn a_look_a_check_and_an_end_send_exactly_this() {
    let one = [ended("c123456").to_string()];
    let look = sent(&one, async |url| assert!(at(url).presence(&record("c123456")).await.is_present())).await;
    assert_eq!(look, [request("GET /v2/conversations/c123456")]);
    let live = sent(&one, async |url| assert_eq!(at(url).live_status(&record("c123456")).await.unwrap(), None)).await;
    assert_eq!(live, [request("GET /v2/conversations/c123456")]);
    let none = [page(&[], Some(0))];
    let check = sent(none, async |url| assert!(!at(url).check().await.unwrap().sees_records())).await;
    assert_eq!(check, [request("GET /v2/conversations?limit=100&page=1")]);
    let end = sent([""], async |url| at(url).end_conversation(&id("c123456")).await.unwrap()).await;
    // Some servers want to be told that nothing follows.
    let with_length = request("POST /v2/conversations/c123456/end")
        .replace("accept: application/json\r\n", "accept: application/json\r\ncontent-length: 0\r\n");
    assert_eq!(end, [with_length]);
}

async fn ended_by(behaviours: &[Behaviour], retry: RetryPolicy) -> (Result<(), tavus_delete::Error>, Vec<String>) {
    let server = FaultServer::start(behaviours.to_vec()).await;
    let client = builder().base_url(server.url()).retry(retry).build().unwrap();
    let result = client.end_conversation(&id("c123456")).await;
    let lines = server.requests().iter().map(|text| text.lines().next().unwrap().to_owned()).collect();
    (result, lines)
}

const INVALID: &str = r#"{"error":"Invalid conversation_id"}"#;

#[tokio::test]
async fn an_end_is_told_by_its_status() {
    for (status, body, kind) in [
        (200, "", None),
        (200, r#"{"status":"ended"}"#, None),
        (400, INVALID, Some(ErrorKind::NotFound)),
        (400, r#"{"error":"no"}"#, Some(ErrorKind::Rejected)),
        (400, r#"{"error":"Conversation has already ended"}"#, None),
        (400, r#"{"message":"ALREADY ENDED"}"#, None),
        (404, "", Some(ErrorKind::NotFound)),
        (200, r#"{"error":"no"}"#, Some(ErrorKind::UnexpectedResponse)),
        (202, "", Some(ErrorKind::UnexpectedResponse)),
        (401, r#"{"message":"Invalid access token"}"#, Some(ErrorKind::Unauthenticated)),
        (200, "<html>", Some(ErrorKind::UnexpectedResponse)),
    ] {
        let (result, lines) = ended_by(&[Behaviour::status(status, &[], body)], RetryPolicy::none()).await;
        assert_eq!(result.err().map(|error| error.kind()), kind, "{status} {body}");
        assert_eq!(lines, ["POST /v2/conversations/c123456/end HTTP/1.1"]);
    }
}

#[tokio::test]
async fn an_end_whose_answer_is_lost_stays_open_and_may_be_repeated() {
    let (result, _) = ended_by(&[Behaviour::Drop], RetryPolicy::none()).await;
    let error = result.unwrap_err();
    assert_eq!((error.kind(), error.delivery()), (ErrorKind::Connection, Delivery::MaybeDelivered));
    assert!(error.to_string().contains("the conversation may have been ended"), "{error}");
    let (result, lines) = ended_by(&[Behaviour::Drop, Behaviour::status(200, &[], "")], RetryPolicy::default()).await;
    result.unwrap();
    assert_eq!(lines, ["POST /v2/conversations/c123456/end HTTP/1.1"; 2]);
}

#[tokio::test]
async fn an_end_that_is_answered_by_something_else_stays_open() {
    for behaviour in [Behaviour::status(200, &[], "<html>"), Behaviour::status(302, &["location: /login"], "")] {
        let error = ended_by(&[behaviour], RetryPolicy::none()).await.0.unwrap_err();
        assert!(error.may_have_taken_effect() && !error.to_string().contains("nothing was ended"), "{error}");
    }
}

#[tokio::test]
async fn an_end_of_what_is_not_there_is_no_success_after_a_failure_either() {
    let behaviours = [Behaviour::status(503, &[], ""), Behaviour::status(400, &[], INVALID)];
    let (result, _) = ended_by(&behaviours, RetryPolicy::default()).await;
    assert_eq!(result.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn absent_is_the_vendors_word_for_it() {
    for (status, body, word) in [
        (400, INVALID, "absent"),
        (404, "", "unknown"),
        (404, r#"{"message":"Not Found"}"#, "unknown"),
        (404, r#"{"error":"Conversation not found"}"#, "unknown"),
        (400, r#"{"error":"no"}"#, "unknown"),
        (200, r#"{"conversation_id":"c7"}"#, "unknown"),
        (200, r#"{"error":"no"}"#, "unknown"),
        (206, r#"{"conversation_id":"c123456"}"#, "unknown"),
        (200, r#"{"conversation_id":"c123456"}"#, "present"),
    ] {
        let server = FaultServer::start([Behaviour::status(status, &[], body)]).await;
        assert_eq!(at(server.url()).presence(&record("c123456")).await.as_str(), word, "{status} {body}");
    }
}

#[tokio::test]
async fn a_404_is_absence_only_if_the_list_confirms_it_right_after() {
    let page = || Behaviour::status(200, &[], &page(&[ended("c1")], Some(1)));
    for (body, control, word) in [
        ("", page(), "absent"),
        (r#"{"message":"Not Found"}"#, page(), "absent"),
        ("", Behaviour::status(404, &[], ""), "unknown"),
        ("", Behaviour::status(503, &[], ""), "unknown"),
        ("", Behaviour::status(401, &[], ""), "unknown"),
        ("", Behaviour::status(200, &[], "<html>"), "unknown"),
        ("", Behaviour::status(200, &[], "{}"), "unknown"),
        ("<html>Not Found</html>", page(), "unknown"),
    ] {
        let server = FaultServer::start([Behaviour::status(404, &[], body), control.clone()]).await;
        let client = builder().base_url(server.url()).retry(RetryPolicy::none()).build().unwrap();
        let presence = client.presence(&record("c123456")).await;
        assert_eq!(presence.as_str(), word, "{body} {control:?}");

        let server = FaultServer::start([Behaviour::status(404, &[], body), control.clone()]).await;
        let client = builder().base_url(server.url()).retry(RetryPolicy::none()).build().unwrap();
        let kind = client.live_status(&record("c123456")).await.unwrap_err().kind();
        assert_eq!(kind == ErrorKind::NotFound, word == "absent", "{body} {control:?}");
    }
}

#[tokio::test]
async fn what_is_not_known_to_be_over_is_live() {
    let live = async |status: Value| {
        let mut conversation = json!({ "conversation_id": "c1", "status": status });
        if status.is_null() {
            conversation.as_object_mut().unwrap().remove("status");
        }
        let status = client(&Script::of([conversation.to_string()])).live_status(&record("c1")).await.unwrap();
        status.map(|status| status.to_string())
    };
    for over in ["ended", "error"] {
        assert_eq!(live(json!(over)).await, None);
    }
    for (status, told) in
        [(json!("active"), "active"), (json!("paused"), "paused"), (json!(7), "unknown"), (Value::Null, "unknown")]
    {
        assert_eq!(live(status).await.as_deref(), Some(told));
    }
}

#[tokio::test]
async fn a_status_that_is_not_known_is_kept() {
    let script = Script::of([page(&[item("c1", "paused", ""), ended("c2")], Some(2))]);
    let mut listing = client(&script).list(&Filter::new()).unwrap();
    let found = listing.next().await.unwrap().unwrap();
    assert_eq!(found.status(), Some(&Status::from_word("paused")));
    assert_eq!(found.created_at(), None);
    assert_eq!(told_ids(&client(&script), &Filter::new().status(Status::from_word("paused"))).await, ["c1"]);
    let presence = client(&Script::of([item("c1", "paused", "").to_string()])).presence(&record("c1")).await;
    assert!(matches!(presence, Presence::Present { status: Some(status) } if status.as_str() == "paused"));
}

#[tokio::test]
async fn a_conversation_without_a_date_is_told_unless_a_date_is_asked_for() {
    let items = [ended("c1"), item("c2", "ended", ""), ended("c3"), item("c4", "ended", "2027-01-01T00:00:00Z")];
    let client = client(&Script::of([page(&items, Some(4))]));
    assert_eq!(told_ids(&client, &Filter::new()).await, ["c1", "c2", "c3", "c4"]);
    let until = Filter::new().until(SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600));
    let undated = Err(ErrorKind::UnexpectedResponse);
    assert_eq!(told(&client, &until).await, [Ok("c1".into()), undated, Ok("c3".into())]);
}

#[tokio::test]
async fn a_server_that_gives_fewer_than_were_asked_for_is_read_to_its_end() {
    for counts in [true, false] {
        let script = paged(names(0..120), 50, counts, |_, _| {});
        assert_eq!(told_ids(&client(&script), &Filter::new()).await, names(0..120));
        // Without a count, the page after the last one is asked for, and is empty.
        let pages_a_walk = if counts { 3 } else { 4 };
        // Without a count, a page before the first one must not hold anything else either.
        assert_eq!(script.asked().len(), 2 * pages_a_walk + usize::from(!counts));
    }
}

/// The distinct ids that are told by a list to which something happens.
async fn told_of_moving(script: &Script) -> Vec<String> {
    let mut told = told_ids(&client(script), &Filter::new()).await;
    told.sort();
    told.dedup();
    told
}

#[tokio::test]
async fn what_moves_between_pages_is_found() {
    // The third answer is the second walk's first where the pages are counted.
    for number in 1..4 {
        let removed = paged(names(0..120), 50, true, move |now, ids| {
            if now == number {
                ids.remove(0);
            }
        });
        assert!(told_of_moving(&removed).await.ends_with(&names(1..120)), "removed before answer {number}");
        let inserted = paged(names(1..121), 50, true, move |now, ids| {
            if now == number {
                ids.insert(0, "c000".into());
            }
        });
        assert!(told_of_moving(&inserted).await.ends_with(&names(1..121)), "inserted before answer {number}");
    }
}

#[tokio::test]
async fn a_new_conversation_that_repeats_the_last_page_is_no_end_without_progress() {
    for counts in [true, false] {
        let script = paged(names(1..100), 50, counts, |now, ids| {
            if now == 1 || now == 2 {
                ids.insert(0, format!("new{now}"));
            }
        });
        assert!(told_of_moving(&script).await.starts_with(&names(1..100)), "counts: {counts}");
    }
}

#[tokio::test]
async fn a_server_that_does_not_know_pages_is_an_error() {
    let script = Script::of([page(&[ended("c1"), ended("c2")], None)]);
    let no_progress = Err(ErrorKind::UnexpectedResponse);
    assert_eq!(told(&client(&script), &Filter::new()).await, [Ok("c1".into()), Ok("c2".into()), no_progress]);
}

#[tokio::test]
async fn a_list_that_has_ended_stays_so() {
    let mut listing = client(&Script::of([page(&[], Some(0))])).list(&Filter::new()).unwrap();
    for _ in 0..3 {
        assert!(listing.next().await.is_none());
    }
}

#[tokio::test]
async fn walks_that_never_agree_end_with_an_error() {
    let script = Script::new(|_, number| script::json(page(&[ended(&format!("c{number}"))], Some(1))));
    let told = told(&client(&script), &Filter::new()).await;
    let disagreed = Err(ErrorKind::UnexpectedResponse);
    assert_eq!(told, [Ok("c0".into()), Ok("c2".into()), Ok("c4".into()), disagreed]);
    assert_eq!(script.asked().len(), 6);
}

#[tokio::test]
async fn a_conversation_that_began_later_disturbs_no_walk() {
    let script = Script::new(|_, number| {
        let new = item(&format!("new{number}"), "active", "2026-01-01T00:00:01Z");
        script::json(page(&[new, ended("c1")], Some(2)))
    });
    assert_eq!(told_ids(&client(&script), &Filter::new()).await, ["new0", "c1"]);
    assert_eq!(script.asked().len(), 2);
}

/// What a list yields, and whether it is complete then.
async fn listed(script: &Script) -> (Vec<Result<String, ErrorKind>>, bool) {
    let mut listing = client(script).list(&Filter::new()).unwrap();
    let mut listed = Vec::new();
    while let Some(found) = listing.next().await {
        listed.push(found.map(|found| found.id().to_string()).map_err(|error| error.kind()));
    }
    (listed, listing.is_complete())
}

#[tokio::test]
async fn a_record_that_is_listed_twice_hides_no_other_one() {
    // c1 is on the first and on the third page, and a fifth conversation on none.
    let pages = [["c1", "c2"], ["c3", "c4"], ["c1", "c4"]];
    let script = Script::new(move |request, _| {
        let number = script::parameter(request.path_and_query(), "page").unwrap().parse::<usize>().unwrap();
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
            let number = script::parameter(request.path_and_query(), "page").unwrap().parse::<u32>().unwrap();
            let items: Vec<Value> = names(number * 2..number * 2 + 2).iter().map(|id| ended(id)).collect();
            script::json(page(if number < 3 { &items } else { &[] }, counts.then_some(6)))
        });
        let (listed, is_complete) = listed(&script).await;
        assert_eq!(listed.last(), Some(&Err(ErrorKind::UnexpectedResponse)), "counts: {counts}");
        assert!(!is_complete, "counts: {counts}");
    }
    // One that takes 0 for 1 holds nothing else there.
    let lenient = Script::new(|request, _| {
        let number = script::parameter(request.path_and_query(), "page").unwrap().parse::<u32>().unwrap();
        let items = if number < 2 { vec![ended("c1")] } else { Vec::new() };
        script::json(page(&items, None))
    });
    assert_eq!(listed(&lenient).await, (vec![Ok("c1".to_owned())], true));
}

#[tokio::test]
async fn one_record_with_an_unusable_id_does_not_end_a_list() {
    for odd in [json!(""), json!("a/b"), json!("x".repeat(300)), json!(7), Value::Null, json!("..")] {
        let mut items = [ended("c1"), ended("odd"), ended("c3")];
        items[1]["conversation_id"] = odd.clone();
        let (mut listed, is_complete) = listed(&Script::of([page(&items, Some(3))])).await;
        listed.sort_by_key(Result::is_err);
        let expected = [Ok("c1".to_owned()), Ok("c3".to_owned()), Err(ErrorKind::UnexpectedResponse)];
        assert_eq!((&listed[..], is_complete), (&expected[..], false), "{odd}");
    }
}
