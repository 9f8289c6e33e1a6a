//! Fini's lookups are lists that do not hold every conversation: what a job saw counts in the processes after it.

use conversation_delete_fake::Vendor;
use serde_json::json;

use crate::job::{Stage, deleted, summary};

const NEVER_SEEN: &str = "00000000-0000-4000-8000-00000000dead";

#[test]
fn what_was_never_seen_is_deleted_alone_and_is_not_proved() {
    let stage = Stage::new(&[Vendor::Fini]);
    let mut ids = stage.world().fake.seed(3);
    ids.insert(1, NEVER_SEEN.to_owned());
    let file = stage.file("ids", &ids);
    assert_eq!(stage.plan(&["--ids-from", &file]).code, Some(0));
    let run = stage.run(4, &["--verify", "--wait", "0", "--rate", "1000"]);
    assert_eq!(run.code, Some(3), "{run:?}");
    let line = summary(&run);
    assert_eq!((&line["deleted"], &line["not_found"], &line["verified"]), (&json!(3), &json!(1), &json!(3)), "{run:?}");
    assert_eq!(stage.world().deletes().len(), 2, "three that were seen, and one alone");
    let exported = stage.go(&["export", "job", "--output", "json"]);
    let before: Vec<_> = exported.lines().iter().map(|line| line["presence"]["before"]["state"].clone()).collect();
    assert_eq!(before[..4], [json!("present"), json!("unknown"), json!("present"), json!("present")], "{exported:?}");
}

#[test]
fn another_process_proves_what_a_job_saw_or_what_fini_confirmed() {
    for verify in [&["--verify", "--wait", "0", "--rate", "1000"][..], &[]] {
        let stage = Stage::new(&[Vendor::Fini]);
        stage.world().fake.seed(60);
        assert_eq!(stage.plan(&["--all"]).code, Some(0));
        assert_eq!(stage.run(60, verify).code, Some(0));
        assert_eq!(deleted(stage.world()), 60);
        let verified = stage.go(&["verify", "job", "--wait", "0", "--output", "json"]);
        assert_eq!(verified.code, Some(0), "{verify:?}: {verified:?}");
        assert_eq!(summary(&verified)["absent"], 60, "{verified:?}");
    }
}
