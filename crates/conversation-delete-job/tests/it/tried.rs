//! Requests that were sent for a record before it was put off, held, or left by a run.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use conversation_delete_job::{Ending, Failure, RecordReport, StopHandle};

use crate::ground::Ground;
use crate::vendor::Reply;

/// A vendor that gives `reply` to the first two requests. At the second one, `act` is done.
fn failing_twice(reply: Reply, act: impl Fn() + Send + Sync + 'static) -> Ground {
    Ground::new(move |model, _| {
        let number = model.requests.len();
        if number == 2 {
            act();
        }
        if number <= 2 { reply } else { Reply::Right }
    })
}

fn only_report(ground: &Ground) -> RecordReport {
    ground.reports().remove(0)
}

#[tokio::test]
async fn a_run_that_leaves_a_record_keeps_its_requests_and_the_next_run_adds_to_them() {
    for (reply, outcome, status) in [
        (Reply::Status(503), "failed", Some(503)),
        (Reply::Late(503), "failed", Some(503)),
        (Reply::Lost, "failed", None),
        (Reply::Wait(429, 30), "not_attempted", Some(429)),
    ] {
        let stop = StopHandle::default();
        let handle = stop.clone();
        let ground = failing_twice(reply, move || handle.drain());
        ground.plan(1, |_| true);
        assert_eq!(ground.run_with(&stop, |lane| lane).await, Ending::Interrupted, "{reply:?}");
        let report = only_report(&ground);
        assert_eq!((report.outcome.as_str(), report.attempts, report.status), (outcome, 2, status), "{report:?}");
        if outcome == "failed" {
            let Failure { kind, delivery, message } = report.error.unwrap();
            assert_eq!((kind.as_str(), delivery.as_str()), ("interrupted", "maybe_delivered"), "{reply:?}");
            assert!(!message.contains("about to be sent") && message.contains("run the job again"), "{message}");
        }
        assert_eq!(ground.run().await, Ending::Finished, "{reply:?}");
        let report = only_report(&ground);
        assert!(matches!(report.outcome.as_str(), "deleted" | "gone") && report.attempts == 3, "{report:?}");
        assert!(matches!(report.status, Some(200 | 406)) && report.error.is_none(), "{report:?}");
    }
}

#[tokio::test]
async fn a_hold_that_settles_a_record_between_its_requests_keeps_them() {
    for (reply, outcome) in [(Reply::Status(503), "failed"), (Reply::Wait(429, 30), "held")] {
        let path: Arc<OnceLock<PathBuf>> = Arc::default();
        let known = Arc::clone(&path);
        let ground = failing_twice(reply, move || Ground::hold(known.get().unwrap(), "r00000"));
        path.set(ground.path()).unwrap();
        ground.plan(1, |_| true);
        assert_eq!(ground.run().await, Ending::Finished, "{reply:?}");
        let report = only_report(&ground);
        let status = if outcome == "held" { 429 } else { 503 };
        assert_eq!((report.outcome.as_str(), report.attempts, report.status), (outcome, 2, Some(status)), "{report:?}");
        assert_eq!(ground.deletes().len(), 2, "{reply:?}");
    }
}

#[tokio::test]
async fn a_record_that_fails_in_one_run_has_all_of_its_requests() {
    let ground = Ground::new(|model, _| if model.requests.len() == 1 { Reply::Lost } else { Reply::Status(400) });
    ground.plan(1, |_| true);
    ground.run().await;
    let report = only_report(&ground);
    assert_eq!(report.attempts, ground.deletes().len() as u64, "{report:?}");
}
