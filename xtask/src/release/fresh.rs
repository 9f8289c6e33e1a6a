//! A machine that never heard of us: a cargo home and a build folder of its own, nothing but the registry to take from.

use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::semver::Version;
use xshell::{Shell, cmd};

use super::destination::Destination;
use crate::Result;

pub(super) struct FreshMachine {
    shell: Shell,
    folder: PathBuf,
}

impl FreshMachine {
    /// A machine in this folder, which takes all crates from the destination.
    pub(super) fn new(folder: &Path, destination: &Destination) -> Result<Self> {
        let home = folder.join("home");
        fs::create_dir_all(&home)?;
        fs::write(home.join("config.toml"), destination.cargo_configuration())?;
        let shell = Shell::new()?;
        shell.change_dir(folder);
        for (name, value) in destination.environment() {
            shell.set_var(name, value);
        }
        shell.set_var("CARGO_HOME", &home);
        shell.set_var("CARGO_TARGET_DIR", folder.join("build"));
        // What a debugger needs takes time to make and is never looked at.
        shell.set_var("CARGO_PROFILE_DEV_DEBUG", "false");
        shell.set_var("CARGO_INCREMENTAL", "0");
        Ok(Self { shell, folder: folder.to_owned() })
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
        Ok(cmd!(self.shell, "cargo run --quiet --manifest-path {manifest}").quiet().read()?)
    }

    /// Installs a program from the registry and gives the folder of its executables. It is built for debugging, which
    /// takes a fraction of the time and proves as much.
    pub(super) fn install(&self, package: &str, version: &Version) -> Result<PathBuf> {
        let root = self.folder.join("installed");
        let version = format!("={version}");
        cmd!(self.shell, "cargo install --quiet --locked --debug --root {root} {package} --version {version}")
            .quiet()
            .run()?;
        Ok(root.join("bin"))
    }

    /// Runs an installed program and gives what it printed.
    pub(super) fn run_installed(&self, program: &Path, arguments: &[&str]) -> Result<String> {
        Ok(cmd!(self.shell, "{program} {arguments...}").quiet().read()?)
    }
}
