//! A machine that never heard of us: a cargo home and a build folder of its own, nothing but the registry to take from,
//! no credential of a registry and, where the registry is on this machine, no way to any other.

use std::ffi::OsString;
use std::fs;
use std::io::{IsTerminal, stderr};
use std::path::{Path, PathBuf};

use cargo_metadata::semver::Version;
use xshell::{Cmd, Shell, cmd};

use super::target_registry::TargetRegistry;
use crate::Result;

pub(super) struct IsolatedConsumer {
    shell: Shell,
    folder: PathBuf,
    /// For cargo's command line, which beats every file: cargo also reads the configuration of all folders around ours,
    /// and that beats a cargo home.
    options: Vec<String>,
    /// What nobody on the machine gets of our environment: others wrote the programs that are built and run.
    withheld: Vec<OsString>,
}

impl IsolatedConsumer {
    /// A machine in this folder, which takes all crates from the destination.
    pub(super) fn new(folder: &Path, destination: &TargetRegistry) -> Result<Self> {
        let home = folder.join("home");
        fs::create_dir_all(&home)?;
        let shell = Shell::new()?;
        shell.change_dir(folder);
        for (name, value) in destination.environment().iter().filter(|(name, _)| !is_credential(name)) {
            shell.set_var(name, value);
        }
        shell.set_var("CARGO_HOME", &home);
        shell.set_var("CARGO_TARGET_DIR", folder.join("build"));
        // What a debugger needs takes time to make and is never looked at.
        shell.set_var("CARGO_PROFILE_DEV_DEBUG", "false");
        shell.set_var("CARGO_INCREMENTAL", "0");
        let options = destination.source_options();
        Ok(Self { shell, folder: folder.to_owned(), options, withheld: withheld(destination.is_on_loopback()) })
    }

    /// Builds a program with these dependencies, runs it, and gives what it printed.
    pub(super) fn run_program(&self, name: &str, dependencies: &str, source: &str) -> Result<String> {
        let folder = self.folder.join(name);
        fs::create_dir_all(folder.join("src"))?;
        let package = format!("[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n");
        // A workspace of its own, although the folder is within ours.
        fs::write(folder.join("Cargo.toml"), format!("{package}[workspace]\n\n[dependencies]\n{dependencies}"))?;
        fs::write(folder.join("src/main.rs"), source)?;
        let manifest = folder.join("Cargo.toml");
        Ok(self.cargo("run").arg("--manifest-path").arg(manifest).read()?)
    }

    /// Installs a program from the registry and gives the folder of its executables. It is built for debugging, which
    /// takes a fraction of the time and proves as much.
    pub(super) fn install(&self, package: &str, version: &Version) -> Result<PathBuf> {
        let root = self.folder.join("installed");
        let version = format!("={version}");
        let options = ["--locked", "--debug", package, "--version", &version];
        self.cargo("install").args(options).arg("--root").arg(&root).run()?;
        Ok(root.join("bin"))
    }

    /// Runs an installed program and gives what it printed.
    pub(super) fn run_installed(&self, program: &Path, arguments: &[&str]) -> Result<String> {
        Ok(self.sealed(cmd!(self.shell, "{program} {arguments...}")).read()?)
    }

    fn cargo(&self, subcommand: &str) -> Cmd<'_> {
        let options = &self.options;
        // Whoever sits before it wants to see that something goes on; a log does not.
        let quiet = (!stderr().is_terminal()).then_some("--quiet");
        self.sealed(cmd!(self.shell, "cargo {subcommand} {quiet...} {options...}"))
    }

    fn sealed<'a>(&self, command: Cmd<'a>) -> Cmd<'a> {
        self.withheld.iter().fold(command.quiet(), |command, name| command.env_remove(name))
    }
}

/// The variables of our environment that hold a credential and, on loopback, those that lead to another machine.
fn withheld(on_loopback: bool) -> Vec<OsString> {
    let is_withheld = |name: &str| is_credential(name) || (on_loopback && is_proxy(name));
    std::env::vars_os().map(|(name, _)| name).filter(|name| is_withheld(&name.to_string_lossy())).collect()
}

/// Of a registry: its token, its secret key, or the program that gives one.
fn is_credential(name: &str) -> bool {
    let name = name.to_uppercase();
    let parts = ["_TOKEN", "_SECRET_KEY", "_CREDENTIAL_PROVIDER"];
    (name.starts_with("CARGO_REGISTRY_") || name.starts_with("CARGO_REGISTRIES_"))
        && parts.iter().any(|part| name.contains(part))
}

fn is_proxy(name: &str) -> bool {
    let name = name.to_uppercase();
    name.ends_with("_PROXY") && name != "NO_PROXY"
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // A failed unwrap is a failed test.

    use super::*;

    #[test]
    fn credentials_and_proxies_are_known_by_their_names() {
        for name in [
            "CARGO_REGISTRY_TOKEN",
            "CARGO_REGISTRY_CREDENTIAL_PROVIDER",
            "CARGO_REGISTRY_GLOBAL_CREDENTIAL_PROVIDERS",
            "CARGO_REGISTRIES_REHEARSAL_TOKEN",
            "CARGO_REGISTRIES_A_B_SECRET_KEY",
            "CARGO_REGISTRIES_A_B_CREDENTIAL_PROVIDER",
        ] {
            assert!(is_credential(name), "{name}");
        }
        for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "all_proxy", "CARGO_HTTP_PROXY"] {
            assert!(is_proxy(name), "{name}");
        }
        for name in ["CARGO_REGISTRIES_REHEARSAL_INDEX", "CARGO_HOME", "NO_PROXY", "no_proxy", "PATH"] {
            assert!(!is_credential(name) && !is_proxy(name), "{name}");
        }
    }

    #[test]
    fn the_token_of_the_registry_on_loopback_stays_with_its_publisher() {
        let folder = tempfile::tempdir().unwrap();
        let destination = TargetRegistry::on_loopback("rehearsal", "sparse+http://127.0.0.1:1/index/", folder.path());
        let source = "fn main() { for (name, value) in std::env::vars() { println!(\"{name}={value}\"); } }";
        let machine = IsolatedConsumer::new(folder.path(), &destination).unwrap();
        let variables = machine.run_program("shows-all", "", source).unwrap();
        assert!(variables.contains("CARGO_REGISTRIES_REHEARSAL_INDEX="), "{variables}");
        assert!(!variables.lines().any(|line| is_credential(line.split('=').next().unwrap())), "{variables}");
    }
}
