//! What must pass before a change lands.

use std::time::Instant;

use xshell::{Shell, cmd};

use crate::workspace::Workspace;
use crate::{Result, readme, tidy};

const VENDORS: [&str; 4] = ["corti", "fini", "elevenlabs", "tavus"];

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let shell = &workspace.shell()?;
    let mut skipped = Vec::new();
    step("house rules", || tidy::check(workspace))?;
    step_with_tool(shell, "deny", &mut skipped, || {
        Ok(cmd!(shell, "cargo deny --locked check --hide-inclusion-graph licenses bans sources").run()?)
    })?;
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
    step("tests: the README's command", || readme::run_tests(shell))?;
    skipped.iter().for_each(|step| println!("==> {step}"));
    Ok(())
}

fn step(name: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
    println!("==> {name}");
    let start = Instant::now();
    work().map_err(|error| format!("the step `{name}` failed: {error}"))?;
    println!("==> {name}: passed in {} s", start.elapsed().as_secs());
    Ok(())
}

/// A step for which not everybody has the tool. Without it the step is skipped, which is said here and at the end.
fn step_with_tool(
    shell: &Shell,
    command: &str,
    skipped: &mut Vec<String>,
    work: impl FnOnce() -> Result<()>,
) -> Result<()> {
    let version = cmd!(shell, "cargo {command} --version").quiet().ignore_stdout().ignore_stderr();
    if version.run().is_ok() {
        return step(&format!("cargo {command}"), work);
    }
    let told =
        format!("cargo {command}: skipped, cargo-{command} is not installed (cargo install --locked cargo-{command})");
    println!("==> {told}");
    skipped.push(told);
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // A failed `unwrap` is a failed test.

    use super::*;

    #[test]
    fn a_step_without_its_tool_is_skipped_and_told() {
        let (shell, mut skipped) = (Shell::new().unwrap(), Vec::new());
        step_with_tool(&shell, "no-such-tool", &mut skipped, || Err("it was tried".into())).unwrap();
        assert!(skipped[0].contains("skipped, cargo-no-such-tool is not installed"), "{skipped:?}");
    }

    #[test]
    fn a_step_with_its_tool_may_fail() {
        let (shell, mut skipped) = (Shell::new().unwrap(), Vec::new());
        assert!(step_with_tool(&shell, "fmt", &mut skipped, || Err("it was tried".into())).is_err());
        assert_eq!(skipped, [""; 0]);
    }
}
