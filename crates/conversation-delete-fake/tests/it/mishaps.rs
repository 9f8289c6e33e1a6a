//! Lists that move, lag, lie, or lead in circles.

use std::collections::HashSet;

use conversation_delete_fake::{Fake, FakeRequest, Fault, RecordState, Role, Route, Seed, Vendor};
use serde_json::{Value, json};

use crate::client::record_path;
use crate::walk::{elevenlabs_ids, fini_ids, get_as, ids_of, list, list_as, send_as, walk};

fn ids(fake: &Fake, query: &str) -> Vec<String> {
    ids_of(fake.vendor(), &list(fake, query).1)
}

#[test]
fn records_arrive_while_a_list_is_walked() {
    for &vendor in Vendor::ALL {
        let fake = Fake::in_process(vendor);
        let seeded = fake.seed(3);
        fake.set_option("arrivals", "2").unwrap();
        let counts: Vec<usize> = (0..4).map(|_| ids(&fake, "").len()).collect();
        assert_eq!(counts, [3, 4, 5, 5], "{vendor:?}");
        let newest = fake.records().last().unwrap().clone();
        assert!(!seeded.contains(&newest.id));
        assert_eq!(ids(&fake, "")[0], newest.id, "{vendor:?}");
        fake.set_option("arrivals", "1").unwrap();
        list(&fake, "");
        assert_eq!(fake.records().len(), 6);
    }
}

#[test]
fn an_arrival_shifts_pages_by_number() {
    let fake = Fake::in_process(Vendor::Corti);
    fake.seed(30);
    fake.set_option("arrivals", "1").unwrap();
    let first = ids(&fake, "");
    assert_eq!(ids(&fake, "?index=2")[0], *first.last().unwrap());
}

#[test]
fn records_depart_while_a_list_is_walked() {
    for &vendor in Vendor::ALL {
        let fake = Fake::in_process(vendor);
        fake.seed(5);
        fake.set_option("departures", "2").unwrap();
        let pages: Vec<Vec<String>> = (0..4).map(|_| ids(&fake, "")).collect();
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [5, 4, 3, 3], "{vendor:?}");
        assert_eq!(pages[1], pages[0][..4]);
        // An empty page has nobody to lose.
        let empty = Fake::in_process(vendor);
        empty.set_option("departures", "1").unwrap();
        assert_eq!(list(&empty, "").0, 200);
    }
}

#[test]
fn a_fault_without_effect_lets_nobody_come_or_go() {
    let fake = Fake::in_process(Vendor::Tavus);
    fake.seed(2);
    fake.set_option("arrivals", "1").unwrap();
    fake.set_option("departures", "1").unwrap();
    fake.fault(Fault::reply(500).on(Route::List).once());
    assert_eq!((list(&fake, "").0, fake.records().len()), (500, 2));
    list(&fake, "");
    assert_eq!((fake.records().len(), walk(&fake).len()), (3, 2));
}

#[test]
fn filters_may_be_ignored() {
    for (vendor, filter) in [
        (Vendor::Corti, "?encounterStatus=completed&patient=nobody"),
        (Vendor::Fini, "?since=1&until=2&agentId=bot_x&source=slack"),
        (Vendor::ElevenLabs, "?agent_id=agent_x&user_id=u&exclude_statuses=done&call_start_before_unix=5"),
        (Vendor::Tavus, "?status=active"),
    ] {
        let fake = Fake::in_process(vendor);
        fake.seed(4);
        assert_eq!(ids(&fake, filter).len(), 0, "{vendor:?}");
        fake.set_option("ignore_filters", "yes").unwrap();
        assert_eq!(ids(&fake, filter).len(), 4, "{vendor:?}");
        fake.seed_with(Seed::count(1).foreign());
        assert_eq!(ids(&fake, filter).len(), 4, "{vendor:?}");
    }
}

#[test]
fn a_deleted_record_may_show_in_some_more_lists() {
    for &vendor in Vendor::ALL {
        let fake = Fake::in_process(vendor);
        let id = fake.seed(1).remove(0);
        fake.set_option("list_lag", "2").unwrap();
        let query = if vendor == Vendor::Tavus { "?hard=true" } else { "" };
        let status = send_as(&fake, Role::Full, "DELETE", &format!("{}{query}", record_path(&fake, &id))).0;
        assert!((200..300).contains(&status));
        let counts: Vec<usize> = (0..4).map(|_| ids(&fake, "").len()).collect();
        assert_eq!(counts, [1, 1, 0, 0], "{vendor:?}");
        assert_ne!(get_as(&fake, Role::Full, &record_path(&fake, &id)).0, 200);
    }
}

/// Reads and lists by a key that does not see the record.
#[test]
fn a_key_of_another_workspace_uses_up_nothing() {
    for &vendor in Vendor::ALL {
        let fake = Fake::in_process(vendor);
        let seed = if vendor == Vendor::ElevenLabs { Seed::count(1).status("processing") } else { Seed::count(1) };
        let id = fake.seed_with(seed).remove(0);
        for (name, value) in [("read_lag", "1"), ("list_lag", "1"), ("arrivals", "1"), ("departures", "1")] {
            fake.set_option(name, value).unwrap();
        }
        if vendor == Vendor::ElevenLabs {
            fake.set_option("live_delete", "returns").unwrap();
        }
        let path = record_path(&fake, &id);
        assert!(send_as(&fake, Role::Full, "DELETE", &format!("{path}?hard=true")).0 < 300);
        for _ in 0..3 {
            assert_ne!(get_as(&fake, Role::Foreign, &path).0, 200, "{vendor:?}");
            assert_eq!(list_as(&fake, Role::Foreign, "").0, 200);
        }
        assert_eq!(fake.records().len(), 1);
        let reads = [1, 2, 3].map(|_| get_as(&fake, Role::Full, &path).0 == 200);
        assert_eq!(reads, [true, false, vendor == Vendor::ElevenLabs], "{vendor:?}");
        assert_eq!((ids(&fake, ""), fake.records().len()), (vec![id.clone()], 2), "{vendor:?}");
        assert_eq!(fake.state_of(&id), Some(RecordState::Deleted));
    }
}

#[test]
fn a_record_may_be_hidden_from_one_read() {
    for &vendor in Vendor::ALL {
        let fake = Fake::in_process(vendor);
        let plain = fake.seed(1).remove(0);
        fake.set_option("hidden_from", "get").unwrap();
        let no_get = fake.seed(1).remove(0);
        fake.set_option("hidden_from", "list").unwrap();
        let no_list = fake.seed(1).remove(0);
        let get = |id: &str| get_as(&fake, Role::Full, &record_path(&fake, id)).0;
        assert_eq!(ids(&fake, ""), [no_get.clone(), plain.clone()], "{vendor:?}");
        assert_eq!((get(&plain), get(&no_list)), (200, 200));
        assert_ne!(get(&no_get), 200);

        fake.hide(&plain, Route::List);
        fake.hide(&no_get, Route::Any);
        assert_eq!((ids(&fake, ""), get(&no_get)), (vec![no_get.clone()], 200));
    }
}

#[test]
fn page_numbers_may_get_stuck() {
    for vendor in [Vendor::Corti, Vendor::Tavus] {
        let fake = Fake::in_process(vendor);
        fake.seed(25);
        fake.set_option("stuck_page", "yes").unwrap();
        let name = if vendor == Vendor::Corti { "index" } else { "page" };
        assert_eq!(ids(&fake, ""), ids(&fake, &format!("?{name}=7")));
    }
}

/// More, and the cursor to it.
fn ahead(fake: &Fake, query: &str) -> (bool, Value) {
    let (status, body) = list(fake, query);
    assert_eq!(status, 200, "{query}");
    match fake.vendor() {
        Vendor::Fini => (body["hasMore"].as_bool().unwrap(), body["nextCursor"].clone()),
        _ => (body["has_more"].as_bool().unwrap(), body["next_cursor"].clone()),
    }
}

fn with_250(vendor: Vendor) -> (Fake, &'static str) {
    let fake = Fake::in_process(vendor);
    fake.seed(250);
    (fake, if vendor == Vendor::Fini { "?limit=100" } else { "?page_size=100" })
}

#[test]
fn cursors_may_repeat_be_missing_or_trail() {
    for vendor in [Vendor::Fini, Vendor::ElevenLabs] {
        let (fake, query) = with_250(vendor);
        fake.set_option("cursor_fault", "repeats").unwrap();
        let (_, cursor) = ahead(&fake, query);
        let next = format!("{query}&cursor={}", cursor.as_str().unwrap());
        assert_eq!(ahead(&fake, &next), (true, cursor.clone()));
        assert_eq!(ahead(&fake, &next), (true, cursor));

        fake.set_option("cursor_fault", "missing").unwrap();
        assert_eq!(ahead(&fake, query), (true, Value::Null));

        // More is promised on the last page too, and no cursor leads there.
        fake.set_option("cursor_fault", "missing_at_end").unwrap();
        let mut cursor = ahead(&fake, query).1;
        for more in [true, false] {
            let next = ahead(&fake, &format!("{query}&cursor={}", cursor.as_str().unwrap()));
            assert_eq!((next.0, next.1.is_string()), (true, more), "{vendor:?}");
            cursor = next.1;
        }

        fake.set_option("cursor_fault", "trailing").unwrap();
        let (mut query, mut last) = (query.to_owned(), (true, Value::Null));
        for _ in 0..3 {
            last = ahead(&fake, &query);
            query = format!("?cursor={}&limit=100&page_size=100", last.1.as_str().unwrap());
        }
        assert!(!last.0 && last.1.is_string());
    }
}

#[test]
fn a_cursor_may_expire_once_after_the_second_page() {
    for vendor in [Vendor::Fini, Vendor::ElevenLabs] {
        let (fake, query) = with_250(vendor);
        fake.set_option("cursor_fault", "expires").unwrap();
        let second = format!("{query}&cursor={}", ahead(&fake, query).1.as_str().unwrap());
        let third = format!("{query}&cursor={}", ahead(&fake, &second).1.as_str().unwrap());
        let (status, body) = list(&fake, &third);
        assert_eq!(status, 400);
        if vendor == Vendor::ElevenLabs {
            assert_eq!(body["detail"]["code"], json!("invalid_cursor"));
        }
        assert_eq!(walk(&fake).len(), 250);
        assert_eq!(list(&fake, &third).0, 200);
    }
}

#[test]
fn a_touched_cursor_leads_back_to_the_start() {
    let fake = Fake::in_process(Vendor::Fini);
    fake.seed(60);
    let first = list(&fake, "").1;
    let cursor = first["nextCursor"].as_str().unwrap();
    fake.add_message(cursor);
    let second = fini_ids(&list(&fake, &format!("?cursor={cursor}")).1);
    assert_eq!(second[..49], fini_ids(&first)[..49]);
}

#[test]
fn a_walk_over_what_changes_sees_all_that_stays() {
    let fake = Fake::in_process(Vendor::ElevenLabs);
    let seeded: HashSet<String> = fake.seed(250).into_iter().collect();
    fake.set_option("arrivals", "3").unwrap();
    fake.set_option("departures", "3").unwrap();
    let seen: HashSet<String> = walk(&fake).into_iter().collect();
    assert!(seeded.is_subset(&seen));
    assert_eq!(elevenlabs_ids(&list(&fake, "?page_size=100&sort_direction=asc").1).len(), 100);
}

#[test]
fn a_lie_leaves_the_record_in_both_reads() {
    for &vendor in Vendor::ALL {
        let fake = Fake::in_process(vendor);
        let id = fake.seed(1).remove(0);
        fake.fault(Fault::no_effect().on(Route::Delete).once());
        let status = send_as(&fake, Role::Full, "DELETE", &record_path(&fake, &id)).0;
        assert!((200..300).contains(&status));
        assert_eq!(ids(&fake, ""), [id]);
    }
}

#[test]
fn an_empty_page_of_a_foreign_key_is_no_error() {
    for &vendor in Vendor::ALL {
        let fake = Fake::in_process(vendor);
        fake.seed(3);
        let request = FakeRequest::new("GET", "/");
        assert_eq!(fake.handle(request).status(), 501);
        let (status, body) = list_as(&fake, Role::Foreign, "");
        assert_eq!((status, ids_of(vendor, &body).len()), (200, 0));
    }
}
