//! The jobs in the state directory: kept if something is left to do, listed, resumed and removed.

use std::fs::File;
use std::path::PathBuf;
use std::process::Child;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use conversation_delete_fake::{Fault, RecordState, Role, Route, Vendor};
use serde_json::{Value, json};

use crate::support::{Run, World, spawn};

fn jobs(world: &World, args: &[&str]) -> Run {
    let mut command = world.command(Role::Full);
    command.arg("jobs").args(args);
    world.run(&mut command, "")
}

/// The lines of `jobs list`.
fn listed(world: &World) -> Vec<Value> {
    let run = jobs(world, &["list", "--output", "json"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    run.lines()
}

fn files(world: &World) -> Vec<PathBuf> {
    std::fs::read_dir(world.state.path()).unwrap().map(|entry| entry.unwrap().path()).collect()
}

/// Resumes the only job in the state directory.
fn resume(world: &World, count: usize, more: &[&str]) -> Run {
    let job = listed(world)[0]["job"].as_str().unwrap().to_owned();
    let mut command = world.command(Role::Full);
    command.args(["run", &job, "--yes", "--output", "json", "--expect-count", &count.to_string()]).args(more);
    world.run(&mut command, "")
}

fn deleted(world: &World, ids: &[String]) -> usize {
    ids.iter().filter(|id| world.fake.state_of(id) == Some(RecordState::Deleted)).count()
}

/// A job that a rate limit stopped at its third id.
fn stopped_world() -> (World, Vec<String>) {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(5);
    world.fake.fault(Fault::reply(429).with_header("retry-after", "3600").on(Route::Delete).nth(3));
    let args = ["--hard", "--allow-active", "--concurrency", "1"].map(str::to_owned);
    let run = world.delete(args.iter().chain(&ids));
    assert_eq!(run.code, Some(4), "{run:?}");
    run.has_summary(&[("deleted", 2), ("not_attempted", 3)]);
    let job = listed(&world)[0]["job"].as_str().unwrap().to_owned();
    assert!(run.stderr.contains(&format!("resume with: conversation-delete run {job}")), "{run:?}");
    world.fake.clear_faults();
    (world, ids)
}

#[test]
fn a_job_that_did_not_finish_is_kept_listed_and_resumed() {
    let (world, ids) = stopped_world();
    let line = &listed(&world)[0];
    assert_eq!((&line["type"], &line["state"]), (&json!("job"), &json!("stopped")), "{line}");
    assert_eq!(
        (&line["targets"][0]["deleted"], &line["targets"][0]["not_attempted"]),
        (&json!(2), &json!(3)),
        "{line}"
    );
    let text = jobs(&world, &["list"]);
    let row = text.stdout.lines().nth(1).unwrap_or_default();
    assert!(row.starts_with("stopped            3         2         0"), "{text:?}");
    assert!(row.ends_with(line["job"].as_str().unwrap()), "{text:?}");

    let run = resume(&world, 5, &[]);
    assert_eq!((run.code, deleted(&world, &ids)), (Some(0), 5), "{run:?}");
    let expected: Vec<_> = ids.iter().map(|id| (id.clone(), "deleted".to_owned())).collect();
    assert_eq!((run.outcomes(), &run.lines().last().unwrap()["job"]), (expected, &json!(null)), "{run:?}");
    assert!(files(&world).is_empty(), "it is removed as by `delete`, once each id was reported");
}

#[test]
fn the_command_that_resumes_proves_what_the_first_one_was_to_prove() {
    for verify in ["--verify", "--verify=list"] {
        let world = World::new(Vendor::ElevenLabs);
        let ids = world.fake.seed(5);
        world.fake.fault(Fault::reply(429).with_header("retry-after", "3600").on(Route::Delete).nth(3));
        let args = [verify, "--wait", "0", "--concurrency", "1"].map(str::to_owned);
        let run = world.delete(args.iter().chain(&ids));
        assert_eq!(run.code, Some(4), "{run:?}");
        let job = listed(&world)[0]["job"].as_str().unwrap().to_owned();
        assert!(run.stderr.contains(&format!("resume with: conversation-delete run {job} {verify}\n")), "{run:?}");
        world.fake.clear_faults();
        let run = resume(&world, 5, &[verify]);
        assert_eq!(run.code, Some(0), "{run:?}");
        run.has_summary(&[("deleted", 5), ("verified", 5)]);
    }
}

#[test]
fn nothing_is_listed_and_nothing_removed_where_there_is_no_job() {
    let world = World::new(Vendor::Tavus);
    assert!(listed(&world).is_empty());
    let said = jobs(&world, &["list"]).stderr;
    assert_eq!(said, format!("there is no job in {}\n", world.state.path().display()));
    let run = jobs(&world, &["prune", "--older-than", "0s", "--yes"]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""), "{run:?}");
    let mut command = world.command(Role::Full);
    command.args(["jobs", "list"]).env(crate::support::STATE_DIR, world.state.path().join("none"));
    assert_eq!(world.run(&mut command, "").code, Some(0));
}

#[test]
fn old_jobs_are_removed_with_all_their_files_and_others_stay() {
    let (world, ids) = stopped_world();
    let [job] = &*files(&world).into_iter().filter(|path| path.extension().unwrap() == "job").collect::<Vec<_>>()
    else {
        panic!("one job")
    };
    std::fs::write(world.state.path().join("notes.job"), "not a job").unwrap();
    std::fs::write(world.state.path().join("notes.txt"), "not a job").unwrap();
    let run = jobs(&world, &["prune", "--older-than", "1d", "--yes"]);
    assert!(run.code == Some(0) && job.exists(), "{run:?}");

    let long_ago = SystemTime::now() - Duration::from_secs(2 * 24 * 3600);
    File::options().write(true).open(job).unwrap().set_modified(long_ago).unwrap();
    let run = jobs(&world, &["prune", "--older-than", "1d"]);
    assert!(run.code == Some(2) && run.stderr.contains("--yes") && job.exists(), "{run:?}");
    let run = jobs(&world, &["prune", "--older-than", "1d", "--yes"]);
    assert_eq!((run.code, run.stdout), (Some(0), format!("removed {}\n", job.display())));
    let mut left: Vec<_> = files(&world).iter().map(|path| path.file_name().unwrap().to_owned()).collect();
    left.sort();
    assert_eq!(left, ["notes.job", "notes.txt"]);
    assert_eq!(deleted(&world, &ids), 2, "no record is touched");
    assert_eq!(listed(&world)[0]["state"], "unreadable");
}

/// Waits until the fake has got a delete.
fn await_delete(world: &World, child: &mut Child) {
    let end = Instant::now() + Duration::from_secs(60);
    while world.deletes().is_empty() {
        assert!(child.try_wait().unwrap().is_none() && Instant::now() < end, "no delete");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_job_that_runs_is_never_removed_and_one_that_was_killed_is_resumed() {
    for count in [1, 30] {
        let world = World::new(Vendor::Tavus);
        let ids = world.fake.seed(count);
        world.fake.fault(Fault::delay(Duration::from_secs(20)).on(Route::Delete).nth(1));
        let mut command = world.command(Role::Full);
        command.args(["delete", "tavus", "--hard", "--yes", "--allow-active", "--output", "json"]).args(&ids);
        let mut child = spawn(&mut command);
        await_delete(&world, &mut child);
        assert_eq!(listed(&world)[0]["state"], "running");
        let run = jobs(&world, &["prune", "--older-than", "0s", "--yes"]);
        assert_eq!((run.code, run.stdout.as_str()), (Some(0), ""), "{run:?}");

        child.kill().unwrap();
        child.wait().unwrap();
        world.fake.clear_faults();
        assert_eq!(listed(&world)[0]["state"], "stopped");
        let run = resume(&world, count, &["--all-absent-ok"]);
        assert_eq!((run.code, deleted(&world, &ids)), (Some(0), count), "{run:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_job_that_cannot_be_written_is_kept_in_memory_with_one_warning() {
    for count in [1, 11] {
        let world = World::new(Vendor::Tavus);
        let ids = world.fake.seed(count);
        std::fs::write(world.state.path().join("file"), "").unwrap();
        let mut command = world.command(Role::Full);
        command.env(crate::support::STATE_DIR, world.state.path().join("file/state"));
        command.args(["delete", "tavus", "--hard", "--yes", "--verify", "--output", "json"]).args(&ids);
        let run = world.run(&mut command, "");
        assert_eq!((run.code, deleted(&world, &ids)), (Some(0), count), "{run:?}");
        run.has_summary(&[("deleted", count as u64), ("verified", count as u64)]);
        assert_eq!(run.stderr.lines().count(), 1, "{run:?}");
        assert!(run.stderr.starts_with("warning: no job file can be written"), "{run:?}");
    }
}

#[cfg(unix)]
#[test]
fn the_folder_of_jobs_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;

    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(1);
    let home = world.state.path().join("home");
    std::fs::create_dir(&home).unwrap();
    let mut command = world.command(Role::Full);
    command.env_remove(crate::support::STATE_DIR).env("HOME", &home);
    command.args(["delete", "tavus", "--hard", "--yes", &ids[0]]);
    assert_eq!(world.run(&mut command, "").code, Some(0));
    let folder = home.join(".local/state/conversation-delete");
    assert_eq!(folder.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 0, "the job is removed");
}

#[cfg(unix)]
#[test]
fn every_file_of_a_job_that_runs_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt;

    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(30);
    world.fake.fault(Fault::delay(Duration::from_secs(20)).on(Route::Delete).nth(2));
    let mut command = world.command(Role::Full);
    command.args(["delete", "tavus", "--hard", "--yes", "--allow-active", "--output", "json"]).args(&ids);
    let mut child = spawn(&mut command);
    await_delete(&world, &mut child);
    let files = files(&world);
    assert!(files.len() > 1, "a job, its lock and what SQLite writes: {files:?}");
    for path in files {
        assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{path:?}");
    }
    child.kill().unwrap();
    child.wait().unwrap();
}
