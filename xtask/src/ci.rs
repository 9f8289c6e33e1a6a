//! What must pass before a change lands. `.ci/run` installs the tools.

use xshell::{Shell, cmd};

use crate::workspace::Workspace;
use crate::{Result, release, step, tidy};

const PROGRAM_FEATURES: &str = "conversation-delete-cli/otel,conversation-delete-cli/aws-lc";
const VENDORS: [&str; 4] = ["corti", "fini", "elevenlabs", "tavus"];

pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let shell = &workspace.shell()?;
    require_tools(shell);
    step::run("house rules", || tidy::check(workspace))?;
    step::run("licences, bans and sources", || {
        Ok(cmd!(shell, "cargo deny --locked check --hide-inclusion-graph licenses bans sources").run()?)
    })?;
    step::run("spelling", || Ok(cmd!(shell, "typos").run()?))?;
    step::run("links between pages", || links(shell))?;
    step::run("format", || Ok(cmd!(shell, "cargo fmt --all --check").run()?))?;
    clippy_of_everything(shell)?;
    step::run("documentation", || documentation(shell))?;
    step::run("tests: the README's command", || run_tests(shell))?;
    step::run("tests: a release on loopback, with faults", || {
        more_tests(shell, "XTASK_RELEASE_TESTS", "release", &[""])
    })?;
    step::run("tests: many kills, and 10,000 ids", || {
        more_tests(shell, "LONG_TESTS", "end_to_end", &["kill", "any_size"])
    })?;
    step::run("tests: the report of evidence in a browser", || {
        more_tests(shell, "BROWSER_TESTS", "report", &["browser"])
    })?;
    // Of the whole workspace, so that what the README's command built is used again.
    let program = ["--workspace", "--features", PROGRAM_FEATURES];
    step::run("the program with OpenTelemetry", || tests(shell, &program, "--test=end_to_end", &["otel"]))?;
    step::run("the program with aws-lc", || tests(shell, &program, "--bin=conversation-delete", &["post_quantum"]))?;
    step::run("TLS of the system, tried for real", || test_of_core(shell, "native-tls", "tls"))?;
    step::run("TLS by a crypto provider that the program installs", || {
        test_of_core(shell, "rustls-no-provider", "crypto_provider")
    })?;
    release::rehearse(workspace)
}

/// Runs all tests that need neither a tool nor minutes. The README names this command.
pub(crate) fn run_tests(shell: &Shell) -> Result<()> {
    Ok(cmd!(shell, "cargo test --workspace").run()?)
}

/// From now on a test that lacks its tool fails. Otherwise it would pass.
pub(crate) fn require_tools(shell: &Shell) {
    shell.set_var("CI", "true");
}

/// Runs a test program with the variable set that its longer tests ask for. It reuses what the README's command built.
fn more_tests(shell: &Shell, variable: &str, test: &str, names: &[&str]) -> Result<()> {
    let _variable = shell.push_env(variable, "1");
    tests(shell, &["--workspace"], &format!("--test={test}"), names)
}

fn test_of_core(shell: &Shell, features: &str, test: &str) -> Result<()> {
    let package = ["--package", "delete-core", "--no-default-features", "--features", features];
    tests(shell, &package, &format!("--test={test}"), &[""])
}

/// Runs the tests whose name contains one of these.
fn tests(shell: &Shell, packages: &[&str], target: &str, names: &[&str]) -> Result<()> {
    let cargo_test = || cmd!(shell, "cargo test --quiet --locked {packages...} {target} --");
    for name in names {
        require_test(name, &cargo_test().args([name, "--list"]).quiet().read()?)?;
    }
    Ok(cargo_test().args(names).run()?)
}

/// A name that finds no test fails; cargo would pass.
fn require_test(name: &str, listed: &str) -> Result<()> {
    let is_found = listed.lines().any(|line| line.ends_with(": test"));
    if is_found { Ok(()) } else { Err(format!("no test has a name that contains {name:?}").into()) }
}

fn links(shell: &Shell) -> Result<()> {
    let pages = cmd!(shell, "git ls-files *.md").quiet().read()?;
    let pages = pages.lines();
    Ok(cmd!(shell, "lychee --quiet --no-progress --offline --include-fragments {pages...}").run()?)
}

fn clippy_of_everything(shell: &Shell) -> Result<()> {
    clippy(shell, "everything", &["--workspace", "--all-targets", "--features", PROGRAM_FEATURES])?;
    clippy(shell, "the program without features", &["--workspace", "--bins"])?;
    let bare = "--no-default-features";
    for features in ["", "serde", "native-tls", "rustls,native-tls", "rustls-no-provider,reqwest-client"] {
        let name = format!("delete-core with features [{features}]");
        clippy(shell, &name, &["--package", "delete-core", bare, "--features", features])?;
    }
    let crates = VENDORS.map(|vendor| format!("--package={vendor}-delete"));
    let [corti, fini, elevenlabs, tavus] = crates.each_ref().map(String::as_str);
    clippy(shell, "the vendors' crates without features", &[corti, fini, elevenlabs, tavus, bare])?;
    for features in VENDORS.iter().chain(&["full,native-tls"]) {
        let name = format!("conversation-delete with features [{features}]");
        clippy(shell, &name, &["--package", "conversation-delete", bare, "--features", features])?;
    }
    Ok(())
}

fn clippy(shell: &Shell, name: &str, arguments: &[&str]) -> Result<()> {
    step::run(&format!("clippy: {name}"), || {
        Ok(cmd!(shell, "cargo clippy --quiet --locked {arguments...} -- --deny warnings").run()?)
    })
}

fn documentation(shell: &Shell) -> Result<()> {
    let command = cmd!(shell, "cargo doc --quiet --locked --workspace --no-deps --all-features");
    Ok(command.env("RUSTDOCFLAGS", "--deny warnings").run()?)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // A failed unwrap is a failed test.

    use super::*;

    #[test]
    fn the_readme_names_the_command_that_ci_runs() {
        let readme = include_str!("../../README.md");
        let commands = readme.split(['`', '\n']).filter(|text| text.starts_with("cargo test"));
        let commands: Vec<&str> = commands.collect();
        assert_eq!(commands, ["cargo test --workspace"]);
    }

    #[test]
    fn a_name_that_no_test_has_fails() {
        require_test("kill", "job_kill::many: test\n\n1 test, 0 benchmarks\n").unwrap();
        let error = require_test("renamed", "\n0 tests, 0 benchmarks\n").unwrap_err().to_string();
        assert_eq!(error, "no test has a name that contains \"renamed\"");
    }

    #[test]
    fn a_test_without_its_tool_fails_in_ci() {
        let shell = Shell::new().unwrap();
        shell.set_var("CI", "");
        require_tools(&shell);
        assert_eq!(shell.var("CI").unwrap(), "true");
    }
}
