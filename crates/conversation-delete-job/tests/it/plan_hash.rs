//! A plan that was changed after it was made is refused.

use std::fs;

use conversation_delete_job::{Job, JobErrorKind, check_plan};
use rusqlite::Connection;

use crate::format::older_job;
use crate::stage::{Act, Stage};

#[test]
fn a_plan_that_was_changed_is_refused_in_every_format_and_not_migrated() {
    for is_older in [true, false] {
        let stage = if is_older { older_job() } else { Stage::new(|_, _| Act::Right) };
        if !is_older {
            stage.plan(3);
        }
        check_plan(stage.path()).unwrap();
        for change in [
            "UPDATE target SET origin = 'https://elsewhere.example'",
            "UPDATE record SET id = 'other' WHERE record = 1",
            "DELETE FROM hold; INSERT INTO hold VALUES ('other')",
            "UPDATE target SET credential = 'other'",
        ] {
            let untouched = fs::read(stage.path()).unwrap();
            Connection::open(stage.path()).unwrap().execute_batch(change).unwrap();
            let changed = fs::read(stage.path()).unwrap();
            assert_eq!(Job::open(stage.path()).unwrap_err().kind(), JobErrorKind::Changed, "{change}");
            assert_eq!(check_plan(stage.path()).unwrap_err().kind(), JobErrorKind::Changed, "{change}");
            assert!(fs::read(stage.path()).unwrap() == changed, "{change}");
            fs::write(stage.path(), untouched).unwrap();
        }
    }
}

#[test]
fn the_hash_covers_every_column_of_a_target_that_a_plan_fills() {
    let stage = Stage::new(|_, _| Act::Right);
    stage.plan(1);
    let untouched = fs::read(stage.path()).unwrap();
    let connection = Connection::open(stage.path()).unwrap();
    let mut query = connection.prepare("SELECT name, type FROM pragma_table_info('target')").unwrap();
    let columns = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let columns: Vec<(String, String)> = columns.map(Result::unwrap).collect();
    drop(query);
    drop(connection);
    assert_eq!(columns.len(), 11);
    // The first is the key, to which the records refer.
    for (column, kind) in &columns[1..] {
        let value = if kind == "TEXT" { "'x'" } else { "7" };
        let change = format!("UPDATE target SET {column} = {value}");
        Connection::open(stage.path()).unwrap().execute_batch(&change).unwrap();
        assert_eq!(Job::open(stage.path()).unwrap_err().kind(), JobErrorKind::Changed, "{column}");
        fs::write(stage.path(), &untouched).unwrap();
    }
}
