//! Credentials from files and commands.

use std::fs;
use std::io::BufReader;
use std::process::Command;
use std::time::{Duration, Instant};

use conversation_delete_fake::{Role, Vendor};
use rustix::process::Signal;
use serde_json::Value;

use crate::interrupt::{await_notice, send};
use crate::support::{Run, World, spawn};

/// The program with every variable of the fake in a file, and no variable but the names of the files.
fn from_files(world: &World, line_end: &str) -> Command {
    let mut command = world.command(Role::Full);
    for (name, value) in world.fake.env() {
        let path = world.folder.path().join(&name);
        fs::write(&path, value + line_end).unwrap();
        command.env_remove(&name).env(format!("{name}_FILE"), path);
    }
    command
}

#[test]
fn every_variable_can_be_in_a_file() {
    for &vendor in Vendor::ALL {
        for line_end in ["", "\n", "\r\n"] {
            let world = World::new(vendor);
            let ids = world.fake.seed(1);
            let mut command = from_files(&world, line_end);
            command.args(["delete", vendor.as_str(), "--yes", "--output", "json", &ids[0]]).args(world.mode());
            let run = world.run(&mut command, "");
            assert_eq!((run.code, world.deletes().len()), (Some(0), 1), "{vendor:?} {line_end:?}: {run:?}");
        }
    }
}

#[test]
fn a_plan_made_with_variables_is_run_with_files() {
    let world = World::new(Vendor::Corti);
    world.fake.seed(3);
    assert_eq!(world.go("plan", ["--all", "--out", "job"]).code, Some(0));
    let mut command = from_files(&world, "\n");
    let run = world.run(command.args(["run", "job", "--yes", "--expect-count", "3"]), "");
    assert_eq!((run.code, world.deletes().len()), (Some(0), 3), "{run:?}");
}

/// `check` where the key is in a file with this content.
fn check_with_key(world: &World, content: &[u8]) -> Run {
    let path = world.folder.path().join("key");
    fs::write(&path, content).unwrap();
    let mut command = world.command(Role::Full);
    command.env_remove("TAVUS_API_KEY").env("TAVUS_API_KEY_FILE", path).args(["check", "tavus"]);
    world.run(&mut command, "")
}

#[test]
fn a_file_that_holds_no_key_is_named_and_not_shown() {
    let world = World::new(Vendor::Tavus);
    let large = [b'k'; 64 * 1024 + 1];
    let table: [(&[u8], &str); 8] = [
        (b"", "is empty"),
        (b"\n", "is empty"),
        (b"hidden\n\n", "more than one line"),
        (b"hidden\nhidden\n", "more than one line"),
        (b"hidden\rhidden", "more than one line"),
        (b"hidden\0", "NUL"),
        (b"hidden\xff", "not UTF-8"),
        (&large, "larger than 64 KiB"),
    ];
    for (content, reason) in table {
        let run = check_with_key(&world, content);
        let names = ["TAVUS_API_KEY_FILE", "/key", reason].iter().all(|part| run.stderr.contains(part));
        assert!(run.code == Some(2) && names, "{reason}: {run:?}");
        assert!(!run.stderr.contains("hidden") && !run.stderr.contains("kkkk"), "{run:?}");
    }
    let mut command = world.command(Role::Full);
    command.env_remove("TAVUS_API_KEY").env("TAVUS_API_KEY_FILE", "/does/not/exist").args(["check", "tavus"]);
    let run = world.run(&mut command, "");
    assert!(run.code == Some(2) && run.stderr.contains("/does/not/exist"), "{run:?}");
    assert_eq!(world.fake.stats().requests, 0);
}

#[test]
fn a_variable_and_its_file_are_not_both_taken() {
    for (variable, value) in [("CORTI_CLIENT_SECRET_FILE", "/x"), ("CORTI_BASE_URL_FILE", "/x")] {
        let world = World::new(Vendor::Corti);
        let mut command = world.command(Role::Full);
        let run = world.run(command.env(variable, value).args(["check", "corti"]), "");
        let name = variable.trim_end_matches("_FILE");
        assert!(run.code == Some(2) && run.stderr.contains(&format!("{name} and {variable} are both set")), "{run:?}");
    }
}

/// The program with this command for tokens instead of the client's secret.
fn with_token_command(world: &World, line: &str) -> Command {
    let mut command = world.command(Role::Full);
    // Without a PATH, `sh` and `cat` are where every system has them.
    command.env("PATH", "/usr/bin:/bin").env_remove("CORTI_CLIENT_ID").env_remove("CORTI_CLIENT_SECRET");
    command.env_remove("CORTI_AUTH_URL").env("CORTI_ACCESS_TOKEN_COMMAND", line);
    command
}

#[test]
fn a_command_prints_the_token_and_is_run_again_after_a_401() {
    let world = World::new(Vendor::Corti);
    let ids = world.fake.seed(1);
    fs::write(world.folder.path().join("token"), world.fake.key(Role::Full) + "\n").unwrap();
    // The first token is worthless.
    let line = "echo run >> runs; echo renewing >&2; if [ -e old ]; then cat token; else touch old; echo wrong; fi";
    let mut command = with_token_command(&world, line);
    let run = world.run(command.args(["delete", "corti", "--yes", "--output", "json", &ids[0]]), "");
    assert_eq!((run.code, world.deletes().is_empty()), (Some(0), false), "{run:?}");
    assert!(run.stderr.contains("renewing"), "the stderr of the command is ours: {run:?}");
    assert!(world.fake.requests().iter().all(|request| request.method() != "POST"), "no token is fetched");
}

#[test]
fn a_token_that_is_good_costs_one_run_of_the_command() {
    let world = World::new(Vendor::Corti);
    world.fake.seed(3);
    fs::write(world.folder.path().join("token"), world.fake.key(Role::Full)).unwrap();
    let line = "echo run >> runs; cat token";
    let plan = world.run(with_token_command(&world, line).args(["plan", "corti", "--all", "--out", "job"]), "");
    assert_eq!(plan.code, Some(0), "{plan:?}");
    let args = ["run", "job", "--yes", "--expect-count", "3"];
    let run = world.run(with_token_command(&world, line).args(args), "");
    assert_eq!((run.code, world.deletes().len()), (Some(0), 3), "{run:?}");
    assert_eq!(fs::read_to_string(world.folder.path().join("runs")).unwrap(), "run\nrun\n", "once for each command");
}

#[test]
fn what_a_command_says_is_a_line_of_the_log() {
    let world = World::new(Vendor::Corti);
    fs::write(world.folder.path().join("token"), world.fake.key(Role::Full)).unwrap();
    let line = "echo renewing >&2; printf 'half a line' >&2; cat token";
    let run = world.run(with_token_command(&world, line).args(["check", "corti", "--log-format", "json"]), "");
    let lines: Vec<Value> = run.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let says = |text: &str| lines.iter().any(|line| line["message"] == text);
    assert!(run.code == Some(0) && says("renewing") && says("half a line"), "{run:?}");
}

#[test]
fn a_signal_ends_a_run_that_waits_for_a_command() {
    let world = World::new(Vendor::Corti);
    let ids = world.fake.seed(1);
    let line = "if [ -e old ]; then echo renewing >&2; exec sleep 60; else touch old; echo wrong; fi";
    let begun = Instant::now();
    let mut command = with_token_command(&world, line);
    let mut child = spawn(command.args(["delete", "corti", "--yes", "--output", "json", &ids[0]]));
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    await_notice(&mut stderr, "renewing");
    send(&child, Signal::TERM);
    let run = Run::of(child.wait_with_output().unwrap());
    assert_eq!(run.code, Some(4), "{run:?}");
    assert_eq!(run.outcomes(), [(ids[0].clone(), "not_attempted".to_owned())], "{run:?}");
    assert!(begun.elapsed() < Duration::from_secs(25), "it was not waited for");
}

#[test]
fn a_signal_is_not_a_mistake_of_the_command_that_it_ends() {
    let world = World::new(Vendor::Corti);
    let mut command = with_token_command(&world, "echo renewing >&2; exec sleep 60");
    let mut child = spawn(command.args(["check", "corti", "--output", "json"]));
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    await_notice(&mut stderr, "renewing");
    send(&child, Signal::TERM);
    let run = Run::of(child.wait_with_output().unwrap());
    assert_eq!((run.code, world.fake.stats().requests), (Some(4), 0), "{run:?}");
}

#[test]
fn a_command_that_fails_sends_nothing() {
    let world = World::new(Vendor::Corti);
    let table = [
        ("echo hidden; exit 7", "exit status: 7"),
        ("true", "is empty"),
        ("printf 'hidden\\nhidden'", "more than one line"),
        ("  ", "the command is empty"),
        ("echo hidden name", "white space"),
    ];
    for (line, reason) in table {
        let run = world.run(with_token_command(&world, line).args(["check", "corti"]), "");
        assert!(run.code == Some(2) && run.stderr.contains(reason), "{line}: {run:?}");
        assert!(run.stderr.contains("CORTI_ACCESS_TOKEN_COMMAND") && !run.stderr.contains("hidden"), "{line}: {run:?}");
    }
    let run =
        world.run(with_token_command(&world, "true").env("CORTI_CLIENT_SECRET", "s").args(["check", "corti"]), "");
    assert!(run.code == Some(2) && run.stderr.contains("both set"), "{run:?}");
    assert_eq!(world.fake.stats().requests, 0);
}
