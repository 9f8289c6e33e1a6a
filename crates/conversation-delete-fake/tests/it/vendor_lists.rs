//! Section 4 of the notes on each vendor: what its list shows, in which order, and how it pages.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use conversation_delete_fake::{CANARY_TEXT, Fake, FakeRequest, Role, Seed, Vendor};
use serde_json::{Value, json};

use crate::walk::{corti_ids, elevenlabs_ids, fini_ids, list, tavus_ids, walk};

const DAY: Duration = Duration::from_secs(86_400);

fn at(secs: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(secs)
}

#[test]
fn corti_pages_by_index_and_ends_in_an_empty_page() {
    let fake = Fake::in_process(Vendor::Corti);
    let ids = fake.seed(25);
    let page = |query: &str| corti_ids(&list(&fake, query).1);
    assert_eq!(page("").len(), 10);
    assert_eq!(page("?index=2&pageSize=10&direction=asc"), ids[10..20]);
    assert_eq!(page("?index=3&sort=createdAt&direction=asc"), ids[20..]);
    assert_eq!(list(&fake, "?index=4").1, json!({ "interactions": [] }));
    assert_eq!(page("?pageSize=1000").len(), 25);
    for query in ["?pageSize=0", "?pageSize=x", "?index=0", "?index=-1", "?sort=name", "?direction=up"] {
        let (status, body) = list(&fake, query);
        assert_eq!(status, 400, "{query}");
        assert!(body["type"].as_str().unwrap().ends_with("A0013"), "{query}");
    }
}

#[test]
fn corti_sorts_by_each_field_and_never_twice_alike_by_patient() {
    let fake = Fake::in_process(Vendor::Corti);
    let old = fake.seed_with(Seed::count(1).created_at(at(1000)).updated_at(at(9000)).agent("b")).remove(0);
    let new = fake.seed_with(Seed::count(1).created_at(at(2000)).updated_at(at(3000)).agent("a")).remove(0);
    let ascending = |sort: &str| corti_ids(&list(&fake, &format!("?direction=asc&sort={sort}")).1);
    for (sort, first) in [("createdAt", &old), ("updatedAt", &new), ("endedAt", &new), ("assignedUserId", &new)] {
        assert_eq!(&ascending(sort)[0], first, "{sort}");
    }
    assert_eq!(&ascending("id")[0], old.as_str().min(new.as_str()));
    let item = &list(&fake, "?direction=asc").1["interactions"][0];
    assert_eq!(
        (&item["createdAt"], &item["updatedAt"]),
        (&json!("1970-01-01T00:16:40Z"), &json!("1970-01-01T02:30:00Z"))
    );
    assert_eq!(item["assignedUserId"], "b");

    fake.seed(100);
    let shuffles: Vec<Vec<String>> = (0..3).map(|_| corti_ids(&list(&fake, "?sort=patient&pageSize=200").1)).collect();
    assert!(shuffles[0] != shuffles[1] && shuffles[1] != shuffles[2]);
    for mut shuffle in shuffles {
        shuffle.sort();
        shuffle.dedup();
        assert_eq!(shuffle.len(), 102);
    }
}

#[test]
fn corti_honours_one_status_and_one_patient() {
    let fake = Fake::in_process(Vendor::Corti);
    let planned = fake.seed(2);
    let labelled = fake.seed_with(Seed::count(1).status("deleted").user("p-7"));
    let ids = |query: &str| corti_ids(&list(&fake, query).1);
    assert_eq!(ids("?encounterStatus=deleted"), labelled);
    assert_eq!(ids("?encounterStatus=planned&encounterStatus=deleted"), labelled);
    assert_eq!(ids("?patient=p-7"), labelled);
    assert_eq!(ids("?patient=patient-1").len(), planned.len());
    assert_eq!(ids("?encounterStatus=&patient=").len(), 3);
    fake.set_option("repeated_status", "first").unwrap();
    assert_eq!(ids("?encounterStatus=planned&encounterStatus=deleted").len(), 2);
    assert_eq!(list(&fake, "?encounterStatus=archived").0, 400);
    fake.set_option("unknown_status", "ignored").unwrap();
    assert_eq!(ids("?encounterStatus=archived").len(), 3);
}

#[test]
fn corti_wants_the_slash_at_the_end() {
    let fake = Fake::in_process(Vendor::Corti);
    fake.seed(1);
    let bare = || {
        let request = FakeRequest::new("GET", "/v2/interactions").with_header("tenant-name", "base");
        fake.handle(request.with_header("authorization", &format!("Bearer {}", fake.key(Role::Full)))).status()
    };
    assert_eq!(bare(), 404);
    fake.set_option("list_without_slash", "works").unwrap();
    assert_eq!(bare(), 200);
    assert_eq!(fake.handle(FakeRequest::new("DELETE", "/v2/interactions/")).status(), 501);
}

#[test]
fn fini_lists_a_window_by_the_latest_message() {
    let fake = Fake::in_process(Vendor::Fini);
    let now = SystemTime::now();
    let ms = |time: SystemTime| time.duration_since(UNIX_EPOCH).unwrap().as_millis();
    let old = fake.seed_with(Seed::count(1).created_at(now - 30 * DAY));
    let moved = fake.seed_with(Seed::count(1).created_at(now - 40 * DAY).updated_at(now - DAY));
    let recent = fake.seed_with(Seed::count(1).created_at(now - 2 * DAY));
    let ids = |query: &str| fini_ids(&list(&fake, query).1);
    assert_eq!(ids(""), [moved[0].clone(), recent[0].clone()]);
    assert_eq!(ids(&format!("?since={}", ms(now - 60 * DAY))), [moved, recent, old.clone()].concat());
    fake.add_message(&old[0]);
    assert_eq!(ids("")[0], old[0]);
    let events = &list(&fake, "").1["interactions"][0]["events"];
    assert!(events[1]["createdAt"].as_u64() > events[0]["createdAt"].as_u64());

    let (now, day) = (ms(now), DAY.as_millis());
    for (query, status) in [
        (format!("?since={}&until={now}", now - 90 * day), 200),
        (format!("?since={}&until={now}", now - 90 * day - 1), 400),
        (format!("?since={now}&until={now}"), 400),
        ("?since=yesterday".to_owned(), 400),
        ("?limit=100".to_owned(), 200),
        ("?limit=101".to_owned(), 400),
        ("?limit=0".to_owned(), 400),
        ("?direction=older".to_owned(), 400),
        ("?cursor=0b8626b0-4cc8-4a3d-8fc2-f18ad1a4a1a8".to_owned(), 400),
    ] {
        assert_eq!(list(&fake, &query).0, status, "{query}");
    }
}

#[test]
fn fini_walks_to_older_and_back_to_newer() {
    let fake = Fake::in_process(Vendor::Fini);
    let mut ids = fake.seed(130);
    ids.reverse();
    let first = list(&fake, "").1;
    assert_eq!(fini_ids(&first), ids[..50]);
    assert_eq!((&first["hasMore"], &first["prevCursor"]), (&json!(true), &Value::Null));
    let cursor = |body: &Value, name: &str| body[name].as_str().unwrap().to_owned();
    let second = list(&fake, &format!("?cursor={}", cursor(&first, "nextCursor"))).1;
    let third = list(&fake, &format!("?cursor={}&direction=next", cursor(&second, "nextCursor"))).1;
    assert_eq!(fini_ids(&third), ids[100..]);
    assert_eq!((&third["hasMore"], &third["nextCursor"]), (&json!(false), &Value::Null));
    let back = list(&fake, &format!("?cursor={}&direction=previous", cursor(&third, "prevCursor"))).1;
    assert_eq!(fini_ids(&back), ids[50..100]);
    assert_eq!(back["hasMore"], true);
    let start = list(&fake, &format!("?cursor={}&direction=previous", cursor(&back, "prevCursor"))).1;
    assert_eq!(fini_ids(&start), ids[..50]);
    assert_eq!((&start["hasMore"], &start["prevCursor"]), (&json!(false), &Value::Null));
    assert_eq!(start["nextCursor"], first["nextCursor"]);
}

#[test]
fn fini_leaves_bounds_key_and_deleted_cursors_open() {
    let fake = Fake::in_process(Vendor::Fini);
    let start = SystemTime::now() - DAY;
    let ids = fake.seed_with(Seed::count(3).created_at(start).agent("bot_1"));
    let first = start.duration_since(UNIX_EPOCH).unwrap().as_millis();
    let window = format!("?since={first}&until={}", first + 2);
    assert_eq!(fini_ids(&list(&fake, &window).1).len(), 3);
    fake.set_option("bounds", "exclusive").unwrap();
    assert_eq!(fini_ids(&list(&fake, &window).1), [ids[1].clone()]);
    fake.set_option("list_key", "conversations").unwrap();
    let body = list(&fake, "?agentId=bot_1&source=zendesk,api&channel=email").1;
    assert_eq!((body["conversations"].as_array().unwrap().len(), body.get("interactions")), (3, None));
    assert_eq!(fini_ids(&list(&fake, "?agentId=bot_2").1).len(), 0);
    assert_eq!(fini_ids(&list(&fake, "?source=slack").1).len(), 0);

    fake.set_option("source", "api").unwrap();
    let body = list(&fake, "?source=api").1;
    assert_eq!((fini_ids(&body).len(), &body["conversations"][0]["source"]), (3, &json!("api")));
    assert_eq!(fini_ids(&list(&fake, "?source=zendesk").1).len(), 0);

    fake.remove(&ids[2]);
    let after = format!("?cursor={}", ids[2]);
    assert_eq!(fini_ids(&list(&fake, &after).1).len(), 2);
    fake.set_option("deleted_cursor", "400").unwrap();
    assert_eq!(list(&fake, &after).0, 400);
}

#[test]
fn elevenlabs_walks_by_an_opaque_cursor() {
    let fake = Fake::in_process(Vendor::ElevenLabs);
    let ids = fake.seed(70);
    let first = list(&fake, "").1;
    assert_eq!(elevenlabs_ids(&first).len(), 30);
    let cursor = first["next_cursor"].as_str().unwrap();
    assert!(!ids.iter().any(|id| cursor.contains(id.as_str())));
    assert_eq!(elevenlabs_ids(&list(&fake, "?sort_direction=asc&page_size=100").1), ids);
    for name in ["agent_id", "conversation_id", "start_time_unix_secs", "call_duration_secs", "message_count", "status"]
    {
        assert!(!first["conversations"][0][name].is_null(), "{name}");
    }
    assert_eq!(first["conversations"][0]["transcript_summary"], Value::Null);
    let with_summary = list(&fake, "?summary_mode=include").1;
    assert_eq!(with_summary["conversations"][0]["transcript_summary"], CANARY_TEXT);

    let end = list(&fake, "?page_size=100&unheard_of=1").1;
    assert_eq!((&end["has_more"], end.get("next_cursor")), (&json!(false), Some(&Value::Null)));
    fake.set_option("end_cursor", "missing").unwrap();
    assert_eq!(list(&fake, "?page_size=100").1.get("next_cursor"), None);
    for (query, status, code) in [
        ("?page_size=0", 400, "invalid_page_size"),
        ("?page_size=101", 400, "invalid_page_size"),
        ("?cursor=wrong", 400, "invalid_cursor"),
    ] {
        let (answer, body) = list(&fake, query);
        assert_eq!((answer, &body["detail"]["code"]), (status, &json!(code)), "{query}");
    }
    for query in ["?page_size=x", "?sort_direction=up", "?call_start_after_unix=now", "?summary_mode=all"] {
        assert_eq!(list(&fake, query).0, 422, "{query}");
    }
}

#[test]
fn elevenlabs_filters_by_agent_user_status_and_start() {
    let fake = Fake::in_process(Vendor::ElevenLabs);
    let early = fake.seed_with(Seed::count(1).created_at(at(1_784_000_000)).agent("agent_a").user("u1"));
    let late = fake.seed_with(Seed::count(1).created_at(at(1_784_000_100)).status("failed"));
    let ids = |query: &str| elevenlabs_ids(&list(&fake, query).1);
    assert_eq!(ids("?agent_id=agent_a"), early);
    let usual = "agent_3701k3ttaq12ewp8b7qv5rfyszkz";
    assert_eq!(ids(&format!("?agent_id={usual}")), late);
    fake.seed_with(Seed::ids([late[0].as_str()]).created_at(at(1_784_000_100)).status("failed").agent(usual));
    assert_eq!(ids(&format!("?agent_id={usual}")), late);
    assert_eq!(ids("?user_id=u1"), early);
    fake.set_option("ignore_user_filter", "yes").unwrap();
    assert_eq!(ids("?user_id=nobody-has-this-id").len(), 2);
    assert_eq!(ids("?user_id=nobody-has-this-id&agent_id=agent_a"), early);
    fake.set_option("ignore_user_filter", "no").unwrap();
    assert_eq!(ids("?user_id=nobody-has-this-id").len(), 0);
    assert_eq!(ids("?user_id=&agent_id=").len(), 2);
    assert_eq!(ids("?exclude_statuses=failed"), early);
    assert_eq!(ids("?exclude_statuses=failed&exclude_statuses=done").len(), 0);
    assert_eq!(ids("?call_start_after_unix=1784000001"), late);
    assert_eq!(ids("?call_start_before_unix=1784000099"), early);
    let exact = "?call_start_after_unix=1784000000&call_start_before_unix=1784000100";
    assert_eq!(ids(exact).len(), 2);
    fake.set_option("bounds", "exclusive").unwrap();
    assert_eq!(ids(exact).len(), 0);
}

#[test]
fn tavus_pages_by_number_with_a_total() {
    let fake = Fake::in_process(Vendor::Tavus);
    let ids = fake.seed(25);
    fake.set_option("order", "oldest").unwrap();
    let (_, body) = list(&fake, "");
    assert_eq!((tavus_ids(&body), &body["total_count"]), (ids[..10].to_vec(), &json!(25)));
    assert_eq!(tavus_ids(&list(&fake, "?limit=20&page=2").1), ids[20..]);
    assert_eq!(list(&fake, "?page=4").1, json!({ "data": [], "total_count": 25 }));
    for query in ["?limit=0", "?page=0", "?limit=many", "?status=error"] {
        assert_eq!(list(&fake, query).0, 400, "{query}");
    }
    fake.set_option("limit_cap", "7").unwrap();
    assert_eq!(tavus_ids(&list(&fake, "?limit=20").1), ids[..7]);
    assert_eq!(walk(&fake), ids);

    fake.set_option("first_page", "0").unwrap();
    assert_eq!(tavus_ids(&list(&fake, "?limit=5").1), ids[..5]);
    assert_eq!(tavus_ids(&list(&fake, "?limit=5&page=0").1), ids[..5]);
    assert_eq!(tavus_ids(&list(&fake, "?limit=5&page=1").1), ids[5..10]);
    fake.set_option("first_page", "1").unwrap();
    fake.set_option("total_count", "missing").unwrap();
    assert_eq!(list(&fake, "?page=9").1, json!({ "data": [] }));

    fake.set_option("order", "random").unwrap();
    let random = walk(&fake);
    assert_eq!(walk(&fake), random);
    let mut sorted = random.clone();
    sorted.reverse();
    assert!(random != ids && sorted != ids);
}

#[test]
fn tavus_filters_by_status_and_may_show_soft_deletions_and_no_dates() {
    let fake = Fake::in_process(Vendor::Tavus);
    let ended = fake.seed_with(Seed::count(2).without_dates().agent("p_1"));
    let active = fake.seed_with(Seed::count(1).status("active").created_at(at(1_777_464_000)));
    let body = list(&fake, "?status=active").1;
    assert_eq!((tavus_ids(&body), &body["total_count"]), (active, &json!(1)));
    assert_eq!(body["data"][0]["created_at"], "2026-04-29T12:00:00Z");
    let body = list(&fake, "?status=ended").1;
    assert_eq!((&body["data"][0]["created_at"], &body["data"][0]["persona_id"]), (&json!(""), &json!("p_1")));
    let request = FakeRequest::new("DELETE", format!("/v2/conversations/{}?hard=false", ended[0]));
    assert_eq!(fake.handle(request.with_header("x-api-key", &fake.key(Role::Full))).status(), 204);
    assert_eq!(list(&fake, "?status=ended").1["total_count"], 2);
    fake.set_option("after_soft_list", "hidden").unwrap();
    assert_eq!(tavus_ids(&list(&fake, "?status=ended").1), ended[1..]);
    fake.set_option("unknown_status", "ignored").unwrap();
    assert_eq!(list(&fake, "?status=error").1["total_count"], 2);
}
