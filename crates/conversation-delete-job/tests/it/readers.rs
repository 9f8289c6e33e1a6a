//! Those that read a job's file keep nobody waiting, and leave one file.

use std::fs;
use std::path::Path;

use conversation_delete_job::{Follower, Status, export, export_refused};
use rusqlite::Connection;
use rusqlite::config::DbConfig;

use crate::stage::{Act, Stage};

/// A job whose run was killed: its last writes are beside the file.
fn killed(count: usize) -> Stage {
    let stage = Stage::new(|_, _| Act::Right);
    stage.plan(count);
    let connection = Connection::open(stage.path()).unwrap();
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).unwrap();
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL;
             INSERT INTO run (program, process, started_at) VALUES ('killed', 1, '');",
        )
        .unwrap();
    drop(connection);
    assert!(!is_at_rest(&stage.path()));
    stage
}

fn is_at_rest(path: &Path) -> bool {
    let wal = format!("{}-wal", path.display());
    fs::read(path).unwrap()[18..20] == [1, 1] && !Path::new(&wal).exists()
}

#[test]
fn every_reader_of_a_job_that_nobody_runs_leaves_one_file() {
    type Read = fn(&Path);
    let readers: [(&str, Read); 4] = [
        ("status", |path| drop(Status::read(path).unwrap())),
        ("export", |path| export(path, |_| false).unwrap()),
        ("export of refused lines", |path| export_refused(path, |_| true).unwrap()),
        ("follower", |path| drop(Follower::open(path).unwrap().rest(1).unwrap())),
    ];
    for (name, read) in readers {
        let stage = killed(3);
        read(&stage.path());
        assert!(is_at_rest(&stage.path()), "{name}");
    }
}

/// A read transaction that stays open keeps the log from being reused, so that it grows for as long as the run goes on.
#[test]
fn an_export_that_waits_for_its_reader_pins_nothing() {
    let stage = killed(3);
    let writer = Connection::open(stage.path()).unwrap();
    let mut seen = 0;
    export(stage.path(), |_| {
        seen += 1;
        writer.execute("UPDATE run SET ending = ?", [seen]).unwrap();
        let busy: i64 = writer.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0)).unwrap();
        assert_eq!(busy, 0, "record {seen}");
        true
    })
    .unwrap();
    assert_eq!(seen, 3);
}

#[test]
fn pages_hold_each_record_once_and_in_order() {
    let stage = Stage::new(|_, _| Act::Right);
    let ids = stage.plan(2500);
    let exported: Vec<String> = stage.reports().into_iter().map(|report| report.id).collect();
    assert_eq!(exported, ids);
}
