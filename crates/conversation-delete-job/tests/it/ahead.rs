//! Intents are written shortly before their requests, and taken back if these have to wait.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use conversation_delete_job::{Ending, Limits};

use crate::ground::{Ground, intents};
use crate::vendor::{Call, Model, Reply};

const SECOND: Duration = Duration::from_secs(1);

/// What makes a lane wait.
#[derive(Clone, Copy, Debug)]
enum Cause {
    Window,
    Rate,
    Throttle,
    Outage,
}

fn ground(cause: Cause, batch: usize) -> Ground {
    let ground = Ground::new(move |model, _| match (cause, model.requests.len()) {
        (Cause::Throttle, 5) => Reply::Wait(429, 3600),
        (Cause::Outage, 5..40) => Reply::Status(503),
        _ => Reply::Right,
    });
    let window = matches!(cause, Cause::Window).then_some((5, 61 * SECOND));
    let rate = matches!(cause, Cause::Rate).then_some(0.05);
    ground.with_batches(batch).with_limits(Limits { concurrency: 4, rate, window }).taking(SECOND / 10)
}

#[tokio::test]
async fn a_kill_in_any_long_wait_leaves_in_doubt_only_what_was_sent_without_a_clear_response() {
    for cause in [Cause::Window, Cause::Rate, Cause::Throttle, Cause::Outage] {
        for batch in [1, 50] {
            let ground = ground(cause, batch);
            ground.plan(batch * 40, |_| true);
            let in_doubt = ground.run_into_a_wait().await;
            let sent = ground.deletes().concat();
            assert!(in_doubt.iter().all(|id| sent.contains(id)), "{cause:?} {batch}: {in_doubt:?}");
            let written = ground.intents();
            if matches!(cause, Cause::Throttle) {
                // A 429 is a clear response; at most the three other calls were in flight.
                assert!(written <= 3 * batch, "{batch}: {written}");
            }
            ground.assert_true("after the kill");
            assert_eq!(ground.run().await, Ending::Finished, "{cause:?} {batch}");
            // What was in flight when the run was dropped is gone.
            assert_eq!(ground.count("deleted") + ground.count("gone"), 40 * batch, "{cause:?} {batch}");
            assert!(ground.count("gone") <= written, "{cause:?} {batch}");
            ground.assert_true("at the end");
        }
    }
}

/// How many intents the file had at each request, besides those of requests in flight.
async fn unsent_at_each_request(latency: Duration, limits: Limits, batch: usize) -> Vec<usize> {
    let path: Arc<OnceLock<PathBuf>> = Arc::default();
    let unsent: Arc<Mutex<Vec<usize>>> = Arc::default();
    let (known, noted) = (Arc::clone(&path), Arc::clone(&unsent));
    let ground = Ground::new(move |model: &mut Model, _: &Call| {
        let written = intents(known.get().unwrap());
        noted.lock().unwrap().push(written.saturating_sub(model.in_flight.len()));
        Reply::Right
    });
    let ground = ground.with_batches(batch).with_limits(limits).taking(latency);
    path.set(ground.path()).unwrap();
    ground.plan(batch * 60, |_| true);
    assert_eq!(ground.run().await, Ending::Finished);
    unsent.lock().unwrap().clone()
}

#[tokio::test]
async fn no_more_intents_are_written_than_the_next_moment_has_room_for() {
    let cases = [
        // A window with room for five requests.
        (SECOND / 100, Limits { concurrency: 4, rate: None, window: Some((5, 61 * SECOND)) }, 5),
        // Eight requests in a second are two in a quarter of one.
        (SECOND / 100, Limits { concurrency: 4, rate: Some(8.0), window: None }, 2),
        // Two calls at once that take a minute each.
        (60 * SECOND, Limits { concurrency: 2, rate: None, window: None }, 2),
    ];
    for (latency, limits, most) in cases {
        for batch in [1, 50] {
            // The outcomes of calls that have ended may not be on the disk yet.
            let ended = limits.concurrency * batch;
            let unsent = unsent_at_each_request(latency, limits, batch).await;
            let highest = unsent.into_iter().max().unwrap_or_default();
            assert!(highest <= most * batch + ended, "{limits:?}, {batch} a request: {highest}");
        }
    }
}

/// They are claimed again, each once.
#[tokio::test]
async fn what_was_taken_back_is_sent_later_and_once() {
    let ground =
        Ground::new(|model, _| if model.requests.len() % 7 == 0 { Reply::Wait(429, 30) } else { Reply::Right });
    let ground = ground.with_batches(10).taking(SECOND / 20);
    ground.plan(400, |_| true);
    assert_eq!(ground.run().await, Ending::Finished);
    assert_eq!((ground.count("deleted"), ground.intents()), (400, 0));
    let model = ground.vendor.model.lock().unwrap();
    let throttled = model.requests.len() / 7;
    assert_eq!(model.deletes().len(), model.requests.len());
    assert!(model.deletes().concat().len() <= 400 + 10 * throttled);
}
