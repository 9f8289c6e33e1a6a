//! Who planned a job, its runs, and who held its records.

use conversation_delete_job::{
    Ending, HeldBy, History, HoldPlace, Planner, RecordOutcome, RunReport, Status, add_holds,
};
use delete_core::{ConversationId, RecordId, timestamp};
use rusqlite::Connection;

use crate::stage::{Act, Stage, target};

#[tokio::test]
async fn runs_and_holds_are_in_the_history() {
    let stage = Stage::new(|_, _| Act::Right);
    let ids: Vec<String> = (0..4).map(|number| format!("c{number:06}")).collect();
    stage.state.lock().unwrap().present.extend(ids.iter().cloned());
    stage.plan_ids(&ids, &ids[..1]);
    let planned = History::read(stage.path()).unwrap();
    assert_eq!((planned.program.as_str(), planned.holds, planned.late_holds, planned.runs.len()), ("test", 1, 0, 0));
    // One of them is held already by the plan, which is what counts.
    let late = [&ids[0], &ids[2]].map(|id| RecordId::from(ConversationId::new(id).unwrap()));
    add_holds(stage.path(), &late).unwrap();
    stage.run().await;
    stage.run_verified().await;
    let history = History::read(stage.path()).unwrap();
    assert_eq!((history.holds, history.late_holds, history.runs.len()), (1, 2, 2));
    for run in &history.runs {
        let RunReport { purpose, started_at, ended_at, ending, .. } = run;
        assert_eq!((purpose.as_deref(), ending.as_deref()), (Some("delete"), Some("finished")), "{run:?}");
        assert!(timestamp::parse(started_at) <= timestamp::parse(ended_at.as_deref().unwrap()), "{run:?}");
    }
    assert_eq!(Status::read(stage.path()).unwrap().runs, history.runs);
    assert_eq!(history.runs[0].endings(), [Ending::Finished]);
    for (words, endings) in [
        ("'finished, nothing_found'", &[Ending::Finished, Ending::NothingFound { looked: 0 }][..]),
        ("NULL", &[Ending::Interrupted]),
        ("'killed'", &[Ending::Interrupted]),
        ("'not_begun'", &[]),
        ("'outcomes_missing'", &[]),
    ] {
        Connection::open(stage.path()).unwrap().execute_batch(&format!("UPDATE run SET ending = {words}")).unwrap();
        assert_eq!(History::read(stage.path()).unwrap().runs[0].endings(), endings, "{words}");
    }
    let held: Vec<_> = stage.reports().into_iter().map(|report| (report.outcome, report.held)).collect();
    assert_eq!((&held[0], &held[1]), (&(RecordOutcome::Held, Some(HeldBy::Plan)), &(RecordOutcome::Deleted, None)));
    let (outcome, Some(HeldBy::Later(time))) = &held[2] else { panic!("{held:?}") };
    assert!(*outcome == RecordOutcome::Held && timestamp::parse(time).is_some(), "{held:?}");
}

#[tokio::test]
async fn a_hold_that_comes_after_the_delete_is_reported_with_its_record() {
    let stage = Stage::new(|_, _| Act::Right);
    let ids = stage.plan(2);
    stage.run().await;
    stage.hold(&[&ids[1]]);
    let reports = stage.reports();
    assert_eq!((reports[0].outcome, &reports[0].held), (RecordOutcome::Deleted, &None));
    let Some(HeldBy::Later(time)) = &reports[1].held else { panic!("{reports:?}") };
    assert!(reports[1].outcome == RecordOutcome::Deleted && time > reports[1].settled_at.as_ref().unwrap());
}

#[test]
fn a_hold_is_unmatched_only_if_no_form_of_its_id_is_a_record() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("job");
    let mut planner = Planner::create(&path, "test").unwrap();
    let target = planner.target(&target()).unwrap();
    let id = |text: &str| RecordId::from(ConversationId::new(text).unwrap());
    let uuid = "F47AC10B-58CC-4372-A567-0E02B2C3D479";
    let forms = [RecordId::parse_uuid(uuid).unwrap(), id(uuid)];
    let holds = [&forms[..], &[id("c1")], &[id("c1")], &[id("C2")], &[id("x9")]];
    holds.into_iter().for_each(|ids| planner.hold_in_forms(ids, HoldPlace::default()).unwrap());
    for record in [forms[0].clone(), id("c1"), id("c2")] {
        assert!(planner.add(target, &record).unwrap());
    }
    planner.finish().unwrap();
    assert_eq!(History::read(&path).unwrap().unmatched_holds, 2);
    // A record that is held again is not a hold that matches none.
    add_holds(&path, &[id("c1"), id("c2")]).unwrap();
    assert_eq!(History::read(&path).unwrap().unmatched_holds, 2);
}

#[test]
fn the_history_of_older_formats_is_read() {
    for (format, text) in [(1, include_str!("format_1.sql")), (2, include_str!("format_2.sql"))] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.job");
        Connection::open(&path).unwrap().execute_batch(text).unwrap();
        let history = History::read(&path).unwrap();
        assert!(!history.program.is_empty(), "{format}");
        assert!(history.runs.iter().all(|run| run.purpose.is_none() && !run.started_at.is_empty()), "{format}");
    }
}
