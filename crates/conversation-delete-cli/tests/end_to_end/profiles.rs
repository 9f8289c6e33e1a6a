//! Profiles of the configuration file.

use std::fs;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use conversation_delete_fake::{Role, Vendor};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Run, STATE_DIR, World, program, run, spawn};

/// Fakes of Tavus, each with a profile of its own, and a folder with the configuration.
struct Stage {
    worlds: Vec<World>,
    folder: TempDir,
}

const NAMES: [&str; 2] = ["films", "clips"];

impl Stage {
    fn new(records: usize) -> Self {
        let stage = Self { worlds: NAMES.map(|_| World::new(Vendor::Tavus)).into(), folder: TempDir::new().unwrap() };
        stage.worlds.iter().for_each(|world| drop(world.fake.seed(records)));
        fs::create_dir(stage.folder.path().join("conversation-delete")).unwrap();
        stage.write(&stage.profile(0, 0, FILE), &stage.profile(1, 1, COMMAND));
        fs::write(stage.folder.path().join("key"), stage.key() + "\n").unwrap();
        stage
    }

    fn key(&self) -> String {
        self.worlds[0].fake.key(Role::Full)
    }

    /// The text of a profile that leads to one of the fakes.
    fn profile(&self, name: usize, fake: usize, key: &str) -> String {
        let (name, url) = (NAMES[name], self.worlds[fake].fake.base_url());
        let key = key.replace("FOLDER", self.folder.path().to_str().unwrap());
        format!("[profiles.{name}]\nvendor = \"tavus\"\nbase_url = \"{url}\"\napi_key = {key}\n")
    }

    fn write(&self, first: &str, second: &str) {
        fs::write(self.folder.path().join("conversation-delete/config.toml"), format!("{first}{second}")).unwrap();
    }

    /// The program with the configuration, and a variable that no profile may use.
    fn command(&self, args: &[&str]) -> Command {
        let mut command = program();
        command
            .env("XDG_CONFIG_HOME", self.folder.path())
            .env("PATH", "/usr/bin:/bin")
            .env(STATE_DIR, self.folder.path());
        command.env("TAVUS_API_KEY", "stray").env("TAVUS_BASE_URL", "http://127.0.0.1:1");
        command.args(args).current_dir(self.folder.path());
        command
    }

    fn go(&self, args: &[&str]) -> Run {
        let run = run(&mut self.command(args), "");
        assert!(![&run.stdout, &run.stderr].iter().any(|text| text.contains(&self.key())), "{run:?}");
        run
    }

    fn deletes(&self) -> [usize; 2] {
        [self.worlds[0].deletes().len(), self.worlds[1].deletes().len()]
    }

    fn requests(&self) -> u64 {
        self.worlds.iter().map(|world| world.fake.stats().requests).sum()
    }
}

const FILE: &str = "{ file = \"FOLDER/key\" }";
const COMMAND: &str = "{ command = \"cat FOLDER/key\" }";
const VARIABLE: &str = "{ env = \"OWN_KEY\" }";

#[test]
fn a_key_comes_from_a_file_a_command_or_a_variable() {
    let stage = Stage::new(1);
    for key in [FILE, COMMAND, VARIABLE] {
        stage.write(&stage.profile(0, 0, key), "");
        let mut command = stage.command(&["check", "tavus", "--profile", "films", "--output", "json"]);
        let run = run(command.env("OWN_KEY", stage.key()), "");
        assert_eq!(run.code, Some(0), "{key}: {run:?}");
        let line = &run.lines()[0];
        assert_eq!((&line["ok"], &line["profile"]), (&json!(true), &json!("films")), "{run:?}");
    }
    let run = stage.go(&["check", "--profile", "films"]);
    let names_both = run.stderr.contains("profile films") && run.stderr.contains("OWN_KEY");
    assert!(run.code == Some(2) && names_both && !run.stderr.contains("TAVUS_API_KEY"), "{run:?}");
}

#[test]
fn every_command_that_connects_takes_a_profile() {
    let stage = Stage::new(4);
    let profile = ["--profile", "films"];
    let list = stage.go(&[&["list", "tavus"], &profile[..]].concat());
    let ids: Vec<&str> = list.stdout.lines().collect();
    assert_eq!((list.code, ids.len()), (Some(0), 4), "{list:?}");
    let go = |args: &[&str]| stage.go(&[args, &profile].concat());
    assert_eq!(go(&["delete", "tavus", "--hard", "--yes", ids[0]]).code, Some(0));
    assert_eq!(go(&["verify", "tavus", "--wait", "0", ids[0]]).code, Some(0));
    assert_eq!(go(&["delete", "tavus", "--hard", "--dry-run", ids[1]]).code, Some(0));
    assert_eq!(go(&["plan", "tavus", "--hard", "--out", "job", ids[1], ids[2]]).code, Some(0));
    assert_eq!(go(&["run", "job", "--yes", "--expect-count", "2"]).code, Some(0));
    assert_eq!(stage.go(&["verify", "job"]).code, Some(0), "the job knows its profile");
    assert_eq!(go(&["end", "tavus", "--yes", ids[3]]).code, Some(0));
    assert_eq!((stage.deletes(), stage.worlds[1].fake.stats().requests), ([3, 0], 0));
}

#[test]
fn options_and_their_variables_name_profiles_and_the_file() {
    let stage = Stage::new(1);
    let other = stage.folder.path().join("other.toml");
    fs::write(&other, stage.profile(0, 1, FILE)).unwrap();
    let mut command = stage.command(&["check"]);
    command.env("CONVERSATION_DELETE_PROFILE", "films").env("CONVERSATION_DELETE_CONFIG", &other);
    let by_variables = run(&mut command, "");
    let by_options = stage.go(&["check", "--profile", "films", "--config", other.to_str().unwrap()]);
    for run in [by_variables, by_options] {
        assert!(run.code == Some(0) && run.stdout.contains(&stage.worlds[1].fake.base_url()), "{run:?}");
    }
}

#[test]
fn several_profiles_are_checked_one_after_the_other() {
    let stage = Stage::new(1);
    let run = stage.go(&["check", "--profile", "films,clips", "--output", "json"]);
    let profiles: Vec<Value> = run.lines().iter().map(|line| line["profile"].clone()).collect();
    assert_eq!((run.code, profiles), (Some(0), vec![json!("films"), json!("clips")]));
    stage.worlds[1].fake.revoke(Role::Full);
    let run = stage.go(&["profiles", "check"]);
    assert_eq!(run.code, Some(6), "{run:?}");
    assert!(run.stdout.contains("Tavus (films)") && run.stderr.contains("check the profile clips"), "{run:?}");
    assert!(!run.stderr.contains("TAVUS_"), "{run:?}");
    assert_eq!(stage.go(&["profiles", "check", "films"]).code, Some(0));
}

#[test]
fn profiles_are_listed_without_their_keys() {
    let stage = Stage::new(0);
    let run = stage.go(&["profiles", "--output", "json"]);
    let lines = run.lines();
    assert_eq!((run.code, lines.len(), stage.requests()), (Some(0), 2, 0), "{run:?}");
    let (clips, url) = (&lines[0], stage.worlds[1].fake.base_url());
    let expected = json!(["clips", "tavus", url, null, "command cat"]);
    let members = ["profile", "vendor", "base_url", "place", "credential"];
    assert_eq!(json!(members.map(|member| clips[member].clone())), expected);
    let text = stage.go(&["profiles"]).stdout;
    assert!(text.contains("films  tavus") && text.contains("/key\n") && text.contains("command cat\n"), "{text}");
}

#[test]
fn a_profile_that_does_not_fit_sends_nothing() {
    let stage = Stage::new(1);
    let table: [(&[&str], &str); 9] = [
        (&["check", "fini", "--profile", "films"], "the profile films is of tavus"),
        (&["list", "corti", "--profile", "films"], "the profile films is of tavus"),
        (&["end", "tavus", "--yes", "c1", "--profile", "films,clips"], "one profile at a time"),
        (&["delete", "tavus", "--hard", "--yes", "c1", "--profile", "films,clips"], "one profile at a time"),
        (&["check", "--profile", "other"], "there is no profile `other`"),
        (&["check", "--profile", "films,films"], "named twice"),
        (&["plan", "tavus", "fini", "--hard", "--all", "--out", "j", "--profile", "films"], "no profile of fini"),
        (&["plan", "tavus", "--hard", "--out", "j", "--profile", "films,clips", "c1"], "several vendors or profiles"),
        (&["check", "--profile", "films", "--config", "/does/not/exist"], "/does/not/exist"),
    ];
    for (args, expected) in table {
        let run = stage.go(args);
        assert!(run.code == Some(2) && run.stderr.contains(expected), "{args:?}: {run:?}");
    }
    assert_eq!(stage.requests(), 0);
}

#[test]
fn a_key_in_the_configuration_is_refused_and_not_shown() {
    let stage = Stage::new(1);
    stage.write(&stage.profile(0, 0, &format!("\"{}\"", stage.key())), "");
    for args in [&["check", "--profile", "films"][..], &["profiles"]] {
        let run = stage.go(args);
        assert!(run.code == Some(2) && run.stderr.contains("line 4: a secret is not kept in this file"), "{run:?}");
    }
}

#[test]
fn a_configuration_that_everybody_can_change_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let stage = Stage::new(1);
    let path = stage.folder.path().join("conversation-delete/config.toml");
    fs::set_permissions(path, fs::Permissions::from_mode(0o620)).unwrap();
    let run = stage.go(&["check", "--profile", "films"]);
    assert!(run.code == Some(2) && run.stderr.contains("others can write"), "{run:?}");
}

#[test]
fn two_profiles_of_a_vendor_are_one_plan_that_survives_a_kill() {
    let stage = Stage::new(20);
    let plan =
        stage.go(&["plan", "tavus", "--hard", "--profile", "films,clips", "--all", "--out", "job", "--output", "json"]);
    assert_eq!(plan.code, Some(0), "{plan:?}");
    let targets = plan.lines()[0]["targets"].clone();
    let options = [&targets[0]["options"], &targets[1]["options"]];
    assert_eq!(options, [&json!("profile=films"), &json!("profile=clips")]);
    let text = String::from_utf8_lossy(&fs::read(stage.folder.path().join("job")).unwrap()).into_owned();
    assert!(!text.contains(&stage.key()), "the key is not in the job");

    let args = ["run", "job", "--yes", "--expect-count", "40", "--output", "json"];
    let mut child = spawn(&mut stage.command(&[&args[..], &["--rate", "20"]].concat()));
    while stage.deletes().iter().any(|deletes| *deletes < 5) {
        assert!(child.try_wait().unwrap().is_none(), "it ended before it was killed");
        sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let run = stage.go(&args);
    assert_eq!(run.code, Some(0), "{run:?}");
    let summary = run.lines().pop().unwrap();
    assert_eq!(summary["deleted"].as_u64().unwrap() + summary["gone"].as_u64().unwrap(), 40, "{summary}");
    for world in &stage.worlds {
        let ids: std::collections::BTreeSet<String> = world.deletes().into_iter().collect();
        assert_eq!(ids.len(), 20, "each record of each workspace");
    }
}

#[test]
fn a_profile_that_leads_elsewhere_than_planned_is_refused() {
    let stage = Stage::new(2);
    assert_eq!(stage.go(&["plan", "tavus", "--hard", "--profile", "films", "--all", "--out", "job"]).code, Some(0));
    let requests = stage.requests();
    let args = ["run", "job", "--yes", "--expect-count", "2"];
    stage.write(&stage.profile(0, 1, FILE), "");
    let run = stage.go(&args);
    assert!(run.code == Some(5) && run.stderr.contains("look at the profile films"), "{run:?}");
    let fini = "[profiles.films]\nvendor = \"fini\"\napi_key = { env = \"A\" }\n";
    stage.write(fini, "");
    let run = stage.go(&args);
    assert!(run.code == Some(5) && run.stderr.contains("is of fini now"), "{run:?}");
    stage.write("", "");
    let run = stage.go(&args);
    assert!(run.code == Some(2) && run.stderr.contains("there is no profile `films`"), "{run:?}");
    assert_eq!((stage.requests(), stage.deletes()), (requests, [0, 0]));
    // The same target by another name.
    stage.write(&stage.profile(1, 0, FILE), "");
    let run = stage.go(&[&args[..], &["--profile", "clips"]].concat());
    assert_eq!((run.code, stage.deletes()), (Some(0), [2, 0]), "{run:?}");
    stage.write(&stage.profile(1, 0, FILE), fini);
    let run = stage.go(&[&args[..], &["--profile", "clips,films"]].concat());
    assert_eq!((run.code, stage.deletes()), (Some(0), [2, 0]), "a finished job needs no profile: {run:?}");
}

#[test]
fn profiles_of_the_same_target_are_not_planned_twice() {
    let stage = Stage::new(2);
    stage.write(&stage.profile(0, 0, FILE), &stage.profile(1, 0, COMMAND));
    let run = stage.go(&["plan", "tavus", "--hard", "--profile", "films,clips", "--all", "--out", "job"]);
    assert!(run.code == Some(2) && run.stderr.contains("Tavus (clips) is the same target"), "{run:?}");
    assert_eq!(stage.requests(), 0);
}

#[test]
fn profiles_of_the_same_target_are_not_swept_together() {
    let stage = Stage::new(2);
    stage.write(&stage.profile(0, 0, FILE), &stage.profile(1, 0, COMMAND));
    for how in ["--yes", "--dry-run"] {
        let run = stage.go(&["sweep", "tavus", "--hard", "--profile", "films,clips", "--older-than", "90d", how]);
        assert!(run.code == Some(2) && run.stderr.contains("Tavus (clips) is the same target"), "{run:?}");
    }
    assert_eq!(stage.requests(), 0);
}

#[test]
fn the_variable_of_a_key_is_hidden_from_the_hook() {
    let stage = Stage::new(1);
    stage.write(&stage.profile(0, 0, VARIABLE), "");
    let id = stage.worlds[0].fake.records()[0].id.clone();
    let mut command =
        stage.command(&["delete", "tavus", "--hard", "--yes", "--profile", "films", "--on-finish", "env", &id]);
    let run = run(command.env("OWN_KEY", stage.key()).env("OTHER", "kept"), "");
    assert!(run.code == Some(0) && run.stderr.contains("OTHER=kept"), "{run:?}");
    assert!(!run.stderr.contains("OWN_KEY") && !run.stderr.contains(&stage.key()), "{run:?}");
}
