//! What lies beside a job, and what its file keeps of lookups.

use std::fs;
use std::path::Path;
use std::time::Instant;

use conversation_delete_fake::{Fault, RetryAfter, Route, Vendor};

use crate::job::{Stage, deleted, summary};

/// Whether it is one file, which can be read where nothing can be written: bytes 18 and 19 of its header say so.
pub(crate) fn is_at_rest(job: &Path) -> bool {
    let beside = |end: &str| Path::new(&format!("{}{end}", job.display())).exists();
    fs::read(job).unwrap()[18..20] == [1, 1] && !beside("-wal") && !beside("-shm") && !beside("-journal")
}

#[test]
fn a_job_that_nobody_runs_is_one_file() {
    let stage = Stage::new(&[Vendor::Tavus]);
    stage.world().fake.seed(30);
    assert_eq!(stage.plan(&["--all"]).code, Some(0));
    assert!(is_at_rest(&stage.path("job")), "planned");
    stage.world().fake.fault(Fault::throttle(Some(RetryAfter::Seconds(60))).on(Route::Delete).nth(9));
    assert_eq!(stage.run(30, &["--deadline", "5s"]).code, Some(4));
    assert!(is_at_rest(&stage.path("job")), "stopped");
    assert_eq!(stage.run(30, &[]).code, Some(0));
    assert!(is_at_rest(&stage.path("job")), "finished");
    assert_eq!(stage.run(30, &[]).code, Some(0), "once more");
    assert!(is_at_rest(&stage.path("job")), "and again");
    assert_eq!(stage.go(&["verify", "job"]).code, Some(0));
    assert!(is_at_rest(&stage.path("job")), "looked at");
}

#[test]
fn what_is_still_there_counts_whatever_its_delete_said() {
    let stage = Stage::new(&[Vendor::ElevenLabs]);
    let ids = stage.world().fake.seed(5);
    assert_eq!(stage.plan(&["--all"]).code, Some(0));
    stage.world().fake.fault(Fault::reply(403).on(Route::Delete).for_id(&ids[2]));
    let run = stage.run(5, &["--verify", "--wait", "0"]);
    assert_eq!(run.code, Some(7), "{run:?}");
    let line = summary(&run);
    let counts = ["deleted", "failed", "verified", "still_present", "unverified"].map(|name| line[name].as_u64());
    assert_eq!(counts, [4, 1, 4, 1, 0].map(Some), "{run:?}");
    assert!(run.stderr.contains("1 record still exists after deletion"), "{run:?}");
    let exported = stage.go(&["export", "job", "--output", "json"]).lines();
    assert!(exported.iter().all(|line| line["looked_at"].as_str() >= line["settled_at"].as_str()), "{exported:?}");
    let csv = stage.go(&["export", "job", "--output", "csv"]);
    assert!(csv.stdout.lines().next().unwrap().contains(",settled_at,looked_at,source,"), "{csv:?}");
}

#[test]
fn no_second_look_is_waited_for_past_the_deadline() {
    let stage = Stage::new(&[Vendor::Tavus]);
    stage.world().fake.seed(3);
    assert_eq!(stage.plan(&["--all"]).code, Some(0));
    let begun = Instant::now();
    let run = stage.run(3, &["--recheck-after", "1h", "--deadline", "30s"]);
    assert_eq!((run.code, &summary(&run)["ending"]), (Some(4), &"deadline_reached".into()), "{run:?}");
    assert!(run.stderr.contains("which is past --deadline") && begun.elapsed().as_secs() < 25, "{run:?}");
    assert_eq!((deleted(stage.world()), summary(&run)["deleted"].as_u64()), (3, Some(3)));
}

#[test]
fn a_file_that_is_no_lock_is_not_written_over() {
    let stage = Stage::new(&[Vendor::Tavus]);
    stage.world().fake.seed(3);
    assert_eq!(stage.plan(&["--all"]).code, Some(0));
    stage.file("job.lock", &["version = 3".to_owned()]);
    let run = stage.run(3, &[]);
    assert_eq!((run.code, stage.world().deletes().len()), (Some(2), 0), "{run:?}");
    assert_eq!(fs::read_to_string(stage.path("job.lock")).unwrap(), "version = 3");
    let text = stage.file("text", &["no job".to_owned()]);
    assert_eq!(stage.go(&["run", &text, "--yes", "--expect-count", "1"]).code, Some(2));
    assert!(!stage.path("text.lock").exists());
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let stage = Stage::new(&[Vendor::Tavus]);
    stage.world().fake.seed(2);
    assert_eq!(stage.plan(&["--all"]).code, Some(0));
    assert_eq!(stage.run(2, &[]).code, Some(0));
    for entry in fs::read_dir(stage.folder.path()).unwrap() {
        let mode = entry.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    // The environment of another vendor is not needed to look.
    let mut command = crate::support::program();
    command.args(["status", "job"]).current_dir(stage.folder.path());
    assert_eq!(crate::support::run(&mut command, "").code, Some(0));
}

#[test]
fn a_name_that_sqlite_knows_otherwise_is_a_file_like_any_other() {
    let stage = Stage::new(&[Vendor::Tavus]);
    let ids = stage.world().fake.seed(1);
    for name in ["file:x.job", ":memory:", "file:job?mode=memory", "with space's.job"] {
        let plan = stage.go(&["plan", "tavus", "--hard", "--out", name, &ids[0]]);
        assert_eq!(plan.code, Some(0), "{name}: {plan:?}");
        assert!(stage.path(name).metadata().unwrap().len() > 4096, "{name}");
        let status = stage.go(&["status", name, "--output", "json"]);
        assert_eq!((status.code, &summary(&status)["targets"][0]["planned"]), (Some(0), &1.into()), "{status:?}");
    }
    let run = stage.go(&["run", "with space's.job", "--yes", "--expect-count", "1"]);
    assert!(run.code == Some(0) && run.stderr.contains(r"'with space'\''s.job'"), "{run:?}");
}
