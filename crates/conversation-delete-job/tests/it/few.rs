//! Somebody waits for a job of a few records; a larger one waits for its vendor. And lookups delete nothing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;

use conversation_delete_job::{Ending, RecordOutcome, RunOptions, StopHandle};
use delete_core::{Delivery, ErrorKind, VerifyPolicy};

use crate::ground::Ground;
use crate::stage::{Act, SECOND, Silent, Stage, presence};
use crate::vendor::{Call, Model, Reply};

fn tries(stage: &Stage) -> Vec<usize> {
    let mut tries = BTreeMap::new();
    for (id, _) in &stage.state.lock().unwrap().heard {
        *tries.entry(id.clone()).or_default() += 1;
    }
    tries.into_values().collect()
}

#[tokio::test]
async fn each_of_ten_records_fails_after_four_tries() {
    let stage = Stage::new(|_, _| Act::Dead);
    stage.plan(10);
    assert_eq!(stage.run().await, Ending::Finished);
    assert_eq!(tries(&stage), [4; 10]);
    for report in stage.reports() {
        let error = report.error.unwrap();
        assert_eq!((report.outcome.as_str(), report.attempts), ("failed", 4));
        assert_eq!((error.kind, error.delivery), (ErrorKind::Connection, Delivery::MaybeDelivered));
    }
}

#[tokio::test]
async fn none_of_eleven_records_fails_in_an_outage() {
    let options = RunOptions { max_outage: Some(120 * SECOND), ..RunOptions::default() };
    let is_available = Arc::new(AtomicBool::new(false));
    let available = Arc::clone(&is_available);
    let script = move |_: &mut Model, _: &Call| if available.load(SeqCst) { Reply::Right } else { Reply::Dead };
    let ground = Ground::new(script).with_options(options);
    ground.plan(11, |_| true);
    let ending = ground.run().await;
    assert!(matches!(ending, Ending::OutageTimedOut { .. }), "{ending:?}");
    is_available.store(true, SeqCst);
    assert_eq!(ground.run().await, Ending::Finished);
    assert!(ground.reports().iter().all(|report| report.outcome == RecordOutcome::Deleted), "they are open till then");
}

#[tokio::test]
async fn eleven_records_are_deleted_after_an_outage() {
    let ground = Ground::new(|model, _| match model.requests[..] {
        [(_, begin), .., (_, now)] if now - begin >= 600 * SECOND => Reply::Right,
        _ => Reply::Status(503),
    });
    ground.plan(11, |_| true);
    assert_eq!(ground.run().await, Ending::Finished);
    assert!(ground.reports().iter().all(|report| report.outcome == RecordOutcome::Deleted));
}

#[tokio::test]
async fn a_few_records_wait_for_a_throttle_longer_than_a_minute() {
    let stage = Stage::new(|state, _| if state.heard.len() <= 6 { Act::Throttle(Some(90)) } else { Act::Right });
    stage.plan(2);
    assert_eq!(stage.run().await, Ending::Finished);
    assert!(stage.reports().iter().all(|report| report.outcome.as_str() == "deleted"));
    assert!(stage.clock.elapsed() >= Duration::from_secs(6 * 90), "{:?}", stage.clock.elapsed());
}

#[tokio::test]
async fn lookups_alone_delete_nothing_and_give_no_outcome() {
    let stage = Stage::new(|_, _| Act::Right);
    let ids = stage.plan(15);
    stage.state.lock().unwrap().present.remove(&ids[3]);
    let job = stage.open().unwrap();
    let (clock, lane) = (Arc::new(stage.clock.clone()), stage.lane(&job));
    let options = RunOptions { verify_policy: VerifyPolicy::once(), ..RunOptions::default() };
    let stop = StopHandle::default();
    let endings = job.lookup(vec![lane], clock, &options, &stop, &Silent).await.unwrap();
    assert_eq!((endings, stage.looked(), stage.heard()), (vec![Ending::Finished], 15, 0));
    for report in stage.reports() {
        let expected = if report.id == ids[3] { "absent" } else { "present" };
        assert_eq!((report.outcome.as_str(), presence(&report.after)), ("not_attempted", Some(expected)));
    }
    assert_eq!(stage.run().await, Ending::Finished);
    assert_eq!(stage.heard(), 15, "the job can still be run");
}
