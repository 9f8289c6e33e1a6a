//! Who planned a job, its runs, and who held its records.

use conversation_delete_job::{HeldBy, History, RecordOutcome, RunReport, add_holds};
use delete_core::{ConversationId, RecordId, timestamp};
use rusqlite::Connection;

use crate::stage::{Act, Stage};

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
    let held: Vec<_> = stage.reports().into_iter().map(|report| (report.outcome, report.held)).collect();
    assert_eq!((&held[0], &held[1]), (&(RecordOutcome::Held, Some(HeldBy::Plan)), &(RecordOutcome::Deleted, None)));
    let (outcome, Some(HeldBy::Later(time))) = &held[2] else { panic!("{held:?}") };
    assert!(*outcome == RecordOutcome::Held && timestamp::parse(time).is_some(), "{held:?}");
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
