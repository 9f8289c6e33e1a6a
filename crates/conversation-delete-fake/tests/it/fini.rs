//! Section 8 of the notes on Fini, row by row.

use std::time::Duration;

use conversation_delete_fake::RecordState::{Deleted, Present};
use conversation_delete_fake::{CANARY_TEXT, Fake, Fault, Role, Route, Seed, Vendor};
use serde_json::json;

use crate::client::{Answer, ask, call, is, record_path, start};

const BULK: &str = "/v2/hc-interactions/public";
const UNKNOWN: &str = "0b8626b0-4cc8-4a3d-8fc2-f18ad1a4a1a8";

fn bulk(fake: &Fake, ids: &[String]) -> Answer {
    bulk_text(fake, &json!({ "ids": ids }).to_string())
}

fn bulk_text(fake: &Fake, body: &str) -> Answer {
    ask("DELETE", BULK).auth(fake, Role::Full).json(body).send(fake)
}

#[test]
fn the_single_route_says_success_to_anything() {
    let fake = start(Vendor::Fini);
    let own = &fake.seed(1)[0];
    let foreign = &fake.seed_with(Seed::count(1).foreign())[0];
    for id in [own, own, foreign, UNKNOWN, "not-a-uuid"] {
        let answer = call(&fake, "DELETE", &record_path(&fake, id));
        assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"success":true}"#), "{id}");
    }
    assert!(is(&fake, own, Deleted) && is(&fake, foreign, Present));
    fake.set_option("single_validates_ids", "yes").unwrap();
    assert_eq!(call(&fake, "DELETE", &record_path(&fake, "not-a-uuid")).status, 400);
}

#[test]
fn a_batch_is_200_when_all_were_accessible_and_406_otherwise_after_removing_what_it_could() {
    let fake = start(Vendor::Fini);
    let ids = fake.seed(53);
    let answer = bulk(&fake, &ids[..50]);
    assert_eq!((answer.status, answer.body.as_str()), (200, r#"{"success":true}"#));
    assert!(ids[..50].iter().all(|id| is(&fake, id, Deleted)));

    let foreign = fake.seed_with(Seed::count(1).foreign());
    let mixed = [ids[50].clone(), foreign[0].clone(), ids[51].clone(), ids[0].clone(), UNKNOWN.to_owned()];
    let answer = bulk(&fake, &mixed);
    assert_eq!(answer.status, 406);
    let seed = r#"{"statusCode":406,"message":"One or more interactions not accessible to the user","error":"Not Acceptable"}"#;
    assert_eq!(answer.body, seed);
    assert!(is(&fake, &ids[50], Deleted) && is(&fake, &ids[51], Deleted));
    assert!(is(&fake, &ids[52], Present) && is(&fake, &foreign[0], Present));
}

#[test]
fn a_lost_answer_makes_the_retry_a_406() {
    let fake = start(Vendor::Fini);
    let ids = fake.seed(2);
    fake.fault(Fault::close().after_effect().on(Route::BulkDelete).once());
    let body = json!({ "ids": ids }).to_string();
    assert!(ask("DELETE", BULK).auth(&fake, Role::Full).json(&body).try_send(&fake).is_err());
    assert!(ids.iter().all(|id| is(&fake, id, Deleted)));
    assert_eq!(bulk_text(&fake, &body).status, 406);
}

#[test]
fn a_bad_batch_is_400_and_changes_nothing() {
    let fake = start(Vendor::Fini);
    let ids = fake.seed(51);
    let twice = json!({ "ids": [ids[0], ids[0]] }).to_string();
    let many = json!({ "ids": ids }).to_string();
    let no_uuid = json!({ "ids": [ids[0], "x"] }).to_string();
    let number = json!({ "ids": [ids[0], 1] }).to_string();
    for body in ["{}", "[]", "{", r#"{"ids":[]}"#, r#"{"ids":"x"}"#, &twice, &many, &no_uuid, &number] {
        let answer = bulk_text(&fake, body);
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.json()["message"].is_array());
        assert_eq!(answer.json()["statusCode"], 400);
    }
    let dropped = ask("DELETE", BULK).auth(&fake, Role::Full).send(&fake);
    let as_text = ask("DELETE", BULK).auth(&fake, Role::Full).body("text/plain", r#"{"ids":[]}"#).send(&fake);
    assert_eq!((dropped.status, as_text.status), (400, 400));
    fake.set_option("error_message", "string").unwrap();
    assert_eq!(bulk_text(&fake, &many).json()["message"], "ids must contain no more than 50 elements");
    assert!(ids.iter().all(|id| is(&fake, id, Present)));
}

#[test]
fn twins_in_case_are_duplicates_or_one_row_too_few() {
    let fake = start(Vendor::Fini);
    let id = &fake.seed(1)[0];
    let twins = [id.clone(), id.to_uppercase()];
    assert_eq!(bulk(&fake, &twins).status, 400);
    assert!(is(&fake, id, Present));
    fake.set_option("case_twins", "406").unwrap();
    assert_eq!(bulk(&fake, &twins).status, 406);
    assert!(is(&fake, id, Deleted));
}

#[test]
fn keys_and_scopes_are_refused_in_the_words_of_the_seed() {
    let fake = start(Vendor::Fini);
    let id = &fake.seed(1)[0];
    let path = record_path(&fake, id);
    let unauthorized = r#"{"statusCode":401,"message":"Invalid or revoked API key","error":"Unauthorized"}"#;
    let forbidden = r#"{"statusCode":403,"message":"API key does not have the required scope for this operation","error":"Forbidden"}"#;
    for target in [path.as_str(), BULK] {
        assert_eq!(ask("DELETE", target).send(&fake).body, unauthorized);
        assert_eq!(ask("DELETE", target).header("authorization", fake.key(Role::Full)).send(&fake).body, unauthorized);
        assert_eq!(ask("DELETE", target).auth(&fake, Role::ReadOnly).send(&fake).body, forbidden);
    }
    assert_eq!(ask("GET", &path).auth(&fake, Role::WriteOnly).send(&fake).body, forbidden);
    assert_eq!(bulk(&fake, &[]).status, 400);
    fake.revoke(Role::Full);
    assert_eq!(call(&fake, "DELETE", &path).body, unauthorized);
    assert!(is(&fake, id, Present));
}

#[test]
fn a_get_of_what_is_not_there_is_500() {
    let fake = start(Vendor::Fini);
    let own = &fake.seed(1)[0];
    let foreign = &fake.seed_with(Seed::count(1).foreign())[0];
    assert!(call(&fake, "GET", &record_path(&fake, own)).body.contains(CANARY_TEXT));
    fake.remove(own);
    for id in [own, foreign, UNKNOWN] {
        let answer = call(&fake, "GET", &record_path(&fake, id));
        assert_eq!((answer.status, &answer.json()["statusCode"]), (500, &json!(500)), "{id}");
    }
}

#[test]
fn the_throttle_counts_a_hundred_in_a_minute() {
    let fake = start(Vendor::Fini);
    let path = record_path(&fake, UNKNOWN);
    fake.set_option("throttle", "on").unwrap();
    assert!((0..100).all(|_| call(&fake, "DELETE", &path).status == 200));
    let answer = call(&fake, "DELETE", &path);
    assert_eq!((answer.status, answer.header("retry-after")), (429, None));
    fake.set_option("throttle_retry_after", "on").unwrap();
    let wait: u64 = call(&fake, "DELETE", &path).header("retry-after").unwrap().parse().unwrap();
    fake.advance(Duration::from_secs(wait));
    assert_eq!(call(&fake, "DELETE", &path).status, 200);
}

#[test]
fn a_500_comes_before_or_after_the_effect() {
    let fake = start(Vendor::Fini);
    let ids = fake.seed(1);
    fake.fault(Fault::reply(500).nth(1));
    fake.fault(Fault::reply(500).nth(2).after_effect());
    assert_eq!(bulk(&fake, &ids).status, 500);
    assert!(is(&fake, &ids[0], Present));
    assert_eq!(bulk(&fake, &ids).status, 500);
    assert!(is(&fake, &ids[0], Deleted));
    assert_eq!(bulk(&fake, &ids).status, 406);
}

#[test]
fn an_html_406_is_not_the_vendors() {
    let fake = start(Vendor::Fini);
    let ids = fake.seed(1);
    fake.fault(Fault::html(406));
    let answer = bulk(&fake, &ids);
    assert_eq!((answer.status, answer.header("content-type")), (406, Some("text/html; charset=utf-8")));
    assert!(is(&fake, &ids[0], Present));
}
