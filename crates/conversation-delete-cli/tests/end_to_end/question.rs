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
    assert_eq!(world.go("plan", ["--hard", "--all", "--out", job]).code, Some(0));
    let no = answer(&world, "no\n", &["run", job]);
    assert_eq!((no.code, world.deletes().len()), (Some(5), 0), "{no:?}");
    for part in ["3 records", "Tavus", &world.fake.base_url(), "hard", "3 of 3 planned"] {
        assert!(no.stderr.contains(part), "{part}: {no:?}");
    }
    let yes = answer(&world, "yes\n", &["run", job]);
    assert_eq!((yes.code, world.deletes().len()), (Some(0), 3), "{yes:?}");
}
