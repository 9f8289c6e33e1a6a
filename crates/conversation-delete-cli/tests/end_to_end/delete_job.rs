//! `delete` as a job: what its file is good for, and when it stays.

use std::path::{Path, PathBuf};

use conversation_delete_fake::{Fault, RecordState, Role, Route, Seed, Vendor};
use serde_json::json;

use crate::support::{Run, World};

/// The job file that a run named.
fn job_of(world: &World, run: &Run) -> PathBuf {
    let files = [&world.folder, &world.state].map(|folder| std::fs::read_dir(folder.path()).unwrap());
    let mut files = files.into_iter().flatten().map(|entry| entry.unwrap().path());
    let job = files.find(|path| path.extension().is_some_and(|end| end == "job")).unwrap();
    assert!(run.stderr.contains(job.to_str().unwrap()), "{run:?}");
    job
}

fn has_no_job(world: &World) -> bool {
    [&world.folder, &world.state].iter().all(|folder| std::fs::read_dir(folder.path()).unwrap().count() == 0)
}

fn run_job(world: &World, job: &Path, count: usize) -> Run {
    let mut command = world.command(Role::Full);
    command.args(["run", "--yes", "--output", "json", "--expect-count", &count.to_string()]).arg(job);
    world.run(&mut command, "")
}

fn deleted(world: &World, ids: &[String]) -> usize {
    ids.iter().filter(|id| world.fake.state_of(id) == Some(RecordState::Deleted)).count()
}

#[test]
fn many_ids_are_a_job_that_tells_of_each_in_the_order_of_the_input() {
    for &vendor in Vendor::ALL {
        let world = World::new(vendor);
        let mut input = world.fake.seed(120);
        let other = world.fake.seed(1);
        input.insert(0, "..".to_owned());
        input.insert(60, "a/b".to_owned());
        input.push("?".to_owned());
        input.push(input[5].clone());
        let run = world.delete_with_stdin(
            &[&["--job", "own.job", "--ids-from", "-"], &*world.mode().iter().map(String::as_str).collect::<Vec<_>>()]
                .concat(),
            input.join("\n"),
        );
        assert_eq!(run.code, Some(3), "{vendor:?}: {run:?}");
        let told: Vec<String> = run.outcomes().into_iter().map(|(id, _)| id).collect();
        assert_eq!(told, input[..123], "{vendor:?}");
        let refused: Vec<String> =
            run.outcomes().into_iter().filter(|(_, outcome)| outcome == "refused").map(|(id, _)| id).collect();
        assert_eq!(refused, ["..", "a/b", "?"]);
        run.has_summary(&[("deleted", 120), ("refused", 3)]);
        assert_eq!(world.fake.state_of(&other[0]), Some(RecordState::Present));
        let before = world.fake.stats().requests;
        let again = run_job(&world, &job_of(&world, &run), 120);
        assert_eq!(again.code, Some(3), "as before: {again:?}");
        assert_eq!(world.fake.stats().requests, before, "a finished job sends nothing");
    }
}

#[test]
fn a_private_job_is_removed_once_it_is_reported_and_a_named_one_stays() {
    for count in [1, 100, 101] {
        let world = World::new(Vendor::Tavus);
        let ids = world.fake.seed(count);
        let run = world.delete(["--hard".to_owned()].iter().chain(&ids));
        assert_eq!(run.code, Some(0), "{run:?}");
        assert!(has_no_job(&world) && run.stderr.is_empty(), "{run:?}");
    }
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(2);
    let few = ["--hard", "--job", "few.job", &ids[0], &ids[1]];
    let run = world.delete(few);
    assert_eq!(run.code, Some(0), "{run:?}");
    run.has_summary(&[("deleted", 2)]);
    assert!(job_of(&world, &run).ends_with("few.job"));
    let requests = world.fake.stats().requests;
    let run = world.delete(few);
    assert_eq!((run.code, world.fake.stats().requests), (Some(2), requests), "{run:?}");
    assert!(run.stderr.contains("few.job exists"), "{run:?}");
    let run = world.delete(["--hard", "--job", "no/such/folder/x.job", &ids[0]]);
    assert_eq!((run.code, world.fake.stats().requests), (Some(2), requests), "{run:?}");
}

#[test]
fn a_wait_that_is_too_long_ends_it_and_the_job_goes_on_later() {
    let world = World::new(Vendor::ElevenLabs);
    let ids = world.fake.seed(150);
    world.fake.fault(Fault::reply(429).with_header("retry-after", "3600").on(Route::Delete).nth(30));
    let run = world.delete(&ids);
    assert_eq!(run.code, Some(4), "{run:?}");
    assert!(run.stderr.contains("had to wait") && run.stderr.contains("which is too long"), "{run:?}");
    let lines = run.outcomes();
    assert_eq!(lines.len(), 150);
    let done = lines.iter().filter(|(_, outcome)| outcome == "deleted").count();
    assert_eq!(lines.iter().filter(|(_, outcome)| outcome == "not_attempted").count(), 150 - done, "{run:?}");
    assert_eq!(deleted(&world, &ids), done);
    let run = run_job(&world, &job_of(&world, &run), 150);
    assert_eq!((run.code, deleted(&world, &ids)), (Some(0), 150), "{run:?}");
}

#[test]
fn an_outage_in_between_makes_no_failures() {
    let world = World::new(Vendor::Corti);
    let ids = world.fake.seed(110);
    for nth in 20..28 {
        world.fake.fault(Fault::reply(503).on(Route::Delete).nth(nth));
    }
    let run = world.delete(&ids);
    assert_eq!(run.code, Some(0), "{run:?}");
    run.has_summary(&[("deleted", 110)]);
    assert!(run.stderr.contains("vendor unavailable"), "{run:?}");
}

#[test]
fn the_wrong_place_is_found_early_and_a_refused_credential_leaves_no_job() {
    let world = World::new(Vendor::Tavus);
    let absent: Vec<String> = (0..130).map(|number| format!("c{number:012x}")).collect();
    world.fake.seed(1);
    let run = world.delete(["--hard".to_owned()].iter().chain(&absent));
    assert_eq!(run.code, Some(5), "{run:?}");
    assert!(run.stderr.contains("wrong workspace") && run.outcomes().len() == 130, "{run:?}");
    assert!(world.deletes().len() <= 20 + 4, "{}", world.deletes().len());
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(130);
    world.fake.revoke(Role::Full);
    let run = world.delete(["--hard".to_owned()].iter().chain(&ids));
    assert_eq!((run.code, world.fake.stats().requests), (Some(6), 1), "{run:?}");
    run.has_summary(&[("not_attempted", 130)]);
    assert!(has_no_job(&world));
}

#[test]
fn a_credential_that_may_only_delete_is_enough() {
    for vendor in [Vendor::Corti, Vendor::ElevenLabs, Vendor::Tavus] {
        let world = World::new(vendor);
        let ids = world.fake.seed(101);
        let run = world.delete_as(Role::WriteOnly, world.mode().iter().chain(&ids));
        assert_eq!(run.code, Some(0), "{vendor:?}: {run:?}");
        assert!(run.stderr.contains("not checked before"), "{run:?}");
        let more = world.fake.seed(101);
        let run = world.delete_as(Role::WriteOnly, ["--verify".to_owned()].iter().chain(&world.mode()).chain(&more));
        assert_eq!((run.code, deleted(&world, &more)), (Some(6), 0), "no proof, no delete: {run:?}");
    }
}

#[test]
fn proof_is_told_with_each_line() {
    let world = World::new(Vendor::ElevenLabs);
    let ids = world.fake.seed(101);
    world.fake.fault(Fault::no_effect().on(Route::Delete).for_id(ids[7].as_str()));
    let run = world.delete(["--verify", "--wait", "0"].map(str::to_owned).iter().chain(&ids));
    assert_eq!(run.code, Some(7), "{run:?}");
    run.has_summary(&[("deleted", 101), ("verified", 100), ("still_present", 1)]);
    let lookup_many = run.each("presence");
    let states = |pair: &serde_json::Value| (pair["before"]["state"].clone(), pair["after"]["state"].clone());
    assert_eq!(states(&lookup_many[0]), (json!("present"), json!("absent")));
    assert_eq!(states(&lookup_many[7]), (json!("present"), json!("present")));
}

#[test]
fn children_are_told_before_their_interaction_and_kept_in_the_file() {
    let world = World::new(Vendor::Corti);
    let ids = world.fake.seed_with(Seed::count(101).transcripts(1).recordings(1));
    let run = world.delete(["--children", "--allow-active", "--job", "own.job"].map(str::to_owned).iter().chain(&ids));
    assert_eq!(run.code, Some(0), "{run:?}");
    let lines = run.lines();
    let kinds: Vec<&str> = lines[..3].iter().map(|line| line["kind"].as_str().unwrap_or("record")).collect();
    assert_eq!((lines.len(), kinds), (3 * 101 + 1, vec!["transcript", "recording", "record"]));
    assert_eq!((&lines[0]["parent"], &lines[0]["outcome"]), (&json!(ids[0]), &json!("deleted")));
    let mut export = world.command(Role::Full);
    export.args(["export", "--output", "json"]).arg(job_of(&world, &run));
    let exported = world.run(&mut export, "").stdout_without_times();
    assert_eq!(exported.lines().count(), 3 * 101 + 1);
    assert!(exported.lines().take(303).eq(run.stdout_without_times().lines().take(303)), "{exported}");
}

#[test]
fn fini_goes_in_batches_or_one_by_one() {
    let world = World::new(Vendor::Fini);
    let ids = world.fake.seed(101);
    assert_eq!(world.delete(&ids).code, Some(0));
    assert_eq!(world.deletes().len(), 3);
    let ids = world.fake.seed(101);
    let run = world.delete(["--one-by-one", "--job", "few.job"].map(str::to_owned).iter().chain(&ids[..60]));
    assert_eq!((run.code, world.deletes().len()), (Some(0), 63), "{run:?}");
}

#[test]
fn only_a_vendor_that_does_not_show_itself_is_deleted_from_unseen() {
    let faults = [
        (Fault::reply(429).with_header("retry-after", "300"), 4),
        (Fault::reply(402), 4),
        (Fault::reply(503), 4),
        (Fault::close(), 4),
        (Fault::reply(403), 0),
        (Fault::reply(405), 0),
        (Fault::reply(501), 0),
        (Fault::html(200), 0),
    ];
    for (number, (fault, code)) in faults.into_iter().enumerate() {
        let world = World::new(Vendor::Tavus);
        let ids = world.fake.seed(11);
        world.fake.fault(fault.on(Route::List));
        let run = world.delete(["--hard", "--allow-live", "--job", "x.job"].map(str::to_owned).iter().chain(&ids));
        assert_eq!(run.code, Some(code), "{number}: {run:?}");
        if code == 0 {
            assert_eq!(deleted(&world, &ids), 11, "{number}");
            assert!(run.stderr.contains("warning: not checked before"), "{run:?}");
        } else {
            run.has_summary(&[("not_attempted", 11)]);
            assert!(world.deletes().is_empty() && has_no_job(&world), "{number}: {run:?}");
        }
    }
}

#[test]
fn where_its_file_cannot_be_made_every_id_is_told() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(2);
    std::fs::write(world.folder.path().join("x.job"), "").unwrap();
    let run = world.delete(["--hard", "--job", "x.job", &ids[0], &ids[1]]);
    assert_eq!(run.code, Some(2), "{run:?}");
    run.has_summary(&[("not_attempted", 2)]);
}

#[test]
fn where_its_file_cannot_be_opened_none_is_left() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(2);
    let lock = world.folder.path().join("x.job.lock");
    std::fs::create_dir(&lock).unwrap();
    let run = world.delete(["--hard", "--job", "x.job", &ids[0], &ids[1]]);
    assert_eq!((run.code, world.deletes().len()), (Some(2), 0), "{run:?}");
    assert!(run.stderr.contains("has the name of the job's lock, but is not one: move it away"), "{run:?}");
    run.has_summary(&[("not_attempted", 2)]);
    std::fs::remove_dir(&lock).unwrap();
    assert!(has_no_job(&world), "{run:?}");
}

#[test]
fn what_is_left_is_one_file() {
    let world = World::new(Vendor::ElevenLabs);
    let ids = world.fake.seed(101);
    let run = world.delete(["--job", "own.job"].map(str::to_owned).iter().chain(&ids));
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(crate::job_file::is_at_rest(&job_of(&world, &run)));
}

#[test]
fn a_batch_of_which_nothing_is_known_may_be_of_another_workspace() {
    let world = World::new(Vendor::Fini);
    let ids: Vec<String> = world.fake.seed_with(Seed::count(101).foreign());
    let run = world.delete(ids.iter().map(String::as_str).chain(["--absent-ok"]));
    assert_eq!(run.code, Some(3), "{run:?}");
    // One by one until twenty were missing, then in batches.
    run.has_summary(&[("unresolved", 81), ("not_found", 20)]);
    for advice in ["a whole batch of another workspace looks the same", "next time use --verify or --one-by-one"] {
        assert!(run.stderr.contains(advice), "{run:?}");
    }
}

#[test]
fn a_delete_by_a_credential_that_may_only_delete_can_go_on() {
    let world = World::new(Vendor::ElevenLabs);
    let ids = world.fake.seed(150);
    world.fake.fault(Fault::reply(429).with_header("retry-after", "3600").on(Route::Delete).nth(30));
    let run = world.delete_as(Role::WriteOnly, &ids);
    assert_eq!(run.code, Some(4), "{run:?}");
    let job = job_of(&world, &run);
    let go_on = |more: &[&str]| {
        let mut command = world.command(Role::WriteOnly);
        command.args(["run", "--yes", "--output", "json", "--expect-count", "150"]).args(more).arg(&job);
        world.run(&mut command, "")
    };
    let run = go_on(&["--verify"]);
    assert_eq!(run.code, Some(6), "nothing could be proved: {run:?}");
    let run = go_on(&[]);
    assert_eq!((run.code, deleted(&world, &ids)), (Some(0), 150), "{run:?}");
}
