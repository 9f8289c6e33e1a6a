//! Lists: their requests, their order, and what they hold.

use std::time::{Duration, SystemTime};

use corti_delete::{ErrorKind, Filter, Presence, RecordReader, Status, status};
use delete_conformance::Script;
use delete_conformance::script::{self, list_ids, list_results, parameter, requests_of};
use serde_json::{Value, json};

use crate::record;
use crate::support::{at, client, request, uuid};

fn names(range: impl IntoIterator<Item = u128>) -> Vec<String> {
    range.into_iter().map(|number| uuid(number).to_string()).collect()
}

fn interaction(number: u128, status: &str) -> Value {
    json!({
        "id": uuid(number).to_string(), "createdAt": "2025-06-01T00:00:00Z", "updatedAt": "2025-06-02T00:00:00Z",
        "encounter": { "status": status, "title": "Canary" }, "patient": { "name": "Canary", "identifier": "Canary" }
    })
}

fn page(items: &[Value]) -> String {
    json!({ "interactions": items }).to_string()
}

fn list_line(index: usize, status: &str) -> String {
    format!("GET /v2/interactions/?sort=createdAt&direction=asc&pageSize=100&index={index}{status}")
}

#[tokio::test]
async fn a_list_is_read_oldest_first_until_the_empty_page() {
    let filter = Filter::new().with_until(SystemTime::now());
    let bodies = [page(&[interaction(1, "planned")]), page(&[interaction(2, "x")]), page(&[])];
    let sent = requests_of(bodies, async |url| assert_eq!(list_ids(at(url).list(&filter)).await, names(1..3))).await;
    let query = "/v2/interactions/?sort=createdAt&direction=asc&pageSize=100&index=";
    assert_eq!(sent, [1, 2, 3].map(|index| request(&format!("GET {query}{index}"))));
}

#[tokio::test]
async fn a_look_and_a_check_send_exactly_this() {
    let one = [interaction(1, "completed").to_string()];
    let look = requests_of(one, async |url| assert!(at(url).lookup(&record(1)).await.is_present())).await;
    let path = format!("/v2/interactions/{}", uuid(1));
    assert_eq!(look, [request(&format!("GET {path}"))]);
    let check = requests_of([page(&[])], async |url| {
        assert_eq!(at(url).check_credential().await.unwrap().sees_records, Some(false))
    })
    .await;
    assert_eq!(check, [request("GET /v2/interactions/?sort=createdAt&direction=asc&pageSize=1&index=1")]);
    let bodies = [r#"{"transcripts":[{"id":"t1"}]}"#, r#"{"status":"completed"}"#];
    let lookup =
        requests_of(bodies, async |url| assert_eq!(at(url).active_status(&record(1)).await.unwrap(), None)).await;
    let lines = ["transcripts/", "transcripts/t1/status"].map(|rest| request(&format!("GET {path}/{rest}")));
    assert_eq!(lookup, lines);
}

/// Honours one value of `encounterStatus`, as the vendor does.
fn by_status() -> Script {
    Script::new(|request, _| {
        let target = request.uri();
        let status = parameter(target, "encounterStatus");
        let all = [interaction(1, "planned"), interaction(2, "on-hold"), interaction(3, "completed")];
        let is_first = parameter(target, "index").as_deref() == Some("1");
        let is_listed =
            |item: &&Value| is_first && status.as_ref().is_none_or(|own| item["encounter"]["status"] == **own);
        script::json(page(&all.iter().filter(is_listed).cloned().collect::<Vec<_>>()))
    })
}

#[tokio::test]
async fn each_status_has_its_own_list() {
    let script = by_status();
    let filter = Filter::new().with_status(status::ON_HOLD).with_status(status::PLANNED).with_status(status::ON_HOLD);
    assert_eq!(list_ids(client(&script).list(&filter)).await, names([2, 1]));
    let (on_hold, planned) = ("&encounterStatus=on-hold", "&encounterStatus=planned");
    assert_eq!(
        script.requests(),
        [list_line(1, on_hold), list_line(2, on_hold), list_line(1, planned), list_line(2, planned)]
    );
}

#[tokio::test]
async fn a_status_that_corti_does_not_list_by_is_refused() {
    let script = by_status();
    for status in ["done", "x", "active", ""].map(Status::new) {
        let error = client(&script).list(&Filter::new().with_status(status::PLANNED).with_status(status)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("on-hold"), "{error}");
    }
    assert!(script.requests().is_empty());
}

#[tokio::test]
async fn a_label_of_deletion_is_a_status_like_any_other() {
    let script = Script::from_bodies([page(&[interaction(1, "deleted"), interaction(2, "planned")]), page(&[])]);
    assert_eq!(list_ids(client(&script).list(&Filter::new().with_status(status::DELETED))).await, names([1]));
    let presence = client(&Script::from_bodies([interaction(1, "deleted").to_string()])).lookup(&record(1)).await;
    assert!(matches!(presence, Presence::Present { status: Some(status), .. } if status == status::DELETED));
}

#[tokio::test]
async fn a_server_that_ignores_the_filters_yields_nothing_foreign() {
    let items = [interaction(1, "planned"), interaction(2, "completed")];
    let bodies = || [page(&items), page(&[])];
    assert_eq!(
        list_ids(client(&Script::from_bodies(bodies())).list(&Filter::new().with_status(status::PLANNED))).await,
        names([1])
    );
    let later = Filter::new().with_since(SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600));
    assert!(list_ids(client(&Script::from_bodies(bodies())).list(&later)).await.is_empty());
}

#[tokio::test]
async fn an_interaction_that_comes_between_pages_costs_none() {
    let script = Script::new(|request, number| {
        let index: usize = parameter(request.uri(), "index").unwrap().parse().unwrap();
        // Ten per page, although more were requested; a new one comes at the end before each page.
        let all: Vec<Value> = (0..25 + number as u128).map(|number| interaction(number, "planned")).collect();
        script::json(page(all.chunks(10).nth(index - 1).unwrap_or_default()))
    });
    let listed = list_ids(client(&script).list(&Filter::new())).await;
    assert!(listed.starts_with(&names(0..25)), "{listed:?}");
    assert_eq!(script.requests().len(), 4);
}

#[tokio::test]
async fn a_server_that_does_not_know_pages_is_an_error() {
    let script = Script::from_bodies([page(&[interaction(1, "planned")])]);
    let no_progress = Err(ErrorKind::UnexpectedResponse);
    assert_eq!(list_results(client(&script).list(&Filter::new())).await, [Ok(uuid(1).to_string()), no_progress]);
}

#[tokio::test]
async fn an_interaction_without_a_date_is_listed_unless_the_filter_needs_a_date() {
    let mut undated = interaction(1, "planned");
    undated["createdAt"] = json!("");
    let bodies = || [page(&[undated.clone(), interaction(2, "planned")]), page(&[])];
    assert_eq!(list_ids(client(&Script::from_bodies(bodies())).list(&Filter::new())).await, names(1..3));
    let filter = Filter::new().with_until(SystemTime::now());
    let listed = list_results(client(&Script::from_bodies(bodies())).list(&filter)).await;
    assert_eq!(listed, [Err(ErrorKind::UnexpectedResponse), Ok(uuid(2).to_string())]);
}

/// One record that cannot be read must not hide all that come after it.
#[tokio::test]
async fn an_interaction_with_an_odd_id_does_not_end_the_listing() {
    let odd =
        [json!({ "id": "Canary" }), json!({ "id": null }), json!({ "id": 7 }), json!({}), json!("x"), Value::Null];
    for odd in odd {
        let pages = [
            page(&[interaction(1, "planned"), odd.clone()]),
            page(std::slice::from_ref(&odd)),
            page(&[interaction(2, "x")]),
        ];
        let script = Script::from_bodies(pages.into_iter().chain([page(&[])]));
        let mut listing = client(&script).list(&Filter::new()).unwrap();
        let (mut ids, mut errors) = (Vec::new(), Vec::new());
        while let Some(found) = listing.next().await {
            match found {
                Ok(found) => ids.push(found.id().to_string()),
                Err(error) => errors.push((error.kind(), error.to_string())),
            }
        }
        assert_eq!(ids, names(1..3), "{odd}");
        assert_eq!(errors.len(), 2, "{odd}");
        assert!(errors.iter().all(|(kind, text)| *kind == ErrorKind::UnexpectedResponse && !text.contains("Canary")));
        assert!(!listing.is_complete());
    }
}

#[tokio::test]
async fn a_listed_interaction_has_no_data_of_the_patient() {
    let mut odd = interaction(2, "some new status");
    odd["createdAt"] = json!("");
    let script = Script::from_bodies([page(&[interaction(1, "planned"), odd]), page(&[])]);
    let mut listing = client(&script).list(&Filter::new()).unwrap();
    let mut shown = String::new();
    let mut statuses = Vec::new();
    while let Some(found) = listing.next().await {
        shown += &format!("{found:?} {listing:?}");
        statuses.extend(found.unwrap().status().cloned());
    }
    shown += &format!(
        "{:?}",
        client(&Script::from_bodies([interaction(1, "planned").to_string()])).lookup(&record(1)).await
    );
    assert!(!shown.contains("Canary"), "{shown}");
    assert_eq!(statuses, [status::PLANNED, Status::new("some new status")]);
}
