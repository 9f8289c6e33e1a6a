//! Files of holds: what they must hold, and what they must match.

use conversation_delete_fake::{RecordState, Seed, Vendor};
use serde_json::Value;

use crate::job::{Stage, summary};
use crate::support::World;

#[test]
fn a_hold_that_matches_nothing_plans_nothing_unless_that_is_allowed() {
    for &vendor in Vendor::ALL {
        let stage = Stage::new(&[vendor]);
        let ids = stage.world().fake.seed(6);
        let foreign = "0f8fad5b-d9cb-469f-a165-70867728950e".to_owned();
        let keep = stage.file("keep.txt", &[ids[0].clone(), foreign.clone(), ids[1].clone()]);
        let list = stage.file("ids.txt", &ids);
        for from in [&["--all"][..], &["--ids-from", &list]] {
            let plan = stage.plan(&[from, &["--hold", &keep]].concat());
            plan.has_only_errors(5);
            for part in ["1 of 3 holds", &foreign, "line 2 of", "keep.txt", "--allow-unmatched-holds"] {
                assert!(plan.stderr.contains(part), "{part}: {plan:?}");
            }
            assert!(!stage.path("job").exists());
            let plan = stage.plan(&[from, &["--hold", &keep, "--allow-unmatched-holds"]].concat());
            assert_eq!((plan.code, &summary(&plan)["held"]), (Some(0), &2.into()), "{plan:?}");
            assert!(plan.stderr.contains("warning: 1 of 3 holds"), "{plan:?}");
            std::fs::remove_file(stage.path("job")).unwrap();
        }
    }
}

#[test]
fn a_hold_in_another_case_is_named_with_the_id_it_may_mean() {
    for vendor in [Vendor::Tavus, Vendor::ElevenLabs] {
        let stage = Stage::new(&[vendor]);
        let ids = stage.world().fake.seed(3);
        let upper = ids[1].to_uppercase();
        let keep = stage.file("keep.txt", &[ids[0].clone(), upper.clone()]);
        for (allow, code) in [(&[][..], 5), (&["--allow-unmatched-holds"], 0)] {
            let plan = stage.plan(&[&["--all", "--hold", &keep], allow].concat());
            let named = format!("`{upper}` (line 2 of {keep}) differs from `{}` only in case", ids[1]);
            assert!(plan.code == Some(code) && plan.stderr.contains(&named), "{plan:?}");
        }
        let run = stage.run(2, &["--hold", &keep]);
        assert!(run.code == Some(5) && run.stderr.contains("only in case"), "{run:?}");
        let args = [stage.world().mode(), ids, vec!["--hold".to_owned(), keep]].concat();
        let delete = stage.world().delete(args);
        assert!(delete.code == Some(5) && delete.stderr.contains("only in case"), "{delete:?}");
        assert_eq!(stage.world().deletes(), Vec::<String>::new());
    }
}

#[test]
fn a_late_hold_that_matches_nothing_sends_nothing_and_the_others_are_held() {
    let stage = Stage::new(&[Vendor::Tavus]);
    let ids = stage.world().fake.seed(4);
    assert_eq!(stage.plan(&["--all"]).code, Some(0));
    let keep = stage.file("keep.txt", &[ids[2].clone(), "c9nonesuch".to_owned()]);
    let run = stage.run(4, &["--hold", &keep]);
    assert_eq!((run.code, stage.world().deletes().len()), (Some(5), 0), "{run:?}");
    assert!(run.stderr.contains("c9nonesuch") && run.stderr.contains("no record of the job"), "{run:?}");
    let run = stage.run(4, &["--hold", &keep, "--allow-unmatched-holds"]);
    assert_eq!((run.code, &summary(&run)["held"], &summary(&run)["deleted"]), (Some(0), &1.into(), &3.into()));
    assert_eq!(stage.world().fake.state_of(&ids[2]), Some(RecordState::Present));
    // A record that was deleted is one of the job.
    let keep = stage.file("keep.txt", &ids);
    let run = stage.run(4, &["--hold", &keep]);
    assert!(run.code == Some(0) && run.stderr.contains("3 records deleted before the hold came"), "{run:?}");
}

#[test]
fn a_hold_matches_a_record_of_any_vendor_of_the_plan() {
    let stage = Stage::new(&[Vendor::Corti, Vendor::Tavus, Vendor::ElevenLabs]);
    let mut holds = Vec::new();
    for (number, world) in stage.worlds.iter().enumerate() {
        let ids = world.fake.seed(5);
        let held = &ids[number];
        holds.push(if number == 0 { format!("{{{}}}", held.to_uppercase()) } else { held.clone() });
    }
    let (one, other) = (stage.file("one.txt", &holds[..1]), stage.file("other.txt", &holds[1..]));
    let plan = stage.plan(&["--all", "--hold", &one, "--hold", &other]);
    assert_eq!((plan.code, &summary(&plan)["held"]), (Some(0), &3.into()), "{plan:?}");
}

#[test]
fn a_held_record_that_the_filter_leaves_out_is_said_to_be_unmatched_for_that() {
    let stage = Stage::new(&[Vendor::ElevenLabs]);
    let ids = stage.world().fake.seed(3);
    let keep = stage.file("keep.txt", &ids);
    let plan = stage.plan(&["--until", "3650d", "--trust-clock", "--hold", &keep]);
    assert!(plan.code == Some(5) && plan.stderr.contains("3 of 3 holds"), "{plan:?}");
    assert!(plan.stderr.contains("a record that the filter leaves out is not planned"), "{plan:?}");
}

/// What no file of holds may be, and a part of the message.
const USELESS: [(&str, &str); 6] = [
    ("", "holds no id"),
    ("\n \n\n", "holds no id"),
    ("id,matter\n", "holds no id"),
    ("interaction_id,matter\njane.doe@example.com,Doe v. Acme\n", "an e-mail address"),
    ("0f8fad5b-d9cb-469f-a165-70867728950e\nDoe v. Acme\n", "line 2"),
    ("id,conversation_id,matter\n1,0f8fad5b-d9cb-469f-a165-70867728950e,Doe\n", "--id-column"),
];

#[test]
fn a_file_that_would_hold_nothing_or_lose_a_hold_is_refused() {
    for (text, part) in USELESS {
        let stage = Stage::new(&[Vendor::Corti]);
        let ids = stage.world().fake.seed(2);
        assert_eq!(stage.plan(&["--all"]).code, Some(0));
        let before = stage.requests();
        let keep = stage.file("keep.csv", &[text.to_owned()]);
        let run = stage.run(2, &["--hold", &keep]);
        std::fs::remove_file(stage.path("job")).unwrap();
        let plan = stage.plan(&["--all", "--hold", &keep]);
        let delete = stage.world().delete([&ids[..], &["--hold".to_owned(), keep]].concat());
        for result in [run, plan, delete] {
            assert!(result.code == Some(2) && result.stderr.contains(part), "{text:?}: {result:?}");
            assert!(!result.stderr.contains("jane") && !result.stderr.contains("Doe"), "{result:?}");
            result.has_only_errors(2);
        }
        assert!(!stage.path("job").exists());
        assert_eq!(stage.requests(), before, "{text:?}");
    }
}

#[test]
fn the_column_of_the_ids_can_be_named_for_a_table_of_holds() {
    let stage = Stage::new(&[Vendor::Tavus]);
    let ids = stage.world().fake.seed(3);
    let rows = [vec!["id,conversation_id,matter".to_owned()], vec![format!("1,{},Doe v. Acme", ids[1])]].concat();
    let keep = stage.file("litigation.csv", &rows);
    assert_eq!(stage.plan(&["--all", "--hold", &keep]).code, Some(2));
    // The number of the row is a valid id at Tavus, and matches nothing.
    let wrong = stage.plan(&["--all", "--hold", &keep, "--id-column", "id"]);
    assert_eq!(wrong.code, Some(5), "{wrong:?}");
    let plan = stage.plan(&["--all", "--hold", &keep, "--id-column", "conversation_id"]);
    assert_eq!((plan.code, &summary(&plan)["held"]), (Some(0), &1.into()), "{plan:?}");
}

fn hold_args(world: &World, ids: &[String], keep: &str, more: &[&str]) -> Vec<String> {
    let more = more.iter().map(|arg| (*arg).to_owned()).collect();
    [world.mode(), ids.to_vec(), vec!["--hold".to_owned(), keep.to_owned()], more].concat()
}

/// The ways in which `delete` deletes.
const WAYS: [&[&str]; 4] =
    [&[], &["--verify", "--wait", "0"], &["--rate", "500"], &["--job", "own.job", "--verify", "--wait", "0"]];

#[test]
fn what_delete_is_told_to_hold_is_never_requested() {
    for &vendor in Vendor::ALL {
        for way in WAYS {
            let stage = Stage::new(&[vendor]);
            let world = stage.world();
            let ids = world.fake.seed(5);
            let held = [ids[0].clone(), ids[3].clone()];
            let keep = stage.file("keep.txt", &held);
            let mut given = ids.clone();
            given.insert(2, "a/b".to_owned());
            let run = world.delete(hold_args(world, &given, &keep, way));
            let outcomes: Vec<(String, String)> = run.outcomes();
            let word = |outcome: &str| outcomes.iter().filter(|(_, other)| other == outcome).count();
            assert_eq!((run.code, word("held"), word("deleted"), word("refused")), (Some(3), 2, 3, 1), "{run:?}");
            assert!([0, 4].iter().all(|number| outcomes[*number].1 == "held"), "in the order of the input: {run:?}");
            assert_eq!((&summary(&run)["held"], &summary(&run)["deleted"]), (&2.into(), &3.into()));
            for request in world.fake.requests() {
                let text = format!("{} {}", request.path(), String::from_utf8_lossy(request.request().body()));
                let is_list = request.method() == "GET" && !held.iter().any(|id| request.path().contains(id.as_str()));
                assert!(is_list || held.iter().all(|id| !text.contains(id.as_str())), "{way:?}: {text}");
            }
            for (number, id) in ids.iter().enumerate() {
                let expected = if held.contains(id) { RecordState::Present } else { RecordState::Deleted };
                assert_eq!(world.fake.state_of(id), Some(expected), "{vendor:?} {way:?} {number}");
            }
        }
    }
}

#[test]
fn held_ids_count_for_no_limit_and_are_no_failure() {
    let stage = Stage::new(&[Vendor::Tavus]);
    let world = stage.world();
    let ids = world.fake.seed(6);
    let keep = stage.file("keep.txt", &ids[..4]);
    let run = world.delete(hold_args(world, &ids, &keep, &["--max", "1"]));
    assert_eq!((run.code, world.fake.stats().requests), (Some(5), 0), "{run:?}");
    let dry = world.delete(hold_args(world, &ids, &keep, &["--max", "2", "--dry-run"]));
    let urls: Vec<Value> = dry.lines().into_iter().filter(|line| line["type"] == "request").collect();
    assert!(dry.code == Some(0) && !urls.is_empty(), "{dry:?}");
    assert!(urls.iter().all(|line| ids[..4].iter().all(|id| !line.to_string().contains(id.as_str()))), "{dry:?}");
    assert_eq!(dry.outcomes().iter().filter(|(_, outcome)| outcome == "held").count(), 4, "{dry:?}");
    assert_eq!(summary(&dry)["held"], 4);
    let run = world.delete(hold_args(world, &ids, &keep, &["--max", "2"]));
    assert_eq!((run.code, &summary(&run)["deleted"]), (Some(0), &2.into()), "{run:?}");
    let before = world.fake.stats().requests;
    for way in WAYS {
        let run = world.delete(hold_args(world, &ids[..4], &keep, way));
        assert_eq!((run.code, &summary(&run)["held"]), (Some(0), &4.into()), "{run:?}");
    }
    assert_eq!(world.fake.stats().requests, before, "all are held: nothing is sent");
}

#[test]
fn holds_come_from_stdin_once() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(2);
    let run = world.delete_with_stdin(&["--hard", &ids[0], &ids[1], "--hold", "-"], &ids[1]);
    assert_eq!((run.code, &summary(&run)["held"]), (Some(0), &1.into()), "{run:?}");
    let run = world.delete_with_stdin(&["--hard", "--ids-from", "-", "--hold", "-"], &ids[1]);
    assert!(run.code == Some(2) && run.stderr.contains("stdin"), "{run:?}");
    assert_eq!(world.fake.state_of(&ids[1]), Some(RecordState::Present));
}

#[test]
fn many_holds_take_no_time_that_grows_with_their_square() {
    let stage = Stage::new(&[Vendor::Corti, Vendor::Tavus]);
    for world in &stage.worlds {
        world.fake.seed_with(Seed::count(3));
    }
    // 60,000 ids in each of two forms: two passes over them are fast, 10^9 comparisons are not.
    let lines: Vec<String> = (0..60_000)
        .flat_map(|number| [format!("{{0f8fad5b-d9cb-469f-a165-{number:012}}}"), format!("c{number}")])
        .collect();
    let keep = stage.file("keep.txt", &lines);
    let start = std::time::Instant::now();
    let plan = stage.plan(&["--all", "--hold", &keep, "--allow-unmatched-holds"]);
    assert_eq!((plan.code, &summary(&plan)["planned"]), (Some(0), &6.into()), "{plan:?}");
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}
