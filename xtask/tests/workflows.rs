//! The workflows of GitHub: pinned, bounded, with the least rights. `.ci/lint` checks their form.

#![allow(missing_docs, clippy::unwrap_used)] // A failed unwrap is a failed test.

use std::fs;
use std::path::Path;

use serde_json::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn yaml(path: &str) -> Value {
    serde_norway::from_str(&fs::read_to_string(root().join(path)).unwrap()).unwrap()
}

fn workflows() -> Vec<(String, Value)> {
    let folder = fs::read_dir(root().join(".github/workflows")).unwrap();
    let names = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.map(|name| (name.clone(), yaml(&format!(".github/workflows/{name}")))).collect()
}

fn jobs(workflow: &Value) -> Vec<&Value> {
    workflow["jobs"].as_object().unwrap().values().collect()
}

fn steps<'a>(job: &'a Value, key: &str) -> Vec<&'a str> {
    job["steps"].as_array().unwrap().iter().filter_map(|step| step[key].as_str()).collect()
}

#[test]
fn every_workflow_is_bounded_and_has_no_right_that_a_job_does_not_ask_for() {
    let workflows = workflows();
    assert_eq!(workflows.len(), 3);
    for (name, workflow) in workflows {
        assert_eq!(workflow["permissions"], serde_json::json!({ "contents": "read" }), "{name}");
        assert!(workflow["concurrency"]["group"].is_string(), "{name}");
        assert!(workflow["on"].get("pull_request_target").is_none(), "{name}");
        for job in jobs(&workflow) {
            assert!(job["timeout-minutes"].as_u64().unwrap() <= 90, "{name}");
            assert!(!job["runs-on"].as_str().unwrap().ends_with("latest"), "{name}");
        }
    }
}

#[test]
fn every_action_is_pinned_to_a_commit() {
    let is_commit = |text: &str| text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    for (name, workflow) in workflows() {
        for action in jobs(&workflow).into_iter().flat_map(|job| steps(job, "uses")) {
            assert!(action.split_once('@').is_some_and(|(_, commit)| is_commit(commit)), "{name}: {action}");
        }
    }
}

/// What is built in a job can use the rights of the job.
#[test]
fn every_tool_has_a_version_and_no_job_keeps_the_credentials_of_its_checkout() {
    for (name, workflow) in workflows() {
        for job in jobs(&workflow) {
            for line in steps(job, "run").iter().flat_map(|script| script.lines()) {
                let tools = line.split_whitespace().skip_while(|word| *word != "install").skip(1);
                let mut tools = tools.filter(|word| !word.starts_with('-'));
                let is_install = line.contains("install ") && !line.starts_with("rustup ");
                assert!(!is_install || tools.all(|tool| tool.contains(['@', '='])), "{name}: {line}");
            }
            for step in job["steps"].as_array().unwrap() {
                let is_checkout = step["uses"].as_str().is_some_and(|action| action.starts_with("actions/checkout@"));
                assert!(!is_checkout || step["with"]["persist-credentials"] == false, "{name}: {step}");
            }
        }
    }
}

/// A script that holds an expression can be made to run other commands; variables cannot.
#[test]
fn no_script_holds_an_expression() {
    for (name, workflow) in workflows() {
        for script in jobs(&workflow).into_iter().flat_map(|job| steps(job, "run")) {
            assert!(!script.contains("${{"), "{name}: {script}");
        }
    }
}

#[test]
fn only_the_reviewed_job_that_publishes_gets_a_token_of_the_registry() {
    for (name, workflow) in workflows() {
        for job in jobs(&workflow) {
            let publishes = steps(job, "run").contains(&"cargo xtask release publish --execute");
            assert_eq!(job["permissions"]["id-token"] == "write", publishes, "{name}");
            assert_eq!(job["environment"] == "release", publishes, "{name}");
            assert_eq!(name == "release.yml" && job["needs"] == "check", publishes, "{name}");
        }
    }
    let release = yaml(".github/workflows/release.yml");
    assert_eq!(release["on"], serde_json::json!({ "workflow_dispatch": null }));
    assert_eq!(release["jobs"]["check"]["if"], "github.ref == 'refs/heads/main'");
}

#[test]
fn the_oldest_rust_compiles_every_published_crate() {
    let manifest = fs::read_to_string(root().join("Cargo.toml")).unwrap();
    let rust = manifest.lines().find_map(|line| line.strip_prefix("rust-version = ")).unwrap().trim_matches('"');
    let workflow = yaml(".github/workflows/ci.yml");
    let scripts = steps(&workflow["jobs"]["oldest-rust"], "run");
    let check = scripts.iter().find(|script| script.contains("check")).unwrap();
    assert!(check.starts_with(&format!("cargo +{rust} check --locked")), "{check}");
    assert!(scripts.contains(&format!("rustup toolchain install {rust} --profile minimal").as_str()));
    let workspace = xtask::workspace::Workspace::at(root());
    for package in workspace.published().unwrap() {
        assert!(format!("{check} ").contains(&format!("--package {} ", package.name)), "{}", package.name);
    }
}

#[test]
fn the_form_asks_for_what_a_report_needs_and_warns_of_what_it_must_not_hold() {
    let form = yaml(".github/ISSUE_TEMPLATE/reported-deleted.yml");
    let body = form["body"].as_array().unwrap();
    let required = |field: &&Value| field["validations"]["required"] == true;
    let ids: Vec<&str> = body.iter().filter(required).map(|field| field["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["version", "vendor", "line", "found", "evidence"]);
    assert!(body[0]["attributes"]["value"].as_str().unwrap().contains("Paste no personal data"));
}
