//! The requests that a job sent for a record, whatever ended the run.

use std::io::{BufReader, Read};
use std::thread;
use std::time::Duration;

use conversation_delete_fake::{Fault, Route, Vendor};
use rustix::process::Signal;
use serde_json::Value;

use crate::interrupt::{await_notice, send};
use crate::job::Stage;
use crate::job_stop::await_deletes;
use crate::support::spawn;

fn stage_of_one() -> Stage {
    let stage = Stage::new(&[Vendor::Tavus]);
    stage.world().fake.seed(1);
    assert_eq!(stage.plan(&["--all", "--allow-live"]).code, Some(0));
    stage
}

fn exported(stage: &Stage) -> Value {
    stage.go(&["export", "job", "--output", "json"]).lines()[0].clone()
}

#[test]
fn requests_before_a_signal_in_a_back_off_are_exported_and_nothing_is_said_to_be_in_flight() {
    let stage = stage_of_one();
    // The third failure asks for a wait that is long enough to be reported.
    stage.world().fake.fault(Fault::reply(503).with_header("retry-after", "25").on(Route::Delete).nth(3));
    stage.world().fake.fault(Fault::reply(503).on(Route::Delete));
    let mut child = spawn(&mut stage.run_command(1, &[]));
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    await_notice(&mut stderr, "waits until");
    send(&child, Signal::TERM);
    await_notice(&mut stderr, "interrupted: sending no more; nothing is in flight");
    let mut rest = String::new();
    stderr.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(4), "{rest}");
    let line = exported(&stage);
    assert_eq!((&line["outcome"], &line["status"]), (&"failed".into(), &503.into()), "{line}");
    assert_eq!((&line["attempts"], stage.world().deletes().len()), (&3.into(), 3), "{line}");
    assert!(!line["error"]["message"].as_str().unwrap().contains("about to be sent"), "{line}");
}

#[test]
fn a_request_that_nobody_waits_for_any_more_was_an_attempt() {
    let stage = stage_of_one();
    stage.world().fake.fault(Fault::delay(Duration::from_secs(20)).on(Route::Delete).after_effect());
    let mut child = spawn(&mut stage.run_command(1, &[]));
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    await_deletes(&stage, 1);
    send(&child, Signal::INT);
    await_notice(&mut stderr, "interrupted: sending no more, waiting for 1 request in flight");
    // Sooner, it would be the same wish.
    thread::sleep(Duration::from_millis(1_100));
    send(&child, Signal::INT);
    await_notice(&mut stderr, "interrupted again");
    let mut rest = String::new();
    stderr.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(4), "{rest}");
    let line = exported(&stage);
    assert_eq!((&line["outcome"], &line["attempts"]), (&"failed".into(), &1.into()), "{line}");
    let error = &line["error"];
    assert_eq!((&error["kind"], &error["delivery"]), (&"interrupted".into(), &"maybe_delivered".into()), "{line}");
}
