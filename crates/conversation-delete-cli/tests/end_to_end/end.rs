//! The end of running calls, which deletes nothing.

use conversation_delete_fake::{Fault, RecordState, Role, Route, Seed, Vendor};
use serde_json::Value;

use crate::support::{Run, World};

/// Id and result of each line.
fn results(run: &Run) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let lines = run.lines();
    assert!(lines.iter().all(|line| line["type"] == "end"), "{run:?}");
    lines.iter().map(|line| (text(&line["id"]), text(&line["result"]))).collect()
}

fn end(world: &World, args: &[&str]) -> Run {
    world.go("end", [&["--yes", "--output", "json"], args].concat())
}

fn is_active(world: &World, id: &str) -> bool {
    let run = world.go("list", ["--status", "active"]);
    run.stdout.lines().any(|line| line == id)
}

#[test]
fn a_running_call_is_ended_and_stays_a_record() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed_with(Seed::count(2).status("active"));
    let run = end(&world, &[&ids[0]]);
    assert_eq!((run.code, results(&run)), (Some(0), vec![(ids[0].clone(), "ended".to_owned())]), "{run:?}");
    assert!(!is_active(&world, &ids[0]) && is_active(&world, &ids[1]));
    assert!(ids.iter().all(|id| world.fake.state_of(id) != Some(RecordState::Deleted)));
    assert!(world.deletes().is_empty());
    let again = end(&world, &[&ids[0]]);
    assert_eq!((again.code, results(&again)[0].1.as_str()), (Some(0), "ended"), "{again:?}");
    let text = world.go("end", ["--yes", &ids[1]]);
    assert_eq!((text.code, text.stdout), (Some(0), format!("ended           {}\n", ids[1])));
}

#[test]
fn each_id_has_its_result_in_the_order_of_the_input() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed_with(Seed::count(3).status("active"));
    world.fake.fault(Fault::reply(403).on(Route::End).for_id(ids[1].as_str()));
    let list = [&ids[0], "a/b", "c0000000", &ids[1], &ids[2]].join("\n");
    std::fs::write(world.folder.path().join("ids.txt"), list).unwrap();
    let run = end(&world, &["--ids-from", "ids.txt"]);
    let words: Vec<String> = results(&run).into_iter().map(|(_, result)| result).collect();
    assert_eq!(
        (run.code, words),
        (Some(3), ["ended", "refused", "not_found", "failed", "ended"].map(str::to_owned).into())
    );
}

#[test]
fn a_refused_key_ends_the_rest() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed_with(Seed::count(2).status("active"));
    world.fake.fault(Fault::reply(401).on(Route::End));
    let run = end(&world, &[&ids[0], &ids[1]]);
    let words: Vec<String> = results(&run).into_iter().map(|(_, result)| result).collect();
    assert_eq!((run.code, words), (Some(6), ["failed", "not_attempted"].map(str::to_owned).into()), "{run:?}");
}

#[test]
fn nothing_is_sent_without_a_yes_or_at_another_vendor() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed_with(Seed::count(3).status("active"));
    let silent = world.go("end", [&ids[0], "--output", "json"]);
    silent.has_only_errors(2);
    let capped = world.go("end", [&ids[0], &ids[1], "--yes", "--max", "1", "--output", "json"]);
    capped.has_only_errors(5);
    let invalid = end(&world, &["a/b"]);
    assert_eq!(invalid.code, Some(2), "{invalid:?}");
    let mut other = world.command(Role::Full);
    let other = world.run(other.args(["end", "fini", "--yes", "--output", "json", "c1"]), "");
    other.has_only_errors(2);
    assert_eq!(world.fake.stats().requests, 0);
}
