//! Records that are not over yet.

use conversation_delete_fake::{RecordState, Role, Seed, Vendor};
use serde_json::json;

use crate::job::{Stage, summary};
use crate::support::World;

/// A seed of records that are not over, where the vendor knows such.
fn live(vendor: Vendor) -> Option<Seed> {
    match vendor {
        Vendor::Corti => Some(Seed::count(2).transcript("processing")),
        Vendor::ElevenLabs => Some(Seed::count(2).status("in-progress")),
        Vendor::Tavus => Some(Seed::count(2).status("active")),
        _ => None,
    }
}

#[test]
fn a_live_record_is_not_deleted_unless_somebody_wants_it() {
    for &vendor in Vendor::ALL {
        let Some(seed) = live(vendor) else { continue };
        let world = World::new(vendor);
        let active = world.fake.seed_with(seed);
        let over = world.fake.seed(1);
        for more in [&[][..], &["--verify", "--wait", "0"]] {
            let mode = world.mode();
            let args = mode.iter().map(String::as_str).chain(more.iter().copied());
            let run = world.delete(args.chain([active[0].as_str(), active[1].as_str()]));
            assert_eq!(run.code, Some(3), "{vendor:?}: {run:?}");
            run.has_summary(&[("failed", 2)]);
            for line in run.lines().iter().filter(|line| line["type"] == "record") {
                let error = &line["error"];
                assert_eq!((&error["kind"], &error["delivery"]), (&json!("still_active"), &json!("not_sent")));
                assert!(error["message"].as_str().unwrap().contains("--allow-active"), "{error}");
                assert_eq!((&line["attempts"], &line["status"]), (&json!(0), &json!(null)));
            }
        }
        assert!(world.deletes().is_empty());
        assert!(active.iter().all(|id| world.fake.state_of(id) == Some(RecordState::Present)));
        assert_eq!(world.delete(world.mode().iter().chain(&over)).code, Some(0));
        let run = world.delete(["--allow-active".to_owned()].iter().chain(&world.mode()).chain(&active));
        assert_eq!(run.code, Some(0), "{vendor:?}: {run:?}");
        run.has_summary(&[("deleted", 2)]);
    }
}

#[test]
fn allow_live_saves_the_looks_and_fini_needs_none() {
    for &vendor in Vendor::ALL {
        let world = World::new(vendor);
        let ids = world.fake.seed(3);
        let flag = if vendor == Vendor::Fini { vec![] } else { vec!["--allow-live".to_owned()] };
        assert_eq!(world.delete(flag.iter().chain(&world.mode()).chain(&ids)).code, Some(0));
        assert!(world.fake.requests().iter().all(|request| request.method() != "GET"), "{vendor:?}");
    }
}

#[test]
fn a_credential_that_may_delete_and_not_read_deletes_with_one_warning() {
    for vendor in [Vendor::Corti, Vendor::ElevenLabs, Vendor::Tavus] {
        let world = World::new(vendor);
        let ids = world.fake.seed(3);
        let run = world.delete_as(Role::WriteOnly, world.mode().iter().chain(&ids));
        assert_eq!(run.code, Some(0), "{vendor:?}: {run:?}");
        run.has_summary(&[("deleted", 3)]);
        assert_eq!(run.stderr.matches("warning: ").count(), 1, "{run:?}");
        assert!(run.stderr.contains("without knowing whether they are over"), "{run:?}");
    }
}

#[test]
fn a_dry_run_looks_at_nothing() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed_with(Seed::count(1).status("active"));
    let run = world.delete(["--hard", "--verify", "--dry-run", &ids[0]]);
    assert_eq!((run.code, world.fake.stats().requests), (Some(0), 0), "{run:?}");
    assert!(run.stderr.contains("further lookups"), "{run:?}");
}

#[test]
fn what_a_list_shows_when_it_is_planned_is_the_lookup_before_the_delete() {
    for (vendor, status) in [(Vendor::ElevenLabs, json!("done")), (Vendor::Tavus, json!("ended"))] {
        let stage = Stage::new(&[vendor]);
        stage.world().fake.seed(2);
        assert_eq!(stage.plan(&["--all"]).code, Some(0));
        let lines = stage.go(&["export", "job", "--output", "json"]).lines();
        let records: Vec<_> = lines.iter().filter(|line| line["type"] == "record").collect();
        assert_eq!(records.len(), 2, "{lines:?}");
        for record in records {
            let before = &record["presence"]["before"];
            assert_eq!((&before["state"], &before["source"]), (&json!("present"), &json!("list")), "{record}");
            assert_eq!(before["status"], status, "{record}");
            assert!(before["time"].is_string(), "{record}");
        }
    }
}

#[test]
fn one_list_after_the_deletes_proves_what_a_list_showed_before() {
    for vendor in [Vendor::ElevenLabs, Vendor::Tavus] {
        let stage = Stage::new(&[vendor]);
        stage.world().fake.seed(200);
        assert_eq!(stage.plan(&["--all"]).code, Some(0));
        let before = stage.world().fake.stats().requests;
        let run = stage.run(200, &["--verify=list", "--wait", "0"]);
        assert_eq!(run.code, Some(0), "{run:?}");
        assert_eq!((&summary(&run)["deleted"], &summary(&run)["verified"]), (&json!(200), &json!(200)), "{run:?}");
        // The deletes, one list and the check of the credential.
        let requests = stage.world().fake.stats().requests - before;
        assert!(requests <= 210, "{vendor:?}: {requests}");
    }
}
