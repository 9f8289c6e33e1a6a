//! What has failed is tried again, and what it was is kept.

use conversation_delete_job::{Ending, Failure, RunOptions, StopHandle};
use rusqlite::Connection;

use crate::stage::{Act, Stage};

type Row = (String, Option<i64>, u64, Option<u16>, Option<String>, Option<String>);

fn attempts(stage: &Stage) -> Vec<Row> {
    let connection = Connection::open(stage.path()).unwrap();
    let mut query = connection
        .prepare("SELECT id, run, attempt.attempts, attempt.status, attempt.error_kind, attempt.message FROM attempt JOIN record USING (record) ORDER BY attempt")
        .unwrap();
    let rows = query
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?)))
        .unwrap();
    rows.map(Result::unwrap).collect()
}

/// The vendor forbids the second of the records in the first runs.
fn stage(forbidden: usize) -> Stage {
    let stage = Stage::new(move |state, _| {
        let (id, _) = state.heard.last().unwrap();
        let times = state.heard.iter().filter(|(heard, _)| heard == id).count();
        if id == "c000001" && times <= forbidden { Act::Status(403) } else { Act::Right }
    });
    stage.plan(3);
    stage
}

async fn retry(stage: &Stage) -> Ending {
    let options = RunOptions { retry_failed: true, ..RunOptions::default() };
    stage.try_run(&options, &StopHandle::default()).await.unwrap()
}

#[tokio::test]
async fn every_failure_that_is_tried_again_is_kept_with_its_run() {
    let stage = stage(2);
    stage.run().await;
    let failed = stage.reports().remove(1);
    assert_eq!((failed.outcome.as_str(), failed.status), ("failed", Some(403)));
    assert_eq!(attempts(&stage), []);
    retry(&stage).await;
    let again = stage.reports().remove(1);
    assert_eq!((again.outcome.as_str(), again.attempts), ("failed", 1), "of its own run: {again:?}");
    retry(&stage).await;
    let last = stage.reports().remove(1);
    assert_eq!((last.outcome.as_str(), last.attempts), ("deleted", 1), "{last:?}");
    let kept = attempts(&stage);
    let Failure { kind, message, .. } = failed.error.clone().unwrap();
    let kind = kind.as_str().to_owned();
    for (row, run) in kept.iter().zip([1, 2]) {
        let expected = ("c000001".to_owned(), Some(run), 1, Some(403), Some(kind.clone()), Some(message.clone()));
        assert_eq!(*row, expected);
    }
    assert_eq!(kept.len(), 2);
}

#[tokio::test]
async fn a_run_that_does_not_try_again_reopens_nothing() {
    let stage = stage(1);
    stage.run().await;
    let before = stage.reports();
    stage.run().await;
    assert_eq!((stage.reports(), attempts(&stage)), (before, vec![]));
}

#[tokio::test]
async fn what_was_kept_cannot_be_changed_or_removed() {
    let stage = stage(1);
    stage.run().await;
    retry(&stage).await;
    let connection = Connection::open(stage.path()).unwrap();
    for statement in ["UPDATE attempt SET status = 204", "DELETE FROM attempt"] {
        assert!(connection.execute_batch(statement).is_err(), "{statement}");
    }
    assert_eq!(attempts(&stage).len(), 1);
}

/// Both are written, or neither.
#[tokio::test]
async fn a_failure_that_cannot_be_kept_is_not_reopened() {
    let stage = stage(1);
    stage.run().await;
    let before = stage.reports();
    let connection = Connection::open(stage.path()).unwrap();
    connection
        .execute_batch("CREATE TRIGGER full BEFORE INSERT ON attempt BEGIN SELECT RAISE(ABORT, 'no space'); END")
        .unwrap();
    drop(connection);
    let options = RunOptions { retry_failed: true, ..RunOptions::default() };
    stage.try_run(&options, &StopHandle::default()).await.unwrap_err();
    assert_eq!(stage.reports(), before);
}

#[tokio::test]
async fn a_presence_before_the_delete_has_its_time() {
    let stage = stage(0);
    stage.run_verified().await;
    let connection = Connection::open(stage.path()).unwrap();
    let query = "SELECT COUNT(*) FROM record WHERE presence_before_at < intent_at";
    let count: usize = connection.query_row(query, [], |row| row.get(0)).unwrap();
    assert_eq!(count, 3);
}
