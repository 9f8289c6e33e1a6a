//! The command that is run at the end of a run.

use std::fs;
use std::io::BufReader;
use std::os::unix::process::CommandExt;
use std::time::{Duration, Instant};

use conversation_delete_fake::{Fault, RetryAfter, Role, Route, Vendor};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use serde_json::{Value, json};

use crate::interrupt::await_notice;
use crate::job::Stage;
use crate::metrics::read_metrics;
use crate::schema::check_lines;
use crate::shards::folder;
use crate::support::{Run, World, spawn};
use crate::sweep::Sweep;

fn delete(world: &World, hook: &str, args: &[&str]) -> Run {
    world.delete([&["--hard", "--on-finish", hook], args].concat())
}

/// What the command got on its stdin, which must be the summary line and three members.
#[track_caller]
fn received(world: &World) -> Value {
    let text = fs::read_to_string(world.folder.path().join("summary")).unwrap();
    let received: Value = serde_json::from_str(&text).unwrap();
    let mut summary = received.clone();
    for member in ["exit_code", "vendors"] {
        assert!(summary.as_object_mut().unwrap().remove(member).is_some(), "{member} in {text}");
    }
    check_lines(&format!("{summary}\n"));
    received
}

#[test]
fn the_command_gets_the_summary_and_no_credential() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(2);
    let run = delete(&world, "cat > summary; env > variables; echo seen; echo warned >&2", &[&ids[0]]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stderr.contains("seen\n") && run.stderr.contains("warned\n"), "{run:?}");
    let summary = received(&world);
    assert_eq!((&summary["type"], &summary["deleted"]), (&json!("summary"), &json!(1)), "{summary}");
    assert_eq!((&summary["exit_code"], &summary["vendors"]), (&json!(0), &json!(["tavus"])), "{summary}");
    assert_eq!((&summary["job"], &summary["run"]), (&Value::Null, &run.lines()[0]["run"]), "{summary}");
    let variables = fs::read_to_string(world.folder.path().join("variables")).unwrap();
    assert!(world.secrets().iter().all(|secret| !variables.contains(secret.as_str())), "{variables}");
    assert!(!variables.contains("TAVUS_"), "{variables}");

    let text = world.go("delete", ["--hard", "--yes", "--on-finish", "cat > summary", &ids[1]]);
    assert_eq!((text.code, &received(&world)["deleted"]), (Some(0), &json!(1)), "{text:?}");
}

#[test]
fn it_runs_however_the_run_ends_once_there_is_a_plan() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(2);
    let hook = "cat > summary";
    let refused = delete(&world, hook, &["--max", "1", &ids[0], &ids[1]]);
    assert_eq!(refused.code, Some(5), "{refused:?}");
    let summary = received(&world);
    assert_eq!((&summary["exit_code"], &summary["not_attempted"]), (&json!(5), &json!(2)), "{summary}");

    world.fake.fault(Fault::reply(401).on(Route::Delete));
    let refused = delete(&world, hook, &["--job", "x.job", &ids[0], &ids[1]]);
    assert_eq!(refused.code, Some(6), "{refused:?}");
    let summary = received(&world);
    assert_eq!((&summary["exit_code"], &summary["ending"]), (&json!(6), &json!("credential_refused")), "{summary}");
    assert!(summary["job"].as_str().unwrap().ends_with("x.job"), "{summary}");

    let path = world.folder.path().join("summary");
    fs::remove_file(&path).unwrap();
    for args in [["--dry-run", &*ids[0]], ["--rate=x", &ids[0]]] {
        delete(&world, hook, &args);
        assert!(!path.exists(), "{args:?}");
    }
    fs::write(world.folder.path().join("none"), "").unwrap();
    let nothing = delete(&world, hook, &["--ids-from", "none"]);
    assert_eq!((nothing.code, &received(&world)["exit_code"]), (Some(0), &json!(0)), "{nothing:?}");
}

#[test]
fn a_command_that_fails_or_hangs_is_a_warning() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(2);
    let run = delete(&world, "exit 3", &[&ids[0]]);
    assert!(run.code == Some(0) && run.stderr.contains("warning: the command of --on-finish failed"), "{run:?}");
    let begun = Instant::now();
    let mut command = world.command(Role::Full);
    command.args(["delete", "tavus", "--hard", "--yes", "--on-finish", "echo begun; sleep 100", &ids[1]]);
    let run = world.run(command.env("CONVERSATION_DELETE_TEST_HOOK_LIMIT", "500"), "");
    assert!(run.code == Some(0) && run.stderr.contains("was ended after 0.5 seconds"), "{run:?}");
    assert!(run.stderr.contains("begun") && begun.elapsed() < Duration::from_secs(50), "{run:?}");
}

#[test]
fn a_signal_stops_the_run_and_not_the_command() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(2);
    world.fake.fault(Fault::throttle(Some(RetryAfter::Seconds(25))).on(Route::Delete));
    let mut command = world.command(Role::Full);
    command.args(["delete", "tavus", "--hard", "--yes", "--allow-active", "--output", "json", "--on-finish"]);
    command.arg("echo begun; sleep 1; cat > summary").args(&ids).process_group(0);
    let mut child = spawn(&mut command);
    let group = Pid::from_child(&child);
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    await_notice(&mut stderr, "waits until");
    kill_process_group(group, Signal::INT).unwrap();
    await_notice(&mut stderr, "begun");
    kill_process_group(group, Signal::INT).unwrap();
    let run = Run::of(child.wait_with_output().unwrap());
    assert_eq!(run.code, Some(4), "{run:?}");
    let summary = received(&world);
    assert_eq!((&summary["exit_code"], &summary["not_attempted"]), (&json!(4), &json!(2)), "{summary}");
}

#[test]
fn a_process_that_it_leaves_behind_holds_nothing_up() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(1);
    let begun = Instant::now();
    let run = delete(&world, "sleep 100 & echo $! > left", &[&ids[0]]);
    assert_eq!((run.code, run.stderr.contains("warning")), (Some(0), false), "{run:?}");
    assert!(begun.elapsed() < Duration::from_secs(50));
    let left = fs::read_to_string(world.folder.path().join("left")).unwrap();
    let left = Pid::from_raw(left.trim().parse().unwrap()).unwrap();
    kill_process(left, Signal::KILL).unwrap();
}

#[test]
fn a_job_names_its_file() {
    let stage = Stage::new(&[Vendor::Tavus]);
    let world = stage.world();
    world.fake.seed(3);
    assert_eq!(stage.plan(&["--all", "--allow-active"]).code, Some(0));
    let run = stage.run(3, &["--on-finish", &format!("cat > {}", world.folder.path().join("summary").display())]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let summary = received(world);
    assert_eq!((&summary["deleted"], &summary["ending"]), (&json!(3), &json!("finished")), "{summary}");
    assert_eq!(summary["job"], "job", "{summary}");
}

#[test]
fn a_folder_of_shards_is_one_job() {
    let stage = Stage::new(&[Vendor::Tavus]);
    let planned = folder(&stage, 20, 2, &["--allow-active"]);
    let count = planned.ids.len().to_string();
    let run = ["run", "jobs", "--yes", "--expect-count", &count, "--output", "json", "--metrics-file", "run.prom"];
    let run = stage.go(&[&run[..], &["--on-finish", "cat > summary"]].concat());
    assert_eq!(run.code, Some(0), "{run:?}");
    let summary = fs::read_to_string(stage.path("summary")).unwrap();
    let summary: Value = serde_json::from_str(&summary).unwrap();
    assert_eq!((&summary["deleted"], &summary["vendors"]), (&json!(20), &json!(["tavus"])), "{summary}");
    let samples = read_metrics(&stage.path("run.prom"));
    assert_eq!(samples["conversation_delete_records_total{vendor=\"tavus\",outcome=\"deleted\"}"], 20.0, "{samples:?}");
    assert_eq!(samples["conversation_delete_open_records{vendor=\"tavus\"}"], 0.0, "{samples:?}");
}

#[test]
fn a_variable_from_which_a_profile_takes_its_key_is_not_handed_on() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(1);
    let variables = world.fake.env_as(Role::Full);
    let value = |name: &str| variables.iter().find(|(own, _)| own == name).unwrap().1.clone();
    let url = value("TAVUS_BASE_URL");
    let profile =
        format!("[profiles.films]\nvendor = \"tavus\"\nbase_url = \"{url}\"\napi_key = {{ env = \"OWN_KEY\" }}\n");
    fs::write(world.folder.path().join("config.toml"), profile).unwrap();
    let mut command = world.command(Role::Full);
    command.args(["delete", "tavus", "--hard", "--yes", "--profile", "films", "--config", "config.toml", &ids[0]]);
    command.args(["--on-finish", "env > variables"]);
    command.env_remove("TAVUS_API_KEY").env_remove("TAVUS_BASE_URL").env("OWN_KEY", value("TAVUS_API_KEY"));
    let run = world.run(&mut command, "");
    assert_eq!(run.code, Some(0), "{run:?}");
    let variables = fs::read_to_string(world.folder.path().join("variables")).unwrap();
    assert!(!variables.contains("OWN_KEY") && !variables.contains(&value("TAVUS_API_KEY")), "{variables}");
}

#[test]
fn a_sweep_of_two_vendors_has_one_summary() {
    let sweep = Sweep::new(&[Vendor::Tavus, Vendor::ElevenLabs]);
    sweep.seed_old(0, 3);
    sweep.seed_old(1, 2);
    for (deleted, code) in [(json!(5), 0), (json!(0), 0)] {
        let run = sweep.yes(&["--metrics-file", "run.prom", "--on-finish", "cat > summary"]);
        assert_eq!(run.code, Some(code), "{run:?}");
        let summary = fs::read_to_string(sweep.stage.path("summary")).unwrap();
        let summary: Value = serde_json::from_str(&summary).unwrap();
        assert_eq!(
            (&summary["deleted"], &summary["vendors"]),
            (&deleted, &json!(["elevenlabs", "tavus"])),
            "{summary}"
        );
        let samples = read_metrics(&sweep.stage.path("run.prom"));
        for (vendor, count) in [("tavus", 3.0), ("elevenlabs", 2.0)] {
            let key = format!("conversation_delete_records_total{{vendor=\"{vendor}\",outcome=\"deleted\"}}");
            assert_eq!(samples.get(&key).copied(), (deleted == 5).then_some(count), "{samples:?}");
        }
    }
}
