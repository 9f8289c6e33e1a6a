//! The release: checked, rehearsed, published, verified.

mod check;
pub mod checksum;
mod execute;
pub mod package;
pub mod publish;
pub mod registry;
mod rehearse;
pub mod target_registry;

use std::time::Duration;

use clap::{Args, Subcommand};

use crate::Result;
use crate::step::Steps;
use crate::workspace::Workspace;
use package::Tree;
use target_registry::TargetRegistry;

/// The arguments of `cargo xtask release`.
#[derive(Args)]
#[command(after_help = AFTER_HELP)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Checks that the present commit can be released: tree, tag, changelog, packages, tests, semantic versioning
    ///
    /// Takes minutes and publishes nothing. From the second release on it needs cargo-semver-checks.
    Check,
    /// Releases to a registry on loopback, then uses the crates from it as three strangers would
    ///
    /// All crates are published to a registry on loopback, twice, to see that the second run does nothing. Then, with a
    /// cargo home of its own, a program that depends on one vendor's crate and one that enables two features of the
    /// umbrella are built and run, and the program is installed and runs its demo. Uses no credential. Third-party
    /// crates come from cargo's cache; missing ones are downloaded first. Starts from nothing in `target/xtask/rehearsal`.
    Rehearse {
        /// Includes uncommitted changes
        #[arg(long)]
        allow_dirty: bool,
    },
    /// Prints what publishing would do; with --execute does it: crate by crate, tag last
    ///
    /// Every crate is looked up in the registry's index first. With this version and checksum it is skipped; with
    /// another checksum everything stops. If the registry throttles uploads, the run waits until the time that it names,
    /// or 10 minutes. Builds nothing: `check` does, on the same commit. Needs cargo-deny, to ask for advisories.
    ///
    /// The run may be killed at any time and run again. The token is the one that `cargo login` stored, or the variable
    /// `CARGO_REGISTRY_TOKEN` (`CARGO_REGISTRIES_NAME_TOKEN` for another registry).
    Publish {
        #[command(flatten)]
        target: Target,
        /// Publishes, and tags the commit at the end
        #[arg(long)]
        execute: bool,
        /// How many seconds the index may take to show what the registry stored
        #[arg(long, requires = "execute", value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(..=86_400))]
        index_lag: u64,
    },
    /// Compares the index with what this commit gives, and uses everything from the registry as three strangers would
    ///
    /// Needs the released commit, tagged, and the cargo that published: another may pack other bytes. Builds everything
    /// from nothing in `target/xtask/verify`, which takes some minutes.
    Verify(Target),
}

#[derive(Args)]
struct Target {
    /// The registry, by its name in the variable `CARGO_REGISTRIES_NAME_INDEX`. It must hold or mirror the third-party
    /// crates too [default: the public registry]
    #[arg(long, value_name = "NAME")]
    registry: Option<String>,
}

const AFTER_HELP: &str = "docs/releasing.md has the order, and what to do when a release breaks half-way.";

/// Runs one part of a release.
///
/// # Errors
///
/// Whatever keeps the release from being checked, rehearsed, published or verified, with what to do about it.
pub fn run(workspace: &Workspace, arguments: &Arguments) -> Result<()> {
    let registry = |target: &Target| TargetRegistry::named(target.registry.as_deref());
    match &arguments.command {
        Command::Check => check::run(workspace),
        Command::Rehearse { allow_dirty } => {
            let tree = if *allow_dirty { Tree::Dirty } else { Tree::Clean };
            rehearse::run(&mut Steps::default(), workspace, tree)
        }
        Command::Publish { target, execute: false, .. } => execute::dry_run(workspace, &registry(target)?),
        Command::Publish { target, index_lag, .. } => {
            execute::run(workspace, &registry(target)?, Duration::from_secs(*index_lag))
        }
        Command::Verify(target) => rehearse::verify(workspace, &registry(target)?),
    }
}

/// Rehearses the release as a part of what must pass, whatever the state of the tree.
pub(crate) fn rehearse(steps: &mut Steps, workspace: &Workspace) -> Result<()> {
    rehearse::run(steps, workspace, Tree::Dirty)
}
