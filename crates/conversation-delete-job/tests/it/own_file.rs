//! A plan that is given up removes the file that it made, and no other.

use std::fs;

use conversation_delete_job::{Ending, Job, JobErrorKind, Planner, Status};

use crate::stage::{Act, Stage};

#[test]
fn a_dropped_plan_removes_its_own_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("job");
    drop(Planner::create(&path, "test").unwrap());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_dropped_plan_leaves_a_file_that_took_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("job");
    let planner = Planner::create(&path, "test").unwrap();
    fs::rename(&path, folder.path().join("moved")).unwrap();
    fs::write(&path, "of another").unwrap();
    drop(planner);
    assert_eq!(fs::read(&path).unwrap(), b"of another");
}

#[test]
fn a_plan_that_finds_a_file_beside_its_name_makes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["job", "job.lock", "job-wal"] {
        let other = folder.path().join(name);
        fs::write(&other, "of another").unwrap();
        let error = Planner::create(&folder.path().join("job"), "test").unwrap_err();
        assert_eq!(error.kind(), JobErrorKind::Exists, "{name}");
        assert_eq!(fs::read(&other).unwrap(), b"of another");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        fs::remove_file(&other).unwrap();
    }
}

/// SQLite takes each file of these names for its own, writes over it, and removes it.
#[tokio::test]
async fn a_file_of_another_beside_a_plan_is_neither_written_over_nor_removed() {
    let other_log = {
        let folder = tempfile::tempdir().unwrap();
        let connection = rusqlite::Connection::open(folder.path().join("other")).unwrap();
        connection.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE a (b)").unwrap();
        fs::read(folder.path().join("other-wal")).unwrap()
    };
    let notes = b"of another ".repeat(500);
    for (end, content) in [("-wal", &notes), ("-wal", &notes[..9].to_vec()), ("-wal", &other_log), ("-journal", &notes)]
    {
        let stage = Stage::new(|_, _| Act::Right);
        stage.plan(3);
        let other = format!("{}{end}", stage.path().display());
        fs::write(&other, content).unwrap();
        assert_eq!(Status::read(stage.path()).unwrap().targets[0].planned, 3, "{end}");
        let error = Job::open(stage.path()).unwrap_err();
        assert_eq!((error.kind(), error.has_begun()), (JobErrorKind::UnsafeLocation, false), "{end}: {error}");
        assert!(error.to_string().contains(&other), "{error}");
        assert_eq!(&fs::read(&other).unwrap(), content, "{end}");
        fs::remove_file(other).unwrap();
        assert_eq!(stage.run().await, Ending::Finished, "{end}");
    }
}
