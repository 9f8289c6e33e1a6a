//! When a run goes on, and when it gives up.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use conversation_delete_job::{Ending, RunOptions, StopHandle, Verify};

use crate::stage::{Act, SECOND, Stage};

const PATIENCE: Duration = Duration::from_secs(120);

fn patient() -> RunOptions {
    RunOptions { max_outage: Some(PATIENCE), ..RunOptions::default() }
}

async fn run_patiently(stage: &Stage) -> Ending {
    stage.try_run(&patient(), &StopHandle::default()).await.unwrap()
}

/// Whether each id is deleted, or has no outcome yet.
fn nothing_failed(stage: &Stage) -> bool {
    stage.outcomes().iter().all(|(_, outcome)| matches!(outcome.as_deref(), Some("deleted" | "gone") | None))
}

#[tokio::test]
async fn an_outage_that_passes_in_time_is_waited_out() {
    let begun: Mutex<Option<Instant>> = Mutex::new(None);
    let stage = Stage::new(move |state, now| {
        let since = *begun.lock().unwrap().get_or_insert(now);
        if state.heard.len() > 10 && now < since + 60 * SECOND { Act::Dead } else { Act::Right }
    });
    stage.plan(100);
    assert_eq!(run_patiently(&stage).await, Ending::Finished);
    assert!(nothing_failed(&stage) && stage.state.lock().unwrap().present.is_empty());
}

#[tokio::test]
async fn one_that_does_not_ends_the_run_and_makes_no_failures() {
    for act in [Act::Dead, Act::Status(503), Act::Throttle(None), Act::Throttle(Some(7))] {
        let is_mended = Arc::new(AtomicBool::new(false));
        let mended = Arc::clone(&is_mended);
        let stage = Stage::new(move |state, _| match state.heard.len() {
            11.. if !mended.load(Ordering::SeqCst) => act,
            _ => Act::Right,
        });
        stage.plan(100);
        let ending = run_patiently(&stage).await;
        assert!(matches!(&ending, Ending::OutageTimedOut { reason, .. } if !reason.is_empty()), "{act:?}: {ending:?}");
        assert!(stage.clock.elapsed() <= PATIENCE + 10 * SECOND, "{act:?}: {:?}", stage.clock.elapsed());
        // Some of those that got no answer are in doubt, and told as failed until the next run knows.
        is_mended.store(true, Ordering::SeqCst);
        assert_eq!(run_patiently(&stage).await, Ending::Finished);
        assert!(nothing_failed(&stage) && stage.state.lock().unwrap().present.is_empty(), "{act:?}");
    }
}

#[tokio::test]
async fn a_single_wish_to_wait_for_too_long_is_enough() {
    let stage = Stage::new(|state, _| if state.heard.len() == 20 { Act::Throttle(Some(3600)) } else { Act::Right });
    stage.plan(100);
    let ending = run_patiently(&stage).await;
    assert!(matches!(ending, Ending::OutageTimedOut { wait, .. } if wait > 3500 * SECOND), "{ending:?}");
    assert!(nothing_failed(&stage) && stage.heard() < 30);
    assert_eq!(stage.run().await, Ending::Finished, "without a limit to its patience");
}

#[tokio::test]
async fn answers_of_somebody_else_stop_the_run() {
    let stage = Stage::new(|_, _| Act::Status(302));
    stage.plan(100);
    let ending = stage.run().await;
    assert!(matches!(&ending, Ending::Unrecoverable(reason) if reason.contains("none of the vendor's")), "{ending:?}");
    assert!(stage.heard() <= 30, "{}", stage.heard());
    let open = stage.outcomes().iter().filter(|(_, outcome)| outcome.is_none()).count();
    assert_eq!(open, 100 - stage.heard());
}

#[tokio::test]
async fn where_something_was_deleted_before_it_is_no_wrong_place() {
    let stop = StopHandle::default();
    let stage = Stage::new({
        let stop = stop.clone();
        move |state, _| {
            if state.heard.len() == 10 {
                stop.drain();
            }
            Act::Right
        }
    });
    let ids = stage.plan(100);
    assert_eq!(stage.try_run(&RunOptions::default(), &stop).await.unwrap(), Ending::Interrupted);
    stage.state.lock().unwrap().present.retain(|id| *id > ids[60]);
    assert_eq!(stage.run().await, Ending::Finished);
    assert!(stage.outcomes().iter().filter(|(_, outcome)| outcome.as_deref() == Some("not_found")).count() > 20);
}

#[tokio::test]
async fn who_insists_leaves_in_doubt_what_may_have_been_done_and_takes_the_rest_back() {
    let (stop, is_mended) = (StopHandle::default(), Arc::new(AtomicBool::new(false)));
    let stage = Stage::new({
        let (stop, is_mended) = (stop.clone(), Arc::clone(&is_mended));
        move |state, _| {
            if state.heard.len() < 10 || is_mended.load(Ordering::SeqCst) {
                return Act::Right;
            }
            stop.abort();
            Act::Lost
        }
    });
    stage.plan(100);
    assert_eq!(stage.try_run(&RunOptions::default(), &stop).await.unwrap(), Ending::Interrupted);
    let reports = stage.reports();
    let count = |outcome| reports.iter().filter(|report| report.outcome.as_str() == outcome).count();
    let in_doubt = stage.heard() - count("deleted");
    assert!(in_doubt > 0);
    assert_eq!((count("failed"), count("not_attempted")), (in_doubt, 100 - stage.heard()));
    is_mended.store(true, Ordering::SeqCst);
    assert_eq!(stage.run().await, Ending::Finished);
    assert!(nothing_failed(&stage));
}

/// A third of the requests fail, for half a minute, among others that do not.
#[tokio::test]
async fn a_bad_half_minute_fails_no_record() {
    let begun: Mutex<Option<Instant>> = Mutex::new(None);
    let stage = Stage::new(move |state, now| {
        let since = *begun.lock().unwrap().get_or_insert(now);
        if now < since + 30 * SECOND && state.heard.len() % 3 == 0 { Act::Status(500) } else { Act::Right }
    });
    stage.plan(2000);
    assert_eq!(stage.run().await, Ending::Finished);
    assert!(nothing_failed(&stage));
}

/// Requests that were in flight when the line broke do not count as probes.
#[tokio::test]
async fn a_short_break_of_many_requests_is_a_short_pause() {
    let begun: Mutex<Option<Instant>> = Mutex::new(None);
    let stage = Stage::new(move |state, now| {
        // By then, as many requests are in flight as may be.
        if state.heard.len() < 200 {
            return Act::Right;
        }
        let since = *begun.lock().unwrap().get_or_insert(now);
        if now < since + 6 * SECOND / 10 { Act::Lost } else { Act::Right }
    });
    let stage = stage.taking(SECOND / 2).with_concurrency(20);
    stage.plan(400);
    assert_eq!(stage.run().await, Ending::Finished);
    assert!(nothing_failed(&stage));
    assert!(stage.clock.elapsed() < 60 * SECOND, "{:?}", stage.clock.elapsed());
}

/// One that never works does not keep the others from their turn, and has failed in the end, also where it is the last.
#[tokio::test]
async fn a_record_that_always_fails_fails_alone() {
    for bad in [0, 10, 49] {
        for concurrency in [1, 4] {
            let id = format!("c{bad:06}");
            let stage = Stage::new(
                move |state, _| {
                    if state.heard.last().unwrap().0 == id { Act::Status(500) } else { Act::Right }
                },
            );
            let stage = stage.with_concurrency(concurrency).taking(SECOND / 10);
            stage.plan(50);
            assert_eq!(stage.run().await, Ending::Finished);
            let outcomes = stage.outcomes();
            let failed: Vec<_> = outcomes.iter().filter(|(_, outcome)| outcome.as_deref() != Some("deleted")).collect();
            assert_eq!(failed, [&outcomes[bad]], "{bad} {concurrency}");
            assert_eq!(outcomes[bad].1.as_deref(), Some("failed"));
            assert!(stage.clock.elapsed() < 600 * SECOND, "{:?}", stage.clock.elapsed());
        }
    }
}

#[tokio::test]
async fn a_credential_that_may_delete_nothing_is_found_out() {
    let stage = Stage::new(|_, _| Act::Status(403));
    stage.plan(100);
    let ending = stage.run().await;
    assert!(matches!(&ending, Ending::CredentialRefused(reason) if reason.contains("forbidden")), "{ending:?}");
    assert!(stage.heard() < 10, "{}", stage.heard());
}

/// Where nothing is left but what always fails, somebody must ask whether the vendor is well.
#[tokio::test]
async fn many_records_that_always_fail_are_no_outage() {
    let stage = Stage::new(|state, _| {
        let number: usize = state.heard.last().unwrap().0[1..].parse().unwrap();
        if number % 20 == 7 { Act::Status(500) } else { Act::Right }
    });
    let stage = stage.taking(SECOND / 10);
    stage.plan(200);
    assert_eq!(run_patiently(&stage).await, Ending::Finished);
    let failed = stage.outcomes().iter().filter(|(_, outcome)| outcome.as_deref() == Some("failed")).count();
    assert_eq!(failed, 10);
    assert!(stage.clock.elapsed() < 600 * SECOND, "{:?}", stage.clock.elapsed());
}

/// A run is ended while its first request is in flight, and none of its records is there.
#[tokio::test]
async fn the_wrong_place_is_found_out_after_a_kill_as_well() {
    for k in 1..=5 {
        let stop = StopHandle::default();
        let stage = Stage::new({
            let stop = stop.clone();
            move |state, _| {
                if state.heard.len() == k {
                    stop.abort();
                    return Act::Dead;
                }
                Act::Right
            }
        });
        let ids: Vec<String> = (0..100).map(|number| format!("c{number:06}")).collect();
        stage.plan_ids(&ids, &[]);
        stage.try_run(&RunOptions::default(), &stop).await.unwrap();
        assert!(matches!(stage.run().await, Ending::NothingFound { .. }), "{k}");
        let gone = stage.reports().iter().filter(|report| report.outcome.as_str() == "gone").count();
        assert!(gone <= 1 && stage.heard() <= 21 + k, "{k}: {gone} of {}", stage.heard());
    }
}

/// What was not there before its delete was not removed by it, whatever came of the answer.
#[tokio::test]
async fn what_was_absent_before_is_not_found_after_a_kill() {
    let stop = StopHandle::default();
    let stage = Stage::new({
        let stop = stop.clone();
        move |state, _| {
            if state.heard.len() == 10 {
                stop.abort();
                return Act::Dead;
            }
            Act::Right
        }
    });
    let ids = stage.plan(30);
    stage.state.lock().unwrap().present.retain(|id| *id < ids[5] || *id > ids[15]);
    let options = RunOptions { verify: Verify::Lookup, ..RunOptions::default() };
    assert_eq!(stage.try_run(&options, &stop).await.unwrap(), Ending::Interrupted);
    assert_eq!(stage.run_verified().await, Ending::Finished);
    let count = |wanted| stage.outcomes().iter().filter(|(_, outcome)| outcome.as_deref() == Some(wanted)).count();
    assert_eq!((count("not_found"), count("deleted"), count("gone")), (11, 19, 0));
}
