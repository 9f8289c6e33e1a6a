//! Jobs whose files are removed, moved, replaced, linked, mounted or copied in part.

use std::fs;
use std::path::Path;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use conversation_delete_fake::{Fault, Route, Vendor};
use serde_json::Value;

use crate::job::{Stage, deleted, summary};
use crate::support::{Run, spawn};

const COUNT: usize = 500;

/// A fake that takes its time, so that there is a middle in which something happens.
fn slow_stage(vendor: Vendor) -> (Stage, String) {
    let stage = Stage::new(&[vendor]);
    let ids = stage.world().fake.seed(COUNT);
    stage.world().fake.fault(Fault::delay(Duration::from_millis(4)).on(Route::Delete));
    let file = stage.file("ids.txt", &ids);
    (stage, file)
}

fn planned_stage(vendor: Vendor) -> Stage {
    let (stage, file) = slow_stage(vendor);
    assert_eq!(stage.plan(&["--ids-from", &file, "--allow-live"]).code, Some(0));
    stage
}

/// Waits until the fake has seen some deletes of this program.
fn await_deletes(stage: &Stage, child: &mut Child, count: usize) {
    let end = Instant::now() + Duration::from_secs(60);
    while stage.world().deletes().len() < count {
        assert!(child.try_wait().unwrap().is_none() && Instant::now() < end, "no deletes");
        thread::sleep(Duration::from_millis(1));
    }
}

fn run_until(stage: &Stage, command: &mut Command, harm: fn(&Path)) -> Run {
    let mut child = spawn(command);
    await_deletes(stage, &mut child, 40);
    harm(&stage.path("job"));
    Run::of(child.wait_with_output().unwrap())
}

fn beside(job: &Path, end: &str) -> String {
    format!("{}{end}", job.display())
}

type Harm = fn(&Path);

const HARMS: [(&str, Harm); 5] = [
    ("removed", |job| fs::remove_file(job).unwrap()),
    ("all removed", |job| {
        ["", "-wal", "-shm", ".lock"].iter().for_each(|end| fs::remove_file(beside(job, end)).unwrap())
    }),
    ("moved", |job| fs::rename(job, beside(job, ".moved")).unwrap()),
    ("replaced", |job| {
        fs::write(beside(job, ".new"), "another file").unwrap();
        fs::rename(beside(job, ".new"), job).unwrap();
    }),
    ("lock removed", |job| fs::remove_file(beside(job, ".lock")).unwrap()),
];

/// What is in the summary is what the fake knows, and nothing was sent after the file was lost.
fn check_account(case: &str, stage: &Stage, run: &Run) {
    assert_eq!(run.code, Some(4), "{case}: {run:?}");
    let done = deleted(stage.world());
    assert!((40..COUNT).contains(&done), "{case}: {done}");
    let line = summary(run);
    let counts = ["deleted", "not_attempted", "failed"].map(|name| line[name].as_u64().unwrap() as usize);
    assert_eq!(counts, [done, COUNT - done, 0], "{case}: {run:?}");
    let last = run.stderr.lines().last().unwrap();
    assert!(last.contains("was removed, moved or replaced while the job was run"), "{case}: {run:?}");
    assert!(last.contains("no more was sent"), "{case}: {run:?}");
}

#[test]
fn a_run_that_loses_its_file_or_lock_ends_with_a_true_summary() {
    for (case, harm) in HARMS {
        let stage = planned_stage(Vendor::Tavus);
        let run = run_until(&stage, &mut stage.run_command(COUNT, &[]), harm);
        check_account(case, &stage, &run);
        assert_eq!(summary(&run)["ending"], "file_lost", "{case}: {run:?}");
    }
}

#[test]
fn a_delete_that_loses_its_file_or_lock_reports_every_id_as_it_is() {
    for (case, harm) in HARMS {
        let (stage, file) = slow_stage(Vendor::ElevenLabs);
        let delete = ["delete", "elevenlabs", "--yes", "--allow-live", "--ids-from", &file, "--job", "job"];
        let mut command =
            stage.command_as(conversation_delete_fake::Role::Full, &[&delete[..], &["--output", "json"]].concat());
        let run = run_until(&stage, &mut command, harm);
        check_account(case, &stage, &run);
        let mut seen = 0;
        for (id, outcome) in run.outcomes() {
            let is_deleted = stage.world().fake.state_of(&id) == Some(conversation_delete_fake::RecordState::Deleted);
            assert_eq!(outcome, if is_deleted { "deleted" } else { "not_attempted" }, "{case}: {id}");
            seen += 1;
        }
        assert_eq!(seen, COUNT, "{case}");
    }
}

/// The text says it too.
#[test]
fn a_lost_job_is_told_in_words() {
    let stage = planned_stage(Vendor::Tavus);
    let count = COUNT.to_string();
    let run = ["run", "job", "--yes", "--expect-count", &count];
    let mut command = stage.command_as(conversation_delete_fake::Role::Full, &run);
    let run = run_until(&stage, &mut command, |job| fs::remove_file(job).unwrap());
    assert_eq!(run.code, Some(4), "{run:?}");
    assert!(run.stdout.contains(&format!("{:>9}", deleted(stage.world()))), "{run:?}");
}

#[test]
fn a_second_run_is_refused_although_the_lock_was_removed_or_the_job_has_another_name() {
    let stage = planned_stage(Vendor::Tavus);
    let mut first = spawn(&mut stage.run_command(COUNT, &[]));
    await_deletes(&stage, &mut first, 10);
    fs::hard_link(stage.path("job"), stage.path("link")).unwrap();
    let count = COUNT.to_string();
    let second = stage.go(&["run", "link", "--yes", "--expect-count", &count]);
    assert_eq!(second.code, Some(4), "{second:?}");
    assert!(second.stderr.contains("2 names (hard links)"), "{second:?}");
    fs::remove_file(stage.path("link")).unwrap();
    let first = Run::of(first.wait_with_output().unwrap());
    assert_eq!((first.code, deleted(stage.world())), (Some(0), COUNT), "{first:?}");
    assert_eq!(stage.world().deletes().len(), COUNT, "none is sent twice");
}

/// Removes the log as a copy without it would.
fn killed_without_log(vendor: Vendor) -> (Stage, usize) {
    let stage = planned_stage(vendor);
    let mut child = spawn(&mut stage.run_command(COUNT, &[]));
    await_deletes(&stage, &mut child, 300);
    child.kill().unwrap();
    child.wait().unwrap();
    fs::remove_file(beside(&stage.path("job"), "-wal")).unwrap();
    fs::remove_file(beside(&stage.path("job"), "-shm")).unwrap();
    let done = deleted(stage.world());
    (stage, done)
}

fn number(line: &Value, name: &str) -> usize {
    line[name].as_u64().unwrap() as usize
}

#[test]
fn a_job_without_its_log_is_not_counted_as_if_all_were_known() {
    let (stage, _) = killed_without_log(Vendor::Tavus);
    let bytes = fs::read(stage.path("job")).unwrap();
    let status = stage.go(&["status", "job", "--output", "json"]);
    assert_eq!((status.code, &summary(&status)["outcomes_may_be_missing"]), (Some(3), &true.into()), "{status:?}");
    let line = &summary(&status)["targets"][0];
    assert_eq!((number(line, "not_attempted"), number(line, "in_doubt")), (0, COUNT), "{status:?}");
    assert!(status.stderr.contains("outcomes may be missing"), "{status:?}");
    let status = stage.go(&["status", "job"]);
    assert!(
        !status.stdout.contains("not attempted") && status.stdout.contains("outcomes may be missing"),
        "{status:?}"
    );
    for (format, open) in [("json", r#""outcome":"not_attempted""#), ("csv", "not_attempted")] {
        let export = stage.go(&["export", "job", "--output", format]);
        assert_eq!((export.code, export.stdout.contains(open)), (Some(3), false), "{format}");
        assert_eq!(export.stdout.matches("its outcome may be missing").count(), COUNT, "{format}");
        assert!(export.stderr.contains("outcomes may be missing"), "{export:?}");
    }
    assert_eq!(fs::read(stage.path("job")).unwrap(), bytes, "whoever reads it changes nothing");
    assert!(!Path::new(&beside(&stage.path("job"), "-wal")).exists());
}

#[test]
fn a_job_without_its_log_is_run_as_if_every_record_may_be_deleted() {
    for vendor in [Vendor::Tavus, Vendor::Corti, Vendor::ElevenLabs] {
        let (stage, done) = killed_without_log(vendor);
        let run = stage.run(COUNT, &[]);
        assert_eq!(run.code, Some(0), "{vendor:?}: {run:?}");
        assert!(run.stderr.contains("outcomes of earlier runs were lost"), "{run:?}");
        let line = summary(&run);
        assert_eq!((number(&line, "gone"), number(&line, "deleted")), (done, COUNT - done), "{vendor:?}: {run:?}");
        let status = stage.go(&["status", "job", "--output", "json"]);
        assert_eq!((status.code, &summary(&status)["outcomes_may_be_missing"]), (Some(0), &false.into()), "{status:?}");
    }
}

/// What `verify` writes into the file, and what it does not, hides nothing of it either.
#[test]
fn a_job_without_its_log_stays_in_doubt_until_it_is_run() {
    let (stage, _) = killed_without_log(Vendor::Tavus);
    assert_eq!(stage.go(&["verify", "job"]).code, Some(0));
    let status = stage.go(&["status", "job", "--output", "json"]);
    assert_eq!((status.code, &summary(&status)["outcomes_may_be_missing"]), (Some(3), &true.into()), "{status:?}");
    assert_eq!(number(&summary(&status)["targets"][0], "in_doubt"), COUNT, "{status:?}");
}

/// A folder in which no shared memory can be made, as on some network file systems.
#[test]
fn storage_that_fails_as_a_run_begins_sends_nothing_and_leaves_nothing() {
    let (stage, file) = slow_stage(Vendor::Tavus);
    assert_eq!(stage.plan(&["--ids-from", &file, "--allow-live"]).code, Some(0));
    std::os::unix::fs::symlink("nowhere", stage.path("job-shm")).unwrap();
    let run = stage.run(COUNT, &[]);
    assert_eq!((run.code, stage.world().deletes().len()), (Some(2), 0), "{run:?}");
    assert!(run.stderr.contains("SQLite error 14") && run.stderr.contains("nothing was sent"), "{run:?}");
    fs::remove_file(stage.path("job-shm")).unwrap();
    let status = stage.go(&["status", "job", "--output", "json"]);
    assert_eq!(number(&summary(&status)["targets"][0], "not_attempted"), COUNT, "{status:?}");
    assert_eq!(stage.run(COUNT, &[]).code, Some(0));
}

/// What SQLite would put beside the job belongs to somebody else.
#[test]
fn a_name_that_the_job_would_need_and_another_file_has_is_found_before_anything_is_sent() {
    let (stage, file) = slow_stage(Vendor::Tavus);
    let delete = ["delete", "tavus", "--hard", "--yes", "--allow-live", "--ids-from", &file, "--job", "job"];
    for suffix in ["-shm", "-wal", "-journal", ".lock"] {
        let taken = beside(&stage.path("job"), suffix);
        std::os::unix::fs::symlink("nowhere", &taken).unwrap();
        for format in ["json", "text"] {
            let run = stage.go(&[&delete[..], &["--output", format]].concat());
            assert_eq!((run.code, stage.path("job").exists()), (Some(2), false), "{run:?}");
            assert!(run.stderr.contains(suffix) && run.stderr.contains("--job"), "{run:?}");
            let word = if format == "json" { r#""outcome":"not_attempted""# } else { "not attempted" };
            assert!(run.stdout.matches(word).count() >= COUNT, "{format}: {run:?}");
        }
        assert!(fs::symlink_metadata(&taken).is_ok() && stage.world().deletes().is_empty(), "{suffix}");
        fs::remove_file(&taken).unwrap();
    }
}

/// `unshare` gives the program a view of the files in which the job is mounted on itself, as a container would.
#[cfg(target_os = "linux")]
#[test]
fn a_job_that_is_a_mount_point_of_its_own_is_not_run() {
    let stage = planned_stage(Vendor::Tavus);
    let within = |command: &Command, mount: &str| {
        let mut outer = Command::new("unshare");
        outer.args([
            "--user",
            "--map-root-user",
            "--mount",
            "/bin/sh",
            "-c",
            &format!(r#"{mount} && exec "$@""#),
            "sh",
        ]);
        outer.arg(command.get_program()).args(command.get_args());
        let envs = command.get_envs().filter_map(|(name, value)| Some((name, value?)));
        outer.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").envs(envs);
        outer.current_dir(command.get_current_dir().unwrap());
        outer
    };
    let can_mount =
        within(&stage.command_as(conversation_delete_fake::Role::Full, &["--version"]), "mount --bind job job")
            .output();
    if !can_mount.is_ok_and(|output| output.status.success()) {
        println!("not tested: this system lets nobody mount a file");
        return;
    }
    let run = stage.world().run(&mut within(&stage.run_command(COUNT, &[]), "mount --bind job job"), "");
    assert_eq!((run.code, stage.world().deletes().len()), (Some(2), 0), "{run:?}");
    assert!(run.stderr.contains("mount the folder instead"), "{run:?}");
    let run = stage.world().run(&mut within(&stage.run_command(COUNT, &[]), "mount --bind . ."), "");
    assert_eq!(run.code, Some(0), "{run:?}");
}
