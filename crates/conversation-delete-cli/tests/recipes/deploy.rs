//! The files of `docs/deploy`: valid for their tools, and their commands work against the fakes.

use std::fs;
use std::path::Path;
use std::process::Command;

use conversation_delete_fake::{RecordState, Role, Vendor};
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
    args: Vec<String>,
    variables: Vec<(String, String)>,
}

#[test]
fn the_systemd_service_sweeps() {
    let unit = deploy("systemd/conversation-delete-sweep.service")
        .replace("%S", "/var/lib")
        .replace("%d", "/etc/conversation-delete");
    let values = |key: &'static str| unit.lines().filter_map(move |line| line.strip_prefix(key)?.strip_prefix('='));
    let command = values("ExecStart").next().unwrap().strip_prefix(PROGRAM).unwrap();
    let args = command.split_whitespace().map(str::to_owned).collect();
    Deployment { args, variables: values("Environment").map(variable).collect() }.sweeps();
}

#[test]
fn the_line_for_cron_sweeps() {
    let table = deploy("cron/conversation-delete-sweep");
    let lines: Vec<&str> = table.lines().filter(|line| !line.starts_with('#')).collect();
    let (line, variables) = lines.split_last().unwrap();
    assert!(!line.contains('%'), "cron takes it for the end of the line");
    let fields: Vec<&str> = line.split_whitespace().collect();
    let [minute, hour, "*", "*", "*", "conversation-delete", "conversation-delete", args @ ..] = &*fields else {
        panic!("{line}")
    };
    assert!(minute.parse::<u8>().unwrap() < 60 && hour.parse::<u8>().unwrap() < 24);
    let args = args.iter().map(ToString::to_string).collect();
    let is_ours = |(name, _): &(String, String)| name != "PATH" && name != "MAILTO";
    Deployment { args, variables: variables.iter().map(|line| variable(line)).filter(is_ours).collect() }.sweeps();
}

#[test]
fn the_cron_job_of_kubernetes_sweeps() {
    let cron_job = kubernetes("cronjob.yaml").into_iter().find(|object| object["kind"] == "CronJob").unwrap();
    let container = &cron_job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0];
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let args = container["args"].as_array().unwrap().iter().map(text).collect();
    let variables = container["env"].as_array().unwrap().iter();
    Deployment { args, variables: variables.map(|one| (text(&one["name"]), text(&one["value"]))).collect() }.sweeps();
}

impl Deployment {
    /// Deletes the three old records, finds nothing to do in the next night, and leaves evidence.
    #[track_caller]
    fn sweeps(self) {
        let sandbox = Sandbox::new();
        let (keys, state) = (sandbox.home().join("keys"), sandbox.home().join("state"));
        fs::create_dir(&keys).unwrap();
        fs::create_dir(&state).unwrap();
        let elevenlabs = sandbox.fakes.get(Vendor::ElevenLabs);
        fs::write(keys.join("elevenlabs-api-key"), elevenlabs.key(Role::Full)).unwrap();
        let here = |text: &str| {
            let text = text.replace("/etc/conversation-delete", keys.to_str().unwrap());
            text.replace("/var/lib/conversation-delete", state.to_str().unwrap())
        };
        for night in ["first", "second"] {
            let mut command = sandbox.command("conversation-delete");
            command.args(self.args.iter().map(|arg| here(arg)));
            command.env_remove("ELEVENLABS_API_KEY");
            command.envs(self.variables.iter().map(|(name, value)| (name, here(value))));
            let output = command.output().unwrap();
            assert!(output.status.success(), "the {night} night: {output:?}");
        }
        let records = elevenlabs.records().into_iter().filter(|record| record.state == RecordState::Present);
        let left: Vec<String> = records.map(|record| record.id).collect();
        assert_eq!(left, ["conv_4714", "conv_4715"]);
        let bundles: Vec<_> = fs::read_dir(state.join("evidence")).unwrap().collect();
        assert_eq!(bundles.len(), 1, "{bundles:?}");
        assert_eq!(fs::read_dir(state.join("jobs")).unwrap().count(), 0, "a finished sweep leaves no job");
    }
}

fn variable(line: &str) -> (String, String) {
    let (name, value) = line.split_once('=').unwrap();
    (name.to_owned(), value.to_owned())
}

fn kubernetes(file: &str) -> Vec<Value> {
    let text = deploy(&format!("kubernetes/{file}"));
    let documents = serde_norway::Deserializer::from_str(&text);
    documents.map(|document| serde::Deserialize::deserialize(document).unwrap()).collect()
}

fn deploy(file: &str) -> String {
    fs::read_to_string(repository().join("docs/deploy").join(Path::new(file))).unwrap()
}
