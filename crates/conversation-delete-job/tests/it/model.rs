//! Random vendors, random crashes: the file and the vendor agree in the end.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use conversation_delete_job::{Ending, RunOptions, StopHandle};
use proptest::prelude::*;

use crate::stage::{Act, Stage};
use crate::truth::assert_true;

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        8 => Just(Act::Right),
        2 => Just(Act::Lost),
        1 => Just(Act::Dead),
        1 => ambiguous_status().prop_map(Act::Status),
        1 => ambiguous_status().prop_map(Act::Late),
        1 => prop_oneof![Just(None), Just(Some(2_u64)), Just(Some(90))].prop_map(Act::Throttle),
        1 => prop_oneof![Just(2_u64), Just(90)].prop_map(Act::Closed),
    ]
}

fn ambiguous_status() -> impl Strategy<Value = u16> {
    prop_oneof![Just(500_u16), Just(502), Just(503), Just(504), Just(408)]
}

/// Runs the job, and drops the run at the given requests.
async fn run_with_crashes(
    stage: &Stage,
    crashes: &[usize],
    crash_at: &AtomicUsize,
    crashed: &tokio::sync::Notify,
) -> Ending {
    for crash in crashes {
        crash_at.store(*crash, Ordering::SeqCst);
        let (options, stop) = (RunOptions::default(), StopHandle::default());
        tokio::select! {
            biased;
            () = crashed.notified() => {}
            ending = stage.try_run(&options, &stop) => { ending.unwrap(); }
        }
    }
    crash_at.store(usize::MAX, Ordering::SeqCst);
    stage.run().await
}

fn check(acts: Vec<Act>, latency: Duration, missing: HashSet<usize>, held: HashSet<usize>, crashes: Vec<usize>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let crash_at = Arc::new(AtomicUsize::new(usize::MAX));
        let crashed = Arc::new(tokio::sync::Notify::new());
        let acts = Mutex::new(acts.into_iter());
        let (at, tell) = (Arc::clone(&crash_at), Arc::clone(&crashed));
        let stage = Stage::new(move |state, _| {
            if state.heard.len() >= at.load(Ordering::SeqCst) {
                tell.notify_one();
            }
            acts.lock().unwrap().next().unwrap_or(Act::Right)
        })
        .taking(latency);
        let ids: Vec<String> = (0..40).map(|number| format!("c{number}")).collect();
        let there = |number: &usize| !missing.contains(number);
        let present: HashSet<String> = (0..ids.len()).filter(there).map(|number| ids[number].clone()).collect();
        stage.state.lock().unwrap().present.extend(present.iter().cloned());
        let holds: Vec<String> = held.iter().map(|number| ids[*number].clone()).collect();
        stage.plan_ids(&ids, &holds);
        let ending = run_with_crashes(&stage, &crashes, &crash_at, &crashed).await;

        assert_true(&stage, "in the end");
        let is_planned = |(id, _): &(String, _)| ids.contains(id) && !holds.contains(id);
        assert!(stage.state.lock().unwrap().heard.iter().all(is_planned), "only what was planned");
        for (id, outcome) in stage.outcomes() {
            let is_there = stage.state.lock().unwrap().present.contains(&id);
            match outcome.as_deref() {
                Some("held") => assert_eq!(is_there, present.contains(&id)),
                Some("deleted" | "gone") => assert!(!is_there, "{id}"),
                Some("not_found") => assert!(!is_there && !present.contains(&id), "{id}"),
                // Its own requests failed again and again.
                Some("failed") => {}
                other => assert!(ending != Ending::Finished && other.is_none(), "{id}: {other:?}"),
            }
        }
        let heard = stage.heard();
        assert_eq!(stage.run().await == Ending::Finished, ending == Ending::Finished);
        if ending == Ending::Finished {
            assert_eq!(stage.heard(), heard, "a finished job sends nothing");
        }
    });
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(150) })]

    #[test]
    fn every_id_has_one_true_outcome(
        acts in prop::collection::vec(act(), 0..80),
        milliseconds in prop_oneof![Just(0), Just(100), Just(5000)],
        missing in prop::collection::hash_set(0..40_usize, 0..8),
        held in prop::collection::hash_set(0..40_usize, 0..8),
        crashes in prop::collection::vec(1..60_usize, 0..4),
    ) {
        check(acts, Duration::from_millis(milliseconds), missing, held, crashes);
    }
}
