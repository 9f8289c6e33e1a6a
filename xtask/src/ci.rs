//! What must pass before a change lands.

use std::time::Instant;

use xshell::{Shell, cmd};

use crate::workspace::Workspace;
use crate::{Result, readme, tidy};

const VENDORS: [&str; 4] = ["corti", "fini", "elevenlabs", "tavus"];

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let shell = &workspace.shell()?;
    step("house rules", || tidy::check(workspace))?;
    step("format", || Ok(cmd!(shell, "cargo fmt --all --check").run()?))?;
    step("clippy: everything", || clippy(shell, &["--workspace", "--all-targets"]))?;
    for features in ["", "native-tls", "rustls,native-tls"] {
        step(&format!("clippy: delete-core with features [{features}]"), || {
            clippy(shell, &["--package", "delete-core", "--no-default-features", "--features", features])
        })?;
    }
    for vendor in VENDORS {
        step(&format!("clippy: {vendor} alone, as a crate and as a feature"), || lone_vendor(shell, vendor))?;
    }
    step("clippy: all vendors with the system's TLS", || {
        let features = ["--no-default-features", "--features", "full,native-tls"];
        clippy(shell, &[&["--package", "conversation-delete"][..], &features].concat())
    })?;
    step("TLS of the system, tried for real", || {
        let features = ["--no-default-features", "--features", "native-tls"];
        Ok(cmd!(shell, "cargo test --quiet --locked --package delete-core {features...} --test tls").run()?)
    })?;
    step("documentation", || documentation(shell))?;
    step("tests: the README's command", || readme::run_tests(shell))
}

fn step(name: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
    println!("==> {name}");
    let start = Instant::now();
    work().map_err(|error| format!("the step `{name}` failed: {error}"))?;
    println!("==> {name}: passed in {} s", start.elapsed().as_secs());
    Ok(())
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
    let command = cmd!(shell, "cargo doc --quiet --locked --workspace --no-deps --features conversation-delete/full");
    Ok(command.env("RUSTDOCFLAGS", "--deny warnings").run()?)
}
