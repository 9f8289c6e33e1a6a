//! `verify`: never absent without the vendor's own word for it.

use std::time::Duration;

use conversation_delete_fake::{Fault, Role, Route, Seed, Vendor};
use serde_json::json;

use crate::support::World;

const JSON: [&str; 2] = ["--output", "json"];

fn with<'a>(args: &[&'a str], ids: &'a [String]) -> Vec<&'a str> {
    JSON.iter().chain(args).copied().chain(ids.iter().map(String::as_str)).collect()
}

#[test]
fn tells_what_is_gone_from_what_is_there_in_the_order_of_the_input() {
    for &vendor in Vendor::ALL {
        let world = World::new(vendor);
        let ids = world.fake.seed(9);
        ids.iter().step_by(2).for_each(|id| world.fake.remove(id));
        let run = world.go("verify", with(&["--wait", "0"], &ids));
        assert_eq!(run.code, Some(7), "{run:?}");
        assert_eq!(run.each("id"), ids.iter().map(|id| json!(id)).collect::<Vec<_>>());
        // Fini does not list every conversation, so one that this process never saw is not proved to be absent.
        let (gone, code) = if vendor == Vendor::Fini { ("unknown", 3) } else { ("absent", 0) };
        let expected: Vec<&str> = (0..9).map(|n| if n % 2 == 0 { gone } else { "present" }).collect();
        assert_eq!(run.states(), expected, "{vendor:?}");
        run.has_summary(&[(gone, 5), ("present", 4)]);
        for (number, id) in ids.iter().enumerate() {
            assert_eq!(run.stderr.contains(id.as_str()), number % 2 == 1, "what is there is named: {run:?}");
        }
        assert!(world.deletes().is_empty());
        ids.iter().for_each(|id| world.fake.remove(id));
        let run = world.go("verify", with(&[], &ids));
        assert_eq!((run.code, run.stderr.as_str()), (Some(code), ""), "{run:?}");
        run.has_summary(&[(gone, 9)]);
    }
}

#[test]
fn a_line_of_json_is_exactly_as_promised() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(1);
    let run = world.go("verify", with(&["--wait", "0", "c-gone", "a/b"], &ids));
    let stdout = run.bodies();
    let lines: Vec<&str> = stdout.lines().collect();
    let line = |number: usize, id: &str, state: &str, status: &str| {
        let time = &run.lines()[number]["presence"]["after"]["time"];
        assert!(time.is_string(), "{run:?}");
        format!(
            "{{\"type\":\"presence\",\"schema\":1,…,\"vendor\":\"tavus\",\"id\":\"{id}\",\"presence\":{{\"before\":null,\
             \"after\":{{\"state\":\"{state}\",\"status\":{status},\"time\":{time},\"source\":\"lookup\",\"reason\":null}}}},\
             \"error\":null}}"
        )
    };
    assert_eq!(lines[0], line(0, "c-gone", "absent", "null"));
    let refused = &run.lines()[1];
    let state = &refused["presence"]["after"]["state"];
    assert_eq!((state, &refused["error"]["kind"]), (&json!("unknown"), &json!("invalid_input")));
    assert_eq!(lines[2], line(2, &ids[0], "present", "\"ended\""));
    assert_eq!(
        lines[3],
        "{\"type\":\"summary\",\"schema\":1,…,\"deleted\":0,\"acknowledged\":0,\"gone\":0,\"unresolved\":0,\"not_found\":0,\
         \"failed\":0,\"refused\":1,\"held\":0,\"not_attempted\":0,\"verified\":0,\"still_present\":0,\"unverified\":0,\
         \"absent\":1,\"present\":1,\"unknown\":0,\"ending\":null,\"job\":null,\"holds\":null}"
    );
}

#[test]
fn a_look_that_fails_is_never_absence() {
    for &vendor in Vendor::ALL {
        let route = if vendor == Vendor::Fini { Route::List } else { Route::Get };
        for fault in [
            Fault::html(200),
            Fault::html(404),
            Fault::reply(422),
            Fault::redirect(302, "http://127.0.0.1:9/"),
            Fault::reply(200).with_body("{}"),
            Fault::reply(200).with_body(""),
        ] {
            let world = World::new(vendor);
            let ids = world.fake.seed(2);
            ids.iter().for_each(|id| world.fake.remove(id));
            let described = format!("{vendor:?} {fault:?}");
            world.fake.fault(fault.on(route));
            let run = world.go("verify", with(&["--wait", "0"], &ids));
            assert!(matches!(run.code, Some(3 | 7)), "{described}: {run:?}");
            assert!(!run.states().contains(&"absent".to_owned()), "{described}: {run:?}");
        }
    }
}

#[test]
fn a_vendor_that_fails_or_hangs_is_never_absence() {
    let world = World::new(Vendor::ElevenLabs);
    let ids = world.fake.seed(1);
    ids.iter().for_each(|id| world.fake.remove(id));
    world.fake.fault(Fault::reply(500).on(Route::Get).times(4));
    let run = world.go("verify", with(&["--wait", "0"], &ids));
    assert_eq!((run.code, &run.each("error")[0]["kind"]), (Some(3), &json!("server")), "{run:?}");
    world.fake.fault(Fault::stall(Duration::from_secs(600)).on(Route::Get));
    let run = world.go("verify", with(&["--wait", "0", "--timeout", "100ms"], &ids));
    assert_eq!((run.code, &run.each("error")[0]["kind"]), (Some(3), &json!("timeout")), "{run:?}");
}

#[test]
fn a_refused_credential_stops_it() {
    for &vendor in Vendor::ALL {
        let world = World::new(vendor);
        let ids = world.fake.seed(20);
        world.fake.revoke(Role::Full);
        let run = world.go("verify", with(&[], &ids));
        assert_eq!(run.code, Some(6), "{run:?}");
        let unknown = if vendor == Vendor::Fini { 20 } else { 1 };
        run.has_summary(&[("unknown", unknown), ("not_attempted", 20 - unknown)]);
        assert_eq!(world.fake.stats().requests, 1, "{vendor:?}");
        // Corti and Tavus answer a missing permission as they answer for a record of another account.
        let expected = if matches!(vendor, Vendor::Fini | Vendor::ElevenLabs) { 6 } else { 3 };
        let run = world.go_as(Role::WriteOnly, "verify", with(&["--wait", "0"], &ids));
        assert_eq!(run.code, Some(expected), "{vendor:?} {run:?}");
        assert!(!run.states().contains(&"absent".to_owned()), "{run:?}");
    }
}

#[test]
fn a_deletion_that_shows_late_is_waited_for() {
    let world = World::new(Vendor::ElevenLabs);
    world.fake.set_option("read_lag", "2").unwrap();
    let ids = world.fake.seed(2);
    assert_eq!(world.delete(["--allow-live"].map(str::to_owned).iter().chain(&ids)).code, Some(0));
    assert_eq!(world.go("verify", with(&["--wait", "0"], &ids)).code, Some(7));
    let run = world.go("verify", with(&["--wait", "1s"], &ids));
    assert_eq!(run.code, Some(0), "{run:?}");
}

#[test]
fn what_retention_has_emptied_is_still_there() {
    let world = World::new(Vendor::ElevenLabs);
    let ids = world.fake.seed_with(Seed::count(1).emptied_by_retention());
    assert_eq!(world.go("verify", with(&["--wait", "0"], &ids)).code, Some(7));
}

#[test]
fn it_says_once_that_absence_is_no_proof() {
    let world = World::new(Vendor::Corti);
    let ids = world.fake.seed(2);
    let run = world.go_as(Role::Foreign, "verify", &ids);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(run.stdout.matches("no proof by itself").count(), 1, "{run:?}");
    assert_eq!(run.stdout.matches("\nabsent ").count() + usize::from(run.stdout.starts_with("absent ")), 2);
}

#[test]
fn ids_come_as_for_delete_and_none_is_an_error() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(2);
    ids.iter().for_each(|id| world.fake.remove(id));
    let mut command = world.command(Role::Full);
    command.args(["verify", "tavus", "--ids-from", "-"]).args(JSON);
    let rows = format!("name,id\nJane,{}\nJane,{}\nJane,{}\n", ids[1], ids[0], ids[1]);
    let run = world.run(&mut command, rows);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(run.each("id"), [json!(ids[1]), json!(ids[0])], "each once");
    for args in [&[][..], &["..", "a/b"]] {
        let requests = world.fake.stats().requests;
        let run = world.go("verify", args);
        assert_eq!((run.code, world.fake.stats().requests), (Some(2), requests), "{run:?}");
    }
}

#[test]
fn fini_is_looked_at_whole() {
    let world = World::new(Vendor::Fini);
    let ids = world.fake.seed(30);
    ids.iter().for_each(|id| world.fake.remove(id));
    let run = world.go("verify", with(&[], &ids));
    assert_eq!(run.code, Some(3), "{run:?}");
    assert!(run.stdout.contains("never seen"), "{run:?}");
    assert!(world.fake.stats().requests < 50, "not a sweep for each: {}", world.fake.stats().requests);
    assert!(world.fake.requests().iter().all(|request| !ids.iter().any(|id| request.path().ends_with(id.as_str()))));
}
