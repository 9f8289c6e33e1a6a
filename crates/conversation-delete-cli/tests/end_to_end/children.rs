//! `delete --children` at Corti.

use conversation_delete_fake::{ChildKind, Fault, RecordState, Route, Seed, Vendor};
use serde_json::{Value, json};

use crate::job::{Stage, summary};
use crate::support::World;

fn family() -> Seed {
    Seed::count(2).transcripts(2).recordings(1).documents(1).guided_documents(1)
}

#[test]
fn children_go_first_with_a_line_for_each() {
    let world = World::new(Vendor::Corti);
    world.fake.set_option("cascade", "no").unwrap();
    let ids = world.fake.seed_with(family());
    let run = world.delete(["--children".to_owned(), "--verify".to_owned()].iter().chain(&ids));
    assert_eq!(run.code, Some(0), "{run:?}");
    let lines = run.lines();
    let kinds: Vec<&str> = lines[..6].iter().map(|line| line["kind"].as_str().unwrap_or("record")).collect();
    assert_eq!(kinds, ["transcript", "transcript", "recording", "document", "guided_document", "record"]);
    assert!(lines[..5].iter().all(|line| line["parent"] == json!(ids[0]) && line["error"].is_null()), "{run:?}");
    assert_eq!((&lines[5]["id"], &lines[5]["outcome"]), (&json!(ids[0]), &json!("deleted")));
    run.has_summary(&[("deleted", 2), ("verified", 2)]);
    for id in &ids {
        let children = world.fake.children(id);
        assert_eq!(children.len(), 5);
        assert!(children.iter().all(|child| child.state == RecordState::Deleted), "{children:?}");
    }
    let stdout = run.stdout_without_times();
    let first = stdout.lines().next().unwrap();
    let start = "{\"type\":\"child\",\"schema\":1,…,\"vendor\":\"corti\",\"parent\":\"";
    assert!(first.starts_with(start), "{first}");
    let names: Vec<String> = run.lines()[0].as_object().unwrap().keys().cloned().collect();
    let mut expected = [
        "type",
        "schema",
        "time",
        "run",
        "vendor",
        "parent",
        "kind",
        "id",
        "outcome",
        "attempts",
        "status",
        "request_id",
        "error",
    ];
    expected.sort_unstable();
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.sort_unstable();
    assert_eq!(names, expected);
}

#[test]
fn an_interaction_stays_where_a_child_does() {
    let world = World::new(Vendor::Corti);
    let ids = world.fake.seed_with(family());
    let stubborn = world.fake.children(&ids[0]).into_iter().find(|child| child.kind == ChildKind::Document).unwrap();
    world.fake.fault(Fault::reply(403).on(Route::Child).for_id(stubborn.id.as_str()));
    let run = world.delete(["--children".to_owned(), "--allow-live".to_owned()].iter().chain(&ids));
    assert_eq!(run.code, Some(3), "{run:?}");
    let records: Vec<Value> = run.lines().into_iter().filter(|line| line["type"] == "record").collect();
    assert_eq!((&records[0]["outcome"], &records[0]["error"]["delivery"]), (&json!("failed"), &json!("not_sent")));
    assert_eq!(records[1]["outcome"], "deleted");
    let child = run.lines().into_iter().find(|line| line["id"] == json!(stubborn.id)).unwrap();
    assert_eq!((&child["type"], &child["outcome"]), (&json!("child"), &json!("failed")));
    assert_eq!(world.fake.state_of(&ids[0]), Some(RecordState::Present));
    assert_eq!(world.fake.state_of(&ids[1]), Some(RecordState::Deleted));
}

/// A child that somebody else deletes after the lists were read; or a vendor that denies a child which it lists.
#[test]
fn a_child_that_was_listed_and_is_not_found_is_gone_if_it_is_not_listed_any_more() {
    for (is_deleted, code, outcome, state) in
        [(true, 0, "gone", RecordState::Deleted), (false, 3, "not_found", RecordState::Present)]
    {
        let world = World::new(Vendor::Corti);
        let id = world.fake.seed_with(Seed::count(1).transcripts(2)).remove(0);
        let child = world.fake.children(&id).remove(0).id;
        let fault = Fault::reply(404).with_code("A0012").on(Route::Child).for_id(child.as_str());
        world.fake.fault(if is_deleted { fault.after_effect() } else { fault });
        let run = world.delete(["--children", "--allow-live", "--verify", "--wait", "0", &id]);
        assert_eq!((run.code, world.fake.state_of(&id)), (Some(code), Some(state)), "{run:?}");
        let line = run.lines().into_iter().find(|line| line["id"] == json!(child)).unwrap();
        assert_eq!((&line["outcome"], &line["status"]), (&json!(outcome), &json!(404)), "{run:?}");
        assert_eq!(line["error"].is_null(), is_deleted, "{run:?}");
    }
}

/// The response is lost, and a job tries again: the lists show what became of the child.
#[test]
fn a_child_whose_delete_was_lost_is_gone_once_it_is_not_listed_any_more() {
    let world = World::new(Vendor::Corti);
    let id = world.fake.seed_with(Seed::count(1).transcripts(1)).remove(0);
    let child = world.fake.children(&id).remove(0).id;
    world.fake.fault(Fault::reply(504).after_effect().once().on(Route::Child).for_id(child.as_str()));
    let run = world.delete(["--children", "--allow-live", "--rate", "50", &id]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let line = run.lines().into_iter().find(|line| line["id"] == json!(child)).unwrap();
    assert_eq!((&line["type"], &line["outcome"]), (&json!("child"), &json!("gone")), "{run:?}");
    assert!(line["error"].is_null(), "{run:?}");
}

/// A fake whose list of guided documents responds with this status.
fn without_guided_documents(status: u16) -> (World, Vec<String>) {
    let world = World::new(Vendor::Corti);
    let ids = world.fake.seed_with(family());
    world.fake.set_option("guided_status", &status.to_string()).unwrap();
    (world, ids)
}

#[test]
fn a_kind_that_is_not_available_is_left_out_by_choice_alone_and_named() {
    for status in [403, 404] {
        let (world, ids) = without_guided_documents(status);
        for flag in ["--children", "--children=all"] {
            let run = world.delete([flag.to_owned()].iter().chain(&ids));
            assert_eq!((run.code, world.deletes().len()), (Some(3), 0), "{run:?}");
            assert!(run.stdout.contains("its guided documents could not be listed"), "{run:?}");
        }
        let run = world.delete(["--children=available".to_owned()].iter().chain(&ids));
        assert_eq!(run.code, Some(0), "{run:?}");
        run.has_summary(&[("deleted", 2)]);
        assert_eq!(run.stderr.matches("records of the kind guided_document could not be listed").count(), 1, "{run:?}");
        for id in &ids {
            for child in world.fake.children(id) {
                let is_guided = child.kind == ChildKind::GuidedDocument;
                assert!(run.lines().iter().any(|line| line["id"] == json!(child.id)) != is_guided, "{run:?}");
            }
        }
        assert!(!world.deletes().iter().any(|path| path.starts_with("/v2/documents/")));
    }
}

#[test]
fn a_kind_that_fails_in_another_way_is_never_left_out() {
    let (world, ids) = without_guided_documents(400);
    let run = world.delete(["--children=available".to_owned()].iter().chain(&ids));
    assert_eq!((run.code, world.deletes().len()), (Some(3), 0), "{run:?}");
    let run = world.delete(["--children=some", &ids[0]]);
    assert_eq!((run.code, world.deletes().len()), (Some(2), 0), "{run:?}");
}

#[test]
fn people_see_children_above_their_interaction() {
    let world = World::new(Vendor::Corti);
    let ids = world.fake.seed_with(family());
    let run = world.go("delete", ["--yes", "--children", &ids[0]]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stdout.starts_with("  deleted       transcript "), "{run:?}");
    assert!(run.stdout.contains("\n  acknowledged  recording ") || run.stdout.contains("\n  deleted       recording "));
    assert!(run.stdout.contains(&format!("\ndeleted         {}\n", ids[0])), "{run:?}");
}

#[test]
fn a_live_transcript_keeps_all_of_it() {
    let world = World::new(Vendor::Corti);
    let ids = world.fake.seed_with(Seed::count(1).transcript("processing"));
    let run = world.delete(["--children", &ids[0]]);
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(world.deletes().is_empty());
}

#[test]
fn no_other_vendor_has_children_and_a_dry_run_shows_none() {
    for vendor in [Vendor::Fini, Vendor::ElevenLabs, Vendor::Tavus] {
        let world = World::new(vendor);
        let ids = world.fake.seed(1);
        let run = world.delete(["--children".to_owned()].iter().chain(&world.mode()).chain(&ids));
        assert_eq!((run.code, world.fake.stats().requests), (Some(2), 0), "{run:?}");
        assert!(run.stderr.contains("--children is for corti"), "{run:?}");
    }
    let world = World::new(Vendor::Corti);
    let ids = world.fake.seed_with(family());
    let run = world.delete(["--children", "--dry-run", &ids[0]]);
    assert_eq!((run.code, world.fake.stats().requests), (Some(0), 0), "{run:?}");
    assert!(run.stderr.contains("would be deleted before their interaction"), "{run:?}");
    let lists = |line: &&serde_json::Value| line["method"] == "GET" && line["type"] == "request";
    // One of the transcripts is for the check whether a record is active.
    assert_eq!(run.lines().iter().filter(lists).count(), 5, "{run:?}");
}

#[test]
fn children_go_first_where_they_are_planned() {
    let stage = Stage::new(&[Vendor::Corti]);
    let ids = stage.world().fake.seed_with(Seed::count(2).transcripts(2));
    assert_eq!(stage.plan(&["--all", "--children"]).code, Some(0));
    let status = stage.go(&["status", "job", "--output", "json"]);
    assert_eq!(summary(&status)["targets"][0]["options"], "children");
    assert_eq!(stage.run(2, &[]).code, Some(0));
    let children = ids.iter().flat_map(|id| stage.world().fake.children(id));
    assert!(children.into_iter().all(|child| child.state == RecordState::Deleted));
}

#[test]
fn the_choice_to_leave_out_a_kind_is_part_of_the_plan() {
    let stage = Stage::new(&[Vendor::Corti]);
    let ids = stage.world().fake.seed_with(Seed::count(2).transcripts(1).guided_documents(1));
    stage.world().fake.set_option("guided_status", "404").unwrap();
    assert_eq!(stage.plan(&["--all", "--children=available"]).code, Some(0));
    let status = stage.go(&["status", "job", "--output", "json"]);
    assert_eq!(summary(&status)["targets"][0]["options"], "available-children");
    let run = stage.run(2, &[]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(run.stderr.matches("guided_document could not be listed").count(), 1, "{run:?}");
    assert!(ids.iter().all(|id| stage.world().fake.state_of(id) == Some(RecordState::Deleted)));
}
