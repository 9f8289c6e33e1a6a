//! The exit code, where several commands or several findings must agree on it.

use conversation_delete_fake::Vendor;
use serde_json::json;

use crate::job::{Stage, summary};
use crate::support::World;

#[test]
fn nothing_to_do_is_a_success_in_every_command_that_takes_ids() {
    for empty in ["", "\n\n", "id\n"] {
        let world = World::new(Vendor::Tavus);
        let delete: &[&str] = &["--hard", "--yes", "--ids-from", "-", "--output", "json"];
        for (command, args) in [
            ("delete", delete),
            ("delete", &["--hard", "--dry-run", "--ids-from", "-", "--output", "json"]),
            ("delete", &["--hard", "--yes", "--verify", "--ids-from", "-", "--output", "json"]),
            ("delete", &["--hard", "--yes", "--job", "job", "--ids-from", "-", "--output", "json"]),
            ("verify", &["--ids-from", "-", "--output", "json"]),
        ] {
            let mut program = world.command(conversation_delete_fake::Role::Full);
            program.args([command, "tavus"]).args(args);
            let run = world.run(&mut program, empty);
            assert_eq!(run.code, Some(0), "{command} {args:?} of {empty:?}: {run:?}");
            run.has_summary(&[]);
        }
        assert_eq!(world.fake.stats().requests, 0, "{empty:?}");
    }
}

#[test]
fn no_valid_id_among_some_entries_stays_an_error() {
    let world = World::new(Vendor::Tavus);
    for (command, args) in [
        ("delete", &["--hard", "--yes", "--ids-from", "-"][..]),
        ("verify", &["--ids-from", "-"]),
        ("plan", &["--hard", "--out", "job", "--ids-from", "-"]),
    ] {
        let mut program = world.command(conversation_delete_fake::Role::Full);
        program.args([command, "tavus"]).args(args);
        let run = world.run(&mut program, "../agents/x\n");
        assert_eq!(run.code, Some(2), "{command}: {run:?}");
    }
    assert_eq!(world.fake.stats().requests, 0);
}

/// A plan without anything to delete can be run, and its state be read, like any other.
#[track_caller]
fn is_a_finished_job(stage: &Stage, held: u64) {
    let before = stage.requests();
    let run = stage.run(0, &[]);
    assert_eq!((run.code, &summary(&run)["ending"]), (Some(0), &json!("finished")), "{run:?}");
    assert_eq!(summary(&run)["held"], held, "{run:?}");
    let status = stage.go(&["status", "job", "--output", "json"]);
    assert_eq!((status.code, &summary(&status)["targets"][0]["planned"]), (Some(0), &json!(0)), "{status:?}");
    let export = stage.go(&["export", "job", "--output", "json"]);
    assert_eq!((export.code, export.outcomes().len() as u64), (Some(0), held), "{export:?}");
    let verify = stage.go(&["verify", "job", "--output", "json"]);
    assert_eq!(verify.code, Some(0), "{verify:?}");
    assert_eq!(stage.requests(), before, "nothing was sent");
}

#[test]
fn a_plan_of_nothing_is_a_job_that_is_finished() {
    let stage = Stage::new(&[Vendor::ElevenLabs]);
    stage.world().fake.seed(3);
    let plan = stage.plan(&["--until", "3650d"]);
    assert_eq!((plan.code, &summary(&plan)["planned"]), (Some(0), &json!(0)), "{plan:?}");
    is_a_finished_job(&stage, 0);
}

#[test]
fn a_plan_whose_ids_are_all_held_is_a_job_that_is_finished() {
    let stage = Stage::new(&[Vendor::Tavus]);
    let ids = stage.world().fake.seed(2);
    let held = stage.file("held.txt", &ids);
    let plan = stage.plan(&["--all", "--hold", &held]);
    assert_eq!((plan.code, &summary(&plan)["held"]), (Some(0), &json!(2)), "{plan:?}");
    is_a_finished_job(&stage, 2);
}

#[test]
fn a_location_that_takes_no_job_file_is_a_matter_of_configuration() {
    let stage = Stage::new(&[Vendor::Tavus]);
    let ids = stage.world().fake.seed(1);
    // Even the superuser cannot make a file there.
    for location in ["/proc/job", "/dev/null/job"] {
        let plan = stage.go(&["plan", "tavus", "--hard", &ids[0], "--out", location]);
        assert_eq!(plan.code, Some(2), "{plan:?}");
        let delete = stage.go(&["delete", "tavus", "--hard", "--yes", &ids[0], "--job", location]);
        assert_eq!(delete.code, Some(2), "{delete:?}");
    }
    assert!(stage.world().deletes().is_empty());
}

#[test]
#[cfg(target_os = "linux")]
fn output_that_is_lost_comes_before_records_that_are_still_present() {
    use std::fs::OpenOptions;
    use std::process::Stdio;

    use conversation_delete_fake::{Fault, Role, Route};

    for count in [5, 101] {
        let world = World::new(Vendor::Tavus);
        let ids = world.fake.seed(count);
        // Each delete reports success, and has no effect.
        world.fake.fault(Fault::no_effect().on(Route::Delete));
        let list = world.folder.path().join("ids.txt");
        std::fs::write(&list, ids.join("\n")).unwrap();
        let mut command = world.command(Role::Full);
        command.args(["delete", "tavus", "--hard", "--yes", "--verify", "--wait", "0", "--output", "json"]);
        command.arg("--ids-from").arg(&list).stdin(Stdio::null());
        let is_read = command.output().unwrap();
        assert_eq!(is_read.status.code(), Some(7), "{count}: {is_read:?}");
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let is_lost = command.stdout(full).output().unwrap();
        assert_eq!(is_lost.status.code(), Some(4), "{count}: {is_lost:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn no_command_calls_a_closed_output_a_fault_of_the_program() {
    use std::fs::OpenOptions;

    use conversation_delete_fake::Role;

    let stage = Stage::new(&[Vendor::Tavus]);
    let ids = stage.world().fake.seed(2);
    assert_eq!(stage.plan(&["--all"]).code, Some(0));
    for args in [
        &["completions", "bash"][..],
        &["demo"],
        &["check", "tavus", "--output", "json"],
        &["list", "tavus"],
        &["verify", "tavus", &ids[0]],
        &["delete", "tavus", "--hard", "--dry-run", &ids[0]],
        &["plan", "tavus", "--hard", "--out", "other", &ids[0]],
        &["status", "job"],
        &["export", "job", "--output", "csv"],
        &["run", "job", "--yes", "--expect-count", "2"],
        &["verify", "job"],
    ] {
        let mut command = stage.command_as(Role::Full, args);
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = command.stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(4), "{args:?}: {output:?}");
    }
}

#[test]
fn records_that_still_exist_are_an_error_line_before_the_summary() {
    use conversation_delete_fake::{Fault, Route};

    let stage = Stage::new(&[Vendor::Tavus]);
    let ids = stage.world().fake.seed(2);
    stage.world().fake.fault(Fault::no_effect().on(Route::Delete));
    assert_eq!(stage.plan(&["--all"]).code, Some(0));
    let verify = ["--verify", "--wait", "0"].map(str::to_owned);
    for run in [
        stage.run(2, &["--verify", "--wait", "0"]),
        stage.world().delete([&["--hard".to_owned()][..], &verify, &ids].concat()),
    ] {
        let lines = run.lines();
        let error = lines.iter().find(|line| line["type"] == "error").unwrap_or_else(|| panic!("{run:?}"));
        assert_eq!((run.code, &lines.last().unwrap()["type"]), (Some(7), &json!("summary")), "{run:?}");
        assert_eq!(
            (&error["type"], &error["kind"], &error["exit_code"]),
            (&json!("error"), &json!("still_present"), &json!(7))
        );
        assert_eq!(error["message"], "Tavus: 2 records still exist after deletion", "{run:?}");
    }
}
