//! A job file that is found without its log, in which the latest outcomes are.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, OnceLock};

use conversation_delete_job::{Ending, Job, JobErrorKind, RecordOutcome, RunOptions, Status, StopHandle};
use delete_core::Delivery;
use rusqlite::Connection;

use crate::stage::{Act, Stage};
use crate::truth::assert_true;

const COUNT: usize = 500;
const DELETED: usize = 487;

fn log(path: &Path) -> PathBuf {
    format!("{}-wal", path.display()).into()
}

/// A job that was copied without its log while it was run, instead of the one that was run.
async fn copied() -> Stage {
    let path: Arc<OnceLock<PathBuf>> = Arc::default();
    let stop = StopHandle::default();
    let (known, handle) = (Arc::clone(&path), stop.clone());
    let stage = Stage::new(move |state, _| {
        if state.heard.len() == DELETED {
            let path = known.get().unwrap();
            let copied = Command::new("cp").arg(path).arg(path.with_extension("copy")).status().unwrap();
            assert!(copied.success());
            handle.drain();
        }
        Act::Right
    });
    path.set(stage.path()).unwrap();
    stage.plan(COUNT);
    assert_eq!(stage.try_run(&RunOptions::default(), &stop).await.unwrap(), Ending::Interrupted);
    assert!(!Status::read(stage.path()).unwrap().outcomes_may_be_missing, "a run that ended in order");
    fs::rename(stage.path().with_extension("copy"), stage.path()).unwrap();
    assert!(!log(&stage.path()).exists());
    assert_eq!(stage.heard(), DELETED);
    stage
}

fn names(stage: &Stage) -> Vec<String> {
    let files = fs::read_dir(stage.path().parent().unwrap()).unwrap();
    let mut names: Vec<String> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// What nobody knows is not told as if it were known.
fn assert_in_doubt(stage: &Stage, case: &str) {
    let status = stage.status();
    assert!(status.outcomes_may_be_missing, "{case}");
    let target = &status.targets[0];
    assert_eq!(
        (target.in_doubt, target.outcomes.get(RecordOutcome::NotAttempted)),
        (COUNT as u64, COUNT as u64),
        "{case}"
    );
    for report in stage.reports() {
        assert_eq!(report.outcome.as_str(), "failed", "{case}: {report:?}");
        assert_eq!(report.error.unwrap().delivery, Delivery::MaybeDelivered, "{case}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn readers_say_that_outcomes_may_be_missing_and_touch_nothing() {
    let stage = copied().await;
    let (bytes, before) = (fs::read(stage.path()).unwrap(), names(&stage));
    for case in ["once", "and again"] {
        assert_in_doubt(&stage, case);
        assert_eq!(fs::read(stage.path()).unwrap(), bytes, "{case}");
        assert_eq!(names(&stage), before, "{case}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_run_takes_every_open_record_for_possibly_sent() {
    let stage = copied().await;
    let ending = stage.try_run(&RunOptions::default(), &StopHandle::default()).await.unwrap();
    assert_eq!(ending, Ending::Finished, "that the first twenty are not there is no sign of the wrong workspace");
    assert_true(&stage, "after the log was lost");
    let status = stage.status();
    let count = |outcome: &str| status.targets[0].outcomes.get(RecordOutcome::parse(outcome).unwrap()) as usize;
    assert_eq!((count("gone"), count("deleted"), count("not_found")), (DELETED, COUNT - DELETED, 0));
    assert!(!status.outcomes_may_be_missing, "all is known now");
}

#[cfg(unix)]
#[tokio::test]
async fn that_outcomes_are_missing_is_remembered_by_the_file() {
    let stage = copied().await;
    let job = Job::open(stage.path()).unwrap();
    assert!(job.has_lost_outcomes().unwrap());
    drop(job);
    assert_in_doubt(&stage, "opened to be run");
    assert_in_doubt(&stage, "put at rest by a reader");
    assert!(Job::open(stage.path()).unwrap().has_lost_outcomes().unwrap());
    assert_eq!(stage.run().await, Ending::Finished);
}

/// An empty log is what SQLite makes when it opens a file that has lost its own.
#[cfg(unix)]
#[tokio::test]
async fn a_log_that_sqlite_would_not_read_is_a_missing_one() {
    let other_pages = {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("other");
        let connection = Connection::open(&path).unwrap();
        connection.execute_batch("PRAGMA page_size = 512; PRAGMA journal_mode = WAL; CREATE TABLE a (b)").unwrap();
        fs::read(log(&path)).unwrap().repeat(9)
    };
    let logs = [
        ("empty", vec![]),
        ("cut off", other_pages[..40].to_vec()),
        ("of other pages", other_pages),
        ("text", b"no log ".repeat(999)),
    ];
    for (case, bytes) in logs {
        let stage = copied().await;
        fs::write(log(&stage.path()), bytes).unwrap();
        assert_in_doubt(&stage, case);
        if !["empty", "cut off"].contains(&case) {
            let before = fs::read(log(&stage.path())).unwrap();
            let error = Job::open(stage.path()).unwrap_err();
            assert_eq!(error.kind(), JobErrorKind::UnsafeLocation, "{case}: {error}");
            assert_eq!(fs::read(log(&stage.path())).unwrap(), before, "{case}");
            fs::remove_file(log(&stage.path())).unwrap();
        }
        assert!(Job::open(stage.path()).unwrap().has_lost_outcomes().unwrap(), "{case}");
    }
}

/// With its log, a job whose run was killed is whole.
#[cfg(unix)]
#[tokio::test]
async fn a_job_with_its_log_misses_nothing() {
    let stage = Stage::new(|_, _| Act::Right);
    stage.plan(3);
    let connection = Connection::open(stage.path()).unwrap();
    connection.execute_batch("PRAGMA journal_mode = WAL; INSERT INTO hold (id) VALUES ('x');").unwrap();
    let copy = stage.path().with_extension("copy");
    for (from, to) in [(stage.path(), copy.clone()), (log(&stage.path()), log(&copy))] {
        assert!(Command::new("cp").arg(from).arg(to).status().unwrap().success());
    }
    assert!(!Status::read(&copy).unwrap().outcomes_may_be_missing);
    assert!(!log(&copy).exists(), "and is put at rest");
}

#[cfg(unix)]
#[tokio::test]
async fn a_log_that_cannot_be_begun_sends_nothing_and_leaves_the_file_as_it_was() {
    type Obstacle = fn(&str);
    let obstacles: [(&str, Obstacle); 2] = [
        ("SQLite error 8)", |path| fs::create_dir(path).unwrap()),
        ("SQLite error 14)", |path| std::os::unix::fs::symlink("nowhere", path).unwrap()),
    ];
    for (code, obstacle) in obstacles {
        let stage = Stage::new(|_, _| Act::Right);
        stage.plan(3);
        let shared_memory = format!("{}-shm", stage.path().display());
        obstacle(&shared_memory);
        let error = stage.try_run(&RunOptions::default(), &StopHandle::default()).await.unwrap_err();
        assert_eq!((error.kind(), error.has_begun()), (JobErrorKind::Inaccessible, false), "{error}");
        assert!(error.to_string().contains(code), "{error}");
        assert_eq!(stage.heard(), 0);
        assert_eq!(fs::read(stage.path()).unwrap()[18..20], [1, 1], "{code}");
        assert!(!log(&stage.path()).exists(), "{code}");
        if fs::remove_dir(&shared_memory).is_err() {
            fs::remove_file(&shared_memory).unwrap();
        }
        assert!(!Job::open(stage.path()).unwrap().has_lost_outcomes().unwrap(), "{code}");
        assert_eq!(stage.run().await, Ending::Finished);
    }
}

/// A kill can come while a log is being begun or removed: then the file says that nothing is in it.
#[test]
fn a_log_that_is_gone_is_missed_only_if_the_last_run_needed_it() {
    let runs = [("", true), ("'2026-01-01T00:00:00Z'", false), ("NULL", true)];
    for (ended_at, is_missed) in runs {
        let stage = Stage::new(|_, _| Act::Right);
        stage.plan(3);
        let connection = Connection::open(stage.path()).unwrap();
        if !ended_at.is_empty() {
            let columns = "program, process, started_at, ended_at";
            connection.execute(&format!("INSERT INTO run ({columns}) VALUES ('', 1, '', {ended_at})"), []).unwrap();
        }
        connection.execute_batch("PRAGMA journal_mode = WAL").unwrap();
        drop(connection);
        assert!(!log(&stage.path()).exists() && fs::read(stage.path()).unwrap()[18..20] == [2, 2]);
        assert_eq!(stage.status().outcomes_may_be_missing, is_missed, "{ended_at}");
        assert_eq!(Job::open(stage.path()).unwrap().has_lost_outcomes().unwrap(), is_missed, "{ended_at}");
    }
}
