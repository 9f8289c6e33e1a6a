//! A plan in several job files: planned, run one by one or one after another, and read as one job.

use std::fs;

use conversation_delete_fake::{RecordState, Role, Vendor};
use conversation_delete_job::Job;
use serde_json::Value;

use crate::job::{Stage, summary};
use crate::support::Run;

/// A folder `jobs` over all records of a fake but some.
pub(crate) struct PlannedFolder {
    pub(crate) hash: String,
    pub(crate) ids: Vec<String>,
    pub(crate) spared: Vec<String>,
}

pub(crate) fn folder(stage: &Stage, ids: usize, shards: u16, args: &[&str]) -> PlannedFolder {
    let mut ids = stage.world().fake.seed(ids + 3);
    let spared = ids.split_off(ids.len() - 3);
    let file = stage.file("ids.txt", &ids);
    let plan = plan(stage, &[&["--ids-from", &file, "--shards", &shards.to_string()], args].concat());
    assert_eq!(plan.code, Some(0), "{plan:?}");
    let hash = summary(&plan)["hash"].as_str().unwrap().to_owned();
    PlannedFolder { hash, ids, spared }
}

fn plan(stage: &Stage, args: &[&str]) -> Run {
    stage.go(&[&["plan", "tavus", "--hard", "--out", "jobs", "--output", "json"], args].concat())
}

fn run(stage: &Stage, count: usize, args: &[&str]) -> Run {
    let count = count.to_string();
    stage.go(&[&["run", "jobs", "--yes", "--expect-count", &count, "--output", "json"], args].concat())
}

fn shard(number: usize, shards: usize) -> String {
    format!("jobs/shard-{number:05}-of-{shards:05}.job")
}

/// The number of records of each shard that are deleted.
fn deleted(stage: &Stage, shards: usize) -> Vec<u64> {
    let of = |number| summary(&stage.go(&["status", &shard(number, shards), "--output", "json"]));
    (0..shards).map(|number| of(number)["targets"][0]["deleted"].as_u64().unwrap()).collect()
}

#[test]
fn shards_are_run_side_by_side_and_read_as_one_job() {
    let stage = Stage::new(&[Vendor::Tavus]);
    let planned = folder(&stage, 90, 3, &[]);
    let manifest: Value = serde_json::from_slice(&fs::read(stage.path("jobs/manifest.json")).unwrap()).unwrap();
    assert_eq!((&manifest["plan_hash"], &manifest["planned"]), (&planned.hash.clone().into(), &90.into()));
    let status = || summary(&stage.go(&["status", "jobs", "--output", "json"]));
    assert_eq!((&status()["state"], &status()["hash"]), (&"planned".into(), &planned.hash.clone().into()));
    assert_eq!((&status()["job"], &status()["targets"][0]["planned"]), (&"jobs".into(), &90.into()));

    // One shard by its number, and one by the variable of Kubernetes. Both expect what `plan` printed.
    let one = run(&stage, 90, &["--shard", "1", "--expect-hash", &planned.hash, "--verify"]);
    assert_eq!(one.code, Some(0), "{one:?}");
    let in_shard = deleted(&stage, 3);
    assert_eq!((in_shard[0], in_shard[2], &summary(&one)["deleted"]), (0, 0, &in_shard[1].into()));
    let args = ["run", "jobs", "--yes", "--expect-count", "90", "--rate", "1000"];
    let indexed = stage.world().run(stage.command_as(Role::Full, &args).env("JOB_COMPLETION_INDEX", "2"), "");
    assert_eq!(indexed.code, Some(0), "{indexed:?}");
    assert!(deleted(&stage, 3)[2] > 0);
    assert_eq!(status()["state"], "stopped");
    let looked = summary(&stage.go(&["verify", "jobs", "--wait", "0", "--output", "json"]));
    assert_eq!(looked["absent"].as_u64(), Some(in_shard[1] + deleted(&stage, 3)[2]), "{looked}");

    // The rest, one after another.
    let rest = run(&stage, 90, &["--verify=none", "--evidence", "all.zip"]);
    assert_eq!((rest.code, &summary(&rest)["deleted"]), (Some(0), &90.into()), "{rest:?}");
    assert_eq!(rest.lines().iter().filter(|line| line["type"] == "summary").count(), 1);
    assert_eq!((&status()["state"], &status()["targets"][0]["deleted"]), (&"finished".into(), &90.into()));
    let requests = stage.requests();
    let again = run(&stage, 90, &["--verify=none"]);
    assert_eq!((again.code, stage.requests()), (Some(0), requests), "a finished folder sends nothing: {again:?}");

    let exported = stage.go(&["export", "jobs", "--output", "json"]);
    let expected: Vec<_> = planned.ids.iter().map(|id| (id.clone(), "deleted".to_owned())).collect();
    assert_eq!(exported.outcomes(), expected, "in the order of the input");
    let evidence = stage.go(&["evidence", "export", "jobs", "--out", "later.zip", "--output", "json"]);
    assert_eq!((evidence.code, &summary(&evidence)["records"]), (Some(0), &90.into()), "{evidence:?}");
    for file in ["all.zip", "later.zip"] {
        let verified = stage.go(&["evidence", "verify", file]);
        assert_eq!(verified.code, Some(0), "{verified:?}");
    }
    let looked = stage.go(&["verify", "jobs", "--wait", "0", "--output", "json"]);
    assert_eq!((looked.code, &summary(&looked)["absent"]), (Some(0), &90.into()), "{looked:?}");
    assert!(planned.spared.iter().all(|id| stage.world().fake.state_of(id) == Some(RecordState::Present)));
}

#[test]
fn another_plan_or_number_than_the_expected_one_is_refused() {
    let stage = Stage::new(&[Vendor::Tavus]);
    let planned = folder(&stage, 20, 2, &[]);
    let own = shard_hash(&stage, 0);
    let requests = stage.requests();
    run(&stage, 21, &["--shard", "0"]).has_only_errors(5);
    run(&stage, 21, &[]).has_only_errors(5);
    run(&stage, 20, &["--shard", "0", "--expect-hash", &own]).has_only_errors(5);
    run(&stage, 20, &["--expect-hash", &"0".repeat(64)]).has_only_errors(5);
    for number in ["2", "1024"] {
        run(&stage, 20, &["--shard", number]).has_only_errors(2);
    }
    run(&stage, 20, &["--shard", "0", "--evidence", "x.zip"]).has_only_errors(2);
    run(&stage, 20, &["--recheck-after", "1h"]).has_only_errors(2);
    let file = shard(0, 2);
    stage.go(&["run", &file, "--yes", "--shard", "0", "--output", "json"]).has_only_errors(2);
    for index in ["", "-1", "x", "70000"] {
        let mut command = stage.command_as(Role::Full, &["run", "jobs", "--yes", "--expect-count", "20"]);
        let refused = stage.world().run(command.env("JOB_COMPLETION_INDEX", index), "");
        assert!(refused.code == Some(2) && refused.stderr.contains("JOB_COMPLETION_INDEX"), "{refused:?}");
    }
    let unasked = stage.go(&["run", "jobs", "--shard", "0"]);
    assert!(unasked.code == Some(2) && unasked.stderr.contains("--expect-count 20"), "{unasked:?}");
    assert_eq!(stage.requests(), requests);
    assert_eq!(run(&stage, 20, &["--shard", "0", "--expect-hash", &planned.hash]).code, Some(0));
}

fn shard_hash(stage: &Stage, number: usize) -> String {
    let status = stage.go(&["status", &shard(number, 2), "--output", "json"]);
    summary(&status)["hash"].as_str().unwrap().to_owned()
}

#[test]
fn a_shard_of_another_plan_is_refused() {
    let [stage, other] = [(); 2].map(|()| Stage::new(&[Vendor::Tavus]));
    folder(&stage, 20, 2, &[]);
    folder(&other, 21, 2, &[]);
    fs::copy(other.path(&shard(1, 2)), stage.path(&shard(1, 2))).unwrap();
    let requests = stage.requests();
    stage.go(&["status", "jobs", "--output", "json"]).has_only_errors(5);
    stage.go(&["export", "jobs", "--output", "json"]).has_only_errors(5);
    stage.go(&["evidence", "export", "jobs", "--out", "x.zip", "--output", "json"]).has_only_errors(5);
    run(&stage, 20, &["--shard", "1"]).has_only_errors(5);
    run(&stage, 20, &[]).has_only_errors(5);
    assert_eq!(stage.requests(), requests);
}

#[test]
fn a_plan_that_fails_leaves_nothing() {
    let stage = Stage::new(&[Vendor::Tavus]);
    let ids = stage.world().fake.seed(20);
    let file = stage.file("ids.txt", &ids);
    let names = || {
        let mut names: Vec<_> =
            fs::read_dir(stage.folder.path()).unwrap().map(|one| one.unwrap().file_name()).collect();
        names.sort();
        names
    };
    let before = names();
    plan(&stage, &["--ids-from", &file, "--shards", "4", "--max", "19"]).has_only_errors(5);
    plan(&stage, &["--ids-from", "none.txt", "--shards", "4"]).has_only_errors(2);
    for shards in ["0", "1025", "x"] {
        assert_eq!(plan(&stage, &["--ids-from", &file, "--shards", shards]).code, Some(2));
    }
    assert_eq!(names(), before);
    fs::create_dir(stage.path("jobs")).unwrap();
    plan(&stage, &["--ids-from", &file, "--shards", "4"]).has_only_errors(2);
    assert_eq!(fs::read_dir(stage.path("jobs")).unwrap().count(), 0);
    stage.go(&["status", "jobs", "--output", "json"]).has_only_errors(2);
}

#[test]
fn holds_are_of_the_shard_that_has_their_record() {
    let stage = Stage::new(&[Vendor::Tavus]);
    let planned = folder(&stage, 40, 2, &[]);
    let keep = stage.file("keep.txt", &planned.ids[..6]);
    let one = run(&stage, 40, &["--shard", "0", "--hold", &keep]);
    assert_eq!(one.code, Some(0), "{one:?}");
    let held = summary(&one)["held"].as_u64().unwrap();
    let elsewhere = 6 - held;
    assert!(elsewhere > 0 && one.stderr.contains("of other shards"), "{one:?}");
    let rest = run(&stage, 40, &["--hold", &keep]);
    assert_eq!((rest.code, &summary(&rest)["held"]), (Some(0), &6.into()), "{rest:?}");
    let kept = planned.ids.iter().filter(|id| stage.world().fake.state_of(id) == Some(RecordState::Present));
    assert_eq!(kept.count(), 6);
    // One that matches no record is an error in the shard that would have it.
    let typo = stage.file("typo.txt", &["c99999999".to_owned()]);
    assert_eq!(run(&stage, 40, &["--hold", &typo]).code, Some(5));
    run(&stage, 40, &["--hold", "-"]).has_only_errors(2);
}

#[test]
fn shards_of_a_list_need_no_lookup_and_one_that_is_refused_ends_the_run() {
    let stage = Stage::new(&[Vendor::Tavus]);
    stage.world().fake.seed(60);
    let planned = plan(&stage, &["--all", "--shards", "3"]);
    assert_eq!((planned.code, &summary(&planned)["planned"]), (Some(0), &60.into()), "{planned:?}");
    let one = run(&stage, 60, &["--shard", "0"]);
    assert_eq!(one.code, Some(0), "{one:?}");
    let held = Job::open(stage.path(&shard(2, 3))).unwrap();
    let busy = run(&stage, 60, &[]);
    assert!(busy.code == Some(4) && busy.stderr.contains("shard 2: "), "{busy:?}");
    let (told, sum) = (summary(&busy), summary(&one));
    assert!(told["deleted"].as_u64() > sum["deleted"].as_u64() && told["ending"] == "interrupted", "{busy:?}");
    let status = summary(&stage.go(&["status", "jobs", "--output", "json"]));
    assert!(status["state"] == "running" && status["holder"].as_str().unwrap().ends_with("(shard 2)"), "{status}");
    drop(held);
    let rest = run(&stage, 60, &[]);
    assert_eq!((rest.code, &summary(&rest)["deleted"]), (Some(0), &60.into()), "{rest:?}");
    let deletes = stage.world().deletes().len() as u64;
    let by_route = stage.world().fake.stats().by_route;
    assert_eq!((deletes, by_route.get("get")), (60, None), "{by_route:?}");
}
