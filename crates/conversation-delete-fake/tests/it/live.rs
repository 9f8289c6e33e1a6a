//! Records that are not over: ended, emptied by retention, issued for another realm.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use conversation_delete_fake::{CANARY_TEXT, Fake, Fault, RecordState, Role, Route, Seed, Vendor};
use serde_json::{Value, json};

use crate::walk::{get_as, list, send_as};

fn active() -> (Fake, String) {
    let fake = Fake::in_process(Vendor::Tavus);
    let id = fake.seed_with(Seed::count(1).status("active")).remove(0);
    (fake, id)
}

fn end(fake: &Fake, id: &str) -> (u16, Value) {
    send_as(fake, Role::Full, "POST", &format!("/v2/conversations/{id}/end"))
}

fn status(fake: &Fake, id: &str) -> Value {
    get_as(fake, Role::Full, &format!("/v2/conversations/{id}")).1["status"].clone()
}

#[test]
fn a_conversation_is_ended_and_stays() {
    let (fake, id) = active();
    assert_eq!(end(&fake, &id), (200, Value::Null));
    assert_eq!((status(&fake, &id), fake.state_of(&id)), (json!("ended"), Some(RecordState::Present)));
    assert_eq!(list(&fake, "?status=active").1["total_count"], 0);
    assert_eq!(end(&fake, &id), (400, json!({ "error": "Conversation has already ended" })));
    fake.set_option("end_ended", "200").unwrap();
    assert_eq!(end(&fake, &id).0, 200);

    fake.set_status(&id, "active");
    fake.set_option("end_body", "json").unwrap();
    assert_eq!(end(&fake, &id), (200, json!({ "conversation_id": id, "status": "ended" })));
}

#[test]
fn an_end_may_show_late() {
    let (fake, id) = active();
    fake.set_option("end_lag", "2").unwrap();
    assert_eq!((end(&fake, &id).0, end(&fake, &id).0), (200, 400));
    assert_eq!(list(&fake, "?status=active").1["total_count"], 1);
    let shown: Vec<Value> = (0..3).map(|_| status(&fake, &id)).collect();
    assert_eq!(shown, ["active", "active", "ended"]);
}

#[test]
fn an_end_needs_an_id_a_key_and_a_scope() {
    let (fake, id) = active();
    let path = format!("/v2/conversations/{id}/end");
    assert_eq!(end(&fake, "c0"), (400, json!({ "error": "Invalid conversation_id" })));
    assert_eq!(send_as(&fake, Role::ReadOnly, "POST", &path).0, 403);
    assert_eq!(send_as(&fake, Role::Foreign, "POST", &path).0, 400);
    assert_eq!(get_as(&fake, Role::Full, &path).0, 405);
    fake.fault(Fault::close().after_effect().on(Route::End).once());
    end(&fake, &id);
    assert_eq!(status(&fake, &id), "ended");
    fake.revoke(Role::Full);
    assert_eq!(end(&fake, &id).0, 401);
}

#[test]
fn the_events_of_a_call_are_shown_when_asked_for_and_grow_with_its_end() {
    let (fake, id) = active();
    let events = |query: &str| get_as(&fake, Role::Full, &format!("/v2/conversations/{id}{query}")).1["events"].clone();
    assert_eq!(events("?verbose=true").as_array().unwrap().len(), 1);
    end(&fake, &id);
    let shown = events("?verbose=true");
    assert_eq!(shown.as_array().unwrap().len(), 4);
    assert!(shown.to_string().contains(CANARY_TEXT) && shown.to_string().contains("application.transcription_ready"));
    assert_eq!(events(""), Value::Null);
}

#[test]
fn what_retention_emptied_still_answers() {
    let fake = Fake::in_process(Vendor::ElevenLabs);
    let id = fake.seed_with(Seed::count(1).emptied_by_retention()).remove(0);
    let (status, body) = get_as(&fake, Role::Full, &format!("/v1/convai/conversations/{id}"));
    assert_eq!((status, &body["has_audio"], &body["transcript"]), (200, &json!(false), &json!([])));
    assert!(!body.to_string().contains(CANARY_TEXT));
    let settings = &body["metadata"]["deletion_settings"];
    assert!(settings["deleted_transcript_at_time_unix_secs"].is_u64());
    assert!(settings["deleted_audio_at_time_unix_secs"].is_u64());
    assert_eq!(list(&fake, "").1["conversations"][0]["conversation_id"], json!(id));
    assert_eq!(send_as(&fake, Role::Full, "DELETE", &format!("/v1/convai/conversations/{id}")).0, 200);
}

#[test]
fn a_fixed_token_may_be_of_another_realm_or_environment() {
    let fake = Fake::in_process(Vendor::Corti);
    let issuer = || {
        let token = fake.key(Role::Full);
        let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        serde_json::from_slice::<Value>(&claims).unwrap()["iss"].as_str().unwrap().to_owned()
    };
    assert_eq!(issuer(), "https://auth.eu.corti.app/realms/base");
    fake.set_option("issuer_realm", "other").unwrap();
    assert_eq!(issuer(), "https://auth.eu.corti.app/realms/other");
    // The fake itself lets it in: whoever checks the claim is the client.
    assert_eq!(list(&fake, "").0, 200);
    fake.set_option("issuer_environment", "us").unwrap();
    assert_eq!(issuer(), "https://auth.us.corti.app/realms/other");
    assert_eq!(list(&fake, "").0, 200);
}
