//! Jobs that are interrupted, and run again.

use std::io::{BufRead, BufReader, Read};
use std::thread;
use std::time::{Duration, Instant};

use conversation_delete_fake::{Fault, Route, Vendor};
use rustix::process::{Pid, Signal, kill_process};

use crate::job::{Stage, deleted, summary};
use crate::support::{Run, spawn};

/// Waits until the fake has seen so many deletes.
pub(crate) fn await_deletes(stage: &Stage, count: usize) {
    let end = Instant::now() + Duration::from_secs(30);
    while stage.world().deletes().len() < count {
        assert!(Instant::now() < end, "no deletes");
        thread::sleep(Duration::from_millis(1));
    }
}

/// A fake that takes its time, so that there is a middle to be killed in.
fn slow_stage(vendor: Vendor, count: usize) -> Stage {
    let stage = Stage::new(&[vendor]);
    stage.world().fake.seed(count);
    assert_eq!(stage.plan(&["--all", "--allow-live"]).code, Some(0));
    stage.world().fake.fault(Fault::delay(Duration::from_millis(3)).on(Route::Delete));
    stage
}

#[test]
fn ctrl_c_ends_the_run_and_the_next_one_goes_on() {
    let stage = slow_stage(Vendor::ElevenLabs, 300);
    let mut child = spawn(&mut stage.run_command(300, &[]));
    let stderr = BufReader::new(child.stderr.take().unwrap());
    await_deletes(&stage, 10);
    let other = stage.go(&["run", "job", "--yes", "--expect-count", "300"]);
    assert_eq!(other.code, Some(4), "{other:?}");
    assert!(other.stderr.contains(&child.id().to_string()), "it says who runs it: {other:?}");
    let status = stage.go(&["status", "job", "--output", "json"]);
    assert!(summary(&status)["holder"].as_str().unwrap().contains(&child.id().to_string()), "{status:?}");
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let run = Run::of(child.wait_with_output().unwrap());
    let said: Vec<String> = stderr.lines().map(Result::unwrap).collect();
    assert_eq!((run.code, &summary(&run)["ending"]), (Some(4), &"interrupted".into()), "{run:?} {said:?}");
    assert!(said.iter().any(|line| line.contains("interrupted: sending no more")), "{said:?}");
    let done = summary(&run)["deleted"].as_u64().unwrap();
    assert!((10..300).contains(&done) && deleted(stage.world()) as u64 == done, "{done}");
    let before = stage.world().deletes().len();
    let run = stage.run(300, &[]);
    assert_eq!((run.code, &summary(&run)["deleted"]), (Some(0), &300.into()), "{run:?}");
    assert_eq!(stage.world().deletes().len() - before, 300 - usize::try_from(done).unwrap(), "none is sent twice");
}

#[test]
fn a_second_ctrl_c_does_not_wait_and_the_next_run_finds_out() {
    let stage = Stage::new(&[Vendor::Tavus]);
    stage.world().fake.seed(20);
    assert_eq!(stage.plan(&["--all", "--allow-live"]).code, Some(0));
    stage.world().fake.fault(Fault::delay(Duration::from_secs(20)).on(Route::Delete).nth(5).after_effect());
    let mut child = spawn(&mut stage.run_command(20, &[]));
    await_deletes(&stage, 5);
    let begun = Instant::now();
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    // Sooner, it would be the same wish.
    thread::sleep(Duration::from_millis(1_100));
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(4), "{said}");
    assert!(begun.elapsed() < Duration::from_secs(15) && said.contains("interrupted again"), "{said}");
    // What was in flight is in doubt, and nothing else.
    let exported = stage.exported();
    let count = |outcome: &str| exported.iter().filter(|(_, told)| told == outcome).count() as u64;
    assert!((1..=4).contains(&count("failed")) && count("not_attempted") > 0, "{exported:?}");
    let status = stage.go(&["status", "job", "--output", "json"]);
    let target = &summary(&status)["targets"][0];
    let text = stage.go(&["status", "job"]).stdout;
    assert!(text.contains(&format!("\n{} in doubt, counted as failed: ", count("failed"))), "{text}");
    let open = count("failed") + count("not_attempted");
    assert_eq!([&target["in_doubt"], &target["not_attempted"]], [count("failed"), open], "{status:?}");
    let run = stage.run(20, &[]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(deleted(stage.world()), 20);
}

#[test]
fn a_run_after_a_kill_verifies_as_the_killed_one_did() {
    let stage = slow_stage(Vendor::ElevenLabs, 100);
    let mut child = spawn(&mut stage.run_command(100, &["--verify=list"]));
    await_deletes(&stage, 10);
    child.kill().unwrap();
    child.wait().unwrap();
    let run = stage.run(100, &[]);
    assert!(run.stderr.contains("verifying, as the last run did (--verify=list)"), "{run:?}");
    let line = summary(&run);
    assert_eq!((run.code, &line["verified"], &line["unverified"]), (Some(0), &100.into(), &0.into()), "{run:?}");

    // What is given wins, and is what the next run goes on with.
    let stage = Stage::new(&[Vendor::ElevenLabs]);
    stage.world().fake.seed(20);
    assert_eq!(stage.plan(&["--all", "--allow-live"]).code, Some(0));
    stage.world().fake.fault(Fault::reply(400).on(Route::Delete).nth(20));
    assert_eq!(stage.run(20, &["--verify", "--wait", "0"]).code, Some(7), "one is still there");
    for args in [&["--retry-failed", "--verify=none"][..], &[]] {
        let run = stage.run(20, args);
        assert_eq!((run.code, run.stderr.contains("as the last run did")), (Some(0), false), "{run:?}");
    }
}
