//! Deletes of one id or several that are killed at random moments: nothing is lost, and `jobs list` names what is left.
//!
//! `KILLS=500` kills so often at each vendor, and `KILL_SEED` takes the seed that a failure printed.

use std::collections::HashSet;
use std::env;
use std::thread;
use std::time::{Duration, Instant};

use conversation_delete_fake::{Fault, RecordState, Role, Route, Vendor};
use serde_json::Value;

use crate::job_kill::{Dice, Moment};
use crate::support::{Run, World, spawn};

/// Begins a delete of these ids, kills it, and returns what it printed.
fn kill_at(world: &World, ids: &[String], moment: Moment) -> Run {
    let mut command = world.command(Role::Full);
    command.args(["delete", world.fake.vendor().as_str(), "--yes", "--output", "json", "--concurrency", "2"]);
    command.args(world.mode()).args(ids);
    let mut child = spawn(&mut command);
    match moment {
        Moment::Early(time) => thread::sleep(time),
        Moment::Requests(number) => {
            let end = Instant::now() + Duration::from_secs(60);
            while world.fake.stats().requests < number && child.try_wait().unwrap().is_none() {
                assert!(Instant::now() < end, "it hangs");
                thread::sleep(Duration::from_millis(1));
            }
        }
    }
    child.kill().unwrap();
    Run::of(child.wait_with_output().unwrap())
}

fn jobs(world: &World) -> Vec<Value> {
    let mut command = world.command(Role::Full);
    command.args(["jobs", "list", "--output", "json"]);
    let run = world.run(&mut command, "");
    assert_eq!(run.code, Some(0), "{run:?}");
    run.lines()
}

fn deleted(world: &World, ids: &[String]) -> HashSet<String> {
    ids.iter().filter(|id| world.fake.state_of(id) == Some(RecordState::Deleted)).cloned().collect()
}

/// Resumes a job, and returns the outcome of each id.
fn resume(world: &World, job: &str, count: usize) -> Vec<(String, String)> {
    let mut command = world.command(Role::Full);
    command.args(["run", job, "--yes", "--expect-count", &count.to_string()]);
    let run = world.run(&mut command, "");
    assert_eq!(run.code, Some(0), "{run:?}");
    let mut command = world.command(Role::Full);
    command.args(["export", job, "--output", "json"]);
    world.run(&mut command, "").outcomes()
}

fn nothing_is_lost(vendor: Vendor, count: usize, moment: Moment) {
    let world = World::new(vendor);
    let ids = world.fake.seed(count);
    let others = world.fake.seed(3);
    let route = if vendor == Vendor::Fini { Route::BulkDelete } else { Route::Delete };
    world.fake.fault(Fault::delay(Duration::from_millis(5)).on(route));
    let case = format!("{vendor:?}, {count} ids, {moment:?}");
    let killed = kill_at(&world, &ids, moment);
    world.fake.clear_faults();
    match &*jobs(&world) {
        // Before the plan was begun, or after all was reported.
        [] => {
            let reported = killed.outcomes().len();
            assert!(reported == count || reported == 0 && deleted(&world, &ids).is_empty(), "{case}: {killed:?}");
        }
        [job] if job["state"] == "unplanned" || job["state"] == "unreadable" => {
            assert!(deleted(&world, &ids).is_empty(), "{case}: {job}");
        }
        [job] => {
            let outcomes = resume(&world, job["job"].as_str().unwrap(), count);
            assert_eq!(outcomes.iter().map(|(id, _)| id).collect::<Vec<_>>(), ids.iter().collect::<Vec<_>>(), "{case}");
            assert!(
                outcomes.iter().all(|(_, outcome)| ["deleted", "gone"].contains(&&**outcome)),
                "{case}: {outcomes:?}"
            );
            assert_eq!(deleted(&world, &ids).len(), count, "{case}");
        }
        more => panic!("{case}: one delete has one job: {more:?}"),
    }
    assert!(deleted(&world, &others).is_empty(), "{case}");
}

#[test]
fn a_delete_that_is_killed_is_resumed_or_had_not_begun_or_had_ended() {
    let kills: usize = env::var("KILLS").map_or(12, |kills| kills.parse().unwrap());
    let mut dice = Dice::new();
    for &vendor in Vendor::ALL {
        for kill in 0..kills {
            let count = [1, 4, 20][kill % 3];
            nothing_is_lost(vendor, count, dice.moment(2 * count as u64, 3 * count as u64));
        }
    }
}
