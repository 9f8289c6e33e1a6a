//! Holds: what they match, what they keep, and what is reported of those that come late.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use conversation_delete_job::{
    Ending, HoldPlace, HoldReport, LateHolds, Planner, RecordOutcome, RunOptions, StopHandle, add_holds,
};
use delete_core::RecordId;

use crate::stage::{Act, Stage, target};

fn id(text: &str) -> RecordId {
    delete_core::ConversationId::new(text).unwrap().into()
}

const UUID: &str = "F47AC10B-58CC-4372-A567-0E02B2C3D479";

#[test]
fn holds_that_match_nothing_are_named_with_their_place_and_a_difference_in_case() {
    let folder = tempfile::tempdir().unwrap();
    let mut planner = Planner::create(&folder.path().join("job"), "test").unwrap();
    let target = planner.target(&target()).unwrap();
    let forms = [vec![RecordId::parse_uuid(UUID).unwrap(), id(UUID)], vec![id("c1")], vec![id("x9")], vec![id("C2")]];
    for (line, ids) in (1..).zip(&forms) {
        planner.hold_in_forms(ids, HoldPlace { file: 7, line }).unwrap();
    }
    for record in ["c1", "c2", "c3", UUID] {
        assert!(planner.add(target, &id(record)).unwrap());
    }
    let unmatched = planner.unmatched_holds(10).unwrap();
    assert_eq!((unmatched.total, unmatched.count, unmatched.differing_in_case), (4, 2, 1));
    let named = |limit| -> Vec<(String, HoldPlace, Option<String>)> {
        let first = planner.unmatched_holds(limit).unwrap().first.into_iter();
        first.map(|hold| (hold.id, hold.place, hold.differs_in_case_from)).collect()
    };
    let in_case = ("C2".to_owned(), HoldPlace { file: 7, line: 4 }, Some("c2".to_owned()));
    assert_eq!(named(1), std::slice::from_ref(&in_case));
    assert_eq!(named(9), [in_case, ("x9".to_owned(), HoldPlace { file: 7, line: 3 }, None)]);
    let planned = planner.planned().unwrap();
    let plan = planner.finish().unwrap();
    assert_eq!((planned, plan.planned, plan.held), (2, 2, 2));
}

#[tokio::test]
async fn a_late_hold_reports_what_became_of_its_records_before() {
    let stop = StopHandle::default();
    let stage = Stage::new({
        let stop = stop.clone();
        move |state, _| match state.heard.len() {
            3 => Act::Status(403),
            4 => Act::LatePage,
            10 => {
                stop.abort();
                Act::Lost
            }
            _ => Act::Right,
        }
    });
    let mut ids = stage.plan(60);
    stage.state.lock().unwrap().present.remove(&ids[0]);
    assert_eq!(stage.try_run(&RunOptions::default(), &stop).await.unwrap(), Ending::Interrupted);
    let outcomes: Vec<String> = stage.reports().into_iter().map(|report| report.outcome.as_str().to_owned()).collect();
    let number = |outcome: &str| outcomes.iter().filter(|other| *other == outcome).count() as u64;
    // Among those are the two that failed: one without effect, and one whose response proves nothing.
    let (deleted, failed, open) = (number("deleted"), number("failed"), number("not_attempted"));
    assert!(deleted > 0 && failed > 2 && open > 0, "{outcomes:?}");

    ids.push("c999999".to_owned());
    ids.push("C000001".to_owned());
    let report = stage.hold(&ids.iter().map(String::as_str).collect::<Vec<_>>());
    let HoldReport { held, not_found, in_doubt, .. } = report;
    assert_eq!((held, report.deleted, not_found, report.failed, in_doubt), (open, deleted, 1, 1, failed - 1));
    assert_eq!((report.matched(), report.unmatched.count, report.unmatched.differing_in_case), (60, 2, 1));
    assert_eq!(report.first_deleted.len() as u64, deleted);
    assert!(report.first_deleted.iter().all(|record| record.vendor == "tavus" && record.settled_at.ends_with('Z')));
    let counts = &stage.status().targets[0].outcomes;
    assert_eq!(
        (counts.get(RecordOutcome::Held), counts.get(RecordOutcome::Failed), counts.get(RecordOutcome::NotAttempted)),
        (open, failed, 0),
        "{counts:?}"
    );

    let heard = stage.heard();
    assert_eq!(stage.run().await, Ending::Finished);
    assert_eq!((stage.heard(), stage.reopen_failed()), (heard, 0), "nothing is sent for what is held");
    assert_eq!(stage.hold(&[&ids[59]]).held, 1, "also what was held before");
}

/// What a hold that came during a run reported.
type Reported = Arc<Mutex<Option<HoldReport>>>;

/// A job of so many records; during delete number 5 the records from `first` on are held.
fn held_while_it_runs(count: usize, first: usize) -> (Stage, Vec<String>, Reported) {
    let (reported, path) = (Reported::default(), Arc::new(Mutex::new(PathBuf::new())));
    let late: Vec<RecordId> = (first..count).map(|number| id(&format!("c{number:06}"))).collect();
    let stage = Stage::new({
        let (reported, path) = (Arc::clone(&reported), Arc::clone(&path));
        move |state, _| {
            if state.heard.len() == 5 {
                *reported.lock().unwrap() = Some(add_holds(path.lock().unwrap().as_path(), &late).unwrap());
            }
            Act::Right
        }
    });
    *path.lock().unwrap() = stage.path();
    let ids = stage.plan(count);
    (stage, ids, reported)
}

#[tokio::test]
async fn what_is_held_while_the_job_runs_is_kept() {
    let (stage, ids, reported) = held_while_it_runs(5000, 4000);
    assert_eq!(stage.run().await, Ending::Finished);
    let report = reported.lock().unwrap().take().unwrap();
    assert_eq!((report.held, report.matched()), (1000, 1000), "{report:?}");
    let state = stage.state.lock().unwrap();
    assert!(state.heard.iter().all(|(id, _)| !ids[4000..].contains(id)));
    drop(state);
    let counts = &stage.status().targets[0].outcomes;
    assert_eq!(
        (counts.get(RecordOutcome::Held), counts.get(RecordOutcome::Deleted), counts.total()),
        (1000, 4000, 5000)
    );
}

#[tokio::test]
async fn what_is_reported_of_a_hold_during_a_run_is_what_becomes_of_it_or_less() {
    let (stage, ids, reported) = held_while_it_runs(40, 0);
    assert_eq!(stage.run().await, Ending::Finished);
    let report = reported.lock().unwrap().take().unwrap();
    assert_eq!(report.matched(), 40);
    let counts = &stage.status().targets[0].outcomes;
    let number = |outcome: &str| counts.get(RecordOutcome::parse(outcome).unwrap());
    assert!(number("held") >= report.held && number("deleted") >= report.deleted, "{counts:?} {report:?}");
    assert!(report.in_doubt > 0, "a request was in flight: {report:?}");
    // One that was reported as held stays, also where its intent was written before.
    let present = stage.state.lock().unwrap().present.clone();
    let kept = stage.reports().into_iter().filter(|report| report.outcome.as_str() == "held");
    assert!(kept.into_iter().all(|report| present.contains(&report.id)));
    assert_eq!(present.len() as u64 + number("deleted"), ids.len() as u64);
}

#[tokio::test]
async fn whoever_reads_a_long_list_of_holds_keeps_no_run_from_beginning_or_ending() {
    let stage = Stage::new(|_, _| Act::Right);
    let ids = stage.plan(20);
    let mut holds = LateHolds::open(stage.path()).unwrap();
    holds.add(&[id(&ids[3])], HoldPlace::default()).unwrap();
    assert_eq!(stage.run().await, Ending::Finished);
    let report = holds.commit(1).unwrap();
    assert_eq!((report.deleted, report.held, &report.first_deleted[0].id), (1, 0, &ids[3]));
    let bytes = std::fs::read(stage.path()).unwrap();
    assert_eq!(bytes[18..20], [1, 1], "the file is at rest again: no WAL belongs to it");
}

#[test]
fn holds_need_a_plan_that_was_finished() {
    let folder = tempfile::tempdir().unwrap();
    assert!(LateHolds::open(folder.path().join("nothing")).is_err());
    let planner = Planner::create(&folder.path().join("job"), "test").unwrap();
    assert!(LateHolds::open(folder.path().join("job")).is_err());
    drop(planner);
}
