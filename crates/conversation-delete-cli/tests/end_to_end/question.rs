//! What a person at a terminal is asked.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::process::Stdio;

use conversation_delete_fake::{Role, Vendor};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::support::{Run, World};

/// Answers the question at a terminal of the test's own.
pub(crate) fn answer(world: &World, text: &str, args: &[&str]) -> Run {
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&master).unwrap();
    unlockpt(&master).unwrap();
    let name = ptsname(&master, Vec::new()).unwrap();
    let terminal = OpenOptions::new().read(true).write(true).open(name.to_str().unwrap()).unwrap();
    let mut command = world.command(Role::Full);
    command.args(args).stdin(terminal).stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().unwrap();
    let mut master = File::from(master);
    master.write_all(text.as_bytes()).unwrap();
    let run = Run::of(child.wait_with_output().unwrap());
    drop(master);
    run
}

#[test]
fn yes_goes_on() {
    let world = World::new(Vendor::Corti);
    let ids = world.fake.seed(2);
    let run = answer(&world, "yes\n", &["delete", "corti", &ids[0], &ids[1]]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(world.deletes().len(), 2);
    for part in ["2 records at Corti", "CORTI_ENVIRONMENT", "CORTI_TENANT_NAME", &world.fake.base_url()] {
        assert!(run.stderr.contains(part), "{part}: {run:?}");
    }
    for part in ["key fingerprint", &ids.join(", "), "A deleted record cannot be restored."] {
        assert!(run.stderr.contains(part), "{part}: {run:?}");
    }
}

#[test]
fn everything_else_sends_nothing() {
    for text in ["y\n", "YES\n", "no\n", "\n", "\u{4}"] {
        let world = World::new(Vendor::Tavus);
        let ids = world.fake.seed(1);
        let run = answer(&world, text, &["delete", "tavus", "--soft", &ids[0]]);
        assert_eq!(run.code, Some(5), "{text:?}: {run:?}");
        assert_eq!(world.fake.stats().requests, 0);
        assert!(run.stderr.contains("mode") && run.stderr.contains("soft"), "{run:?}");
        assert!(run.stderr.contains("not an erasure") && !run.stderr.contains("cannot be restored"), "{run:?}");
    }
}

#[test]
fn a_bad_configuration_is_told_before_anything_is_asked() {
    let world = World::new(Vendor::Tavus);
    let run = answer(&world, "yes\n", &["delete", "fini", "00000000-0000-4000-8000-00000000dead"]);
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stderr.contains("FINI_API_KEY") && !run.stderr.contains("About to delete"), "{run:?}");
}

#[test]
fn a_job_says_where_and_how_many_before_it_asks() {
    let world = World::new(Vendor::Tavus);
    world.fake.seed(3);
    let folder = tempfile::TempDir::new().unwrap();
    let job = folder.path().join("job");
    let job = job.to_str().unwrap();
    assert_eq!(world.go("plan", ["--hard", "--until", "2099-01-01", "--out", job]).code, Some(0));
    let no = answer(&world, "no\n", &["run", job]);
    assert_eq!((no.code, world.deletes().len()), (Some(5), 0), "{no:?}");
    for part in ["3 records", "Tavus", &world.fake.base_url(), "hard", "3 of 3 planned", "first ids"] {
        assert!(no.stderr.contains(part), "{part}: {no:?}");
    }
    assert!(
        no.stderr.contains("created before     2099-01-01T00:00:00Z") && no.stderr.contains("irrevocable"),
        "{no:?}"
    );
    let yes = answer(&world, "yes\n", &["run", job]);
    assert_eq!((yes.code, world.deletes().len()), (Some(0), 3), "{yes:?}");
}

#[test]
fn the_question_names_three_ids_and_what_is_left_out() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(5);
    let file = |name: &str, text: &str| {
        std::fs::write(world.folder.path().join(name), text).unwrap();
        name.to_owned()
    };
    let (all, hold) = (file("ids", &format!("{}\na/b\n", ids.join("\n"))), file("hold", &ids[0]));
    let run = answer(&world, "no\n", &["delete", "tavus", "--hard", "--ids-from", &all, "--hold", &hold]);
    assert_eq!(run.code, Some(5), "{run:?}");
    for part in [
        "4 records at Tavus",
        &format!("{}, …", ids[1..4].join(", ")),
        "held, not deleted  1",
        "refused, not sent  1",
        "This is irrevocable.",
    ] {
        assert!(run.stderr.contains(part), "{part}: {run:?}");
    }
}

#[test]
fn the_question_reaches_the_terminal_if_stderr_goes_elsewhere() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(1);
    let (mut master, terminal) = crate::signals::terminal();
    let mut command = std::process::Command::new("setsid");
    command.args(["--ctty", "--wait", env!("CARGO_BIN_EXE_conversation-delete"), "delete", "tavus", "--hard", &ids[0]]);
    command.env_clear().envs(world.fake.env_as(Role::Full)).env(crate::support::STATE_DIR, world.state.path());
    command.env("PATH", "/usr/bin:/bin").stdin(terminal).stdout(Stdio::piped()).stderr(Stdio::piped());
    let Ok(child) = command.spawn() else {
        println!("there is no setsid");
        return;
    };
    master.write_all(b"yes\n").unwrap();
    let mut shown = String::new();
    let mut buffer = [0; 1024];
    while !shown.contains("to go on: ") {
        let length = std::io::Read::read(&mut master, &mut buffer).unwrap();
        shown.push_str(&String::from_utf8_lossy(&buffer[..length]));
    }
    let run = Run::of(child.wait_with_output().unwrap());
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(shown.contains("1 record at Tavus") && shown.contains(&ids[0]), "{shown}");
}
