//! The requests that a fake keeps.

use std::sync::mpsc;
use std::time::Duration;

use conversation_delete_fake::{Fake, FakeRequest, Vendor};
use serde_json::{Value, json};

use crate::client::{call, record_path, start};

fn kept(fake: &Fake) -> Vec<String> {
    fake.requests().iter().map(|request| request.path().to_owned()).collect()
}

fn of_control(fake: &Fake, route: &str) -> Value {
    serde_json::from_slice(fake.handle(FakeRequest::new("GET", format!("/__fake/{route}"))).body()).unwrap()
}

#[test]
fn the_log_is_bounded_in_bytes_and_drops_the_oldest() {
    let fake = Fake::in_process(Vendor::Tavus);
    fake.set_option("request_log_bytes", "10000").unwrap();
    // An unknown route, whose body is kept all the same.
    let send = |path: &str, body: usize| fake.handle(FakeRequest::new("POST", path).with_body(vec![b'x'; body]));
    for path in ["/1", "/2", "/3"] {
        send(path, 4000);
    }
    assert_eq!(kept(&fake), ["/2", "/3"]);
    send("/4", 100);
    assert_eq!(kept(&fake), ["/2", "/3", "/4"]);
    send("/5", 20_000);
    assert_eq!(kept(&fake), [""; 0]);
    send("/6", 0);
    assert_eq!((kept(&fake), of_control(&fake, "requests")[0]["path"].clone()), (vec!["/6".to_owned()], json!("/6")));
    fake.set_option("request_log_bytes", "0").unwrap();
    send("/7", 0);
    assert_eq!(of_control(&fake, "requests"), json!([]));
    assert_eq!(of_control(&fake, "stats")["by_route"]["unknown"], 7);
}

#[test]
fn the_log_keeps_64_mib_by_default() {
    let fake = Fake::in_process(Vendor::Fini);
    for path in ["/1", "/2", "/3", "/4"] {
        fake.handle(FakeRequest::new("POST", path).with_body(vec![b'x'; 20 << 20]));
    }
    assert_eq!(kept(&fake), ["/2", "/3", "/4"]);
}

#[test]
fn the_counters_go_on_without_the_log() {
    let fake = start(Vendor::Tavus);
    fake.set_option("request_log_bytes", "0").unwrap();
    for id in ["c1", "c2", "c3"] {
        call(&fake, "DELETE", &record_path(&fake, id));
    }
    let stats = of_control(&fake, "stats");
    assert_eq!(
        (&stats["requests"], &stats["by_route"]["delete"], &stats["most_open"]),
        (&json!(3), &json!(3), &json!(1))
    );
}

/// A reader that holds its copy of the log holds up nobody.
#[test]
fn a_copy_of_the_log_needs_no_lock() {
    let fake = Fake::in_process(Vendor::Tavus);
    fake.handle(FakeRequest::new("POST", "/1").with_body("first"));
    let copy = fake.requests();
    let (done, finished) = mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            fake.handle(FakeRequest::new("POST", "/2"));
            fake.reset();
            done.send(()).unwrap();
        });
        assert_eq!(finished.recv_timeout(Duration::from_secs(60)), Ok(()));
        assert_eq!(copy[0].request().body(), b"first");
    });
}
