//! Work in named steps, so that a log tells what was done, what failed and what was left out.

use std::time::Instant;

use xshell::{Shell, cmd};

use crate::Result;

/// Does the work between two lines that name it. A step that cannot run fails.
pub(crate) fn run(name: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
    println!("==> {name}");
    let start = Instant::now();
    work().map_err(|error| format!("the step `{name}` failed: {error}"))?;
    println!("==> {name}: passed in {} s", start.elapsed().as_secs());
    Ok(())
}

/// How a check ended that did not fail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Checked {
    /// It was done, and found nothing.
    Passed,
    /// It was left out, and why.
    Skipped(String),
}

/// Steps, one after the other. A skipped step is reported at once, and again at the end.
#[derive(Default)]
pub(crate) struct Steps {
    skipped: Vec<String>,
}

impl Steps {
    /// Does the work between two lines that name it.
    pub(crate) fn run(&mut self, name: &str, work: impl FnOnce() -> Result<()>) -> Result<()> {
        self.check(name, || work().map(|()| Checked::Passed))
    }

    /// The same where the work may be left out.
    pub(crate) fn check(&mut self, name: &str, work: impl FnOnce() -> Result<Checked>) -> Result<()> {
        println!("==> {name}");
        let start = Instant::now();
        match work().map_err(|error| format!("the step `{name}` failed: {error}"))? {
            Checked::Passed => println!("==> {name}: passed in {} s", start.elapsed().as_secs()),
            Checked::Skipped(reason) => {
                let told = format!("==> {name}: SKIPPED, {reason}");
                println!("{told}");
                self.skipped.push(told);
            }
        }
        Ok(())
    }

    /// Says once more what was skipped.
    pub(crate) fn end(self) {
        self.skipped.iter().for_each(|told| println!("{told}"));
    }
}

/// Why a check is skipped whose tool, a subcommand of cargo, is not installed. Not everybody has each.
pub(crate) fn missing_tool(shell: &Shell, subcommand: &str) -> Option<String> {
    let version = cmd!(shell, "cargo {subcommand} --version").quiet().ignore_stdout().ignore_stderr();
    let tool = format!("cargo-{subcommand}");
    version.run().is_err().then(|| format!("{tool} is not installed (cargo install --locked {tool})"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // A failed unwrap is a failed test.

    use super::*;

    #[test]
    fn a_failure_names_its_step_and_a_skipped_step_is_remembered() {
        let mut steps = Steps::default();
        steps.run("one", || Ok(())).unwrap();
        steps.check("two", || Ok(Checked::Skipped("no tool".to_owned()))).unwrap();
        assert_eq!(steps.skipped, ["==> two: SKIPPED, no tool"]);
        let error = steps.run("three", || Err("broken".into())).unwrap_err();
        assert_eq!(error.to_string(), "the step `three` failed: broken");
    }

    #[test]
    fn a_tool_that_is_there_is_not_missing() {
        let shell = Shell::new().unwrap();
        assert_eq!(missing_tool(&shell, "fmt"), None);
        assert!(missing_tool(&shell, "surely-not-there").unwrap().contains("cargo-surely-not-there is not installed"));
    }
}
