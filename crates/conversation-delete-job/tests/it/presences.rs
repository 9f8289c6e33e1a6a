//! What a job file keeps of presences: the state, with time, status, source and reason.

use conversation_delete_job::{Planner, PresenceReport, PresenceSource, PresenceState, RecordReport, Target};
use delete_core::{RecordMeta, Status as RecordStatus, timestamp};
use rusqlite::Connection;

use crate::stage::{Act, Stage, target};

fn first(stage: &Stage) -> RecordReport {
    stage.reports().remove(0)
}

#[tokio::test]
async fn a_list_entry_is_the_presence_before_with_its_status_and_time() {
    let stage = Stage::new(|_, _| Act::Right);
    let id = stage.deleter().parse_id("c000000").unwrap();
    stage.state.lock().unwrap().present.insert("c000000".to_owned());
    let mut planner = Planner::create(&stage.path(), "test").unwrap();
    let number = planner.target(&target()).unwrap();
    let entry = RecordMeta::new(id).with_status(Some(RecordStatus::new("ended")));
    assert!(planner.add_listed(number, &entry, true).unwrap());
    assert!(!planner.add_listed(number, &entry, true).unwrap(), "it is there already");
    planner.finish().unwrap();
    let before = first(&stage).before.unwrap();
    assert!(timestamp::parse(before.time.as_deref().unwrap()).is_some());
    let expected = PresenceReport {
        state: PresenceState::Present,
        status: Some("ended".to_owned()),
        time: before.time.clone(),
        source: PresenceSource::List,
        reason: None,
        error_kind: None,
        delivery: None,
    };
    assert_eq!(before, expected);
    stage.run_verified().await;
    let report = first(&stage);
    assert_eq!(report.before.as_ref(), Some(&expected), "{report:?}");
    let after = report.after.as_ref().unwrap();
    assert_eq!((after.state, after.source), (PresenceState::Absent, PresenceSource::Lookup));
    let times = [&report.first_attempt_at, &report.last_attempt_at, &after.time].map(|time| time.as_deref().unwrap());
    assert!(before.time.as_deref().unwrap() <= times[0] && times[0] <= times[1] && times[1] <= times[2], "{report:?}");
}

#[tokio::test]
async fn an_unknown_presence_has_its_reason() {
    let stage = Stage::new(|_, _| Act::Right);
    let stage = stage.looking(|state, _| if state.looked.len() == 1 { Act::Right } else { Act::Page });
    stage.plan(1);
    stage.run_verified().await;
    let after = first(&stage).after.unwrap();
    assert_eq!((after.state, after.source), (PresenceState::Unknown, PresenceSource::Lookup));
    assert!(after.reason.as_deref().is_some_and(|reason| !reason.is_empty()), "{after:?}");
}

#[tokio::test]
async fn a_lookup_that_reports_nothing_is_repeated_in_the_next_run_alone() {
    let stage = Stage::new(|_, _| Act::Right);
    let stage = stage.looking(|state, _| if state.looked.len() == 2 { Act::Page } else { Act::Right });
    stage.plan(1);
    let mut after = Vec::new();
    for looks in [2, 3, 3] {
        stage.run_verified().await;
        assert_eq!(stage.looked(), looks, "{after:?}");
        after.push(first(&stage).after.unwrap().state);
    }
    assert_eq!(after, [PresenceState::Unknown, PresenceState::Absent, PresenceState::Absent]);
}

#[test]
fn a_job_has_several_targets_of_one_vendor_and_none_twice() {
    let stage = Stage::new(|_, _| Act::Right);
    let mut planner = Planner::create(&stage.path(), "test").unwrap();
    let other = |change: fn(&mut Target)| {
        let mut target = target();
        change(&mut target);
        target
    };
    let targets = [
        target(),
        other(|target| target.base_url = Some("https://gateway.example/tenant-b".to_owned())),
        other(|target| target.credential = "other".to_owned()),
        other(|target| target.place = Some("eu".to_owned())),
        other(|target| target.mode = Some(delete_core::ErasureMode::Soft)),
        other(|target| target.options = "one-by-one".to_owned()),
        other(|target| target.auth_url = Some("https://auth.example".to_owned())),
    ];
    for target in &targets {
        planner.target(target).unwrap();
        assert_eq!(planner.target(target).unwrap_err().kind(), conversation_delete_job::JobErrorKind::Plan);
    }
    let id = stage.deleter().parse_id("c000000").unwrap();
    let number = planner.target(&other(|target| target.credential = "third".to_owned())).unwrap();
    assert!(planner.add(number, &id).unwrap());
    planner.finish().unwrap();
    assert_eq!(stage.open().unwrap().targets().unwrap().len(), targets.len() + 1);
    let report = first(&stage);
    assert_eq!((report.target, report.vendor.as_str()), (number, "tavus"));
    let connection = Connection::open(stage.path()).unwrap();
    let rows: u64 = connection.query_row("SELECT COUNT(*) FROM target", [], |row| row.get(0)).unwrap();
    assert_eq!(rows, targets.len() as u64 + 1);
}
