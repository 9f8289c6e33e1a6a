//! Jobs and the target, the credential and the plan that they were made for.

use std::process::Command;

use conversation_delete_fake::{Fault, Role, Route, Vendor};
use serde_json::{Value, json};

use crate::job::{Stage, deleted, summary};
use crate::support::Run;

/// `run` with some variables changed.
fn run_with(stage: &Stage, variables: &[(&str, String)], args: &[&str]) -> Run {
    let mut command: Command = stage.run_command(5, args);
    command.envs(variables.iter().map(|(name, value)| (*name, value.as_str())));
    stage.world().run(&mut command, "")
}

fn base_variable(vendor: Vendor) -> &'static str {
    match vendor {
        Vendor::Corti => "CORTI_BASE_URL",
        Vendor::Fini => "FINI_BASE_URL",
        Vendor::ElevenLabs => "ELEVENLABS_BASE_URL",
        _ => "TAVUS_BASE_URL",
    }
}

fn variable(stage: &Stage, name: &str) -> String {
    let all = stage.world().fake.env_as(Role::Full);
    all.into_iter().find(|(known, _)| *known == name).map(|(_, value)| value).unwrap()
}

/// A job of five records.
fn planned(vendor: Vendor) -> Stage {
    let stage = Stage::new(&[vendor]);
    stage.world().fake.seed(5);
    assert_eq!(stage.plan(&["--all"]).code, Some(0));
    stage
}

#[test]
fn every_part_of_a_base_url_is_part_of_the_target() {
    for &vendor in Vendor::ALL {
        let stage = planned(vendor);
        let (name, requests) = (base_variable(vendor), stage.requests());
        let base = variable(&stage, name);
        for other in [format!("{base}/staging"), format!("{base}/a/b"), base.replace("127.0.0.1", "localhost")] {
            let run = run_with(&stage, &[(name, other.clone())], &[]);
            assert_eq!(run.code, Some(5), "{vendor:?} {other}: {run:?}");
            assert!(run.stderr.contains("base URL"), "{run:?}");
        }
        assert_eq!((stage.requests(), deleted(stage.world())), (requests, 0), "{vendor:?}: nothing is sent");
        let run = run_with(&stage, &[(name, format!("{base}/"))], &[]);
        assert_eq!((run.code, deleted(stage.world())), (Some(0), 5), "{vendor:?}: the same written otherwise: {run:?}");
    }
}

#[test]
fn the_place_that_tokens_are_fetched_from_is_part_of_the_target() {
    let stage = planned(Vendor::Corti);
    let requests = stage.requests();
    let other = variable(&stage, "CORTI_AUTH_URL").replace("127.0.0.1", "localhost");
    let run = run_with(&stage, &[("CORTI_AUTH_URL", other)], &["--accept-credential"]);
    assert!(run.code == Some(5) && run.stderr.contains("auth URL"), "{run:?}");
    assert_eq!(stage.requests(), requests);
}

#[test]
fn a_plan_names_the_whole_target_and_status_repeats_it() {
    for &vendor in Vendor::ALL {
        let stage = planned(vendor);
        let target = summary(&stage.go(&["status", "job", "--output", "json"]))["targets"][0].clone();
        let base = variable(&stage, base_variable(vendor));
        let expected = if vendor == Vendor::Corti && !base.ends_with("/v2") { format!("{base}/v2") } else { base };
        assert_eq!(target["base_url"], expected, "{target}");
        assert_eq!(target["auth_url"].is_string(), vendor == Vendor::Corti, "{target}");
    }
}

/// A job of five records that was planned with another key of the same workspace.
fn planned_with_earlier_key(vendor: Vendor) -> Stage {
    let stage = Stage::new(&[vendor]);
    let ids = stage.file("ids.txt", &stage.world().fake.seed(5));
    let mode: &[&str] = if vendor == Vendor::Tavus { &["--hard"] } else { &[] };
    let plan = [&["plan", vendor.as_str(), "--out", "job", "--ids-from", &ids], mode].concat();
    assert_eq!(stage.go_as(Role::ReadOnly, &plan).code, Some(0));
    stage
}

fn target(stage: &Stage) -> Value {
    summary(&stage.go(&["status", "job", "--output", "json"]))["targets"][0].clone()
}

fn hash(stage: &Stage) -> String {
    summary(&stage.go(&["status", "job", "--output", "json"]))["hash"].as_str().unwrap().to_owned()
}

#[test]
fn a_rotated_key_needs_the_flag_and_a_record_that_it_shows() {
    for &vendor in Vendor::ALL {
        let stage = planned_with_earlier_key(vendor);
        let (before, hash_before) = (target(&stage), hash(&stage));
        let refused = stage.run(5, &[]);
        assert!(refused.code == Some(5) && refused.stderr.contains("--accept-credential"), "{vendor:?}: {refused:?}");
        assert_eq!((stage.requests(), deleted(stage.world())), (0, 0), "{vendor:?}");

        let run = stage.run(5, &["--accept-credential"]);
        assert_eq!((run.code, deleted(stage.world())), (Some(0), 5), "{vendor:?}: {run:?}");
        let after = target(&stage);
        assert_eq!(after["credential"], before["credential"], "what was planned stays");
        let accepted = &after["accepted_credentials"][0];
        assert!(run.stderr.contains(accepted["credential"].as_str().unwrap()), "{vendor:?}: {run:?}");
        assert_eq!((hash(&stage), after["accepted_credentials"].as_array().unwrap().len()), (hash_before, 1));
        assert_eq!(stage.go(&["verify", "job"]).code, Some(0), "{vendor:?}: it is known from now on");
    }
}

/// At Corti it is a client of the same tenant, which is enough there.
#[test]
fn a_key_that_shows_no_record_is_never_accepted() {
    for vendor in [Vendor::Fini, Vendor::ElevenLabs, Vendor::Tavus] {
        let stage = planned_with_earlier_key(vendor);
        let count = ["run", "job", "--yes", "--expect-count", "5", "--accept-credential", "--retry-failed"];
        let run = stage.go_as(Role::Foreign, &count);
        assert_eq!((run.code, deleted(stage.world())), (Some(5), 0), "{vendor:?}: {run:?}");
        assert!(run.stderr.contains("shows none of 5 open records"), "{run:?}");
        assert!(stage.world().deletes().is_empty(), "{vendor:?}");
        assert_eq!(target(&stage)["accepted_credentials"], json!([]));
        assert_eq!(stage.run(5, &["--accept-credential"]).code, Some(0), "{vendor:?}: the right one still is");
    }
}

#[test]
fn a_key_is_not_accepted_if_no_record_is_left_to_see() {
    for vendor in [Vendor::Fini, Vendor::ElevenLabs, Vendor::Tavus] {
        let stage = planned(vendor);
        assert_eq!(stage.run(5, &[]).code, Some(0));
        let again = ["run", "job", "--yes", "--expect-count", "5", "--accept-credential", "--verify"];
        let run = stage.go_as(Role::ReadOnly, &again);
        assert!(matches!(run.code, Some(5 | 6)), "{vendor:?}: {run:?}");
        if run.code == Some(5) {
            assert!(run.stderr.contains("no record is left to be deleted"), "{vendor:?}: {run:?}");
        }
        assert_eq!(target(&stage)["accepted_credentials"], json!([]), "{vendor:?}");
    }
}

#[test]
fn a_key_that_cannot_be_checked_now_is_not_accepted() {
    for &vendor in Vendor::ALL {
        let stage = planned_with_earlier_key(vendor);
        stage.world().fake.fault(Fault::reply(503).on(Route::List));
        let run = stage.run(5, &["--accept-credential"]);
        assert_eq!((run.code, deleted(stage.world())), (Some(4), 0), "{vendor:?}: {run:?}");
        assert_eq!(target(&stage)["accepted_credentials"], json!([]), "{vendor:?}");
    }
}

#[test]
fn a_plan_with_another_hash_than_the_expected_one_is_refused() {
    let stage = planned(Vendor::Tavus);
    let plan = hash(&stage);
    let requests = stage.requests();
    let other = "0".repeat(64);
    let run = stage.run(5, &["--expect-hash", &other]);
    assert!(run.code == Some(5) && run.stderr.contains(&plan) && run.stderr.contains(&other), "{run:?}");
    assert_eq!(stage.run(5, &["--expect-hash", "none"]).code, Some(2), "it is not a hash");
    assert_eq!((stage.requests(), deleted(stage.world())), (requests, 0));
    assert_eq!(stage.run(5, &["--expect-hash", &plan.to_uppercase()]).code, Some(0));
    let requests = stage.requests();
    assert_eq!(stage.run(5, &["--expect-hash", &other]).code, Some(5), "also of a job that is finished");
    assert_eq!(stage.requests(), requests);
}

#[test]
fn the_target_of_a_finished_job_is_compared_too() {
    let stage = planned_with_earlier_key(Vendor::Tavus);
    assert_eq!(stage.run(5, &["--accept-credential"]).code, Some(0));
    let requests = stage.requests();
    assert_eq!(stage.run(5, &[]).code, Some(0));
    let run = stage.run_as(Role::Foreign, 5, &[]);
    assert!(run.code == Some(5) && run.stderr.contains("--accept-credential"), "{run:?}");
    let mut command = stage.run_command(5, &[]);
    let run = stage.world().run(command.env_remove("TAVUS_API_KEY"), "");
    assert_eq!((run.code, stage.requests()), (Some(0), requests), "it needs no credential: {run:?}");
}
