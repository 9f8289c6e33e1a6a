//! Seen before, deleted, absent after.

use std::time::Duration;

use conversation_delete_job::{Ending, RecordOutcome, RunOptions, Status, StopHandle, Verify};
use tavus_delete::VerifyPolicy;

use crate::stage::{Act, Stage, presence};

fn looks(stage: &Stage) -> Vec<(Option<&'static str>, Option<&'static str>)> {
    stage.reports().into_iter().map(|report| (presence(&report.before), presence(&report.after))).collect()
}

fn words(before: &'static str, after: &'static str) -> (Option<&'static str>, Option<&'static str>) {
    (Some(before), Some(after))
}

#[tokio::test]
async fn what_is_deleted_was_seen_and_is_absent() {
    let stage = Stage::new(|_, _| Act::Right);
    stage.plan(60);
    assert_eq!(stage.run_verified().await, Ending::Finished);
    assert_eq!(looks(&stage), vec![words("present", "absent"); 60]);
    assert_eq!((stage.looked(), stage.heard()), (120, 60));
    assert_eq!(stage.run_verified().await, Ending::Finished);
    assert_eq!((stage.looked(), stage.heard()), (120, 60), "a second run sends nothing");
}

#[tokio::test]
async fn a_vendor_that_lies_is_found_out() {
    let stage = Stage::new(|state, _| if state.heard.len() % 10 == 0 { Act::Lie } else { Act::Right });
    stage.plan(50);
    assert_eq!(stage.run_verified().await, Ending::Finished);
    assert_eq!(looks(&stage).iter().filter(|looks| **looks == words("present", "present")).count(), 5);
    let status = Status::read(stage.path()).unwrap();
    assert_eq!((status.targets[0].still_present, status.targets[0].outcomes.get(RecordOutcome::Deleted)), (5, 50));
}

#[tokio::test]
async fn where_none_is_there_before_nothing_is_deleted() {
    let stage = Stage::new(|_, _| Act::Right);
    let ids: Vec<String> = (0..100).map(|number| format!("c{number}")).collect();
    stage.plan_ids(&ids, &[]);
    assert!(matches!(stage.run_verified().await, Ending::NothingFound { .. }));
    assert_eq!(stage.heard(), 0);
}

#[tokio::test]
async fn what_cannot_be_looked_at_is_not_deleted() {
    let stage = Stage::new(|_, _| Act::Right);
    let ids = stage.plan(30);
    stage.state.lock().unwrap().hidden = Some(ids[7].clone());
    assert_eq!(stage.run_verified().await, Ending::Finished);
    let report = stage.reports().remove(7);
    assert_eq!((report.outcome.as_str(), presence(&report.before)), ("failed", Some("unknown")));
    assert_eq!(report.error.map(|error| error.delivery.as_str()), Some("not_sent"));
    assert_eq!(stage.state.lock().unwrap().present.iter().collect::<Vec<_>>(), [&ids[7]]);
    assert_eq!(stage.heard(), 29);
}

#[tokio::test]
async fn a_second_look_tells_what_it_sees_and_deletes_nothing() {
    let stage = Stage::new(|_, _| Act::Right);
    let ids = stage.plan(30);
    stage.run_verified().await;
    stage.state.lock().unwrap().present.insert(ids[3].clone());
    assert_eq!(stage.verify().await, Ending::Finished);
    let came_back: Vec<bool> = looks(&stage).iter().map(|looks| *looks == words("present", "present")).collect();
    assert_eq!(came_back.iter().position(|back| *back), Some(3));
    assert_eq!((came_back.iter().filter(|back| **back).count(), stage.heard()), (1, 30));
}

/// Those that are still there are looked at again together, and not each for itself.
#[tokio::test]
async fn looks_at_many_that_go_late_take_little_longer_than_at_one() {
    let stage = Stage::new(|_, _| Act::Right);
    stage.plan(300);
    stage.state.lock().unwrap().lag = Duration::from_secs(30);
    let options = RunOptions {
        verify: Verify::Lookup,
        verify_policy: VerifyPolicy::new(6, Duration::from_secs(1)),
        ..RunOptions::default()
    };
    assert_eq!(stage.try_run(&options, &StopHandle::default()).await.unwrap(), Ending::Finished);
    assert!(stage.reports().iter().all(|report| presence(&report.after) == Some("absent")));
    assert!(stage.clock.elapsed() < Duration::from_secs(60), "{:?}", stage.clock.elapsed());
}

#[tokio::test]
async fn the_status_names_the_verification_of_the_last_run_that_deletes() {
    let stage = Stage::new(|_, _| Act::Right);
    stage.plan(3);
    let mut named = vec![stage.status().verify];
    for verify in [Verify::List, Verify::Lookup, Verify::Off] {
        let options = RunOptions { verify, ..RunOptions::default() };
        assert_eq!(stage.try_run(&options, &StopHandle::default()).await.unwrap(), Ending::Finished);
        named.push(stage.status().verify);
        assert_eq!(stage.verify().await, Ending::Finished);
        named.push(stage.status().verify);
    }
    use Verify::{List, Lookup, Off};
    assert_eq!(named, [Off, List, List, Lookup, Lookup, Off, Off]);
}
