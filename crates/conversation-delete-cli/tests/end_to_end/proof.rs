//! `delete --verify`: seen before, deleted, absent after.

use conversation_delete_fake::{Fault, RecordState, Role, Route, Vendor};
use serde_json::{Value, json};

use crate::support::{Run, World};

const ABSENT: &str = "00000000-0000-4000-8000-00000000dead";

/// `delete --verify` with these ids, after what the vendor needs and `more`.
fn prove(world: &World, more: &[&str], ids: &[String]) -> Run {
    prove_as(world, Role::Full, more, ids)
}

fn prove_as(world: &World, role: Role, more: &[&str], ids: &[String]) -> Run {
    let more = more.iter().map(|arg| (*arg).to_owned());
    let args: Vec<String> = ["--verify".to_owned()].into_iter().chain(more).chain(ids.iter().cloned()).collect();
    world.delete_as(role, mode(world, &args).iter().chain(&args))
}

fn mode(world: &World, args: &[String]) -> Vec<String> {
    if args.iter().any(|arg| arg == "--soft") { vec![] } else { world.mode() }
}

fn looks(run: &Run) -> Vec<(Value, Value)> {
    run.each("presence")
        .iter()
        .map(|proof| (proof["before"]["state"].clone(), proof["after"]["state"].clone()))
        .collect()
}

#[test]
fn what_was_seen_and_is_absent_is_proved_at_all_four_vendors() {
    for &vendor in Vendor::ALL {
        let world = World::new(vendor);
        let ids = world.fake.seed(12);
        let others = world.fake.seed(2);
        let run = prove(&world, &[], &ids);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{run:?}");
        assert_eq!(run.outcomes(), ids.iter().map(|id| (id.clone(), "deleted".to_owned())).collect::<Vec<_>>());
        assert!(looks(&run).iter().all(|looks| *looks == (json!("present"), json!("absent"))), "{run:?}");
        run.has_summary(&[("deleted", 12), ("verified", 12)]);
        assert!(others.iter().all(|id| world.fake.state_of(id) == Some(RecordState::Present)));
    }
}

#[test]
fn the_summary_and_a_record_are_exactly_as_promised() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(1);
    let run = prove(&world, &[], &ids);
    assert_eq!(
        run.stdout_without_times(),
        format!(
            "{{\"type\":\"record\",\"schema\":1,…,\"vendor\":\"tavus\",\"id\":\"{}\",\"outcome\":\"deleted\",\"mode\":\"hard\",\
             \"attempts\":1,\"status\":204,\"request_id\":null,\"error\":null,\
             \"presence\":{{\"before\":{{\"state\":\"present\",\"status\":\"ended\",\"time\":\"…\",\"source\":\"lookup\",\"reason\":null}},\
             \"after\":{{\"state\":\"absent\",\"status\":null,\"time\":\"…\",\"source\":\"lookup\",\"reason\":null}}}},\
             \"settled_at\":\"…\",\"looked_at\":\"…\",\"source\":null,\"line_number\":null}}\n\
             {{\"type\":\"summary\",\"schema\":1,…,\"deleted\":1,\"acknowledged\":0,\"gone\":0,\"unresolved\":0,\"not_found\":0,\
             \"failed\":0,\"refused\":0,\"held\":0,\"not_attempted\":0,\"verified\":1,\"still_present\":0,\"unverified\":0,\"absent\":null,\"present\":null,\"unknown\":null,\"ending\":\"finished\",\"job\":null,\"holds\":null}}\n",
            ids[0]
        )
    );
}

#[test]
fn a_vendor_that_lies_is_found_out_and_the_records_are_named_exactly() {
    for &vendor in Vendor::ALL {
        let world = World::new(vendor);
        let ids = world.fake.seed(6);
        let route = if vendor == Vendor::Fini { Route::BulkDelete } else { Route::Delete };
        for id in [&ids[1], &ids[4]] {
            world.fake.fault(Fault::no_effect().on(route).for_id(id.as_str()));
        }
        let flags: &[&str] = if vendor == Vendor::Fini { &["--one-by-one", "--wait", "1s"] } else { &["--wait", "1s"] };
        let run = prove(&world, flags, &ids);
        assert_eq!(run.code, Some(7), "{run:?}");
        run.has_summary(&[("deleted", 6), ("verified", 4), ("still_present", 2)]);
        for (number, id) in ids.iter().enumerate() {
            assert_eq!(run.stderr.contains(id.as_str()), [1, 4].contains(&number), "{run:?}");
        }
        assert!(run.stderr.contains("2 records still exist after deletion"), "{run:?}");
    }
}

#[test]
fn at_fini_ids_that_are_not_there_cannot_spoil_a_batch() {
    let world = World::new(Vendor::Fini);
    let mut ids = world.fake.seed(60);
    ids.insert(3, ABSENT.to_owned());
    let run = prove(&world, &["--concurrency", "1"], &ids);
    assert_eq!(run.code, Some(3), "{run:?}");
    run.has_summary(&[("deleted", 60), ("not_found", 1), ("verified", 60)]);
    assert_eq!(run.outcomes()[3], (ABSENT.to_owned(), "not_found".to_owned()));
    assert_eq!(world.deletes(), ["/v2/hc-interactions/public"; 3], "50, 10, and one alone");
    assert_eq!(run.lines()[0]["status"], 200);
}

/// What a lookup reports for a record that is not there and that this credential never saw. Fini does not list every record.
fn never_seen(vendor: Vendor) -> &'static str {
    if vendor == Vendor::Fini { "unknown" } else { "absent" }
}

#[test]
fn where_none_is_there_nothing_is_deleted() {
    for &vendor in Vendor::ALL {
        let world = World::new(vendor);
        let ids = world.fake.seed(10);
        let run = prove_as(&world, Role::Foreign, &[], &ids);
        assert_eq!(run.code, Some(5), "{run:?}");
        assert!(world.deletes().is_empty());
        run.has_summary(&[("not_attempted", 10)]);
        assert!(looks(&run).iter().all(|looks| *looks == (json!(never_seen(vendor)), json!(null))), "{run:?}");
        assert!(
            run.stderr.contains("none of the first 10 ids is known to have existed")
                && run.stderr.contains(world.variable()),
            "{run:?}"
        );
    }
}

#[test]
fn without_sight_nothing_is_deleted() {
    for &vendor in Vendor::ALL {
        let world = World::new(vendor);
        let ids = world.fake.seed(3);
        let run = prove_as(&world, Role::WriteOnly, &[], &ids);
        assert_eq!(run.code, Some(6), "{run:?}");
        assert!(run.stderr.contains("nothing was deleted"), "{run:?}");
        assert!(run.stderr.contains("without --verify"), "{run:?}");
        run.has_summary(&[("not_attempted", 3)]);
        world.fake.revoke(Role::Full);
        assert_eq!(prove(&world, &[], &ids).code, Some(6), "{vendor:?}");
        assert!(world.deletes().is_empty());
    }
}

#[test]
fn a_look_that_fails_after_the_delete_is_no_proof() {
    for fault in [Fault::reply(422), Fault::html(200), Fault::html(404)] {
        let world = World::new(Vendor::Corti);
        let ids = world.fake.seed(1);
        // The first look is that before the delete.
        world.fake.fault(fault.on(Route::Get).nth(2).times(100));
        let run = prove(&world, &["--allow-live", "--wait", "0"], &ids);
        assert_eq!(run.code, Some(3), "{run:?}");
        run.has_summary(&[("deleted", 1), ("unverified", 1)]);
        assert_eq!(looks(&run), [(json!("present"), json!("unknown"))]);
        assert!(
            run.each("presence")[0]["after"]["reason"].is_string()
                && run.stderr.contains("could not be verified by lookups before and after"),
            "{run:?}"
        );
    }
}

#[test]
fn a_delete_whose_answers_were_all_lost_is_gone_once_it_is_absent() {
    let world = World::new(Vendor::Corti);
    let ids = world.fake.seed(1);
    world.fake.fault(Fault::close().after_effect().on(Route::Delete));
    let run = prove(&world, &["--wait", "0"], &ids);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!((&run.each("outcome")[0], &run.each("error")[0]), (&json!("gone"), &json!(null)));
    run.has_summary(&[("gone", 1), ("verified", 1)]);
}

#[test]
fn a_soft_delete_that_shows_is_noted_and_fine() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(2);
    let run = prove(&world, &["--soft"], &ids);
    assert_eq!(run.code, Some(0), "{run:?}");
    run.has_summary(&[("deleted", 2), ("still_present", 2)]);
    assert!(run.stderr.contains("note: Tavus: 2 records still exist after a soft delete"), "{run:?}");
}

#[test]
fn a_deletion_that_shows_late_is_waited_for() {
    for (vendor, option, wait) in [(Vendor::Tavus, "read_lag", "3s"), (Vendor::Fini, "list_lag", "7s")] {
        let world = World::new(vendor);
        world.fake.set_option(option, "2").unwrap();
        let ids = world.fake.seed(3);
        let run = prove(&world, &["--wait", wait], &ids);
        assert_eq!(run.code, Some(0), "{run:?}");
        run.has_summary(&[("deleted", 3), ("verified", 3)]);
    }
}

#[test]
fn the_cap_holds_before_anything_is_looked_at() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(3);
    let run = prove(&world, &["--max", "2"], &ids);
    assert_eq!((run.code, world.fake.stats().requests), (Some(5), 0), "{run:?}");
    assert_eq!(looks(&run), vec![(json!(null), json!(null)); 3]);
    run.has_summary(&[("not_attempted", 3)]);
    assert!(run.lines().last().unwrap().get("verified").is_some(), "{run:?}");
    let run = world.go("delete", ["--hard", "--wait", "1s", "--yes", &ids[0]]);
    assert_eq!(run.code, Some(2), "--wait belongs to --verify: {run:?}");
}

#[test]
fn refused_and_doubled_ids_stand_in_their_place() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(2);
    let args = ["a/b".to_owned(), ids[0].clone(), "..".to_owned(), ids[1].clone(), ids[0].clone()];
    let run = prove(&world, &[], &args);
    assert_eq!(run.code, Some(3), "{run:?}");
    let outcomes: Vec<String> = run.outcomes().into_iter().map(|(_, outcome)| outcome).collect();
    assert_eq!(outcomes, ["refused", "deleted", "refused", "deleted"]);
    assert_eq!(looks(&run)[0], (json!(null), json!(null)));
    run.has_summary(&[("deleted", 2), ("refused", 2), ("verified", 2)]);
}

#[test]
fn people_are_told_what_was_seen() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(1);
    let run = world.go("delete", ["--hard", "--yes", "--verify", &ids[0]]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stdout.starts_with(&format!("deleted         {}  [present -> absent]\n", ids[0])), "{run:?}");
    assert!(run.stdout.contains("  verified                1\n"), "{run:?}");
    let run = world.go("delete", ["--hard", "--yes", "--verify", "c1", "c2"]);
    assert_eq!(run.code, Some(5), "{run:?}");
    assert!(run.stdout.starts_with("not attempted   c1  [absent -> ?]\n"), "{run:?}");
}

#[test]
fn what_was_not_seen_before_is_not_proved() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(2);
    world.fake.fault(Fault::reply(400).on(Route::Get).for_id(ids[1].as_str()));
    let run = prove(&world, &["--wait", "0", "--allow-live"], &ids);
    assert_eq!(run.code, Some(3), "{run:?}");
    run.has_summary(&[("deleted", 2), ("verified", 1), ("unverified", 1)]);
}

#[test]
fn what_cannot_be_looked_at_is_not_deleted() {
    let world = World::new(Vendor::ElevenLabs);
    let ids = world.fake.seed(3);
    world.fake.fault(Fault::reply(403).on(Route::Get).for_id(ids[1].as_str()));
    let run = prove(&world, &["--wait", "0"], &ids);
    assert_eq!(run.code, Some(3), "{run:?}");
    run.has_summary(&[("deleted", 2), ("failed", 1), ("verified", 2)]);
    assert_eq!(run.each("error")[1]["delivery"], "not_sent");
    assert_eq!(world.fake.state_of(&ids[1]), Some(RecordState::Present));
}

#[test]
fn a_sweep_that_breaks_off_deletes_nothing_whatever_it_saw() {
    let world = World::new(Vendor::Fini);
    let ids = world.fake.seed(2);
    world.fake.fault(Fault::reply(422).on(Route::List).nth(4).times(100));
    let absent = [ids[0].clone(), ABSENT.to_owned(), ids[1].clone()];
    let run = prove(&world, &[], &absent);
    assert_eq!(run.code, Some(4), "{run:?}");
    assert!(world.deletes().is_empty());
}

#[test]
fn what_is_still_there_is_named_also_where_its_delete_failed() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(3);
    world.fake.fault(Fault::reply(403).on(Route::Delete).for_id(ids[1].as_str()));
    let run = prove(&world, &["--wait", "0"], &ids);
    assert_eq!(run.code, Some(7), "{run:?}");
    run.has_summary(&[("deleted", 2), ("failed", 1), ("verified", 2), ("still_present", 1)]);
    assert!(run.stderr.contains(&ids[1]) && !run.stderr.contains(&ids[0]), "{run:?}");
}
