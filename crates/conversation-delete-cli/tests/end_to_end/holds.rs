//! Ids that must not be deleted, whenever somebody says so.

use std::thread;
use std::time::{Duration, Instant};

use conversation_delete_fake::{Fault, RecordState, Route, Vendor};

use crate::job::{Stage, deleted, summary};
use crate::support::{Run, spawn};

fn assert_state(stage: &Stage, ids: &[String], expected: RecordState) {
    for id in ids {
        assert_eq!(stage.world().fake.state_of(id), Some(expected), "{id}");
    }
}

#[test]
fn a_hold_that_comes_while_the_job_runs_is_heeded_and_reported_truly() {
    let stage = Stage::new(&[Vendor::Tavus]);
    let ids = stage.world().fake.seed(100);
    let list = stage.file("ids.txt", &ids);
    assert_eq!(stage.plan(&["--ids-from", &list, "--allow-live"]).code, Some(0));
    let mut command = stage.command_as(
        conversation_delete_fake::Role::Full,
        &["run", "job", "--yes", "--expect-count", "100", "--output", "json", "--rate", "40"],
    );
    let child = spawn(&mut command);
    let end = Instant::now() + Duration::from_secs(30);
    while deleted(stage.world()) < 10 {
        assert!(Instant::now() < end, "no deletes");
        thread::sleep(Duration::from_millis(1));
    }
    let keep = stage.file("keep.txt", &[&ids[..1], &ids[60..]].concat());
    let late = stage.run(100, &["--hold", &keep]);
    late.has_only_errors(4);
    for part in ["held: 40 records of the job", "1 record deleted before the hold came", &child.id().to_string()] {
        assert!(late.stderr.contains(part), "{part}: {late:?}");
    }
    let (before, checks) = (format!("{} (deleted 20", ids[0]), "the holds are in force: that run checks them");
    assert!(late.stderr.contains(&before) && late.stderr.contains(checks), "{late:?}");

    let run = Run::of(child.wait_with_output().unwrap());
    let line = summary(&run);
    assert_eq!((run.code, &line["held"], &line["deleted"]), (Some(0), &40.into(), &60.into()), "{run:?}");
    assert_state(&stage, &ids[60..], RecordState::Present);
    assert_state(&stage, &ids[..60], RecordState::Deleted);
}

#[test]
fn a_late_hold_says_what_became_of_its_records_before_also_if_the_run_is_not_confirmed() {
    let stage = Stage::new(&[Vendor::Tavus]);
    let ids = stage.world().fake.seed(6);
    let list = stage.file("ids.txt", &ids);
    assert_eq!(stage.plan(&["--ids-from", &list, "--allow-live"]).code, Some(0));
    // One is refused, one answered by a page, and then the credential is refused.
    stage.world().fake.fault(Fault::reply(403).on(Route::Delete).nth(2));
    stage.world().fake.fault(Fault::html(200).on(Route::Delete).nth(3));
    stage.world().fake.fault(Fault::reply(401).on(Route::Delete).nth(4));
    let run = stage.run(6, &["--concurrency", "1"]);
    assert_eq!(run.code, Some(6), "{run:?}");
    let keep = stage.file("keep.txt", &ids[..5]);
    let late = stage.run(7, &["--hold", &keep]);
    assert_eq!(late.code, Some(5), "another number than planned: {late:?}");
    for part in [
        "held: 2 records of the job",
        "1 record deleted before the hold came",
        "1 held record may be deleted",
        "1 held record failed to be deleted before",
    ] {
        assert!(late.stderr.contains(part), "{part}: {late:?}");
    }
    let run = stage.run(6, &["--retry-failed", "--hold", &keep]);
    let line = summary(&run);
    assert_eq!((run.code, &line["held"], &line["deleted"]), (Some(3), &2.into(), &2.into()), "{run:?}");
    let holds = &line["holds"];
    let counts = ["held", "deleted", "not_found", "failed", "in_doubt", "unmatched"].map(|name| holds[name].as_u64());
    assert_eq!(counts, [2, 1, 0, 1, 1, 0].map(Some), "{run:?}");
    let before = &holds["deleted_before"][0];
    assert_eq!(
        (&before["id"], &before["outcome"], &before["vendor"]),
        (&ids[0].clone().into(), &"deleted".into(), &"tavus".into())
    );
    assert!(before["time"].as_str().unwrap().ends_with('Z'), "{run:?}");
    assert_eq!(stage.world().deletes().len(), 5, "the holds outlive the run that was refused");
    assert_state(&stage, &ids[3..5], RecordState::Present);
}

#[test]
fn what_is_held_is_never_requested() {
    for &vendor in Vendor::ALL {
        let stage = Stage::new(&[vendor]);
        let ids = stage.world().fake.seed(30);
        let holds: Vec<String> = ids.iter().step_by(3).map(|id| id.to_uppercase()).collect();
        let is_uuid = matches!(vendor, Vendor::Corti | Vendor::Fini);
        let holds = if is_uuid { holds } else { ids.iter().step_by(3).cloned().collect() };
        let file = stage.file("keep.txt", &holds);
        let plan = stage.plan(&["--all", "--hold", &file]);
        assert_eq!((plan.code, &summary(&plan)["held"]), (Some(0), &10.into()), "{plan:?}");
        let run = stage.run(20, &[]);
        assert_eq!((run.code, &summary(&run)["held"]), (Some(0), &10.into()), "{run:?}");
        for (number, id) in ids.iter().enumerate() {
            let expected = if number % 3 == 0 { RecordState::Present } else { RecordState::Deleted };
            assert_eq!(stage.world().fake.state_of(id), Some(expected), "{vendor:?} {number}");
        }
    }
}

#[test]
fn what_is_held_after_the_plan_is_kept_too() {
    let stage = Stage::new(&[Vendor::Corti]);
    let ids = stage.world().fake.seed(30);
    assert_eq!(stage.plan(&["--all"]).code, Some(0));
    let file = stage.file("keep.txt", &[ids[3].to_uppercase()]);
    let wrong = stage.file("wrong.txt", &["c1".to_owned()]);
    let run = stage.run(30, &["--hold", &wrong]);
    assert_eq!((run.code, stage.world().deletes().len()), (Some(2), 0), "{run:?}");
    let run = stage.run(30, &["--hold", &file]);
    assert_eq!(
        (run.code, &summary(&run)["held"], &summary(&run)["deleted"]),
        (Some(0), &1.into(), &29.into()),
        "{run:?}"
    );
    assert!(run.stderr.contains("held: 1 record of the job"), "{run:?}");
    assert_eq!(stage.world().fake.state_of(&ids[3]), Some(RecordState::Present));
    assert_eq!(stage.run(30, &[]).code, Some(0), "in later runs as well");
    assert_eq!(stage.world().fake.state_of(&ids[3]), Some(RecordState::Present));
}
