//! What the lists of all vendors have in common.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use conversation_delete_fake::{CANARY_NAME, CANARY_TEXT, Fake, FakeRequest, Fault, Role, Route, Seed, Vendor};
use serde_json::{Value, json};

use crate::walk::{ids_of, list, list_as, list_path, walk};

fn at(secs: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(secs)
}

#[test]
fn a_list_shows_the_own_records_and_their_canaries_newest_first() {
    for &vendor in Vendor::ALL {
        let fake = Fake::in_process(vendor);
        let (mut own, foreign) = (fake.seed(25), fake.seed_with(Seed::count(7).foreign()));
        own.reverse();
        assert_eq!(walk(&fake), own, "{vendor:?}");
        let body = list(&fake, "").1.to_string();
        assert!(body.contains(CANARY_NAME) && body.contains(CANARY_TEXT), "{vendor:?}");
        let (status, answer) = list_as(&fake, Role::Foreign, "");
        assert_eq!((status, ids_of(vendor, &answer).len()), (200, foreign.len()));
        assert!(ids_of(vendor, &answer).iter().all(|id| foreign.contains(id)));
    }
}

#[test]
fn a_write_only_key_lists_nothing_and_a_missing_key_is_401() {
    for &vendor in Vendor::ALL {
        let fake = Fake::in_process(vendor);
        let (status, body) = list_as(&fake, Role::WriteOnly, "");
        match vendor {
            Vendor::ElevenLabs => {
                assert_eq!((status, &body["detail"]["status"]), (401, &json!("missing_permissions")));
                assert!(body["detail"]["message"].as_str().unwrap().contains("convai_read"));
            }
            _ => assert_eq!(status, 403, "{vendor:?}"),
        }
        assert_eq!(fake.handle(FakeRequest::new("GET", list_path(vendor))).status(), 401, "{vendor:?}");
        assert_eq!(list_as(&fake, Role::ReadOnly, "").0, 200);
    }
}

#[test]
fn faults_act_on_lists() {
    for &vendor in Vendor::ALL {
        let fake = Fake::in_process(vendor);
        fake.seed(1);
        for status in [401, 403, 429, 500, 504] {
            fake.fault(Fault::reply(status).on(Route::List).once());
            assert_eq!(list(&fake, "").0, status);
        }
        fake.fault(Fault::html(200).on(Route::List).once());
        assert_eq!(list(&fake, "").1, Value::Null);
        assert_eq!(walk(&fake).len(), 1);
        assert!(fake.stats().by_route["list"] > 5);
    }
}

#[test]
fn a_deleted_record_leaves_the_list_and_a_new_seed_brings_it_back() {
    for &vendor in Vendor::ALL {
        let fake = Fake::in_process(vendor);
        let ids = fake.seed(3);
        fake.remove(&ids[1]);
        assert_eq!(walk(&fake), [ids[2].clone(), ids[0].clone()]);
        fake.seed_ids([ids[1].clone()]);
        assert_eq!(walk(&fake).len(), 3);
    }
}

#[test]
fn views_tell_what_was_seeded() {
    let fake = Fake::in_process(Vendor::ElevenLabs);
    let seed = Seed::count(2).created_at(at(100)).updated_at(at(200)).agent("agent_x").user("u").status("failed");
    fake.seed_with(seed);
    let view = &fake.records()[1];
    assert_eq!((view.created_at_ms, view.updated_at_ms), (100_001, 200_001));
    assert_eq!((view.agent.as_str(), view.user.as_str(), view.status.as_str()), ("agent_x", "u", "failed"));
    fake.set_status(&view.id, "done");
    fake.add_message(&view.id);
    let view = &fake.records()[1];
    assert_eq!(view.status, "done");
    assert!(view.updated_at_ms > 1_000_000_000_000);
}

#[test]
fn a_long_list_is_walked_in_time() {
    for &vendor in Vendor::ALL {
        let fake = Fake::in_process(vendor);
        fake.set_option("request_log_bytes", "0").unwrap();
        fake.seed(3_000);
        assert_eq!(walk(&fake).len(), 3_000, "{vendor:?}");
    }
}
