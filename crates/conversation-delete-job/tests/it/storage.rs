//! What cannot be written down stops the run, and nothing is lost.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use conversation_delete_job::{Ending, JobErrorKind, RunOptions, Status, StopHandle, Verify};
use rusqlite::Connection;

use crate::stage::{Act, Stage, presence};
use crate::truth::assert_true;

const COUNT: usize = 12;

/// What does not work.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Failure {
    Write,
    /// Each write is taken, and the commit of the group is refused.
    Commit,
}

/// Lets the `k`th write of this column fail, or the commit that it is in, as a full disk would.
fn fail_at(stage: &Stage, failure: Failure, table: &str, column: &str, k: usize) {
    // A reference to a row that is not there is noticed by the commit alone.
    let action = match failure {
        Failure::Write => "SELECT RAISE(ABORT, 'no space')",
        Failure::Commit => "INSERT INTO dangling SELECT 1",
    };
    let connection = Connection::open(stage.path()).unwrap();
    connection
        .execute_batch(&format!(
            "CREATE TABLE writes (n INTEGER); INSERT INTO writes VALUES (0);
             CREATE TABLE nobody (number INTEGER PRIMARY KEY);
             CREATE TABLE dangling (number INTEGER REFERENCES nobody DEFERRABLE INITIALLY DEFERRED);
             CREATE TRIGGER failing BEFORE UPDATE OF {column} ON {table} BEGIN
                 {action} FROM writes WHERE n = {k};
                 UPDATE writes SET n = n + 1;
             END;"
        ))
        .unwrap();
}

fn repair(stage: &Stage) {
    let connection = Connection::open(stage.path()).unwrap();
    connection
        .execute_batch("DROP TRIGGER failing; DROP TABLE dangling; DROP TABLE nobody; DROP TABLE writes;")
        .unwrap();
}

/// Runs it with the failure, which must stop it, and without.
async fn fail_and_finish(stage: &Stage, options: &RunOptions, case: &str) {
    let error = stage.try_run(options, &StopHandle::default()).await.unwrap_err();
    assert_eq!(error.kind(), JobErrorKind::Storage, "{case}");
    assert!(error.to_string().starts_with("the job file could not be read or written: "), "{case}: {error}");
    assert_true(stage, case);
    repair(stage);
    assert_eq!(stage.try_run(options, &StopHandle::default()).await.unwrap(), Ending::Finished, "{case}");
    assert_true(stage, case);
    assert!(stage.state.lock().unwrap().present.is_empty(), "{case}");
    let is_done = |outcome: Option<&str>| matches!(outcome, Some("deleted" | "gone"));
    assert!(stage.outcomes().iter().all(|(_, outcome)| is_done(outcome.as_deref())), "{case}");
}

#[tokio::test]
async fn every_failed_write_or_commit_stops_the_run_and_the_next_one_finishes_it() {
    for failure in [Failure::Write, Failure::Commit] {
        for column in ["intent_at", "outcome"] {
            for k in 0..COUNT {
                let stage = Stage::new(|_, _| Act::Right);
                stage.plan(COUNT);
                fail_at(&stage, failure, "record", column, k);
                fail_and_finish(&stage, &RunOptions::default(), &format!("{failure:?} {column} {k}")).await;
            }
        }
    }
}

#[tokio::test]
async fn so_does_every_one_of_what_looks_said() {
    let options = RunOptions { verify: Verify::Lookup, ..RunOptions::default() };
    for failure in [Failure::Write, Failure::Commit] {
        for column in ["presence_before", "intent_at", "outcome", "presence_after"] {
            for k in 0..COUNT {
                let stage = Stage::new(|_, _| Act::Right);
                stage.plan(COUNT);
                fail_at(&stage, failure, "record", column, k);
                fail_and_finish(&stage, &options, &format!("{failure:?} {column} {k}")).await;
                let proven = stage.reports().iter().filter(|report| presence(&report.after) == Some("absent")).count();
                assert_eq!(proven, COUNT, "{failure:?} {column} {k}");
            }
        }
    }
}

/// A job of many groups: each of their commits fails once.
#[tokio::test]
async fn every_failed_commit_of_many_groups_stops_the_run_and_the_next_one_finishes_it() {
    const MANY: usize = 3000;
    for column in ["intent_at", "outcome"] {
        for k in (0..MANY).step_by(250).chain([MANY - 1]) {
            let stage = Stage::new(|_, _| Act::Right);
            stage.plan(MANY);
            fail_at(&stage, Failure::Commit, "record", column, k);
            fail_and_finish(&stage, &RunOptions::default(), &format!("{column} {k}")).await;
        }
    }
}

#[tokio::test]
async fn so_does_the_note_of_how_it_ended() {
    for failure in [Failure::Write, Failure::Commit] {
        let stage = Stage::new(|_, _| Act::Right);
        stage.plan(COUNT);
        fail_at(&stage, failure, "run", "ending", 0);
        fail_and_finish(&stage, &RunOptions::default(), &format!("{failure:?}")).await;
        assert_eq!(stage.heard(), COUNT, "all outcomes were written before");
    }
}

/// Where intents cannot be written down, nothing may leave.
#[tokio::test]
async fn no_request_leaves_before_its_intent_is_on_the_disk() {
    for failure in [Failure::Write, Failure::Commit] {
        for k in 0..COUNT {
            let stage = Stage::new(|_, _| Act::Right);
            stage.plan(COUNT);
            fail_at(&stage, failure, "record", "intent_at", k);
            stage.try_run(&RunOptions::default(), &StopHandle::default()).await.unwrap_err();
            assert!(stage.heard() <= k, "{} of {k}", stage.heard());
        }
    }
}

/// Where intents cannot be taken back, their records are in doubt, and not lost.
#[tokio::test]
async fn intents_that_cannot_be_taken_back_stay() {
    for failure in [Failure::Write, Failure::Commit] {
        for k in COUNT..2 * COUNT - 1 {
            let stage = Stage::new(|state, _| if state.heard.len() == 2 { Act::Status(401) } else { Act::Right });
            stage.plan(COUNT);
            fail_at(&stage, failure, "record", "intent_at", k);
            fail_and_finish(&stage, &RunOptions::default(), &format!("{failure:?} {k}")).await;
        }
    }
}

/// No outcome can be written from the first group on, and the vendor waits until that was found out.
#[tokio::test]
async fn a_run_whose_outcomes_cannot_be_written_sends_no_more() {
    let path: Arc<OnceLock<PathBuf>> = Arc::default();
    let known = Arc::clone(&path);
    let stage = Stage::new(move |state, _| {
        if state.heard.len() == 100 {
            await_end_of_writing(known.get().unwrap());
        }
        Act::Right
    });
    path.set(stage.path()).unwrap();
    stage.plan(600);
    fail_at(&stage, Failure::Commit, "record", "outcome", 0);
    stage.try_run(&RunOptions::default(), &StopHandle::default()).await.unwrap_err();
    assert!(stage.heard() < 120, "{}", stage.heard());
}

/// The thread that writes gives the lock back when it ends. Where it does not, no group waits as long as this does.
fn await_end_of_writing(path: &Path) {
    let end = Instant::now() + Duration::from_secs(2);
    while Status::read(path).unwrap().holder.is_some() && Instant::now() < end {
        thread::sleep(Duration::from_millis(1));
    }
}

/// Somebody removed the lock, or has another name for the file.
#[tokio::test]
async fn a_run_that_somebody_else_took_over_stops() {
    let path: Arc<OnceLock<PathBuf>> = Arc::default();
    let known = Arc::clone(&path);
    let stage = Stage::new(move |state, _| {
        if state.heard.len() == 5 {
            let connection = Connection::open(known.get().unwrap()).unwrap();
            connection.execute("INSERT INTO run (program, process, started_at) VALUES ('another', 1, '')", []).unwrap();
        }
        Act::Right
    });
    path.set(stage.path()).unwrap();
    stage.plan(2000);
    let error = stage.try_run(&RunOptions::default(), &StopHandle::default()).await.unwrap_err();
    assert!(error.to_string().contains("another process has begun to run this job"), "{error}");
    assert!(stage.heard() < 500, "{}", stage.heard());
    assert_eq!(stage.run().await, Ending::Finished);
    assert_true(&stage, "after it was taken over");
}
