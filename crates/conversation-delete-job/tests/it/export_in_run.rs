//! What an export reports of a job that another process runs.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};

use conversation_delete_job::{Ending, export};

use crate::ground::Ground;
use crate::vendor::Reply;

/// The outcomes of all records, in the order of the plan.
fn outcomes(path: &std::path::Path) -> Vec<String> {
    let mut outcomes = Vec::new();
    export(path, |report| {
        outcomes.push(report.outcome.as_str().to_owned());
        true
    })
    .unwrap();
    outcomes
}

#[tokio::test]
async fn what_is_in_flight_has_not_failed_while_the_job_runs() {
    let (path, seen): (Arc<OnceLock<PathBuf>>, Arc<Mutex<Vec<String>>>) = Default::default();
    let (known, log) = (Arc::clone(&path), Arc::clone(&seen));
    let ground = Ground::new(move |model, _| {
        if model.requests.len() % 5 == 0 {
            log.lock().unwrap().extend(outcomes(known.get().unwrap()));
        }
        Reply::Right
    });
    path.set(ground.path()).unwrap();
    ground.plan(20, |_| true);
    assert_eq!(ground.run().await, Ending::Finished);
    let seen = seen.lock().unwrap();
    assert!(seen.iter().any(|outcome| outcome == "not_attempted"), "{seen:?}");
    assert!(!seen.iter().any(|outcome| outcome == "failed"), "{seen:?}");
}

#[tokio::test]
async fn what_was_in_flight_when_a_run_ended_has_failed_until_the_next_one() {
    let ground = Ground::new(|_, _| Reply::Right);
    let ids = ground.plan(3, |_| true);
    ground.put_in_doubt(&ids[1..2]);
    assert_eq!(outcomes(&ground.path()), ["not_attempted", "failed", "not_attempted"]);
}
