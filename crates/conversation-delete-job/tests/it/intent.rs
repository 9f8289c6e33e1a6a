//! No request leaves before the file says that it will.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use conversation_delete_job::{Ending, RunOptions, StopHandle};
use rusqlite::{Connection, OpenFlags};
use tokio::sync::Notify;

use crate::stage::{Act, Stage};
use crate::truth::assert_true;

/// What somebody else reads in the file at the time of a request.
fn assert_intended(path: &Path, id: &str) {
    let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let query = "SELECT intent_at IS NOT NULL AND outcome IS NULL FROM record WHERE id = ?";
    let is_intended: bool = connection.query_row(query, [id], |row| row.get(0)).unwrap();
    assert!(is_intended, "the request for {id} left before its intent was on the disk");
}

/// A vendor that reads the job file at each request, and then does what `act` returns for its number.
fn reading_stage(act: impl Fn(usize) -> Act + Send + Sync + 'static) -> Stage {
    let path: Arc<OnceLock<PathBuf>> = Arc::default();
    let known = Arc::clone(&path);
    let stage = Stage::new(move |state, _| {
        let (id, _) = state.heard.last().unwrap();
        assert_intended(known.get().unwrap(), id);
        act(state.heard.len())
    });
    path.set(stage.path()).unwrap();
    stage
}

#[tokio::test]
async fn each_request_finds_its_intent_in_the_file() {
    let stage = reading_stage(|_| Act::Right);
    stage.plan(3000);
    assert_eq!(stage.run().await, Ending::Finished);
    assert_eq!(stage.heard(), 3000);
}

/// Where a run ends, the intents of what was not sent are taken back: the next run must write them down again.
#[tokio::test]
async fn so_does_each_request_of_a_run_that_goes_on_after_another() {
    let stage = reading_stage(|number| match number {
        250 | 500 | 750 => Act::Status(401),
        number if number % 7 == 0 => Act::Lost,
        number if number % 11 == 0 => Act::Throttle(Some(3)),
        number if number % 13 == 0 => Act::Closed(3),
        _ => Act::Right,
    });
    stage.plan(700);
    for run in 0..3 {
        assert!(matches!(stage.run().await, Ending::CredentialRefused(_)), "{run}");
        assert_true(&stage, "after a refused credential");
    }
    assert_eq!(stage.run().await, Ending::Finished);
    assert_true(&stage, "at the end");
}

#[tokio::test]
async fn so_does_each_request_after_a_run_that_was_dropped() {
    let crash = Arc::new(Notify::new());
    let tell = Arc::clone(&crash);
    let stage = reading_stage(move |number| {
        if number % 25 == 0 {
            tell.notify_one();
        }
        if number % 5 == 0 { Act::Lost } else { Act::Right }
    })
    .taking(Duration::from_millis(100));
    stage.plan(400);
    let (options, stop) = (RunOptions::default(), StopHandle::default());
    for _ in 0..10 {
        tokio::select! {
            biased;
            () = crash.notified() => {}
            ending = stage.try_run(&options, &stop) => panic!("{ending:?}"),
        }
    }
    assert_eq!(stage.run().await, Ending::Finished);
    assert_true(&stage, "at the end");
}
