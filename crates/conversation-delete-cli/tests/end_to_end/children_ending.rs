//! Children that were deleted before a run came to an early end are reported all the same.

use std::process::Child;
use std::thread;
use std::time::{Duration, Instant};

use conversation_delete_fake::{ChildKind, Fault, Role, Route, Seed, Vendor};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::support::{Run, World, spawn};

/// How a run comes to its end while the third of three children is in flight.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Ending {
    SecondCtrlC,
    Kill,
}

/// A fake with an interaction whose third child does not respond.
fn stalling_world() -> (World, String) {
    let world = World::new(Vendor::Corti);
    let id = world.fake.seed_with(Seed::count(1).transcripts(2).documents(1)).remove(0);
    let last = world.fake.children(&id).into_iter().find(|child| child.kind == ChildKind::Document).unwrap();
    world.fake.fault(Fault::delay(Duration::from_secs(25)).on(Route::Child).for_id(last.id.as_str()));
    (world, id)
}

/// Waits until this holds.
fn await_that(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < end, "{what}");
        thread::sleep(Duration::from_millis(2));
    }
}

fn end(child: &Child, ending: Ending) {
    let send = |signal| kill_process(Pid::from_child(child), signal).unwrap();
    match ending {
        Ending::Kill => send(Signal::KILL),
        Ending::SecondCtrlC => {
            send(Signal::INT);
            // Sooner, it would be the same one.
            thread::sleep(Duration::from_millis(1_200));
            send(Signal::INT);
        }
    }
}

fn children(run: &Run) -> Vec<Value> {
    run.lines().into_iter().filter(|line| line["type"] == "child").collect()
}

fn export(world: &World) -> Run {
    let mut command = world.command(Role::Full);
    command.args(["export", "x.job", "--output", "json"]);
    world.run(&mut command, "")
}

#[test]
fn a_second_ctrl_c_reports_the_children_that_were_deleted_before() {
    let (world, id) = stalling_world();
    let mut command = world.command(Role::Full);
    command.args(["delete", "corti", "--yes", "--output", "json", "--children", "--allow-live", &id]);
    let program = spawn(&mut command);
    await_that("no third child", || world.deletes().len() == 3);
    end(&program, Ending::SecondCtrlC);
    let run = Run::of(program.wait_with_output().unwrap());
    assert_eq!(run.code, Some(4), "{run:?}");
    let reported = children(&run);
    assert_eq!(reported.len(), 2, "{run:?}");
    assert!(reported.iter().all(|child| child["outcome"] == "deleted" && child["parent"] == json!(id)), "{run:?}");
    assert_eq!(run.each("outcome"), [json!("failed")]);
}

#[test]
fn a_job_keeps_the_children_that_were_deleted_before_any_early_end() {
    for ending in [Ending::SecondCtrlC, Ending::Kill] {
        let (world, id) = stalling_world();
        let mut command = world.command(Role::Full);
        command.args(["delete", "corti", "--yes", "--output", "json", "--children", "--allow-live"]);
        command.args(["--job", "x.job", &id]);
        let program = spawn(&mut command);
        await_that("no third child", || world.deletes().len() == 3);
        await_that("two children are not in the file", || children(&export(&world)).len() == 2);
        end(&program, ending);
        let run = Run::of(program.wait_with_output().unwrap());
        if ending == Ending::SecondCtrlC {
            assert_eq!((run.code, children(&run).len()), (Some(4), 2), "{run:?}");
        }
        let exported = export(&world);
        assert_eq!(children(&exported).len(), 2, "{ending:?}: {exported:?}");

        world.fake.clear_faults();
        let mut again = world.command(Role::Full);
        again.args(["run", "x.job", "--yes", "--expect-count", "1", "--output", "json"]);
        let again = world.run(&mut again, "");
        assert_eq!(again.code, Some(0), "{ending:?}: {again:?}");
        let exported = export(&world);
        // Whether the third one's request took effect, nobody saw; a later run reports it if it is still listed.
        let outcomes: Vec<Value> = children(&exported).iter().map(|child| child["outcome"].clone()).collect();
        assert_eq!(outcomes[..2], ["deleted", "deleted"], "{ending:?}: {exported:?}");
    }
}
