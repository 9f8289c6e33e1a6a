//! Jobs that are killed while they look at records, and see the same in the end. `LONG_TESTS=1` kills them more often.

use conversation_delete_fake::{Fault, RecordState, Role, Route, Vendor};
use serde_json::Value;

use crate::job::{Stage, summary};
use crate::job_kill::{Dice, kill_at, kills};

const COUNT: usize = 300;
const VENDORS: [Vendor; 3] = [Vendor::Tavus, Vendor::Corti, Vendor::ElevenLabs];

/// A job over a vendor that reports one record as deleted, and keeps it.
fn lying_stage(vendor: Vendor) -> (Stage, String) {
    let stage = Stage::new(&[vendor]);
    let fake = &stage.world().fake;
    let mut ids = fake.seed(COUNT + 1);
    // One more is there, and not planned.
    ids.pop();
    let kept = ids[COUNT / 3].clone();
    fake.fault(Fault::no_effect().on(Route::Delete).for_id(&kept));
    let file = stage.file("ids.txt", &ids);
    assert_eq!(stage.plan(&["--ids-from", &file, "--allow-live"]).code, Some(0));
    (stage, kept)
}

/// All were deleted and are absent, but for the one that the vendor keeps. `before` is what was seen of each at first.
fn check_looks(stage: &Stage, kept: &str, before: Option<&str>) {
    let exported = stage.go(&["export", "job", "--output", "json"]);
    let records: Vec<Value> = exported.lines().into_iter().filter(|line| line["type"] == "record").collect();
    assert_eq!(records.len(), COUNT);
    for record in &records {
        assert!(record["outcome"] == "deleted" || record["outcome"] == "gone", "{record}");
        let after = if record["id"] == kept { "present" } else { "absent" };
        let states = ["before", "after"].map(|side| record["presence"][side]["state"].as_str());
        assert_eq!(states, [before, Some(after)], "{record}");
    }
    let present = stage.world().fake.records().iter().filter(|record| record.state == RecordState::Present).count();
    assert_eq!(present, 2, "the one that is kept, and the one that was not planned");
}

/// Kills it until it has come through, or so often; how often it was killed.
fn kill_often(stage: &Stage, args: &[&str], most: usize, dice: &mut Dice) -> usize {
    let mut kills = 0;
    while kills < most && kill_at(stage, &mut stage.command_as(Role::Full, args), dice.moment(120, 400)) {
        kills += 1;
        let status = stage.go(&["status", "job", "--output", "json"]);
        assert_eq!((status.code, &summary(&status)["holder"]), (Some(0), &Value::Null), "{status:?}");
    }
    kills
}

#[test]
fn a_run_that_verifies_is_killed_in_each_pass_and_proves_the_same() {
    for vendor in VENDORS {
        let mut dice = Dice::new();
        let (stage, kept) = lying_stage(vendor);
        let count = COUNT.to_string();
        let args = ["run", "job", "--yes", "--expect-count", &count, "--output", "json", "--verify", "--wait", "0"];
        let kills = kill_often(&stage, &args, kills(12, 40), &mut dice);
        let run = stage.go(&args);
        let line = summary(&run);
        assert_eq!((run.code, &line["ending"]), (Some(7), &"finished".into()), "{run:?}");
        assert_eq!((&line["verified"], &line["still_present"]), (&(COUNT - 1).into(), &1.into()), "{run:?}");
        check_looks(&stage, &kept, Some("present"));
        println!("{}: {kills} kills of a run that verifies", vendor.as_str());
        let requests = stage.requests();
        assert_eq!((stage.go(&args).code, stage.requests()), (Some(7), requests), "another one sends nothing");
    }
}

#[test]
fn a_look_at_all_that_is_killed_is_begun_again_and_deletes_nothing() {
    for vendor in VENDORS {
        let mut dice = Dice::new();
        let (stage, kept) = lying_stage(vendor);
        assert_eq!(stage.run(COUNT, &[]).code, Some(0));
        let deletes = stage.world().deletes().len();
        let args = ["verify", "job", "--wait", "0", "--output", "json"];
        // Each begins with the first record again.
        let kills = kill_often(&stage, &args, kills(4, 12), &mut dice);
        let run = stage.go(&args);
        let line = summary(&run);
        assert_eq!((run.code, &line["absent"], &line["present"]), (Some(7), &(COUNT - 1).into(), &1.into()), "{run:?}");
        check_looks(&stage, &kept, None);
        assert_eq!(stage.world().deletes().len(), deletes, "{vendor:?}");
        println!("{}: {kills} kills during the lookups", vendor.as_str());
    }
}
