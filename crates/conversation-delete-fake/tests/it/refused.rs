//! What cannot work is refused, from Rust as from outside.

use std::panic::{AssertUnwindSafe, catch_unwind};

use conversation_delete_fake::{Fake, FakeRequest, Fault, Route, Seed, Vendor};
use serde_json::{Value, json};

use crate::walk::{get_as, list};

/// The text of the panic.
fn refusal<T>(act: impl FnOnce() -> T) -> String {
    let panic = catch_unwind(AssertUnwindSafe(act)).err().unwrap();
    panic.downcast_ref::<String>().cloned().unwrap_or_default()
}

fn control(fake: &Fake, method: &str, route: &str, body: &Value) -> (u16, Value) {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let reply = fake.handle(FakeRequest::new(method, format!("/__fake/{route}")).with_body(body));
    (reply.status(), serde_json::from_slice(reply.body()).unwrap())
}

#[test]
fn a_fault_that_cannot_work_is_refused_on_both_ways() {
    let cases: [(Vendor, Fault, Value); 12] = [
        (Vendor::Tavus, Fault::close().on(Route::Token), json!({ "kind": "close", "route": "token" })),
        (Vendor::Corti, Fault::close().on(Route::BulkDelete), json!({ "kind": "close", "route": "bulk_delete" })),
        (Vendor::Fini, Fault::close().nth(0), json!({ "kind": "close", "nth": 0 })),
        (Vendor::Fini, Fault::close().times(0), json!({ "kind": "close", "times": 0 })),
        (Vendor::Fini, Fault::close().nth(1).every(2), json!({ "kind": "close", "nth": 1, "every": 2 })),
        (Vendor::Fini, Fault::close().share(1.5), json!({ "kind": "close", "share": 1.5 })),
        (Vendor::Fini, Fault::redirect(200, "/"), json!({ "kind": "redirect", "status": 200, "location": "/" })),
        (Vendor::Fini, Fault::reply(99), json!({ "status": 99 })),
        (Vendor::Fini, Fault::reply(429).with_code("x"), json!({ "status": 429, "code": "x" })),
        (Vendor::Fini, Fault::no_effect().after_effect(), json!({ "kind": "no_effect", "effect": true })),
        (Vendor::Tavus, Fault::drop_request_body(), json!({ "kind": "drop_request_body" })),
        (Vendor::Fini, Fault::close().with_header("a b", "c"), json!({ "kind": "close", "headers": { "a b": "c" } })),
    ];
    for (vendor, fault, data) in cases {
        let fake = Fake::in_process(vendor);
        let (status, body) = control(&fake, "POST", "faults", &data);
        assert_eq!(status, 400, "{data}");
        let told = refusal(|| fake.fault(fault));
        assert!(told.contains(body["error"].as_str().unwrap()), "{told}");
        assert_eq!(control(&fake, "GET", "faults", &Value::Null), (200, json!([])));
    }
}

#[test]
fn records_and_states_that_a_vendor_cannot_have_are_refused_on_both_ways() {
    let cases: [(Vendor, Seed, Value); 8] = [
        (Vendor::Corti, Seed::ids(["not-a-uuid"]), json!({ "ids": ["not-a-uuid"] })),
        (Vendor::Fini, Seed::ids(["c123456"]), json!({ "ids": ["c123456"] })),
        (Vendor::Tavus, Seed::ids([""]), json!({ "ids": [""] })),
        (Vendor::Corti, Seed::count(1).status("ended"), json!({ "count": 1, "status": "ended" })),
        (Vendor::Fini, Seed::count(1).status("open"), json!({ "count": 1, "status": "open" })),
        (Vendor::Tavus, Seed::count(1).recordings(1), json!({ "count": 1, "recordings": 1 })),
        (Vendor::Corti, Seed::count(1).emptied_by_retention(), json!({ "count": 1, "emptied_by_retention": true })),
        (Vendor::Fini, Seed::count(1).without_dates(), json!({ "count": 1, "without_dates": true })),
    ];
    for (vendor, seed, data) in cases {
        let fake = Fake::in_process(vendor);
        let (status, body) = control(&fake, "POST", "records", &data);
        assert_eq!(status, 400, "{data}");
        let told = refusal(|| fake.seed_with(seed));
        assert!(told.contains(body["error"].as_str().unwrap()), "{told}");
        // A refusal leaves the fake as it was.
        assert_eq!((fake.records(), list(&fake, "").0), (Vec::new(), 200));
    }
}

#[test]
fn changes_of_records_that_were_never_seeded_are_refused_on_both_ways() {
    let fake = Fake::in_process(Vendor::Tavus);
    let id = fake.seed(1).remove(0);
    for (route, data) in [
        ("status", json!({ "id": "c0", "status": "ended" })),
        ("status", json!({ "id": id, "status": "planned" })),
        ("add_message", json!({ "id": "c0" })),
        ("hide", json!({ "id": "c0", "from": "get" })),
        ("hide", json!({ "id": id, "from": "delete" })),
        ("remove", json!({ "ids": [id, "c0"] })),
    ] {
        assert_eq!(control(&fake, "POST", route, &data).0, 400, "{route} {data}");
    }
    assert!(refusal(|| fake.set_status("c0", "ended")).contains("`c0`"));
    assert!(refusal(|| fake.set_status(&id, "planned")).contains("ended, active, error"));
    assert!(refusal(|| fake.add_message("c0")).contains("`c0`"));
    assert!(refusal(|| fake.hide("c0", Route::Get)).contains("`c0`"));
    assert!(refusal(|| fake.hide(&id, Route::Delete)).contains("`delete`"));
    assert!(refusal(|| fake.remove("c0")).contains("`c0`"));
    assert_eq!(get_as(&fake, conversation_delete_fake::Role::Full, &format!("/v2/conversations/{id}")).0, 200);
}
