//! Jobs whose log was lost, and of whose records none is there: another workspace looks the same.

use std::fs;

use conversation_delete_fake::Vendor;

use crate::job::{Stage, summary};

/// Marks the job as one whose log is needed, as a run that was killed leaves it. There is no log.
fn lose_log(stage: &Stage) {
    let mut job = fs::read(stage.path("job")).unwrap();
    job[18..20].copy_from_slice(&[2, 2]);
    fs::write(stage.path("job"), job).unwrap();
}

fn planned_stage(vendor: Vendor, count: usize, present: usize) -> Stage {
    let stage = Stage::new(&[vendor]);
    let ids = stage.world().fake.seed(present);
    let absent = (0..count - present).map(|number| format!("c{number:012x}"));
    let file = stage.file("ids.txt", &absent.chain(ids).collect::<Vec<_>>());
    assert_eq!(stage.plan(&["--ids-from", &file, "--allow-live"]).code, Some(0));
    lose_log(&stage);
    stage
}

#[test]
fn a_lost_log_makes_no_success_of_records_that_nobody_ever_saw() {
    let stage = planned_stage(Vendor::Tavus, 30, 0);
    let run = stage.run(30, &[]);
    assert_eq!((run.code, stage.world().deletes().len()), (Some(5), 20), "{run:?}");
    assert!(run.stderr.contains("--all-absent-ok"), "it names the way on: {run:?}");
    let run = stage.run(30, &[]);
    assert_eq!((run.code, stage.world().deletes().len()), (Some(5), 30), "fewer than twenty are left: {run:?}");
    assert!(run.stderr.contains("--all-absent-ok"), "{run:?}");
    assert_eq!(stage.run(30, &[]).code, Some(5), "and it stays so");
    let run = stage.run(30, &["--all-absent-ok"]);
    assert_eq!((run.code, &summary(&run)["gone"]), (Some(0), &30.into()), "{run:?}");
}

#[test]
fn a_lost_log_needs_no_word_of_the_user_if_one_record_is_still_there() {
    let stage = planned_stage(Vendor::Tavus, 100, 1);
    let run = stage.run(100, &[]);
    let line = summary(&run);
    assert_eq!((run.code, &line["gone"], &line["deleted"]), (Some(0), &99.into(), &1.into()), "{run:?}");
    assert!(run.stderr.contains("add them again with --hold"), "{run:?}");
}
