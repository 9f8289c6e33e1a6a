//! A sweep that finds another one of its target: running, or left unfinished.

use std::fs;
use std::time::Duration;

use conversation_delete_fake::{Fault, RecordState, Role, Route, Vendor};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::job::deleted;
use crate::job_stop::await_deletes;
use crate::support::{Run, spawn};
use crate::sweep::Sweep;

/// A sweep of records that take their time, so that there is a middle to be killed in.
fn slow(vendor: Vendor, count: usize) -> (Sweep, Vec<String>) {
    let sweep = Sweep::new(&[vendor]);
    let ids = sweep.seed_old(0, count);
    sweep.stage.world().fake.fault(Fault::delay(Duration::from_millis(5)).on(Route::Delete));
    (sweep, ids)
}

/// Kills a sweep once it has sent so many deletes. Its job stays.
fn kill(sweep: &Sweep, deletes: usize, args: &[&str]) -> String {
    let mut child = spawn(&mut sweep.command(&[&["--yes"], args].concat()));
    await_deletes(&sweep.stage, deletes);
    child.kill().unwrap();
    child.wait().unwrap();
    let jobs: Vec<_> =
        sweep.files().into_iter().filter(|path| path.extension().is_some_and(|end| end == "job")).collect();
    assert_eq!(jobs.len(), 1, "{jobs:?}");
    jobs[0].to_str().unwrap().to_owned()
}

#[test]
fn a_killed_sweep_is_finished_by_the_next_one_which_lists_anew() {
    for vendor in [Vendor::Tavus, Vendor::ElevenLabs] {
        let (sweep, ids) = slow(vendor, 200);
        kill(&sweep, 20, &[]);
        let late = sweep.seed_old(0, 4);
        let run = sweep.yes(&["--verify=list", "--wait", "0"]);
        assert_eq!(run.code, Some(0), "{run:?}");
        assert!(run.stderr.contains("finishing the sweep that was planned at"), "{run:?}");
        let outcomes = run.outcomes();
        assert!(outcomes.iter().all(|(_, outcome)| outcome == "deleted" || outcome == "gone"), "{run:?}");
        let mut reported: Vec<_> = outcomes.into_iter().map(|(id, _)| id).collect();
        let mut expected = [ids, late].concat();
        reported.sort_unstable();
        expected.sort_unstable();
        assert_eq!(reported, expected, "each has one outcome");
        assert_eq!((deleted(sweep.stage.world()), sweep.files().len()), (204, 0), "{:?}", sweep.files());
    }
}

#[test]
fn a_second_sweep_of_a_target_is_refused_while_one_runs() {
    let (sweep, _) = slow(Vendor::Tavus, 300);
    let child = spawn(&mut sweep.command(&["--yes"]));
    await_deletes(&sweep.stage, 5);
    let second = sweep.yes(&[]);
    second.has_only_errors(4);
    assert!(second.stderr.contains(&format!("is being swept by process {}", child.id())), "{second:?}");
    let jobs = sweep.stage.go(&["jobs", "list"]);
    assert!(jobs.code == Some(0) && jobs.stdout.contains("running"), "{jobs:?}");
    let run = Run::of(child.wait_with_output().unwrap());
    assert_eq!((run.code, sweep.files().len()), (Some(0), 0), "{run:?}");
    run.has_summary(&[("deleted", 300)]);
}

#[test]
fn another_target_is_swept_at_the_same_time() {
    let (sweep, _) = slow(Vendor::Tavus, 200);
    let world = sweep.stage.world();
    let child = spawn(&mut sweep.command(&["--yes"]));
    await_deletes(&sweep.stage, 5);
    let mut other = sweep.command(&["--yes"]);
    let other = world.run(other.envs(world.fake.env_as(Role::Foreign)), "");
    assert_eq!(other.code, Some(0), "{other:?}");
    assert_eq!(Run::of(child.wait_with_output().unwrap()).code, Some(0));
}

#[test]
fn what_was_held_since_is_kept_and_the_maximum_counts() {
    let (sweep, ids) = slow(Vendor::Tavus, 100);
    kill(&sweep, 10, &[]);
    sweep.yes(&["--max", "5"]).has_only_errors(5);
    let is_deleted = |id: &&String| sweep.stage.world().fake.state_of(id) == Some(RecordState::Deleted);
    let held: Vec<String> = ids.iter().filter(|id| !is_deleted(id)).take(2).cloned().collect();
    let run = sweep.yes(&["--hold", &sweep.stage.file("hold.txt", &held)]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(held.len() == 2 && !held.iter().any(|id| is_deleted(&id)), "{run:?}");
    assert_eq!(deleted(sweep.stage.world()), 98);
}

#[test]
fn what_the_unfinished_sweep_held_is_not_deleted_by_the_list_that_follows() {
    let (sweep, ids) = slow(Vendor::Tavus, 60);
    let job = kill(&sweep, 5, &[]);
    let held = sweep.stage.file("held.txt", &ids[..1]);
    assert_eq!(sweep.stage.go(&["run", &job, "--hold", &held]).code, Some(2), "held, and not run");
    let run = sweep.yes(&[]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stderr.contains("1 record held there, and so in this sweep"), "{run:?}");
    let fake = &sweep.stage.world().fake;
    assert_eq!(fake.state_of(&ids[0]), Some(RecordState::Present), "{run:?}");
    assert_eq!((deleted(sweep.stage.world()), sweep.files().len()), (59, 0));
}

#[test]
fn an_unfinished_sweep_of_another_kind_is_refused_until_it_is_finished() {
    let (sweep, _) = slow(Vendor::Tavus, 100);
    let job = kill(&sweep, 10, &[]);
    let go = |args: &[&str]| sweep.stage.go(&[&["sweep", "tavus", "--yes", "--output", "json"], args].concat());
    for args in [&["--soft", "--older-than", "90d"][..], &["--hard", "--older-than", "95d"]] {
        let run = go(args);
        run.has_only_errors(5);
        assert!(run.stderr.contains(&job), "{run:?}");
    }
    let run = sweep.stage.go(&["run", &job, "--yes", "--expect-count", "100", "--output", "json"]);
    assert_eq!((run.code, run.outcomes().len(), sweep.files().len()), (Some(0), 100, 0), "{run:?}");
    assert_eq!(go(&["--soft", "--older-than", "90d"]).code, Some(0));
}

#[test]
fn a_sweep_of_the_same_target_by_another_profile_finishes_the_job() {
    let by_a: &[&str] = &["--profile", "a", "--config", "a.toml"];
    let by_b: &[&str] = &["--profile", "b", "--config", "b.toml"];
    let by_environment: &[&str] = &[];
    for (first, second) in [(by_a, by_environment), (by_environment, by_b), (by_a, by_b)] {
        let (sweep, _) = slow(Vendor::Tavus, 100);
        let fake = &sweep.stage.world().fake;
        let key = sweep.stage.file("key", &[fake.key(Role::Full)]);
        for name in ["a", "b"] {
            let text = format!(
                "[profiles.{name}]\nvendor = \"tavus\"\nbase_url = \"{}\"\napi_key = {{ file = \"{key}\" }}\n",
                fake.base_url()
            );
            fs::write(sweep.stage.path(&format!("{name}.toml")), text).unwrap();
        }
        kill(&sweep, 10, first);
        sweep.yes(&[second, &["--allow-active"]].concat()).has_only_errors(5);
        let run = sweep.yes(second);
        assert_eq!((run.code, sweep.files().len()), (Some(0), 0), "{run:?}");
        assert!(run.stderr.contains("finishing the sweep that was planned at"), "{run:?}");
        assert_eq!((run.outcomes().len(), deleted(sweep.stage.world())), (100, 100), "{run:?}");
        assert!(!run.stderr.contains("this credential sees no records"), "{run:?}");
        let run = sweep.yes(second);
        assert!(run.stderr.contains("this credential sees no records"), "{run:?}");
    }
}

#[test]
fn half_a_plan_is_begun_anew() {
    let sweep = Sweep::new(&[Vendor::Tavus]);
    sweep.seed_old(0, 3);
    sweep.stage.world().fake.fault(Fault::delay(Duration::from_secs(20)).on(Route::List).nth(2));
    let mut child = spawn(&mut sweep.command(&["--yes"]));
    while sweep.stage.world().fake.stats().requests < 2 {
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(sweep.files().iter().any(|path| path.extension().is_some_and(|end| end == "plan")), "{:?}", sweep.files());
    sweep.stage.world().fake.clear_faults();
    let run = sweep.yes(&[]);
    assert_eq!((run.code, deleted(sweep.stage.world()), sweep.files().len()), (Some(0), 3, 0), "{run:?}");
}

#[test]
fn a_deadline_leaves_the_rest_to_the_next_sweep() {
    let (sweep, _) = slow(Vendor::Tavus, 400);
    let run = sweep.yes(&["--deadline", "1s", "--concurrency", "1"]);
    assert_eq!(run.code, Some(4), "{run:?}");
    let run = sweep.yes(&["--concurrency", "64"]);
    assert_eq!((run.code, deleted(sweep.stage.world()), sweep.files().len()), (Some(0), 400, 0), "{run:?}");
}

#[test]
fn an_interrupted_sweep_names_its_job_and_reports_how_far_it_came() {
    let (sweep, _) = slow(Vendor::Tavus, 300);
    let child =
        spawn(&mut sweep.command(&["--yes", "--on-finish", "cat > finish.json", "--metrics-file", "sweep.prom"]));
    await_deletes(&sweep.stage, 10);
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    let run = Run::of(child.wait_with_output().unwrap());
    let summary = run.lines().last().cloned().unwrap();
    let (job, done) = (summary["job"].as_str().unwrap(), summary["deleted"].as_u64().unwrap());
    assert!(run.code == Some(4) && run.stderr.contains(job) && fs::exists(job).unwrap(), "{run:?}");
    assert_eq!((done, summary["not_attempted"].as_u64()), (deleted(sweep.stage.world()) as u64, Some(300 - done)));
    let finish: Value = serde_json::from_slice(&fs::read(sweep.stage.path("finish.json")).unwrap()).unwrap();
    assert_eq!([&finish["deleted"], &finish["exit_code"]], [&Value::from(done), &Value::from(4)], "{finish}");
    let metrics = fs::read_to_string(sweep.stage.path("sweep.prom")).unwrap();
    let line = format!("conversation_delete_records_total{{vendor=\"tavus\",outcome=\"deleted\"}} {done}\n");
    assert!(metrics.contains(&line), "{metrics}");
}

#[test]
fn what_could_not_be_reported_is_reported_by_the_next_sweep() {
    let sweep = Sweep::new(&[Vendor::Tavus]);
    sweep.seed_old(0, 3);
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let status = sweep.command(&["--yes"]).stdout(full).status().unwrap();
    assert_eq!((status.code(), deleted(sweep.stage.world())), (Some(4), 3));
    let run = sweep.yes(&[]);
    assert_eq!((run.code, run.outcomes().len(), sweep.files().len()), (Some(0), 3, 0), "{run:?}");
}

#[test]
fn what_may_have_been_deleted_is_found_out_by_the_next_sweep() {
    for vendor in [Vendor::Tavus, Vendor::ElevenLabs] {
        let sweep = Sweep::new(&[vendor]);
        sweep.seed_old(0, 2);
        let fake = &sweep.stage.world().fake;
        fake.fault(Fault::close().after_effect().on(Route::Delete));
        let first = sweep.yes(&[]);
        assert!(first.code == Some(3) && first.stderr.contains("the next sweep finds out"), "{first:?}");
        first.has_summary(&[("failed", 2)]);
        fake.clear_faults();
        let second = sweep.yes(&[]);
        assert_eq!((second.code, sweep.files().len()), (Some(0), 0), "{second:?}");
        second.has_summary(&[("gone", 2)]);
    }
}

#[test]
fn what_fails_again_is_reported_and_blocks_no_later_sweep() {
    for vendor in [Vendor::Tavus, Vendor::ElevenLabs] {
        let sweep = Sweep::new(&[vendor]);
        sweep.seed_old(0, 2);
        let fake = &sweep.stage.world().fake;
        fake.fault(Fault::close().after_effect().on(Route::Delete));
        assert_eq!(sweep.yes(&[]).code, Some(3));
        fake.clear_faults();
        fake.fault(Fault::reply(503).on(Route::Delete));
        let second = sweep.yes(&[]);
        assert_eq!((second.code, sweep.files().len()), (Some(3), 0), "{second:?}");
        second.has_summary(&[("failed", 2)]);
        let records = second.lines().into_iter().filter(|line| line["type"] == "record");
        let deliveries: Vec<Value> = records.map(|record| record["error"]["delivery"].clone()).collect();
        assert_eq!(deliveries, ["maybe_delivered", "maybe_delivered"], "{second:?}");
        fake.clear_faults();
        sweep.seed_old(0, 1);
        let third = sweep.yes(&[]);
        assert_eq!(third.code, Some(0), "{third:?}");
        third.has_summary(&[("deleted", 1)]);
    }
}
