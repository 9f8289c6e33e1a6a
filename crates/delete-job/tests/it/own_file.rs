//! A plan that is given up removes the file that it made, and no other.

use std::fs;

use delete_job::{JobErrorKind, Planner};

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
