//! How SQLite carries out the statements that read all records: in their order, never by way of the index of targets and
//! ids, which would fetch each record from a random page. With random ids that takes ten times as long.

use super::*;
use crate::journal::sql;
use crate::status::{IN_DOUBT, LOOKS, SENT_AND_FAILED};

/// How each part of a statement is carried out, in SQLite's words.
fn plan_of(connection: &Connection, statement: &str) -> Vec<String> {
    let mut query = connection
        .prepare(&format!("EXPLAIN QUERY PLAN {statement}"))
        .unwrap_or_else(|error| panic!("{statement}: {error}"));
    // What a parameter is bound to changes no plan.
    let mut rows = query.raw_query();
    let mut details = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        details.push(row.get("detail").unwrap());
    }
    details
}

/// Whether records are found by the index of targets and ids without naming an id.
fn walks_the_ids(detail: &str) -> bool {
    detail.contains("record USING") && detail.contains("sqlite_autoindex_record_1") && !detail.contains("id=?")
}

#[test]
fn no_statement_over_all_records_walks_the_index_of_ids() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::create(&folder.path().join("x.job")).unwrap();
    store.connection.execute_batch(sql::CREATE_LISTED).unwrap();
    let others = [IN_DOUBT, SENT_AND_FAILED, LOOKS];
    for statement in others.into_iter().chain(sql::ALL).chain(tally::ALL) {
        let plan = plan_of(&store.connection, statement);
        assert!(!plan.iter().any(|detail| walks_the_ids(detail)), "{statement}: {plan:?}");
    }
}

#[test]
fn a_walk_over_the_index_of_ids_is_recognised() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::create(&folder.path().join("x.job")).unwrap();
    let walk = "SELECT COUNT(*) FROM record WHERE target = ? AND outcome IS NULL AND intent_at IS NOT NULL";
    assert!(plan_of(&store.connection, walk).iter().any(|detail| walks_the_ids(detail)));
    let one = "SELECT outcome FROM record WHERE target = ? AND id = ?";
    assert!(!plan_of(&store.connection, one).iter().any(|detail| walks_the_ids(detail)));
}

/// 3.7.0 to 3.51.2 could corrupt a file when a log is reset while another connection writes or checkpoints.
#[test]
fn the_bundled_sqlite_has_no_wal_reset_fault() {
    assert!(rusqlite::version_number() >= 3_051_003, "{}", rusqlite::version());
}
