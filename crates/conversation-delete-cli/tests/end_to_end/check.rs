//! `check`, and that nothing happens at the wrong place.

use conversation_delete_fake::{Fault, Role, Route, Vendor};
use serde_json::{Value, json};

use crate::support::{World, program, run};

#[test]
fn a_good_credential_is_confirmed_with_a_read_alone() {
    for &vendor in Vendor::ALL {
        let world = World::new(vendor);
        world.fake.seed(1);
        let run = world.go("check", [""; 0]);
        assert_eq!(run.code, Some(0), "{run:?}");
        assert!(run.stdout.contains(&world.fake.base_url()) && run.stderr.is_empty(), "{run:?}");
        assert!(world.fake.requests().iter().all(|request| matches!(request.method(), "GET" | "POST")));
        assert!(world.fake.stats().requests <= 2, "a token, and one read");
    }
}

#[test]
fn a_line_of_json_is_exactly_as_promised() {
    let world = World::new(Vendor::Tavus);
    world.fake.seed(1);
    let run = world.go("check", ["--output", "json"]);
    let target = format!("{}/v2/conversations", world.fake.base_url());
    assert_eq!(
        run.bodies(),
        format!(
            "{{\"type\":\"check\",\"schema\":1,…,\"vendor\":\"tavus\",\"ok\":true,\"target\":\"{target}\",\"sees_records\":true,\
             \"may_delete\":null,\"confirmed\":[],\"error\":null,\"profile\":null}}\n"
        )
    );
    world.fake.revoke(Role::Full);
    let run = world.go("check", ["--output", "json"]);
    let lines = run.lines();
    let kinds: Vec<&Value> = lines.iter().map(|line| &line["type"]).collect();
    assert_eq!((kinds, &lines[1]["exit_code"]), (vec![&json!("check"), &json!("error")], &json!(6)));
    let line = &lines[0];
    assert_eq!((run.code, &line["ok"], &line["error"]["kind"]), (Some(6), &json!(false), &json!("unauthenticated")));
    assert_eq!((&line["target"], &line["confirmed"]), (&Value::Null, &json!([])));
}

#[test]
fn an_empty_workspace_is_fine_and_warned_of() {
    for &vendor in Vendor::ALL {
        let world = World::new(vendor);
        let run = world.go("check", [""; 0]);
        assert_eq!(run.code, Some(0), "{run:?}");
        assert!(run.stderr.contains("sees no record") && run.stderr.contains(world.variable()), "{run:?}");
    }
}

#[test]
fn a_bad_credential_is_told_with_the_variables_to_look_at() {
    for &vendor in Vendor::ALL {
        let world = World::new(vendor);
        world.fake.seed(1);
        let run = world.go_as(Role::WriteOnly, "check", [""; 0]);
        assert_eq!(run.code, Some(6), "{run:?}");
        world.fake.revoke(Role::Full);
        let run = world.go("check", [""; 0]);
        assert_eq!(run.code, Some(6), "{run:?}");
        assert!(run.stdout.is_empty() && run.stderr.contains(world.variable()), "{run:?}");
    }
}

#[test]
fn no_sound_answer_is_no_verdict() {
    let world = World::new(Vendor::ElevenLabs);
    world.fake.fault(Fault::html(200).on(Route::List));
    let run = world.go("check", [""; 0]);
    assert_eq!(run.code, Some(4), "{run:?}");
    assert!(run.stdout.is_empty() && run.stderr.contains("ELEVENLABS_BASE_URL"), "{run:?}");
}

#[test]
fn bad_configuration_is_told_in_json_too() {
    let run = run(program().args(["check", "fini", "--output", "json"]), "");
    assert_eq!(run.code, Some(2), "{run:?}");
    assert_eq!(run.lines()[0]["error"]["kind"], "configuration");
    assert!(run.stderr.contains("FINI_API_KEY"), "{run:?}");
}

#[test]
fn a_token_of_another_environment_or_tenant_touches_nothing() {
    for (option, value, variable) in
        [("issuer_environment", "us", "CORTI_ENVIRONMENT"), ("issuer_realm", "other", "CORTI_TENANT_NAME")]
    {
        let world = World::new(Vendor::Corti);
        let ids = world.fake.seed(3);
        world.fake.set_option(option, value).unwrap();
        let all = |command: &str, args: &[&str]| {
            let ids = ids.iter().map(String::as_str);
            let args: Vec<&str> = if command == "list" { vec![] } else { args.iter().copied().chain(ids).collect() };
            world.go(command, args)
        };
        for (command, args) in [
            ("list", &[][..]),
            ("verify", &[]),
            ("delete", &["--yes"]),
            ("delete", &["--yes", "--allow-live"]),
            ("delete", &["--yes", "--verify"]),
            ("delete", &["--yes", "--children"]),
        ] {
            let run = all(command, args);
            assert_eq!(run.code, Some(5), "{command} {args:?}: {run:?}");
            assert!(run.stderr.contains(variable), "{command} {args:?}: {run:?}");
        }
        let run = world.go("check", [""; 0]);
        assert_eq!(run.code, Some(5), "{run:?}");
        assert!(run.stderr.contains(variable), "{run:?}");
        assert!(world.deletes().is_empty());
    }
}

#[test]
fn an_outage_is_not_blamed_on_the_key() {
    let world = World::new(Vendor::Tavus);
    world.fake.fault(Fault::reply(503));
    let run = world.go("check", [""; 0]);
    assert!(run.code == Some(4) && run.stderr.contains("try again later"), "{run:?}");
    assert!(!run.stderr.contains("TAVUS_API_KEY"), "{run:?}");
}
