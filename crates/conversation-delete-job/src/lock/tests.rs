use std::fs;
use std::thread;

use tempfile::TempDir;

use super::*;
use crate::{Job, Planner};

fn job() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.job");
    fs::write(&path, "anything").unwrap();
    (folder, path)
}

#[test]
fn the_second_is_told_who_the_first_is_and_what_to_do() {
    let (_folder, path) = job();
    let lock = Lock::take(&path).unwrap();
    let error = Lock::take(&path).unwrap_err();
    assert_eq!(error.kind(), JobErrorKind::Busy);
    let process = format!("run by process {}", std::process::id());
    assert!(error.to_string().contains(&process) && error.to_string().contains("wait for its end"), "{error}");
    assert!(file_holder(&path).is_some_and(|holder| holder.starts_with("process ")));
    drop(lock);
    assert_eq!(file_holder(&path), None);
    Lock::take(&path).unwrap();
}

#[cfg(unix)]
#[test]
fn a_job_has_one_lock_whatever_it_is_called() {
    let (folder, path) = job();
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let _lock = Lock::take(&link).unwrap();
    assert_eq!(Lock::take(&path).unwrap_err().kind(), JobErrorKind::Busy);
    assert!(file_holder(&path).is_some() && file_holder(&link).is_some());
    assert!(!folder.path().join("link.lock").exists());
}

#[test]
fn who_only_looks_keeps_nobody_from_running_it() {
    let (_folder, path) = job();
    drop(Lock::take(&path).unwrap());
    let glance = File::open(beside(&path).unwrap()).unwrap();
    assert!(try_lock(&glance).unwrap());
    let glancing = thread::spawn(move || {
        sleep(Duration::from_millis(30));
        drop(glance);
    });
    Lock::take(&path).unwrap();
    glancing.join().unwrap();
}

#[test]
fn those_that_only_ask_do_not_take_each_other_for_a_run() {
    let (_folder, path) = job();
    drop(Lock::take(&path).unwrap());
    let asking = File::open(beside(&path).unwrap()).unwrap();
    assert!(is_had(fs4::FileExt::try_lock_shared(&asking)).unwrap());
    assert_eq!(file_holder(&path), None);
}

#[test]
fn a_file_that_is_no_lock_is_left_alone() {
    for content in ["dependencies = []", "proc", "process \u{0}".repeat(100).as_str()] {
        let (folder, path) = job();
        let other = folder.path().join("x.job.lock");
        fs::write(&other, content).unwrap();
        let error = Lock::take(&path).unwrap_err();
        assert_eq!(error.kind(), JobErrorKind::Exists);
        assert!(error.to_string().contains("x.job.lock has the name"), "{error}");
        assert_eq!(fs::read_to_string(&other).unwrap(), content);
    }
}

#[test]
fn what_is_no_job_gets_no_lock() {
    let (folder, path) = job();
    assert_eq!(Job::open(&path).unwrap_err().kind(), JobErrorKind::NotAJob);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_plan_that_was_never_finished_is_no_job() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.job");
    let _planner = Planner::create(&path, "test").unwrap();
    assert_eq!(Job::open(&path).unwrap_err().kind(), JobErrorKind::NotAJob);
}

#[test]
fn a_new_job_needs_names_that_nobody_else_uses() {
    let folder = tempfile::tempdir().unwrap();
    let job = folder.path().join("job");
    assert!(check_names(&job).is_ok());
    for (name, content) in
        [("job", "text"), ("job.lock", "version = 3"), ("job-wal", ""), ("job-journal", ""), ("job-shm", "")]
    {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        assert_eq!(check_names(&job).unwrap_err().kind(), JobErrorKind::Exists, "{name}");
        std::fs::remove_file(&path).unwrap();
    }
    let lock = folder.path().join("job.lock");
    for content in ["", "process 1 since 2026-11-28T12:00:00Z\n"] {
        std::fs::write(&lock, content).unwrap();
        assert!(check_names(&job).is_ok(), "an earlier job left it");
    }
    #[cfg(unix)]
    for target in ["nowhere", "other"] {
        std::fs::write(folder.path().join("other"), "").unwrap();
        let _ = std::fs::remove_file(&lock);
        std::os::unix::fs::symlink(target, &lock).unwrap();
        assert_eq!(check_names(&job).unwrap_err().kind(), JobErrorKind::Exists, "a link to {target}");
    }
}
