//! `verify JOB` that is killed or interrupted goes on where it was.

use std::thread;
use std::time::{Duration, Instant};

use conversation_delete_fake::{Fault, Role, Route, Vendor};
use rustix::process::Signal;

use crate::interrupt::send;
use crate::job::{Stage, summary};
use crate::support::{Run, spawn};
use crate::traffic::Traffic;

const COUNT: usize = 60;
const CONCURRENCY: usize = 2;

/// Lookups are in the file after 0.2 s at the latest, so that a kill loses so many of those of 50 ms, with those in flight.
const LOST: usize = 5 * CONCURRENCY + CONCURRENCY;

const VERIFY: [&str; 8] = ["verify", "job", "--wait", "0", "--concurrency", "2", "--output", "json"];

/// A job of deleted records, at a vendor that takes its time for lookups.
fn deleted() -> (Stage, Vec<String>) {
    let stage = Stage::new(&[Vendor::ElevenLabs]);
    let ids = stage.world().fake.seed(COUNT);
    let file = stage.file("ids.txt", &ids);
    assert_eq!(stage.plan(&["--ids-from", &file, "--allow-active"]).code, Some(0));
    assert_eq!(stage.run(COUNT, &[]).code, Some(0));
    stage.world().fake.fault(Fault::delay(Duration::from_millis(50)).on(Route::Get));
    (stage, ids)
}

fn lookups(stage: &Stage, ids: &[String]) -> usize {
    Traffic::of(&stage.world().fake.requests(), ids).sum().lookups
}

/// Begins to verify, and ends it with this signal after so many more lookups.
fn stop_after(stage: &Stage, ids: &[String], more: usize, signal: Signal) -> Run {
    let before = lookups(stage, ids);
    let child = spawn(&mut stage.command_as(Role::Full, &VERIFY));
    let end = Instant::now() + Duration::from_secs(60);
    while lookups(stage, ids) < before + more {
        assert!(Instant::now() < end, "no lookups");
        thread::sleep(Duration::from_millis(1));
    }
    send(&child, signal);
    Run::of(child.wait_with_output().unwrap())
}

#[test]
fn one_that_is_killed_goes_on_with_what_is_left() {
    let (stage, ids) = deleted();
    for _ in 0..2 {
        assert_eq!(stop_after(&stage, &ids, 25, Signal::KILL).code, None);
    }
    let run = stage.go(&VERIFY);
    assert_eq!((run.code, &summary(&run)["absent"]), (Some(0), &COUNT.into()), "{run:?}");
    assert!(run.stderr.contains("did not finish: it goes on with ") && run.stderr.contains("--again"), "{run:?}");
    let traffic = Traffic::of(&stage.world().fake.requests(), &ids);
    assert!(ids.iter().all(|id| traffic.for_id(id).lookups > 0));
    let sum = traffic.sum().lookups;
    assert!(sum <= COUNT + 2 * LOST, "{sum} lookups of {COUNT} records");
    // That one finished, so that the next one begins anew.
    assert_eq!(stage.go(&VERIFY).stderr, "");
    assert_eq!(lookups(&stage, &ids), sum + COUNT);
}

#[test]
fn one_that_is_interrupted_loses_nothing_and_begins_anew_if_asked_to() {
    let (stage, ids) = deleted();
    let run = stop_after(&stage, &ids, 25, Signal::INT);
    assert_eq!(run.code, Some(4), "{run:?}");
    let before = lookups(&stage, &ids);
    let run = stop_after(&stage, &ids, 10, Signal::INT);
    assert_eq!(run.code, Some(4), "{run:?}");
    let again = stage.go(&[&VERIFY[..], &["--again"]].concat());
    assert!(again.code == Some(0) && !again.stderr.contains("goes on"), "{again:?}");
    let traffic = Traffic::of(&stage.world().fake.requests(), &ids);
    assert!(ids.iter().all(|id| (1..=2).contains(&traffic.for_id(id).lookups)), "each once, and once more");
    assert!(traffic.sum().lookups >= before + 10 + COUNT);
}

#[test]
fn what_was_not_found_out_is_looked_up_again() {
    let (stage, ids) = deleted();
    stage.world().fake.clear_faults();
    stage.world().fake.fault(Fault::reply(400).on(Route::Get).for_id(&ids[3]));
    stage.world().fake.fault(Fault::delay(Duration::from_millis(50)).on(Route::Get));
    assert_eq!(stop_after(&stage, &ids, 25, Signal::INT).code, Some(4));
    stage.world().fake.clear_faults();
    let run = stage.go(&VERIFY);
    assert_eq!((run.code, &summary(&run)["absent"]), (Some(0), &COUNT.into()), "{run:?}");
    let traffic = Traffic::of(&stage.world().fake.requests(), &ids);
    let sums = ids.iter().map(|id| traffic.for_id(id).lookups).collect::<Vec<_>>();
    assert!(sums.iter().enumerate().all(|(index, sum)| *sum == if index == 3 { 2 } else { 1 }), "{sums:?}");
}
