//! The files of `docs/deploy`: valid for their tools, and their commands work against the fakes.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use conversation_delete_fake::{RecordState, Role};
use serde::Deserialize;
use serde_json::Value;

use crate::sandbox::{Sandbox, is_installed, repository};

const PROGRAM: &str = "/usr/local/bin/conversation-delete";

#[test]
fn the_systemd_units_are_valid_and_hardened() {
    if !is_installed("systemd-analyze") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let units = ["conversation-delete-sweep.service", "conversation-delete-sweep.timer"];
    let paths = units.map(|unit| {
        let path = folder.path().join(unit);
        // The check wants the program to be there.
        fs::write(
            &path,
            deploy(&format!("systemd/{unit}")).replace(PROGRAM, env!("CARGO_BIN_EXE_conversation-delete")),
        )
        .unwrap();
        path
    });
    let verify = Command::new("systemd-analyze").args(["verify", "--man=no"]).args(&paths).output().unwrap();
    assert!(verify.status.success() && verify.stderr.is_empty(), "{verify:?}");
    // 0 is the most restricted service, 100 one without any restriction.
    let mut security = Command::new("systemd-analyze");
    security.args(["security", "--offline=yes", "--threshold=15"]).arg(&paths[0]);
    let security = security.output().unwrap();
    assert!(security.status.success(), "{}", String::from_utf8_lossy(&security.stdout));
}

/// What a deployment runs, with which variables.
struct Deployment {
    /// A line for the shell.
    command: String,
    variables: Vec<(String, String)>,
}

#[test]
fn the_systemd_service_sweeps() {
    let unit = deploy("systemd/conversation-delete-sweep.service")
        .replace("%S", "/var/lib")
        .replace("%d", "/etc/conversation-delete");
    let values = |key: &'static str| unit.lines().filter_map(move |line| line.strip_prefix(key)?.strip_prefix('='));
    let command = values("ExecStart").next().unwrap().replace(PROGRAM, "conversation-delete");
    Deployment { command, variables: values("Environment").map(variable).collect() }.sweeps();
}

#[test]
fn the_line_for_cron_sweeps() {
    let table = deploy("cron/conversation-delete-sweep");
    let lines: Vec<&str> = table.lines().filter(|line| !line.starts_with('#')).collect();
    let (line, variables) = lines.split_last().unwrap();
    assert!(!line.contains('%'), "cron takes it for the end of the line");
    let fields: Vec<&str> = line.splitn(7, ' ').collect();
    let [minute, hour, "*", "*", "*", "conversation-delete", command] = *fields else { panic!("{line}") };
    assert!(minute.parse::<u8>().unwrap() < 60 && hour.parse::<u8>().unwrap() < 24);
    let is_ours = |(name, _): &(String, String)| name != "PATH" && name != "MAILTO";
    let variables = variables.iter().map(|line| variable(line)).filter(is_ours).collect();
    Deployment { command: command.to_owned(), variables }.sweeps();
}

#[test]
fn the_cron_job_of_kubernetes_sweeps() {
    let cron_job = kubernetes("cronjob.yaml", "CronJob");
    Deployment::of_pod(&cron_job["spec"]["jobTemplate"]["spec"]["template"]).sweeps();
}

#[test]
fn the_indexed_job_of_kubernetes_runs_each_shard() {
    let job = kubernetes("indexed-job.yaml", "Job");
    let deployment = Deployment::of_pod(&job["spec"]["template"]);
    let stage = Stage::new();
    let shards = job["spec"]["completions"].to_string();
    let plan =
        "conversation-delete plan elevenlabs --all --out /var/lib/conversation-delete/old --output json --shards ";
    let plan = stage.shell(&deployment, &format!("{plan}{shards}")).output().unwrap();
    let plan: Value = serde_json::from_slice(&plan.stdout).unwrap();
    let count = format!("--expect-count={}", plan["planned"]);
    let hash = format!("--expect-hash={}", plan["hash"].as_str().unwrap());
    let fitting = deployment.command.split(' ').map(|arg| match arg.split_once('=') {
        Some(("--expect-count", _)) => &*count,
        Some(("--expect-hash", _)) => &*hash,
        _ => arg,
    });
    let run = fitting.collect::<Vec<_>>().join(" ");
    for index in 0..shards.parse::<u32>().unwrap() {
        let output = stage.shell(&deployment, &run).env("JOB_COMPLETION_INDEX", index.to_string()).output().unwrap();
        assert!(output.status.success(), "shard {index}: {output:?}");
    }
    assert_eq!(stage.left(), [""; 0]);
}

impl Deployment {
    fn of_pod(template: &Value) -> Self {
        let container = &template["spec"]["containers"][0];
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let args: Vec<String> = container["args"].as_array().unwrap().iter().map(text).collect();
        let variables = container["env"].as_array().unwrap().iter();
        let command = format!("conversation-delete {}", args.join(" "));
        Self { command, variables: variables.map(|one| (text(&one["name"]), text(&one["value"]))).collect() }
    }

    /// Deletes the three old records, finds nothing to do in the next night, and leaves evidence.
    #[track_caller]
    fn sweeps(self) {
        let stage = Stage::new();
        for night in ["first", "second"] {
            let output = stage.shell(&self, &self.command).output().unwrap();
            assert!(output.status.success(), "the {night} night: {output:?}");
        }
        assert_eq!(stage.left(), ["conv_4714", "conv_4715"]);
        let files = |folder| fs::read_dir(stage.state().join(folder)).unwrap().count();
        assert_eq!(files("evidence"), 1, "the second night deleted nothing");
        assert_eq!(files("jobs"), 0, "a finished sweep leaves no job");
    }
}

/// The folders of a deployment, and the fakes.
struct Stage(Sandbox);

impl Stage {
    fn new() -> Self {
        let stage = Self(Sandbox::new());
        fs::create_dir(stage.keys()).unwrap();
        fs::create_dir(stage.state()).unwrap();
        fs::write(stage.keys().join("elevenlabs-api-key"), stage.0.fakes.elevenlabs.key(Role::Full)).unwrap();
        stage
    }

    fn keys(&self) -> PathBuf {
        self.0.home().join("keys")
    }

    fn state(&self) -> PathBuf {
        self.0.home().join("state")
    }

    /// The text with our folders instead of the system's.
    fn here(&self, text: &str) -> String {
        let text = text.replace("/etc/conversation-delete", self.keys().to_str().unwrap());
        text.replace("/var/lib/conversation-delete", self.state().to_str().unwrap())
    }

    /// A shell with the variables of the deployment. The key comes from its file.
    fn shell(&self, deployment: &Deployment, line: &str) -> Command {
        let mut command = self.0.command("sh");
        command.args(["-c", &self.here(line)]).env_remove("ELEVENLABS_API_KEY");
        command.envs(deployment.variables.iter().map(|(name, value)| (name, self.here(value))));
        command
    }

    /// The records that are not deleted.
    fn left(&self) -> Vec<String> {
        let records = self.0.fakes.elevenlabs.records().into_iter();
        records.filter(|record| record.state == RecordState::Present).map(|record| record.id).collect()
    }
}

fn variable(line: &str) -> (String, String) {
    let (name, value) = line.split_once('=').unwrap();
    (name.to_owned(), value.to_owned())
}

fn kubernetes(file: &str, kind: &str) -> Value {
    let text = deploy(&format!("kubernetes/{file}"));
    let documents = serde_norway::Deserializer::from_str(&text);
    let mut objects = documents.map(|document| Value::deserialize(document).unwrap());
    objects.find(|object| object["kind"] == kind).unwrap()
}

fn deploy(file: &str) -> String {
    fs::read_to_string(repository().join("docs/deploy").join(file)).unwrap()
}
