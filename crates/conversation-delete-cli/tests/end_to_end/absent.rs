//! Ids of which none was ever there: another workspace looks the same, whatever the user expects to be absent.

use conversation_delete_fake::{Fault, Route, Vendor};

use crate::job::{Stage, summary};
use crate::support::{Run, World};

const ABSENT: [&str; 2] = ["0f8fad5b-d9cb-469f-a165-70867728950e", "7c9e6679-7425-40de-944b-e07fc1f90ae7"];

/// The ways in which `delete` deletes.
const WAYS: [&[&str]; 4] =
    [&[], &["--verify", "--wait", "0"], &["--rate", "500"], &["--job", "own.job", "--verify", "--wait", "0"]];

fn delete(world: &World, ids: &[&str], more: &[&str]) -> Run {
    // One request for each id, so that Fini reports each on its own.
    let one_by_one: &[&str] = if world.fake.vendor() == Vendor::Fini { &["--one-by-one"] } else { &[] };
    let args = [world.mode(), [ids, more, one_by_one].concat().iter().map(|arg| (*arg).to_owned()).collect()];
    world.delete(args.concat())
}

#[test]
fn all_of_several_ids_absent_is_a_safety_check_also_if_absence_is_expected() {
    for &vendor in Vendor::ALL {
        // At Fini an absence costs many requests, and so the minutes of its rate limit.
        let is_quick = |way: &&&[&str]| vendor != Vendor::Fini || !way.contains(&"--verify");
        for way in WAYS.iter().filter(is_quick) {
            let world = World::new(vendor);
            let ids = world.fake.seed(1);
            let run = delete(&world, &ABSENT, &[*way, &["--absent-ok"]].concat());
            assert_eq!(run.code, Some(5), "{vendor:?} {way:?}: {run:?}");
            assert!(run.stderr.contains("--all-absent-ok"), "{vendor:?} {way:?}: {run:?}");
            assert!(run.stderr.contains(world.variable()), "it says what to check: {run:?}");
            let _ = std::fs::remove_file(world.folder.path().join("own.job"));

            let run = delete(&world, &ABSENT, &[*way, &["--all-absent-ok"]].concat());
            assert_eq!((run.code, &summary(&run)["not_found"]), (Some(0), &2.into()), "{vendor:?} {way:?}: {run:?}");
            let _ = std::fs::remove_file(world.folder.path().join("own.job"));

            let run = delete(&world, &ABSENT[..1], &[*way, &["--absent-ok"]].concat());
            assert_eq!(run.code, Some(0), "a single id, {vendor:?} {way:?}: {run:?}");
            let _ = std::fs::remove_file(world.folder.path().join("own.job"));

            let run = delete(&world, &[ABSENT[0], ABSENT[1], &ids[0]], &[*way, &["--absent-ok"]].concat());
            assert_eq!((run.code, &summary(&run)["deleted"]), (Some(0), &1.into()), "{vendor:?} {way:?}: {run:?}");
        }
    }
}

#[test]
fn all_of_several_ids_absent_is_a_safety_check_without_an_option_about_absence_too() {
    for &vendor in Vendor::ALL {
        let is_quick = |way: &&&[&str]| vendor != Vendor::Fini || !way.contains(&"--verify");
        for way in WAYS.iter().filter(is_quick) {
            let world = World::new(vendor);
            let run = delete(&world, &ABSENT, way);
            assert_eq!(run.code, Some(5), "{vendor:?} {way:?}: {run:?}");
            assert!(run.stderr.contains("--all-absent-ok"), "{vendor:?} {way:?}: {run:?}");
            let _ = std::fs::remove_file(world.folder.path().join("own.job"));
            let run = delete(&world, &ABSENT[..1], way);
            assert_eq!(run.code, Some(3), "a single id, {vendor:?} {way:?}: {run:?}");
        }
    }
}

#[test]
fn a_job_that_stops_because_the_first_records_are_absent_names_the_option_that_helps() {
    let stage = Stage::new(&[Vendor::Tavus]);
    let ids: Vec<String> = (0..25).map(|number| format!("c{number}")).collect();
    let list = stage.file("ids.txt", &ids);
    assert_eq!(stage.plan(&["--ids-from", &list, "--allow-live"]).code, Some(0));
    let run = stage.run(25, &[]);
    assert_eq!(run.code, Some(5), "{run:?}");
    assert!(run.stderr.contains("run it again with --all-absent-ok"), "{run:?}");
    let run = stage.run(25, &["--all-absent-ok"]);
    assert_eq!((run.code, &summary(&run)["not_found"]), (Some(0), &25.into()), "{run:?}");
}

#[test]
fn with_verify_nothing_is_deleted_if_all_of_several_ids_are_absent() {
    for &vendor in Vendor::ALL {
        let world = World::new(vendor);
        let run = delete(&world, &ABSENT, &["--verify", "--wait", "0", "--absent-ok"]);
        assert!(run.code == Some(5) && world.deletes().is_empty(), "{run:?}");
    }
}

#[test]
fn an_absence_after_an_attempt_that_nobody_answered_shows_no_record_either() {
    for way in [&[][..], &["--rate", "500"]].iter() {
        let world = World::new(Vendor::Tavus);
        world.fake.fault(Fault::reply(504).on(Route::Delete).nth(1));
        let run = delete(&world, &ABSENT, &[*way, &["--absent-ok", "--allow-live"]].concat());
        let line = summary(&run);
        assert_eq!((run.code, &line["gone"], &line["not_found"]), (Some(5), &1.into(), &1.into()), "{run:?}");
    }
}

#[test]
fn a_job_that_deleted_before_may_find_nothing_any_more() {
    let stage = Stage::new(&[Vendor::Tavus]);
    let mut ids = stage.world().fake.seed(1);
    ids.extend(ABSENT.map(str::to_owned));
    let list = stage.file("ids.txt", &ids);
    assert_eq!(stage.plan(&["--ids-from", &list, "--allow-live"]).code, Some(0));
    stage.world().fake.fault(Fault::reply(401).on(Route::Delete).nth(2));
    assert_eq!(stage.run(3, &["--concurrency", "1"]).code, Some(6));
    let run = stage.run(3, &["--absent-ok"]);
    assert_eq!((run.code, &summary(&run)["not_found"]), (Some(0), &2.into()), "{run:?}");
}

#[test]
fn a_job_whose_records_were_all_absent_says_so_each_time() {
    let stage = Stage::new(&[Vendor::ElevenLabs]);
    let list = stage.file("ids.txt", &ABSENT.map(str::to_owned));
    assert_eq!(stage.plan(&["--ids-from", &list]).code, Some(0));
    let (refused, done) = ((5, "nothing_found"), (0, "finished"));
    for (args, (code, ending)) in [("--absent-ok", refused), ("--absent-ok", refused), ("--all-absent-ok", done)] {
        let run = stage.run(2, &[args]);
        assert_eq!((run.code, &summary(&run)["ending"]), (Some(code), &ending.into()), "{run:?}");
    }
}
