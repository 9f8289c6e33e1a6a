//! Holds that are added while a job runs, and then its log is lost.

use std::path::PathBuf;
use std::process::Command;
use std::sync::{Arc, OnceLock};

use conversation_delete_job::{Ending, RunOptions, StopHandle, add_holds};
use delete_core::{ConversationId, RecordId};
use rusqlite::Connection;

use crate::stage::{Act, Stage};

/// So many that the last ones are not claimed when the first ten are sent: up to 250 are claimed ahead.
const COUNT: usize = 400;
const HELD: usize = 60;

fn held() -> Vec<RecordId> {
    let id = |number| ConversationId::new(&format!("c{number:06}")).unwrap().into();
    (COUNT - HELD..COUNT).map(id).collect()
}

/// A run that is stopped at its tenth request, at which `act` happens to its file.
async fn run_with(act: impl Fn(&PathBuf) + Send + Sync + 'static) -> Stage {
    let path: Arc<OnceLock<PathBuf>> = Arc::default();
    let stop = StopHandle::default();
    let (known, handle) = (Arc::clone(&path), stop.clone());
    let stage = Stage::new(move |state, _| {
        if state.heard.len() == 10 {
            act(known.get().unwrap());
            handle.drain();
        }
        Act::Right
    });
    path.set(stage.path()).unwrap();
    stage.plan(COUNT);
    assert_eq!(stage.try_run(&RunOptions::default(), &stop).await.unwrap(), Ending::Interrupted);
    stage
}

#[cfg(unix)]
#[tokio::test]
async fn a_hold_that_was_reported_survives_the_loss_of_the_log() {
    let stage = run_with(|path| {
        let report = add_holds(path, &held()).unwrap();
        assert_eq!((report.held, report.is_only_in_log), (HELD as u64, false));
        assert!(Command::new("cp").arg(path).arg(path.with_extension("copy")).status().unwrap().success());
    })
    .await;
    std::fs::rename(stage.path().with_extension("copy"), stage.path()).unwrap();
    assert!(stage.status().outcomes_may_be_missing);
    assert_eq!(stage.run().await, Ending::Finished);
    let state = stage.state.lock().unwrap();
    for id in held() {
        assert!(state.present.contains(&id.to_string()), "{id} is held and was deleted");
    }
    drop(state);
    let kept = stage.outcomes().into_iter().filter(|(_, outcome)| outcome.as_deref() == Some("held")).count();
    assert_eq!(kept, HELD);
}

/// An old snapshot that somebody reads keeps later changes out of the file.
#[tokio::test]
async fn holds_that_could_not_be_written_into_the_file_are_reported_as_such() {
    let stage = run_with(|path| {
        let reader = Connection::open(path).unwrap();
        reader.execute_batch("BEGIN; SELECT COUNT(*) FROM record;").unwrap();
        let report = add_holds(path, &held()).unwrap();
        assert_eq!((report.held, report.is_only_in_log), (HELD as u64, true));
    })
    .await;
    assert_eq!(stage.run().await, Ending::Finished);
    assert_eq!(stage.state.lock().unwrap().present.len(), HELD, "they are in force all the same");
}
