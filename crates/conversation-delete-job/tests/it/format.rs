//! Jobs of an older format are read as they are, and brought to the current format when they are run.

use std::fs;
use std::path::Path;

use conversation_delete_job::{
    ChildReport, Ending, Failure, Follower, Job, JobErrorKind, PresenceSource, PresenceState, RecordOutcome, Status,
    Verify, export, export_refused,
};
use delete_core::{Delivery, ErrorKind};
use rusqlite::Connection;

use crate::stage::{Act, Stage};

const HASH: &str = "6fa25c75071977560c2a4ae699abe3509962bab0f2098766f38653628e5cde38";

/// A job of format 1, at a vendor with the records of the fixture, of which two more are deleted than the file knows.
pub(crate) fn older_job() -> Stage {
    let stage = Stage::new(|_, _| Act::Right);
    let connection = Connection::open(stage.path()).unwrap();
    connection.execute_batch(include_str!("format_1.sql")).unwrap();
    let present = [2, 4, 8, 9, 10, 11, 12, 13, 14].map(|number| format!("c{number:06}"));
    stage.state.lock().unwrap().present.extend(present);
    stage
}

/// The same job of a later format, by its number.
fn later_jobs() -> [(i64, Stage); 2] {
    [(2, include_str!("format_2.sql")), (3, include_str!("format_3.sql"))].map(|(format, job)| (format, later_job(job)))
}

fn later_job(statements: &str) -> Stage {
    let stage = Stage::new(|_, _| Act::Right);
    Connection::open(stage.path()).unwrap().execute_batch(statements).unwrap();
    let present = [4, 6].map(|number| format!("c{number:06}"));
    stage.state.lock().unwrap().present.extend(present);
    stage
}

fn outcomes(stage: &Stage) -> Vec<String> {
    stage.reports().into_iter().map(|report| report.outcome.as_str().to_owned()).collect()
}

fn schema(path: &Path) -> Vec<(String, String)> {
    let connection = Connection::open(path).unwrap();
    let mut query = connection
        .prepare(
            "SELECT m.type || ' ' || m.name, COALESCE(group_concat(c.name || ' ' || c.type || ' ' || c.\"notnull\" || ' ' || c.pk), m.sql, '')
             FROM sqlite_schema AS m LEFT JOIN pragma_table_info(m.name) AS c GROUP BY m.name ORDER BY m.name",
        )
        .unwrap();
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

/// A child as format 1 kept it.
fn child(id: &str, outcome: &str, error: &str) -> String {
    format!(
        r#"{{"kind":"transcript","id":"{id}","outcome":"{outcome}","attempts":2,"status":204,"request_id":"r","error":{error}}}"#
    )
}

/// The same as it is reported.
fn child_report(id: &str, error: Option<&str>) -> ChildReport {
    let failure = |message: &str| Failure {
        kind: ErrorKind::Server,
        delivery: Delivery::MaybeDelivered,
        message: message.to_owned(),
    };
    ChildReport {
        kind: "transcript".to_owned(),
        id: id.to_owned(),
        outcome: if error.is_some() { RecordOutcome::Failed } else { RecordOutcome::Deleted },
        attempts: 2,
        status: Some(204),
        request_id: Some("r".to_owned()),
        error: error.map(failure),
    }
}

/// What format 1 kept of the children of a record: of two entries about one child the later one counts.
#[tokio::test]
async fn children_of_an_older_job_are_read_and_migrated() {
    let failure = r#"{"kind":"server","delivery":"maybe_delivered","message":"a \"503\""}"#;
    let (failed, second, deleted) =
        (child("t1", "failed", failure), child("t2", "deleted", "null"), child("t1", "deleted", "null"));
    let reports = |children: [(&str, Option<&str>); 2]| children.map(|(id, error)| child_report(id, error)).to_vec();
    let stage = older_job();
    let connection = Connection::open(stage.path()).unwrap();
    let write = |record: i64, children: &str| {
        connection.execute("UPDATE record SET children = ?2 WHERE record = ?1", (record, children)).unwrap()
    };
    write(1, &format!("[{failed},{second}]"));
    write(3, &format!("[{failed},{second},{deleted}]"));
    write(6, "not ours");
    drop(connection);
    let children = || -> Vec<_> { stage.reports().into_iter().map(|report| report.children).collect() };
    let before = children();
    assert_eq!(before[0], reports([("t1", Some("a \"503\"")), ("t2", None)]));
    assert_eq!(before[2], reports([("t1", None), ("t2", None)]));
    assert_eq!(stage.run().await, Ending::Finished);
    let after = children();
    assert_eq!((&after[0], &after[2]), (&before[0], &before[2]));
    assert!(after.iter().enumerate().all(|(number, children)| children.is_empty() || [0, 2].contains(&number)));
}

#[test]
fn every_reading_function_reads_an_older_format_and_changes_no_byte() {
    let stage = older_job();
    let before = fs::read(stage.path()).unwrap();
    let status = Status::read(stage.path()).unwrap();
    assert_eq!(status.plan_hash.as_deref(), Some(HASH));
    let target = &status.targets[0];
    assert_eq!((target.planned, target.in_doubt, target.outcomes.get(RecordOutcome::Deleted)), (13, 2, 3));
    let mut expected = ["deleted", "held", "deleted", "failed", "failed", "deleted", "failed", "failed"].to_vec();
    expected.extend(["not_attempted", "not_attempted", "not_attempted", "not_attempted", "held", "not_attempted"]);
    assert_eq!(outcomes(&stage), expected);
    let mut refused = 0;
    export_refused(stage.path(), |_| {
        refused += 1;
        true
    })
    .unwrap();
    assert_eq!(refused, 1);
    assert_eq!(Follower::open(stage.path()).unwrap().rest(100).unwrap().len(), 14 + 1, "records and the refused entry");
    assert!(fs::read(stage.path()).unwrap() == before);
    assert_eq!(fs::read_dir(stage.path().parent().unwrap()).unwrap().count(), 1, "no journal, no lock");
}

#[tokio::test]
async fn a_job_of_a_later_format_is_read_as_it_is_and_run_to_its_end() {
    for (format, stage) in later_jobs() {
        let bytes = fs::read(stage.path()).unwrap();
        let before = stage.reports();
        let expected = ["deleted", "held", "deleted", "failed", "failed", "not_attempted", "not_attempted"];
        assert_eq!(outcomes(&stage), expected, "{format}");
        let after = before[0].after.as_ref().unwrap();
        assert_eq!((after.state, after.source), (PresenceState::Absent, PresenceSource::Lookup));
        assert_eq!(after.time.as_deref(), Some("2026-11-28T19:08:30Z"));
        let tried = (format > 2).then(|| "2026-11-28T19:08:29Z".to_owned());
        assert_eq!((before[0].children.len(), &before[0].last_attempt_at), (1, &tried), "{format}");
        let status = Status::read(stage.path()).unwrap();
        let target = &status.targets[0];
        assert_eq!((target.verified, target.in_doubt, status.verify), (1, 1, Verify::Off), "{format}");
        assert!(fs::read(stage.path()).unwrap() == bytes, "{format}");

        assert_eq!(stage.run_verified().await, Ending::Finished);
        let expected = ["deleted", "held", "deleted", "failed", "gone", "deleted", "not_found"];
        assert_eq!(outcomes(&stage), expected, "{format}");
        assert_eq!((stage.reports()[0].clone(), status.plan_hash), (before[0].clone(), stage.status().plan_hash));
        assert_eq!(stage.status().verify, Verify::Lookup);
    }
}

/// A hold is written at once, whether another process runs the job or not.
#[tokio::test]
async fn a_hold_on_an_older_job_is_kept_when_it_is_run() {
    let stage = older_job();
    stage.hold(&["c000009"]);
    assert_eq!(stage.run().await, Ending::Finished);
    assert_eq!(stage.reports()[8].outcome, RecordOutcome::Held);
    assert_eq!(Status::read(stage.path()).unwrap().plan_hash.as_deref(), Some(HASH));
}

#[tokio::test]
async fn an_older_job_is_run_to_its_end_and_keeps_its_hash_and_what_it_knew() {
    let stage = older_job();
    let before = stage.reports();
    assert_eq!(stage.run().await, Ending::Finished);
    assert_eq!(Status::read(stage.path()).unwrap().plan_hash.as_deref(), Some(HASH));
    let heard: Vec<String> = stage.state.lock().unwrap().heard.iter().map(|(id, _)| id.clone()).collect();
    assert_eq!(heard, ["c000007", "c000008", "c000009", "c000010", "c000011", "c000012", "c000014"]);
    let after = stage.reports();
    for (before, after) in before.iter().zip(&after) {
        match before.error.as_ref() {
            // In doubt: nobody knew whether the request for the first of them had arrived.
            Some(error) if error.kind == ErrorKind::Interrupted => {
                let expected = if before.id == "c000007" { "gone" } else { "deleted" };
                assert_eq!(after.outcome.as_str(), expected, "{after:?}");
            }
            _ if before.outcome == RecordOutcome::NotAttempted => {
                assert_eq!(after.outcome, RecordOutcome::Deleted, "{after:?}")
            }
            _ => assert_eq!(before, after),
        }
    }
    // The plan still verifies.
    drop(Job::open(stage.path()).unwrap());
}

#[tokio::test]
async fn a_record_in_doubt_keeps_the_time_when_it_may_first_have_been_sent() {
    let stage = older_job();
    assert_eq!(stage.run().await, Ending::Finished);
    let connection = Connection::open(stage.path()).unwrap();
    let read = |record: i64| {
        let query = "SELECT intent_at, intent_run, settled_run FROM record WHERE record = ?";
        let row = connection.query_row(query, [record], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        let (intent_at, intent_run, settled_run): (String, Option<i64>, Option<i64>) = row.unwrap();
        (intent_at == "2026-11-28T19:08:27.541679579Z", intent_run, settled_run)
    };
    assert_eq!(read(7), (true, None, Some(2)), "format 1 did not keep the run");
    assert_eq!(read(9), (false, Some(2), Some(2)));
}

#[test]
fn a_migrated_file_has_the_tables_and_columns_of_a_new_one() {
    let new = Stage::new(|_, _| Act::Right);
    new.plan(1);
    for older in later_jobs().into_iter().map(|(_, stage)| stage).chain([older_job()]) {
        drop(Job::open(older.path()).unwrap());
        assert_eq!(schema(&older.path()), schema(&new.path()));
    }
}

/// What a kill leaves when all of the migration is in the file and its commit is not.
#[test]
fn a_migration_that_is_killed_before_its_commit_has_not_happened() {
    let stage = older_job();
    let copy = stage.path().with_extension("killed");
    let connection = Connection::open(stage.path()).unwrap();
    connection.execute_batch("BEGIN IMMEDIATE").unwrap();
    connection.execute_batch(include_str!("../../src/store/migrate_1.sql")).unwrap();
    connection.cache_flush().unwrap();
    let journal = |path: &Path| format!("{}-journal", path.display());
    fs::copy(stage.path(), &copy).unwrap();
    fs::copy(journal(&stage.path()), journal(&copy)).unwrap();
    drop(connection);

    let status = Status::read(&copy).unwrap();
    assert_eq!((status.plan_hash.as_deref(), status.targets[0].outcomes.get(RecordOutcome::Deleted)), (Some(HASH), 3));
    let format = |path: &Path| -> i64 {
        Connection::open(path).unwrap().pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
    };
    assert_eq!(format(&copy), 1);
    drop(Job::open(&copy).unwrap());
    assert_eq!(format(&copy), 4);
}

#[test]
fn a_newer_format_is_refused_by_name() {
    let stage = Stage::new(|_, _| Act::Right);
    stage.plan(1);
    Connection::open(stage.path()).unwrap().pragma_update(None, "user_version", 5).unwrap();
    for error in [Job::open(stage.path()).unwrap_err(), Status::read(stage.path()).unwrap_err()] {
        assert_eq!(error.kind(), JobErrorKind::NotAJob);
        assert!(error.to_string().contains("format 5, written by a newer version"), "{error}");
    }
    assert!(export(stage.path(), |_| true).is_err());
}

/// Whoever runs the job has the lock: nobody migrates the file beneath it.
#[test]
fn a_job_that_another_process_runs_is_not_migrated() {
    let stage = older_job();
    let running = Job::open(stage.path()).unwrap();
    let connection = Connection::open(stage.path()).unwrap();
    connection.pragma_update(None, "user_version", 1).unwrap();
    assert_eq!(Job::open(stage.path()).unwrap_err().kind(), JobErrorKind::Busy);
    drop(running);
}
