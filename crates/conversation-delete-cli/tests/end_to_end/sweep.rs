//! `sweep`: what is old is found, deleted and reported by one command.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, SystemTime};

use conversation_delete_fake::{Fault, RecordState, Role, Route, Seed, Vendor};
use serde_json::Value;

use crate::job::{Stage, deleted, summary};
use crate::question::answer;
use crate::support::Run;
use crate::traffic::Traffic;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Fakes of vendors that are swept together.
pub(crate) struct Sweep {
    pub(crate) stage: Stage,
}

impl Sweep {
    pub(crate) fn new(vendors: &[Vendor]) -> Self {
        Self { stage: Stage::new(vendors) }
    }

    /// Seeds this many records that are a hundred days old.
    pub(crate) fn seed_old(&self, world: usize, count: usize) -> Vec<String> {
        self.stage.worlds[world].fake.seed_with(Seed::count(count).created_at(SystemTime::now() - 100 * DAY))
    }

    /// `sweep` of what is older than 90 days.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let vendors = self.stage.worlds.iter().map(|world| world.fake.vendor().as_str());
        let mode = self.stage.worlds.iter().flat_map(|world| world.mode());
        let mut command = self.stage.command_as(Role::Full, &["sweep", "--older-than", "90d", "--output", "json"]);
        command.args(vendors).args(mode).args(args);
        command
    }

    pub(crate) fn go(&self, args: &[&str]) -> Run {
        let run = self.stage.world().run(&mut self.command(args), "");
        assert!(run.lines().iter().all(|line| line["run"] == run.lines()[0]["run"]), "{run:?}");
        run
    }

    pub(crate) fn yes(&self, args: &[&str]) -> Run {
        self.go(&[&["--yes"], args].concat())
    }

    /// The files in the state directory.
    pub(crate) fn files(&self) -> Vec<PathBuf> {
        fs::read_dir(self.stage.world().state.path()).unwrap().map(|entry| entry.unwrap().path()).collect()
    }
}

fn lines_of(run: &Run, name: &str) -> Vec<Value> {
    run.lines().into_iter().filter(|line| line["type"] == name).collect()
}

#[test]
fn only_what_is_older_is_deleted_and_nothing_stays_behind() {
    for &vendor in Vendor::ALL {
        let sweep = Sweep::new(&[vendor]);
        let world = sweep.stage.world();
        let young = world.fake.seed(5);
        let old = sweep.seed_old(0, 20);
        let run = sweep.yes(&["--rate", "1000"]);
        assert_eq!(run.code, Some(0), "{run:?}");
        assert_eq!(run.outcomes().len(), 20, "{run:?}");
        assert_eq!(lines_of(&run, "target").len(), 1, "{run:?}");
        run.has_summary(&[("deleted", 20)]);
        let is_deleted = |id: &String| world.fake.state_of(id) == Some(RecordState::Deleted);
        assert!(old.iter().all(is_deleted) && !young.iter().any(is_deleted), "{vendor:?}");
        assert_eq!(sweep.files(), Vec::<PathBuf>::new());
    }
}

#[test]
fn nothing_to_delete_is_a_success() {
    let sweep = Sweep::new(&[Vendor::Tavus, Vendor::ElevenLabs]);
    sweep.stage.worlds[1].fake.seed(3);
    let run = sweep.yes(&["--verify=list", "--evidence", "proofs"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    run.has_summary(&[]);
    for vendor in ["Tavus", "ElevenLabs"] {
        assert!(run.stderr.contains(&format!("{vendor}: there is nothing to delete")), "{run:?}");
    }
    assert_eq!(sweep.files(), Vec::<PathBuf>::new());
    assert_eq!(fs::read_dir(sweep.stage.path("proofs")).unwrap().count(), 0, "a bundle of nothing");
}

#[test]
fn what_is_active_or_has_no_time_is_kept_and_counted() {
    let sweep = Sweep::new(&[Vendor::Tavus]);
    let fake = &sweep.stage.world().fake;
    sweep.seed_old(0, 2);
    let created = SystemTime::now() - 100 * DAY;
    let active = fake.seed_with(Seed::count(1).created_at(created).status("active"));
    let undated = fake.seed_with(Seed::count(3).without_dates());
    let run = sweep.yes(&[]);
    assert_eq!(run.code, Some(3), "{run:?}");
    run.has_summary(&[("deleted", 2), ("failed", 1), ("refused", 3)]);
    assert!(active.iter().chain(&undated).all(|id| fake.state_of(id) != Some(RecordState::Deleted)));
}

#[test]
fn arguments_that_do_not_fit_send_nothing() {
    let sweep = Sweep::new(&[Vendor::ElevenLabs, Vendor::Tavus]);
    sweep.seed_old(0, 2);
    let go = |args: &[&str]| sweep.stage.go(&[&["sweep", "--output", "json"], args].concat());
    for args in [
        &["tavus", "--older-than", "90d", "--yes"][..],
        &["elevenlabs", "--older-than", "90d", "--hard", "--yes"],
        &["elevenlabs", "elevenlabs", "--older-than", "90d", "--yes"],
        &["elevenlabs", "--older-than", "90d"],
        &["elevenlabs", "--older-than", "90", "--yes"],
        &["elevenlabs", "--older-than", "0d", "--yes"],
        &["elevenlabs", "--older-than", "2026-01-01", "--yes"],
        &["elevenlabs", "--yes"],
        &["fini", "elevenlabs", "--older-than", "90d", "--yes"],
        &["elevenlabs", "--older-than", "90d", "--yes", "--hold", "-"],
        &["elevenlabs", "--older-than", "90d", "--yes", "--hold", "nowhere.txt"],
        &["elevenlabs", "tavus", "--soft", "--older-than", "90d", "--yes", "--evidence", "one.zip"],
    ] {
        go(args).has_only_errors(2);
    }
    assert_eq!(sweep.stage.requests(), 0);
    assert_eq!(go(&["elevenlabs", "tavus", "--soft", "--older-than", "90d", "--yes"]).code, Some(0));
}

#[test]
fn more_than_the_maximum_of_all_vendors_deletes_nothing_anywhere() {
    let sweep = Sweep::new(&[Vendor::Tavus, Vendor::ElevenLabs]);
    sweep.seed_old(0, 3);
    sweep.seed_old(1, 3);
    for max in ["2", "5"] {
        sweep.yes(&["--max", max]).has_only_errors(5);
    }
    assert_eq!((sweep.stage.worlds.iter().map(deleted).sum::<usize>(), sweep.files()), (0, Vec::new()));
    let run = sweep.yes(&["--max", "6"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    run.has_summary(&[("deleted", 6)]);
}

#[test]
fn a_hold_of_any_of_the_vendors_is_kept_and_one_of_none_is_refused() {
    let sweep = Sweep::new(&[Vendor::Tavus, Vendor::Corti]);
    let (tavus, corti) = (sweep.seed_old(0, 3), sweep.seed_old(1, 3));
    let held = [tavus[0].clone(), corti[2].to_uppercase()];
    let (good, bad) = (sweep.stage.file("good.txt", &held), sweep.stage.file("bad.txt", &["c0000000".to_owned()]));
    let refused = sweep.yes(&["--hold", &good, "--hold", &bad]);
    refused.has_only_errors(5);
    assert!(refused.stderr.contains("1 of 3 holds") && refused.stderr.contains("bad.txt"), "{refused:?}");
    assert_eq!(sweep.stage.worlds.iter().map(deleted).sum::<usize>(), 0);
    let run = sweep.yes(&["--hold", &good, "--max", "4"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    run.has_summary(&[("deleted", 4), ("held", 2)]);
    let again = sweep.yes(&["--hold", &good, "--hold", &bad, "--allow-unmatched-holds"]);
    assert_eq!(again.code, Some(0), "{again:?}");
    again.has_summary(&[("held", 2)]);
}

#[test]
fn a_list_verifies_for_hardly_more_than_one_request_a_record() {
    let sweep = Sweep::new(&[Vendor::ElevenLabs]);
    let ids = sweep.seed_old(0, 500);
    let run = sweep.yes(&["--verify=list", "--wait", "0"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    run.has_summary(&[("deleted", 500), ("verified", 500)]);
    let requests = sweep.stage.world().fake.requests();
    let sum = Traffic::of(&requests, &ids).sum();
    assert_eq!((sum.deletes, sum.lookups), (500, 0));
    assert!(requests.len() <= 525, "{}", requests.len());
}

#[test]
fn a_vendor_that_is_down_keeps_no_other_from_being_swept() {
    for fault in [Fault::reply(503).on(Route::List), Fault::reply(401)] {
        let code = if fault == Fault::reply(401) { 6 } else { 4 };
        let sweep = Sweep::new(&[Vendor::Tavus, Vendor::ElevenLabs]);
        sweep.seed_old(0, 3);
        sweep.seed_old(1, 3);
        sweep.stage.world().fake.fault(fault);
        let run = sweep.yes(&[]);
        assert_eq!(run.code, Some(code), "{run:?}");
        let errors = lines_of(&run, "error");
        assert!(errors.len() == 1 && errors[0]["exit_code"] == code, "{run:?}");
        run.has_summary(&[("deleted", 3)]);
        assert_eq!(sweep.stage.worlds.iter().map(deleted).collect::<Vec<_>>(), [0, 3]);
        assert_eq!(sweep.files(), Vec::<PathBuf>::new());
    }
}

#[test]
fn each_vendor_has_its_counts_and_its_evidence() {
    let sweep = Sweep::new(&[Vendor::Tavus, Vendor::ElevenLabs]);
    sweep.seed_old(0, 2);
    sweep.seed_old(1, 3);
    let observe = ["--on-finish", "cat > finish.json", "--metrics-file", "sweep.prom"];
    let run = sweep.yes(&[&["--verify", "--wait", "0", "--evidence", "proofs"][..], &observe].concat());
    assert_eq!(run.code, Some(0), "{run:?}");
    let mut counts: Vec<_> = lines_of(&run, "target").iter().map(|line| line["verified"].as_u64().unwrap()).collect();
    counts.sort_unstable();
    assert_eq!(counts, [2, 3], "{run:?}");
    run.has_summary(&[("deleted", 5), ("verified", 5)]);
    let finish: Value = serde_json::from_slice(&fs::read(sweep.stage.path("finish.json")).unwrap()).unwrap();
    assert_eq!((&finish["deleted"], &finish["vendors"]), (&5.into(), &serde_json::json!(["elevenlabs", "tavus"])));
    let metrics = fs::read_to_string(sweep.stage.path("sweep.prom")).unwrap();
    for (vendor, number) in [("tavus", 2), ("elevenlabs", 3)] {
        let labels = format!("{{vendor=\"{vendor}\",outcome=\"deleted\"}}");
        assert!(metrics.contains(&format!("conversation_delete_records_total{labels} {number}\n")), "{metrics}");
        let labels = format!("{{vendor=\"{vendor}\",moment=\"after\"}}");
        assert!(metrics.contains(&format!("conversation_delete_lookups_total{labels} {number}\n")), "{metrics}");
    }
    let bundles: Vec<_> =
        fs::read_dir(sweep.stage.path("proofs")).unwrap().map(|entry| entry.unwrap().path()).collect();
    let mut records = Vec::new();
    for bundle in &bundles {
        let verified = sweep.stage.go(&["evidence", "verify", bundle.to_str().unwrap(), "--output", "json"]);
        assert_eq!(verified.code, Some(0), "{verified:?}");
        records.push(summary(&verified)["records"].as_u64().unwrap());
    }
    records.sort_unstable();
    assert_eq!(records, [2, 3], "{bundles:?}");
    let single = Sweep::new(&[Vendor::Tavus]);
    single.seed_old(0, 1);
    assert_eq!(single.yes(&["--evidence", "proof.zip"]).code, Some(0));
    assert!(single.stage.path("proof.zip").is_file());
    single.yes(&["--evidence", "proof.zip"]).has_only_errors(2);
}

#[test]
fn a_dry_run_announces_requests_only_if_there_are_any() {
    let sweep = Sweep::new(&[Vendor::Tavus]);
    let empty = sweep.go(&["--dry-run"]);
    assert!(empty.code == Some(0) && empty.stderr.contains("dry run: 0 records, nothing is deleted\n"), "{empty:?}");
    sweep.seed_old(0, 1);
    let one = sweep.go(&["--dry-run"]);
    assert!(one.stderr.contains("dry run: 1 record, nothing is deleted. What would be sent after"), "{one:?}");
}

#[test]
fn a_dry_run_shows_the_requests_that_a_sweep_sends_after_its_lists() {
    for verify in [&[][..], &["--verify", "--wait", "0"], &["--verify=list", "--wait", "0"]] {
        let sweep = Sweep::new(&[Vendor::ElevenLabs]);
        sweep.stage.world().fake.seed(2);
        sweep.seed_old(0, 3);
        let fake = &sweep.stage.world().fake;
        let dry = sweep.go(&[&["--dry-run"], verify].concat());
        assert_eq!((dry.code, deleted(sweep.stage.world()), sweep.files()), (Some(0), 0, Vec::new()), "{dry:?}");
        dry.has_summary(&[("not_attempted", 3)]);
        let mut shown: Vec<String> =
            lines_of(&dry, "request").iter().map(|line| line["url"].as_str().unwrap().to_owned()).collect();
        let listed = fake.requests().len();
        assert_eq!(sweep.yes(verify).code, Some(0));
        let sent = &fake.requests()[2 * listed..];
        let mut sent: Vec<String> =
            sent.iter().map(|request| format!("{}{}", fake.base_url(), request.path())).collect();
        // A list names the second in which it began.
        for url in shown.iter_mut().chain(&mut sent) {
            *url = url.split("&call_start_before_unix=").next().unwrap().to_owned();
        }
        shown.sort_unstable();
        sent.sort_unstable();
        assert_eq!(shown, sent, "{verify:?}");
    }
}

#[test]
fn a_person_is_asked_once_for_all_vendors() {
    let sweep = Sweep::new(&[Vendor::Tavus]);
    sweep.seed_old(0, 3);
    let args = ["sweep", "tavus", "--hard", "--older-than", "90d"];
    let no = answer(sweep.stage.world(), "no\n", &args);
    assert_eq!((no.code, deleted(sweep.stage.world()), sweep.files()), (Some(5), 0, Vec::new()), "{no:?}");
    for part in ["3 records", "Tavus", "hard", &sweep.stage.world().fake.base_url(), "first ids", "oldest", "newest"] {
        assert!(no.stderr.contains(part), "{part}: {no:?}");
    }
    let yes = answer(sweep.stage.world(), "yes\n", &args);
    assert_eq!((yes.code, deleted(sweep.stage.world())), (Some(0), 3), "{yes:?}");
    assert!(yes.stdout.contains("in all\n  deleted                 3"), "{yes:?}");
}
