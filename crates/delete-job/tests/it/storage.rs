//! What cannot be written down stops the run, and nothing is lost.

use delete_job::{Ending, Halt, JobErrorKind, Options};
use rusqlite::Connection;

use crate::stage::{Act, Stage};

const COUNT: usize = 12;

/// Lets the `k`th write of this column fail, as a full disk would.
fn fail_at(stage: &Stage, column: &str, k: usize) {
    let connection = Connection::open(stage.path()).unwrap();
    connection
        .execute_batch(&format!(
            "CREATE TABLE writes (n INTEGER); INSERT INTO writes VALUES (0);
             CREATE TRIGGER failing BEFORE UPDATE OF {column} ON record BEGIN
                 SELECT RAISE(ABORT, 'no space') FROM writes WHERE n = {k};
                 UPDATE writes SET n = n + 1;
             END;"
        ))
        .unwrap();
}

fn repair(stage: &Stage) {
    let connection = Connection::open(stage.path()).unwrap();
    connection.execute_batch("DROP TRIGGER failing; DROP TABLE writes;").unwrap();
}

#[tokio::test]
async fn every_failed_write_stops_the_run_and_the_next_one_finishes_it() {
    for column in ["intent_at", "outcome"] {
        for k in 0..COUNT {
            let stage = Stage::new(|_, _| Act::Right);
            stage.plan(COUNT);
            fail_at(&stage, column, k);
            let error = stage.try_run(&Options::default(), &Halt::default()).await.unwrap_err();
            assert_eq!(error.kind(), JobErrorKind::Storage, "{column} {k}");
            repair(&stage);
            assert_eq!(stage.run().await, Ending::Finished);
            let outcomes = stage.outcomes();
            assert!(outcomes.iter().all(|(_, outcome)| matches!(outcome.as_deref(), Some("deleted" | "gone"))));
            assert!(stage.state.lock().unwrap().present.is_empty(), "{column} {k}");
        }
    }
}

/// Where intents cannot be written down, nothing may leave.
#[tokio::test]
async fn no_request_leaves_before_its_intent_is_on_the_disk() {
    let stage = Stage::new(|_, _| Act::Right);
    stage.plan(COUNT);
    fail_at(&stage, "intent_at", COUNT - 1);
    stage.try_run(&Options::default(), &Halt::default()).await.unwrap_err();
    assert_eq!(stage.heard(), 0);
}

/// The first outcome that cannot be written down ends the run, and not the next group of intents.
#[tokio::test]
async fn what_cannot_be_written_down_stops_the_requests_soon() {
    let stage = Stage::new(|_, _| {
        // As long as the answer of a vendor takes, so that the disk has time to fail.
        std::thread::sleep(std::time::Duration::from_millis(2));
        Act::Right
    });
    stage.plan(1000);
    fail_at(&stage, "outcome", 0);
    stage.try_run(&Options::default(), &Halt::default()).await.unwrap_err();
    assert!(stage.heard() < 500, "{}", stage.heard());
}
