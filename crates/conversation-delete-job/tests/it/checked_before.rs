//! What the lookup before a delete decides.

use conversation_delete_job::{Ending, RunOptions, Verify};
use delete_core::{Delivery, ErrorKind};

use crate::lane::{Run, Setup, plan_listed};
use crate::stage::{Act, Stage};

const FINISHED: Run = Run { ending: Ending::Finished, lists: 0, unchecked: 0 };

fn absent_ids(stage: &Stage, count: usize) {
    let ids: Vec<String> = (0..count).map(|number| format!("c{number:06}")).collect();
    stage.plan_ids(&ids, &[]);
}

#[tokio::test]
async fn an_active_record_is_not_deleted() {
    let stage = Stage::new(|_, _| Act::Right);
    let ids = stage.plan(15);
    let setup = Setup { active: Some(ids[4].clone()), ..Setup::rejecting_active() };
    assert_eq!(setup.run(&stage).await, FINISHED);
    assert_eq!((stage.looked(), stage.heard()), (15, 14));
    let report = stage.reports().remove(4);
    let error = report.error.unwrap();
    assert_eq!((report.outcome.as_str(), report.attempts), ("failed", 0));
    assert_eq!((error.kind, error.delivery), (ErrorKind::StillActive, Delivery::NotSent));
    assert!(error.message.contains("active"), "{}", error.message);
    assert_eq!(stage.state.lock().unwrap().present.iter().collect::<Vec<_>>(), [&ids[4]]);
}

#[tokio::test]
async fn a_list_entry_that_is_over_is_not_looked_up_before_its_delete() {
    for (verify, lookups) in [(Verify::Off, 0), (Verify::Lookup, 25)] {
        let stage = Stage::new(|_, _| Act::Right);
        plan_listed(&stage, 25);
        let setup = Setup { reject_active: true, ..Setup::verifying(verify) };
        assert_eq!(setup.run(&stage).await, FINISHED);
        assert_eq!((stage.looked(), stage.heard()), (lookups, 25), "{verify:?}");
    }
}

#[tokio::test]
async fn one_lookup_shows_presence_and_activity() {
    let stage = Stage::new(|_, _| Act::Right);
    stage.plan(12);
    let setup = Setup { reject_active: true, ..Setup::verifying(Verify::Lookup) };
    assert_eq!(setup.run(&stage).await, FINISHED);
    assert_eq!((stage.looked(), stage.heard()), (24, 12));
}

#[tokio::test]
async fn what_may_not_be_read_is_deleted_and_reported_once() {
    let stage = Stage::new(|_, _| Act::Right).looking(|_, _| Act::Status(403));
    stage.plan(30);
    assert_eq!(Setup::rejecting_active().run(&stage).await, Run { unchecked: 1, ..FINISHED });
    assert_eq!((stage.looked(), stage.heard()), (30, 30));
    assert!(stage.reports().iter().all(|report| report.outcome.as_str() == "deleted"));
}

#[tokio::test]
async fn what_may_not_be_read_is_not_deleted_if_it_is_to_be_proved() {
    let stage = Stage::new(|_, _| Act::Right);
    let ids = stage.plan(30);
    stage.state.lock().unwrap().hidden = Some(ids[3].clone());
    let setup = Setup { reject_active: true, ..Setup::verifying(Verify::Lookup) };
    assert_eq!(setup.run(&stage).await, FINISHED);
    let error = stage.reports().remove(3).error.unwrap();
    assert_eq!((error.kind, error.delivery), (ErrorKind::Forbidden, Delivery::NotSent));
    assert_eq!(stage.heard(), 29);
}

#[tokio::test]
async fn of_two_absent_records_none_is_deleted_unless_that_does_not_matter() {
    for (verify, reject_active) in [(Verify::Off, true), (Verify::Lookup, true), (Verify::List, false)] {
        let stage = Stage::new(|_, _| Act::Right);
        absent_ids(&stage, 2);
        let run = Setup { reject_active, ..Setup::verifying(verify) }.run(&stage).await;
        assert_eq!(run.ending, Ending::NothingFound { looked: 2 }, "{verify:?}");
        assert_eq!((stage.looked(), stage.heard()), (2, 0), "{verify:?}");
        assert!(stage.outcomes().iter().all(|(_, outcome)| outcome.is_none()), "{verify:?}");

        let options = RunOptions { verify, all_absent_ok: true, ..RunOptions::default() };
        let run = Setup { reject_active, options, ..Setup::default() }.run(&stage).await;
        assert_eq!((run.ending, stage.heard()), (Ending::Finished, 2), "{verify:?}");
        assert!(stage.reports().iter().all(|report| report.outcome.as_str() == "not_found"), "{verify:?}");
    }
}

#[tokio::test]
async fn the_delete_of_a_single_absent_record_is_sent() {
    for verify in [Verify::Off, Verify::Lookup, Verify::List] {
        let stage = Stage::new(|_, _| Act::Right);
        absent_ids(&stage, 1);
        let run = Setup { reject_active: true, ..Setup::verifying(verify) }.run(&stage).await;
        assert_eq!((run.ending, stage.heard()), (Ending::Finished, 1), "{verify:?}");
        assert_eq!(stage.reports().remove(0).outcome.as_str(), "not_found", "{verify:?}");
    }
}

#[tokio::test]
async fn absent_records_are_deleted_too_once_another_one_was_seen() {
    let stage = Stage::new(|_, _| Act::Right);
    absent_ids(&stage, 5);
    stage.state.lock().unwrap().present.insert("c000004".to_owned());
    assert_eq!(Setup::rejecting_active().run(&stage).await, FINISHED);
    assert_eq!((stage.looked(), stage.heard()), (5, 5));
}
