//! The control API, on the port of every vendor.

use conversation_delete_fake::{Role, Vendor};
use serde_json::{Value, json};

use crate::client::{Answer, Running, ask, call, record_path, start};

fn get(fake: &Running, route: &str) -> Value {
    let answer = ask("GET", &format!("/__fake/{route}")).send(fake);
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")));
    answer.json()
}

fn post(fake: &Running, route: &str, body: &str) -> Answer {
    ask("POST", &format!("/__fake/{route}")).json(body).send(fake)
}

#[test]
fn records_are_seeded_listed_and_made_present_again() {
    for &vendor in Vendor::ALL {
        let fake = start(vendor);
        assert_eq!(get(&fake, "records"), json!([]));
        let answer = post(&fake, "records", r#"{"count":3}"#);
        assert_eq!(answer.status, 201);
        let ids = answer.json()["ids"].clone();
        assert_eq!(ids.as_array().unwrap().len(), 3);

        fake.remove(ids[1].as_str().unwrap());
        let records = get(&fake, "records");
        assert_eq!((&records[0]["id"], &records[0]["state"]), (&ids[0], &json!("present")));
        assert_eq!(records[1]["state"], "deleted");
        let again = post(&fake, "records", &json!({ "ids": [ids[1]] }).to_string());
        assert_eq!(again.json(), json!({ "ids": [ids[1]] }));
        let records = get(&fake, "records");
        assert_eq!((records.as_array().unwrap().len(), &records[1]["state"]), (3, &json!("present")));
    }
}

#[test]
fn a_second_seed_gives_new_ids_and_a_new_fake_the_same() {
    for &vendor in Vendor::ALL {
        let (fake, other) = (start(vendor), start(vendor));
        let first = fake.seed(100);
        assert!(fake.seed(100).iter().all(|id| !first.contains(id)));
        assert_eq!(other.seed(100), first);
    }
}

#[test]
fn requests_are_kept_as_they_came_without_those_of_the_control_api() {
    let fake = start(Vendor::Fini);
    post(&fake, "records", r#"{"count":1}"#);
    ask("DELETE", "/v2/hc-interactions/../public?x=%20")
        .auth(&fake, Role::Full)
        .header("X-Twice", "a")
        .header("x-twice", "b")
        .json(r#"{"ids":[]}"#)
        .send(&fake);
    ask("DELETE", "/v2/hc-interactions/public").send(&fake);
    let requests = get(&fake, "requests");
    assert_eq!(requests.as_array().unwrap().len(), 2);
    assert_eq!(requests[0]["method"], "DELETE");
    assert_eq!(requests[0]["path"], "/v2/hc-interactions/../public?x=%20");
    assert_eq!(requests[0]["headers"]["x-twice"], "a, b");
    assert_eq!(requests[0]["headers"]["authorization"], format!("Bearer {}", fake.key(Role::Full)));
    assert_eq!((&requests[0]["body"], &requests[0]["status"]), (&json!(r#"{"ids":[]}"#), &json!(501)));
    assert_eq!(requests[1]["status"], 401);
}

#[test]
fn a_broken_connection_is_kept_with_status_null() {
    let fake = start(Vendor::Tavus);
    assert_eq!(post(&fake, "faults", r#"{"kind":"close","times":1}"#).status, 200);
    assert!(ask("DELETE", "/v2/conversations/c1").try_send(&fake).is_err());
    assert_eq!(get(&fake, "requests")[0]["status"], Value::Null);
    assert_eq!(get(&fake, "stats")["by_status"], json!({ "0": 1 }));
}

#[test]
fn reset_goes_back_to_the_start() {
    let fake = start(Vendor::Tavus);
    let id = fake.seed(1).remove(0);
    fake.revoke(Role::Full);
    post(&fake, "options", r#"{"unknown_id":"404"}"#);
    post(&fake, "faults", r#"[{"kind":"html","status":200},{"kind":"reset"}]"#);
    call(&fake, "DELETE", &record_path(&fake, &id));
    assert_eq!(post(&fake, "reset", "").status, 200);
    assert_eq!((get(&fake, "records"), get(&fake, "requests")), (json!([]), json!([])));
    assert_eq!(call(&fake, "DELETE", &record_path(&fake, &id)).status, 400);
    assert_eq!(fake.seed(1), [id]);
}

#[test]
fn options_are_listed_and_set_together_or_not_at_all() {
    let fake = start(Vendor::Tavus);
    let options = get(&fake, "options");
    let unknown_id = options.as_array().unwrap().iter().find(|option| option["name"] == "unknown_id").unwrap();
    assert_eq!(unknown_id["values"], json!({ "one_of": ["400", "404", "404_empty", "404_json", "404_kong"] }));
    let answer = post(&fake, "options", r#"{"read_lag":1,"unknown":"x"}"#);
    assert_eq!(answer.status, 400);
    assert!(answer.json()["error"].as_str().unwrap().contains("hard_after_soft"));
    assert!(get(&fake, "options").as_array().unwrap().iter().all(|option| option["value"] == option["default"]));
    assert_eq!(post(&fake, "options", r#"{"read_lag":1,"unknown_id":404}"#).status, 200);
    assert_eq!(call(&fake, "DELETE", &record_path(&fake, "c1")).status, 404);
}

#[test]
fn revoke_remove_advance_and_adjacent_resources_work_from_outside() {
    let fake = start(Vendor::Tavus);
    let id = fake.seed(1).remove(0);
    assert_eq!(post(&fake, "remove", &json!({ "ids": [id] }).to_string()).status, 200);
    assert_eq!(get(&fake, "records")[0]["state"], "deleted");
    assert_eq!(get(&fake, "adjacent_resources")[0], json!({ "id": "pals/p1", "state": "present" }));
    assert_eq!(post(&fake, "advance", r#"{"seconds":5}"#).status, 200);
    assert_eq!(post(&fake, "expire_tokens", "").status, 200);
    assert_eq!(post(&fake, "revoke", r#"{"key":"full"}"#).status, 200);
    assert_eq!(call(&fake, "GET", &record_path(&fake, &id)).status, 401);
    post(&fake, "records", r#"{"ids":["c9"],"workspace":"foreign","status":"active"}"#);
    let foreign = &get(&fake, "records?workspace=foreign")[0];
    assert_eq!((&foreign["id"], &foreign["status"]), (&json!("c9"), &json!("active")));
}

#[test]
fn records_are_seeded_with_a_life_and_changed_from_outside() {
    let fake = start(Vendor::Corti);
    let body = r#"{"count":2,"created_at_ms":1000,"updated_at_ms":5000,"agent":"a","user":"p",
        "recordings":1,"documents":1,"guided_documents":1,"transcript":"processing"}"#;
    let id = post(&fake, "records", body).json()["ids"][1].clone();
    let view = &get(&fake, "records")[1];
    assert_eq!((&view["created_at_ms"], &view["updated_at_ms"]), (&json!(1001), &json!(5001)));
    assert_eq!((&view["agent"], &view["user"], &view["status"]), (&json!("a"), &json!("p"), &json!("planned")));
    let children = get(&fake, &format!("children?id={}", id.as_str().unwrap()));
    let kinds: Vec<&Value> = children.as_array().unwrap().iter().map(|child| &child["kind"]).collect();
    assert_eq!(kinds, ["recording", "transcript", "document", "guided_document"]);
    assert_eq!(children[0]["state"], "present");

    assert_eq!(post(&fake, "status", &json!({ "id": id, "status": "completed" }).to_string()).status, 200);
    assert_eq!(post(&fake, "add_message", &json!({ "id": id }).to_string()).status, 200);
    let view = &get(&fake, "records")[1];
    assert!(view["status"] == "completed" && view["updated_at_ms"].as_u64() > Some(5001));
    assert_eq!(post(&fake, "hide", &json!({ "id": id, "from": "get" }).to_string()).status, 200);
    assert_eq!(call(&fake, "GET", &record_path(&fake, id.as_str().unwrap())).status, 404);
    assert_eq!(post(&fake, "hide", &json!({ "id": id, "from": "none" }).to_string()).status, 200);
    assert_eq!(call(&fake, "GET", &record_path(&fake, id.as_str().unwrap())).status, 200);
}

#[test]
fn what_is_wrong_is_400_404_or_405_with_a_reason() {
    let fake = start(Vendor::Corti);
    for (route, body) in [
        ("records", "{"),
        ("records", "{}"),
        ("records", r#"{"count":1,"ids":[]}"#),
        ("records", r#"{"count":-1}"#),
        ("records", r#"{"count":9000000}"#),
        ("records", r#"{"ids":["not-a-uuid"]}"#),
        ("records", r#"{"count":1,"status":"ended"}"#),
        ("records", r#"{"count":1,"colour":"red"}"#),
        ("records", r#"{"count":1,"transcript":"done"}"#),
        ("records", r#"{"count":1,"recordings":100000}"#),
        ("status", r#"{"id":"x","status":"planned"}"#),
        ("status", r#"{"id":"x","status":"ended"}"#),
        ("add_message", r#"{"id":"x"}"#),
        ("hide", r#"{"id":"x","from":"delete"}"#),
        ("faults", "nonsense"),
        ("faults", r#"{"kind":"explode"}"#),
        ("faults", r#"{"kind":"reset","route":"bulk_delete"}"#),
        ("faults", r#"[{"kind":"reset"},{"status":404,"colour":"red"}]"#),
        ("options", r#"["foreign"]"#),
        ("options", r#"{"foreign":"410"}"#),
        ("revoke", r#"{"key":"nobody"}"#),
        ("advance", r#"{"seconds":"soon"}"#),
    ] {
        let answer = post(&fake, route, body);
        assert_eq!(answer.status, 400, "{route} {body}");
        assert!(answer.json()["error"].as_str().is_some_and(|error| !error.is_empty()));
    }
    for query in ["", "?id=", "?id=x"] {
        assert_eq!(ask("GET", &format!("/__fake/children{query}")).send(&fake).status, 400);
    }
    assert_eq!(ask("GET", "/__fake/nothing").send(&fake).status, 404);
    let wrong_method = ask("DELETE", "/__fake/records").send(&fake);
    assert_eq!((wrong_method.status, wrong_method.header("allow")), (405, Some("GET, POST")));
    // None of the faults was taken.
    let id = &fake.seed(1)[0];
    assert_eq!(call(&fake, "DELETE", &record_path(&fake, id)).status, 204);
}

#[test]
fn the_names_of_earlier_versions_still_work_from_outside() {
    let fake = start(Vendor::ElevenLabs);
    let id = fake.seed(1).remove(0);
    assert_eq!(get(&fake, "neighbours"), get(&fake, "adjacent_resources"));
    assert_eq!(post(&fake, "touch", &json!({ "id": id }).to_string()).status, 200);
    assert_eq!(post(&fake, "records", r#"{"count":1,"shell":true}"#).status, 201);
    for (old, new) in
        [(r#"{"kind":"lie"}"#, "no_effect"), (r#"{"kind":"reset","route":"neighbour"}"#, "adjacent_resource")]
    {
        assert_eq!(post(&fake, "faults", old).status, 200, "{old}");
        let faults = get(&fake, "faults").to_string();
        assert!(faults.contains(new), "{faults}");
    }
}
