//! Files of others are neither removed nor written over, and what is half written has no name.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Child;
use std::thread;

use conversation_delete_fake::{Role, Vendor};
use rustix::process::{Pid, Signal, kill_process};

use crate::job::{Stage, summary};
use crate::job_full_disk::within;
use crate::support::{Run, World, program, run, spawn};

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    names.into_iter().map(|name| name.into_string().unwrap()).collect()
}

#[test]
fn a_job_whose_lock_would_be_the_file_of_another_is_refused_before_anything_is_sent() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(2);
    let folder = world.folder.path();
    fs::write(folder.join("Cargo.lock"), "version = 4\n").unwrap();
    fs::write(folder.join("yarn.lock"), "# yarn lockfile v1\n".repeat(100)).unwrap();
    symlink("nowhere", folder.join("link.lock")).unwrap();
    symlink("Cargo.lock", folder.join("x.job.lock")).unwrap();
    fs::write(folder.join("y.job-wal"), "").unwrap();
    let before = names(folder);
    for job in ["Cargo", "yarn", "link", "x.job", "y.job"] {
        let run = world.delete(["--hard", "--job", job, &ids[0], &ids[1]]);
        assert_eq!(run.code, Some(2), "{job}: {run:?}");
        let plan = world.go("plan", ["--hard", "--out", job, &ids[0]]);
        assert_eq!(plan.code, Some(2), "{job}: {plan:?}");
        assert_eq!(names(folder), before, "{job}");
    }
    assert_eq!(fs::read(folder.join("Cargo.lock")).unwrap(), b"version = 4\n");
    assert_eq!(world.fake.stats().requests, 0);
}

#[test]
fn a_lock_that_an_earlier_job_left_is_no_hindrance() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(1);
    fs::write(world.folder.path().join("x.job.lock"), "process 1 since 2026-11-28T12:00:00Z\n").unwrap();
    assert_eq!(world.delete(["--hard", "--job", "x.job", &ids[0]]).code, Some(0));
}

#[test]
fn an_env_file_is_never_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let (precious, link, dangling) = ("precious", "link", "dangling");
    fs::write(folder.path().join(precious), "precious").unwrap();
    symlink(precious, folder.path().join(link)).unwrap();
    symlink("nowhere", folder.path().join(dangling)).unwrap();
    for name in [precious, link, dangling] {
        let run = run(program().args(["fake", "--env-file", name]).current_dir(folder.path()), "");
        assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{run:?}");
        assert!(run.stderr.contains(name), "{run:?}");
    }
    assert_eq!(names(folder.path()), [dangling, link, precious]);
    assert_eq!(fs::read(folder.path().join(precious)).unwrap(), b"precious");
}

#[test]
fn an_export_is_whole_or_not_there() {
    let stage = Stage::new(&[Vendor::Tavus]);
    let ids = stage.world().fake.seed(1200);
    let file = stage.file("ids.txt", &ids);
    assert_eq!(stage.plan(&["--ids-from", &file]).code, Some(0));
    symlink("nowhere", stage.path("link")).unwrap();
    let before = names(stage.folder.path());
    for output in ["json", "csv"] {
        for blocks in [0, 1, 64] {
            let export = ["export", "job", "--output", output, "--out", "out"];
            let run = stage.world().run(&mut within(&stage.command_as(Role::Full, &export), blocks), "");
            assert_eq!((run.code, names(stage.folder.path())), (Some(4), before.clone()), "{run:?}");
            assert!(run.stderr.contains("out cannot be written to"), "{run:?}");
        }
        for taken in ["ids.txt", "link"] {
            let run = stage.go(&["export", "job", "--output", output, "--out", taken]);
            assert_eq!((run.code, names(stage.folder.path())), (Some(2), before.clone()), "{run:?}");
        }
    }
    assert_eq!(stage.go(&["export", "job", "--output", "csv", "--out", "out"]).code, Some(0));
    assert_eq!(fs::metadata(stage.path("out")).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::read_to_string(stage.path("out")).unwrap().lines().count(), 1201);
    assert!(names(stage.folder.path()).iter().all(|name| !name.contains("partial")));
}

#[test]
fn an_ndjson_export_ends_with_the_number_of_records_of_each_outcome() {
    let stage = Stage::new(&[Vendor::Tavus]);
    let mut ids = stage.world().fake.seed(4);
    let keep = stage.file("keep.txt", &ids[3..]);
    ids.extend(["a/b".to_owned(), "absent".to_owned()]);
    let file = stage.file("ids.txt", &ids);
    assert_eq!(stage.plan(&["--ids-from", &file, "--hold", &keep]).code, Some(3));
    let planned = summary(&stage.go(&["export", "job", "--output", "json"]));
    assert_eq!((&planned["not_attempted"], &planned["held"], &planned["refused"]), (&4.into(), &1.into(), &1.into()));
    stage.run(4, &[]);
    stage.go(&["export", "job", "--output", "json"]).has_summary(&[
        ("deleted", 3),
        ("not_found", 1),
        ("refused", 1),
        ("held", 1),
    ]);
}

#[test]
fn what_an_export_guards_against_spreadsheets_is_read_again_everywhere() {
    let stage = Stage::new(&[Vendor::Tavus]);
    let ids = stage.world().fake.seed_ids(["-1e10", "-2-3", "c1"]);
    let held = stage.file("held.txt", &["-2-3".to_owned()]);
    let file = stage.file("ids.txt", &ids);
    assert_eq!(stage.plan(&["--ids-from", &file, "--hold", &held]).code, Some(0));
    assert_eq!(stage.go(&["export", "job", "--output", "csv", "--out", "out.csv"]).code, Some(0));
    let table = fs::read_to_string(stage.path("out.csv")).unwrap();
    assert!(table.contains(",'-1e10,") && table.contains(",'-2-3,"), "{table}");
    let export = stage.path("out.csv").to_str().unwrap().to_owned();
    let plan =
        stage.go(&["plan", "tavus", "--hard", "--out", "held.job", "--all", "--hold", &export, "--output", "json"]);
    assert!(plan.stdout.contains("\"planned\":0") && plan.stdout.contains("\"held\":3"), "{plan:?}");
    let verify = stage.go(&["verify", "tavus", "--ids-from", &export, "--wait", "0", "--output", "json"]);
    assert_eq!((verify.code, &summary(&verify)["present"]), (Some(7), &3.into()), "{verify:?}");
    let delete = stage.go(&["delete", "tavus", "--hard", "--yes", "--ids-from", &export, "--output", "json"]);
    assert_eq!((delete.code, &summary(&delete)["deleted"]), (Some(0), &3.into()), "{delete:?}");
}

fn interrupt(child: Child, signal: Signal) -> Run {
    kill_process(Pid::from_child(&child), signal).unwrap();
    Run::of(child.wait_with_output().unwrap())
}

#[test]
fn a_plan_that_is_interrupted_leaves_nothing() {
    for signal in [Signal::INT, Signal::TERM] {
        let folder = tempfile::tempdir().unwrap();
        let ids: String = (0..300_000).map(|number| format!("c{number}\n")).collect();
        fs::write(folder.path().join("ids"), ids).unwrap();
        let mut command = program();
        command.env("TAVUS_API_KEY", "k").current_dir(folder.path());
        let child = spawn(command.args(["plan", "tavus", "--hard", "--ids-from", "ids", "--out", "job"]));
        // It is being written from then on.
        while !folder.path().join("job").exists() {
            thread::yield_now();
        }
        let run = interrupt(child, signal);
        assert_eq!((run.code, names(folder.path())), (Some(4), vec!["ids".to_owned()]), "{run:?}");

        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut command = program();
        command.env("TAVUS_API_KEY", "k").current_dir(folder.path());
        command.env("TAVUS_BASE_URL", format!("http://{}", listener.local_addr().unwrap()));
        let child = spawn(command.args(["plan", "tavus", "--hard", "--all", "--out", "job"]));
        let _request = listener.accept().unwrap();
        let run = interrupt(child, signal);
        assert_eq!((run.code, names(folder.path())), (Some(4), vec!["ids".to_owned()]), "{run:?}");
    }
}
