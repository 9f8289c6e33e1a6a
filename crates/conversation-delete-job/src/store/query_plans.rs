//! How SQLite carries out every statement of this crate: what reads many records reads them in their order, never by way of
//! the index of targets and ids, which would fetch each record from a random page. With random ids that takes ten times as
//! long. And what is done for each record finds it by its number or its id.

use rusqlite::StatementStatus;

use super::*;
use crate::{accepted, clock, credential, history, holds, journal, plan, refused, reopen, report, status};

/// Each statement, after those that make the temporary tables that it needs.
fn statements() -> Vec<&'static str> {
    let groups: [&[&str]; 18] = [
        &[journal::sql::CREATE_LISTED, accepted::ACCEPTED, refused::PAGE_OF_REFUSED],
        &history::ALL,
        &holds::ALL,
        &holds::late::ALL,
        &holds::settle::ALL,
        &holds::report::ALL,
        &journal::sql::ALL,
        &journal::holds::ALL,
        &clock::ALL,
        &credential::ALL,
        &plan::sql::ALL,
        &reopen::ALL,
        &report::ALL,
        &status::ALL,
        &tally::ALL,
        &hash::ALL,
        &log::ALL,
        &ALL,
    ];
    groups
        .concat()
        .into_iter()
        .flat_map(|batch| batch.split(';'))
        .map(str::trim)
        .filter(|one| !one.is_empty())
        .collect()
}

/// How each part of a statement is carried out, in SQLite's words.
fn plan_of(connection: &Connection, statement: &str) -> Vec<String> {
    let explained = format!("EXPLAIN QUERY PLAN {statement}");
    let mut query = connection.prepare(&explained).unwrap_or_else(|error| panic!("{statement}: {error}"));
    // What a parameter is bound to changes no plan.
    let mut rows = query.raw_query();
    let mut details = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        details.push(row.get("detail").unwrap());
    }
    details
}

/// Whether records are fetched by way of the index of targets and ids without naming an id. The index alone can be read.
fn walks_the_ids(detail: &str) -> bool {
    detail.contains("record USING INDEX sqlite_autoindex_record_1") && !detail.contains("id=?")
}

fn job() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::create(&folder.path().join("x.job")).unwrap();
    (folder, store)
}

#[test]
fn no_statement_walks_the_index_of_ids() {
    let (_folder, store) = job();
    let statements = statements();
    assert!(statements.len() > 80, "{}", statements.len());
    for statement in statements {
        let plan = plan_of(&store.connection, statement);
        assert!(!plan.iter().any(|detail| walks_the_ids(detail)), "{statement}: {plan:?}");
        if statement.starts_with("DROP") || statement.starts_with("CREATE") {
            store.connection.execute_batch(statement).unwrap();
        }
    }
}

/// SQLite compiles a statement again each time a limit is bound that is a mere parameter.
#[test]
fn no_statement_is_compiled_again_for_what_is_bound_to_it() {
    let (_folder, store) = job();
    let mut selects = 0;
    for statement in statements() {
        if statement.starts_with("DROP") || statement.starts_with("CREATE") {
            store.connection.execute_batch(statement).unwrap();
        } else if statement.starts_with("SELECT") {
            selects += 1;
            assert_is_compiled_once(&store.connection, statement);
        }
    }
    assert!(selects > 30, "{selects}");
}

fn assert_is_compiled_once(connection: &Connection, statement: &str) {
    let mut query = connection.prepare(statement).unwrap();
    for value in 1..=3 {
        (1..=query.parameter_count()).for_each(|index| query.raw_bind_parameter(index, value).unwrap());
        query.raw_query().next().unwrap();
    }
    assert_eq!(query.get_status(StatementStatus::RePrepare), 0, "{statement}");
}

#[test]
fn a_walk_over_the_index_of_ids_is_recognised() {
    let (_folder, store) = job();
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
