//! What faults do to headers, to the request, and to the time of the effect; and how they are counted and cleared.

use std::time::Duration;

use conversation_delete_fake::RecordState::{Deleted, Present};
use conversation_delete_fake::{Fake, FakeReply, FakeRequest, Fault, RetryAfter, Role, Route, Vendor};
use serde_json::{Value, json};

use crate::client::{ask, call, exchange, is, record_path, start};
use crate::walk::{get_as, send_as};

fn control(fake: &Fake, method: &str, route: &str, body: &str) -> (u16, Value) {
    let reply = fake.handle(FakeRequest::new(method, format!("/__fake/{route}")).with_body(body));
    (reply.status(), serde_json::from_slice(reply.body()).unwrap())
}

fn read(fake: &Fake, id: &str) -> FakeReply {
    fake.handle(
        FakeRequest::new("GET", format!("/v1/convai/conversations/{id}"))
            .with_header("xi-api-key", &fake.key(Role::Full)),
    )
}

#[test]
fn a_header_of_a_fault_replaces_the_one_of_the_vendor() {
    let fake = Fake::in_process(Vendor::ElevenLabs);
    let id = fake.seed(1).remove(0);
    let own = read(&fake, &id);
    for name in own.headers().map(|(name, _)| name) {
        fake.fault(Fault::delay(Duration::ZERO).with_header(&name.to_uppercase(), "9").once());
        let reply = read(&fake, &id);
        let values: Vec<&str> = reply.headers().filter(|(known, _)| *known == name).map(|(_, value)| value).collect();
        assert_eq!(values, ["9"], "{name}");
        assert_eq!((reply.headers().count(), reply.body()), (own.headers().count(), own.body()));
    }
    // The names of a fault that comes as data are not in lower case of themselves.
    let data = json!({ "status": 503, "headers": { "Content-Type": "text/plain", "Retry-After": "1" }, "retry_after": 2,
        "content_type": "text/html" });
    assert_eq!(control(&fake, "POST", "faults", &data.to_string()).0, 200);
    let reply = read(&fake, &id);
    let of = |name| reply.headers().filter(|(known, _)| *known == name).map(|(_, value)| value).collect::<Vec<_>>();
    assert_eq!((of("content-type"), of("retry-after")), (vec!["text/html"], vec!["2"]));
}

#[test]
fn a_length_or_a_connection_header_of_a_fault_is_the_only_one_on_the_wire() {
    let fake = start(Vendor::Tavus);
    let id = fake.seed(1).remove(0);
    fake.fault(Fault::reply(503).with_header("Content-Length", "2").with_header("connection", "keep-alive").once());
    let bytes = exchange(&fake, &ask("DELETE", &record_path(&fake, &id)).auth(&fake, Role::Full).bytes()).unwrap();
    let text = String::from_utf8(bytes).unwrap().to_lowercase();
    assert_eq!((text.matches("content-length:").count(), text.matches("connection:").count()), (1, 1), "{text}");
    assert!(text.contains("content-length: 2\r\n"));
}

/// A 2xx that is not a success, a firewall's challenge, and a custom status are all a fault.
#[test]
fn a_fault_sends_any_status_with_any_body_and_headers() {
    let fake = start(Vendor::ElevenLabs);
    let id = fake.seed(1).remove(0);
    let detail = json!({ "detail": { "status": "conversation_not_found", "message": "no" } });
    for (fault, status, body, header) in [
        (Fault::reply(200).with_json(detail.to_string()), 200, detail.to_string(), None),
        (Fault::reply(200).with_json(json!(false).to_string()), 200, "false".to_owned(), None),
        (
            Fault::reply(202).with_body("").with_header("x-amzn-waf-action", "challenge"),
            202,
            String::new(),
            Some(("x-amzn-waf-action", "challenge")),
        ),
        (Fault::reply(203).with_body("plain"), 203, "plain".to_owned(), None),
        (Fault::reply(206), 206, String::new(), None),
        (Fault::reply(207).with_json(json!([]).to_string()), 207, "[]".to_owned(), None),
        (Fault::reply(208), 208, String::new(), None),
        (Fault::reply(226), 226, String::new(), None),
        (Fault::reply(520).with_body(""), 520, String::new(), None),
    ] {
        let handle = fake.fault(fault.on(Route::Delete).once());
        let response = call(&fake, "DELETE", &record_path(&fake, &id));
        assert_eq!((response.status, response.body.clone()), (status, body));
        if let Some((name, value)) = header {
            assert_eq!(response.header(name), Some(value));
        }
        assert_eq!(handle.hits(), 1);
    }
    assert!(is(&fake, &id, Present));
}

#[test]
fn a_fault_counts_the_calls_that_it_hits() {
    let fake = Fake::in_process(Vendor::Tavus);
    let id = fake.seed(1).remove(0);
    let path = format!("/v2/conversations/{id}");
    let second = fake.fault(Fault::reply(500).on(Route::Get).nth(2));
    let never = fake.fault(Fault::reply(502).on(Route::List));
    let shadowed = fake.fault(Fault::reply(503).on(Route::Get).nth(2).times(2));
    for expected in [200, 500, 503, 200] {
        assert_eq!(get_as(&fake, Role::Full, &path).0, expected);
    }
    assert_eq!((second.hits(), never.hits(), shadowed.hits()), (1, 0, 1));

    let (status, listed) = control(&fake, "GET", "faults", "");
    assert_eq!(status, 200);
    assert_eq!(listed.as_array().unwrap().iter().map(|one| &one["hits"]).collect::<Vec<_>>(), [1, 0, 1]);
    let fault = &listed[0]["fault"];
    assert_eq!((&fault["route"], &fault["nth"], &fault["status"]), (&json!("get"), &json!(2), &json!(500)));
    // What is listed can be set again.
    assert_eq!(control(&fake, "POST", "faults", &fault.to_string()).0, 200);
}

#[test]
fn faults_are_cleared_and_the_records_and_requests_stay() {
    let fake = Fake::in_process(Vendor::Tavus);
    let id = fake.seed(1).remove(0);
    let path = format!("/v2/conversations/{id}");
    for from_rust in [false, true] {
        let handle = fake.fault(Fault::reply(500));
        assert_eq!(get_as(&fake, Role::Full, &path).0, 500);
        if from_rust {
            fake.clear_faults();
        } else {
            assert_eq!(control(&fake, "DELETE", "faults", ""), (200, json!({ "ok": true })));
        }
        assert_eq!(control(&fake, "GET", "faults", ""), (200, json!([])));
        assert_eq!(get_as(&fake, Role::Full, &path).0, 200);
        assert_eq!(handle.hits(), 1);
    }
    assert_eq!((fake.records().len(), fake.requests().len()), (1, 4));
}

#[test]
fn a_dropped_request_body_is_what_the_vendor_makes_of_none() {
    let fini = start(Vendor::Fini);
    let ids = fini.seed(2);
    let body = json!({ "ids": ids }).to_string();
    let batch = ask("DELETE", "/v2/hc-interactions/public").auth(&fini, Role::Full).json(&body);
    let handle = fini.fault(Fault::drop_request_body().on(Route::BulkDelete).once());
    let response = batch.send(&fini);
    assert_eq!((response.status, &response.json()["message"]), (400, &json!(["ids must be an array"])));
    assert!(ids.iter().all(|id| is(&fini, id, Present)));
    // The log has what the client sent.
    assert_eq!((fini.requests()[0].request().body(), handle.hits()), (body.as_bytes(), 1));
    assert_eq!(batch.send(&fini).status, 200);

    let corti = start(Vendor::Corti);
    let token = || {
        let form = "client_id=fake-client&client_secret=fakeSecretOfTheFullClient0000001&grant_type=client_credentials";
        let request = ask("POST", "/realms/base/protocol/openid-connect/token");
        request.body("application/x-www-form-urlencoded", form).send(&corti).status
    };
    assert_eq!(control(&corti, "POST", "faults", r#"{"kind":"drop_request_body","times":1}"#).0, 200);
    assert_eq!((token(), token()), (400, 200));
}

#[test]
fn an_effect_may_come_after_its_response() {
    for &vendor in Vendor::ALL {
        let fake = Fake::in_process(vendor);
        let id = fake.seed(1).remove(0);
        let path = record_path(&fake, &id);
        fake.fault(Fault::reply(504).effect_later(Duration::from_secs(5)).on(Route::Delete).once());
        assert_eq!(send_as(&fake, Role::Full, "DELETE", &format!("{path}?hard=true")).0, 504);
        fake.advance(Duration::from_secs(4));
        assert_eq!((fake.state_of(&id), get_as(&fake, Role::Full, &path).0), (Some(Present), 200), "{vendor:?}");
        fake.advance(Duration::from_secs(1));
        assert_eq!(fake.state_of(&id), Some(Deleted), "{vendor:?}");
        assert_ne!(get_as(&fake, Role::Full, &path).0, 200);
    }
}

#[test]
fn late_effects_come_in_the_order_of_their_time_and_end_with_a_reset() {
    let fake = Fake::in_process(Vendor::Tavus);
    let id = fake.seed(1).remove(0);
    let path = format!("/v2/conversations/{id}");
    let data = json!([
        { "status": 504, "route": "delete", "times": 1, "effect_after_ms": 9000 },
        { "kind": "close", "route": "delete", "times": 1, "effect_after_ms": 3000, "retry_after": { "http_date_in": 1 } },
    ]);
    assert_eq!(control(&fake, "POST", "faults", &data.to_string()).0, 200);
    send_as(&fake, Role::Full, "DELETE", &format!("{path}?hard=false"));
    send_as(&fake, Role::Full, "DELETE", &format!("{path}?hard=true"));
    fake.advance(Duration::from_secs(3));
    assert_eq!(fake.state_of(&id), Some(Deleted));
    // The soft deletion, due later, does not bring back what is gone.
    fake.advance(Duration::from_secs(60));
    assert_eq!(fake.state_of(&id), Some(Deleted));

    fake.reset();
    let id = fake.seed(1).remove(0);
    let later = Fault::throttle(Some(RetryAfter::Seconds(1))).effect_later(Duration::from_secs(1));
    fake.fault(later);
    send_as(&fake, Role::Full, "DELETE", &format!("/v2/conversations/{id}"));
    fake.reset();
    fake.seed_ids([id.clone()]);
    fake.advance(Duration::from_secs(60));
    assert_eq!(fake.state_of(&id), Some(Present));
}
