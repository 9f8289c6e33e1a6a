//! The whole release on this machine alone: a registry on loopback, all crates published to it, and three users who
//! never heard of us.

use std::env::consts::EXE_SUFFIX;
use std::path::Path;
use std::time::Duration;

use super::clock::SystemClock;
use super::destination::Destination;
use super::fresh::FreshMachine;
use super::package::{self, Tree};
use super::publish::Publisher;
use super::registry::Registry;
use super::{mirror, verify};
use crate::Result;
use crate::step::Steps;
use crate::workspace::{Dependencies, Workspace};

/// What a user of one vendor writes.
const ONE_VENDOR: &str = include_str!("../../programs/one_vendor.rs");
/// What a user of two features writes.
const TWO_FEATURES: &str = include_str!("../../programs/two_features.rs");

/// Rehearses the release. Every run starts from nothing, so that a killed one needs no care.
///
/// # Errors
///
/// Where anything fails that would fail a release or its users.
pub(crate) fn run(steps: &mut Steps, workspace: &Workspace, tree: Tree) -> Result<()> {
    let folder = workspace.metadata(Dependencies::LeftOut)?.target_directory.join("xtask").join("rehearsal");
    verify::with_fresh_folder(folder.as_std_path(), |folder| {
        // Packages, and what is known of the release under way, must not mix with those of a release.
        let workspace = Workspace::at(workspace.root()).with_target(&folder.join("target"));
        rehearse(steps, &workspace, tree, folder)
    })
}

fn rehearse(steps: &mut Steps, workspace: &Workspace, tree: Tree, folder: &Path) -> Result<()> {
    let registry = Registry::start()?;
    let destination = Destination::on_loopback("rehearsal", &registry.index_url(), &folder.join("publisher"));
    steps.run("rehearsal: a registry on loopback", || {
        let count = mirror::fill(&registry, workspace)?;
        println!("{} holds {count} crates of others, as the lock file names them", destination.index().url());
        Ok(())
    })?;
    let publisher = Publisher {
        workspace,
        destination: &destination,
        clock: &SystemClock,
        tree,
        index_lag: Duration::from_secs(10),
    };
    steps.run("rehearsal: all crates are published", || publisher.publish())?;
    steps.run("rehearsal: a second run uploads nothing", || {
        let before = registry.uploads();
        publisher.publish()?;
        if registry.uploads() == before { Ok(()) } else { Err("the second run uploaded something".into()) }
    })?;
    steps.run("rehearsal: the index holds every checksum", || {
        verify::checksums(&package::pack(workspace, &destination, tree)?, &destination)
    })?;
    use_as_three_users(steps, workspace, &FreshMachine::new(folder, &destination)?)
}

fn use_as_three_users(steps: &mut Steps, workspace: &Workspace, machine: &FreshMachine) -> Result<()> {
    let version = workspace.version()?;
    steps.run("rehearsal: a program that depends on one vendor's crate", || {
        let dependencies = format!("tavus-delete = \"{version}\"\n{TOKIO}");
        println!("{}", machine.run_program("one-vendor", &dependencies, ONE_VENDOR)?);
        Ok(())
    })?;
    steps.run("rehearsal: a program that enables two features of the umbrella", || {
        let umbrella =
            format!("conversation-delete = {{ version = \"{version}\", features = [\"corti\", \"fini\"] }}\n");
        let dependencies = format!("{umbrella}delete-fake = \"{version}\"\n{TOKIO}");
        println!("{}", machine.run_program("two-features", &dependencies, TWO_FEATURES)?);
        Ok(())
    })?;
    steps.run("rehearsal: the program is installed and runs its demo", || {
        let folder = machine.install("conversation-delete-cli", &version)?;
        let program = folder.join(format!("conversation-delete{EXE_SUFFIX}"));
        println!("{}", machine.run_installed(&program, &["demo"])?);
        Ok(())
    })
}

const TOKIO: &str = "tokio = { version = \"1\", features = [\"macros\", \"rt\"] }\n";
