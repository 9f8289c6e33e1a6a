//! What must pass before a change lands.

use xshell::{Shell, cmd};

use crate::release;
use crate::step::{Checked, Steps, missing_tool};
use crate::workspace::Workspace;
use crate::{Result, api, evidence_page, readme, tidy};

const VENDORS: [&str; 4] = ["corti", "fini", "elevenlabs", "tavus"];

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let shell = &workspace.shell()?;
    let mut steps = Steps::default();
    steps.run("house rules", || tidy::check(workspace))?;
    steps.check("licences, bans and sources", || deny(shell))?;
    steps.run("format", || Ok(cmd!(shell, "cargo fmt --all --check").run()?))?;
    clippy_of_everything(&mut steps, shell)?;
    steps.run("the program with OpenTelemetry", || otel(shell))?;
    steps.run("TLS of the system, tried for real", || test_of_core(shell, "native-tls", "tls"))?;
    steps.run("TLS by a crypto provider that the program installs", || {
        test_of_core(shell, "rustls-no-provider", "crypto_provider")
    })?;
    steps.run("documentation", || documentation(shell))?;
    steps.run("tests: the README's command", || readme::run_tests(shell))?;
    steps.run("report of evidence in a browser", || evidence_page::run(workspace))?;
    steps.run("tests: many kills, and 10,000 ids", || long_tests(shell))?;
    // The tests compare it too; here it is named if it is skipped. Both use what the tests' build leaves.
    steps.check("public API", || api::check(workspace))?;
    release::rehearse(workspace)?;
    steps.end();
    Ok(())
}

fn long_tests(shell: &Shell) -> Result<()> {
    let command =
        cmd!(shell, "cargo test --quiet --locked --package conversation-delete-cli --test end_to_end -- kill any_size");
    Ok(command.env("LONG_TESTS", "1").run()?)
}

fn test_of_core(shell: &Shell, features: &str, test: &str) -> Result<()> {
    let features = ["--no-default-features", "--features", features];
    Ok(cmd!(shell, "cargo test --quiet --locked --package delete-core {features...} --test {test}").run()?)
}

fn otel(shell: &Shell) -> Result<()> {
    let program = ["--package", "conversation-delete-cli", "--features", "otel"];
    clippy(shell, &[&program[..], &["--all-targets"]].concat())?;
    Ok(cmd!(shell, "cargo test --quiet --locked {program...} --test end_to_end -- otel").run()?)
}

fn deny(shell: &Shell) -> Result<Checked> {
    if let Some(reason) = missing_tool(shell, "deny") {
        return Ok(Checked::Skipped(reason));
    }
    cmd!(shell, "cargo deny --locked check --hide-inclusion-graph licenses bans sources").run()?;
    Ok(Checked::Passed)
}

fn clippy_of_everything(steps: &mut Steps, shell: &Shell) -> Result<()> {
    steps.run("clippy: everything", || clippy(shell, &["--workspace", "--all-targets"]))?;
    for features in ["", "serde", "native-tls", "rustls,native-tls", "rustls-no-provider,reqwest-client"] {
        steps.run(&format!("clippy: delete-core with features [{features}]"), || {
            clippy(shell, &["--package", "delete-core", "--no-default-features", "--features", features])
        })?;
    }
    for vendor in VENDORS {
        steps.run(&format!("clippy: {vendor} alone, as a crate and as a feature"), || lone_vendor(shell, vendor))?;
    }
    steps.run("clippy: all vendors with the system's TLS", || {
        let features = ["--no-default-features", "--features", "full,native-tls"];
        clippy(shell, &[&["--package", "conversation-delete"][..], &features].concat())
    })
}

fn clippy(shell: &Shell, arguments: &[&str]) -> Result<()> {
    Ok(cmd!(shell, "cargo clippy --quiet --locked {arguments...} -- --deny warnings").run()?)
}

fn lone_vendor(shell: &Shell, vendor: &str) -> Result<()> {
    let package = format!("{vendor}-delete");
    clippy(shell, &["--package", &package, "--no-default-features"])?;
    clippy(shell, &["--package", "conversation-delete", "--no-default-features", "--features", vendor])
}

fn documentation(shell: &Shell) -> Result<()> {
    let command = cmd!(shell, "cargo doc --quiet --locked --workspace --no-deps --all-features");
    Ok(command.env("RUSTDOCFLAGS", "--deny warnings").run()?)
}
