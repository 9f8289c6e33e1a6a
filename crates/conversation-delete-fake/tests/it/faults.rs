//! Every fault, at every vendor.

use std::time::{Duration, Instant};

use conversation_delete_fake::RecordState::{Deleted, Present};
use conversation_delete_fake::{Fake, Fault, RetryAfter, Role, Route, Vendor};
use serde_json::json;

use crate::client::{Ask, Running, ask, call, is, record_path, start};

/// Runs a check with a fresh fake of every vendor and one record in it.
fn everywhere(check: impl Fn(&Running, &str, Ask<'_>)) {
    for &vendor in Vendor::ALL {
        let fake = start(vendor);
        let id = fake.seed(1).remove(0);
        let path = format!("{}?hard=true", record_path(&fake, &id));
        check(&fake, &id, ask("DELETE", &path).auth(&fake, Role::Full));
    }
}

#[test]
fn a_connection_is_closed_or_reset_before_or_after_the_effect() {
    for (fault, state) in [
        (Fault::close(), Present),
        (Fault::close().after_effect(), Deleted),
        (Fault::reset(), Present),
        (Fault::reset().after_effect(), Deleted),
        (Fault::stall(Duration::from_millis(20)), Present),
        (Fault::stall(Duration::from_millis(20)).after_effect(), Deleted),
    ] {
        everywhere(|fake, id, delete| {
            fake.fault(fault.clone().on(Route::Delete));
            assert!(delete.try_send(fake).is_err());
            assert!(is(fake, id, state));
        });
    }
}

#[test]
fn statuses_come_with_the_vendors_body_html_json_text_or_nothing() {
    everywhere(|fake, id, delete| {
        for status in [500, 502, 503, 504] {
            fake.fault(Fault::reply(status).once());
            let answer = delete.send(fake);
            assert_eq!((answer.status, answer.header("content-type")), (status, Some("application/json")));
            answer.json();
            fake.fault(Fault::html(status).once());
            assert!(delete.send(fake).body.contains("<html>"));
            fake.fault(Fault::reply(status).with_body("").once());
            let answer = delete.send(fake);
            assert_eq!((answer.body.as_str(), answer.header("content-type")), ("", None));
            fake.fault(Fault::reply(status).with_body("plain").with_header("X-Fault", "1").once());
            let answer = delete.send(fake);
            assert_eq!((answer.body.as_str(), answer.header("x-fault")), ("plain", Some("1")));
            fake.fault(Fault::reply(status).with_json(json!([1, 2]).to_string()).once());
            assert_eq!(delete.send(fake).body, "[1,2]");
        }
        assert!(is(fake, id, Present));
        fake.fault(Fault::html(200).after_effect().once());
        assert_eq!(delete.send(fake).status, 200);
        assert!(is(fake, id, Deleted));
    });
}

#[test]
fn redirects_of_every_kind() {
    everywhere(|fake, id, delete| {
        for status in [301, 302, 303, 307, 308] {
            fake.fault(Fault::redirect(status, "http://127.0.0.1:9/elsewhere").once());
            let answer = delete.send(fake);
            assert_eq!((answer.status, answer.header("location")), (status, Some("http://127.0.0.1:9/elsewhere")));
        }
        fake.fault(Fault::reply(304).once());
        let answer = delete.send(fake);
        assert_eq!((answer.status, answer.header("location")), (304, None));
        assert!(is(fake, id, Present));
    });
}

#[test]
fn retry_after_in_every_form() {
    everywhere(|fake, id, delete| {
        for (retry_after, text) in [
            (Some(RetryAfter::Seconds(0)), Some("0")),
            (Some(RetryAfter::Seconds(86_400)), Some("86400")),
            (Some(RetryAfter::Text("soon".to_owned())), Some("soon")),
            (None, None),
        ] {
            fake.fault(Fault::throttle(retry_after).once());
            let answer = delete.send(fake);
            assert_eq!((answer.status, answer.header("retry-after")), (429, text));
        }
        fake.fault(Fault::throttle(Some(RetryAfter::HttpDate { http_date_in: 30 })).once());
        assert!(delete.send(fake).header("retry-after").unwrap().ends_with(" GMT"));
        assert!(is(fake, id, Present));
    });
}

#[test]
fn a_lie_says_success_and_changes_nothing() {
    everywhere(|fake, id, delete| {
        fake.fault(Fault::no_effect().times(2));
        assert!((0..2).all(|_| delete.send(fake).status < 300));
        assert!(is(fake, id, Present));
        assert!(delete.send(fake).status < 300);
        assert!(is(fake, id, Deleted));
    });
}

#[test]
fn a_truncated_body_is_shorter_than_announced() {
    everywhere(|fake, id, delete| {
        fake.fault(Fault::truncate().once());
        let answer = delete.send(fake);
        assert!(answer.status == 200 && !answer.is_whole());
        assert!(is(fake, id, Deleted));
        fake.fault(Fault::truncate().once().without_effect());
        assert!(!delete.send(fake).is_whole());
    });
}

#[test]
fn late_answers_and_slow_headers_come_after_the_effect() {
    let wait = Duration::from_millis(30);
    for fault in [Fault::delay(wait), Fault::slow_headers(wait), Fault::reply(503).with_delay(wait).after_effect()] {
        everywhere(|fake, id, delete| {
            fake.fault(fault.clone().once());
            let started = Instant::now();
            assert!(delete.send(fake).is_whole());
            assert!(started.elapsed() >= wait);
            assert!(is(fake, id, Deleted));
        });
    }
}

#[test]
fn faults_hit_the_calls_they_name() {
    let fake = start(Vendor::Tavus);
    let ids = fake.seed(3);
    let status = |fake: &Fake, method: &str, id: &str| call(fake, method, &record_path(fake, id)).status;
    fake.fault(Fault::reply(500).for_id(&*ids[1]));
    fake.fault(Fault::reply(502).on(Route::Delete).nth(2));
    fake.fault(Fault::reply(503).on(Route::Get).every(2));
    assert_eq!(status(&fake, "DELETE", &ids[0]), 204);
    assert_eq!(status(&fake, "DELETE", &ids[1]), 500);
    assert_eq!(status(&fake, "DELETE", &ids[2]), 204);
    assert_eq!([1, 2, 3, 4].map(|_| status(&fake, "GET", &ids[2])), [200, 503, 200, 503]);
}

#[test]
fn faults_with_times_queue_up() {
    let fake = start(Vendor::Tavus);
    let path = record_path(&fake, &fake.seed(1)[0]);
    for fault in [Fault::reply(500).once(), Fault::reply(502).times(2), Fault::reply(503).nth(4)] {
        fake.fault(fault);
    }
    assert_eq!([(); 5].map(|()| call(&fake, "DELETE", &path).status), [500, 502, 502, 503, 204]);
}

#[test]
fn a_fault_of_a_batch_can_name_one_id_in_it() {
    let fake = start(Vendor::Fini);
    let ids = fake.seed(2);
    fake.fault(Fault::reply(500).on(Route::BulkDelete).for_id(&*ids[1]));
    let send = |id: &str| {
        let body = json!({ "ids": [id] }).to_string();
        ask("DELETE", "/v2/hc-interactions/public").auth(&fake, Role::Full).json(&body).send(&fake).status
    };
    assert_eq!((send(&ids[0]), send(&ids[1])), (200, 500));
}

#[test]
fn the_token_endpoint_can_fail_too() {
    let fake = start(Vendor::Corti);
    fake.fault(Fault::html(503).on(Route::Token).once());
    assert_eq!(ask("POST", "/realms/base/protocol/openid-connect/token").send(&fake).status, 503);
}
