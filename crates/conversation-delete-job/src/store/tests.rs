use std::fs;
use std::path::PathBuf;

use tempfile::TempDir;

use super::*;
use crate::Status;

/// A new job without a plan.
fn job() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.job");
    drop(Store::create(&path).unwrap());
    (folder, path)
}

/// Whether it is one file, which can be read where nothing can be written: bytes 18 and 19 of its header say so.
fn is_at_rest(path: &Path) -> bool {
    let header = fs::read(path).unwrap();
    header[18..20] == [1, 1] && fs::read_dir(path.parent().unwrap()).unwrap().count() == 1
}

#[test]
fn only_a_run_writes_beside_the_file() {
    let (_folder, path) = job();
    assert!(is_at_rest(&path));
    let store = Store::open(&(&path).into()).unwrap();
    assert!(is_at_rest(&path));
    store.enter_wal().unwrap();
    store.connection.execute_batch("INSERT INTO hold (id) VALUES ('a')").unwrap();
    assert!(!is_at_rest(&path));
    store.leave_wal();
    drop(store);
    assert!(is_at_rest(&path));
}

#[test]
fn who_reads_meanwhile_loses_nothing() {
    let (_folder, path) = job();
    let store = Store::open(&(&path).into()).unwrap();
    store.enter_wal().unwrap();
    let reader = Store::open_to_read(&(&path).into()).unwrap();
    store.connection.execute_batch("INSERT INTO hold (id) VALUES ('a')").unwrap();
    store.leave_wal();
    drop(store);
    let held: i64 = reader.connection.query_row("SELECT COUNT(*) FROM hold", [], |row| row.get(0)).unwrap();
    assert_eq!(held, 1);
    reader.leave_wal();
    drop(reader);
    assert!(is_at_rest(&path));
}

#[test]
fn what_is_no_job_is_told_from_what_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    for content in [&b"any text that is long enough to be taken for a header, and is not one at all"[..], b""] {
        fs::write(&path, content.repeat(40)).unwrap();
        assert_eq!(Store::open(&(&path).into()).unwrap_err().kind(), JobErrorKind::NotAJob);
        assert_eq!(Store::open_to_read(&(&path).into()).unwrap_err().kind(), JobErrorKind::NotAJob);
    }
    fs::remove_file(&path).unwrap();
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE other (a INTEGER)").unwrap();
    assert_eq!(Store::open(&(&path).into()).unwrap_err().kind(), JobErrorKind::NotAJob);
    let (_folder, path) = job();
    let busy = Connection::open(&path).unwrap();
    busy.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let waiting = Connection::open_with_flags(&path, OpenFlags::SQLITE_OPEN_READ_WRITE).unwrap();
    waiting.busy_timeout(std::time::Duration::ZERO).unwrap();
    let error = Store::of(&path, waiting, OpenFile::register(&path).unwrap()).check_format(&path).unwrap_err();
    assert_eq!(error.kind(), JobErrorKind::Storage, "{error}");
}

#[test]
fn a_read_only_connection_is_enough_to_look() {
    let (_folder, path) = job();
    let store = Store::open_with(&path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    assert!(store.targets().unwrap().is_empty());
    drop(store);
    // A plan that was never finished has no row.
    assert_eq!(Status::read(&path).unwrap_err().kind(), JobErrorKind::Storage);
}
