//! A job whose file or lock is removed, moved, replaced or taken over while it is run: no second run, and a true account.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use conversation_delete_job::{
    EntryReport, Follower, Job, JobError, JobErrorKind, RecordOutcome, RunOptions, Status, StopHandle,
};

use crate::stage::{Act, Stage};

const COUNT: usize = 3000;
const WHEN: usize = 100;

type Harm = fn(&Path);

fn beside(path: &Path, end: &str) -> PathBuf {
    format!("{}{end}", path.display()).into()
}

/// A run during which this happens to its files, and how it ended.
async fn run_while(harm: Harm) -> (Stage, Follower, JobError) {
    let path: Arc<OnceLock<PathBuf>> = Arc::default();
    let known = Arc::clone(&path);
    let stage = Stage::new(move |state, _| {
        if state.heard.len() == WHEN {
            harm(known.get().unwrap());
        }
        Act::Right
    });
    let stage = stage.taking(Duration::from_millis(5)).with_concurrency(8);
    path.set(stage.path()).unwrap();
    stage.plan(COUNT);
    let follower = Follower::open(stage.path()).unwrap();
    let error = stage.try_run(&RunOptions::default(), &StopHandle::default()).await.unwrap_err();
    (stage, follower, error)
}

fn count(status: &Status, outcome: &str) -> usize {
    status.targets[0].outcomes.get(RecordOutcome::parse(outcome).unwrap()) as usize
}

/// What was in flight is known, nothing more was sent, and every record is reported as it is.
fn check_account(case: &str, stage: &Stage, mut follower: Follower, error: &JobError) {
    assert!(error.has_begun(), "{case}");
    let heard = stage.heard();
    assert!((WHEN..COUNT).contains(&heard), "{case}: {heard}");
    let status = error.status().unwrap();
    let doubt = status.targets[0].in_doubt;
    assert_eq!((count(status, "deleted"), count(status, "not_attempted"), doubt), (heard, COUNT - heard, 0), "{case}");
    follower.follow_lost(error);
    let mut outcomes = BTreeMap::<&str, usize>::new();
    let state = stage.state.lock().unwrap();
    for entry in follower.rest(COUNT).unwrap() {
        let EntryReport::Record(report) = entry else { panic!("{case}: {entry:?}") };
        let expected = if state.removed.contains(&report.id) { "deleted" } else { "not_attempted" };
        assert_eq!(report.outcome.as_str(), expected, "{case}: {report:?}");
        *outcomes.entry(report.outcome.as_str()).or_default() += 1;
    }
    assert_eq!((outcomes["deleted"], outcomes["not_attempted"]), (heard, COUNT - heard), "{case}");
}

#[cfg(unix)]
#[tokio::test]
async fn a_run_that_loses_its_file_or_lock_stops_and_knows_what_it_did() {
    let harms: [(&str, Harm); 6] = [
        ("removed", |path| fs::remove_file(path).unwrap()),
        ("removed with all beside it", |path| {
            for end in ["", "-wal", "-shm", ".lock"] {
                fs::remove_file(beside(path, end)).unwrap();
            }
        }),
        ("moved", |path| fs::rename(path, beside(path, ".moved")).unwrap()),
        ("replaced", |path| {
            fs::write(beside(path, ".new"), "another file").unwrap();
            fs::rename(beside(path, ".new"), path).unwrap();
        }),
        ("lock removed", |path| fs::remove_file(beside(path, ".lock")).unwrap()),
        ("lock replaced", |path| {
            fs::write(beside(path, ".new"), "").unwrap();
            fs::rename(beside(path, ".new"), beside(path, ".lock")).unwrap();
        }),
    ];
    for (case, harm) in harms {
        let (stage, follower, error) = run_while(harm).await;
        assert_eq!(error.kind(), JobErrorKind::Lost, "{case}: {error}");
        check_account(case, &stage, follower, &error);
        drop(error);
        if case == "replaced" {
            assert_eq!(fs::read_to_string(stage.path()).unwrap(), "another file");
        }
        for end in ["-wal", "-shm"] {
            assert!(!beside(&stage.path(), end).exists(), "{case}: the {end} of the lost file is left");
        }
    }
}

#[tokio::test]
async fn a_run_that_is_taken_over_stops_and_knows_what_it_did() {
    let (stage, follower, error) = run_while(|path| {
        let connection = rusqlite::Connection::open(path).unwrap();
        connection.execute("INSERT INTO run (program, process, started_at) VALUES ('another', 1, '')", []).unwrap();
    })
    .await;
    assert_eq!(error.kind(), JobErrorKind::TakenOver, "{error}");
    let status = error.status().unwrap();
    assert_eq!(count(status, "deleted"), stage.heard());
    drop(follower);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_lock_file_that_is_removed_lets_no_second_run_in() {
    let (stage, _, error) = run_while(|path| {
        fs::remove_file(beside(path, ".lock")).unwrap();
        let second = Job::open(path).unwrap_err();
        assert_eq!(second.kind(), JobErrorKind::Busy, "{second}");
        assert!(second.to_string().contains("whose lock file was removed"), "{second}");
        // The lock file is the second one's by now, and nobody holds it.
        assert!(Status::read(path).unwrap().holder.is_some());
    })
    .await;
    assert_eq!(error.kind(), JobErrorKind::Lost, "{error}");
    drop(error);
    Job::open(stage.path()).unwrap();
}

#[cfg(unix)]
#[test]
fn a_job_with_two_names_is_run_by_neither() {
    let stage = Stage::new(|_, _| Act::Right);
    stage.plan(3);
    let other = beside(&stage.path(), ".other");
    fs::hard_link(stage.path(), &other).unwrap();
    for path in [&stage.path(), &other] {
        let error = Job::open(path).unwrap_err();
        assert_eq!((error.kind(), error.has_begun()), (JobErrorKind::Linked, false), "{error}");
    }
    fs::remove_file(other).unwrap();
    Job::open(stage.path()).unwrap();
}
