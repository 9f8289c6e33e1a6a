//! The whole release on this machine alone: a registry on loopback, all crates published to it, and three users who
//! never heard of us.

use std::env::consts::EXE_SUFFIX;
use std::path::Path;
use std::time::Duration;

use super::clock::SystemClock;
use super::isolated_consumer::IsolatedConsumer;
use super::package;
use super::publish::Publisher;
use super::registry::Registry;
use super::target_registry::TargetRegistry;
use super::tree::Tree;
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
        // Packages and state must not mix with those of a release in progress.
        let workspace = Workspace::at(workspace.root()).with_target(&folder.join("target"));
        rehearse(steps, &workspace, tree, folder)
    })
}

fn rehearse(steps: &mut Steps, workspace: &Workspace, tree: Tree, folder: &Path) -> Result<()> {
    let registry = Registry::start()?;
    let destination = TargetRegistry::on_loopback("rehearsal", &registry.index_url(), &folder.join("publisher"));
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
        let before = registry.attempts().len();
        publisher.publish()?;
        match registry.attempts().get(before) {
            None => Ok(()),
            Some((name, version)) => Err(format!("the second run tried to upload {name} {version}").into()),
        }
    })?;
    steps.run("rehearsal: the index holds every checksum", || {
        verify::checksums(&package::pack(workspace, &destination, tree)?, &destination)
    })?;
    let before = registry.downloads().len();
    use_as_three_users(steps, workspace, &IsolatedConsumer::new(folder, &destination)?)?;
    steps.run("rehearsal: the users took every crate of ours from the registry on loopback", || {
        all_were_downloaded(workspace, registry.downloads().get(before..).unwrap_or_default())
    })
}

fn use_as_three_users(steps: &mut Steps, workspace: &Workspace, machine: &IsolatedConsumer) -> Result<()> {
    let version = workspace.version()?;
    steps.run("rehearsal: a program that depends on one vendor's crate", || {
        println!("cargo builds everything from nothing, which takes some minutes");
        let dependencies = format!("tavus-delete = \"{version}\"\n{TOKIO}");
        println!("{}", machine.run_program("one-vendor", &dependencies, ONE_VENDOR)?);
        Ok(())
    })?;
    steps.run("rehearsal: a program that enables two features of the umbrella", || {
        let umbrella =
            format!("conversation-delete = {{ version = \"{version}\", features = [\"corti\", \"fini\"] }}\n");
        let dependencies = format!("{umbrella}conversation-delete-fake = \"{version}\"\n{TOKIO}");
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

/// Together the users need every crate. One that the registry never gave came from elsewhere, and proves nothing.
fn all_were_downloaded(workspace: &Workspace, downloads: &[String]) -> Result<()> {
    let published = workspace.published()?;
    let names = published.iter().map(|package| package.name.as_str());
    let missing: Vec<&str> = names.filter(|name| !downloads.iter().any(|download| download == name)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(format!("nobody took these from the registry on loopback: {}", missing.join(", ")).into())
}

const TOKIO: &str = "tokio = { version = \"1\", features = [\"macros\", \"rt\"] }\n";
