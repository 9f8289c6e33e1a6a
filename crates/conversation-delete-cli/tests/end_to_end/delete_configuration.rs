//! Usage and configuration of `delete`: what is wrong sends nothing.

use conversation_delete_fake::{Role, Vendor};

use crate::support::{World, program, run};

const ABSENT: &str = "00000000-0000-4000-8000-00000000dead";

#[test]
fn wrong_usage_sends_nothing() {
    let world = World::new(Vendor::Tavus);
    let id = world.fake.seed(1).remove(0);
    for (args, expected) in [
        (&["delete", "tavus", "--yes", &id][..], "--hard"),
        (&["delete", "tavus", "--yes", "--hard", "--soft", &id], "cannot be used with"),
        (&["delete", "fini", "--yes", "--hard", &id], "tavus alone"),
        (&["delete", "tavus", "--yes", "--hard", "--one-by-one", &id], "fini alone"),
        (&["delete", "tavus", "--hard", &id], "add --yes"),
        (&["delete", "tavus", "--hard", "--ids-from", "-"], "add --yes"),
        (&["delete", "tavus", "--hard", "--yes"], "no id was given"),
        (&["delete", "tavus", "--hard", "--yes", "--ids-from", "/does/not/exist"], "cannot be read"),
        (&["delete", "tavus", "--hard", "--yes", "--timeout", "1y", &id], "unit"),
        (&["delete", "tavus", "--hard", "--yes", "--concurrency", "0", &id], "concurrency"),
        (&["delete", "nobody", "--yes", &id], "nobody"),
        (&["delete", "tavus", "--hard", "--yes", "--api-key", "k", &id], "unexpected argument"),
        (&[], "Usage"),
    ] {
        let run = world.run(world.command(Role::Full).args(args), "");
        assert_eq!(run.code, Some(2), "{args:?}: {run:?}");
        assert!(run.stderr.contains(expected), "{args:?}: {run:?}");
        assert!(run.stdout.is_empty(), "{args:?}: {run:?}");
    }
    assert_eq!(world.fake.stats().requests, 0);
}

#[test]
fn bad_configuration_sends_nothing_and_names_the_variable() {
    let world = World::new(Vendor::ElevenLabs);
    for (name, value, expected) in [
        ("ELEVENLABS_API_KEY", "", "ELEVENLABS_API_KEY"),
        ("ELEVENLABS_API_KEY", "k\u{200b}x", "ELEVENLABS_API_KEY"),
        ("ELEVENLABS_RESIDENCY", "mars", "ELEVENLABS_RESIDENCY"),
        ("ELEVENLABS_BASE_URL", "http://api.elevenlabs.io", "loopback"),
    ] {
        let mut command = world.command(Role::Full);
        command.env(name, value).args(["delete", "elevenlabs", "--yes", "conv_1"]);
        let run = world.run(&mut command, "");
        assert_eq!(run.code, Some(2), "{name}={value:?}: {run:?}");
        assert!(run.stderr.contains(expected), "{name}={value:?}: {run:?}");
        assert!(!run.stderr.contains("k\u{200b}x"));
    }
    let told = run(program().args(["delete", "corti", "--yes", ABSENT]), "");
    assert_eq!(told.code, Some(2));
    assert!(told.stderr.contains("CORTI_"), "{told:?}");
    assert_eq!(world.fake.stats().requests, 0);
}

#[test]
fn a_proxy_is_used_only_where_somebody_asked_for_it() {
    let world = World::new(Vendor::Tavus);
    let ids = world.fake.seed(2);
    // Nothing listens there.
    let proxied = |args: &[&str]| {
        let mut command = world.command(Role::Full);
        for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"] {
            command.env(name, "http://127.0.0.1:1");
        }
        command.args(["delete", "tavus", "--hard", "--yes", "--output", "json", "--timeout", "1s"]).args(args);
        world.run(&mut command, "")
    };
    assert_eq!(proxied(&[&ids[0]]).code, Some(0));
    let run = proxied(&["--system-proxy", &ids[1]]);
    assert_eq!(run.code, Some(3), "{run:?}");
    assert_eq!(run.lines()[0]["error"]["kind"], "connect");
    assert_eq!(world.deletes().len(), 1);
}

#[test]
fn a_dry_run_names_the_place_that_the_environment_points_at() {
    let upper = ABSENT.to_uppercase();
    for (vendor, variable, value, id, expected) in [
        (
            "corti",
            "CORTI_ENVIRONMENT",
            "us",
            upper.as_str(),
            format!("https://api.us.corti.app/v2/interactions/{ABSENT}"),
        ),
        (
            "corti",
            "CORTI_BASE_URL",
            "https://gateway.example/corti",
            ABSENT,
            format!("https://gateway.example/corti/interactions/{ABSENT}"),
        ),
        (
            "fini",
            "FINI_BASE_URL",
            "https://gateway.example",
            ABSENT,
            "https://gateway.example/v2/hc-interactions/public".to_owned(),
        ),
        (
            "elevenlabs",
            "ELEVENLABS_RESIDENCY",
            "eu",
            "conv_1",
            "https://api.eu.residency.elevenlabs.io/v1/convai/conversations/conv_1".to_owned(),
        ),
    ] {
        let args = ["delete", vendor, "--dry-run", "--allow-live", "--output", "json", id];
        let run = run(program().env(variable, value).args(args), "");
        assert_eq!(run.code, Some(0), "{run:?}");
        assert_eq!(run.lines()[0]["url"], expected.as_str());
    }
    for (vendor, variable, value) in [
        ("corti", "CORTI_ENVIRONMENT", "eu.evil.example/"),
        ("elevenlabs", "ELEVENLABS_RESIDENCY", "mars"),
        ("elevenlabs", "ELEVENLABS_BASE_URL", "http://api.elevenlabs.io"),
        ("corti", "CORTI_BASE_URL", ""),
    ] {
        let run = run(program().env(variable, value).args(["delete", vendor, "--dry-run", ABSENT]), "");
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(run.stdout.is_empty());
    }
    let run = run(program().args(["delete", "corti", "--dry-run", ABSENT]), "");
    assert!(run.code == Some(2) && run.stderr.contains("CORTI_ENVIRONMENT"), "{run:?}");
}
