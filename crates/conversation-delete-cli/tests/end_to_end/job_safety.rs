//! What is checked before a job deletes anything.

use std::fs;
use std::process::Command;

use conversation_delete_fake::{Fault, Role, Route, Vendor};

use crate::job::{Stage, deleted, summary};
use crate::support::Run;

#[test]
fn a_hold_that_is_no_id_plans_nothing() {
    let stage = Stage::new(&[Vendor::Fini]);
    stage.world().fake.seed(3);
    let file = stage.file("keep.txt", &["not-a-uuid".to_owned()]);
    let plan = stage.plan(&["--all", "--hold", &file]);
    assert_eq!(plan.code, Some(2), "{plan:?}");
    assert!(plan.stderr.contains("not-a-uuid") && !stage.path("job").exists(), "{plan:?}");
    assert_eq!(stage.requests(), 0);
}

#[test]
fn a_plan_that_cannot_be_made_leaves_no_file() {
    let stage = Stage::new(&[Vendor::Tavus]);
    let ids = stage.world().fake.seed(30);
    for (args, code) in [
        (&["--all", "--max", "29"][..], 5),
        (&[], 2),
        (&["--all", "c1"], 2),
        (&["--all", "--since", "3d"], 2),
        (&["--children", "--all"], 2),
        (&["a/b"], 2),
        (&["--all", "--agent", "a"], 2),
    ] {
        let plan = stage.plan(args);
        assert_eq!((plan.code, stage.path("job").exists()), (Some(code), false), "{args:?}: {plan:?}");
    }
    assert_eq!(stage.plan(&[&ids[0], "--max", "1"]).code, Some(0));
    let again = stage.plan(&[&ids[1]]);
    assert_eq!(again.code, Some(2), "never written over: {again:?}");
    fs::remove_file(stage.path("job")).unwrap();
    stage.world().fake.fault(Fault::html(200).on(Route::List).nth(3));
    let plan = stage.plan(&["--all"]);
    assert_eq!((plan.code, stage.path("job").exists()), (Some(4), false), "{plan:?}");
    let plan = stage.go_as(Role::WriteOnly, &["plan", "tavus", "--hard", "--all", "--out", "job"]);
    assert_eq!((plan.code, stage.path("job").exists()), (Some(6), false), "{plan:?}");
}

#[test]
fn another_key_or_another_place_sends_nothing() {
    let stage = Stage::new(&[Vendor::Corti]);
    stage.world().fake.seed(5);
    assert_eq!(stage.plan(&["--all"]).code, Some(0));
    let requests = stage.requests();
    let run = stage.run_as(Role::Foreign, 5, &[]);
    assert_eq!((run.code, stage.requests()), (Some(5), requests), "{run:?}");
    assert!(run.stderr.contains("fingerprint") && run.stderr.contains("CORTI_CLIENT_ID"), "{run:?}");
    let mut command = stage.command_as(Role::Full, &["run", "job", "--yes", "--expect-count", "5"]);
    let run = run_with(&stage, command.env("CORTI_TENANT_NAME", "other"));
    assert_eq!((run.code, stage.requests()), (Some(5), requests), "{run:?}");
    assert!(run.stderr.contains("tenant"), "{run:?}");
}

fn run_with(stage: &Stage, command: &mut Command) -> Run {
    stage.world().run(command, "")
}

#[test]
fn a_changed_plan_sends_nothing() {
    let stage = Stage::new(&[Vendor::Tavus]);
    stage.world().fake.seed(5);
    assert_eq!(stage.plan(&["--all"]).code, Some(0));
    let requests = stage.requests();
    stage.sqlite("UPDATE record SET id = 'cother' WHERE record = 1");
    let run = stage.run(5, &[]);
    assert_eq!((run.code, stage.requests()), (Some(5), requests), "{run:?}");
    assert!(run.stderr.contains("hash"), "{run:?}");
    let file = stage.file("text", &["no job".to_owned()]);
    assert_eq!(stage.go(&["status", &file]).code, Some(2));
    assert_eq!(stage.go(&["run", "nonesuch"]).code, Some(2));
}

#[test]
fn without_a_terminal_the_count_must_be_known() {
    let stage = Stage::new(&[Vendor::Tavus]);
    stage.world().fake.seed(5);
    assert_eq!(stage.plan(&["--all"]).code, Some(0));
    let requests = stage.requests();
    for args in [&["run", "job"][..], &["run", "job", "--yes"], &["run", "job", "--expect-count", "5"]] {
        assert_eq!(stage.go(args).code, Some(2), "{args:?}");
    }
    let run = stage.run(4, &[]);
    assert_eq!((run.code, stage.requests()), (Some(5), requests), "{run:?}");
}

#[test]
fn the_wrong_place_stops_early() {
    let stage = Stage::new(&[Vendor::Tavus]);
    stage.world().fake.seed(1);
    let strange: Vec<String> = (0..100).map(|number| format!("c{number:012x}")).collect();
    let file = stage.file("ids.txt", &strange);
    assert_eq!(stage.plan(&["--ids-from", &file, "--allow-live"]).code, Some(0));
    let run = stage.run(100, &[]);
    assert_eq!((run.code, &summary(&run)["ending"]), (Some(5), &"nothing_found".into()), "{run:?}");
    assert!(stage.world().deletes().len() <= 24, "{}", stage.world().deletes().len());
    let run = stage.run(100, &["--absent-ok"]);
    assert_eq!((run.code, &summary(&run)["ending"]), (Some(5), &"finished".into()), "{run:?}");
    assert_eq!(stage.run(100, &["--all-absent-ok"]).code, Some(0));
}

#[test]
fn the_credential_is_checked_before_the_first_delete() {
    let stage = Stage::new(&[Vendor::ElevenLabs, Vendor::Tavus]);
    stage.worlds.iter().for_each(|world| drop(world.fake.seed(5)));
    assert_eq!(stage.plan(&["--all"]).code, Some(0));
    stage.worlds[1].fake.revoke(Role::Full);
    let run = stage.run(10, &[]);
    assert_eq!(run.code, Some(6), "{run:?}");
    assert!(run.stderr.contains("TAVUS_API_KEY"), "{run:?}");
    stage.worlds.iter().for_each(|world| assert!(world.deletes().is_empty()));
}

#[test]
fn a_vendor_that_throttles_the_check_is_waited_for() {
    for vendor in [Vendor::Tavus, Vendor::Corti, Vendor::ElevenLabs, Vendor::Fini] {
        let stage = Stage::new(&[vendor]);
        let ids = stage.world().fake.seed(3);
        assert_eq!(stage.plan(&ids.iter().map(String::as_str).collect::<Vec<_>>()).code, Some(0));
        stage.world().fake.fault(Fault::reply(429).with_header("retry-after", "3600").on(Route::List).nth(1));
        let run = stage.run(3, &["--deadline", "5s"]);
        assert_eq!((run.code, &summary(&run)["ending"]), (Some(4), &"deadline_reached".into()), "{vendor:?}: {run:?}");
        assert!(run.stderr.contains("checked before the first delete"), "{run:?}");
        assert_eq!(deleted(stage.world()), 0);
        let run = stage.run(3, &[]);
        assert_eq!((run.code, deleted(stage.world())), (Some(0), 3), "{vendor:?}: {run:?}");
    }
}
