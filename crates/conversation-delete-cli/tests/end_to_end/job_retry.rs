//! What has failed stays as it is until it is tried again, and then it is kept.

use std::fs;

use conversation_delete_fake::{Fault, Role, Route, Vendor};

use crate::job::{Stage, summary};
use crate::support::Run;

/// A job of which one record has failed.
fn failed(vendor: Vendor) -> Stage {
    let stage = Stage::new(&[vendor]);
    stage.world().fake.seed(3);
    assert_eq!(stage.plan(&["--all"]).code, Some(0));
    stage.world().fake.fault(Fault::reply(403).on(Route::Delete).nth(2));
    let run = stage.run(3, &[]);
    assert_eq!((run.code, &summary(&run)["failed"]), (Some(3), &1.into()), "{run:?}");
    stage
}

fn export(stage: &Stage) -> Run {
    stage.go(&["export", "job", "--output", "json"])
}

#[test]
fn a_run_that_is_refused_leaves_every_failure_as_it_was() {
    let stage = failed(Vendor::Tavus);
    let (before, file) = (export(&stage).stdout_without_times(), fs::read(stage.path("job")).unwrap());
    let status = stage.go(&["status", "job", "--output", "json"]).stdout_without_times();
    let retry = |role, args: &[&str]| stage.go_as(role, &[&["run", "job", "--retry-failed"], args].concat());
    let yes = ["--yes", "--expect-count", "3"];
    let hash = "0".repeat(64);
    for (case, run, code) in [
        ("nobody to ask", retry(Role::Full, &[]), 2),
        ("another count", retry(Role::Full, &["--yes", "--expect-count", "4"]), 5),
        ("another hash", retry(Role::Full, &[&yes[..], &["--expect-hash", &hash]].concat()), 5),
        ("another key", retry(Role::Foreign, &yes), 5),
        ("a key that shows nothing", retry(Role::Foreign, &[&yes[..], &["--accept-credential"]].concat()), 5),
    ] {
        assert_eq!(run.code, Some(code), "{case}: {run:?}");
        assert_eq!(export(&stage).stdout_without_times(), before, "{case}");
        assert!(fs::read(stage.path("job")).unwrap() == file, "{case}: not a byte is changed");
    }
    for status in [401, 503] {
        stage.world().fake.fault(Fault::reply(status).on(Route::List));
        let run = retry(Role::Full, &yes);
        assert!(matches!(run.code, Some(4 | 6)), "{status}: {run:?}");
        assert_eq!(export(&stage).stdout_without_times(), before, "{status}");
        stage.world().fake.clear_faults();
    }
    assert_eq!(stage.go(&["status", "job", "--output", "json"]).stdout_without_times(), status);
}

#[test]
fn a_failure_that_is_tried_again_is_kept_in_the_job() {
    let stage = failed(Vendor::ElevenLabs);
    let run = stage.run(3, &["--retry-failed"]);
    assert_eq!((run.code, &summary(&run)["deleted"]), (Some(0), &3.into()), "{run:?}");
    assert!(run.stderr.contains("open again: 1 id that failed"), "{run:?}");
    let connection = rusqlite::Connection::open(stage.path("job")).unwrap();
    let query = "SELECT status, run, error_kind IS NOT NULL, message IS NOT NULL FROM attempt";
    let kept: (u16, i64, bool, bool) =
        connection.query_row(query, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).unwrap();
    assert_eq!(kept, (403, 1, true, true));
}

#[test]
fn a_finished_job_of_another_size_than_expected_is_refused_like_an_unfinished_one() {
    let stage = Stage::new(&[Vendor::Tavus]);
    stage.world().fake.seed(2);
    assert_eq!(stage.plan(&["--all", "--allow-live"]).code, Some(0));
    let expect_three = |stage: &Stage| stage.run(3, &[]).code;
    assert_eq!(expect_three(&stage), Some(5), "not begun");
    assert_eq!(stage.run(2, &[]).code, Some(0));
    assert_eq!((expect_three(&stage), stage.run(2, &[]).code), (Some(5), Some(0)), "finished");
}
