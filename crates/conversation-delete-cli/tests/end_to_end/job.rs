//! Jobs: plan, run, and what holds when a run does not come to its end.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use conversation_delete_fake::{Fault, RecordState, Role, Route, Seed, Vendor};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Run, World};

/// A folder with a job in it, and the fakes of its vendors.
pub(crate) struct Stage {
    pub(crate) worlds: Vec<World>,
    pub(crate) folder: TempDir,
}

impl Stage {
    pub(crate) fn new(vendors: &[Vendor]) -> Self {
        Self { worlds: vendors.iter().map(|vendor| World::new(*vendor)).collect(), folder: TempDir::new().unwrap() }
    }

    pub(crate) fn world(&self) -> &World {
        &self.worlds[0]
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file beside the job, and says where.
    pub(crate) fn file(&self, name: &str, lines: &[String]) -> String {
        fs::write(self.path(name), lines.join("\n")).unwrap();
        self.text(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    pub(crate) fn command_as(&self, role: Role, args: &[&str]) -> Command {
        let mut command = self.world().command(role);
        for world in &self.worlds {
            command.envs(world.fake.env_as(role));
        }
        command.args(args).current_dir(self.folder.path());
        command
    }

    pub(crate) fn go_as(&self, role: Role, args: &[&str]) -> Run {
        let run = self.world().run(&mut self.command_as(role, args), "");
        self.holds_no_secret();
        run
    }

    pub(crate) fn go(&self, args: &[&str]) -> Run {
        self.go_as(Role::Full, args)
    }

    /// `plan` of these vendors with these arguments.
    pub(crate) fn plan(&self, args: &[&str]) -> Run {
        let vendors: Vec<&str> = self.worlds.iter().map(|world| world.fake.vendor().as_str()).collect();
        let mode: &[&str] = if vendors.contains(&"tavus") { &["--hard"] } else { &[] };
        self.go(&[&["plan"], &vendors[..], mode, &["--out", "job", "--output", "json"], args].concat())
    }

    /// `run` where so many ids are expected.
    pub(crate) fn run(&self, count: usize, args: &[&str]) -> Run {
        self.run_as(Role::Full, count, args)
    }

    /// `run`, to be begun and stopped.
    pub(crate) fn run_command(&self, count: usize, args: &[&str]) -> Command {
        let count = count.to_string();
        let run = ["run", "job", "--yes", "--expect-count", &count, "--output", "json"];
        self.command_as(Role::Full, &[&run, args].concat())
    }

    pub(crate) fn run_as(&self, role: Role, count: usize, args: &[&str]) -> Run {
        let count = count.to_string();
        self.go_as(role, &[&["run", "job", "--yes", "--expect-count", &count, "--output", "json"], args].concat())
    }

    pub(crate) fn requests(&self) -> u64 {
        self.worlds.iter().map(|world| world.fake.stats().requests).sum()
    }

    /// Id and outcome of each record in the file.
    pub(crate) fn exported(&self) -> Vec<(String, String)> {
        self.go(&["export", "job", "--output", "json"]).outcomes()
    }

    fn holds_no_secret(&self) {
        for entry in fs::read_dir(self.folder.path()).unwrap() {
            let bytes = fs::read(entry.unwrap().path()).unwrap_or_default();
            let text = String::from_utf8_lossy(&bytes);
            for secret in self.worlds.iter().flat_map(World::secrets) {
                assert!(!text.contains(&secret), "a secret in a file of the job");
            }
        }
    }

    pub(crate) fn sqlite(&self, statement: &str) {
        rusqlite::Connection::open(self.path("job")).unwrap().execute_batch(statement).unwrap();
    }
}

pub(crate) fn summary(run: &Run) -> Value {
    run.lines().last().cloned().unwrap_or_else(|| panic!("no summary: {run:?}"))
}

fn set(ids: &[String]) -> BTreeSet<String> {
    ids.iter().cloned().collect()
}

pub(crate) fn deleted(world: &World) -> usize {
    world.fake.records().iter().filter(|record| world.fake.state_of(&record.id) == Some(RecordState::Deleted)).count()
}

#[test]
fn a_plan_is_run_told_of_and_sends_nothing_again() {
    for &vendor in Vendor::ALL {
        let stage = Stage::new(&[vendor]);
        let ids = stage.world().fake.seed(60);
        stage.world().fake.seed_with(Seed::count(3).foreign());
        let plan = stage.plan(&["--all"]);
        assert_eq!(plan.code, Some(0), "{plan:?}");
        let line = summary(&plan);
        assert_eq!((&line["type"], &line["planned"], &line["job"]), (&json!("plan"), &json!(60), &json!("job")));
        assert_eq!(line["hash"].as_str().unwrap().len(), 64);
        assert_eq!(line["targets"][0]["vendor"], vendor.as_str());
        let status = stage.go(&["status", "job", "--output", "json"]);
        assert_eq!(summary(&status)["targets"][0]["not_attempted"], 60, "{status:?}");
        assert_eq!(deleted(stage.world()), 0);

        let run = stage.run(60, &["--verify"]);
        assert_eq!(run.code, Some(0), "{vendor:?}: {run:?}");
        let line = summary(&run);
        assert_eq!(
            (&line["deleted"], &line["verified"], &line["ending"]),
            (&60.into(), &60.into(), &"finished".into())
        );
        assert!(ids.iter().all(|id| stage.world().fake.state_of(id) == Some(RecordState::Deleted)), "{vendor:?}");
        let exported = stage.exported();
        assert_eq!(exported.iter().map(|(id, _)| id.clone()).collect::<BTreeSet<_>>(), set(&ids));
        assert!(exported.iter().all(|(_, outcome)| outcome == "deleted"), "{exported:?}");

        let requests = stage.requests();
        let again = stage.run(60, &["--verify"]);
        assert_eq!((again.code, stage.requests()), (Some(0), requests), "{again:?}");
        let expected = json!({ "time": summary(&again)["time"], "run": summary(&again)["run"] });
        let mut line = line;
        line.as_object_mut().unwrap().extend(expected.as_object().unwrap().clone());
        assert_eq!(summary(&again), line);
    }
}

#[test]
fn two_vendors_run_side_by_side_and_fini_in_batches() {
    let stage = Stage::new(&[Vendor::Tavus, Vendor::Fini]);
    stage.worlds.iter().for_each(|world| drop(world.fake.seed(120)));
    assert_eq!(stage.plan(&["--all"]).code, Some(0));
    let run = stage.run(240, &["--rate", "500", "--concurrency", "8"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(run.lines().len(), 3, "a line for each vendor, and the summary: {run:?}");
    assert_eq!(summary(&run)["deleted"], 240);
    stage.worlds.iter().for_each(|world| assert_eq!(deleted(world), 120));
    assert_eq!(stage.worlds[1].deletes().len(), 3, "batches of 50: the list confirmed the target");
}

#[test]
fn what_is_no_id_is_kept_with_its_line_and_doubles_are_merged() {
    let stage = Stage::new(&[Vendor::Tavus]);
    let mut lines = stage.world().fake.seed(2);
    lines.extend(["a/b".to_owned(), lines[0].clone()]);
    let file = stage.file("ids.txt", &lines);
    let plan = stage.plan(&["--ids-from", &file]);
    assert_eq!(plan.code, Some(3), "{plan:?}");
    let line = summary(&plan);
    assert_eq!((&line["planned"], &line["merged"], &line["refused"]), (&2.into(), &1.into(), &1.into()));
    let run = stage.run(2, &[]);
    assert_eq!((run.code, &summary(&run)["refused"]), (Some(3), &1.into()), "{run:?}");
    let export = stage.go(&["export", "job", "--output", "json"]);
    let refused = &export.lines()[2];
    assert_eq!(
        (&refused["outcome"], &refused["id"], &refused["line_number"]),
        (&"refused".into(), &"a/b".into(), &3.into())
    );
    assert!(refused["source"].as_str().unwrap().ends_with("ids.txt"), "{refused}");
    let csv = stage.go(&["export", "job", "--output", "csv", "--out", "out.csv"]);
    assert_eq!((csv.code, csv.stdout.as_str()), (Some(0), ""), "{csv:?}");
    let text = fs::read_to_string(stage.path("out.csv")).unwrap();
    assert_eq!(text.split("\r\n").filter(|line| line.contains(",deleted,hard,1,204,")).count(), 2, "{text}");
    assert!(text.starts_with("vendor,id,outcome,mode,attempts,status,"), "{text}");
    assert_eq!(stage.go(&["export", "job", "--output", "csv", "--out", "out.csv"]).code, Some(2), "never written over");
}

#[test]
fn what_failed_can_be_tried_again() {
    let stage = Stage::new(&[Vendor::Tavus]);
    stage.world().fake.seed(5);
    assert_eq!(stage.plan(&["--all"]).code, Some(0));
    stage.world().fake.fault(Fault::reply(403).on(Route::Delete).nth(2));
    let run = stage.run(5, &[]);
    assert_eq!((run.code, &summary(&run)["failed"]), (Some(3), &1.into()), "{run:?}");
    let run = stage.run(5, &["--retry-failed"]);
    assert_eq!((run.code, &summary(&run)["deleted"]), (Some(0), &5.into()), "{run:?}");
    assert!(run.stderr.contains("open again: 1 id that failed"), "{run:?}");
}

#[test]
fn a_lie_is_found() {
    for look in ["verify", "recheck", "run"] {
        let stage = Stage::new(&[Vendor::ElevenLabs]);
        let ids = stage.world().fake.seed(5);
        assert_eq!(stage.plan(&["--all"]).code, Some(0));
        stage.world().fake.fault(Fault::no_effect().on(Route::Delete).for_id(&ids[2]));
        let run = match look {
            "verify" => {
                assert_eq!(stage.run(5, &[]).code, Some(0));
                stage.go(&["verify", "job", "--wait", "0", "--output", "json"])
            }
            "recheck" => stage.run(5, &["--recheck-after", "1s", "--wait", "0"]),
            _ => stage.run(5, &["--verify", "--wait", "0"]),
        };
        assert_eq!(run.code, Some(7), "{look}: {run:?}");
        let counter = if look == "verify" { "present" } else { "still_present" };
        assert_eq!(summary(&run)[counter], 1, "{run:?}");
        stage.world().fake.remove(&ids[2]);
        let run = stage.go(&["verify", "job", "--wait", "0"]);
        assert_eq!(run.code, Some(0), "{run:?}");
    }
}

#[test]
fn a_throttle_is_told_of_and_waited_for() {
    let stage = Stage::new(&[Vendor::Tavus]);
    stage.world().fake.seed(5);
    assert_eq!(stage.plan(&["--all", "--allow-live"]).code, Some(0));
    let throttle = || Fault::throttle(Some(conversation_delete_fake::RetryAfter::Seconds(2))).on(Route::Delete);
    stage.world().fake.fault(throttle().nth(3));
    let mut command = stage.run_command(5, &[]);
    let run = stage.world().run(command.env("CONVERSATION_DELETE_TEST_REPORT_EVERY", "500"), "");
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stderr.contains("Tavus waits until ") && run.stderr.contains("rate limited by the vendor"), "{run:?}");
    assert!(run.stderr.contains(" of 5 ids, "), "a line now and then: {run:?}");

    fs::remove_file(stage.path("job")).unwrap();
    stage.world().fake.seed(5);
    assert_eq!(stage.plan(&["--all", "--allow-live"]).code, Some(0));
    stage.world().fake.fault(throttle().nth(1));
    let run = stage.run(5, &["--deadline", "1s"]);
    assert_eq!((run.code, &summary(&run)["ending"]), (Some(4), &"deadline_reached".into()), "{run:?}");
    assert_eq!(stage.run(5, &[]).code, Some(0));
}

#[test]
fn failures_are_told_by_their_kind_and_live_records_stay() {
    let stage = Stage::new(&[Vendor::ElevenLabs]);
    let ids = stage.world().fake.seed(30);
    ids[..12].iter().for_each(|id| stage.world().fake.set_status(id, "in-progress"));
    assert_eq!(stage.plan(&["--all"]).code, Some(0));
    let run = stage.run(30, &[]);
    assert_eq!((run.code, &summary(&run)["failed"]), (Some(3), &12.into()), "{run:?}");
    assert_eq!(run.stderr.matches("still active").count(), 2, "the first and the tenth: {run:?}");
    assert_eq!(deleted(stage.world()), 18);
}

#[test]
fn without_a_terminal_a_run_names_the_count_that_it_asks_for_and_its_table_begins_at_once() {
    let stage = Stage::new(&[Vendor::Tavus]);
    let ids = stage.world().fake.seed(4);
    let (file, keep) = (stage.file("ids.txt", &ids), stage.file("keep.txt", &ids[..1]));
    assert_eq!(stage.plan(&["--ids-from", &file, "--hold", &keep]).code, Some(0));
    let run = stage.go(&["run", "job"]);
    assert_eq!((run.code, stage.world().deletes().len()), (Some(2), 0), "{run:?}");
    assert!(run.stderr.contains("if you mean to delete 3 records, add --yes --expect-count 3"), "{run:?}");
    let run = stage.go(&["run", "job", "--yes", "--expect-count", "3"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stdout.starts_with("Tavus at "), "{run:?}");
}
