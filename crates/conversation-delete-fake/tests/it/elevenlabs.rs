//! Section 8 of the notes on ElevenLabs, row by row.

use conversation_delete_fake::RecordState::{Deleted, Present};
use conversation_delete_fake::{CANARY_TEXT, Fault, Role, Seed, Vendor};
use serde_json::json;

use crate::client::{ask, call, is, record_path, start};

#[test]
fn a_delete_is_200_with_any_of_the_bodies_and_then_404() {
    let fake = start(Vendor::ElevenLabs);
    for (value, status, body) in [("null", 200, "null"), ("{}", 200, "{}"), ("empty", 200, ""), ("204", 204, "")] {
        let path = record_path(&fake, &fake.seed(1)[0]);
        fake.set_option("success_body", value).unwrap();
        assert!(call(&fake, "GET", &path).body.contains(CANARY_TEXT));
        let answer = call(&fake, "DELETE", &path);
        assert_eq!((answer.status, answer.body.as_str()), (status, body));
        for method in ["DELETE", "GET"] {
            let answer = call(&fake, method, &path);
            assert_eq!((answer.status, &answer.json()["detail"]["code"]), (404, &json!("conversation_not_found")));
        }
    }
    assert!(fake.records().iter().all(|record| record.state == Deleted));
}

#[test]
fn an_analysis_has_the_members_that_the_vendors_clients_require() {
    let fake = start(Vendor::ElevenLabs);
    let conversation = call(&fake, "GET", &record_path(&fake, &fake.seed(1)[0])).json();
    for member in ["call_successful", "transcript_summary"] {
        assert!(conversation["analysis"][member].is_string(), "{member}");
    }
}

#[test]
fn errors_have_the_documented_members_or_the_older_ones() {
    let fake = start(Vendor::ElevenLabs);
    let path = record_path(&fake, "conv_none");
    let detail = call(&fake, "DELETE", &path).json()["detail"].clone();
    assert_eq!((&detail["type"], &detail["code"]), (&json!("not_found"), &json!("conversation_not_found")));
    assert_eq!((&detail["status"], detail.get("request_id")), (&json!("conversation_history_not_found"), None));
    assert!(detail["message"].is_string());
    fake.fault(Fault::reply(404).once());
    assert_eq!(call(&fake, "DELETE", &path).json()["detail"]["status"], "conversation_history_not_found");
    fake.fault(Fault::reply(409).once());
    assert!(call(&fake, "DELETE", &path).json()["detail"]["request_id"].is_string());

    fake.set_option("error_form", "legacy").unwrap();
    let wrong_key = || ask("DELETE", &path).header("xi-api-key", "sk_wrong").send(&fake);
    let busy = || {
        fake.fault(Fault::reply(409).with_code("already_processing").once());
        call(&fake, "DELETE", &path)
    };
    for (response, status, word) in [
        (wrong_key(), 401, "invalid_api_key"),
        (call(&fake, "DELETE", &path), 404, "conversation_history_not_found"),
        (busy(), 409, "already_processing"),
    ] {
        let detail = response.json()["detail"].clone();
        assert_eq!((response.status, &detail["status"]), (status, &json!(word)));
        assert_eq!(detail.as_object().unwrap().keys().collect::<Vec<_>>(), ["message", "status"]);
    }
}

#[test]
fn a_key_of_somebody_who_is_not_an_admin_reads_and_deletes_nothing() {
    let fake = start(Vendor::ElevenLabs);
    let id = fake.seed(1).remove(0);
    fake.set_option("not_admin", "yes").unwrap();
    assert_eq!(call(&fake, "GET", &record_path(&fake, &id)).status, 200);
    assert_eq!(call(&fake, "GET", "/v1/convai/conversations").status, 200);
    for path in [record_path(&fake, &id), record_path(&fake, "conv_none"), "/v1/convai/agents/agent_1".to_owned()] {
        let response = call(&fake, "DELETE", &path);
        let detail = response.json()["detail"].clone();
        assert_eq!(
            (response.status, &detail["code"], &detail["status"]),
            (403, &json!("forbidden"), &json!("forbidden"))
        );
        assert!(detail["message"].as_str().unwrap().contains("admin role is required"));
    }
    assert!(is(&fake, &id, Present));
    assert!(fake.adjacent_resources().iter().all(|known| known.state == Present));
}

#[test]
fn the_delete_of_an_unknown_id_may_be_a_500() {
    let fake = start(Vendor::ElevenLabs);
    let (id, foreign) = (fake.seed(1).remove(0), fake.seed_with(Seed::count(1).foreign()).remove(0));
    fake.set_option("unknown_id", "500").unwrap();
    assert_eq!(call(&fake, "DELETE", &record_path(&fake, &id)).status, 200);
    for gone in [id.as_str(), "conv_none", &foreign] {
        let response = call(&fake, "DELETE", &record_path(&fake, gone));
        assert_eq!((response.status, &response.json()["detail"]["code"]), (500, &json!("internal_error")));
        assert_eq!(call(&fake, "GET", &record_path(&fake, gone)).status, 404);
    }
    fake.set_option("foreign", "401").unwrap();
    assert_eq!(call(&fake, "DELETE", &record_path(&fake, &foreign)).status, 401);
}

#[test]
fn a_missing_scope_is_not_a_bad_key() {
    let fake = start(Vendor::ElevenLabs);
    let id = &fake.seed(1)[0];
    let path = record_path(&fake, id);
    let detail = |method: &str, role| {
        let answer = ask(method, &path).auth(&fake, role).send(&fake);
        assert_eq!(answer.status, 401);
        answer.json()["detail"].clone()
    };
    let no_write = detail("DELETE", Role::ReadOnly);
    assert_eq!((&no_write["code"], &no_write["status"]), (&json!("unauthorized"), &json!("missing_permissions")));
    assert!(no_write["message"].as_str().unwrap().contains("convai_write"));
    assert!(detail("GET", Role::WriteOnly)["message"].as_str().unwrap().contains("convai_read"));
    assert_eq!(ask("DELETE", &path).send(&fake).json()["detail"]["code"], "missing_api_key");
    let wrong = ask("DELETE", &path).header("xi-api-key", "sk_wrong").send(&fake);
    assert_eq!((wrong.status, &wrong.json()["detail"]["status"]), (401, &json!("invalid_api_key")));
    fake.revoke(Role::Full);
    assert_eq!(detail("DELETE", Role::Full)["status"], "invalid_api_key");
    assert!(is(&fake, id, Present));
}

#[test]
fn other_workspaces_and_malformed_ids_are_options() {
    let fake = start(Vendor::ElevenLabs);
    let foreign = &fake.seed_with(Seed::count(1).foreign())[0];
    let path = record_path(&fake, foreign);
    assert_eq!(call(&fake, "DELETE", &path).status, 404);
    fake.set_option("foreign", "401").unwrap();
    assert_eq!(call(&fake, "DELETE", &path).status, 401);
    assert_eq!(call(&fake, "DELETE", &record_path(&fake, "a%20b")).status, 404);
    fake.set_option("malformed_id", "422").unwrap();
    let answer = call(&fake, "DELETE", &record_path(&fake, "a%20b"));
    assert_eq!((answer.status, &answer.json()["detail"][0]["loc"]), (422, &json!(["path", "conversation_id"])));
    assert!(is(&fake, foreign, Present));
}

#[test]
fn a_live_call_is_deleted_refused_or_comes_back() {
    let fake = start(Vendor::ElevenLabs);
    let seed = Seed::count(3).status("in-progress");
    let paths: Vec<String> = fake.seed_with(seed).iter().map(|id| record_path(&fake, id)).collect();
    assert_eq!(call(&fake, "GET", &paths[0]).json()["status"], "in-progress");
    assert_eq!(call(&fake, "DELETE", &paths[0]).status, 200);
    fake.set_option("live_delete", "409").unwrap();
    assert_eq!(call(&fake, "DELETE", &paths[1]).json()["detail"]["code"], "already_processing");
    fake.set_option("live_delete", "returns").unwrap();
    assert_eq!(call(&fake, "DELETE", &paths[2]).status, 200);
    assert_eq!(call(&fake, "GET", &paths[2]).status, 404);
    assert_eq!(call(&fake, "GET", &paths[2]).json()["status"], "done");
}

#[test]
fn every_code_of_the_registry_can_be_had() {
    let fake = start(Vendor::ElevenLabs);
    let id = &fake.seed(1)[0];
    for (status, code) in [
        (409, "concurrent_modification"),
        (409, "already_processing"),
        (429, "rate_limit_exceeded"),
        (429, "concurrent_limit_exceeded"),
        (429, "too_many_concurrent_requests"),
        (429, "system_busy"),
        (402, "insufficient_credits"),
        (403, "forbidden"),
        (500, "internal_error"),
        (503, "maintenance"),
    ] {
        fake.fault(Fault::reply(status).with_code(code).once());
        let answer = call(&fake, "DELETE", &record_path(&fake, id));
        assert_eq!((answer.status, &answer.json()["detail"]["code"]), (status, &json!(code)));
    }
    fake.fault(Fault::reply(404).with_json(json!({ "detail": "Not Found" }).to_string()).once());
    assert_eq!(call(&fake, "DELETE", &record_path(&fake, id)).body, r#"{"detail":"Not Found"}"#);
    assert!(is(&fake, id, Present));
}

#[test]
fn answers_carry_the_documented_headers() {
    let fake = start(Vendor::ElevenLabs);
    let answer = call(&fake, "DELETE", &record_path(&fake, &fake.seed(1)[0]));
    for name in ["request-id", "x-trace-id", "current-concurrent-requests", "maximum-concurrent-requests"] {
        assert!(answer.header(name).is_some(), "{name}");
    }
}

#[test]
fn a_path_mistake_hits_an_adjacent_resource_and_is_seen() {
    let fake = start(Vendor::ElevenLabs);
    let id = &fake.seed(1)[0];
    assert!(fake.adjacent_resources().iter().all(|known| known.state == Present));
    for (wrong, adjacent) in [
        ("../agents/agent_1", "agents/agent_1"),
        ("%2e%2e/agents/another", "agents/another"),
        ("x/files/y", "conversations/x/files/y"),
        ("x/tags/z", "conversations/x/tags/z"),
    ] {
        let answer = call(&fake, "DELETE", &record_path(&fake, wrong));
        assert!(answer.status < 300, "{wrong}");
        let seen = fake.adjacent_resources().into_iter().find(|known| known.id == adjacent).unwrap();
        assert_eq!(seen.state, Deleted, "{wrong}");
    }
    // One encoded segment goes nowhere else.
    assert_eq!(call(&fake, "DELETE", &record_path(&fake, "..%2Fagents%2Fagent_9")).status, 404);
    assert!(fake.adjacent_resources().iter().all(|known| known.id != "agents/agent_9"));
    assert!(is(&fake, id, Present));
}
